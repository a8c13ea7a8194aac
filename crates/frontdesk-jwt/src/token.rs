//! A token taken apart, before and after anybody has vouched for it.
//!
//! [`Token::decode`] gives a view of what the text says; nothing in it is to be believed until
//! [`Token::verify_signature`] has passed. The checks are separate steps because an SDK looks at the header first,
//! fetches keys, and comes back; [`verify`](crate::verify) runs them all in the contract's order (§3.5).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use frontdesk_types::Timestamp;
use serde::de::DeserializeOwned;

use crate::json::{ParsedHeader, RegisteredClaims, Value};
use crate::{Expectations, Header, Keys, TYPE_JWT, Verified, VerifyError, VerifyingKey, category};

/// The longest token that is looked at. Cookies hold a quarter of it, header fields of common servers half.
pub const MAX_TOKEN_BYTES: usize = 16 * 1024;

/// A token taken apart. **Unverified** until [`verify_signature`](Self::verify_signature) has passed.
#[derive(Debug)]
pub struct Token<'a> {
    signed_text: &'a str,
    signature: Vec<u8>,
    header: Header,
    claims_json: String,
    registered: RegisteredClaims,
}

impl<'a> Token<'a> {
    /// Takes a compact token apart (RFC 7515 §3.1): three parts of canonical base64url without padding, header and
    /// claims JSON objects in which no name occurs twice, no `crit`.
    pub fn decode(text: &'a str) -> Result<Self, VerifyError> {
        if text.len() > MAX_TOKEN_BYTES {
            return Err(VerifyError::Oversize(text.len()));
        }
        let malformed = || VerifyError::Malformed("not three parts separated by dots");
        let (signed_text, signature) = text.rsplit_once('.').ok_or_else(malformed)?;
        let (header, claims) = signed_text.split_once('.').ok_or_else(malformed)?;
        if claims.contains('.') {
            return Err(malformed());
        }
        let header = text_part(header)?;
        let claims_json = text_part(claims)?;
        let signature = bytes_part(signature)?;

        let ParsedHeader { header, critical } = parse("header", &header)?;
        let registered = parse("claims", &claims_json)?;
        if critical {
            return Err(VerifyError::Critical);
        }
        Ok(Self { signed_text, signature, header, claims_json, registered })
    }

    /// The header.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The claims as they were sent: the text of a JSON object.
    pub fn claims_json(&self) -> &str {
        &self.claims_json
    }

    /// The claims as a type of yours.
    pub fn claims<C: DeserializeOwned>(&self) -> Result<C, VerifyError> {
        serde_json::from_str(&self.claims_json).map_err(VerifyError::Claims)
    }

    /// `sub`, if it is a string.
    pub fn subject(&self) -> Option<&str> {
        self.registered.sub.as_str()
    }

    /// `iss`, if it is a string.
    pub fn issuer(&self) -> Option<&str> {
        self.registered.iss.as_str()
    }

    /// `azp`, if it is a string.
    pub fn authorized_party(&self) -> Option<&str> {
        self.registered.azp.as_str()
    }

    /// `iat`, if it is a number.
    pub fn issued_at(&self) -> Option<Timestamp> {
        time(&self.registered.iat, "iat").ok().flatten()
    }

    /// `exp`, if it is a number.
    pub fn expires_at(&self) -> Option<Timestamp> {
        time(&self.registered.exp, "exp").ok().flatten()
    }

    /// Everything that can be told from the header alone: the category, then the type. A header that passes here still
    /// has its algorithm compared when the signature is verified.
    pub fn check_header(&self, expectations: &Expectations) -> Result<(), VerifyError> {
        self.check_category(expectations)?;
        self.check_type(expectations)
    }

    /// Compares the header's algorithm with the key's, then verifies the signature with the key's.
    pub fn verify_signature(&self, key: &VerifyingKey) -> Result<(), VerifyError> {
        if self.header.alg != key.algorithm().as_str() {
            return Err(VerifyError::Algorithm { header: self.header.alg.clone(), key: key.algorithm() });
        }
        if key.verifies(self.signed_text.as_bytes(), &self.signature) {
            Ok(())
        } else {
            Err(VerifyError::Signature)
        }
    }

    /// Checks the claims at a given time: subject, audience, authorized party, issuer, expiry, activation, issue.
    pub fn check(&self, expectations: &Expectations, now: Timestamp) -> Result<(), VerifyError> {
        if self.subject().is_none() {
            return Err(VerifyError::Subject);
        }
        self.check_audience(&expectations.audiences)?;
        self.check_authorized_party(&expectations.authorized_parties)?;
        self.check_issuer(&expectations.issuers)?;
        self.check_times(expectations, now)
    }

    /// Runs every check in the contract's order and reads the claims.
    pub fn verify<C: DeserializeOwned>(
        self,
        keys: &impl Keys,
        expectations: &Expectations,
        now: Timestamp,
    ) -> Result<Verified<C>, VerifyError> {
        self.check_category(expectations)?;
        let key = keys.key_for(&self.header)?;
        self.check_type(expectations)?;
        self.verify_signature(key)?;
        self.check(expectations, now)?;
        let claims = self.claims()?;
        Ok(Verified { header: self.header, claims, claims_json: self.claims_json })
    }

