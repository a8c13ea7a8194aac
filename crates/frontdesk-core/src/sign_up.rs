//! Signing up: collecting what the instance wants, proving the address, becoming a user.
//!
//! ```mermaid
//! stateDiagram-v2
//!     [*] --> MissingRequirements
//!     MissingRequirements --> MissingRequirements: give fields, send code, try code
//!     MissingRequirements --> Complete: nothing missing, nothing unproven
//!     MissingRequirements --> Abandoned: time is over
//! ```

use frontdesk_types::{ClientId, EmailAddress, SessionId, SignUpId, Span, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::metadata::Metadata;
use crate::settings::{Attributes, Limits, Wanted};
use crate::user::PasswordDigest;
use crate::verification::{Challenge, Verdict};

/// One attempt to sign up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignUp {
    /// Its id; stays the same through the whole attempt.
    pub id: SignUpId,
    /// The client it happens on.
    pub client_id: ClientId,
    /// What was given and proven so far.
    pub state: SignUpState,
    /// When it counts as abandoned.
    pub abandon_at: Timestamp,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Counts the changes; guards against lost updates.
    pub version: i64,
}

/// What a sign-up has collected. Kept as one JSON text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignUpState {
    /// The address that was given.
    pub email_address: Option<EmailAddress>,
    /// The code that was sent to it last.
    pub email_challenge: Option<Challenge>,
    /// Whether the address was proven.
    pub email_verified: bool,
    /// The digest of the password that was given.
    pub password_digest: Option<String>,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// Metadata for the user to be.
    pub unsafe_metadata: Metadata,
    /// The browser's language.
    pub locale: Option<String>,
    /// When the terms were accepted.
    pub legal_accepted_at: Option<Timestamp>,
    /// The id of the user to be in the application's own database, as its server said.
    #[serde(default)]
    pub external_id: Option<String>,
    /// What the application's server noted: that it has done its own part.
    #[serde(default)]
    pub custom_action: bool,
    /// The user and session it made.
    pub outcome: Option<Outcome>,
}

impl SignUpState {
    /// Whether a password was given.
    pub fn has_password(&self) -> bool {
        self.password_digest.is_some() || self.outcome.as_ref().is_some_and(|outcome| outcome.has_password)
    }
}

/// What a finished sign-up made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// The user.
    pub user_id: UserId,
    /// Their first session.
    pub session_id: SessionId,
    /// Whether a password was given. The digest itself moved on to the user.
    #[serde(default)]
    pub has_password: bool,
}

/// Why a sign-up does not move on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It has come to its end, or its time is over.
    #[error("the sign-up is over")]
    Over,
    /// No address was given.
    #[error("the sign-up has no address yet")]
    NoAddress,
    /// The address was proven already.
    #[error("the address is already verified")]
    AlreadyVerified,
    /// No code was sent.
    #[error("no code was sent for this sign-up")]
    NotPrepared,
    /// The last code was sent too recently.
    #[error("a code was sent moments ago")]
    TooSoon {
        /// How long to wait.
        retry_after: Span,
    },
}

/// How a sign-up stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignUpStatus {
    /// Something is missing or unproven.
    MissingRequirements,
    /// It made a user.
    Complete,
    /// Its time is over.
    Abandoned,
}

impl SignUpStatus {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MissingRequirements => "missing_requirements",
            Self::Complete => "complete",
            Self::Abandoned => "abandoned",
        }
    }
}

impl SignUp {
    /// A sign-up that knows nothing yet.
    pub fn begin(id: SignUpId, client_id: ClientId, limits: &Limits, now: Timestamp) -> Self {
        Self {
            id,
            client_id,
            state: SignUpState::default(),
            abandon_at: now + limits.attempt_lifetime,
            created_at: now,
            updated_at: now,
            version: 1,
        }
    }

    /// How it stands at this time.
    pub fn status(&self, now: Timestamp) -> SignUpStatus {
        if self.state.outcome.is_some() {
            SignUpStatus::Complete
        } else if now >= self.abandon_at {
            SignUpStatus::Abandoned
        } else {
            SignUpStatus::MissingRequirements
        }
    }

