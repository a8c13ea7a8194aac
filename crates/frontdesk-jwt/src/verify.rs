//! Verification in one call.

use frontdesk_types::Timestamp;
use serde::de::DeserializeOwned;

use crate::{Expectations, Header, Keys, Token, VerifyError};

/// A token that passed every check.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Verified<C> {
    /// Its header.
    pub header: Header,
    /// Its claims, read as the type that was asked for.
    pub claims: C,
    /// Its claims as they were sent: the text of a JSON object.
    pub claims_json: String,
}

/// Verifies a token at a given time, by the rules and in the order of the wire contract (§3.5): form, category, key,
/// type, algorithm, signature, subject, audience, authorized party, issuer, expiry, activation, issue.
///
/// `keys` is one [`VerifyingKey`](crate::VerifyingKey) or a [`KeySet`](crate::KeySet). Claims are any type that
/// deserialises from a JSON object, such as [`SessionClaims`](crate::SessionClaims) or a `serde_json::Map`.
///
/// # Errors
/// The first rule that is broken; [`VerifyError::reason`] is the contract's code.
pub fn verify<C: DeserializeOwned>(
    token: &str,
    keys: &impl Keys,
    expectations: &Expectations,
    now: Timestamp,
) -> Result<Verified<C>, VerifyError> {
    Token::decode(token)?.verify(keys, expectations, now)
}
