//! Sessions, as the backend sees them.

use frontdesk_types::{ClientId, OrganizationId, SessionId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::operations;

operations! { Backend;
    /// One session, by id.
    GetSession = GET "/v1/sessions/{session_id}" { path: SessionPath } -> Session;
}

/// Which session.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SessionPath {
    /// Its id.
    pub session_id: SessionId,
}

/// A session (contract schema `Session`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// Always `session`.
    pub object: String,
    /// Its id.
    pub id: SessionId,
    /// The client that holds it.
    pub client_id: ClientId,
    /// Who is signed in.
    pub user_id: UserId,
    /// `active`, `pending`, or how it ended.
    pub status: String,
    /// The organization that is active in it.
    pub last_active_organization_id: Option<OrganizationId>,
    /// Who acts in the user's name.
    pub actor: Option<Value>,
    /// When it was last used, in ms.
    pub last_active_at: Timestamp,
    /// When it ends whatever happens, in ms.
    pub expire_at: Timestamp,
    /// When it counts as abandoned, in ms.
    pub abandon_at: Timestamp,
    /// What the user has still to do.
    pub tasks: Option<Vec<Value>>,
    /// When it began, in ms.
    pub created_at: Timestamp,
    /// When it was last changed, in ms.
    pub updated_at: Timestamp,
}
