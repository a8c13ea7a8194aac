//! People.

use frontdesk_types::{IdentificationId, ImageId, Timestamp, UserId};

use crate::identification::{Identification, IdentificationKind};
use crate::metadata::Metadata;
use crate::settings::{Attributes, Limits, Wanted};

/// One person of one instance, without what identifies them; see [`Account`].
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own in the contract")]
#[derive(Clone, Debug, PartialEq)]
pub struct User {
    /// Their id.
    pub id: UserId,
    /// Their id in the application's own database; unique in the instance.
    pub external_id: Option<String>,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// Preferred language, BCP 47.
    pub locale: Option<String>,
    /// The e-mail address they are written to.
    pub primary_email_address_id: Option<IdentificationId>,
    /// The phone number they are called at.
    pub primary_phone_number_id: Option<IdentificationId>,
    /// Their main wallet.
    pub primary_web3_wallet_id: Option<IdentificationId>,
    /// The digest of their password, in PHC string format (or a bcrypt digest as imported).
    pub password_digest: Option<PasswordDigest>,
    /// When the password was last set.
    pub password_updated_at: Option<Timestamp>,
    /// Whether the password is known to others: signing in then asks for a new one.
    pub password_compromised: bool,
    /// The secret of their authenticator app, sealed under the master key; `None` if they have none.
    pub totp_sealed: Option<Vec<u8>>,
    /// The time step of the last code of that app that was taken: no code works twice.
    pub totp_last_step: Option<i64>,
    /// When a second factor was last switched on: before, there was none.
    pub mfa_enabled_at: Option<Timestamp>,
    /// When the last second factor was taken away.
    pub mfa_disabled_at: Option<Timestamp>,
    /// The backup codes that were not used yet: hashes sealed under the master key, or bcrypt digests as imported.
    pub backup_code_hashes: Vec<String>,
    /// Their profile image, if they gave one.
    pub profile_image_id: Option<ImageId>,
    /// Readable by everybody who can read the user, writable by the Backend API.
    pub public_metadata: Metadata,
    /// Readable and writable by the Backend API alone.
    pub private_metadata: Metadata,
    /// Readable and writable by the user too.
    pub unsafe_metadata: Metadata,
    /// Whether they are kept out.
    pub banned: bool,
    /// Until when sign-in is refused after too many failures.
    pub locked_until: Option<Timestamp>,
    /// Failed password attempts since the last success.
    pub failed_attempts: u32,
    /// Whether a browser that is new to them needs no further proof.
    pub bypass_client_trust: bool,
    /// When they last signed in.
    pub last_sign_in_at: Option<Timestamp>,
    /// When they were last seen.
    pub last_active_at: Option<Timestamp>,
    /// When they agreed to the terms.
    pub legal_accepted_at: Option<Timestamp>,
    /// Whether they may delete themselves.
    pub delete_self_enabled: bool,
    /// Whether they may create organizations.
    pub create_organization_enabled: bool,
    /// How many organizations they may create; `None` means no limit.
    pub create_organizations_limit: Option<u32>,
    /// When they signed up.
    pub created_at: Timestamp,
    /// When they were last changed.
    pub updated_at: Timestamp,
    /// Counts the changes; guards against lost updates.
    pub version: i64,
}

impl User {
    /// A user about whom nothing is known yet.
    pub fn new(id: UserId, now: Timestamp) -> Self {
        Self {
            id,
            external_id: None,
            first_name: None,
            last_name: None,
            locale: None,
            primary_email_address_id: None,
            primary_phone_number_id: None,
            primary_web3_wallet_id: None,
            password_digest: None,
            password_updated_at: None,
            password_compromised: false,
            totp_sealed: None,
            totp_last_step: None,
            mfa_enabled_at: None,
            mfa_disabled_at: None,
            backup_code_hashes: Vec::new(),
            profile_image_id: None,
            public_metadata: Metadata::default(),
            private_metadata: Metadata::default(),
            unsafe_metadata: Metadata::default(),
            banned: false,
            locked_until: None,
            failed_attempts: 0,
            bypass_client_trust: false,
            last_sign_in_at: None,
            last_active_at: None,
            legal_accepted_at: None,
            delete_self_enabled: true,
            create_organization_enabled: true,
            create_organizations_limit: None,
            created_at: now,
            updated_at: now,
            version: 1,
        }
    }

    /// Whether sign-in is refused at this time after too many failures.
    pub fn is_locked(&self, now: Timestamp) -> bool {
        self.locked_until.is_some_and(|until| now < until)
    }

    /// Whether sign-in asks for a second factor. Backup codes alone are none: they stand in for one that is lost.
    pub fn has_second_factor(&self) -> bool {
        self.totp_sealed.is_some()
    }

