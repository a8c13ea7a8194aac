#![no_main]
//! See `frontdesk_fuzz::tokens`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| frontdesk_fuzz::tokens::run(data));
