//! Everything that is kept encrypted under the master key, as bare rows: for sealing it anew under another key.

use frontdesk_types::InstanceId;

use crate::row::{FromRow, Row};
use crate::statement::{Statement, statements};
use crate::value::Param;
use crate::work::Work;
use crate::{Result, Store};

statements! {
    SEALED_SIGNING_KEYS = "SELECT kid AS text_id, sealed AS sealed FROM signing_keys
                            WHERE instance_id = ?1 AND kid > ?2 ORDER BY kid LIMIT ?3";
    SEALED_SECRET_KEYS = "SELECT hash AS bytes_id, sealed AS sealed FROM secret_keys
                           WHERE instance_id = ?1 AND hash > ?2 ORDER BY hash LIMIT ?3";
    SEALED_TEMPLATE_KEYS = "SELECT id AS text_id, sealed_signing_key AS sealed FROM jwt_templates
                             WHERE instance_id = ?1 AND id > ?2 AND sealed_signing_key IS NOT NULL
                             ORDER BY id LIMIT ?3";
    SEALED_TOTP_SECRETS = "SELECT id AS text_id, totp_sealed AS sealed FROM users
                            WHERE instance_id = ?1 AND id > ?2 AND totp_sealed IS NOT NULL ORDER BY id LIMIT ?3";
    SEALED_BACKUP_CODES = "SELECT id AS text_id, backup_code_hashes AS sealed_text FROM users
                            WHERE instance_id = ?1 AND id > ?2 AND backup_code_hashes <> '[]' ORDER BY id LIMIT ?3";
    SEALED_HANDSHAKES = "SELECT nonce_hash AS bytes_id, sealed AS sealed FROM handshake_payloads
                          WHERE instance_id = ?1 AND nonce_hash > ?2 ORDER BY nonce_hash LIMIT ?3";
    SEALED_MAILS = "SELECT id AS text_id, sealed AS sealed FROM mails
                     WHERE instance_id = ?1 AND id > ?2 AND sealed IS NOT NULL ORDER BY id LIMIT ?3";
    RESEAL_SIGNING_KEY = "UPDATE signing_keys SET sealed = ?4 WHERE instance_id = ?1 AND kid = ?2 AND sealed = ?3";
    RESEAL_SECRET_KEY = "UPDATE secret_keys SET sealed = ?4 WHERE instance_id = ?1 AND hash = ?2 AND sealed = ?3";
    RESEAL_TEMPLATE_KEY = "UPDATE jwt_templates SET sealed_signing_key = ?4
                            WHERE instance_id = ?1 AND id = ?2 AND sealed_signing_key = ?3";
    RESEAL_TOTP_SECRET = "UPDATE users SET totp_sealed = ?4
                           WHERE instance_id = ?1 AND id = ?2 AND totp_sealed = ?3";
    RESEAL_BACKUP_CODES = "UPDATE users SET backup_code_hashes = ?4
                            WHERE instance_id = ?1 AND id = ?2 AND backup_code_hashes = ?3";
    RESEAL_HANDSHAKE = "UPDATE handshake_payloads SET sealed = ?4
                         WHERE instance_id = ?1 AND nonce_hash = ?2 AND sealed = ?3";
    RESEAL_MAIL = "UPDATE mails SET sealed = ?4 WHERE instance_id = ?1 AND id = ?2 AND sealed = ?3";
}

/// What is kept sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SealedKind {
    /// The keys that sign tokens, and those that once did.
    SigningKey,
    /// The secret keys, for showing them again.
    SecretKey,
    /// The signing keys that JWT templates bring with them.
    TemplateKey,
    /// The secrets of authenticator applications.
    TotpSecret,
    /// The backup codes of a user: a JSON array, each sealed for itself in base64url (or a digest, which is not sealed).
    BackupCodes,
    /// What handshakes have set aside.
    Handshake,
    /// The words of mails that are on their way.
    Mail,
}

