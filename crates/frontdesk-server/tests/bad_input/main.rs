//! What strangers can send, and what callers can get wrong: nothing panics, hangs, leaks or reaches next door.

#![expect(clippy::unwrap_used, reason = "a test fails where something is not there")]

mod documented;
mod generated;
mod sweep;
