//! A minted token, as both audiences get it.

use serde::{Deserialize, Serialize};

/// A token (contract schema `Token`). Whoever holds it is signed in, so `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(feature = "exhaustive"), non_exhaustive)]
pub struct Token {
    /// Always `token`.
    pub object: String,
    /// The signed token.
    pub jwt: String,
}

impl Token {
    /// Wraps a signed token.
    pub fn new(jwt: String) -> Self {
        Self { object: "token".to_owned(), jwt }
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Token(…)")
    }
}