impl SealedKind {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::SigningKey,
        Self::SecretKey,
        Self::TemplateKey,
        Self::TotpSecret,
        Self::BackupCodes,
        Self::Handshake,
        Self::Mail,
    ];

    const fn select(self) -> &'static Statement {
        match self {
            Self::SigningKey => &SEALED_SIGNING_KEYS,
            Self::SecretKey => &SEALED_SECRET_KEYS,
            Self::TemplateKey => &SEALED_TEMPLATE_KEYS,
            Self::TotpSecret => &SEALED_TOTP_SECRETS,
            Self::BackupCodes => &SEALED_BACKUP_CODES,
            Self::Handshake => &SEALED_HANDSHAKES,
            Self::Mail => &SEALED_MAILS,
        }
    }

    const fn update(self) -> &'static Statement {
        match self {
            Self::SigningKey => &RESEAL_SIGNING_KEY,
            Self::SecretKey => &RESEAL_SECRET_KEY,
            Self::TemplateKey => &RESEAL_TEMPLATE_KEY,
            Self::TotpSecret => &RESEAL_TOTP_SECRET,
            Self::BackupCodes => &RESEAL_BACKUP_CODES,
            Self::Handshake => &RESEAL_HANDSHAKE,
            Self::Mail => &RESEAL_MAIL,
        }
    }

    const fn is_named_by_bytes(self) -> bool {
        matches!(self, Self::SecretKey | Self::Handshake)
    }
}

/// Something sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedRow {
    /// What names it among its kind.
    id: RowId,
    /// The ciphertext; of backup codes the bytes of their JSON.
    pub sealed: Vec<u8>,
}

/// What names a row: an id, or a hash.
#[derive(Clone, Debug, PartialEq, Eq)]
enum RowId {
    Text(String),
    Bytes(Vec<u8>),
}

impl RowId {
    fn as_param(&self) -> Param<'_> {
        match self {
            Self::Text(text) => text.into(),
            Self::Bytes(bytes) => bytes.into(),
        }
    }
}

struct ByText(SealedRow);
struct Texts(SealedRow);
struct ByBytes(SealedRow);

impl FromRow for ByText {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self(SealedRow { id: RowId::Text(row.get("text_id")?), sealed: row.get("sealed")? }))
    }
}

impl FromRow for Texts {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        let sealed = row.text("sealed_text")?.as_bytes().to_owned();
        Ok(Self(SealedRow { id: RowId::Text(row.get("text_id")?), sealed }))
    }
}

impl FromRow for ByBytes {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self(SealedRow { id: RowId::Bytes(row.get("bytes_id")?), sealed: row.get("sealed")? }))
    }
}

impl Store {
    /// Some sealed rows of a kind, those after the given one, in the order of what names them.
    pub async fn sealed_rows(
        &self,
        instance: &InstanceId,
        kind: SealedKind,
        after: Option<&SealedRow>,
        limit: u32,
    ) -> Result<Vec<SealedRow>> {
        let first =
            if kind.is_named_by_bytes() { RowId::Bytes(Vec::new()) } else { RowId::Text(String::new()) };
        let after = after.map_or(&first, |row| &row.id).as_param();
        let (statement, params) = (kind.select(), &[instance.into(), after, limit.into()]);
        Ok(match kind {
            SealedKind::SecretKey | SealedKind::Handshake => {
                let rows: Vec<ByBytes> = self.fetch_all(statement, params).await?;
                rows.into_iter().map(|row| row.0).collect()
            }
            SealedKind::BackupCodes => {
                let rows: Vec<Texts> = self.fetch_all(statement, params).await?;
                rows.into_iter().map(|row| row.0).collect()
            }
            SealedKind::SigningKey | SealedKind::TemplateKey | SealedKind::TotpSecret | SealedKind::Mail => {
                let rows: Vec<ByText> = self.fetch_all(statement, params).await?;
                rows.into_iter().map(|row| row.0).collect()
            }
        })
    }
}

impl Work {
    /// Replaces the ciphertext of a row, unless the row is gone or has got another one meanwhile.
    pub fn reseal(&mut self, kind: SealedKind, row: &SealedRow, sealed: &[u8]) {
        let column = |bytes| match kind {
            SealedKind::BackupCodes => Param::Text(std::str::from_utf8(bytes).unwrap_or_default()),
            _ => Param::Blob(bytes),
        };
        self.any_here(kind.update(), &[row.id.as_param(), column(&row.sealed), column(sealed)]);
    }
}
