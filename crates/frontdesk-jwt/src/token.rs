//! A token taken apart, before and after anybody has vouched for it.
//!
//! [`Token::decode`] gives a view of what the text says; nothing in it is to be believed until
//! [`Token::verify_signature`] has passed. The checks are separate steps because an SDK looks at the header first,
//! fetches keys, and comes back; [`verify`](crate::verify) and [`verify_session`](crate::verify_session) run them all in
//! the contract's order (§3.5).

use std::fmt;
use std::sync::OnceLock;

use frontdesk_types::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::base64url;
use crate::document::{Document, Member};
use crate::json::Kind;
use crate::{
    BadSignature, Expectations, Header, Keys, SignatureVerifier, TYPE_JWT, Verified, VerifiedSession,
    VerifyError, VerifyingKey, category,
};

/// The longest token that is looked at. Cookies hold a quarter of it, header fields of common servers half.
pub const MAX_TOKEN_BYTES: usize = 16 * 1024;

/// A token taken apart. **Unverified** until [`verify_signature`](Self::verify_signature) has passed. Its `Debug` shows
/// the header only.
pub struct Token<'a> {
    signed_text: &'a str,
    signature: Vec<u8>,
    /// Copied out of the document when somebody wants all of it.
    header: OnceLock<Header>,
    document: Document,
}

impl<'a> Token<'a> {
    /// Takes a compact token apart (RFC 7515 §3.1): three parts of canonical base64url without padding, header and
    /// claims JSON objects in which no name occurs twice, no `crit`.
    ///
    /// # Errors
    /// [`VerifyError::Oversize`], [`Malformed`](VerifyError::Malformed), [`Json`](VerifyError::Json) or
    /// [`Critical`](VerifyError::Critical): all of them `token-invalid`.
    pub fn decode(text: &'a str) -> Result<Self, VerifyError> {
        if text.len() > MAX_TOKEN_BYTES {
            return Err(VerifyError::Oversize(text.len()));
        }
        let malformed = || VerifyError::Malformed("not three parts separated by dots");
        let (signed_text, signature) = text.rsplit_once('.').ok_or_else(malformed)?;
        let (header, claims) = signed_text.split_once('.').ok_or_else(malformed)?;

        // A fourth dot would be a stray character in one of the parts.
        let mut decoded = Vec::with_capacity(signed_text.len());
        decode_part(header, &mut decoded)?;
        let header_length = decoded.len();
        decode_part(claims, &mut decoded)?;
        let decoded =
            String::from_utf8(decoded).map_err(|_| VerifyError::Malformed("a part is not UTF-8"))?;
        let mut signature_bytes = Vec::with_capacity(signature.len());
        decode_part(signature, &mut signature_bytes)?;

        let document = Document::read(decoded, header_length)?;
        Ok(Self { signed_text, signature: signature_bytes, header: OnceLock::new(), document })
    }

    /// The header.
    pub fn header(&self) -> &Header {
        self.header.get_or_init(|| self.document.header())
    }

    /// The header's `kid`: the id of the key that is said to have signed.
    pub fn kid(&self) -> Option<&str> {
        self.document.text(Member::Kid)
    }

    /// The header's `cat`: what the token is for, see [`category`].
    pub fn category(&self) -> Option<&str> {
        self.document.text(Member::Cat)
    }

    /// The header's `typ`.
    pub fn header_type(&self) -> Option<&str> {
        self.document.text(Member::Typ)
    }

