//! How often one network address may try what strangers can try (contract: 429 with `Retry-After`).
//!
//! Counted in this process alone: several nodes allow so many times more. What it protects against is volume; guessing
//! is bounded by the tries of each code and by the lockout of each account, which the store counts.

use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};

use frontdesk_api::{Audience, Operation};
use frontdesk_core::settings::{Rate, RateLimits};
use frontdesk_types::{InstanceId, Span, Timestamp};
use http::request::Parts;

use crate::errors::{self, ApiError};
use crate::extract::{Target, query_value};
use crate::{Server, keys};

/// The parameter that end-to-end tests carry their token in.
const TESTING_TOKEN: &str = "__clerk_testing_token";

/// From this many sources on, those whose time is over are swept out with every new one.
const SWEPT_FROM: usize = 10_000;
/// The most sources that are remembered. Beyond, a new one takes the place of any other: a flood from so many addresses
/// is not stopped by counting them.
const MOST_SOURCES: usize = 100_000;

/// Lets a request in, or says when to come again. A valid testing token is let in always, as end-to-end tests need it
/// (wire protocol §8.1).
pub(crate) async fn admit<O: Operation>(
    server: &Server,
    target: &Target,
    parts: &Parts,
) -> Result<(), ApiError> {
    let (Audience::Frontend, Some(limited)) = (O::AUDIENCE, Limited::of(O::ID)) else { return Ok(()) };
    let Some(address) = target.address else { return Ok(()) };
    let (instance, now) = (&target.instance, server.now());
    let rates = instance.settings.rates(instance.kind);
    let Some(wait) = server.recent_tries().count(&instance.id, limited, address, &rates, now) else {
        return Ok(());
    };
    if let Some(token) = query_value(parts, TESTING_TOKEN)
        && let Some(expires_at) = server.store().testing_token(&instance.id, &keys::token_hash(token)).await?
        && now < expires_at
    {
        return Ok(());
    }
    Err(errors::too_many_requests(wait))
}

/// What is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Limited {
    CreateSignIn,
    AttemptSignIn,
    CreateSignUp,
    AttemptSignUp,
    AttemptSignedIn,
    Prepare,
    Change,
}

impl Limited {
    /// What an operation of the Frontend API counts as, by its id in the contract.
    pub(crate) fn of(operation: &str) -> Option<Self> {
        Some(match operation {
            "createSignIn" => Self::CreateSignIn,
            "attemptSignInFactorOne" | "attemptSignInFactorTwo" | "resetPassword" => Self::AttemptSignIn,
            "createSignUps" => Self::CreateSignUp,
            "attemptSignUpsVerification" => Self::AttemptSignUp,
            "changePassword" | "removePassword" | "verifyEmailAddress" => Self::AttemptSignedIn,
            "prepareSignInFactorOne" | "prepareSignUpsVerification" | "sendVerificationEmail" => {
                Self::Prepare
            }
            "updateSignUps" | "createEmailAddresses" | "updateProfileImage" => Self::Change,
            _ => return None,
        })
    }

    fn rate(self, rates: &RateLimits) -> Option<Rate> {
        match self {
            Self::CreateSignIn => rates.create_sign_in,
            Self::AttemptSignIn => rates.attempt_sign_in,
            Self::CreateSignUp => rates.create_sign_up,
            Self::AttemptSignUp => rates.attempt_sign_up,
            Self::AttemptSignedIn => rates.attempt_signed_in,
            Self::Prepare => rates.prepare,
            Self::Change => rates.change,
        }
    }
}

/// When who tried what.
#[derive(Debug, Default)]
pub(crate) struct RecentTries(Mutex<Tries>);

#[derive(Debug, Default)]
struct Tries {
    by_source: HashMap<(InstanceId, Limited, IpAddr), VecDeque<Timestamp>>,
    /// How many sources are looked through for those that are over; grows with those that are not, so that a flood
    /// does not pay for a whole look with every request.
    swept_from: usize,
}

