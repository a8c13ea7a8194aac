//! What strangers can send, thrown at whatever reads it. One module for each target: `run` takes any bytes, and panics
//! where something that must hold does not.
//!
//! `cargo xtask fuzz` lets libFuzzer search, each target for a while; the inputs worth keeping are in `corpus/`, and an
//! ordinary test runs them all.

#![expect(clippy::unwrap_used, reason = "what fails here has found something")]

pub mod authenticate;
pub mod handshake;
pub mod requests;
mod stage;
pub mod templates;
pub mod tokens;

/// A target by its name, for the test that replays the corpus.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: [Target; 5] = [
    ("tokens", tokens::run),
    ("templates", templates::run),
    ("authenticate", authenticate::run),
    ("handshake", handshake::run),
    ("requests", requests::run),
];