    /// Gives them a new password, or takes theirs away. Whatever was known about the old one counts no longer.
    pub fn set_password(&mut self, digest: Option<PasswordDigest>, now: Timestamp) {
        self.password_updated_at = digest.as_ref().map(|_| now);
        self.password_digest = digest;
        self.password_compromised = false;
    }

    /// Takes their authenticator app away.
    pub fn remove_totp(&mut self, now: Timestamp) {
        let had = self.has_second_factor();
        self.totp_sealed = None;
        self.totp_last_step = None;
        self.note_second_factor(had, now);
    }

    /// Notes when a second factor was switched on, or the last one off. `had` tells whether there was one before.
    pub fn note_second_factor(&mut self, had: bool, now: Timestamp) {
        match (had, self.has_second_factor()) {
            (false, true) => self.mfa_enabled_at = Some(now),
            (true, false) => self.mfa_disabled_at = Some(now),
            _ => {}
        }
    }

    /// Locks them out for as long as too many failures would.
    pub fn lock(&mut self, limits: &Limits, now: Timestamp) {
        self.locked_until = Some(now + limits.lockout_lifetime);
    }

    /// How many failures they have left before they are locked out, as of now: none while they are.
    pub fn attempts_remaining(&self, limits: &Limits, now: Timestamp) -> u32 {
        match self.locked_until {
            Some(until) if now < until => 0,
            Some(_) => limits.lockout_tries,
            None => limits.lockout_tries.saturating_sub(self.failed_attempts),
        }
    }

    /// Counts a wrong password or code, and locks the account after too many. A lock that has run out gives a fresh
    /// count.
    pub fn count_failure(&mut self, limits: &Limits, now: Timestamp) {
        if self.locked_until.is_some_and(|until| until <= now) {
            self.forget_failures();
        }
        self.failed_attempts = self.failed_attempts.saturating_add(1);
        if self.failed_attempts >= limits.lockout_tries && self.locked_until.is_none() {
            self.locked_until = Some(now + limits.lockout_lifetime);
        }
    }

    /// Starts counting failures anew: the person has proven who they are, or somebody unlocked them.
    pub fn forget_failures(&mut self) {
        self.failed_attempts = 0;
        self.locked_until = None;
    }
}

/// The digest of a password. Shows nothing in `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordDigest(String);

impl PasswordDigest {
    /// A digest in PHC string format, or a bcrypt digest.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The digest as text, for the store and the verifier.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for PasswordDigest {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("PasswordDigest(…)")
    }
}

/// Why an identification cannot be taken from a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RemovalRefusal {
    /// Nothing else identifies them.
    #[error("nothing else identifies the person")]
    Last,
    /// The instance wants everybody to have one of this kind.
    #[error("the instance wants everybody to have one of this kind")]
    LastRequired(IdentificationKind),
}

/// A whole person: the user and everything that identifies them, oldest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    /// The user.
    pub user: User,
    /// E-mail addresses, phone numbers, username ….
    pub identifications: Vec<Identification>,
}

impl Account {
    /// The identifications of one kind, oldest first.
    pub fn of_kind(&self, kind: IdentificationKind) -> impl Iterator<Item = &Identification> {
        self.identifications.iter().filter(move |identification| identification.kind == kind)
    }

    /// One identification by id.
    pub fn identification(&self, id: &IdentificationId) -> Option<&Identification> {
        self.identifications.iter().find(|identification| identification.id == *id)
    }

    /// Whether they can do without this identification: something that is theirs for sure must be left, and one of each
    /// kind that the instance requires. What is not proven yet can always go.
    pub fn can_lose(&self, id: &IdentificationId, attributes: &Attributes) -> Result<(), RemovalRefusal> {
        let Some(lost) = self.identification(id).filter(|it| it.is_claimed()) else { return Ok(()) };
        let mut left = self.identifications.iter().filter(|it| it.id != *id && it.is_claimed());
        let required = match lost.kind {
            IdentificationKind::EmailAddress => attributes.email_address == Wanted::Required,
            IdentificationKind::Username => attributes.username == Wanted::Required,
            _ => false,
        };
        if left.clone().next().is_none() {
            return Err(RemovalRefusal::Last);
        }
        if required && !left.any(|it| it.kind == lost.kind) {
            return Err(RemovalRefusal::LastRequired(lost.kind));
        }
        Ok(())
    }

    /// Puts a changed identification in the place of the one with its id.
    pub fn replace(&mut self, changed: Identification) {
        if let Some(known) = self.identifications.iter_mut().find(|known| known.id == changed.id) {
            *known = changed;
        }
    }

