//! Sign-ups that are under way, as the backend sees them.

use frontdesk_types::{Change, SessionId, SignUpId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::request::request;
use crate::{JsonObject, operations};

operations! { Backend;
    /// One sign-up, by id.
    GetSignUp = GET "/v1/sign_ups/{id}" { path: SignUpPath } -> SignUp;
    /// Change what is given; keep the rest.
    UpdateSignUp = PATCH "/v1/sign_ups/{id}" { path: SignUpPath, body: SignUpChanges } -> SignUp;
}

/// Which sign-up.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SignUpPath {
    /// Its id.
    pub id: SignUpId,
}

/// A sign-up (contract schema `SignUp`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(feature = "exhaustive"), non_exhaustive)]
pub struct SignUp {
    /// Always `sign_up_attempt`.
    pub object: String,
    /// Its id.
    pub id: SignUpId,
    /// `missing_requirements`, `complete` or `abandoned`.
    pub status: String,
    /// What it wants.
    pub required_fields: Vec<String>,
    /// What it takes if given.
    pub optional_fields: Vec<String>,
    /// What is wanted and not given yet.
    pub missing_fields: Vec<String>,
    /// What is given and not proven yet.
    pub unverified_fields: Vec<String>,
    /// How each proof stands, by the name of the field.
    pub verifications: JsonObject,
    /// The username that was given.
    pub username: Option<String>,
    /// The address that was given.
    pub email_address: Option<String>,
    /// The phone number that was given.
    pub phone_number: Option<String>,
    /// The wallet that was given.
    pub web3_wallet: Option<String>,
    /// Whether a password was given.
    pub password_enabled: bool,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// Metadata for the user to be, as their browser gave it.
    #[serde(default)]
    pub unsafe_metadata: JsonObject,
    /// Metadata for the user to be.
    #[serde(default)]
    pub public_metadata: JsonObject,
    /// What the application noted: that it has done its own part.
    pub custom_action: bool,
    /// The id of the user to be in the application's own database.
    pub external_id: Option<String>,
    /// The session it made.
    pub created_session_id: Option<SessionId>,
    /// The user it made.
    pub created_user_id: Option<UserId>,
    /// When it counts as abandoned, in ms.
    pub abandon_at: Timestamp,
    /// When the terms were accepted, in ms.
    pub legal_accepted_at: Option<Timestamp>,
    /// The browser's language.
    #[serde(default)]
    pub locale: Option<String>,
    /// The account at another provider that it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_account: Option<Value>,
}

request! {
    /// What shall be different about a sign-up (contract `UpdateSignUp`).
    pub struct SignUpChanges {
        /// The id of the user to be in the application's own database; `null` takes it away.
        pub external_id: Change<String>,
        /// That the application has done its own part, or has not.
        pub custom_action: Option<bool>,
    }
}
