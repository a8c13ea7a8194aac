#![no_main]
//! See `frontdesk_fuzz::templates`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| frontdesk_fuzz::templates::run(data));
