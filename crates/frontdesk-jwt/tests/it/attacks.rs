//! What attackers have tried against JWT libraries, and whatever else may arrive in a header field.
//!
//! Themes are those of RFC 8725 and of the published weaknesses of other libraries; where one has a number, it stands
//! beside the test. Every refusal is checked with its reason (wire contract §3.5). Where it matters, the token is signed
//! by the right key, so that nothing but the attacked rule can refuse it.

mod algorithms;
mod damage;
mod encoding;
mod headers;
mod json;
mod signatures;
mod weak_keys;

use frontdesk_jwt::{Expectations, Keys, verify};
use serde_json::Value;

use crate::NOW;

/// Claims that pass.
const CLAIMS: &str = r#"{"sub":"user_1","exp":1800000060}"#;

/// A header that passes.
const HEADER: &str = r#"{"alg":"RS256","kid":"key_1","typ":"JWT"}"#;

/// The reason for which a token is refused with these keys, or `ok`.
fn reason_with(token: &str, keys: &impl Keys) -> &'static str {
    verify::<Value>(token, keys, &Expectations::default(), NOW).map_or_else(|error| error.reason(), |_| "ok")
}