    /// Takes an identification from them. If it was their primary address, the oldest proven one takes its place.
    pub fn lose(&mut self, id: &IdentificationId) {
        self.identifications.retain(|it| it.id != *id);
        if self.user.primary_email_address_id.as_ref() == Some(id) {
            let next = self.of_kind(IdentificationKind::EmailAddress).find(|it| it.is_verified());
            self.user.primary_email_address_id = next.map(|it| it.id.clone());
        }
    }

    /// The e-mail address they are written to.
    pub fn primary_email_address(&self) -> Option<&Identification> {
        self.identification(self.user.primary_email_address_id.as_ref()?)
    }

    /// Their username.
    pub fn username(&self) -> Option<&str> {
        self.of_kind(IdentificationKind::Username).next().map(|identification| identification.value.as_str())
    }

    /// What to call them by where one line is wanted: primary e-mail address, username, or nothing.
    pub fn identifier(&self) -> Option<&str> {
        self.primary_email_address().map(|email| email.value.as_str()).or_else(|| self.username())
    }
}

#[cfg(test)]
mod tests {
    use frontdesk_types::Span;

    use super::*;

    #[test]
    fn too_many_failures_lock_for_a_while() {
        let (limits, now) = (Limits::default(), Timestamp::from_secs(1_000));
        let mut user = User::new("user_1".parse().unwrap(), now);
        for _ in 1..limits.lockout_tries {
            user.count_failure(&limits, now);
        }
        assert!(!user.is_locked(now));
        user.count_failure(&limits, now);
        let until = now + limits.lockout_lifetime;
        assert!(user.is_locked(until - Span::millis(1)) && !user.is_locked(until));

        user.count_failure(&limits, now);
        assert_eq!(user.locked_until, Some(until), "tries while locked do not prolong the lock");
        user.count_failure(&limits, until);
        assert_eq!((user.failed_attempts, user.locked_until), (1, None));
    }

    #[test]
    fn success_forgets_failures() {
        let (limits, now) = (Limits::default(), Timestamp::from_secs(1_000));
        let mut user = User::new("user_1".parse().unwrap(), now);
        user.count_failure(&limits, now);
        user.forget_failures();
        assert_eq!((user.failed_attempts, user.is_locked(now)), (0, false));
    }

    fn known_by(kinds: &[(IdentificationKind, &str)]) -> Account {
        let now = Timestamp::from_secs(1_000);
        let mut user = User::new("user_1".parse().unwrap(), now);
        let address = "ada@example.com".parse().unwrap();
        let identifications: Vec<_> = kinds
            .iter()
            .map(|(kind, id)| Identification {
                kind: *kind,
                ..Identification::email(id.parse().unwrap(), user.id.clone(), &address, now)
            })
            .collect();
        user.primary_email_address_id = identifications.first().map(|it| it.id.clone());
        Account { user, identifications }
    }

    #[test]
    fn something_must_always_be_left() {
        let (email, name) = (IdentificationKind::EmailAddress, IdentificationKind::Username);
        let ids = |id: &str| id.parse::<IdentificationId>().unwrap();
        let strict = Attributes::default();
        let lenient = Attributes { email_address: Wanted::Optional, ..strict };
        let one = known_by(&[(email, "idn_1")]);
        assert_eq!(one.can_lose(&ids("idn_1"), &lenient), Err(RemovalRefusal::Last));
        assert_eq!(one.can_lose(&ids("idn_9"), &lenient), Ok(()));
        let mut two = known_by(&[(email, "idn_1"), (name, "idn_2")]);
        assert_eq!(two.can_lose(&ids("idn_1"), &strict), Err(RemovalRefusal::LastRequired(email)));
        assert_eq!(two.can_lose(&ids("idn_1"), &lenient), Ok(()));
        assert_eq!(two.can_lose(&ids("idn_2"), &strict), Ok(()));
        // What is not proven yet counts for nothing, and can go.
        two.identifications[1] = two.identifications[1].clone().to_be_proven("email_code");
        assert_eq!(two.can_lose(&ids("idn_1"), &lenient), Err(RemovalRefusal::Last));
        assert_eq!(two.can_lose(&ids("idn_2"), &strict), Ok(()));
    }

    #[test]
    fn the_oldest_proven_address_succeeds_the_primary_one() {
        let email = IdentificationKind::EmailAddress;
        let mut account = known_by(&[(email, "idn_1"), (email, "idn_2"), (email, "idn_3")]);
        account.identifications[2] = account.identifications[2].clone().to_be_proven("admin");
        if let Some(verification) = &mut account.identifications[2].verification {
            verification.status = crate::identification::VerificationStatus::Verified;
        }
        account.lose(&"idn_1".parse().unwrap());
        assert_eq!(account.user.primary_email_address_id, Some("idn_3".parse().unwrap()));
        account.lose(&"idn_3".parse().unwrap());
        assert_eq!((account.user.primary_email_address_id, account.identifications.len()), (None, 1));
    }
}
