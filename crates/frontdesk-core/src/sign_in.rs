//! Signing in, as a state machine.
//!
//! ```mermaid
//! stateDiagram-v2
//!     [*] --> NeedsIdentifier
//!     NeedsIdentifier --> NeedsFirstFactor: identify
//!     NeedsIdentifier --> Nobody: name nobody
//!     NeedsFirstFactor --> NeedsFirstFactor: send code, fail
//!     Nobody --> Nobody: send code, fail
//!     Nobody --> Transferable: address proven
//!     Transferable --> Transferred: became a sign-up
//!     NeedsIdentifier --> proven: ticket redeemed
//!     NeedsFirstFactor --> proven: factor proven
//!     state proven <<choice>>
//!     proven --> NeedsNewPassword: the password is forgotten or known to others
//!     proven --> NeedsSecondFactor: the person has one
//!     proven --> Complete
//!     NeedsNewPassword --> NeedsSecondFactor: new password, the person has one
//!     NeedsNewPassword --> Complete: new password
//!     NeedsSecondFactor --> Complete: second factor proven
//! ```
//!
//! Each state holds exactly what has been proven so far, and only a [`Ready`] completes a sign-in: the proof that nothing
//! is left to be demanded, which only this module can make. Abandonment is a matter of time, not of state:
//! [`SignIn::is_abandoned`].

use frontdesk_types::{ClientId, EmailAddress, SessionId, SignInId, Span, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::settings::Limits;
use crate::verification::{Challenge, Verdict};

/// The strategy of a code that proves a first factor.
pub const EMAIL_CODE: &str = "email_code";
/// The strategy of a code that proves a first factor and asks for a new password.
pub const RESET_PASSWORD_EMAIL_CODE: &str = "reset_password_email_code";

/// One attempt to sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignIn {
    /// Its id; stays the same through the whole attempt.
    pub id: SignInId,
    /// The client it happens on.
    pub client_id: ClientId,
    /// How far it has come.
    pub state: SignInState,
    /// When it counts as abandoned.
    pub abandon_at: Timestamp,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Counts the changes; guards against lost updates.
    pub version: i64,
}

/// How far a sign-in has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum SignInState {
    /// Nobody has been named.
    NeedsIdentifier,
    /// Somebody was named, nothing is proven.
    NeedsFirstFactor {
        /// Who was named.
        user_id: UserId,
        /// By which identifier.
        identifier: String,
        /// The code that was sent last.
        challenge: Option<Challenge>,
    },
    /// Nobody has the identifier that was given, and the asker is not to learn that yet.
    Nobody {
        /// The identifier.
        identifier: String,
        /// Whether the asker wants to sign up where nobody has it: then its address can be proven all the same.
        sign_up_if_missing: bool,
        /// The code that was (or seems to have been) sent last.
        challenge: Option<Challenge>,
    },
    /// The address that was given is nobody's, and proven to be the asker's: a sign-up can take it over.
    Transferable {
        /// The identifier as it was given.
        identifier: String,
        /// The address.
        email_address: EmailAddress,
        /// The proof.
        challenge: Challenge,
    },
    /// A sign-up took over what was proven here.
    Transferred {
        /// The identifier as it was given.
        identifier: String,
    },
    /// A first factor is proven, and a new password is wanted.
    NeedsNewPassword {
        /// Who it is.
        user_id: UserId,
        /// By which identifier, if one was given.
        identifier: Option<String>,
        /// What was proven.
        first: FirstFactor,
    },
    /// A first factor is proven, and the person has a second one.
    NeedsSecondFactor {
        /// Who it is.
        user_id: UserId,
        /// By which identifier, if one was given.
        identifier: Option<String>,
        /// What was proven.
        first: FirstFactor,
    },
    /// It is done.
    Complete {
        /// Who signed in.
        user_id: UserId,
        /// By which identifier, if one was given.
        identifier: Option<String>,
        /// The strategy that proved it.
        strategy: String,
        /// The strategy that proved it once more, if that was wanted.
        #[serde(default)]
        second: Option<String>,
        /// The session it made.
        session_id: SessionId,
    },
}

/// A first factor that was proven.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstFactor {
    /// By which strategy.
    pub strategy: String,
    /// When.
    pub proven_at: Timestamp,
}

