#![no_main]
//! See `frontdesk_fuzz::authenticate`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| frontdesk_fuzz::authenticate::run(data));
