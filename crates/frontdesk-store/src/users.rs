//! People, whole: a user and what identifies them are read together (`docs/adr/0004-user-row-layout.md`).

use frontdesk_core::identification::{Identification, IdentificationKind};
use frontdesk_core::user::{Account, PasswordDigest, User};
use frontdesk_types::{IdentificationId, InstanceId, UserId};

use crate::composed::json_array;
use crate::row::{FromRow, Row};
use crate::statement::{Statement, statements};
use crate::value::{Param, params};
use crate::work::Work;
use crate::{Result, Store};

/// The columns of a user `u`.
macro_rules! user_columns {
    () => {
        "u.id AS id, u.external_id AS external_id, u.first_name AS first_name, u.last_name AS last_name,
         u.locale AS locale, u.primary_email_address_id AS primary_email_address_id,
         u.primary_phone_number_id AS primary_phone_number_id,
         u.primary_web3_wallet_id AS primary_web3_wallet_id, u.password_digest AS password_digest,
         u.password_updated_at AS password_updated_at, u.password_compromised AS password_compromised,
         u.totp_sealed AS totp_sealed,
         u.totp_last_step AS totp_last_step, u.mfa_enabled_at AS mfa_enabled_at,
         u.mfa_disabled_at AS mfa_disabled_at, u.bypass_client_trust AS bypass_client_trust, u.backup_code_hashes AS backup_code_hashes,
         u.profile_image_id AS profile_image_id, u.public_metadata AS public_metadata,
         u.private_metadata AS private_metadata, u.unsafe_metadata AS unsafe_metadata, u.banned AS banned,
         u.locked_until AS locked_until, u.failed_attempts AS failed_attempts,
         u.last_sign_in_at AS last_sign_in_at, u.last_active_at AS last_active_at,
         u.legal_accepted_at AS legal_accepted_at, u.delete_self_enabled AS delete_self_enabled,
         u.create_organization_enabled AS create_organization_enabled,
         u.create_organizations_limit AS create_organizations_limit, u.created_at AS created_at,
         u.updated_at AS updated_at, u.version AS version"
    };
}

/// A user's columns beside those of each of their identifications.
macro_rules! account_columns {
    () => {
        concat!($crate::users::user_columns!(), ", ", $crate::identifications::identification_columns!())
    };
}
pub(crate) use {account_columns, user_columns};

/// Joins what identifies a user `u`.
macro_rules! with_identifications {
    () => {
        " LEFT JOIN identifications i ON i.instance_id = u.instance_id AND i.user_id = u.id "
    };
}
pub(crate) use with_identifications;

statements! {
    USER_BY_ID = concat!("SELECT ", user_columns!(), " FROM users u WHERE u.instance_id = ?1 AND u.id = ?2");
    ACCOUNT_BY_ID = concat!("SELECT ", account_columns!(), " FROM users u", with_identifications!(),
        "WHERE u.instance_id = ?1 AND u.id = ?2 ORDER BY i.created_at, i.id");
    ACCOUNT_BY_IDENTIFICATION = concat!("SELECT ", account_columns!(),
        " FROM identifications claim
          JOIN users u ON u.instance_id = claim.instance_id AND u.id = claim.user_id", with_identifications!(),
        "WHERE claim.instance_id = ?1 AND claim.kind = ?2 AND claim.value = ?3 AND claim.claimed
         ORDER BY i.created_at, i.id");
    ACCOUNT_BY_IDENTIFICATION_ID = concat!("SELECT ", account_columns!(),
        " FROM identifications named
          JOIN users u ON u.instance_id = named.instance_id AND u.id = named.user_id", with_identifications!(),
        "WHERE named.instance_id = ?1 AND named.id = ?2 ORDER BY i.created_at, i.id");
    ACCOUNT_BY_EXTERNAL_ID = concat!("SELECT ", account_columns!(), " FROM users u", with_identifications!(),
        "WHERE u.instance_id = ?1 AND u.external_id = ?2 ORDER BY i.created_at, i.id");
    ACCOUNTS_BY_IDS = concat!("SELECT ", account_columns!(), " FROM users u", with_identifications!(),
        "WHERE u.instance_id = ?1 AND u.id IN EACH(?2) ORDER BY u.created_at, u.id, i.created_at, i.id");
    INSERT_USER = "INSERT INTO users
        (instance_id, id, external_id, first_name, last_name, locale, primary_email_address_id,
         primary_phone_number_id, primary_web3_wallet_id, password_digest, password_updated_at, public_metadata,
         private_metadata, unsafe_metadata, banned, locked_until, failed_attempts, last_sign_in_at, last_active_at,
         legal_accepted_at, delete_self_enabled, create_organization_enabled, create_organizations_limit,
         created_at, updated_at, version, name_search, id_search, password_compromised, totp_sealed,
         backup_code_hashes, profile_image_id, totp_last_step, mfa_enabled_at, mfa_disabled_at,
         bypass_client_trust)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22,
                ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33, ?34, ?35, ?36)";
    SAVE_USER = "UPDATE users SET
         external_id = ?4, first_name = ?5, last_name = ?6, locale = ?7, primary_email_address_id = ?8,
         primary_phone_number_id = ?9, primary_web3_wallet_id = ?10, password_digest = ?11,
         password_updated_at = ?12, public_metadata = ?13, private_metadata = ?14, unsafe_metadata = ?15,
         banned = ?16, locked_until = ?17, failed_attempts = ?18, last_sign_in_at = ?19, last_active_at = ?20,
         legal_accepted_at = ?21, delete_self_enabled = ?22, create_organization_enabled = ?23,
         create_organizations_limit = ?24, created_at = ?25, updated_at = ?26, name_search = ?27,
         password_compromised = ?28, totp_sealed = ?29, backup_code_hashes = ?30, profile_image_id = ?31, totp_last_step = ?32,
         mfa_enabled_at = ?33, mfa_disabled_at = ?34, bypass_client_trust = ?35,
         version = version + 1
        WHERE instance_id = ?1 AND id = ?2 AND version = ?3";
    DELETE_IMAGE_OF_USER = "DELETE FROM images WHERE instance_id = ?1 AND id =
        (SELECT u.profile_image_id FROM users u WHERE u.instance_id = ?1 AND u.id = ?2)";
    DELETE_USER = "DELETE FROM users WHERE instance_id = ?1 AND id = ?2";
}

