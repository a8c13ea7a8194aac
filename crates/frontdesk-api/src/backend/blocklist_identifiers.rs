//! The blocklist: who may not sign up.

use frontdesk_types::{BlocklistIdentifierId, InstanceId, Timestamp};
use serde::{Deserialize, Serialize};

use super::allowlist_identifiers::IdentifierType;
use crate::request::request;
use crate::{Deleted, Page, PageQuery, operations};

operations! { Backend;
    /// The entries, newest first: 500 unless the query asks for fewer.
    ListBlocklistIdentifiers = GET "/v1/blocklist_identifiers" { ; query: PageQuery } -> Page<BlocklistIdentifier>;
    /// Add an entry.
    CreateBlocklistIdentifier = POST "/v1/blocklist_identifiers" { ; body: NewBlocklistIdentifier } -> BlocklistIdentifier;
    /// Take an entry off the list.
    DeleteBlocklistIdentifier = DELETE "/v1/blocklist_identifiers/{identifier_id}" { path: BlocklistIdentifierPath } -> Deleted;
}

/// Which entry.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BlocklistIdentifierPath {
    /// Its id.
    pub identifier_id: BlocklistIdentifierId,
}

/// An entry of the blocklist (contract schema `BlocklistIdentifier`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(feature = "exhaustive"), non_exhaustive)]
pub struct BlocklistIdentifier {
    /// Always `blocklist_identifier`.
    pub object: String,
    /// Its id.
    pub id: BlocklistIdentifierId,
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
    /// An entry to be added (contract `CreateBlocklistIdentifier`).
    pub struct NewBlocklistIdentifier {
        /// An address, or `*@example.com` for all of a domain. Wanted.
        pub identifier: Option<String>,
    }
}

impl NewBlocklistIdentifier {
    /// This address, or these of a domain.
    pub fn of(identifier: impl Into<String>) -> Self {
        Self::default().identifier(identifier)
    }
}
