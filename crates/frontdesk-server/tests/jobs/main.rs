//! The background jobs: mails from the queue to a mail server, and what is over cleared away. Time is moved, never waited
//! for.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod clean_up;
mod delivery;
