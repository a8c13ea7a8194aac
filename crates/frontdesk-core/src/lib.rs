//! The domain: how people sign up and in, what a token says, which passwords pass.
//!
//! Nothing here does IO, waits, or reads a clock. Records are plain values that the store keeps; rules are methods
//! that take facts and `now`, and give back a decision or a refusal in the words of the domain.

#![warn(missing_docs)]

pub mod client;
pub mod domain;
pub mod event;
pub mod identification;
pub mod image;
pub mod instance;
pub mod mail;
pub mod metadata;
pub mod organization;
pub mod redirect_url;
pub mod refresh_token;
pub mod restriction;
pub mod session;
pub mod settings;
pub mod sign_in;
pub mod sign_in_token;
pub mod sign_up;
pub mod template;
pub mod token;
pub mod user;
pub mod verification;
