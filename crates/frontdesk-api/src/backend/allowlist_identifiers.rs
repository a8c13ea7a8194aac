//! The allowlist: who may sign up, while nobody else may.

use frontdesk_types::{AllowlistIdentifierId, InstanceId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::request::request;
use crate::{Deleted, PageQuery, Paginated, operations};

operations! { Backend;
    /// The entries, newest first.
    ListAllowlistIdentifiers = GET "/v1/allowlist_identifiers" { ; query: PageQuery } -> Paginated<AllowlistIdentifier>;
    /// Add an entry.
    CreateAllowlistIdentifier = POST "/v1/allowlist_identifiers" { ; body: NewAllowlistIdentifier } -> AllowlistIdentifier;
    /// Take an entry off the list.
    DeleteAllowlistIdentifier = DELETE "/v1/allowlist_identifiers/{identifier_id}" { path: AllowlistIdentifierPath } -> Deleted;
}

/// Which entry.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AllowlistIdentifierPath {
    /// Its id.
    pub identifier_id: AllowlistIdentifierId,
}

frontdesk_types::open_enum! {
    /// The kind of an identifier.
    pub enum IdentifierType {
        /// An e-mail address, or all of a domain.
        EmailAddress = "email_address",
        /// A phone number.
        PhoneNumber = "phone_number",
        /// A wallet.
        Web3Wallet = "web3_wallet",
    }
}

/// An entry of the allowlist (contract schema `AllowlistIdentifier`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(feature = "exhaustive"), non_exhaustive)]
pub struct AllowlistIdentifier {
    /// Always `allowlist_identifier`.
    pub object: String,
    /// Its id.
    pub id: AllowlistIdentifierId,
    /// The invitation that was sent with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invitation_id: Option<String>,
    /// Whom it names: an address, or `*@example.com` for all of a domain.
    pub identifier: String,
    /// Its kind.
    pub identifier_type: IdentifierType,
    /// The instance whose list it is.
    pub instance_id: InstanceId,
    /// When it was listed, in ms.
    pub created_at: Timestamp,
    /// When it was last changed, in ms.
    pub updated_at: Timestamp,
}

request! {
    /// An entry to be added (contract `CreateAllowlistIdentifier`).
    pub struct NewAllowlistIdentifier {
        /// An address, or `*@example.com` for all of a domain. Wanted.
        pub identifier: Option<String>,
        /// Whether to send an invitation, too. Servers that send none refuse `true`.
        pub notify: Option<bool>,
    }
}

impl NewAllowlistIdentifier {
    /// This address, or these of a domain.
    pub fn of(identifier: impl Into<String>) -> Self {
        Self::default().identifier(identifier)
    }
}
