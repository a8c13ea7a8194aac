#![no_main]
//! See `frontdesk_fuzz::requests`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| frontdesk_fuzz::requests::run(data));
