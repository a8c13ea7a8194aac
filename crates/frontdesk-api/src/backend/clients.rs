//! Clients, as the backend sees them: browsers and devices, and what handshakes set aside for them.

use frontdesk_types::{ClientId, Secret, SessionId, SignInId, SignUpId, Timestamp};
use serde::{Deserialize, Serialize};

use super::sessions::Session;
use crate::request::request;
use crate::{PageQuery, Paginated, operations};

operations! { Backend;
    /// Clients, newest first.
    GetClientList = GET "/v1/clients" { ; query: PageQuery } -> Paginated<Client>;
    /// The client that a client token names.
    VerifyClient = POST "/v1/clients/verify" { ; body: ClientToVerify } -> Client;
    /// One client, by id.
    GetClient = GET "/v1/clients/{client_id}" { path: ClientPath } -> Client;
    /// The cookies that a handshake set aside under a nonce (wire protocol §4.6). SDKs ask for it; the published
    /// description leaves it out.
    GetHandshakePayload = GET "/v1/clients/handshake_payload" { ; query: HandshakeQuery } -> HandshakePayload;
}

/// Which client.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ClientPath {
    /// Its id.
    pub client_id: ClientId,
}

/// A client (contract schema `Client`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(feature = "exhaustive"), non_exhaustive)]
pub struct Client {
    /// Always `client`.
    #[serde(default)]
    pub object: String,
    /// Its id.
    pub id: ClientId,
    /// The ids of the sessions that live on it.
    pub session_ids: Vec<SessionId>,
    /// The sessions that live on it, oldest first.
    pub sessions: Vec<Session>,
    /// The sign-in under way.
    pub sign_in_id: Option<SignInId>,
    /// The sign-up under way.
    pub sign_up_id: Option<SignUpId>,
    /// The session that was used last.
    pub last_active_session_id: Option<SessionId>,
    /// The strategy of the last successful sign-in.
    pub last_authentication_strategy: Option<String>,
    /// When authentication on it last changed, in ms.
    pub updated_at: Timestamp,
    /// When it was made, in ms.
    pub created_at: Timestamp,
}

request! {
    /// A client to be recognised (contract `VerifyClient`).
    pub struct ClientToVerify {
        /// What the browser holds in `__client`. Wanted.
        pub token: Option<Secret>,
    }
}

impl ClientToVerify {
    /// The client that holds this token.
    pub fn holding(token: impl Into<String>) -> Self {
        Self::default().token(Secret::new(token))
    }
}

request! {
    /// Which handshake.
    pub struct HandshakeQuery {
        /// What the browser brought back in `__clerk_handshake_nonce`. Wanted.
        pub nonce: Option<String>,
    }
}

/// What a handshake set aside. It holds session tokens, so `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(feature = "exhaustive"), non_exhaustive)]
pub struct HandshakePayload {
    /// Values of `Set-Cookie`, in order.
    pub directives: Vec<String>,
}

impl std::fmt::Debug for HandshakePayload {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("HandshakePayload(…)")
    }
}
