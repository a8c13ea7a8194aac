//! Counting who did something how often lately: so many times within a while, each while beginning with the first of
//! the times in it.
//!
//! Counted in this process alone: several nodes allow so many times more, and a restart forgives. What it protects
//! against is volume.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

use frontdesk_types::{Span, Timestamp};

/// From this many sources on, those whose time is over are swept out with every new one.
const SWEPT_FROM: usize = 1_000;

/// The most sources that are remembered. Beyond, a new one takes the place of any other: a flood from so many is not
/// stopped by counting them.
const MOST_SOURCES: usize = 100_000;

/// When each source did it.
#[derive(Debug)]
pub(crate) struct Recent<Source>(Mutex<Sources<Source>>);

#[derive(Debug)]
struct Sources<Source> {
    times: HashMap<Source, Times>,
    /// How many sources are looked through for those that are over; grows with those that are not, so that a flood
    /// does not pay for a whole look with every request.
    swept_from: usize,
}

#[derive(Debug, Default)]
struct Times {
    /// Oldest first.
    at: VecDeque<Timestamp>,
    /// When the last of them is over.
    until: Timestamp,
}

impl<Source> Default for Recent<Source> {
    fn default() -> Self {
        Self(Mutex::new(Sources { times: HashMap::new(), swept_from: SWEPT_FROM }))
    }
}

impl<Source: Clone + Eq + Hash> Recent<Source> {
    /// Counts once more, unless the source has done it that often within this while already: then it gives how long to
    /// wait, and counts nothing.
    pub(crate) fn count(&self, source: Source, most: u32, within: Span, now: Timestamp) -> Option<Span> {
        let mut sources = self.lock();
        if !sources.times.contains_key(&source) {
            sources.make_room(now);
        }
        let times = sources.times.entry(source).or_default();
        while times.at.front().is_some_and(|at| now.since(*at) >= within) {
            times.at.pop_front();
        }
        if times.at.len() < most as usize {
            times.at.push_back(now);
            times.until = now + within;
            return None;
        }
        Some(times.at.front().map_or(within, |oldest| (*oldest + within).since(now)))
    }

    fn lock(&self) -> MutexGuard<'_, Sources<Source>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<Source: Clone + Eq + Hash> Sources<Source> {
    fn make_room(&mut self, now: Timestamp) {
        if self.times.len() < self.swept_from {
            return;
        }
        self.times.retain(|_, times| now < times.until);
        if self.times.len() >= MOST_SOURCES
            && let Some(any) = self.times.keys().next().cloned()
        {
            self.times.remove(&any);
        }
        self.swept_from = (self.times.len() * 2).clamp(SWEPT_FROM, MOST_SOURCES);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_000);

    #[test]
    fn one_too_many_waits_until_the_first_is_over() {
        let recent = Recent::default();
        let (most, within) = (3, Span::seconds(10));
        for second in 0..3 {
            assert_eq!(recent.count("ada", most, within, NOW + Span::seconds(second)), None);
        }
        let later = NOW + Span::seconds(4);
        assert_eq!(recent.count("ada", most, within, later), Some(Span::seconds(6)));
        assert_eq!(recent.count("ben", most, within, later), None, "somebody else");
        let free = NOW + Span::seconds(10);
        assert_eq!(recent.count("ada", most, within, free), None);
        assert_eq!(recent.count("ada", most, within, free), Some(Span::seconds(1)));
        assert_eq!(recent.count("nobody", 0, within, free), Some(within));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let recent = Recent::default();
        for source in 0..MOST_SOURCES + 50 {
            recent.count(source, 5, Span::seconds(10), NOW);
        }
        assert!(recent.lock().times.len() <= MOST_SOURCES);
        recent.count(0, 5, Span::seconds(10), NOW + Span::minutes(1));
        recent.count(MOST_SOURCES * 2, 5, Span::seconds(10), NOW + Span::minutes(1));
        assert!(recent.lock().times.len() <= 2, "what is over is swept out");
    }

    #[test]
    fn a_short_while_forgets_nothing_of_a_longer_one() {
        let recent = Recent::default();
        recent.count(0, 1, Span::minutes(10), NOW);
        let later = NOW + Span::minutes(1);
        for source in 1..SWEPT_FROM {
            recent.count(source, 1, Span::seconds(10), later);
        }
        recent.count(SWEPT_FROM, 1, Span::seconds(10), later + Span::minutes(1));
        assert!(recent.lock().times.len() <= 2, "swept");
        assert_eq!(recent.count(0, 1, Span::minutes(10), later), Some(Span::minutes(9)));
    }
}
