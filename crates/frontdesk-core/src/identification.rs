//! What a person is identified by: one table for every kind (decision 2).

use frontdesk_types::{EmailAddress, IdentificationId, Span, Timestamp, UserId, Username};
use serde::{Deserialize, Serialize};

use crate::verification::{Challenge, Verdict};

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
    /// The code that was sent to it last, by its owner's wish, to prove it.
    pub challenge: Option<Challenge>,
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
            challenge: None,
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
            challenge: None,
            created_at: now,
            updated_at: now,
        }
    }

    /// The same, still to be proven: it is claimed by nobody until then.
    #[must_use]
    pub fn to_be_proven(mut self, strategy: &str) -> Self {
        self.verification = Some(Verification {
            status: VerificationStatus::Unverified,
            strategy: strategy.to_owned(),
            attempts: None,
            expire_at: None,
        });
        self
    }

    /// Keeps the code that is about to be sent to it. What was only reserved for its owner stays so meanwhile.
    pub fn send_code(&mut self, next: Challenge, interval: Span, now: Timestamp) -> Result<(), Refusal> {
        if self.is_verified() {
            return Err(Refusal::AlreadyVerified);
        }
        let last = self.challenge.as_ref();
        if let Some(retry_after) = last.and_then(|last| last.wait_before_next(interval, now)) {
            return Err(Refusal::TooSoon { retry_after });
        }
        if self.verification.is_some() {
            self.verification = Some(next.verification(now));
        }
        self.challenge = Some(next);
        self.updated_at = now;
        Ok(())
    }

    /// Judges a try at the code that was sent last. Every try is counted, so it must be saved whatever the verdict
    /// says.
    pub fn try_code(&mut self, matches: bool, now: Timestamp) -> Result<Verdict, Refusal> {
        if self.is_verified() {
            return Err(Refusal::AlreadyVerified);
        }
        let challenge = self.challenge.as_mut().ok_or(Refusal::NotPrepared)?;
        let verdict = challenge.judge(matches, now);
        let verification = challenge.verification(now);
        self.updated_at = now;
        if verdict == Verdict::Proven {
            self.verification = Some(verification);
            self.challenge = None;
        } else if self.verification.is_some() {
            self.verification = Some(verification);
        }
        Ok(verdict)
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

/// Why a code is neither sent nor tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is nothing left to prove.
    #[error("this was verified before")]
    AlreadyVerified,
    /// No code was sent.
    #[error("no code was sent")]
    NotPrepared,
    /// The last code was sent too recently.
    #[error("a code was sent moments ago")]
    TooSoon {
        /// How long to wait.
        retry_after: Span,
    },
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

impl Verification {
    /// Said by the Backend API, which need not prove it.
    pub fn by_admin() -> Self {
        Self {
            status: VerificationStatus::Verified,
            strategy: "admin".to_owned(),
            attempts: None,
            expire_at: None,
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Limits;

    const NOW: Timestamp = Timestamp::from_secs(1_000);

    fn reserved() -> Identification {
        let address = "ada@example.com".parse().unwrap();
        Identification::email("idn_1".parse().unwrap(), "user_1".parse().unwrap(), &address, NOW)
    }

    fn code() -> Challenge {
        Challenge::sent("email_code", None, "00".to_owned(), &Limits::default(), NOW)
    }

    #[test]
    fn what_is_to_be_proven_is_claimed_with_its_proof() {
        let interval = Limits::default().code_interval;
        let mut email = reserved().to_be_proven("email_code");
        assert!(!email.is_claimed());
        assert_eq!(email.try_code(true, NOW), Err(Refusal::NotPrepared));
        email.send_code(code(), interval, NOW).unwrap();
        assert_eq!(
            email.send_code(code(), interval, NOW + Span::seconds(1)),
            Err(Refusal::TooSoon { retry_after: Span::seconds(29) })
        );
        assert_eq!(email.try_code(false, NOW), Ok(Verdict::Wrong));
        assert_eq!(email.verification.as_ref().unwrap().attempts, Some(1));
        assert!(!email.is_claimed());
        assert_eq!(email.try_code(true, NOW), Ok(Verdict::Proven));
        assert!(email.is_verified() && email.is_claimed() && email.challenge.is_none());
        assert_eq!(email.try_code(true, NOW), Err(Refusal::AlreadyVerified));
        assert_eq!(email.send_code(code(), interval, NOW + Span::days(1)), Err(Refusal::AlreadyVerified));
    }

    #[test]
    fn what_is_reserved_stays_so_while_it_is_being_proven() {
        let mut email = reserved();
        email.send_code(code(), Span::seconds(30), NOW).unwrap();
        email.try_code(false, NOW).unwrap();
        assert!(email.is_claimed() && !email.is_verified());
        assert_eq!(email.try_code(true, NOW), Ok(Verdict::Proven));
        assert!(email.is_verified());
    }

    #[test]
    fn a_guessed_code_proves_nothing() {
        let mut email = reserved().to_be_proven("email_code");
        email.send_code(code(), Span::seconds(30), NOW).unwrap();
        for _ in 0..5 {
            assert_eq!(email.try_code(false, NOW), Ok(Verdict::Wrong));
        }
        assert_eq!(email.try_code(true, NOW), Ok(Verdict::Spent));
        assert_eq!(email.verification.as_ref().unwrap().status, VerificationStatus::Failed);
    }
}
