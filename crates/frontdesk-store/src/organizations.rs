//! Organizations and memberships: read by tokens, lists and filters; the operations that write them come later
//! (decision 3).

use frontdesk_core::organization::{Membership, Organization};
use frontdesk_types::{InstanceId, UserId};

use crate::composed::json_array;
use crate::row::{FromRow, Row};
use crate::statement::statements;
use crate::store::Page;
use crate::value::params;
use crate::work::Work;
use crate::{Result, Store};

/// The columns of a membership `m` with its organization `o` and its role `r`, named so that they can stand beside
/// those of a session.
macro_rules! membership_columns {
    () => {
        "m.id AS membership_id, m.user_id AS membership_user_id, m.role AS membership_role,
         r.permissions AS membership_permissions, m.public_metadata AS membership_public_metadata,
         m.created_at AS membership_created_at, m.updated_at AS membership_updated_at, o.id AS organization_id,
         o.name AS organization_name, o.slug AS organization_slug,
         o.public_metadata AS organization_public_metadata, o.private_metadata AS organization_private_metadata,
         o.created_at AS organization_created_at, o.updated_at AS organization_updated_at"
    };
}
pub(crate) use membership_columns;

statements! {
    USER_MEMBERSHIPS = concat!("SELECT ", membership_columns!(), "
         FROM memberships m
         JOIN organizations o ON o.instance_id = m.instance_id AND o.id = m.organization_id
         LEFT JOIN roles r ON r.instance_id = m.instance_id AND r.key = m.role
        WHERE m.instance_id = ?1 AND m.user_id = ?2
        ORDER BY m.created_at DESC, m.id DESC LIMIT ?3 OFFSET ?4");
    COUNT_USER_MEMBERSHIPS = "SELECT COUNT(*) AS total FROM memberships m
                               WHERE m.instance_id = ?1 AND m.user_id = ?2";
    INSERT_ORGANIZATION = "INSERT INTO organizations
        (instance_id, id, name, slug, public_metadata, private_metadata, created_at, updated_at, version)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 1)";
    SET_ROLE = "INSERT INTO roles (instance_id, key, name, permissions) VALUES (?1, ?2, ?3, ?4)
                ON CONFLICT (instance_id, key) DO UPDATE SET name = excluded.name, permissions = excluded.permissions";
    INSERT_MEMBERSHIP = "INSERT INTO memberships
        (instance_id, id, organization_id, user_id, role, public_metadata, private_metadata, created_at, updated_at,
         version)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, '{}', ?7, ?8, 1)";
}

impl FromRow for Membership {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get("membership_id")?,
            user_id: row.get("membership_user_id")?,
            role: row.get("membership_role")?,
            permissions: row.optional_json("membership_permissions")?.unwrap_or_default(),
            public_metadata: row.get("membership_public_metadata")?,
            created_at: row.get("membership_created_at")?,
            updated_at: row.get("membership_updated_at")?,
            organization: Organization {
                id: row.get("organization_id")?,
                name: row.get("organization_name")?,
                slug: row.get("organization_slug")?,
                public_metadata: row.get("organization_public_metadata")?,
                private_metadata: row.get("organization_private_metadata")?,
                created_at: row.get("organization_created_at")?,
                updated_at: row.get("organization_updated_at")?,
            },
        })
    }
}

impl Store {
    /// A user's memberships with their organizations, newest first.
    pub async fn user_memberships(
        &self,
        instance: &InstanceId,
        user: &UserId,
        page: Page,
    ) -> Result<Vec<Membership>> {
        self.fetch_all(&USER_MEMBERSHIPS, params![instance, user, page.limit, page.offset]).await
    }

    /// How many memberships a user has.
    pub async fn count_user_memberships(&self, instance: &InstanceId, user: &UserId) -> Result<u64> {
        self.fetch_total(&COUNT_USER_MEMBERSHIPS, params![instance, user]).await
    }
}

impl Work {
    /// Adds an organization. Breaks [`Constraint::OrganizationSlug`](crate::Constraint::OrganizationSlug).
    pub fn insert_organization(&mut self, organization: &Organization) {
        self.one_here(
            &INSERT_ORGANIZATION,
            params![
                &organization.id,
                &organization.name,
                organization.slug.as_ref(),
                &organization.public_metadata,
                &organization.private_metadata,
                organization.created_at,
                organization.updated_at,
            ],
        );
    }

    /// Makes a role, or gives the role of this key another name and other custom permissions.
    pub fn set_role(&mut self, key: &str, name: &str, permissions: &[String]) {
        self.one_here(&SET_ROLE, params![key, name, &json_array(permissions)]);
    }

    /// Adds a membership. Its organization and user must exist, else stale; its permissions are those of the role.
    /// Breaks [`Constraint::Membership`](crate::Constraint::Membership).
    pub fn insert_membership(&mut self, membership: &Membership) {
        self.one_here(
            &INSERT_MEMBERSHIP,
            params![
                &membership.id,
                &membership.organization.id,
                &membership.user_id,
                &membership.role,
                &membership.public_metadata,
                membership.created_at,
                membership.updated_at,
            ],
        );
    }
}