impl FromRow for User {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            external_id: row.get("external_id")?,
            first_name: row.get("first_name")?,
            last_name: row.get("last_name")?,
            locale: row.get("locale")?,
            primary_email_address_id: row.get("primary_email_address_id")?,
            primary_phone_number_id: row.get("primary_phone_number_id")?,
            primary_web3_wallet_id: row.get("primary_web3_wallet_id")?,
            password_digest: row.get::<Option<String>>("password_digest")?.map(PasswordDigest::new),
            password_updated_at: row.get("password_updated_at")?,
            password_compromised: row.get("password_compromised")?,
            totp_sealed: row.get("totp_sealed")?,
            totp_last_step: row.get("totp_last_step")?,
            mfa_enabled_at: row.get("mfa_enabled_at")?,
            mfa_disabled_at: row.get("mfa_disabled_at")?,
            bypass_client_trust: row.get("bypass_client_trust")?,
            backup_code_hashes: row.json("backup_code_hashes")?,
            profile_image_id: row.get("profile_image_id")?,
            public_metadata: row.get("public_metadata")?,
            private_metadata: row.get("private_metadata")?,
            unsafe_metadata: row.get("unsafe_metadata")?,
            banned: row.get("banned")?,
            locked_until: row.get("locked_until")?,
            failed_attempts: row.get("failed_attempts")?,
            last_sign_in_at: row.get("last_sign_in_at")?,
            last_active_at: row.get("last_active_at")?,
            legal_accepted_at: row.get("legal_accepted_at")?,
            delete_self_enabled: row.get("delete_self_enabled")?,
            create_organization_enabled: row.get("create_organization_enabled")?,
            create_organizations_limit: row.get("create_organizations_limit")?,
            created_at: row.get("created_at")?,
            updated_at: row.get("updated_at")?,
            version: row.get("version")?,
        })
    }
}

/// Puts accounts together from rows of which each holds a user and one of their identifications (or none). The user
/// is read from the first of their rows only.
pub(crate) fn collect_accounts(accounts: &mut Vec<Account>, row: &Row<'_>) -> Result<()> {
    let same = match accounts.last() {
        Some(last) => row.text("id")? == last.user.id.as_str(),
        None => false,
    };
    if !same {
        accounts.push(Account { user: User::from_row(row)?, identifications: Vec::new() });
    }
    if let Some(account) = accounts.last_mut()
        && !row.is_null("identification_id")
    {
        account.identifications.push(Identification::from_row(row)?);
    }
    Ok(())
}

impl Store {
    /// The user with this id, without what identifies them.
    pub async fn user(&self, instance: &InstanceId, id: &UserId) -> Result<Option<User>> {
        self.fetch_optional(&USER_BY_ID, params![instance, id]).await
    }

    /// The whole person with this id. One statement.
    pub async fn account(&self, instance: &InstanceId, id: &UserId) -> Result<Option<Account>> {
        self.fetch_account(&ACCOUNT_BY_ID, params![instance, id]).await
    }

    /// The whole person who has claimed this value. `value` is in canonical form: a lower-case address, a number in
    /// E.164.
    pub async fn account_by_identification(
        &self,
        instance: &InstanceId,
        kind: IdentificationKind,
        value: &str,
    ) -> Result<Option<Account>> {
        self.fetch_account(&ACCOUNT_BY_IDENTIFICATION, params![instance, kind.as_str(), value]).await
    }

