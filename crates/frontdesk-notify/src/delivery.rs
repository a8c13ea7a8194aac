//! The way a mail takes.

use crate::{InvalidSmtp, Letter, Outbox, Smtp, SmtpTransport};

/// How mails leave the server.
#[derive(Clone, Debug)]
pub enum Delivery {
    /// They stay here, for the developer to look at.
    Outbox(Outbox),
    /// A mail server takes them.
    Smtp(SmtpTransport),
    /// There is no way: nobody has configured one.
    Unconfigured,
}

/// A mail was not delivered. The text says why, for people who run the server: no password and no code is in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Undeliverable {
    /// No way of sending mail is configured.
    #[error("no way of sending mail is configured")]
    Unconfigured,
    /// The mail server will never take this mail: trying again is of no use.
    #[error("the mail server refused it: {0}")]
    Refused(String),
    /// It did not work this time.
    #[error("{0}")]
    Later(String),
}

impl Delivery {
    /// Over the mail server of these settings. Call it inside a runtime; nothing is sent yet.
    pub fn smtp(smtp: &Smtp) -> Result<Self, InvalidSmtp> {
        SmtpTransport::new(smtp).map(Self::Smtp)
    }

    /// Whether a mail could be sent. Ask before promising one.
    pub const fn ready(&self) -> Result<(), Undeliverable> {
        match self {
            Self::Outbox(_) | Self::Smtp(_) => Ok(()),
            Self::Unconfigured => Err(Undeliverable::Unconfigured),
        }
    }

    /// Whether the mail server is there and takes our credentials, without sending anything. An outbox takes everything.
    pub async fn test(&self) -> Result<(), Undeliverable> {
        match self {
            Self::Outbox(_) => Ok(()),
            Self::Smtp(transport) => transport.test().await,
            Self::Unconfigured => Err(Undeliverable::Unconfigured),
        }
    }

    /// Hands a mail over: to the outbox at once, to a mail server as soon as it answers.
    pub async fn deliver(&self, letter: &Letter) -> Result<(), Undeliverable> {
        match self {
            Self::Outbox(outbox) => {
                outbox.put(letter.clone());
                Ok(())
            }
            Self::Smtp(transport) => transport.send(letter).await,
            Self::Unconfigured => Err(Undeliverable::Unconfigured),
        }
    }

    /// The outbox, if mails go there.
    pub const fn outbox(&self) -> Option<&Outbox> {
        match self {
            Self::Outbox(outbox) => Some(outbox),
            Self::Smtp(_) | Self::Unconfigured => None,
        }
    }

    /// What stands before the `@` of the sender, where no template says otherwise.
    pub fn sender_name(&self) -> &str {
        match self {
            Self::Smtp(transport) => transport.sender_name(),
            Self::Outbox(_) | Self::Unconfigured => "no-reply",
        }
    }

    /// The domain that mails come from, where a mail server is configured.
    pub fn sender_domain(&self) -> Option<&str> {
        match self {
            Self::Smtp(transport) => Some(transport.sender_domain()),
            Self::Outbox(_) | Self::Unconfigured => None,
        }
    }

    /// How many mails may go at a time.
    pub fn at_a_time(&self) -> usize {
        match self {
            Self::Smtp(transport) => transport.at_a_time(),
            Self::Outbox(_) | Self::Unconfigured => 1,
        }
    }
}