    /// Gives another address, or none. What was proven about the old one is forgotten.
    pub fn set_email_address(&mut self, address: Option<EmailAddress>) {
        if self.state.email_address != address {
            self.state.email_address = address;
            self.state.email_challenge = None;
            self.state.email_verified = false;
        }
    }

    /// Refuses to change a sign-up that made its user, or that nobody came back to.
    pub fn open(&self, now: Timestamp) -> Result<(), Refusal> {
        match self.status(now) {
            SignUpStatus::MissingRequirements => Ok(()),
            SignUpStatus::Complete | SignUpStatus::Abandoned => Err(Refusal::Over),
        }
    }

    /// Keeps the code that is about to be sent to the address.
    pub fn send_code(&mut self, next: Challenge, interval: Span, now: Timestamp) -> Result<(), Refusal> {
        self.open(now)?;
        if self.state.email_address.is_none() {
            return Err(Refusal::NoAddress);
        }
        if self.state.email_verified {
            return Err(Refusal::AlreadyVerified);
        }
        let last = self.state.email_challenge.as_ref();
        if let Some(retry_after) = last.and_then(|last| last.wait_before_next(interval, now)) {
            return Err(Refusal::TooSoon { retry_after });
        }
        self.state.email_challenge = Some(next);
        self.updated_at = now;
        Ok(())
    }

    /// Judges a try at the code that was sent last. Every try is counted, so the sign-up must be saved whatever the
    /// verdict says.
    pub fn try_code(&mut self, matches: bool, now: Timestamp) -> Result<Verdict, Refusal> {
        self.open(now)?;
        if self.state.email_verified {
            return Err(Refusal::AlreadyVerified);
        }
        let challenge = self.state.email_challenge.as_mut().ok_or(Refusal::NotPrepared)?;
        let verdict = challenge.judge(matches, now);
        self.state.email_verified = verdict == Verdict::Proven;
        self.updated_at = now;
        Ok(verdict)
    }

    /// Ends the sign-up: this user and session were made from it. Gives the password's digest away to the user.
    pub fn complete(
        &mut self,
        user_id: UserId,
        session_id: SessionId,
        now: Timestamp,
    ) -> Option<PasswordDigest> {
        let digest = self.state.password_digest.take();
        self.state.outcome = Some(Outcome { user_id, session_id, has_password: digest.is_some() });
        self.updated_at = now;
        digest.map(PasswordDigest::new)
    }

    /// The required attributes that were not given, by their names on the wire.
    pub fn missing_fields(&self, attributes: &Attributes) -> Vec<&'static str> {
        FIELDS
            .iter()
            .filter(|field| (field.wanted)(attributes) == Wanted::Required && !(field.given)(&self.state))
            .map(|field| field.name)
            .collect()
    }

    /// The attributes that were given but must still be proven.
    pub fn unverified_fields(&self) -> Vec<&'static str> {
        if self.state.email_address.is_some() && !self.state.email_verified {
            vec!["email_address"]
        } else {
            Vec::new()
        }
    }

    /// Whether nothing is missing and nothing unproven: the user can be made.
    pub fn is_ready(&self, attributes: &Attributes) -> bool {
        self.state.outcome.is_none()
            && self.missing_fields(attributes).is_empty()
            && self.unverified_fields().is_empty()
    }
}

/// The names of the attributes that stand so in the settings, in wire order.
pub fn fields_wanted(attributes: &Attributes, wanted: Wanted) -> Vec<&'static str> {
    FIELDS.iter().filter(|field| (field.wanted)(attributes) == wanted).map(|field| field.name).collect()
}

struct Field {
    name: &'static str,
    wanted: fn(&Attributes) -> Wanted,
    given: fn(&SignUpState) -> bool,
}

