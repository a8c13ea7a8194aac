//! Satellites: a browser that is known on the primary domain becomes known on another one (wire protocol §4.10).

use frontdesk_types::Secret;
use serde::{Deserialize, Serialize};

use crate::{Nothing, operations};

operations! { Frontend;
    /// Send the browser to the primary domain to learn who it is there, or on from there. The answer is a redirect.
    SyncClient as "syncClient" = GET "/v1/client/sync" { ; query: SyncQuery } -> Nothing;
    /// Have the browser be on the satellite who it is on the primary domain. The answer is a redirect.
    LinkClient as "linkClient" = GET "/v1/client/link" { ; query: LinkQuery } -> Nothing;
}

/// Which satellite, and where to afterwards (contract `syncClient`).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SyncQuery {
    /// The satellite that the browser came from. Wanted on the primary domain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link_domain: Option<String>,
    /// The page of the satellite that the browser wanted. Wanted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirect_url: Option<String>,
    /// What this server gives the browser to take along: the hash of a secret that the satellite keeps in it.
    #[serde(rename = "__clerk_sync_nonce", skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
}

/// Who it is (contract `linkClient`).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LinkQuery {
    /// What the primary domain gave the browser to take along. Wanted.
    #[serde(rename = "__clerk_token", skip_serializing_if = "Option::is_none")]
    pub token: Option<Secret>,
}
