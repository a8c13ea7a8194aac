//! Sessions, as the browser that holds them sees them (wire protocol §6.7, §7).

use frontdesk_types::{OrganizationId, SessionId, Timestamp, UserId};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::users::User;
use crate::backend::sessions::Tasks;
use crate::operations;
pub use crate::{SessionActivity, Token};

operations! { Frontend;
    /// One session of the caller's client.
    GetSession as "getSession" = GET "/v1/client/sessions/{session_id}" { path: SessionPath } -> Session;
    /// Note that a session is in use, and which organization is active in it.
    TouchSession as "touchSession" =
        POST "/v1/client/sessions/{session_id}/touch" { path: SessionPath, body: Touch } -> Session;
    /// Sign out of one session.
    EndSession as "endSession" = POST "/v1/client/sessions/{session_id}/end" { path: SessionPath } -> Session;
    /// Sign out of one session and take it off the client.
    RemoveSession as "removeSession" =
        POST "/v1/client/sessions/{session_id}/remove" { path: SessionPath } -> Session;
    /// A fresh session token.
    CreateSessionToken as "createSessionToken" =
        POST "/v1/client/sessions/{session_id}/tokens" { path: SessionPath, body: TokenWish } -> Token;
    /// A token made from a JWT template.
    CreateSessionTokenWithTemplate as "createSessionTokenWithTemplate" =
        POST "/v1/client/sessions/{session_id}/tokens/{template_name}" { path: TemplatePath } -> Token;
}

/// Which session.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SessionPath {
    /// Its id.
    pub session_id: SessionId,
}

/// Which session, and which template.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TemplatePath {
    /// The session.
    pub session_id: SessionId,
    /// The name of the template.
    pub template_name: String,
}

/// Why a session is touched (contract `touchSession`).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Touch {
    /// The organization to make active, by id or slug; empty for none, left out to keep it.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "empty_or_text")]
    pub active_organization_id: Option<String>,
    /// `focus`, `select_session` or `select_org`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intent: Option<String>,
}

/// A text that is given, be it empty. (What is empty in a form would count as left out.)
fn empty_or_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(Some(Option::<String>::deserialize(deserializer)?.unwrap_or_default()))
}

/// What a token shall say (contract `createSessionToken`).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TokenWish {
    /// The organization to speak for; empty for none, left out for the one that is active in the session.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "empty_or_text")]
    pub organization_id: Option<String>,
}

/// A session (contract schema `Client.Session`).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Session {
    /// Always `session`.
    pub object: String,
    /// Its id.
    pub id: SessionId,
    /// `active`, `pending`, or how it ended.
    pub status: String,
    /// When it ends whatever happens, in ms.
    pub expire_at: Timestamp,
    /// When it counts as abandoned, in ms.
    pub abandon_at: Timestamp,
    /// When it was last used, in ms.
    pub last_active_at: Timestamp,
    /// The organization that is active in it.
    pub last_active_organization_id: Option<OrganizationId>,
    /// A fresh token, while it lives.
    pub last_active_token: Option<Token>,
    /// Who acts in the user's name.
    pub actor: Option<Value>,
    /// What the user has still to do.
    #[serde(default, skip_serializing_if = "Tasks::is_unspoken")]
    pub tasks: Tasks,
    /// Minutes since each factor was proven, `-1` for never; the `fva` of its tokens.
    pub factor_verification_age: [i64; 2],
    /// Who is signed in.
    pub user: User,
    /// What others may see of them.
    pub public_user_data: PublicUserData,
    /// When it began, in ms.
    pub created_at: Timestamp,
    /// When it was last changed, in ms.
    pub updated_at: Timestamp,
}

/// What others may see of a person (contract schema `Client.PublicUserData`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicUserData {
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// A picture that always loads.
    pub image_url: String,
    /// Whether the picture is their own.
    pub has_image: bool,
    /// What to call them by; empty if nothing is known.
    pub identifier: String,
    /// The picture once more, under its old name.
    pub profile_image_url: String,
    /// Their id.
    pub user_id: UserId,
    /// Their username.
    pub username: Option<String>,
    /// Whether they are kept out.
    pub banned: bool,
    /// Whether a directory took them out.
    pub deprovisioned: bool,
}

/// One of the places where a person is signed in (contract schema `Client.ActiveSession`).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SessionWithActivity {
    /// Always `session`.
    pub object: String,
    /// Its id.
    pub id: SessionId,
    /// `active` or `pending`.
    pub status: String,
    /// When it ends whatever happens, in ms.
    pub expire_at: Timestamp,
    /// When it counts as abandoned, in ms.
    pub abandon_at: Timestamp,
    /// When it was last used, in ms.
    pub last_active_at: Timestamp,
    /// Never here: a token belongs to the browser that holds the session.
    pub last_active_token: Option<Token>,
    /// Who acts in the user's name.
    pub actor: Option<Value>,
    /// What the user has still to do.
    #[serde(default, skip_serializing_if = "Tasks::is_unspoken")]
    pub tasks: Tasks,
    /// Always `null`: it is the caller's own.
    pub user: Option<User>,
    /// From where it was used last; left out where it was never used from a browser, as the contract has no `null` for
    /// it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latest_activity: Option<SessionActivity>,
}
