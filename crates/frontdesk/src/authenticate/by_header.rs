//! A token in the header: what kind it is, whether that kind is accepted, and whether it is good.

use std::sync::Arc;

use frontdesk_jwt::{Token, category};
use frontdesk_types::Timestamp;
use http::HeaderMap;

use super::refused;
use crate::frontdesk::Inner;
use crate::request::Facts;
use crate::snapshot::Snapshot;
use crate::verification::Carrier;
use crate::{Accepts, Reason, RequestState};

/// Who is asking, by the token in the header (wire contract §4.2).
pub(super) async fn by_header(
    frontdesk: &Arc<Inner>,
    request: &Snapshot<'_>,
    token: &str,
    _accepts: Accepts,
    now: Timestamp,
) -> RequestState {
    let verified = match Token::decode(token) {
        Ok(decoded) if !is_session_token(token, &decoded) => {
            return RequestState::signed_out(Reason::TokenTypeMismatch);
        }
        Ok(decoded) => frontdesk.verify(token, decoded, now).await,
        Err(error) => Err(error.into()),
    };
    match verified {
        Ok(session) => RequestState::signed_in(session, HeaderMap::new()),
        Err(refusal) => match Facts::read(request, &frontdesk.config, now) {
            Some(facts) => refused(&facts, refusal, Carrier::Header),
            None => RequestState::signed_out(refusal.reason),
        },
    }
}

/// Machine tokens and tokens made from templates are signed with the same key; neither stands for a session.
pub(super) fn is_session_token(text: &str, token: &Token<'_>) -> bool {
    let header = token.header();
    let machine = token.subject().is_some_and(|subject| subject.starts_with("mch_"));
    let oauth = matches!(header.typ.as_deref(), Some("at+jwt" | "application/at+jwt"));
    // Without a signature it is not a machine token either, but a broken one.
    let signed = !text.ends_with('.');
    let session = matches!(header.cat.as_deref(), None | Some(category::SESSION | category::IGNORE));
    session && !(signed && (machine || oauth))
}
