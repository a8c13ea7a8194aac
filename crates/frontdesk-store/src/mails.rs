//! Mails on their way out. Handlers collect them with what promised them; a job claims, delivers and finishes them.
//!
//! A claim moves `attempts` and `next_attempt_at`, and only the node that moved them delivers. A node that dies in
//! between leaves a mail that is due again when its claim runs out: mails are delivered at least once.

use frontdesk_core::mail::{MailStatus, QueuedMail};
use frontdesk_types::{EmailId, InstanceId, Timestamp};

use crate::row::{FromRow, Row};
use crate::statement::statements;
use crate::value::params;
use crate::work::Work;
use crate::{Result, Store};

macro_rules! columns {
    () => {
        "instance_id, id, slug, sealed, status, attempts, next_attempt_at, expires_at, forget_at, last_error,
         created_at, updated_at"
    };
}

statements! {
    MAIL_BY_ID = concat!("SELECT ", columns!(), " FROM mails WHERE instance_id = ?1 AND id = ?2");
    DUE_MAILS = concat!("SELECT ", columns!(), " FROM mails WHERE status = 'queued' AND next_attempt_at <= ?1
                         ORDER BY next_attempt_at, id LIMIT ?2");
    INSERT_MAIL = concat!("INSERT INTO mails (", columns!(), ")
                           VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)");
    CLAIM_MAIL = "UPDATE mails SET attempts = attempts + 1, next_attempt_at = ?5, updated_at = ?6
                   WHERE instance_id = ?1 AND id = ?2 AND status = 'queued' AND attempts = ?3
                     AND next_attempt_at = ?4";
    POSTPONE_MAIL = "UPDATE mails SET next_attempt_at = ?4, last_error = ?5, updated_at = ?6
                      WHERE instance_id = ?1 AND id = ?2 AND status = 'queued' AND attempts = ?3";
    RESUME_MAILS = "UPDATE mails SET next_attempt_at = ?1, updated_at = ?1
                     WHERE status = 'queued' AND next_attempt_at > ?1";
    FINISH_MAIL = "UPDATE mails SET status = ?4, sealed = NULL, last_error = ?5, forget_at = ?6, updated_at = ?7
                    WHERE instance_id = ?1 AND id = ?2 AND status = 'queued' AND attempts = ?3";
}

impl FromRow for QueuedMail {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            instance_id: row.get("instance_id")?,
            id: row.get("id")?,
            slug: row.get("slug")?,
            sealed: row.get("sealed")?,
            status: MailStatus::from(row.text("status")?),
            attempts: row.get("attempts")?,
            next_attempt_at: row.get("next_attempt_at")?,
            expires_at: row.get("expires_at")?,
            forget_at: row.get("forget_at")?,
            last_error: row.get("last_error")?,
            created_at: row.get("created_at")?,
            updated_at: row.get("updated_at")?,
        })
    }
}

impl Store {
    /// The mail with this id.
    pub async fn mail(&self, instance: &InstanceId, id: &EmailId) -> Result<Option<QueuedMail>> {
        self.fetch_optional(&MAIL_BY_ID, params![instance, id]).await
    }

    /// The mails of all instances that are to be tried now, those that wait longest first, at most `limit`.
    pub async fn due_mails(&self, now: Timestamp, limit: u32) -> Result<Vec<QueuedMail>> {
        self.fetch_all(&DUE_MAILS, params![now, limit]).await
    }
}

impl Work {
    /// Adds a mail to the queue of the work's instance, or a record of one that needs no queue.
    pub fn queue_mail(&mut self, mail: &QueuedMail) {
        self.one_here(
            &INSERT_MAIL,
            params![
                &mail.id,
                &mail.slug,
                mail.sealed.as_ref(),
                mail.status.as_str(),
                mail.attempts,
                mail.next_attempt_at,
                mail.expires_at,
                mail.forget_at,
                mail.last_error.as_deref(),
                mail.created_at,
                mail.updated_at,
            ],
        );
    }

    /// Takes a mail to deliver it, and gives it as it is then; others leave it alone until then. Stale if somebody else
    /// was faster.
    #[must_use]
    pub fn claim_mail(&mut self, mail: QueuedMail, until: Timestamp, now: Timestamp) -> QueuedMail {
        self.one_here(&CLAIM_MAIL, params![&mail.id, mail.attempts, mail.next_attempt_at, until, now]);
        QueuedMail {
            attempts: mail.attempts.saturating_add(1),
            next_attempt_at: until,
            updated_at: now,
            ..mail
        }
    }

    /// Puts a claimed mail back, to be tried at its `next_attempt_at`. Stale if the claim ran out and somebody else took
    /// it.
    pub fn postpone_mail(&mut self, mail: &QueuedMail) {
        self.one_here(
            &POSTPONE_MAIL,
            params![
                &mail.id,
                mail.attempts,
                mail.next_attempt_at,
                mail.last_error.as_deref(),
                mail.updated_at
            ],
        );
    }

    /// Makes every mail of every instance that waits, or is claimed, due now.
    pub fn resume_mails(&mut self, now: Timestamp) {
        self.any(&RESUME_MAILS, params![now]);
    }

    /// Ends a claimed mail with its `status`, and erases its words. Stale as [`Work::postpone_mail`].
    pub fn finish_mail(&mut self, mail: &QueuedMail) {
        self.one_here(
            &FINISH_MAIL,
            params![
                &mail.id,
                mail.attempts,
                mail.status.as_str(),
                mail.last_error.as_deref(),
                mail.forget_at,
                mail.updated_at,
            ],
        );
    }
}
