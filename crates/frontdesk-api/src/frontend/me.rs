//! The person who is signed in, as they see and change themselves (wire protocol §6.6).

use frontdesk_types::{Change, IdentificationId, Secret};
use serde::{Deserialize, Serialize};

use super::sessions::{Session, SessionPath, SessionWithActivity};
use super::users::User;
use crate::backend::users::EmailAddress;
use crate::{Deleted, File, operations};

operations! { Frontend;
    /// Oneself.
    GetMe as "getUser" = GET "/v1/me" {} -> User;
    /// Change what is given; keep the rest.
    UpdateMe as "patchUser" = PATCH "/v1/me" { ; body: MyChanges } -> User;
    /// Delete oneself and everything that is one's own.
    DeleteMe as "deleteUser" = DELETE "/v1/me" {} -> Deleted;
    /// Merge one's own metadata deeply; `null` removes a key (RFC 7396).
    UpdateMyMetadata as "patchUserMetadata" = PATCH "/v1/me/metadata" { ; body: MyMetadata } -> User;
    /// Set a password, or change it.
    ChangeMyPassword as "changePassword" = POST "/v1/me/change_password" { ; body: NewPassword } -> User;
    /// Do without a password from now on.
    RemoveMyPassword as "removePassword" = POST "/v1/me/remove_password" { ; body: CurrentPassword } -> User;
    /// One's own e-mail addresses, oldest first. A bare array.
    GetMyEmailAddresses as "getEmailAddresses" = GET "/v1/me/email_addresses" {} -> Vec<EmailAddress>;
    /// Add an e-mail address. It counts for nothing before it is proven.
    CreateMyEmailAddress as "createEmailAddresses" =
        POST "/v1/me/email_addresses" { ; body: NewEmailAddress } -> EmailAddress;
    /// One of one's own e-mail addresses.
    GetMyEmailAddress as "getEmailAddress" =
        GET "/v1/me/email_addresses/{email_id}" { path: EmailAddressPath } -> EmailAddress;
    /// Take an e-mail address away.
    DeleteMyEmailAddress as "DeleteEmailAddress" =
        DELETE "/v1/me/email_addresses/{email_id}" { path: EmailAddressPath } -> Deleted;
    /// Have a code sent to an address that is to be proven.
    PrepareMyEmailAddress as "sendVerificationEmail" =
        POST "/v1/me/email_addresses/{email_id}/prepare_verification" {
            path: EmailAddressPath, body: EmailAddressPreparation
        } -> EmailAddress;
    /// Prove an address with the code that was sent to it.
    AttemptMyEmailAddress as "verifyEmailAddress" =
        POST "/v1/me/email_addresses/{email_id}/attempt_verification" {
            path: EmailAddressPath, body: EmailAddressAttempt
        } -> EmailAddress;
    /// Give oneself a picture in place of the one that is there.
    SetMyProfileImage as "updateProfileImage" = POST "/v1/me/profile_image" { ; file: File } -> Image;
    /// Take one's own picture away; initials stand in for it.
    DeleteMyProfileImage as "deleteProfileImage" = DELETE "/v1/me/profile_image" {} -> Deleted;
    /// One's own sessions, living and over, newest first: the latest hundred. A bare array.
    GetMySessions as "getUsersSessions" = GET "/v1/me/sessions" {} -> Vec<Session>;
    /// Everywhere one is signed in, oldest first. A bare array.
    GetMyActiveSessions as "getSessions" = GET "/v1/me/sessions/active" {} -> Vec<SessionWithActivity>;
    /// End one of one's sessions, wherever it is.
    RevokeMySession as "revokeSession" = POST "/v1/me/sessions/{session_id}/revoke" { path: SessionPath } -> Session;
}

/// Absent fields stay as they are; empty ones are cleared (contract `patchUser`).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct MyChanges {
    /// Username.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub username: Change<String>,
    /// First name.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub first_name: Change<String>,
    /// Last name.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub last_name: Change<String>,
    /// The e-mail address to be written to; a proven one.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub primary_email_address_id: Change<String>,
    /// Versions before 2026-05-12 only: a JSON object as text, in place of the old one.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub unsafe_metadata: Change<String>,
}

/// A merge patch (contract `patchUserMetadata`).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct MyMetadata {
    /// A JSON object as text, since forms know no objects. Wanted.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub unsafe_metadata: Change<String>,
}

/// A new password (contract `changePassword`).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NewPassword {
    /// The password so far. Wanted where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_password: Option<Secret>,
    /// The new one. Wanted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new_password: Option<Secret>,
    /// Whether to end every other session of one's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sign_out_of_other_sessions: Option<bool>,
}

/// The password so far (contract `removePassword`).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CurrentPassword {
    /// Wanted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_password: Option<Secret>,
}

/// Which e-mail address.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EmailAddressPath {
    /// Its id.
    pub email_id: IdentificationId,
}

/// An e-mail address to be added (contract `createEmailAddresses`).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NewEmailAddress {
    /// The address. Wanted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email_address: Option<String>,
}

/// How an address is to be proven (contract `sendVerificationEmail`).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct EmailAddressPreparation {
    /// `email_code`. Wanted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strategy: Option<String>,
}

/// The proof (contract `verifyEmailAddress`).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct EmailAddressAttempt {
    /// The code from the mail. Wanted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<Secret>,
}

/// A picture (contract schema `Image`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// Always `image`.
    pub object: String,
    /// Its id.
    pub id: String,
    /// What it is called; its id once more.
    pub name: String,
    /// Where it is.
    pub public_url: String,
}
