//! What people are identified by. Read with their owners, see `users.rs`.

use frontdesk_core::identification::{Identification, IdentificationKind};
use frontdesk_types::{IdentificationId, InstanceId, UserId};

use crate::row::{FromRow, Row};
use crate::statement::statements;
use crate::value::params;
use crate::work::Work;
use crate::{Result, Store};

/// The columns of an identification `i`, named so that they can stand beside those of its user.
macro_rules! identification_columns {
    () => {
        "i.id AS identification_id, i.user_id AS identification_user_id, i.kind AS identification_kind,
         i.value AS identification_value, i.verification AS identification_verification,
         i.challenge AS identification_challenge, i.created_at AS identification_created_at,
         i.updated_at AS identification_updated_at"
    };
}
pub(crate) use identification_columns;

statements! {
    IDENTIFICATION_OWNER = "SELECT i.user_id AS user_id FROM identifications i
                             WHERE i.instance_id = ?1 AND i.kind = ?2 AND i.value = ?3 AND i.claimed";
    INSERT_IDENTIFICATION = "INSERT INTO identifications
        (instance_id, id, user_id, kind, value, claimed, verification, created_at, updated_at, challenge)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    SAVE_IDENTIFICATION = "UPDATE identifications
        SET value = ?4, claimed = ?5, verification = ?6, updated_at = ?7, challenge = ?8
        WHERE instance_id = ?1 AND id = ?2 AND user_id = ?3";
    DELETE_IDENTIFICATION = "DELETE FROM identifications WHERE instance_id = ?1 AND id = ?2 AND user_id = ?3";
}

struct Owner(UserId);

impl FromRow for Owner {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        row.get("user_id").map(Self)
    }
}

impl FromRow for Identification {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get("identification_id")?,
            user_id: row.get("identification_user_id")?,
            kind: IdentificationKind::from_name(row.text("identification_kind")?)
                .ok_or_else(|| row.mismatch("identification_kind", "a kind of identification"))?,
            value: row.get("identification_value")?,
            verification: row.optional_json("identification_verification")?,
            challenge: row.optional_json("identification_challenge")?,
            created_at: row.get("identification_created_at")?,
            updated_at: row.get("identification_updated_at")?,
        })
    }
}

impl Store {
    /// Who has claimed this value. `value` is in canonical form: a lower-case address, a number in E.164.
    pub async fn identification_owner(
        &self,
        instance: &InstanceId,
        kind: IdentificationKind,
        value: &str,
    ) -> Result<Option<UserId>> {
        let found: Option<Owner> =
            self.fetch_optional(&IDENTIFICATION_OWNER, params![instance, kind.as_str(), value]).await?;
        Ok(found.map(|owner| owner.0))
    }
}

impl Work {
    /// Adds an identification. Breaks [`Constraint::Identification`](crate::Constraint::Identification) if it is
    /// claimed and somebody else has claimed its value.
    pub fn insert_identification(&mut self, identification: &Identification) {
        let verification = identification.verification.as_ref().map(|verification| self.json(verification));
        let challenge = identification.challenge.as_ref().map(|challenge| self.json(challenge));
        self.one_here(
            &INSERT_IDENTIFICATION,
            params![
                &identification.id,
                &identification.user_id,
                identification.kind.as_str(),
                &identification.value,
                identification.is_claimed(),
                verification.as_ref(),
                identification.created_at,
                identification.updated_at,
                challenge.as_ref(),
            ],
        )
        .claims = Some(identification.kind);
    }

    /// Saves value, verification and challenge of an identification. Breaks the same rule as
    /// [`Work::insert_identification`].
    pub fn save_identification(&mut self, identification: &Identification) {
        let verification = identification.verification.as_ref().map(|verification| self.json(verification));
        let challenge = identification.challenge.as_ref().map(|challenge| self.json(challenge));
        self.one_here(
            &SAVE_IDENTIFICATION,
            params![
                &identification.id,
                &identification.user_id,
                &identification.value,
                identification.is_claimed(),
                verification.as_ref(),
                identification.updated_at,
                challenge.as_ref(),
            ],
        )
        .claims = Some(identification.kind);
    }

    /// Takes an identification away.
    pub fn delete_identification(&mut self, user: &UserId, id: &IdentificationId) {
        self.one_here(&DELETE_IDENTIFICATION, params![id, user]);
    }
}
