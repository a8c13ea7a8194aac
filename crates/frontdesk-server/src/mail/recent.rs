//! How many codes went to each address lately: a bound on mail that nobody asked for, and on guessing. Each new
//! attempt brings a new code with new tries, so without a bound somebody patient would prove an address that is not
//! theirs.
//!
//! Counted in this process alone: what it protects against is volume, and a restart forgives little of that.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use frontdesk_core::settings::Limits;
use frontdesk_types::{EmailAddress, InstanceId, Span, Timestamp};

/// From this many addresses on, those that are over are swept out with every new one.
const SWEPT_FROM: usize = 1_000;

/// The most addresses that are remembered. Beyond, a new one takes the place of any other: whoever writes to so many is
/// not held up by counting them.
const MOST_ADDRESSES: usize = 100_000;

/// When codes went where.
#[derive(Debug, Default)]
pub(crate) struct RecentCodes(Mutex<Sent>);

#[derive(Debug, Default)]
struct Sent {
    to: HashMap<(InstanceId, EmailAddress), VecDeque<Timestamp>>,
    /// How many addresses are looked through for those that are over; grows with those that are not, so that a flood
    /// does not pay for a whole look with every code.
    swept_from: usize,
}

impl RecentCodes {
    /// Counts a code that is about to go to this address, unless too many went there lately: then it gives how long to
    /// wait, and counts nothing.
    pub(super) fn count(
        &self,
        instance: &InstanceId,
        address: &EmailAddress,
        limits: &Limits,
        now: Timestamp,
    ) -> Option<Span> {
        let is_over = |at: &Timestamp| now.since(*at) >= limits.code_lifetime;
        let mut sent = self.lock();
        let key = (instance.clone(), address.clone());
        if !sent.to.contains_key(&key) {
            sent.make_room(is_over);
        }
        let times = sent.to.entry(key).or_default();
        while times.front().is_some_and(is_over) {
            times.pop_front();
        }
        match times.front() {
            Some(oldest) if times.len() >= limits.codes_per_address as usize => {
                Some((*oldest + limits.code_lifetime).since(now))
            }
            _ => {
                times.push_back(now);
                None
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Sent> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sent {
    fn make_room(&mut self, is_over: impl Fn(&Timestamp) -> bool) {
        if self.to.len() < self.swept_from.max(SWEPT_FROM) {
            return;
        }
        self.to.retain(|_, times| times.back().is_some_and(|last| !is_over(last)));
        if self.to.len() >= MOST_ADDRESSES
            && let Some(any) = self.to.keys().next().cloned()
        {
            self.to.remove(&any);
        }
        self.swept_from = (self.to.len() * 2).min(MOST_ADDRESSES);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_gets_so_many_codes_in_a_while() {
        let limits = Limits { codes_per_address: 2, ..Limits::default() };
        let (recent, instance) = (RecentCodes::default(), "ins_1".parse().unwrap());
        let ada: EmailAddress = "ada@example.com".parse().unwrap();
        let start = Timestamp::from_secs(1_000);
        let later = start + Span::minutes(4);
        for at in [start, later] {
            assert_eq!(recent.count(&instance, &ada, &limits, at), None);
        }
        assert_eq!(recent.count(&instance, &ada, &limits, later), Some(Span::minutes(6)));
        assert_eq!(recent.count(&"ins_2".parse().unwrap(), &ada, &limits, later), None);
        assert_eq!(recent.count(&instance, &"bob@example.com".parse().unwrap(), &limits, later), None);
        assert_eq!(recent.count(&instance, &ada, &limits, start + Span::minutes(10)), None);
    }

    #[test]
    fn what_is_over_is_swept_out() {
        let (recent, instance) = (RecentCodes::default(), "ins_1".parse().unwrap());
        let (limits, start) = (Limits::default(), Timestamp::from_secs(1_000));
        for number in 0..SWEPT_FROM {
            let address = format!("user{number}@example.com").parse().unwrap();
            recent.count(&instance, &address, &limits, start);
        }
        recent.count(&instance, &"ada@example.com".parse().unwrap(), &limits, start + limits.code_lifetime);
        assert_eq!(recent.lock().to.len(), 1);
    }
}
