//! A session token verified at a given time.

use std::sync::Arc;

use frontdesk_jwt::{Expectations, Token, VerifyError, category};
use frontdesk_types::{Span, Timestamp};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::auth::UnreadableClaim;
use crate::frontdesk::Inner;
use crate::handshake::HandshakeFailure;
use crate::{Reason, Session};

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
}

impl From<VerifyError> for Refusal {
    fn from(error: VerifyError) -> Self {
        let reason = Reason::written(error.reason()).unwrap_or(Reason::TokenVerificationFailed);
        Self { reason, detail: error.to_string() }
    }
}

impl From<Reason> for Refusal {
    fn from(reason: Reason) -> Self {
        Self { detail: "the key that signed the token could not be found".to_owned(), reason }
    }
}

impl Inner {
    /// Verifies a session token by the configured expectations (wire contract §3.5). `text` is what was decoded.
    pub(crate) async fn verify(
        self: &Arc<Self>,
        text: &str,
        decoded: Token<'_>,
        now: Timestamp,
    ) -> Result<Session, Refusal> {
        self.verify_as(text, decoded, &self.config.expectations, now).await
    }

    /// The same, forgiving a clock that is this far off.
    pub(crate) async fn verify_with_skew(
        self: &Arc<Self>,
        text: &str,
        skew: Span,
        now: Timestamp,
    ) -> Result<Session, Refusal> {
        let expectations = self.config.expectations.clone().clock_skew(skew);
        self.verify_as(text, Token::decode(text)?, &expectations, now).await
    }

    async fn verify_as(
        self: &Arc<Self>,
        text: &str,
        decoded: Token<'_>,
        expectations: &Expectations,
        now: Timestamp,
    ) -> Result<Session, Refusal> {
        if decoded.header().cat.as_deref() == Some(category::MACHINE) {
            return Err(VerifyError::Category.into());
        }
        let key = self.keys.key(decoded.header().kid.as_deref(), now).await?;
        let verified = decoded.verify::<Map<String, Value>>(&key, expectations, now)?;
        Session::read(verified.claims, text, self).map_err(|UnreadableClaim| Refusal {
            reason: Reason::TokenVerificationFailed,
            detail: "a claim of the session token has the wrong type".to_owned(),
        })
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
        let key = key.map_err(|reason| HandshakeFailure::Token(reason.into()))?;
        decoded.check_header(&Expectations::new()).map_err(refuse)?;
        // An owner can write any claim into a template; only tokens of our own making may set cookies.
        if !matches!(decoded.header().cat.as_deref(), None | Some(category::SESSION | category::IGNORE)) {
            return Err(refuse(VerifyError::Category));
        }
        decoded.verify_signature(&key).map_err(refuse)?;
        let payload = decoded.claims::<HandshakePayload>().map_err(|_| HandshakeFailure::Payload)?;
        Ok(payload.handshake)
    }
}

#[derive(Deserialize)]
struct HandshakePayload {
    #[serde(default)]
    handshake: Vec<String>,
}
