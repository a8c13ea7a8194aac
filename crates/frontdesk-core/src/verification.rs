//! Challenges: a code that was sent, and what a try at it proves.

use frontdesk_types::{IdentificationId, Span, Timestamp};
use serde::{Deserialize, Serialize};

use crate::identification::{Verification, VerificationStatus};
use crate::settings::Limits;

/// A code on its way to somebody, or already tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Challenge {
    /// The strategy it belongs to: `email_code`.
    pub strategy: String,
    /// The identification it was sent to; `None` for an address that is nobody's yet (a sign-up).
    pub identification_id: Option<IdentificationId>,
    /// Keyed hash of the code, in hexadecimal. The code itself is not kept.
    pub code_hash: String,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// Until when it works.
    pub expire_at: Timestamp,
    /// How often it was tried.
    pub attempts: u32,
    /// How many tries it allows.
    pub tries: u32,
    /// Whether it was answered.
    pub proven: bool,
}

/// What a try at a challenge came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The code was right, in time, and not used before.
    Proven,
    /// The code was wrong; another try is allowed.
    Wrong,
    /// Too many tries: this code proves nothing any more.
    Spent,
    /// Too late: this code proves nothing any more.
    Expired,
}

impl Challenge {
    /// A challenge just sent.
    pub fn sent(
        strategy: &str,
        identification_id: Option<IdentificationId>,
        code_hash: String,
        limits: &Limits,
        now: Timestamp,
    ) -> Self {
        Self {
            strategy: strategy.to_owned(),
            identification_id,
            code_hash,
            sent_at: now,
            expire_at: now + limits.code_lifetime,
            attempts: 0,
            tries: limits.code_tries,
            proven: false,
        }
    }

    /// How long to wait before another code may be sent; `None` when one may be sent now.
    pub fn wait_before_next(&self, interval: Span, now: Timestamp) -> Option<Span> {
        wait_after(self.sent_at, interval, now)
    }

    /// Judges one try and counts it. `matches` tells whether the code given hashes to [`Challenge::code_hash`]
    /// (compared in constant time by the caller). A proven challenge proves nothing a second time.
    pub fn judge(&mut self, matches: bool, now: Timestamp) -> Verdict {
        if now >= self.expire_at {
            return Verdict::Expired;
        }
        if self.proven || self.attempts >= self.tries {
            return Verdict::Spent;
        }
        self.attempts += 1;
        if matches {
            self.proven = true;
            Verdict::Proven
        } else {
            Verdict::Wrong
        }
    }

    /// The challenge as a verification on the wire.
    pub fn verification(&self, now: Timestamp) -> Verification {
        let status = if self.proven {
            VerificationStatus::Verified
        } else if self.attempts >= self.tries {
            VerificationStatus::Failed
        } else if now >= self.expire_at {
            VerificationStatus::Expired
        } else {
            VerificationStatus::Unverified
        };
        Verification {
            status,
            strategy: self.strategy.clone(),
            attempts: Some(self.attempts),
            expire_at: Some(self.expire_at),
        }
    }
}

/// How long to wait before another code may be sent after the one that was sent then; `None` when one may be sent now.
pub(crate) fn wait_after(sent_at: Timestamp, interval: Span, now: Timestamp) -> Option<Span> {
    let waited = now.since(sent_at);
    (waited < interval).then(|| Span::millis(interval.as_millis() - waited.as_millis()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn challenge(now: Timestamp) -> Challenge {
        Challenge::sent("email_code", None, "00".to_owned(), &Limits::default(), now)
    }

    #[test]
    fn a_code_proves_once() {
        let now = Timestamp::from_secs(1_000);
        let mut challenge = challenge(now);
        assert_eq!(challenge.judge(false, now), Verdict::Wrong);
        assert_eq!(challenge.judge(true, now), Verdict::Proven);
        assert_eq!(challenge.judge(true, now), Verdict::Spent);
    }

    #[test]
    fn a_code_dies_at_its_last_moment_and_after_its_last_try() {
        let now = Timestamp::from_secs(1_000);
        let mut late = challenge(now);
        assert_eq!(late.clone().judge(true, late.expire_at - Span::millis(1)), Verdict::Proven);
        assert_eq!(late.judge(true, late.expire_at), Verdict::Expired);

        let mut guessed = challenge(now);
        for _ in 0..5 {
            assert_eq!(guessed.judge(false, now), Verdict::Wrong);
        }
        assert_eq!(guessed.judge(true, now), Verdict::Spent);
    }

    proptest! {
        #[test]
        fn no_order_of_tries_proves_twice_or_too_late(tries in prop::collection::vec((any::<bool>(), 0_i64..1_200), 0..20)) {
            let start = Timestamp::from_secs(1_000);
            let mut challenge = challenge(start);
            let mut proven = 0;
            for (matches, seconds) in tries {
                let at = start + Span::seconds(seconds);
                if challenge.judge(matches, at) == Verdict::Proven {
                    proven += 1;
                    prop_assert!(matches && at < challenge.expire_at && challenge.attempts <= challenge.tries);
                }
            }
            prop_assert!(proven <= 1);
        }
    }
}
