//! Sessions, as the backend sees them.

use frontdesk_types::{ClientId, OrganizationId, Secret, SessionId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use crate::SessionActivity;
use crate::request::request;
use crate::{Paginated, Token, operations};

operations! { Backend;
    /// Sessions, newest first.
    GetSessionList = GET "/v1/sessions" { ; query: SessionListQuery } -> Paginated<Session>;
    /// Make a session without a sign-in, for tests. Development instances only.
    CreateSession as "createSession" = POST "/v1/sessions" { ; body: NewSession } -> Session;
    /// One session, by id.
    GetSession = GET "/v1/sessions/{session_id}" { path: SessionPath } -> Session;
    /// End a session. Its next token is refused.
    RevokeSession = POST "/v1/sessions/{session_id}/revoke" { path: SessionPath } -> Session;
    /// The session of a session token, if the token is good and the session lives. Published until 2025-03-12, and still
    /// asked for by SDKs.
    VerifySession = POST "/v1/sessions/{session_id}/verify" { path: SessionPath, body: SessionToVerify } -> Session;
    /// Mint a session token.
    CreateSessionToken = POST "/v1/sessions/{session_id}/tokens" { path: SessionPath, body: NewToken } -> Token;
    /// Mint the token of a JWT template.
    CreateSessionTokenFromTemplate = POST "/v1/sessions/{session_id}/tokens/{template_name}" { path: TemplateTokenPath, body: NewToken } -> Token;
}

/// Which session.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SessionPath {
    /// Its id.
    pub session_id: SessionId,
}

frontdesk_types::open_enum! {
    /// Whether a session lives, or how it ended.
    pub enum SessionStatus {
        /// It lives.
        Active = "active",
        /// It lives, but its user has tasks to finish.
        Pending = "pending",
        /// Its user signed out.
        Ended = "ended",
        /// Its time is over.
        Expired = "expired",
        /// It was taken off its client.
        Removed = "removed",
        /// It was not used for too long.
        Abandoned = "abandoned",
        /// Another session took its place.
        Replaced = "replaced",
        /// The Backend API (or its user, from elsewhere) ended it.
        Revoked = "revoked",
    }
}

/// A session (contract schema `Session`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(feature = "exhaustive"), non_exhaustive)]
pub struct Session {
    /// Always `session`.
    #[serde(default)]
    pub object: String,
    /// Its id.
    pub id: SessionId,
    /// The client that holds it.
    pub client_id: ClientId,
    /// Who is signed in.
    pub user_id: UserId,
    /// That it lives, or how it ended.
    pub status: SessionStatus,
    /// The organization that is active in it.
    pub last_active_organization_id: Option<OrganizationId>,
    /// Who acts in the user's name.
    pub actor: Option<Value>,
    /// When it was last used, in ms.
    #[serde(default)]
    pub last_active_at: Timestamp,
    /// From where it was last used, where that is known.
    #[serde(default)]
    pub latest_activity: Option<SessionActivity>,
    /// When it ends whatever happens, in ms.
    #[serde(default)]
    pub expire_at: Timestamp,
    /// When it counts as abandoned, in ms.
    #[serde(default)]
    pub abandon_at: Timestamp,
    /// What the user has still to do.
    #[serde(default, skip_serializing_if = "Tasks::is_unspoken")]
    pub tasks: Tasks,
    /// When it began, in ms.
    #[serde(default)]
    pub created_at: Timestamp,
    /// When it was last changed, in ms.
    #[serde(default)]
    pub updated_at: Timestamp,
}

/// What the user of a session has still to do before they count as signed in.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Tasks {
    /// API versions before 2025-04-10 know no tasks.
    #[default]
    #[serde(skip)]
    Unspoken,
    /// These; `null` for none.
    Known(Option<Vec<Value>>),
}

impl Tasks {
    /// Whether the field is left out.
    pub const fn is_unspoken(&self) -> bool {
        matches!(self, Self::Unspoken)
    }
}

/// Which session, and which template.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TemplateTokenPath {
    /// The id of the session.
    pub session_id: SessionId,
    /// The name of the template.
    pub template_name: String,
}

request! {
    /// Filters and page of a list of sessions (contract `GetSessionList`).
    pub struct SessionListQuery {
        /// Those of one client.
        pub client_id: Option<String>,
        /// Those of one user.
        pub user_id: Option<String>,
        /// Those that stand so.
        pub status: Option<String>,
        /// Whether the size of the whole is wanted too.
        pub paginated: Option<bool>,
        /// Rows of the page: 1 to 500, 10 if left out.
        pub limit: Option<i64>,
        /// Rows before the page.
        pub offset: Option<i64>,
    }
}

request! {
    /// A session to be made (contract `createSession`).
    pub struct NewSession {
        /// Who is signed in. Wanted.
        pub user_id: Option<String>,
        /// The organization that is active in it; the user must be a member.
        pub active_organization_id: Option<String>,
    }
}

impl NewSession {
    /// A session of this person.
    pub fn of_user(user_id: &UserId) -> Self {
        Self { user_id: Some(user_id.to_string()), ..Self::default() }
    }
}

request! {
    /// A session token to be verified (contract `VerifySession`).
    pub struct SessionToVerify {
        /// The token. Wanted.
        pub token: Option<Secret>,
    }
}

impl SessionToVerify {
    /// This token.
    pub fn of_token(token: impl Into<String>) -> Self {
        Self::default().token(Secret::new(token))
    }
}

request! {
    /// A token to be minted (contract `CreateSessionToken`, `CreateSessionTokenFromTemplate`).
    #[derive(Copy)]
    pub struct NewToken {
        /// How long it lives, in seconds: 30 to 315 360 000.
        pub expires_in_seconds: Option<i64>,
    }
}
