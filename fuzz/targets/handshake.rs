#![no_main]
//! See `frontdesk_fuzz::handshake`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| frontdesk_fuzz::handshake::run(data));
