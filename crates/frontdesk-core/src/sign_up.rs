//! Signing up: collecting what the instance wants, proving the address, becoming a user.
//!
//! ```mermaid
//! stateDiagram-v2
//!     [*] --> MissingRequirements
//!     MissingRequirements --> MissingRequirements: give fields, send code, try code
//!     MissingRequirements --> Complete: nothing missing, nothing unproven, address free
//!     MissingRequirements --> Transferred: the proven address is somebody's, a sign-in takes over
//!     MissingRequirements --> Abandoned: time is over
//! ```

use frontdesk_types::{ClientId, EmailAddress, SessionId, SignUpId, Span, Timestamp, UserId, Username};
use serde::{Deserialize, Serialize};

use crate::metadata::Metadata;
use crate::settings::{Limits, Settings, Wanted};
use crate::user::PasswordDigest;
use crate::verification::{Challenge, Verdict, wait_after};

/// To how many addresses codes may be sent within the interval between two codes to one (docs/limits.md).
const MOST_ADDRESSES: usize = 5;

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
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own about the sign-up")]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SignUpState {
    /// The address that was given.
    pub email_address: Option<EmailAddress>,
    /// The code that was sent to it last.
    pub email_challenge: Option<Challenge>,
    /// Where codes were sent, and when, as far as that still delays the next one: giving another address and then the
    /// first one again does not shorten the wait.
    pub codes_sent: Vec<CodeSent>,
    /// Whether the address was proven.
    pub email_verified: bool,
    /// Whether the address turned out to be somebody's when it was proven: then no user comes of this, but a sign-in
    /// may take over.
    pub email_taken: bool,
    /// The username that was given.
    pub username: Option<Username>,
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
    /// Whether a sign-in took over what was proven here.
    pub transferred: bool,
}

impl SignUpState {
    /// Whether an address was given that is not known to be somebody's.
    fn has_address(&self) -> bool {
        self.email_address.is_some() && !self.email_taken
    }

    /// Whether a password was given.
    pub fn has_password(&self) -> bool {
        self.password_digest.is_some() || self.outcome.as_ref().is_some_and(|outcome| outcome.has_password)
    }
}