    /// The whole person who has the identification with this id, claimed or not.
    pub async fn account_by_identification_id(
        &self,
        instance: &InstanceId,
        id: &IdentificationId,
    ) -> Result<Option<Account>> {
        self.fetch_account(&ACCOUNT_BY_IDENTIFICATION_ID, params![instance, id]).await
    }

    /// The whole person with this id of the application's own.
    pub async fn account_by_external_id(&self, instance: &InstanceId, id: &str) -> Result<Option<Account>> {
        self.fetch_account(&ACCOUNT_BY_EXTERNAL_ID, params![instance, id]).await
    }

    /// The whole persons with these ids, oldest first; ids that are nobody's are left out. One statement, for the
    /// sessions of a client or a list of memberships.
    pub async fn accounts(&self, instance: &InstanceId, ids: &[UserId]) -> Result<Vec<Account>> {
        self.fetch_accounts(&ACCOUNTS_BY_IDS, params![instance, &json_array(ids)]).await
    }

    async fn fetch_account(
        &self,
        statement: &'static Statement,
        params: &[Param<'_>],
    ) -> Result<Option<Account>> {
        self.fetch_accounts(statement, params).await.map(|mut accounts| accounts.pop())
    }

    async fn fetch_accounts(
        &self,
        statement: &'static Statement,
        params: &[Param<'_>],
    ) -> Result<Vec<Account>> {
        let mut accounts = Vec::new();
        self.for_each(statement, params, &mut |row| collect_accounts(&mut accounts, row)).await?;
        Ok(accounts)
    }
}

impl Work {
    /// Adds a user. Breaks [`Constraint::ExternalId`](crate::Constraint::ExternalId).
    pub fn insert_user(&mut self, user: &User) {
        let backup_code_hashes = self.json(&user.backup_code_hashes);
        self.one_here(
            &INSERT_USER,
            params![
                &user.id,
                user.external_id.as_ref(),
                user.first_name.as_ref(),
                user.last_name.as_ref(),
                user.locale.as_ref(),
                user.primary_email_address_id.as_ref(),
                user.primary_phone_number_id.as_ref(),
                user.primary_web3_wallet_id.as_ref(),
                user.password_digest.as_ref().map(PasswordDigest::as_str),
                user.password_updated_at,
                &user.public_metadata,
                &user.private_metadata,
                &user.unsafe_metadata,
                user.banned,
                user.locked_until,
                user.failed_attempts,
                user.last_sign_in_at,
                user.last_active_at,
                user.legal_accepted_at,
                user.delete_self_enabled,
                user.create_organization_enabled,
                user.create_organizations_limit,
                user.created_at,
                user.updated_at,
                user.version,
                &name_search(user),
                &user.id.as_str().to_lowercase(),
                user.password_compromised,
                user.totp_sealed.as_ref(),
                &backup_code_hashes,
                user.profile_image_id.as_ref(),
                user.totp_last_step,
                user.mfa_enabled_at,
                user.mfa_disabled_at,
                user.bypass_client_trust,
            ],
        );
    }

    /// Saves everything about a user that can change. Stale if the user's `version` has moved; breaks
    /// [`Constraint::ExternalId`](crate::Constraint::ExternalId).
    pub fn save_user(&mut self, user: &User) {
        let backup_code_hashes = self.json(&user.backup_code_hashes);
        self.one_here(
            &SAVE_USER,
            params![
                &user.id,
                user.version,
                user.external_id.as_ref(),
                user.first_name.as_ref(),
                user.last_name.as_ref(),
                user.locale.as_ref(),
                user.primary_email_address_id.as_ref(),
                user.primary_phone_number_id.as_ref(),
                user.primary_web3_wallet_id.as_ref(),
                user.password_digest.as_ref().map(PasswordDigest::as_str),
                user.password_updated_at,
                &user.public_metadata,
                &user.private_metadata,
                &user.unsafe_metadata,
                user.banned,
                user.locked_until,
                user.failed_attempts,
                user.last_sign_in_at,
                user.last_active_at,
                user.legal_accepted_at,
                user.delete_self_enabled,
                user.create_organization_enabled,
                user.create_organizations_limit,
                user.created_at,
                user.updated_at,
                &name_search(user),
                user.password_compromised,
                user.totp_sealed.as_ref(),
                &backup_code_hashes,
                user.profile_image_id.as_ref(),
                user.totp_last_step,
                user.mfa_enabled_at,
                user.mfa_disabled_at,
                user.bypass_client_trust,
            ],
        );
    }

    /// Deletes a user, and with them their picture, identifications, sessions, sign-in tokens and memberships.
    pub fn delete_user(&mut self, id: &UserId) {
        self.any_here(&DELETE_IMAGE_OF_USER, params![id]);
        self.one_here(&DELETE_USER, params![id]);
    }
}

/// First and last name in lower case, as partial matches look for them.
fn name_search(user: &User) -> String {
    let names = [user.first_name.as_deref(), user.last_name.as_deref()];
    names.into_iter().flatten().collect::<Vec<_>>().join(" ").to_lowercase()
}
