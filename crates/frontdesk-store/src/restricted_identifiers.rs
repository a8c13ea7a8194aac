//! Identifiers that may, or may not, sign up.

use frontdesk_core::restriction::{IdentifierPattern, RestrictedIdentifier, RestrictionList};
use frontdesk_types::{EmailAddress, InstanceId};

use crate::row::{FromRow, Row};
use crate::statement::statements;
use crate::store::Page;
use crate::value::params;
use crate::work::Work;
use crate::{Result, Store};

statements! {
    RESTRICTED_IDENTIFIER_BY_ID = "SELECT id, list, identifier, created_at, updated_at FROM restricted_identifiers
                                    WHERE instance_id = ?1 AND id = ?3 AND list = ?2";
    RESTRICTED_IDENTIFIERS = "SELECT id, list, identifier, created_at, updated_at FROM restricted_identifiers
                               WHERE instance_id = ?1 AND list = ?2
                               ORDER BY created_at DESC, id DESC LIMIT ?3 OFFSET ?4";
    COUNT_RESTRICTED_IDENTIFIERS = "SELECT COUNT(*) AS total FROM restricted_identifiers
                                     WHERE instance_id = ?1 AND list = ?2";
    COUNT_SAME_IDENTIFIER = "SELECT COUNT(*) AS total FROM restricted_identifiers
                              WHERE instance_id = ?1 AND list = ?2 AND identifier = ?3";
    LISTS_NAMING = "SELECT list FROM restricted_identifiers
                     WHERE instance_id = ?1 AND list IN ('allowlist', 'blocklist') AND identifier IN (?2, ?3)";
    INSERT_RESTRICTED_IDENTIFIER = "INSERT INTO restricted_identifiers
        (instance_id, id, list, identifier, identifier_type, created_at, updated_at)
        VALUES (?1, ?2, ?3, ?4, 'email_address', ?5, ?6)";
    DELETE_RESTRICTED_IDENTIFIER = "DELETE FROM restricted_identifiers
                                     WHERE instance_id = ?1 AND id = ?3 AND list = ?2";
}

/// Which lists name an address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// The allowlist does.
    pub allowed: bool,
    /// The blocklist does.
    pub blocked: bool,
}

/// The list of a row.
struct ListName(RestrictionList);

impl FromRow for ListName {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        match row.text("list")? {
            "allowlist" => Ok(Self(RestrictionList::Allowlist)),
            "blocklist" => Ok(Self(RestrictionList::Blocklist)),
            _ => Err(row.mismatch("list", "the name of a list")),
        }
    }
}

impl FromRow for RestrictedIdentifier {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            list: ListName::from_row(row)?.0,
            pattern: IdentifierPattern::from_stored(row.text("identifier")?),
            created_at: row.get("created_at")?,
            updated_at: row.get("updated_at")?,
        })
    }
}

impl Store {
    /// The entry of this list with this id.
    pub async fn restricted_identifier(
        &self,
        instance: &InstanceId,
        list: RestrictionList,
        id: &str,
    ) -> Result<Option<RestrictedIdentifier>> {
        self.fetch_optional(&RESTRICTED_IDENTIFIER_BY_ID, params![instance, list.as_str(), id]).await
    }

    /// The entries of a list, newest first.
    pub async fn restricted_identifiers(
        &self,
        instance: &InstanceId,
        list: RestrictionList,
        page: Page,
    ) -> Result<Vec<RestrictedIdentifier>> {
        let params = params![instance, list.as_str(), page.limit, page.offset];
        self.fetch_all(&RESTRICTED_IDENTIFIERS, params).await
    }

    /// How many entries a list has.
    pub async fn count_restricted_identifiers(
        &self,
        instance: &InstanceId,
        list: RestrictionList,
    ) -> Result<u64> {
        self.fetch_total(&COUNT_RESTRICTED_IDENTIFIERS, params![instance, list.as_str()]).await
    }

    /// Whether a list has this very entry.
    pub async fn has_restricted_identifier(
        &self,
        instance: &InstanceId,
        list: RestrictionList,
        pattern: &IdentifierPattern,
    ) -> Result<bool> {
        let params = params![instance, list.as_str(), pattern.as_str()];
        Ok(self.fetch_total(&COUNT_SAME_IDENTIFIER, params).await? > 0)
    }

    /// Which lists name this address, itself or by its domain. Whether a list counts, the instance's restrictions say;
    /// where both do, the allowlist wins.
    pub async fn lists_naming(&self, instance: &InstanceId, address: &EmailAddress) -> Result<Listed> {
        let [itself, domain] = IdentifierPattern::naming(address);
        let found: Vec<ListName> =
            self.fetch_all(&LISTS_NAMING, params![instance, itself.as_str(), domain.as_str()]).await?;
        let has = |list| found.iter().any(|name| name.0 == list);
        Ok(Listed { allowed: has(RestrictionList::Allowlist), blocked: has(RestrictionList::Blocklist) })
    }
}

impl Work {
    /// Adds an entry to its list. Breaks
    /// [`Constraint::RestrictedIdentifier`](crate::Constraint::RestrictedIdentifier).
    pub fn insert_restricted_identifier(&mut self, entry: &RestrictedIdentifier) {
        self.one_here(
            &INSERT_RESTRICTED_IDENTIFIER,
            params![
                &entry.id,
                entry.list.as_str(),
                entry.pattern.as_str(),
                entry.created_at,
                entry.updated_at
            ],
        );
    }

    /// Takes an entry off its list. Stale if it is not there.
    pub fn delete_restricted_identifier(&mut self, list: RestrictionList, id: &str) {
        self.one_here(&DELETE_RESTRICTED_IDENTIFIER, params![list.as_str(), id]);
    }
}