/// What a person (or their instance) demands beyond a first factor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Demands {
    /// A new password: the old one is known to others.
    pub new_password: bool,
    /// A second factor: they have one.
    pub second_factor: bool,
}

/// What is next after a proof.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    /// A new password.
    NewPassword,
    /// A second factor.
    SecondFactor,
    /// A session: nothing is left to be proven.
    Session(Ready),
}

/// The proof that nothing is left to be demanded of this person. Only a [`SignIn`] gives it, and only
/// [`SignIn::complete`] takes it.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "it completes the sign-in"]
pub struct Ready {
    user_id: UserId,
    identifier: Option<String>,
    strategy: String,
    second: Option<String>,
}

impl Ready {
    /// The strategy of the first factor.
    pub fn strategy(&self) -> &str {
        &self.strategy
    }

    /// Whether a second factor was proven.
    pub fn has_second_factor(&self) -> bool {
        self.second.is_some()
    }
}

/// Why a sign-in does not move on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is already done.
    #[error("the sign-in is already complete")]
    AlreadyComplete,
    /// It waits for something else.
    #[error("the sign-in waits for something else")]
    OutOfOrder,
    /// Nobody has been named yet.
    #[error("the sign-in has no identifier yet")]
    NoIdentifier,
    /// No code was sent.
    #[error("no code was sent for this sign-in")]
    NotPrepared,
    /// The last code was sent too recently.
    #[error("a code was sent moments ago")]
    TooSoon {
        /// How long to wait.
        retry_after: Span,
    },
}

impl SignIn {
    /// A sign-in that knows nothing yet.
    pub fn begin(id: SignInId, client_id: ClientId, limits: &Limits, now: Timestamp) -> Self {
        Self {
            id,
            client_id,
            state: SignInState::NeedsIdentifier,
            abandon_at: now + limits.attempt_lifetime,
            created_at: now,
            updated_at: now,
            version: 1,
        }
    }

    /// Whether its time is over without having come to an end.
    pub fn is_abandoned(&self, now: Timestamp) -> bool {
        now >= self.abandon_at && !matches!(self.state, SignInState::Complete { .. })
    }

    /// Whether it has come to its end: nothing more can be done with it.
    pub fn is_over(&self, now: Timestamp) -> bool {
        let ended = matches!(self.state, SignInState::Complete { .. } | SignInState::Transferred { .. });
        ended || self.is_abandoned(now)
    }

    /// Who was named so far.
    pub fn user_id(&self) -> Option<&UserId> {
        use SignInState as State;
        match &self.state {
            State::NeedsIdentifier
            | State::Nobody { .. }
            | State::Transferable { .. }
            | State::Transferred { .. } => None,
            State::NeedsFirstFactor { user_id, .. }
            | State::NeedsNewPassword { user_id, .. }
            | State::NeedsSecondFactor { user_id, .. }
            | State::Complete { user_id, .. } => Some(user_id),
        }
    }

    /// The identifier that was given.
    pub fn identifier(&self) -> Option<&str> {
        use SignInState as State;
        match &self.state {
            State::NeedsIdentifier => None,
            State::NeedsFirstFactor { identifier, .. }
            | State::Nobody { identifier, .. }
            | State::Transferable { identifier, .. }
            | State::Transferred { identifier } => Some(identifier),
            State::NeedsNewPassword { identifier, .. }
            | State::NeedsSecondFactor { identifier, .. }
            | State::Complete { identifier, .. } => identifier.as_deref(),
        }
    }

    /// Names who wants to sign in. Naming somebody else starts over.
    pub fn identify(&mut self, user_id: UserId, identifier: String, now: Timestamp) -> Result<(), Refusal> {
        self.rename(SignInState::NeedsFirstFactor { user_id, identifier, challenge: None }, now)
    }

    /// Names somebody whom nobody is, and goes on as if: the asker does not learn it before they have proven something.
    pub fn name_nobody(
        &mut self,
        identifier: String,
        sign_up_if_missing: bool,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        self.rename(SignInState::Nobody { identifier, sign_up_if_missing, challenge: None }, now)
    }

