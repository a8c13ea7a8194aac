//! What the claims of a machine's JWT mean (wire contract §3.8).

use frontdesk_jwt::Expectations;
use frontdesk_types::{Secret, Timestamp};
use serde_json::{Map, Value};

use crate::auth::{M2mToken, OAuthToken};

/// What is wrong with a claim.
#[derive(Debug, thiserror::Error)]
pub(super) enum ClaimRefused {
    #[error("the claim {0} has the wrong type")]
    Type(&'static str),
    #[error("the token is meant for another audience (aud)")]
    Audience,
}

/// Claims that every machine-to-machine token has; whatever else there is, its maker attached.
const STRUCTURE: [&str; 6] = ["iss", "sub", "exp", "nbf", "iat", "jti"];

pub(super) fn m2m_token(claims: Map<String, Value>, text: &str) -> Result<M2mToken, ClaimRefused> {
    let scopes = match spaced(&claims, "scopes")? {
        Some(scopes) => scopes,
        None => listed(&claims, "aud")?.unwrap_or_default(),
    };
    let (id, subject, expires_at) = (word(&claims, "jti")?, word(&claims, "sub")?, expiry(&claims));
    let attached: Map<String, Value> =
        claims.into_iter().filter(|(name, _)| !STRUCTURE.contains(&name.as_str())).collect();
    Ok(M2mToken {
        id,
        subject,
        scopes,
        claims: (!attached.is_empty()).then_some(Value::Object(attached)),
        expires_at,
        token: Secret::new(text),
    })
}

pub(super) fn oauth_token(
    claims: &Map<String, Value>,
    expectations: &Expectations,
    text: &str,
) -> Result<OAuthToken, ClaimRefused> {
    // A session token without an audience passes; an access token without one could be meant for anybody.
    if !names_one_of(&listed(claims, "aud")?.unwrap_or_default(), expectations.audiences()) {
        return Err(ClaimRefused::Audience);
    }
    let scopes = match present(claims, "scp") {
        Some(_) => list(claims, "scp")?,
        None => spaced(claims, "scope")?.unwrap_or_default(),
    };
    Ok(OAuthToken {
        id: word(claims, "jti")?,
        subject: word(claims, "sub")?,
        client_id: word(claims, "client_id")?,
        scopes,
        expires_at: expiry(claims),
        token: Secret::new(text),
    })
}

/// Whether an access token is for one of those who are meant here; nobody named here takes whatever comes.
pub(super) fn names_one_of(audiences: &[String], ours: &[String]) -> bool {
    ours.is_empty()
        || (audiences.iter().all(|audience| !audience.is_empty())
            && audiences.iter().any(|audience| ours.contains(audience)))
}

/// A claim that is there; `null` is not.
fn present<'c>(claims: &'c Map<String, Value>, name: &'static str) -> Option<&'c Value> {
    claims.get(name).filter(|value| !value.is_null())
}

/// A string; empty if it is absent.
fn word(claims: &Map<String, Value>, name: &'static str) -> Result<String, ClaimRefused> {
    match present(claims, name) {
        None => Ok(String::new()),
        Some(Value::String(text)) => Ok(text.clone()),
        Some(_) => Err(wrong(name)),
    }
}

/// Words in one string, one space between them. As elsewhere, an empty string is one empty word.
fn spaced(claims: &Map<String, Value>, name: &'static str) -> Result<Option<Vec<String>>, ClaimRefused> {
    match present(claims, name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.split(' ').map(str::to_owned).collect())),
        Some(_) => Err(wrong(name)),
    }
}

/// Strings in a list, or a single one.
fn listed(claims: &Map<String, Value>, name: &'static str) -> Result<Option<Vec<String>>, ClaimRefused> {
    match present(claims, name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(vec![text.clone()])),
        Some(_) => list(claims, name).map(Some),
    }
}

fn list(claims: &Map<String, Value>, name: &'static str) -> Result<Vec<String>, ClaimRefused> {
    let words = claims.get(name).and_then(Value::as_array).ok_or_else(|| wrong(name))?;
    words.iter().map(|word| word.as_str().map(str::to_owned).ok_or_else(|| wrong(name))).collect()
}

/// Verified to be there. Fractions of a second are cut off, as when it was verified.
fn expiry(claims: &Map<String, Value>) -> Option<Timestamp> {
    #[expect(clippy::cast_possible_truncation, reason = "far beyond the calendar the cast saturates")]
    let whole = |seconds: f64| seconds.trunc() as i64;
    claims.get("exp").and_then(Value::as_f64).map(whole).map(Timestamp::from_secs)
}

fn wrong(name: &'static str) -> ClaimRefused {
    ClaimRefused::Type(name)
}
