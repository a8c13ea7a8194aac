//! Signing up: collecting what the instance wants, proving the address, becoming a user.

use frontdesk_types::{ClientId, EmailAddress, SessionId, SignUpId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::metadata::Metadata;
use crate::settings::{Attributes, Limits, Wanted};
use crate::verification::Challenge;

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
    /// The user and session it made.
    pub outcome: Option<Outcome>,
}

/// What a finished sign-up made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// The user.
    pub user_id: UserId,
    /// Their first session.
    pub session_id: SessionId,
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

    /// Gives another address. What was proven about the old one is forgotten.
    pub fn set_email_address(&mut self, address: EmailAddress) {
        if self.state.email_address.as_ref() != Some(&address) {
            self.state.email_address = Some(address);
            self.state.email_challenge = None;
            self.state.email_verified = false;
        }
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
    Field { name: "password", wanted: |it| it.password, given: |it| it.password_digest.is_some() },
    Field { name: "first_name", wanted: |it| it.first_name, given: |it| it.first_name.is_some() },
    Field { name: "last_name", wanted: |it| it.last_name, given: |it| it.last_name.is_some() },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_up_is_ready_when_nothing_is_missing_or_unproven() {
        let attributes = Attributes::default();
        let now = Timestamp::from_secs(1_000);
        let mut sign_up =
            SignUp::begin("sua_1".parse().unwrap(), "client_1".parse().unwrap(), &Limits::default(), now);
        assert_eq!(sign_up.missing_fields(&attributes), ["email_address", "password"]);
        sign_up.set_email_address("ada@example.com".parse().unwrap());
        sign_up.state.password_digest = Some("digest".to_owned());
        assert_eq!(sign_up.unverified_fields(), ["email_address"]);
        assert!(!sign_up.is_ready(&attributes));
        sign_up.state.email_verified = true;
        assert!(sign_up.is_ready(&attributes));
        sign_up.set_email_address("augusta@example.com".parse().unwrap());
        assert!(!sign_up.is_ready(&attributes), "a proof does not carry over to another address");
    }
}
