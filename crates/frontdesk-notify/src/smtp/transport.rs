//! One mail, from here to the mail server.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use lettre::address::Envelope;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MultiPart};
use lettre::transport::smtp::Error as SmtpError;
use lettre::{Address, AsyncTransport};

use super::config::{Checked, InvalidSmtp, Smtp};
use crate::{Letter, Undeliverable};

/// Connections to a mail server. Cheap to clone; all clones share them.
#[derive(Clone)]
pub struct SmtpTransport(Arc<Shared>);

struct Shared {
    checked: Checked,
    /// What must not be seen in what a mail server says back.
    password: Option<frontdesk_types::Secret>,
    place: String,
}

/// The longest text of an error that is kept.
const LONGEST_ERROR: usize = 300;

/// Answers to a sign-in (RFC 4954): the settings are wrong, not the mail.
const ABOUT_CREDENTIALS: [u16; 5] = [454, 530, 534, 535, 538];

impl SmtpTransport {
    /// Connections to the server of these settings; the first is made with the first mail. Call it inside a runtime.
    pub fn new(smtp: &Smtp) -> Result<Self, InvalidSmtp> {
        Ok(Self(Arc::new(Shared {
            checked: smtp.checked()?,
            password: smtp.password.clone(),
            place: format!("{}:{}", smtp.host, smtp.port()),
        })))
    }

    /// How many mails go at a time.
    pub fn at_a_time(&self) -> usize {
        self.0.checked.at_a_time
    }

    /// What stands before the `@` of the sender.
    pub fn sender_name(&self) -> &str {
        self.0.checked.from.email.user()
    }

    /// The domain that mails come from.
    pub fn sender_domain(&self) -> &str {
        self.0.checked.from.email.domain()
    }

    /// Whether the mail server answers, takes our credentials and is there at all. For `doctor` and readiness.
    pub async fn test(&self) -> Result<(), Undeliverable> {
        let answer =
            tokio::time::timeout(self.0.checked.patience, self.0.checked.transport.test_connection());
        match answer.await {
            Ok(Ok(true)) => Ok(()),
            Ok(Ok(false)) => Err(Undeliverable::Later("the mail server does not answer".to_owned())),
            Ok(Err(error)) => Err(self.judge(&error, None)),
            Err(_) => Err(too_slow()),
        }
    }

    /// Hands a mail over. A mail that was handed over twice has the same `Message-ID` both times.
    pub async fn send(&self, letter: &Letter) -> Result<(), Undeliverable> {
        let Checked { transport, envelope_from, patience, .. } = &self.0.checked;
        let message = self.message(letter)?;
        let to: Address = letter.mail.to.parse().map_err(|_| refused("the address is none"))?;
        let envelope = Envelope::new(Some(envelope_from.clone()), vec![to])
            .map_err(|_| refused("the mail has no envelope"))?;
        match tokio::time::timeout(*patience, transport.send_raw(&envelope, &message.formatted())).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(self.judge(&error, letter.mail.code.as_deref())),
            Err(_) => Err(too_slow()),
        }
    }

    fn message(&self, letter: &Letter) -> Result<Message, Undeliverable> {
        let Checked { from, reply_to, .. } = &self.0.checked;
        let mail = &letter.mail;
        let unusable = |_| refused("the mail cannot be written");
        let mut sender = with_local_part(from, mail.from_name.as_deref());
        if sender.name.is_none() {
            sender.name = Some(one_line(&mail.application)).filter(|name| !name.is_empty());
        }
        let to: Address = mail.to.parse().map_err(|_| refused("the address is none"))?;
        let sent_at = Duration::from_millis(letter.sent_at.as_millis().unsigned_abs());
        let mut builder = Message::builder()
            .date(UNIX_EPOCH + sent_at)
            .from(sender)
            .to(Mailbox::new(None, to))
            .subject(mail.subject.clone())
            .message_id(Some(format!("<{}@{}>", letter.id, from.email.domain())))
            // Machines must not answer a machine (RFC 3834).
            .raw_header(HeaderValue::new(
                HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".to_owned(),
            ));
        let reply_to = match (&mail.reply_to_name, reply_to) {
            (Some(name), reply_to) => Some(with_local_part(reply_to.as_ref().unwrap_or(from), Some(name))),
            (None, reply_to) => reply_to.clone(),
        };
        if let Some(reply_to) = reply_to {
            builder = builder.reply_to(reply_to);
        }
        builder
            .multipart(MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone()))
            .map_err(unusable)
    }

    /// What an error means for the mail: try again, or give it up.
    fn judge(&self, error: &SmtpError, code: Option<&str>) -> Undeliverable {
        let mut text = chain(error);
        let secrets = [self.0.password.as_ref().map(frontdesk_types::Secret::expose), code];
        for secret in secrets.into_iter().flatten().filter(|secret| !secret.is_empty()) {
            text = text.replace(secret, "…");
        }
        let text: String = text
            .chars()
            .map(|character| if character.is_control() { ' ' } else { character })
            .take(LONGEST_ERROR)
            .collect();
        let status = error.status().map(u16::from);
        let is_about_us = status.is_some_and(|status| ABOUT_CREDENTIALS.contains(&status));
        // What our side makes of the mail server (no STARTTLS, no way of signing in that we know) is about the settings,
        // too: addresses and mails are ASCII, which every mail server takes.
        if error.is_permanent() && !is_about_us {
            Undeliverable::Refused(text)
        } else {
            Undeliverable::Later(text)
        }
    }
}

/// A name as it may stand in a header: what cannot be seen becomes a space. The mail library breaks down over a line
/// feed in a name.
fn one_line(text: &str) -> String {
    text.split(|character: char| character.is_control() || character.is_whitespace())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The same mailbox with another part before the `@`. One that no address can have is left out.
fn with_local_part(mailbox: &Mailbox, local_part: Option<&str>) -> Mailbox {
    let replaced = local_part.and_then(|local| Address::new(local, mailbox.email.domain()).ok());
    Mailbox::new(mailbox.name.clone(), replaced.unwrap_or_else(|| mailbox.email.clone()))
}

/// An error and what caused it, on one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}

fn refused(why: &str) -> Undeliverable {
    Undeliverable::Refused(why.to_owned())
}

fn too_slow() -> Undeliverable {
    Undeliverable::Later("the mail server takes too long".to_owned())
}

impl fmt::Debug for SmtpTransport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("SmtpTransport").field(&self.0.place).finish()
    }
}
