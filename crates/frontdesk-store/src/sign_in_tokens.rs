//! Sign-in tokens: kept by hash, redeemed once.

use frontdesk_core::sign_in_token::{SignInToken, SignInTokenStatus};
use frontdesk_types::{InstanceId, SignInTokenId};

use crate::row::{FromRow, Row};
use crate::statement::statements;
use crate::value::params;
use crate::work::Work;
use crate::{Result, Store};

macro_rules! columns {
    () => {
        "id, user_id, status, expires_at, created_at, updated_at, version"
    };
}

statements! {
    SIGN_IN_TOKEN_BY_ID = concat!("SELECT ", columns!(), " FROM sign_in_tokens WHERE instance_id = ?1 AND id = ?2");
    SIGN_IN_TOKEN_BY_HASH = concat!("SELECT ", columns!(), " FROM sign_in_tokens
                                      WHERE instance_id = ?1 AND token_hash = ?2");
    INSERT_SIGN_IN_TOKEN = concat!("INSERT INTO sign_in_tokens (instance_id, token_hash, ", columns!(), ")
                                    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
    SAVE_SIGN_IN_TOKEN = "UPDATE sign_in_tokens SET status = ?4, updated_at = ?5, version = version + 1
                           WHERE instance_id = ?1 AND id = ?2 AND version = ?3";
}

impl FromRow for SignInToken {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            user_id: row.get("user_id")?,
            status: SignInTokenStatus::from(row.text("status")?),
            expires_at: row.get("expires_at")?,
            created_at: row.get("created_at")?,
            updated_at: row.get("updated_at")?,
            version: row.get("version")?,
        })
    }
}

impl Store {
    /// The sign-in token with this id.
    pub async fn sign_in_token(
        &self,
        instance: &InstanceId,
        id: &SignInTokenId,
    ) -> Result<Option<SignInToken>> {
        self.fetch_optional(&SIGN_IN_TOKEN_BY_ID, params![instance, id]).await
    }

    /// The sign-in token whose text has this SHA-256.
    pub async fn sign_in_token_by_hash(
        &self,
        instance: &InstanceId,
        token_hash: &[u8],
    ) -> Result<Option<SignInToken>> {
        self.fetch_optional(&SIGN_IN_TOKEN_BY_HASH, params![instance, token_hash]).await
    }
}

impl Work {
    /// Adds a sign-in token whose text has this SHA-256. Stale if its user is gone.
    pub fn insert_sign_in_token(&mut self, token: &SignInToken, token_hash: &[u8]) {
        self.one_here(
            &INSERT_SIGN_IN_TOKEN,
            params![
                token_hash,
                &token.id,
                &token.user_id,
                token.status.as_str(),
                token.expires_at,
                token.created_at,
                token.updated_at,
                token.version,
            ],
        );
    }

    /// Saves whether a token can still be redeemed. Stale if its `version` has moved: it is redeemed once.
    pub fn save_sign_in_token(&mut self, token: &SignInToken) {
        self.one_here(
            &SAVE_SIGN_IN_TOKEN,
            params![&token.id, token.version, token.status.as_str(), token.updated_at],
        );
    }
}