    /// Keeps the code that is about to be sent.
    pub fn send_code(&mut self, next: Challenge, interval: Span, now: Timestamp) -> Result<(), Refusal> {
        let challenge = self.challenge_slot()?;
        if let Some(retry_after) = challenge.as_ref().and_then(|last| last.wait_before_next(interval, now)) {
            return Err(Refusal::TooSoon { retry_after });
        }
        *challenge = Some(next);
        self.updated_at = now;
        Ok(())
    }

    /// The code that was sent last.
    pub fn challenge(&self) -> Option<&Challenge> {
        match &self.state {
            SignInState::NeedsFirstFactor { challenge, .. } | SignInState::Nobody { challenge, .. } => {
                challenge.as_ref()
            }
            SignInState::Transferable { challenge, .. } => Some(challenge),
            _ => None,
        }
    }

    /// Judges a try at the code that was sent last, by the strategy it was sent for. Every try is counted, so the
    /// sign-in must be saved whatever the verdict says.
    pub fn try_code(&mut self, strategy: &str, matches: bool, now: Timestamp) -> Result<Verdict, Refusal> {
        let challenge = self.challenge_slot()?.as_mut().filter(|it| it.strategy == strategy);
        let verdict = challenge.ok_or(Refusal::NotPrepared)?.judge(matches, now);
        self.updated_at = now;
        Ok(verdict)
    }

    /// A first factor was proven: says what is next. A code counts only if [`SignIn::try_code`] found it right; a
    /// ticket, which names its person by itself, needs no identifier.
    pub fn prove_first(
        &mut self,
        user_id: UserId,
        strategy: &str,
        demands: Demands,
        now: Timestamp,
    ) -> Result<Next, Refusal> {
        let is_code = matches!(strategy, EMAIL_CODE | RESET_PASSWORD_EMAIL_CODE);
        let identifier = match &self.state {
            SignInState::Complete { .. } => return Err(Refusal::AlreadyComplete),
            SignInState::NeedsIdentifier if is_code => return Err(Refusal::NoIdentifier),
            SignInState::NeedsIdentifier => None,
            SignInState::NeedsFirstFactor { user_id: named, identifier, challenge } => {
                let is_proven = challenge
                    .as_ref()
                    .is_some_and(|it| it.proven && it.strategy == strategy && *named == user_id);
                if is_code && !is_proven {
                    return Err(Refusal::NotPrepared);
                }
                (*named == user_id).then(|| identifier.clone())
            }
            SignInState::Nobody { .. } if !is_code => None,
            _ => return Err(Refusal::OutOfOrder),
        };
        let first = FirstFactor { strategy: strategy.to_owned(), proven_at: now };
        self.updated_at = now;
        if demands.new_password || strategy == RESET_PASSWORD_EMAIL_CODE {
            self.state = SignInState::NeedsNewPassword { user_id, identifier, first };
            return Ok(Next::NewPassword);
        }
        Ok(self.want_second(user_id, identifier, first, demands))
    }

    /// The proof of another attempt counts as a first factor of this one, which has just begun: a sign-up proved an
    /// address that turned out to be this person's.
    pub fn take_over(
        &mut self,
        user_id: UserId,
        email_address: &EmailAddress,
        demands: Demands,
        now: Timestamp,
    ) -> Result<Next, Refusal> {
        if self.state != SignInState::NeedsIdentifier {
            return Err(Refusal::OutOfOrder);
        }
        let first = FirstFactor { strategy: EMAIL_CODE.to_owned(), proven_at: now };
        let identifier = Some(email_address.as_str().to_owned());
        self.updated_at = now;
        if demands.new_password {
            self.state = SignInState::NeedsNewPassword { user_id, identifier, first };
            return Ok(Next::NewPassword);
        }
        Ok(self.want_second(user_id, identifier, first, demands))
    }

    /// The new password that was wanted is set: says what is next.
    pub fn renew_password(&mut self, demands: Demands, now: Timestamp) -> Result<Next, Refusal> {
        let SignInState::NeedsNewPassword { user_id, identifier, first } = &self.state else {
            return Err(self.out_of_order());
        };
        let (user_id, identifier, first) = (user_id.clone(), identifier.clone(), first.clone());
        self.updated_at = now;
        Ok(self.want_second(user_id, identifier, first, demands))
    }

