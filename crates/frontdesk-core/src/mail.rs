//! Mails on their way out, and the words that an instance has changed.

use frontdesk_types::{EmailId, InstanceId, Randomness, Span, Timestamp};
use serde::{Deserialize, Serialize};

frontdesk_types::open_enum! {
    /// How a mail stands.
    pub enum MailStatus {
        /// It waits for its next attempt.
        Queued = "queued",
        /// A mail server, or the outbox of development, has taken it.
        Delivered = "delivered",
        /// It was given up: refused for good, or its time was over.
        Failed = "failed",
        /// The application sends it: its event says what.
        HandedOver = "handed_over",
    }
}

/// A mail in the queue. Its words are sealed, and gone once it is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueuedMail {
    /// The instance it comes from.
    pub instance_id: InstanceId,
    /// Its id.
    pub id: EmailId,
    /// The slug of its template.
    pub slug: String,
    /// Its words, encrypted under the master key; `None` once they are of no use.
    pub sealed: Option<Vec<u8>>,
    /// How it stands.
    pub status: MailStatus,
    /// How often its delivery was begun. Moves with every claim, so that one node at a time delivers it.
    pub attempts: u32,
    /// When it is tried next; while somebody tries, when others may.
    pub next_attempt_at: Timestamp,
    /// Until when it makes sense: a code that has died helps nobody.
    pub expires_at: Timestamp,
    /// When its row goes; `None` while it waits.
    pub forget_at: Option<Timestamp>,
    /// Why the last attempt failed, without secrets.
    pub last_error: Option<String>,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl QueuedMail {
    /// The first pause after a failure.
    pub const FIRST_PAUSE: Span = Span::seconds(5);
    /// The longest pause between two attempts.
    pub const LONGEST_PAUSE: Span = Span::minutes(15);

    /// When to try again after a failure at this moment: twice as long as the last time, up to
    /// [`QueuedMail::LONGEST_PAUSE`], less up to half of it by chance, so that mails that failed together do not come
    /// back together. Never after the mail has expired.
    pub fn next_attempt(&self, now: Timestamp, rng: &mut dyn Randomness) -> Timestamp {
        let doublings = self.attempts.saturating_sub(1).min(20);
        let pause =
            Self::FIRST_PAUSE.as_millis().saturating_mul(1 << doublings).min(Self::LONGEST_PAUSE.as_millis());
        let less = rng.below(u32::try_from(pause / 2).unwrap_or(u32::MAX).max(1));
        (now + Span::millis(pause - i64::from(less))).min(self.expires_at)
    }
}

/// The words an instance has for one mail, in place of the built-in ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageTemplate {
    /// The slug of the mail.
    pub slug: String,
    /// What was changed.
    pub content: TemplateContent,
    /// When it was first changed.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Counts the changes; guards against lost updates.
    pub version: i64,
}

/// What an instance has changed about a mail. `None` stands for the built-in value. Kept as one JSON text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TemplateContent {
    /// What people call it.
    pub name: Option<String>,
    /// The template of the subject.
    pub subject: Option<String>,
    /// The source an editor made the body from; kept for that editor, and not sent.
    pub markup: Option<String>,
    /// The template of the page.
    pub body: Option<String>,
    /// What stands before the `@` of the sender.
    pub from_email_name: Option<String>,
    /// What stands before the `@` of the address for answers.
    pub reply_to_email_name: Option<String>,
    /// Whether the application sends the mail itself, from the event `email.created`.
    pub handed_over: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Always the same bytes.
    struct Always(u8);

    impl Randomness for Always {
        fn fill(&mut self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    fn mail(attempts: u32) -> QueuedMail {
        let now = Timestamp::from_secs(1_000);
        QueuedMail {
            instance_id: "ins_1".parse().unwrap(),
            id: "ema_1".parse().unwrap(),
            slug: "password_changed".to_owned(),
            sealed: None,
            status: MailStatus::Queued,
            attempts,
            next_attempt_at: now,
            expires_at: now + Span::days(1),
            forget_at: None,
            last_error: None,
            created_at: now,
            updated_at: now,
        }
    }

    #[test]
    fn pauses_grow_and_end() {
        let now = Timestamp::from_secs(1_000);
        let pause = |attempts| mail(attempts).next_attempt(now, &mut Always(0)).since(now).as_secs();
        assert_eq!([1, 2, 3, 8, 9, 4_000_000_000].map(pause), [5, 10, 20, 640, 900, 900]);
        for byte in 0..=254 {
            let pause = mail(3).next_attempt(now, &mut Always(byte)).since(now).as_millis();
            assert!((10_000..=20_000).contains(&pause), "{pause}");
        }
    }

    #[test]
    fn no_attempt_lies_after_the_end() {
        let mut mail = mail(9);
        mail.expires_at = Timestamp::from_secs(1_060);
        assert_eq!(mail.next_attempt(Timestamp::from_secs(1_000), &mut Always(0)), mail.expires_at);
    }
}
