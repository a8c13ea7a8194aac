//! A session token verified at a given time.

use std::str::FromStr;

use frontdesk_jwt::{Algorithm, Expectations, Token, VerifyError, VerifyingKey, category};
use frontdesk_types::{Span, Timestamp};
use serde::Deserialize;
use serde_json::Value;

use crate::auth::UnreadableClaim;
use crate::authenticate::handshake::HandshakeFailure;
use crate::authenticate::is_session_token;
use crate::frontdesk::Inner;
use crate::key_source::{Found, Generation};
use crate::request::Facts;
use crate::state::explanation::summary;
use crate::{Explanation, Reason, Session, SignedOut};

/// Where a token was found; it only shows in messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Carrier {
    Header,
    Cookie,
}

/// Why a token was refused.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) reason: Reason,
    detail: String,
    /// The key that was wanted, where none was found.
    kid: Option<String>,
    /// How far the token's time is off.
    pub(crate) skew: Option<Span>,
    /// Whether the token is good, but what it says of the organization cannot be understood.
    pub(crate) is_beyond_reading: bool,
}

impl Refusal {
    /// What is said about it in the response: the cause, and nothing of the token.
    pub(crate) fn message(&self, carrier: Carrier) -> String {
        let carrier = match carrier {
            Carrier::Header => "header",
            Carrier::Cookie => "cookie",
        };
        format!("{} (reason={}, token-carrier={carrier})", self.detail, self.reason)
    }

    fn without_key(reason: Reason) -> Self {
        let detail = match reason {
            Reason::UnexpectedError => "the Backend API did not tell the instance's keys",
            ref reason => summary(reason),
        };
        Self::because(reason, detail)
    }

    fn because(reason: Reason, detail: impl Into<String>) -> Self {
        Self { reason, detail: detail.into(), kid: None, skew: None, is_beyond_reading: false }
    }
}

fn is_rsa(algorithm: Algorithm) -> bool {
    matches!(algorithm, Algorithm::Rs256 | Algorithm::Rs384 | Algorithm::Rs512)
}

impl From<VerifyError> for Refusal {
    fn from(error: VerifyError) -> Self {
        let reason = match &error {
            // A name of one of the algorithms that are in use, but not of the key's.
            VerifyError::Algorithm { header, .. } if Algorithm::from_str(header).is_ok_and(is_rsa) => {
                Reason::TokenVerificationFailed
            }
            // Other SDKs fail over these when they unpack an organization.
            VerifyError::ClaimType("fea" | "fpm") => Reason::UnexpectedError,
            error => Reason::written(error.reason()).unwrap_or(Reason::TokenVerificationFailed),
        };
        let skew = match error {
            VerifyError::Expired { expires_at, now } => Some(Span::seconds(now.saturating_sub(expires_at))),
            VerifyError::NotActiveYet { not_before: later, now }
            | VerifyError::IssuedInTheFuture { issued_at: later, now } => {
                Some(Span::seconds(now.saturating_sub(later)))
            }
            _ => None,
        };
        let is_beyond_reading = reason == Reason::UnexpectedError;
        Self { skew, is_beyond_reading, ..Self::because(reason, error.to_string()) }
    }
}

impl Inner {
    /// Verifies a session token by the configured expectations (wire contract §3.5). `text` is what was decoded.
    pub(crate) async fn verify(
        &self,
        text: &str,
        decoded: Token<'_>,
        now: Timestamp,
    ) -> Result<Session, Refusal> {
        let found = self.key_of(&decoded, now).await?;
        // While keys are renewed, or cannot be, requests that could have been answered at once come by here.
        if let Some(session) = self.recall(text.as_bytes(), found.generation, now) {
            return Ok(session);
        }
        let is_session_token = is_session_token(text, &decoded);
        let session = self.check(text, decoded, &found.key, &self.config.expectations, now)?;
        // A template's token may come out of a handshake, and must not be taken for a session's the next time.
        if is_session_token {
            let expired = now - self.config.expectations.skew();
            self.tokens.remember(&session, found.generation, expired);
        }
        Ok(session)
    }