    /// A second factor was proven.
    pub fn prove_second(&mut self, strategy: &str, now: Timestamp) -> Result<Ready, Refusal> {
        let SignInState::NeedsSecondFactor { user_id, identifier, first } = &self.state else {
            return Err(self.out_of_order());
        };
        let ready = Ready {
            user_id: user_id.clone(),
            identifier: identifier.clone(),
            strategy: first.strategy.clone(),
            second: Some(strategy.to_owned()),
        };
        self.updated_at = now;
        Ok(ready)
    }

    /// The code that was sent to a nobody's address was right: a sign-up can take it over. Only where that was wanted.
    pub fn make_transferable(&mut self, email_address: EmailAddress, now: Timestamp) -> Result<(), Refusal> {
        match &self.state {
            SignInState::Nobody { identifier, sign_up_if_missing: true, challenge: Some(challenge) }
                if challenge.proven && challenge.strategy == EMAIL_CODE =>
            {
                self.state = SignInState::Transferable {
                    identifier: identifier.clone(),
                    email_address,
                    challenge: challenge.clone(),
                };
                self.updated_at = now;
                Ok(())
            }
            SignInState::Nobody { .. } => Err(Refusal::NotPrepared),
            _ => Err(self.out_of_order()),
        }
    }

    /// Gives what was proven to a sign-up, once.
    pub fn transfer(&mut self, now: Timestamp) -> Result<(EmailAddress, Challenge), Refusal> {
        let SignInState::Transferable { identifier, email_address, challenge } = &self.state else {
            return Err(self.out_of_order());
        };
        let given = (email_address.clone(), challenge.clone());
        self.state = SignInState::Transferred { identifier: identifier.clone() };
        self.updated_at = now;
        Ok(given)
    }

    /// Ends the sign-in: nothing is left to be proven, and this session began.
    pub fn complete(&mut self, ready: Ready, session_id: SessionId, now: Timestamp) -> Result<(), Refusal> {
        if matches!(self.state, SignInState::Complete { .. }) {
            return Err(Refusal::AlreadyComplete);
        }
        self.state = SignInState::Complete {
            user_id: ready.user_id,
            identifier: ready.identifier,
            strategy: ready.strategy,
            second: ready.second,
            session_id,
        };
        self.updated_at = now;
        Ok(())
    }

    fn want_second(
        &mut self,
        user_id: UserId,
        identifier: Option<String>,
        first: FirstFactor,
        demands: Demands,
    ) -> Next {
        if demands.second_factor {
            self.state = SignInState::NeedsSecondFactor { user_id, identifier, first };
            return Next::SecondFactor;
        }
        Next::Session(Ready { user_id, identifier, strategy: first.strategy, second: None })
    }

    fn rename(&mut self, state: SignInState, now: Timestamp) -> Result<(), Refusal> {
        match &self.state {
            SignInState::NeedsIdentifier
            | SignInState::NeedsFirstFactor { .. }
            | SignInState::Nobody { .. } => {
                self.state = state;
                self.updated_at = now;
                Ok(())
            }
            _ => Err(self.out_of_order()),
        }
    }

    fn challenge_slot(&mut self) -> Result<&mut Option<Challenge>, Refusal> {
        match &mut self.state {
            SignInState::NeedsIdentifier => Err(Refusal::NoIdentifier),
            SignInState::NeedsFirstFactor { challenge, .. } | SignInState::Nobody { challenge, .. } => {
                Ok(challenge)
            }
            SignInState::Complete { .. } => Err(Refusal::AlreadyComplete),
            SignInState::Transferable { .. }
            | SignInState::Transferred { .. }
            | SignInState::NeedsNewPassword { .. }
            | SignInState::NeedsSecondFactor { .. } => Err(Refusal::OutOfOrder),
        }
    }

    fn out_of_order(&self) -> Refusal {
        match &self.state {
            SignInState::Complete { .. } => Refusal::AlreadyComplete,
            SignInState::NeedsIdentifier => Refusal::NoIdentifier,
            _ => Refusal::OutOfOrder,
        }
    }
}

#[cfg(test)]
mod tests;