    fn check_category(&self, expectations: &Expectations) -> Result<(), VerifyError> {
        if !expectations.machine_tokens && self.header.cat.as_deref() == Some(category::MACHINE) {
            return Err(VerifyError::Category);
        }
        Ok(())
    }

    fn check_type(&self, expectations: &Expectations) -> Result<(), VerifyError> {
        let typ = self.header.typ.as_deref();
        let accepted = match expectations.types.as_slice() {
            [] => typ.is_none_or(|typ| typ == TYPE_JWT),
            types => typ.is_some_and(|typ| types.iter().any(|accepted| accepted == typ)),
        };
        if accepted { Ok(()) } else { Err(VerifyError::Type(self.header.typ.clone())) }
    }

    /// An absent or empty `aud` passes: session tokens have none. Whatever else stands there must name one of ours.
    fn check_audience(&self, audiences: &[String]) -> Result<(), VerifyError> {
        if audiences.is_empty() {
            return Ok(());
        }
        let ours =
            |value: &Value| value.as_str().is_some_and(|text| audiences.iter().any(|ours| ours == text));
        let accepted = match &self.registered.aud {
            Value::List(list) => list.iter().all(is_nobody) || list.iter().any(ours),
            single => is_nobody(single) || ours(single),
        };
        if accepted { Ok(()) } else { Err(VerifyError::Audience) }
    }

    fn check_authorized_party(&self, parties: &[String]) -> Result<(), VerifyError> {
        let azp = self.authorized_party();
        let listed = azp.is_some_and(|azp| !azp.is_empty() && parties.iter().any(|party| party == azp));
        if parties.is_empty() || listed {
            return Ok(());
        }
        Err(VerifyError::AuthorizedParty(azp.map(str::to_owned)))
    }

    fn check_issuer(&self, issuers: &[String]) -> Result<(), VerifyError> {
        let listed = self.issuer().is_some_and(|iss| issuers.iter().any(|issuer| issuer == iss));
        if issuers.is_empty() || listed {
            return Ok(());
        }
        Err(VerifyError::Issuer(self.issuer().map(str::to_owned)))
    }

    /// The boundaries are the reference SDK's, in milliseconds: a token is over when `exp` lies at or before now less the
    /// skew, and too early when `nbf` or `iat` lies after now plus the skew.
    fn check_times(&self, expectations: &Expectations, now: Timestamp) -> Result<(), VerifyError> {
        let earliest = now - expectations.clock_skew;
        let latest = now + expectations.clock_skew;

        let expires_at = time(&self.registered.exp, "exp")?.ok_or(VerifyError::TimeClaim("exp"))?;
        if expires_at <= earliest {
            return Err(VerifyError::Expired { expires_at: expires_at.as_secs(), now: now.as_secs() });
        }
        if let Some(not_before) = time(&self.registered.nbf, "nbf")?
            && not_before > latest
        {
            return Err(VerifyError::NotActiveYet { not_before: not_before.as_secs(), now: now.as_secs() });
        }
        if let Some(issued_at) = time(&self.registered.iat, "iat")?
            && issued_at > latest
        {
            return Err(VerifyError::IssuedInTheFuture {
                issued_at: issued_at.as_secs(),
                now: now.as_secs(),
            });
        }
        Ok(())
    }
}

/// An audience that says nothing, by the reference SDK's reading.
fn is_nobody(value: &Value) -> bool {
    match value {
        Value::Absent | Value::Null | Value::False => true,
        Value::Text(text) => text.is_empty(),
        Value::Number(number) => *number == 0.0,
        Value::True | Value::List(_) | Value::Object => false,
    }
}

/// A claim in seconds, as an instant. Fractions of a second are cut off, as SDKs do.
fn time(claim: &Value, name: &'static str) -> Result<Option<Timestamp>, VerifyError> {
    match claim {
        Value::Absent => Ok(None),
        #[expect(clippy::cast_possible_truncation, reason = "far beyond the calendar the cast saturates")]
        Value::Number(seconds) => Ok(Some(Timestamp::from_secs(seconds.trunc() as i64))),
        _ => Err(VerifyError::TimeClaim(name)),
    }
}

fn bytes_part(part: &str) -> Result<Vec<u8>, VerifyError> {
    // This engine refuses padding and stray bits in the last character: one text for one signature.
    URL_SAFE_NO_PAD.decode(part).map_err(|_| VerifyError::Malformed("a part is not canonical base64url"))
}

fn text_part(part: &str) -> Result<String, VerifyError> {
    String::from_utf8(bytes_part(part)?).map_err(|_| VerifyError::Malformed("a part is not UTF-8"))
}

fn parse<'t, T: serde::Deserialize<'t>>(part: &'static str, text: &'t str) -> Result<T, VerifyError> {
    serde_json::from_str(text).map_err(|error| VerifyError::Json { part, detail: error.to_string() })
}
