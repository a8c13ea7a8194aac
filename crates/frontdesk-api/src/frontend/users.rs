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
    /// Where they belong. Organizations have no operations here yet, so this is empty.
    pub organization_memberships: Vec<Value>,
    /// Whether a directory took them out.
    pub deprovisioned: bool,
}