impl RecentTries {
    /// Counts a try, unless this address has made too many lately: then it gives how long to wait, and counts nothing.
    pub(crate) fn count(
        &self,
        instance: &InstanceId,
        limited: Limited,
        address: IpAddr,
        rates: &RateLimits,
        now: Timestamp,
    ) -> Option<Span> {
        let rate = limited.rate(rates)?;
        let mut tries = self.lock();
        let key = (instance.clone(), limited, source(address));
        if !tries.by_source.contains_key(&key) {
            tries.make_room(rate.within, now);
        }
        let times = tries.by_source.entry(key).or_default();
        while times.front().is_some_and(|at| now.since(*at) >= rate.within) {
            times.pop_front();
        }
        if times.len() < rate.requests as usize {
            times.push_back(now);
            return None;
        }
        Some(times.front().map_or(rate.within, |oldest| (*oldest + rate.within).since(now)))
    }

    fn lock(&self) -> MutexGuard<'_, Tries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tries {
    fn make_room(&mut self, within: Span, now: Timestamp) {
        if self.by_source.len() < self.swept_from.max(SWEPT_FROM) {
            return;
        }
        self.by_source.retain(|_, times| times.back().is_some_and(|last| now.since(*last) < within));
        if self.by_source.len() >= MOST_SOURCES
            && let Some(any) = self.by_source.keys().next().cloned()
        {
            self.by_source.remove(&any);
        }
        self.swept_from = (self.by_source.len() * 2).min(MOST_SOURCES);
    }
}

/// Who counts as one: an IPv4 address, or the network of an IPv6 address (64 bits), whose holder has all addresses in
/// it.
fn source(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_000);

    fn count(tries: &RecentTries, limited: Limited, address: &str, now: Timestamp) -> Option<Span> {
        let instance = "ins_1".parse().unwrap();
        tries.count(&instance, limited, address.parse().unwrap(), &RateLimits::PUBLISHED, now)
    }

    #[test]
    fn one_too_many_waits_until_the_first_is_forgotten() {
        let tries = RecentTries::default();
        for second in 0..3 {
            assert_eq!(count(&tries, Limited::AttemptSignIn, "192.0.2.1", NOW + Span::seconds(second)), None);
        }
        let later = NOW + Span::seconds(4);
        assert_eq!(count(&tries, Limited::AttemptSignIn, "192.0.2.1", later), Some(Span::seconds(6)));
        assert_eq!(count(&tries, Limited::CreateSignIn, "192.0.2.1", later), None, "something else");
        assert_eq!(count(&tries, Limited::AttemptSignIn, "192.0.2.2", later), None, "somebody else");
        let free = NOW + Span::seconds(10);
        assert_eq!(count(&tries, Limited::AttemptSignIn, "192.0.2.1", free), None);
        assert_eq!(count(&tries, Limited::AttemptSignIn, "192.0.2.1", free), Some(Span::seconds(1)));
    }

    #[test]
    fn a_network_of_ipv6_counts_as_one_and_a_mapped_address_as_itself() {
        let tries = RecentTries::default();
        for host in ["2001:db8::1", "2001:db8::2", "2001:db8::ffff:1"] {
            assert_eq!(count(&tries, Limited::AttemptSignUp, host, NOW), None);
        }
        assert!(count(&tries, Limited::AttemptSignUp, "2001:db8::9", NOW).is_some());
        assert_eq!(count(&tries, Limited::AttemptSignUp, "2001:db8:0:1::9", NOW), None);
        for host in ["192.0.2.1", "::ffff:192.0.2.1", "192.0.2.1"] {
            assert_eq!(count(&tries, Limited::AttemptSignUp, host, NOW), None);
        }
        assert!(count(&tries, Limited::AttemptSignUp, "::ffff:192.0.2.1", NOW).is_some());
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let tries = RecentTries::default();
        for number in 0..u32::try_from(MOST_SOURCES).unwrap() + 50 {
            let address = IpAddr::V4(number.into());
            let instance = "ins_1".parse().unwrap();
            tries.count(&instance, Limited::CreateSignIn, address, &RateLimits::PUBLISHED, NOW);
        }
        assert!(tries.lock().by_source.len() <= MOST_SOURCES);
        count(&tries, Limited::CreateSignIn, "192.0.2.1", NOW + Span::minutes(1));
        assert_eq!(tries.lock().by_source.len(), 1, "what is over is swept out");
    }

    #[test]
    fn every_limited_operation_is_published() {
        use frontdesk_api::{Audience, contract};
        let names = contract::published()
            .filter(|it| it.audience == Audience::Frontend && Limited::of(it.id).is_some())
            .count();
        assert_eq!(names, 15);
    }
}
