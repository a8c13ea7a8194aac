//! What a session cookie says of itself before anybody has verified it. Good for choosing between two cookies, and for
//! nothing else.
//!
//! It is read as leniently as other SDKs read it: they must all choose the same cookie, or one would see somebody else.
//! Whatever is wrong with the chosen token is found when it is verified.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use frontdesk_jwt::Token;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::request::number::number;

/// What matters of a token's claims.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Glimpse {
    pub(crate) issuer: Issuer,
    /// Seconds; 0 if the token does not say.
    pub(crate) issued_at: f64,
    /// Seconds.
    pub(crate) expires_at: Option<f64>,
}

/// Who has issued a token, by its own account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Issuer {
    #[default]
    Missing,
    /// The instance in question.
    Ours,
    Another,
}

/// The claims that are looked at. A member that is missing is as good as `null`, but for `exp`.
#[derive(Deserialize)]
struct Claims {
    #[serde(default)]
    iss: Value,
    #[serde(default)]
    iat: Value,
    #[serde(default, deserialize_with = "even_if_null")]
    exp: Option<Value>,
}

impl Claims {
    fn of(claims: &Value) -> Self {
        let claim = |name| claims.get(name).cloned();
        let or_null = |name| claim(name).unwrap_or_default();
        Self { iss: or_null("iss"), iat: or_null("iat"), exp: claim("exp") }
    }
}

impl Glimpse {
    /// What the token says, seen from the instance whose tokens name this host as their issuer.
    pub(crate) fn of(token: &str, issuer: &str) -> Self {
        // What the strict way reads is no riddle, and read in a third of the time.
        if let Ok(token) = Token::decode(token) {
            return Self::of_verified(token.claims_json(), issuer);
        }
        let Some(claims) = claims(token) else { return Self::default() };
        Self::of_claims(&Claims::of(&claims), issuer)
    }

    /// The same, of a token that has been read strictly: it has one claim of each name.
    pub(crate) fn of_verified(claims_json: &str, issuer: &str) -> Self {
        let claims = serde_json::from_str(claims_json).ok();
        claims.map(|claims| Self::of_claims(&claims, issuer)).unwrap_or_default()
    }

    fn of_claims(claims: &Claims, issuer: &str) -> Self {
        let issuer = match &claims.iss {
            Value::String(named) if !named.is_empty() => {
                if without_scheme(named) == issuer {
                    Issuer::Ours
                } else {
                    Issuer::Another
                }
            }
            Value::Null | Value::Bool(false) | Value::String(_) => Issuer::Missing,
            Value::Number(number) if number.as_f64() == Some(0.0) => Issuer::Missing,
            _ => Issuer::Another,
        };
        Self { issuer, issued_at: compared(&claims.iat), expires_at: claims.exp.as_ref().map(compared) }
    }
}

fn even_if_null<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// The number as which JavaScript compares a value; NaN, which is neither less nor more, if it is none.
fn compared(value: &Value) -> f64 {
    match value {
        Value::Null | Value::Bool(false) => 0.0,
        Value::Bool(true) => 1.0,
        Value::Number(number) => number.as_f64().unwrap_or(f64::NAN),
        Value::String(text) => number(text).unwrap_or(f64::NAN),
        Value::Array(_) | Value::Object(_) => f64::NAN,
    }
}

fn claims(token: &str) -> Option<Value> {
    let mut parts = token.split('.');
    let (header, payload, signature) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part.trim_end_matches('=')).ok();
    let read = |part: &str| {
        let bytes = decode(part)?;
        let text =
            String::from_utf8_lossy(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes)).into_owned();
        serde_json::from_str::<Value>(&text).ok()
    };
    read(header)?;
    decode(signature)?;
    read(payload)
}

/// Only the host of an issuer is compared: `http` and `https` name the same instance.
fn without_scheme(issuer: &str) -> &str {
    let rest = |scheme: &str| {
        let (start, rest) = issuer.split_at_checked(scheme.len())?;
        start.eq_ignore_ascii_case(scheme).then_some(rest)
    };
    rest("https://").or_else(|| rest("http://")).unwrap_or(issuer)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::test_support::{KEY_HOST, token};

    /// The lenient way alone.
    fn leniently(token: &str) -> Glimpse {
        Glimpse::of_claims(&Claims::of(&claims(token).unwrap()), KEY_HOST)
    }

    #[test]
    fn what_is_read_strictly_is_read_the_same() {
        let odd = [
            json!(null),
            json!(false),
            json!(0),
            json!(1.75),
            json!("12"),
            json!("x"),
            json!([1]),
            json!({}),
            json!(""),
        ];
        for name in ["iss", "iat", "exp"] {
            let drafts =
                odd.iter().map(|value| token().claim(name, value.clone())).chain([token().without(name)]);
            for draft in drafts {
                let text = draft.sign();
                let strictly = Glimpse::of_verified(&serde_json::to_string(&draft.claims).unwrap(), KEY_HOST);
                assert!(Token::decode(&text).is_ok());
                for glimpse in [leniently(&text), Glimpse::of(&text, KEY_HOST)] {
                    assert_eq!(format!("{glimpse:?}"), format!("{strictly:?}"), "{:?}", draft.claims);
                }
            }
        }
    }
}
