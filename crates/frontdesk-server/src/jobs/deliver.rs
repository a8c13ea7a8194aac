//! Mails, from the queue to the mail server.
//!
//! A mail is claimed before it is sent and finished after it: at least once. Between the two lies a moment in which a
//! node can die; then another sends the mail again, with the same `Message-ID`.

use std::panic::AssertUnwindSafe;

use frontdesk_core::mail::{MailStatus, QueuedMail};
use frontdesk_notify::{Letter, Undeliverable};
use frontdesk_store::{CommitError, Error, Work};
use futures_util::{FutureExt, StreamExt, TryStreamExt, stream};

use super::{JobsDone, Stop, lifetimes};
use crate::{Server, mail};

/// The most mails of one round.
const AT_ONCE: u32 = 50;

/// What became of one mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Delivered,
    Postponed,
    Failed,
    /// Another node has it.
    Elsewhere,
}

impl Server {
    /// Makes every mail that waits due at once. Call it before [`Server::run_jobs`] where this process alone has the data:
    /// whoever had claimed a mail is gone then, and whoever waits for one should not wait for a claim that nobody holds.
    /// Does nothing on PostgreSQL, where the claim may be that of another node.
    pub async fn resume_mails(&self) -> Result<(), Error> {
        if self.store().is_shared() {
            return Ok(());
        }
        let mut work = Work::of_the_server();
        work.resume_mails(self.now());
        self.committed(work).await.map(drop)
    }

    /// Delivers what is due, a few at a time. Where no way of sending is configured, another node may have one: mails
    /// stay, and go when their time is over.
    pub(super) async fn deliver_mails(&self, stop: &Stop) -> Result<JobsDone, Error> {
        let now = self.now();
        let mut due = self.store().due_mails(now, AT_ONCE).await?;
        if self.delivery().ready().is_err() {
            due.retain(|mail| mail.expires_at <= now);
        }
        let fates =
            stream::iter(due)
                .map(|mail| async move {
                    if stop.is_set() { Ok(Fate::Elsewhere) } else { self.deliver(mail).await }
                })
                .buffer_unordered(self.delivery().at_a_time());
        let mut done = JobsDone::default();
        fates
            .try_for_each(|fate| {
                match fate {
                    Fate::Delivered => done.delivered += 1,
                    Fate::Postponed => done.postponed += 1,
                    Fate::Failed => done.failed += 1,
                    Fate::Elsewhere => {}
                }
                std::future::ready(Ok(()))
            })
            .await?;
        Ok(done)
    }

    async fn deliver(&self, mail: QueuedMail) -> Result<Fate, Error> {
        let now = self.now();
        let mut work = Work::new(&mail.instance_id);
        let mail = work.claim_mail(mail, now + lifetimes::MAIL_CLAIM, now);
        if !self.committed(work).await? {
            return Ok(Fate::Elsewhere);
        }
        if now >= mail.expires_at {
            let last = mail.last_error.clone().unwrap_or_else(|| "it was never tried".to_owned());
            return self.finish(mail, MailStatus::Failed, Some(format!("its time was over: {last}"))).await;
        }
        let letter = match mail::open(self.master_key(), &mail) {
            Ok(Some(sealed)) => Letter {
                id: mail.id.clone(),
                instance: mail.instance_id.clone(),
                sent_at: mail.created_at,
                handed_over: false,
                mail: sealed.mail,
            },
            Ok(None) => {
                return self.finish(mail, MailStatus::Failed, Some("it has no words".to_owned())).await;
            }
            Err(error) => return self.finish(mail, MailStatus::Failed, Some(error.to_string())).await,
        };
        // A mail that breaks what writes it must not take the others with it, and again at every start.
        let delivering = AssertUnwindSafe(self.delivery().deliver(&letter)).catch_unwind();
        let broken = |_| Err(Undeliverable::Refused("it could not be written".to_owned()));
        match delivering.await.unwrap_or_else(broken) {
            Ok(()) => self.finish(mail, MailStatus::Delivered, None).await,
            Err(Undeliverable::Refused(why)) => {
                tracing::warn!(mail = %mail.id, slug = mail.slug, why, "a mail was refused");
                self.finish(mail, MailStatus::Failed, Some(why)).await
            }
            Err(error @ (Undeliverable::Later(_) | Undeliverable::Unconfigured)) => {
                self.postpone(mail, error.to_string()).await
            }
        }
    }

    async fn postpone(&self, mut mail: QueuedMail, why: String) -> Result<Fate, Error> {
        let now = self.now();
        mail.next_attempt_at = mail.next_attempt(now, &mut self.chance());
        mail.updated_at = now;
        tracing::warn!(
            mail = %mail.id,
            slug = mail.slug,
            attempts = mail.attempts,
            seconds = mail.next_attempt_at.since(now).as_secs(),
            why,
            "a mail is tried again later"
        );
        mail.last_error = Some(why);
        let mut work = Work::new(&mail.instance_id);
        work.postpone_mail(&mail);
        count("postponed");
        Ok(if self.committed(work).await? { Fate::Postponed } else { Fate::Elsewhere })
    }

    async fn finish(
        &self,
        mut mail: QueuedMail,
        status: MailStatus,
        last_error: Option<String>,
    ) -> Result<Fate, Error> {
        let now = self.now();
        let fate = if status == MailStatus::Delivered { Fate::Delivered } else { Fate::Failed };
        count(if fate == Fate::Delivered { "delivered" } else { "failed" });
        mail.status = status;
        mail.last_error = last_error;
        mail.updated_at = now;
        mail.forget_at = Some(now + lifetimes::FINISHED_MAIL);
        let mut work = Work::new(&mail.instance_id);
        work.finish_mail(&mail);
        Ok(if self.committed(work).await? { fate } else { Fate::Elsewhere })
    }

    /// Commits; false if another node was faster.
    async fn committed(&self, work: Work) -> Result<bool, Error> {
        match self.store().commit(work).await {
            Ok(()) => Ok(true),
            Err(CommitError::Failed(error)) => Err(error),
            Err(CommitError::Stale | CommitError::Conflict(_)) => Ok(false),
        }
    }
}

fn count(outcome: &'static str) {
    metrics::counter!("frontdesk_mails_total", "outcome" => outcome).increment(1);
}