    /// What was signed (RFC 7515 §5.2): header and claims as they were sent, with the dot between them.
    pub fn signing_input(&self) -> &'a str {
        self.signed_text
    }

    /// The signature, decoded.
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// The claims as they were sent: the text of a JSON object.
    pub fn claims_json(&self) -> &str {
        self.document.claims_json()
    }

    /// The claims as a type of yours.
    ///
    /// # Errors
    /// [`VerifyError::Claims`] if they are of another shape.
    pub fn claims<C: DeserializeOwned>(&self) -> Result<C, VerifyError> {
        serde_json::from_str(self.claims_json()).map_err(VerifyError::Claims)
    }

    /// `sub`, if it is a string.
    pub fn subject(&self) -> Option<&str> {
        self.document.text(Member::Sub)
    }

    /// `sid`, if it is a string.
    pub fn session_id(&self) -> Option<&str> {
        self.document.text(Member::Sid)
    }

    /// `iss`, if it is a string.
    pub fn issuer(&self) -> Option<&str> {
        self.document.text(Member::Iss)
    }

    /// `azp`, if it is a string.
    pub fn authorized_party(&self) -> Option<&str> {
        self.document.text(Member::Azp)
    }

    /// `iat`, if it is a number.
    pub fn issued_at(&self) -> Option<Timestamp> {
        self.document.time(Member::Iat, "iat").ok().flatten()
    }

    /// `nbf`, if it is a number.
    pub fn not_before(&self) -> Option<Timestamp> {
        self.document.time(Member::Nbf, "nbf").ok().flatten()
    }

    /// `exp`, if it is a number.
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.document.time(Member::Exp, "exp").ok().flatten()
    }

    /// Everything that can be told from the header alone: the category, then the type. A header that passes here still
    /// has its algorithm compared when the signature is verified.
    pub fn check_header(&self, expectations: &Expectations) -> Result<(), VerifyError> {
        self.check_category(expectations)?;
        self.check_type(expectations)
    }

    /// Compares the header's algorithm with the key's, then verifies the signature with the key's.
    pub fn verify_signature(&self, key: &VerifyingKey) -> Result<(), VerifyError> {
        let algorithm = self.document.text(Member::Alg).unwrap_or_default();
        if algorithm != key.algorithm().as_str() {
            return Err(VerifyError::Algorithm { header: algorithm.to_owned(), key: key.algorithm() });
        }
        key.verify(self.signed_text.as_bytes(), &self.signature)
            .map_err(|BadSignature| VerifyError::Signature)
    }

    /// Checks the claims at a given time: subject, audience, authorized party, issuer, expiry, activation, issue.
    pub fn check(&self, expectations: &Expectations, now: Timestamp) -> Result<(), VerifyError> {
        self.check_claims(expectations, now).map(drop)
    }

    /// Runs every check in the contract's order and reads the claims.
    pub fn verify<C: DeserializeOwned>(
        self,
        keys: &impl Keys,
        expectations: &Expectations,
        now: Timestamp,
    ) -> Result<Verified<C>, VerifyError> {
        self.run_all_checks(keys, expectations, now)?;
        let claims = self.claims()?;
        Ok(Verified { header: self.document.header(), claims, claims_json: self.document.into_claims_json() })
    }

    /// Runs every check in the contract's order and keeps what the token says, for what it is: a session. This is the
    /// quickest way from a token's text to an answer; see [`VerifiedSession`].
    pub fn verify_session(
        self,
        keys: &impl Keys,
        expectations: &Expectations,
        now: Timestamp,
    ) -> Result<VerifiedSession, VerifyError> {
        let times = self.run_all_checks(keys, expectations, now)?;
        VerifiedSession::read(self.document, times)
    }

    fn run_all_checks(
        &self,
        keys: &impl Keys,
        expectations: &Expectations,
        now: Timestamp,
    ) -> Result<Times, VerifyError> {
        self.check_category(expectations)?;
        let key = keys.key_for_token(self)?;
        self.check_type(expectations)?;
        self.verify_signature(key)?;
        self.check_claims(expectations, now)
    }

    fn check_claims(&self, expectations: &Expectations, now: Timestamp) -> Result<Times, VerifyError> {
        if self.subject().is_none() {
            return Err(VerifyError::Subject);
        }
        self.check_audience(&expectations.audiences)?;
        self.check_authorized_party(&expectations.authorized_parties)?;
        self.check_issuer(&expectations.issuers)?;
        self.check_times(expectations, now)
    }

    fn check_category(&self, expectations: &Expectations) -> Result<(), VerifyError> {
        if !expectations.machine_tokens && self.category() == Some(category::MACHINE) {
            return Err(VerifyError::Category);
        }
        Ok(())
    }

    fn check_type(&self, expectations: &Expectations) -> Result<(), VerifyError> {
        let typ = self.header_type();
        let accepted = match expectations.types.as_slice() {
            [] => typ.is_none_or(|typ| typ == TYPE_JWT),
            types => typ.is_some_and(|typ| types.iter().any(|accepted| accepted == typ)),
        };
        if accepted { Ok(()) } else { Err(VerifyError::Type(typ.map(str::to_owned))) }
    }

    /// An absent or empty `aud` passes: session tokens have none. Whatever else stands there must name one of ours.
    fn check_audience(&self, audiences: &[String]) -> Result<(), VerifyError> {
        if audiences.is_empty() || self.document.kind(Member::Aud) == Kind::Absent {
            return Ok(());
        }
        let ours =
            |value: &Value| value.as_str().is_some_and(|text| audiences.iter().any(|ours| ours == text));
        let accepted = match serde_json::from_str(self.document.raw(Member::Aud)) {
            Ok(Value::Array(list)) => list.iter().all(is_nobody) || list.iter().any(ours),
            Ok(single) => is_nobody(&single) || ours(&single),
            Err(_) => false,
        };
        if accepted { Ok(()) } else { Err(VerifyError::Audience) }
    }

    fn check_authorized_party(&self, parties: &[String]) -> Result<(), VerifyError> {
        if parties.is_empty() {
            return Ok(());
        }
        let azp = self.authorized_party();
        let listed = azp.is_some_and(|azp| !azp.is_empty() && parties.iter().any(|party| party == azp));
        if listed { Ok(()) } else { Err(VerifyError::AuthorizedParty(azp.map(str::to_owned))) }
    }

    fn check_issuer(&self, issuers: &[String]) -> Result<(), VerifyError> {
        if issuers.is_empty() {
            return Ok(());
        }
        let iss = self.issuer();
        let listed = iss.is_some_and(|iss| issuers.iter().any(|issuer| issuer == iss));
        if listed { Ok(()) } else { Err(VerifyError::Issuer(iss.map(str::to_owned))) }
    }

    fn check_times(&self, expectations: &Expectations, now: Timestamp) -> Result<Times, VerifyError> {
        let expires_at = self.document.time(Member::Exp, "exp")?.ok_or(VerifyError::TimeClaim("exp"))?;
        let mut times = Times { expires_at, not_before: None, issued_at: None };
        // One by one, for the first broken rule is the reason.
        times.check(expectations, now)?;
        times.not_before = self.document.time(Member::Nbf, "nbf")?;
        times.check(expectations, now)?;
        times.issued_at = self.document.time(Member::Iat, "iat")?;
        times.check(expectations, now)?;
        Ok(times)
    }
}

