//! The client: one browser or device, with the sessions it holds (wire protocol §6.7).

use frontdesk_types::{ClientId, SessionId, Timestamp};
use serde::{Deserialize, Serialize};

use super::sessions::Session;
use super::sign_ins::SignIn;
use super::sign_ups::SignUp;
use crate::operations;

operations! { Frontend;
    /// The caller's client; none if the caller has not done anything yet.
    GetClient as "getClient" = GET "/v1/client" {} -> Option<Client>;
    /// The caller's client, made if there is none.
    PostClient as "postClient" = POST "/v1/client" {} -> Option<Client>;
    /// The caller's client, made if there is none.
    PutClient as "putClient" = PUT "/v1/client" {} -> Option<Client>;
    /// Forget the client and end all its sessions.
    DeleteClient as "deleteClientSessions" = DELETE "/v1/client" {} -> Option<Client>;
    /// Sign out of every session; the client stays.
    RemoveClientSessions as "removeClientSessionsAndRetainCookie" = DELETE "/v1/client/sessions" {} -> Option<Client>;
}

/// How most answers of the Frontend API are wrapped (wire protocol §6.2).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Enveloped<T> {
    /// What was asked for.
    pub response: T,
    /// The caller's client after the request, where the request could change it.
    pub client: Option<Client>,
}

/// One browser or device (contract schema `Client.Client`).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Client {
    /// Always `client`.
    pub object: String,
    /// Its id.
    pub id: ClientId,
    /// The sessions that live on it, oldest first.
    pub sessions: Vec<Session>,
    /// The sign-in under way.
    pub sign_in: Option<SignIn>,
    /// The sign-up under way.
    pub sign_up: Option<SignUp>,
    /// The session that was used last.
    pub last_active_session_id: Option<SessionId>,
    /// The strategy of the last sign-in.
    pub last_authentication_strategy: Option<String>,
    /// When its cookie ends, if the browser should come back before that, in ms.
    pub cookie_expires_at: Option<Timestamp>,
    /// Whether it need not prove to be human.
    pub captcha_bypass: bool,
    /// When it was made, in ms.
    pub created_at: Timestamp,
    /// When authentication on it last changed, in ms; browsers make `__client_uat` of it.
    pub updated_at: Timestamp,
}
