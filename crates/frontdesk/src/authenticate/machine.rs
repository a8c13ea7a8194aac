//! Tokens of programs, verified: JWTs with the instance's keys, opaque ones by the Backend API (wire contract §3.8).
//!
//! A JWT costs no network call once the keys are known, and cannot be taken back before it expires. An opaque token
//! costs one call every time: no answer is remembered, so that one that was taken back stops working at once.

mod claims;

use std::time::Duration;

use frontdesk_client::Error;
use frontdesk_jwt::{Expectations, MAX_TOKEN_BYTES, Token, VerifyError, category};
use frontdesk_types::{Secret, Span, Timestamp};
use serde_json::{Map, Value};

use crate::auth::{ApiKey, M2mToken, OAuthToken};
use crate::authenticate::verification::Refusal;
use crate::frontdesk::Inner;
use crate::{Explanation, Machine, Reason, SignedOut, TokenType};

/// The longest wait of one request for the Backend API.
const PATIENCE: Duration = Duration::from_secs(3);

const OAUTH_TYPES: [&str; 2] = ["at+jwt", "application/at+jwt"];

/// What a header holds, by its looks.
#[derive(Debug)]
pub(crate) enum Credential<'t> {
    /// A program's secret that only the Backend API knows.
    Opaque(TokenType),
    /// A program's token that says itself what it is.
    Jwt(TokenType, Token<'t>),
    /// Anything else is taken for a session token, or for what was meant to be one.
    Session(Result<Token<'t>, VerifyError>),
}

impl<'t> Credential<'t> {
    /// Looks at a token (wire contract §3.8). Nothing is verified.
    pub(crate) fn read(text: &'t str) -> Self {
        const PREFIXES: [(&str, TokenType); 3] =
            [("mt_", TokenType::M2m), ("oat_", TokenType::OAuth), ("ak_", TokenType::ApiKey)];
        if let Some((_, kind)) = PREFIXES.into_iter().find(|(prefix, _)| text.starts_with(prefix)) {
            return Self::Opaque(kind);
        }
        match Token::decode(text) {
            Ok(token) => match machine_kind(text, &token) {
                Some(kind) => Self::Jwt(kind, token),
                None => Self::Session(Ok(token)),
            },
            Err(error) => Self::Session(Err(error)),
        }
    }

    pub(crate) fn kind(&self) -> TokenType {
        match self {
            Self::Opaque(kind) | Self::Jwt(kind, _) => *kind,
            Self::Session(_) => TokenType::Session,
        }
    }
}

/// What kind of machine token a JWT is, if it is one.
pub(crate) fn machine_kind(text: &str, token: &Token<'_>) -> Option<TokenType> {
    if text.ends_with('.') {
        // Without a signature it is not a machine token either, but a broken one.
        None
    } else if token.subject().is_some_and(|subject| subject.starts_with("mch_")) {
        Some(TokenType::M2m)
    } else {
        let oauth = token.header_type().is_some_and(|typ| OAUTH_TYPES.contains(&typ));
        oauth.then_some(TokenType::OAuth)
    }
}

/// Why a machine's token was refused.
#[derive(Debug)]
pub(crate) struct MachineRefusal {
    pub(crate) kind: TokenType,
    reason: Reason,
    /// What is wrong; it tells nothing of the token.
    detail: String,
    /// How the Backend API answered, if it did.
    status: Option<u16>,
    /// The key that was wanted, where none was found, and the keys that there are.
    key_wanted: Option<(String, Vec<String>)>,
    /// How far the token's time is off.
    skew: Option<Span>,
}

impl MachineRefusal {
    fn new(kind: TokenType, reason: Reason, detail: impl Into<String>) -> Self {
        Self { kind, reason, detail: detail.into(), status: None, key_wanted: None, skew: None }
    }

    /// Whatever is wrong with a machine's JWT has one reason; the detail tells what.
    fn of_jwt(kind: TokenType, detail: impl Into<String>) -> Self {
        Self::new(kind, Reason::TokenVerificationFailed, detail)
    }

    /// What is said about it in the response.
    pub(crate) fn message(&self) -> String {
        let status = self.status.map_or_else(|| "n/a".to_owned(), |status| status.to_string());
        format!("{} (code={}, status={status})", self.detail, self.reason)
    }
}

impl From<MachineRefusal> for SignedOut {
    fn from(refusal: MachineRefusal) -> Self {
        let (kid_wanted, kids_known) = refusal.key_wanted.unzip();
        let explanation = Explanation {
            summary: refusal.detail,
            carrier: Some("authorization".to_owned()),
            kid_wanted,
            kids_known: kids_known.unwrap_or_default(),
            skew: refusal.skew,
        };
        Self::explained(refusal.reason, explanation)
    }
}

impl Inner {
    /// Verifies a JWT of a machine with the same keys as session tokens. No origin ever asked for it, so authorized
    /// parties do not apply.
    pub(crate) async fn verify_machine_jwt(
        &self,
        kind: TokenType,
        text: &str,
        token: Token<'_>,
        now: Timestamp,
    ) -> Result<Machine, MachineRefusal> {
        let claims = self.verified_claims(kind, token, now).await?;
        let machine = match kind {
            TokenType::OAuth => {
                claims::oauth_token(&claims, &self.config.expectations, text).map(Machine::OAuth)
            }
            _ => claims::m2m_token(claims, text).map(Machine::M2m),
        };
        machine.map_err(|claim| MachineRefusal::of_jwt(kind, claim.to_string()))
    }

    async fn verified_claims(
        &self,
        kind: TokenType,
        token: Token<'_>,
        now: Timestamp,
    ) -> Result<Map<String, Value>, MachineRefusal> {
        let mut expectations: Expectations =
            self.config.expectations.clone().any_authorized_party().accept_machine_tokens();
        match kind {
            TokenType::OAuth => {
                expectations = OAUTH_TYPES.into_iter().fold(expectations, Expectations::header_type);
            }
            // The same key signs sessions and templates, and an owner can write any subject into a template.
            _ if !matches!(token.category(), None | Some(category::MACHINE)) => {
                let detail = "the token has the subject of a machine, but not its category (cat)";
                return Err(MachineRefusal::new(kind, Reason::TokenInvalid, detail));
            }
            _ => {}
        }
        let key = self.keys.key(token.kid(), now).await.map_err(|reason| MachineRefusal {
            key_wanted: token.kid().map(|kid| (kid.to_owned(), self.keys.known())),
            ..MachineRefusal::of_jwt(kind, format!("the key that signed the token was not found ({reason})"))
        })?;
        let verified = token.verify::<Map<String, Value>>(&key, &expectations, now);
        verified.map(|verified| verified.claims).map_err(|error| {
            let detail = error.to_string();
            MachineRefusal { skew: Refusal::from(error).skew, ..MachineRefusal::of_jwt(kind, detail) }
        })
    }

    /// Has the Backend API verify an opaque token. It waits three seconds at most.
    pub(crate) async fn verify_opaque(&self, kind: TokenType, text: &str) -> Result<Machine, MachineRefusal> {
        if has_the_form_of_a_jwt(text) {
            // Other SDKs take it for a JWT of a machine, too; none begins like this.
            let detail = "the token is neither an opaque one nor a JWT";
            return Err(MachineRefusal::new(TokenType::M2m, Reason::TokenInvalid, detail));
        }
        if text.len() > MAX_TOKEN_BYTES {
            let detail = VerifyError::Oversize(text.len()).to_string();
            return Err(MachineRefusal::new(kind, Reason::TokenInvalid, detail));
        }
        let answer = match tokio::time::timeout(PATIENCE, self.ask_patiently(kind, text)).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => return Err(refusal_of(kind, &error)),
            Err(_) => {
                let detail = "the Backend API did not answer in time";
                return Err(MachineRefusal::new(kind, Reason::UnexpectedError, detail));
            }
        };
        let refused = |reason, detail: &str| Err(MachineRefusal::new(kind, reason, detail));
        match answer {
            Answer { revoked: true, .. } => refused(Reason::TokenInvalid, "the token was taken back"),
            Answer { expired: true, .. } => refused(Reason::TokenInvalid, "the token's time is over"),
            Answer { for_somebody_else: true, .. } => {
                refused(Reason::TokenVerificationFailed, "the token is meant for another audience (aud)")
            }
            Answer { machine, .. } => machine.ok_or_else(|| {
                MachineRefusal::new(kind, Reason::TokenInvalid, "the Backend API calls the token inactive")
            }),
        }
    }

    /// Asking changes nothing, so it may be done twice: a pooled connection may have died unnoticed.
    async fn ask_patiently(&self, kind: TokenType, text: &str) -> Result<Answer, Error> {
        match self.ask(kind, text).await {
            Err(error) if error.is_unavailable() && error.status().is_none() => self.ask(kind, text).await,
            answer => answer,
        }
    }

    async fn ask(&self, kind: TokenType, text: &str) -> Result<Answer, Error> {
        let client = &self.config.client;
        let secret = Secret::new(text);
        // What `expiration` counts is not the same for all servers, so their word on what is over is taken.
        Ok(match kind {
            TokenType::M2m => {
                let token = client.verify_m2m_token(text).await?;
                Answer {
                    revoked: token.revoked,
                    expired: token.expired,
                    for_somebody_else: false,
                    machine: Some(Machine::M2m(M2mToken {
                        id: token.id.into(),
                        subject: token.subject.into(),
                        scopes: token.scopes.into_iter().map(String::from).collect(),
                        claims: token.claims,
                        expires_at: token.expiration,
                        token: secret,
                    })),
                }
            }
            TokenType::OAuth => match client.verify_oauth_access_token(text).await? {
                Some(token) => Answer {
                    revoked: token.revoked,
                    expired: token.expired,
                    for_somebody_else: !claims::names_one_of(
                        token.audience.as_deref().unwrap_or_default(),
                        self.config.expectations.audiences(),
                    ),
                    machine: Some(Machine::OAuth(OAuthToken {
                        id: token.id.into(),
                        subject: token.subject.into(),
                        client_id: token.client_id,
                        scopes: token.scopes,
                        expires_at: token.expiration,
                        token: secret,
                    })),
                },
                None => Answer::default(),
            },
            TokenType::ApiKey | TokenType::Session => {
                let key = client.verify_api_key(text).await?;
                Answer {
                    revoked: key.revoked,
                    expired: key.expired,
                    for_somebody_else: false,
                    machine: Some(Machine::ApiKey(ApiKey {
                        id: key.id.into(),
                        subject: key.subject,
                        name: Some(key.name),
                        scopes: key.scopes,
                        claims: key.claims,
                        expires_at: key.expiration,
                        token: secret,
                    })),
                }
            }
        })
    }
}

/// What the Backend API says about an opaque token.
#[derive(Default)]
struct Answer {
    revoked: bool,
    expired: bool,
    for_somebody_else: bool,
    /// `None` if it says nothing but that the token is inactive.
    machine: Option<Machine>,
}

fn refusal_of(kind: TokenType, error: &Error) -> MachineRefusal {
    let (reason, detail) = if error.is_unauthorized() {
        (Reason::SecretKeyInvalid, "the Backend API refused the secret key")
    } else if error.is_not_found() {
        (Reason::TokenInvalid, "the Backend API knows no such token")
    } else {
        (Reason::UnexpectedError, "the Backend API could not tell")
    };
    MachineRefusal {
        status: error.status().map(|status| status.as_u16()),
        ..MachineRefusal::new(kind, reason, detail)
    }
}

fn has_the_form_of_a_jwt(text: &str) -> bool {
    let is_part = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    text.split('.').count() == 3 && text.split('.').all(is_part)
}

#[cfg(test)]
mod tests;