impl fmt::Debug for Token<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Token").field("header", self.header()).finish_non_exhaustive()
    }
}

/// The times in a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Times {
    pub(crate) expires_at: Timestamp,
    pub(crate) not_before: Option<Timestamp>,
    pub(crate) issued_at: Option<Timestamp>,
}

impl Times {
    /// The boundaries are the reference SDK's, in milliseconds: a token is over when `exp` lies at or before now less the
    /// skew, and too early when `nbf` or `iat` lies after now plus the skew.
    pub(crate) fn check(&self, expectations: &Expectations, now: Timestamp) -> Result<(), VerifyError> {
        let earliest = now - expectations.clock_skew;
        let latest = now + expectations.clock_skew;
        if self.expires_at <= earliest {
            let expires_at = self.expires_at.as_secs();
            return Err(VerifyError::Expired { expires_at, now: now.as_secs() });
        }
        if let Some(not_before) = self.not_before.filter(|&not_before| not_before > latest) {
            let not_before = not_before.as_secs();
            return Err(VerifyError::NotActiveYet { not_before, now: now.as_secs() });
        }
        if let Some(issued_at) = self.issued_at.filter(|&issued_at| issued_at > latest) {
            let issued_at = issued_at.as_secs();
            return Err(VerifyError::IssuedInTheFuture { issued_at, now: now.as_secs() });
        }
        Ok(())
    }
}

/// An audience that says nothing, by the reference SDK's reading.
fn is_nobody(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::Bool(true) | Value::Array(_) | Value::Object(_) => false,
    }
}

/// Appends what a part says.
fn decode_part(part: &str, decoded: &mut Vec<u8>) -> Result<(), VerifyError> {
    base64url::decode(part, decoded).ok_or(VerifyError::Malformed("a part is not canonical base64url"))
}
