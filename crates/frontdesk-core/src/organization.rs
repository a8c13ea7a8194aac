//! Organizations and who belongs to them. Nothing writes them yet; tokens and filters already read them
//! (decision 3).

use frontdesk_types::{MembershipId, OrganizationId, Timestamp, UserId};

use crate::metadata::Metadata;

/// An organization.
#[derive(Clone, Debug, PartialEq)]
pub struct Organization {
    /// Its id.
    pub id: OrganizationId,
    /// Its name.
    pub name: String,
    /// Its short name in URLs; unique in the instance.
    pub slug: Option<String>,
    /// Readable by members.
    pub public_metadata: Metadata,
    /// Readable by the Backend API alone.
    pub private_metadata: Metadata,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// One user's place in one organization, with the organization.
#[derive(Clone, Debug, PartialEq)]
pub struct Membership {
    /// Its id.
    pub id: MembershipId,
    /// The organization.
    pub organization: Organization,
    /// The user.
    pub user_id: UserId,
    /// The role key, with its prefix: `org:admin`.
    pub role: String,
    /// The custom permissions of the role: `org:feature:permission`.
    pub permissions: Vec<String>,
    /// Readable by members.
    pub public_metadata: Metadata,
    /// When they joined.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}
