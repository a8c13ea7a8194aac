//! People, as they see themselves (wire protocol §6.7).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::backend::users::UserProfile;

/// A person (contract schema `Client.User`).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct User {
    /// What both audiences see.
    #[serde(flatten)]
    pub profile: UserProfile,
    /// How many organizations they may create; left out where there is no limit, as this audience's contract has no
    /// `null` for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub create_organizations_limit: Option<u32>,
    /// Where they belong. Organizations have no operations here yet, so this is empty.
    pub organization_memberships: Vec<Value>,
    /// Whether a directory took them out.
    pub deprovisioned: bool,
}
