//! The outbox of development: mails that go no further than the developer's eyes.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use frontdesk_types::{EmailId, InstanceId, Timestamp};
use serde::Serialize;

use crate::Mail;

/// A mail with its circumstances.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Letter {
    /// Its id.
    pub id: EmailId,
    /// The instance it was written for.
    pub instance: InstanceId,
    /// When it was sent, in ms.
    pub sent_at: Timestamp,
    /// Whether the application is to send it: then it is only shown.
    pub handed_over: bool,
    /// The mail.
    #[serde(flatten)]
    pub mail: Mail,
}

/// Keeps the latest mails in memory and tells listeners of each. Cheap to clone; all clones are the same outbox.
#[derive(Clone)]
pub struct Outbox(Arc<Shared>);

struct Shared {
    capacity: usize,
    letters: Mutex<VecDeque<Letter>>,
    listeners: Mutex<Vec<Listener>>,
}

type Listener = Arc<dyn Fn(&Letter) + Send + Sync>;

impl Outbox {
    /// How many mails [`Outbox::default`] keeps.
    pub const DEFAULT_CAPACITY: usize = 200;

    /// An outbox that keeps this many mails and forgets the oldest.
    pub fn new(capacity: usize) -> Self {
        Self(Arc::new(Shared {
            capacity: capacity.max(1),
            letters: Mutex::default(),
            listeners: Mutex::default(),
        }))
    }

    /// Calls this for every mail from now on, in the thread that sends it: print it, and be quick.
    pub fn listen(&self, listener: impl Fn(&Letter) + Send + Sync + 'static) {
        lock(&self.0.listeners).push(Arc::new(listener));
    }

    /// The mails of one instance that are still remembered, newest first.
    pub fn letters(&self, instance: &InstanceId) -> Vec<Letter> {
        let letters = lock(&self.0.letters);
        letters.iter().rev().filter(|letter| letter.instance == *instance).cloned().collect()
    }

    /// Takes a mail in.
    pub(crate) fn put(&self, letter: Letter) {
        // Listeners are called without any lock held, so that one may look into the outbox.
        let listeners = lock(&self.0.listeners).clone();
        for listener in listeners {
            listener(&letter);
        }
        let mut letters = lock(&self.0.letters);
        if letters.len() == self.0.capacity {
            letters.pop_front();
        }
        letters.push_back(letter);
    }
}

impl Default for Outbox {
    fn default() -> Self {
        Self::new(Self::DEFAULT_CAPACITY)
    }
}

impl fmt::Debug for Outbox {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Outbox").field("capacity", &self.0.capacity).finish_non_exhaustive()
    }
}

/// A panic of another thread leaves a whole list behind: it is safe to go on with.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use frontdesk_types::Span;

    use super::*;

    fn letter(instance: &str, code: &str) -> Letter {
        Letter {
            id: "ema_1".parse().unwrap(),
            instance: instance.parse().unwrap(),
            sent_at: Timestamp::from_secs(1),
            handed_over: false,
            mail: Mail::verification_code("Shop", "ada@example.com", code, Span::minutes(10)),
        }
    }

    fn codes(outbox: &Outbox, instance: &str) -> Vec<String> {
        let letters = outbox.letters(&instance.parse().unwrap());
        letters.into_iter().filter_map(|letter| letter.mail.code).collect()
    }

    #[test]
    fn the_oldest_mail_is_forgotten_first() {
        let outbox = Outbox::new(2);
        for code in ["1", "2", "3"] {
            outbox.put(letter("ins_1", code));
        }
        assert_eq!(codes(&outbox, "ins_1"), ["3", "2"]);
    }

    #[test]
    fn instances_do_not_see_each_other() {
        let outbox = Outbox::default();
        outbox.put(letter("ins_1", "1"));
        outbox.put(letter("ins_2", "2"));
        assert_eq!(codes(&outbox, "ins_2"), ["2"]);
    }

    #[test]
    fn listeners_may_look_into_the_outbox() {
        let (outbox, seen) = (Outbox::default(), Arc::new(AtomicUsize::new(0)));
        let (inside, count) = (outbox.clone(), Arc::clone(&seen));
        outbox.listen(move |letter| {
            count.fetch_add(inside.letters(&letter.instance).len(), Ordering::Relaxed);
        });
        outbox.put(letter("ins_1", "1"));
        outbox.put(letter("ins_1", "2"));
        assert_eq!(seen.load(Ordering::Relaxed), 1, "none before the first mail, one before the second");
    }

    #[test]
    fn a_letter_reads_well_as_json() {
        let json = serde_json::to_value(letter("ins_1", "424242")).unwrap();
        assert_eq!(json["to"], "ada@example.com");
        assert_eq!(json["slug"], "verification_code");
        assert_eq!(json["code"], "424242");
        assert_eq!(json["sent_at"], 1000);
    }
}