    /// The session of a token that was verified before, if it still is: with keys of this generation, at this time.
    pub(crate) fn recall(&self, text: &[u8], generation: Generation, now: Timestamp) -> Option<Session> {
        let session = self.tokens.find(text, generation)?;
        session.verified().check_times(&self.config.expectations, now).ok()?;
        Some(session)
    }

    /// The same, forgiving a clock that is this far off.
    pub(crate) async fn verify_with_skew(
        &self,
        text: &str,
        skew: Span,
        now: Timestamp,
    ) -> Result<Session, Refusal> {
        let expectations = self.config.expectations.clone().clock_skew(skew);
        let decoded = Token::decode(text)?;
        let found = self.key_of(&decoded, now).await?;
        self.check(text, decoded, &found.key, &expectations, now)
    }

    async fn key_of(&self, decoded: &Token<'_>, now: Timestamp) -> Result<Found, Refusal> {
        if decoded.category() == Some(category::MACHINE) {
            return Err(VerifyError::Category.into());
        }
        self.keys.found(decoded.kid(), now).await.map_err(|reason| Refusal {
            kid: decoded.kid().map(str::to_owned),
            ..Refusal::without_key(reason)
        })
    }

    fn check(
        &self,
        text: &str,
        decoded: Token<'_>,
        key: &VerifyingKey,
        expectations: &Expectations,
        now: Timestamp,
    ) -> Result<Session, Refusal> {
        let verified = decoded.verify_session(key, expectations, now)?;
        Session::read(verified, text, &self.config.client).map_err(|UnreadableClaim| {
            Refusal::because(Reason::TokenVerificationFailed, "an id in the session token is none")
        })
    }

    /// What was wanted and what was seen when this token was refused.
    pub(crate) fn explain(
        &self,
        refusal: &Refusal,
        reason: Reason,
        carrier: Carrier,
        facts: &Facts<'_>,
    ) -> SignedOut {
        let carrier = match carrier {
            Carrier::Header => "authorization".to_owned(),
            Carrier::Cookie => facts.session_cookie_name(),
        };
        let explanation = Explanation {
            summary: refusal.detail.clone(),
            carrier: Some(carrier),
            kids_known: refusal.kid.as_ref().map(|_| self.keys.known()).unwrap_or_default(),
            kid_wanted: refusal.kid.clone(),
            skew: refusal.skew,
        };
        SignedOut::explained(reason, explanation)
    }

    /// Verifies a handshake payload and gives its cookies. It carries no times (wire contract §4.6).
    pub(crate) async fn verify_handshake(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<Vec<String>, HandshakeFailure> {
        let refuse = |error: VerifyError| HandshakeFailure::Token(error.into());
        let decoded = Token::decode(token).map_err(refuse)?;
        let key = self.keys.key(decoded.header().kid.as_deref(), now).await;
        let key = key.map_err(|reason| match reason {
            // Nobody could be asked, which is not the payload's fault.
            Reason::UnexpectedError => HandshakeFailure::Payload,
            reason => HandshakeFailure::Token(Refusal::without_key(reason)),
        })?;
        decoded.check_header(&Expectations::new()).map_err(refuse)?;
        // An owner can write any claim into a template; only tokens of our own making may set cookies.
        if !matches!(decoded.header().cat.as_deref(), None | Some(category::SESSION | category::IGNORE)) {
            return Err(refuse(VerifyError::Category));
        }
        decoded.verify_signature(&key).map_err(refuse)?;
        // What brings no list brings no cookies: the visitor is signed out.
        let payload = decoded.claims::<HandshakePayload>().map_err(|_| HandshakeFailure::Payload)?;
        let Value::Array(directives) = payload.handshake else { return Ok(Vec::new()) };
        let text = |directive| match directive {
            Value::String(text) => Ok(text),
            _ => Err(HandshakeFailure::Payload),
        };
        directives.into_iter().map(text).collect()
    }
}

#[derive(Deserialize)]
struct HandshakePayload {
    #[serde(default)]
    handshake: Value,
}
