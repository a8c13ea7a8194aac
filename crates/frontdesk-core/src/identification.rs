//! What a person is identified by: one table for every kind (decision 2).

use frontdesk_types::{EmailAddress, IdentificationId, Timestamp, UserId, Username};
use serde::{Deserialize, Serialize};

/// Something that identifies a person. Unique by kind and value in its instance once it is claimed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identification {
    /// Its id.
    pub id: IdentificationId,
    /// Whose it is.
    pub user_id: UserId,
    /// What it is.
    pub kind: IdentificationKind,
    /// The value in canonical form: a lower-case address, a lower-case username, a number in E.164.
    pub value: String,
    /// How it was proven to be theirs, or how that stands; `None` if nothing was started.
    pub verification: Option<Verification>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Identification {
    /// An e-mail address that was never asked to prove itself.
    pub fn email(id: IdentificationId, user_id: UserId, address: &EmailAddress, now: Timestamp) -> Self {
        Self {
            id,
            user_id,
            kind: IdentificationKind::EmailAddress,
            value: address.as_str().to_owned(),
            verification: None,
            created_at: now,
            updated_at: now,
        }
    }

    /// A username. Nothing proves it: whoever comes first has it.
    pub fn username(id: IdentificationId, user_id: UserId, username: &Username, now: Timestamp) -> Self {
        Self {
            id,
            user_id,
            kind: IdentificationKind::Username,
            value: username.as_str().to_owned(),
            verification: None,
            created_at: now,
            updated_at: now,
        }
    }

    /// Whether it was proven to be theirs.
    pub fn is_verified(&self) -> bool {
        self.verification
            .as_ref()
            .is_some_and(|verification| verification.status == VerificationStatus::Verified)
    }

    /// Whether nobody else in the instance may have its value: it was proven, or given by somebody who need not prove
    /// it. While it still waits for its proof, others may try to prove the same value.
    pub fn is_claimed(&self) -> bool {
        self.verification.is_none() || self.is_verified()
    }
}

/// The kinds of identification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentificationKind {
    /// An e-mail address.
    EmailAddress,
    /// A phone number.
    PhoneNumber,
    /// A username.
    Username,
    /// A wallet.
    Web3Wallet,
    /// A passkey.
    Passkey,
    /// An account at another provider.
    ExternalAccount,
}

impl IdentificationKind {
    /// The name kept in the database and used on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EmailAddress => "email_address",
            Self::PhoneNumber => "phone_number",
            Self::Username => "username",
            Self::Web3Wallet => "web3_wallet",
            Self::Passkey => "passkey",
            Self::ExternalAccount => "external_account",
        }
    }

    /// The kind with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [
            Self::EmailAddress,
            Self::PhoneNumber,
            Self::Username,
            Self::Web3Wallet,
            Self::Passkey,
            Self::ExternalAccount,
        ]
        .into_iter()
        .find(|kind| kind.as_str() == name)
    }
}

/// How an identification was verified, as it is kept beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verification {
    /// How it stands.
    pub status: VerificationStatus,
    /// By which strategy: `email_code`, `ticket`, `admin` ….
    pub strategy: String,
    /// How often it was tried.
    pub attempts: Option<u32>,
    /// Until when it could be tried.
    pub expire_at: Option<Timestamp>,
}

/// How a verification stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VerificationStatus {
    /// Not yet proven.
    Unverified,
    /// Proven.
    Verified,
    /// Too late to prove it.
    Expired,
    /// Tried too often.
    Failed,
}
