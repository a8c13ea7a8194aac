//! Clients: listed, read, recognised by their token; and what handshakes set aside for them (wire protocol §4.6).

use frontdesk_api::backend::clients::{
    self as wire, GetClient, GetClientList, GetHandshakePayload, HandshakePayload, VerifyClient,
};
use frontdesk_core::client::Client;
use frontdesk_core::session::Session;
use frontdesk_types::{ClientId, Span};

use super::page::{page, paginated};
use crate::errors::{self, ApiError};
use crate::extract::{Answer, BackendCx, Req, Shown};
use crate::frontend::client_token::{self, ClientToken};
use crate::routes::Routes;
use crate::{keys, present};

/// A payload is for one reader, but a reader whose connection broke may ask again at once (wire protocol §12, trap 10).
const SECOND_READ: Span = Span::seconds(10);

/// What this room answers.
pub(super) fn routes() -> Routes {
    Routes::new().on(list_clients).on(verify_client).on(get_client).on(get_handshake_payload)
}

async fn list_clients(cx: BackendCx, req: Req<GetClientList>) -> Answer<GetClientList> {
    let page = page(req.query.limit, req.query.offset)?;
    let clients = cx.store.clients(&cx.instance.id, page).await?;
    let shown = cx.clients_shown(&clients).await?;
    let total = match req.query.paginated {
        Some(true) => Some(cx.store.count_clients(&cx.instance.id).await?),
        _ => None,
    };
    Ok(Shown::new(paginated(shown, total)))
}

/// A token that was replaced a moment ago still names its client, as it does for the browser itself.
async fn verify_client(cx: BackendCx, req: Req<VerifyClient>) -> Answer<VerifyClient> {
    let token = req.body.token.ok_or_else(|| errors::param_missing("token"))?;
    let token = ClientToken::read(&cx.instance, token.expose()).ok_or_else(errors::client_token_invalid)?;
    let found = client_token::holder(&cx.server, &cx.instance, &token, cx.now).await?;
    let (client, _) = found.ok_or_else(errors::client_token_invalid)?;
    cx.client_shown(client).await
}

async fn get_client(cx: BackendCx, req: Req<GetClient>) -> Answer<GetClient> {
    let id: &ClientId = &req.path.client_id;
    let client = cx.store.client(&cx.instance.id, id).await?;
    let client = client.ok_or_else(|| errors::resource_not_found("client", id.as_str()))?;
    cx.client_shown(client).await
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

impl BackendCx {
    async fn client_shown(&self, client: Client) -> Result<Shown<wire::Client>, ApiError> {
        let shown = self.clients_shown(&[client]).await?.pop();
        shown.map(Shown::new).ok_or_else(|| errors::internal("a client was not shown"))
    }

    /// Clients with the sessions that live on them. Two statements, however many there are.
    async fn clients_shown(&self, clients: &[Client]) -> Result<Vec<wire::Client>, ApiError> {
        let ids: Vec<_> = clients.iter().map(|client| &client.id).collect();
        let sessions = self.store.sessions_of_clients(&self.instance.id, &ids, self.now).await?;
        let of_client = |session: &&Session, client: &Client| session.client_id == client.id;
        let shown = clients.iter().map(|client| {
            let sessions = sessions.iter().filter(|session| of_client(session, client));
            present::client::for_backend(
                client,
                sessions.map(|session| self.session_shown(session)).collect(),
            )
        });
        Ok(shown.collect())
    }
}
