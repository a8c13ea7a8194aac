//! Signing and verifying with aws-lc-rs.
//!
//! All that knows the library is in here, behind the feature of its name. Without it keys verify through a
//! [`SignatureVerifier`](crate::SignatureVerifier), and nothing signs.

mod der;
mod scheme;
mod sign;
mod signing_key;
mod verifying_key;

pub use signing_key::SigningKey;