/// That a code was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeSent {
    /// Where.
    pub email_address: EmailAddress,
    /// When.
    pub sent_at: Timestamp,
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
    /// Something is missing or unproven.
    #[error("the sign-up is not complete")]
    Incomplete,
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
        } else if self.state.transferred || now >= self.abandon_at {
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
            self.state.email_taken = false;
        }
    }

    /// Begins with an address that a sign-in has proven: it was nobody's.
    pub fn take_over(&mut self, address: EmailAddress, proof: Challenge) {
        self.set_email_address(Some(address));
        self.state.email_verified = proof.proven;
        self.state.email_challenge = Some(proof);
    }

    /// Gives the proven address to a sign-in, once: it turned out to be somebody's.
    pub fn transfer(&mut self, now: Timestamp) -> Result<EmailAddress, Refusal> {
        self.open(now)?;
        let state = &mut self.state;
        match &state.email_address {
            Some(address) if state.email_verified && state.email_taken => {
                let address = address.clone();
                state.transferred = true;
                self.updated_at = now;
                Ok(address)
            }
            Some(_) => Err(Refusal::Incomplete),
            None => Err(Refusal::NoAddress),
        }
    }

    /// Refuses to change a sign-up that made its user, or that nobody came back to.
    pub fn open(&self, now: Timestamp) -> Result<(), Refusal> {
        match self.status(now) {
            SignUpStatus::MissingRequirements => Ok(()),
            SignUpStatus::Complete | SignUpStatus::Abandoned => Err(Refusal::Over),
        }
    }

    /// Keeps the code that is about to be sent to the address. Refuses a second one within the interval, also where
    /// another address was given in between, and codes to a sixth address.
    pub fn send_code(&mut self, next: Challenge, interval: Span, now: Timestamp) -> Result<(), Refusal> {
        self.open(now)?;
        let email_address = self.state.email_address.clone().ok_or(Refusal::NoAddress)?;
        if self.state.email_verified {
            return Err(Refusal::AlreadyVerified);
        }
        let sent = &mut self.state.codes_sent;
        sent.retain(|sent| wait_after(sent.sent_at, interval, now).is_some());
        let same = sent.iter().find(|sent| sent.email_address == email_address);
        let oldest = sent.first().filter(|_| sent.len() >= MOST_ADDRESSES);
        if let Some(retry_after) = same.or(oldest).and_then(|sent| wait_after(sent.sent_at, interval, now)) {
            return Err(Refusal::TooSoon { retry_after });
        }
        sent.push(CodeSent { email_address, sent_at: now });
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
    /// Refuses while something is missing or unproven.
    pub fn complete(
        &mut self,
        settings: &Settings,
        user_id: UserId,
        session_id: SessionId,
        now: Timestamp,
    ) -> Result<Option<PasswordDigest>, Refusal> {
        self.open(now)?;
        if !self.is_ready(settings) {
            return Err(Refusal::Incomplete);
        }
        let digest = self.state.password_digest.take();
        self.state.outcome = Some(Outcome { user_id, session_id, has_password: digest.is_some() });
        self.updated_at = now;
        Ok(digest.map(PasswordDigest::new))
    }

    /// What is wanted and was not given, by its names on the wire: what the instance requires, and whatever else it
    /// takes to sign in again one day (something to name oneself by, and something to prove it with).
    pub fn missing_fields(&self, settings: &Settings) -> Vec<&'static str> {
        let is_missing = |field: &&Field| match (field.wanted)(settings) {
            _ if (field.given)(&self.state) => false,
            Wanted::Required => true,
            Wanted::Optional => self.would_help(field.name, settings),
            Wanted::Off => false,
        };
        FIELDS.iter().filter(is_missing).map(|field| field.name).collect()
    }

    /// Whether an optional field is what is lacking for signing in again: an identifier, by address if the instance
    /// takes addresses, or the password of somebody without an address.
    fn would_help(&self, field: &str, settings: &Settings) -> bool {
        let state = &self.state;
        let attributes = &settings.attributes;
        match field {
            _ if state.has_address() || state.outcome.is_some() => false,
            "email_address" => {
                state.username.is_none() && attributes.username != Wanted::Required
                    || attributes.password == Wanted::Off
            }
            "username" => attributes.email_address == Wanted::Off,
            "password" => {
                attributes.email_address != Wanted::Required
                    && (state.username.is_some() || attributes.email_address == Wanted::Off)
            }
            _ => false,
        }
    }

    /// The attributes that were given but must still be proven.
    pub fn unverified_fields(&self) -> Vec<&'static str> {
        if self.state.email_address.is_some() && !self.state.email_verified {
            vec!["email_address"]
        } else {
            Vec::new()
        }
    }

    /// Whether nothing is missing and nothing unproven: the user can be made. Somebody who could never sign in again
    /// is not made, whatever the settings say.
    pub fn is_ready(&self, settings: &Settings) -> bool {
        let state = &self.state;
        let comes_back = state.email_address.is_some() || state.username.is_some() && state.has_password();
        state.outcome.is_none()
            && !state.transferred
            && !state.email_taken
            && comes_back
            && self.missing_fields(settings).is_empty()
            && self.unverified_fields().is_empty()
    }
}

/// The names of the fields that stand so in the settings, in wire order.
pub fn fields_wanted(settings: &Settings, wanted: Wanted) -> Vec<&'static str> {
    FIELDS.iter().filter(|field| (field.wanted)(settings) == wanted).map(|field| field.name).collect()
}

struct Field {
    name: &'static str,
    wanted: fn(&Settings) -> Wanted,
    given: fn(&SignUpState) -> bool,
}

const FIELDS: &[Field] = &[
    Field {
        name: "email_address",
        wanted: |it| it.attributes.email_address,
        given: SignUpState::has_address,
    },
    Field { name: "username", wanted: |it| it.attributes.username, given: |it| it.username.is_some() },
    Field { name: "password", wanted: |it| it.attributes.password, given: SignUpState::has_password },
    Field { name: "first_name", wanted: |it| it.attributes.first_name, given: |it| it.first_name.is_some() },
    Field { name: "last_name", wanted: |it| it.attributes.last_name, given: |it| it.last_name.is_some() },
    Field {
        name: "legal_accepted",
        wanted: |it| if it.sign_up.legal_consent { Wanted::Required } else { Wanted::Off },
        given: |it| it.legal_accepted_at.is_some(),
    },
];

#[cfg(test)]
mod tests;
