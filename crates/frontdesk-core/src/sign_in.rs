//! Signing in, as a state machine.
//!
//! ```mermaid
//! stateDiagram-v2
//!     [*] --> NeedsIdentifier
//!     NeedsIdentifier --> NeedsFirstFactor: identify
//!     NeedsFirstFactor --> NeedsFirstFactor: send code, fail
//!     NeedsFirstFactor --> Complete: factor proven
//!     NeedsIdentifier --> Complete: ticket redeemed
//! ```
//!
//! Each state holds exactly what has been proven so far. Abandonment is a matter of time, not of state:
//! [`SignIn::is_abandoned`].

use frontdesk_types::{ClientId, SessionId, SignInId, Span, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::settings::Limits;
use crate::verification::{Challenge, Verdict};

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
    /// It is done.
    Complete {
        /// Who signed in.
        user_id: UserId,
        /// By which identifier, if one was given.
        identifier: Option<String>,
        /// The strategy that proved it.
        strategy: String,
        /// The session it made.
        session_id: SessionId,
    },
}

/// Why a sign-in does not move on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is already done.
    #[error("the sign-in is already complete")]
    AlreadyComplete,
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

    /// Who was named so far.
    pub fn user_id(&self) -> Option<&UserId> {
        match &self.state {
            SignInState::NeedsIdentifier => None,
            SignInState::NeedsFirstFactor { user_id, .. } | SignInState::Complete { user_id, .. } => {
                Some(user_id)
            }
        }
    }

    /// The identifier that was given.
    pub fn identifier(&self) -> Option<&str> {
        match &self.state {
            SignInState::NeedsIdentifier => None,
            SignInState::NeedsFirstFactor { identifier, .. } => Some(identifier),
            SignInState::Complete { identifier, .. } => identifier.as_deref(),
        }
    }

    /// Names who wants to sign in. Naming somebody else starts over.
    pub fn identify(&mut self, user_id: UserId, identifier: String, now: Timestamp) -> Result<(), Refusal> {
        if matches!(self.state, SignInState::Complete { .. }) {
            return Err(Refusal::AlreadyComplete);
        }
        self.state = SignInState::NeedsFirstFactor { user_id, identifier, challenge: None };
        self.updated_at = now;
        Ok(())
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
            SignInState::NeedsFirstFactor { challenge, .. } => challenge.as_ref(),
            _ => None,
        }
    }

    /// Judges a try at the code that was sent last. Every try is counted, so the sign-in must be saved whatever
    /// the verdict says.
    pub fn try_code(&mut self, matches: bool, now: Timestamp) -> Result<Verdict, Refusal> {
        let challenge = self.challenge_slot()?.as_mut().ok_or(Refusal::NotPrepared)?;
        let verdict = challenge.judge(matches, now);
        self.updated_at = now;
        Ok(verdict)
    }

    /// Ends the sign-in: a first factor was proven (or a ticket redeemed) and this session began.
    pub fn complete(
        &mut self,
        user_id: UserId,
        strategy: &str,
        session_id: SessionId,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        if matches!(self.state, SignInState::Complete { .. }) {
            return Err(Refusal::AlreadyComplete);
        }
        let identifier = self.identifier().map(str::to_owned);
        self.state = SignInState::Complete { user_id, identifier, strategy: strategy.to_owned(), session_id };
        self.updated_at = now;
        Ok(())
    }

    fn challenge_slot(&mut self) -> Result<&mut Option<Challenge>, Refusal> {
        match &mut self.state {
            SignInState::NeedsIdentifier => Err(Refusal::NoIdentifier),
            SignInState::NeedsFirstFactor { challenge, .. } => Ok(challenge),
            SignInState::Complete { .. } => Err(Refusal::AlreadyComplete),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sign_in(now: Timestamp) -> SignIn {
        SignIn::begin("sia_1".parse().unwrap(), "client_1".parse().unwrap(), &Limits::default(), now)
    }

    fn code(now: Timestamp) -> Challenge {
        Challenge::sent("email_code", None, "00".to_owned(), &Limits::default(), now)
    }

    #[test]
    fn codes_come_thirty_seconds_apart() {
        let now = Timestamp::from_secs(1_000);
        let interval = Limits::default().code_interval;
        let mut sign_in = sign_in(now);
        assert_eq!(sign_in.send_code(code(now), interval, now), Err(Refusal::NoIdentifier));
        sign_in.identify("user_1".parse().unwrap(), "ada@example.com".to_owned(), now).unwrap();
        sign_in.send_code(code(now), interval, now).unwrap();
        let soon = now + Span::seconds(29);
        assert_eq!(
            sign_in.send_code(code(soon), interval, soon),
            Err(Refusal::TooSoon { retry_after: Span::seconds(1) })
        );
        let later = now + Span::seconds(30);
        sign_in.send_code(code(later), interval, later).unwrap();
    }

    #[derive(Clone, Copy, Debug)]
    enum Step {
        Identify,
        Send,
        TryRight,
        TryWrong,
        Complete,
    }

    proptest! {
        #[test]
        fn no_order_of_steps_panics_or_leaves_completion(
            steps in prop::collection::vec(
                prop_oneof![Just(Step::Identify), Just(Step::Send), Just(Step::TryRight), Just(Step::TryWrong), Just(Step::Complete)],
                0..30,
            )
        ) {
            let now = Timestamp::from_secs(1_000);
            let mut sign_in = sign_in(now);
            let mut complete = false;
            for step in steps {
                let moved = match step {
                    Step::Identify => sign_in.identify("user_1".parse().unwrap(), "ada@example.com".to_owned(), now).is_ok(),
                    Step::Send => sign_in.send_code(code(now), Span::default(), now).is_ok(),
                    Step::TryRight => sign_in.try_code(true, now).is_ok(),
                    Step::TryWrong => sign_in.try_code(false, now).is_ok(),
                    Step::Complete => sign_in.complete("user_1".parse().unwrap(), "password", "sess_1".parse().unwrap(), now).is_ok(),
                };
                prop_assert!(!(complete && moved), "a complete sign-in moved on {step:?}");
                complete = matches!(sign_in.state, SignInState::Complete { .. });
            }
        }
    }
}
