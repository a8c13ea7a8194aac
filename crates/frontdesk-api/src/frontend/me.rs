//! The person who is signed in, as they see and change themselves (wire protocol §6.6).

use frontdesk_types::Change;
use serde::{Deserialize, Serialize};

use super::users::User;
use crate::backend::users::EmailAddress;
use crate::{Deleted, operations};

operations! { Frontend;
    /// Oneself.
    GetMe as "getUser" = GET "/v1/me" {} -> User;
    /// Change what is given; keep the rest.
    UpdateMe as "patchUser" = PATCH "/v1/me" { ; body: MyChanges } -> User;
    /// Delete oneself and everything that is one's own.
    DeleteMe as "deleteUser" = DELETE "/v1/me" {} -> Deleted;
    /// Merge one's own metadata deeply; `null` removes a key (RFC 7396).
    UpdateMyMetadata as "patchUserMetadata" = PATCH "/v1/me/metadata" { ; body: MyMetadata } -> User;
    /// One's own e-mail addresses, oldest first.
    GetMyEmailAddresses as "getEmailAddresses" = GET "/v1/me/email_addresses" {} -> Vec<EmailAddress>;
}

/// Absent fields stay as they are; empty ones are cleared (contract `patchUser`).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct MyChanges {
    /// First name.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub first_name: Change<String>,
    /// Last name.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub last_name: Change<String>,
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