const FIELDS: &[Field] = &[
    Field { name: "email_address", wanted: |it| it.email_address, given: |it| it.email_address.is_some() },
    Field { name: "password", wanted: |it| it.password, given: SignUpState::has_password },
    Field { name: "first_name", wanted: |it| it.first_name, given: |it| it.first_name.is_some() },
    Field { name: "last_name", wanted: |it| it.last_name, given: |it| it.last_name.is_some() },
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_000);

    fn sign_up() -> SignUp {
        SignUp::begin("sua_1".parse().unwrap(), "client_1".parse().unwrap(), &Limits::default(), NOW)
    }

    fn code(now: Timestamp) -> Challenge {
        Challenge::sent("email_code", None, "00".to_owned(), &Limits::default(), now)
    }

    #[test]
    fn a_sign_up_is_ready_when_nothing_is_missing_or_unproven() {
        let attributes = Attributes::default();
        let mut sign_up = sign_up();
        assert_eq!(sign_up.missing_fields(&attributes), ["email_address", "password"]);
        sign_up.set_email_address(Some("ada@example.com".parse().unwrap()));
        sign_up.state.password_digest = Some("digest".to_owned());
        assert_eq!(sign_up.unverified_fields(), ["email_address"]);
        assert!(!sign_up.is_ready(&attributes));
        sign_up.send_code(code(NOW), Span::seconds(30), NOW).unwrap();
        assert_eq!(sign_up.try_code(true, NOW), Ok(Verdict::Proven));
        assert!(sign_up.is_ready(&attributes));
        sign_up.set_email_address(Some("augusta@example.com".parse().unwrap()));
        assert!(!sign_up.is_ready(&attributes), "a proof does not carry over to another address");
        assert_eq!(sign_up.try_code(true, NOW), Err(Refusal::NotPrepared));
    }

    #[test]
    fn a_sign_up_completes_once_and_gives_its_password_away() {
        let mut sign_up = sign_up();
        sign_up.state.password_digest = Some("digest".to_owned());
        let digest = sign_up.complete("user_1".parse().unwrap(), "sess_1".parse().unwrap(), NOW);
        assert_eq!(digest.unwrap().as_str(), "digest");
        assert!(sign_up.state.password_digest.is_none() && sign_up.state.has_password());
        assert_eq!(sign_up.status(NOW), SignUpStatus::Complete);
        assert_eq!(sign_up.send_code(code(NOW), Span::default(), NOW), Err(Refusal::Over));
        assert_eq!(sign_up.try_code(true, NOW), Err(Refusal::Over));
    }

    #[test]
    fn a_sign_up_that_nobody_comes_back_to_is_over() {
        let mut sign_up = sign_up();
        sign_up.set_email_address(Some("ada@example.com".parse().unwrap()));
        let late = sign_up.abandon_at;
        assert_eq!(sign_up.status(late - Span::millis(1)), SignUpStatus::MissingRequirements);
        assert_eq!(sign_up.send_code(code(late), Span::default(), late), Err(Refusal::Over));
    }

    #[derive(Clone, Copy, Debug)]
    enum Step {
        Address(bool),
        Send,
        TryRight,
        TryWrong,
    }

    proptest! {
        #[test]
        fn only_a_right_try_at_a_code_proves_an_address(
            steps in prop::collection::vec(
                prop_oneof![any::<bool>().prop_map(Step::Address), Just(Step::Send), Just(Step::TryRight), Just(Step::TryWrong)],
                0..30,
            )
        ) {
            let mut sign_up = sign_up();
            for step in steps {
                let (before, address) = (sign_up.state.email_verified, sign_up.state.email_address.clone());
                match step {
                    Step::Address(first) => sign_up.set_email_address(
                        Some(if first { "ada@example.com" } else { "augusta@example.com" }.parse().unwrap()),
                    ),
                    Step::Send => drop(sign_up.send_code(code(NOW), Span::default(), NOW)),
                    Step::TryRight => drop(sign_up.try_code(true, NOW)),
                    Step::TryWrong => drop(sign_up.try_code(false, NOW)),
                }
                if sign_up.state.email_verified {
                    prop_assert_eq!(&sign_up.state.email_address, &address);
                    prop_assert!(before || matches!(step, Step::TryRight), "proven by {:?}", step);
                }
            }
        }
    }
}
