//! What handshakes set aside, fetched by the application's server (wire protocol §4.6).

use frontdesk_api::backend::clients::{GetHandshakePayload, HandshakePayload};
use frontdesk_types::Span;

use crate::extract::{Answer, BackendCx, Req, Shown};
use crate::routes::Routes;
use crate::{errors, keys};

/// A payload is for one reader, but a reader whose connection broke may ask again at once (wire protocol §12, trap 10).
const SECOND_READ: Span = Span::seconds(10);

/// What this room answers.
pub(super) fn routes() -> Routes {
    Routes::new().on(get_handshake_payload)
}

async fn get_handshake_payload(
    mut cx: BackendCx,
    req: Req<GetHandshakePayload>,
) -> Answer<GetHandshakePayload> {
    let nonce = req.query.nonce.ok_or_else(|| errors::param_missing("nonce"))?;
    let hash = keys::token_hash(&nonce);
    let payload = cx.store.handshake_payload(&cx.instance.id, &hash).await?;
    let payload = payload.ok_or_else(errors::nonce_invalid)?;
    let is_spent = payload.fetched_at.is_some_and(|at| cx.now.since(at) > SECOND_READ);
    if is_spent || cx.now >= payload.expires_at {
        return Err(errors::nonce_invalid());
    }
    let opened = cx.server.master_key().open(keys::HANDSHAKE, &payload.sealed).map_err(errors::internal)?;
    let directives = serde_json::from_slice(&opened).map_err(errors::internal)?;
    let shown = HandshakePayload { directives };
    if payload.fetched_at.is_some() {
        return Ok(Shown::new(shown));
    }
    cx.work.mark_handshake_fetched(&hash, cx.now);
    cx.commit(shown).await
}
