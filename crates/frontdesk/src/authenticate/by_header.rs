//! A token in the header: what kind it is, whether that kind is accepted, and whether it is good (wire contract §4.2).
//!
//! | accepted | shown | answer |
//! |---|---|---|
//! | a list | a kind that is not in it; nothing counts as a session | not accepted |
//! | one kind of machine | another kind | signed out, `token-type-mismatch` |
//! | one kind of machine | nothing | signed out, `No token in header` |
//! | sessions alone | a machine's JWT, or one of another category | signed out, `token-type-mismatch` |
//! | whatever else | a machine's token | its verification |
//! | whatever else | another token | verification as a session token |
//! | whatever else | nothing | the cookies tell |

use std::sync::Arc;

use frontdesk_jwt::{Token, VerifyError, category};
use frontdesk_types::Timestamp;
use http::HeaderMap;

use super::refused;
use crate::authenticate::machine::{Credential, MachineRefusal, machine_kind};
use crate::authenticate::verification::Carrier;
use crate::frontdesk::Inner;
use crate::request::Facts;
use crate::request::snapshot::Snapshot;
use crate::{Accepts, Machine, Reason, RequestState, TokenType};

/// Who is asking, by the token in the header.
pub(super) async fn by_header(
    frontdesk: &Arc<Inner>,
    request: &Snapshot<'_>,
    token: &str,
    accepts: Accepts,
    now: Timestamp,
) -> RequestState {
    let credential = Credential::read(token);
    if !accepts.contains(credential.kind()) {
        match accepts.single() {
            None => return RequestState::not_accepted(),
            Some(TokenType::Session) => {}
            Some(kind) => return RequestState::machine_signed_out(kind, Reason::TokenTypeMismatch, None),
        }
    }
    match credential {
        Credential::Session(decoded) => by_session_token(frontdesk, request, token, decoded, now).await,
        // Only sessions are accepted: what is no JWT is broken, and the rest is something else.
        _ if accepts.single() == Some(TokenType::Session) => {
            by_session_token(frontdesk, request, token, Token::decode(token), now).await
        }
        Credential::Opaque(kind) => by_machine(Box::pin(frontdesk.verify_opaque(kind, token)).await),
        Credential::Jwt(kind, decoded) => {
            by_machine(frontdesk.verify_machine_jwt(kind, token, decoded, now).await)
        }
    }
}

/// What a request without a token in its header stands for, if its cookies are not asked.
pub(super) fn without_header(accepts: Accepts) -> Option<RequestState> {
    match accepts.single() {
        _ if accepts.contains(TokenType::Session) => None,
        Some(kind) => Some(RequestState::machine_signed_out(kind, Reason::NoTokenInHeader, None)),
        None => Some(RequestState::not_accepted()),
    }
}

fn by_machine(verified: Result<Machine, MachineRefusal>) -> RequestState {
    match verified {
        Ok(machine) => RequestState::machine(machine),
        Err(refusal) => {
            let (kind, message) = (refusal.kind, refusal.message());
            RequestState::machine_signed_out(kind, refusal, Some(message))
        }
    }
}

async fn by_session_token(
    frontdesk: &Arc<Inner>,
    request: &Snapshot<'_>,
    token: &str,
    decoded: Result<Token<'_>, VerifyError>,
    now: Timestamp,
) -> RequestState {
    let verified = match decoded {
        Ok(decoded) if !is_session_token(token, &decoded) => {
            return RequestState::signed_out(Reason::TokenTypeMismatch);
        }
        Ok(decoded) => frontdesk.verify(token, decoded, now).await,
        Err(error) => Err(error.into()),
    };
    match verified {
        Ok(session) => RequestState::signed_in(session, HeaderMap::new()),
        Err(refusal) => match Facts::read(request, &frontdesk.config, now) {
            Some(facts) => refused(frontdesk, &facts, refusal, Carrier::Header, now).await,
            None => RequestState::signed_out(refusal.reason),
        },
    }
}

/// Machine tokens and tokens made from templates are signed with the same key; neither stands for a session.
pub(crate) fn is_session_token(text: &str, token: &Token<'_>) -> bool {
    let category = token.category();
    matches!(category, None | Some(category::SESSION | category::IGNORE))
        && machine_kind(text, token).is_none()
}
