//! The way a mail takes.

use crate::{Letter, Outbox};

/// How mails leave the server.
#[derive(Clone, Debug)]
pub enum Delivery {
    /// They stay here, for the developer to look at.
    Outbox(Outbox),
    /// There is no way: nobody has configured one.
    Unconfigured,
}

/// A mail cannot be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Undeliverable {
    /// No way of sending mail is configured.
    #[error("no way of sending mail is configured")]
    Unconfigured,
}

impl Delivery {
    /// Whether a mail could be sent. Ask before promising one.
    pub const fn ready(&self) -> Result<(), Undeliverable> {
        match self {
            Self::Outbox(_) => Ok(()),
            Self::Unconfigured => Err(Undeliverable::Unconfigured),
        }
    }

    /// Sends a mail.
    pub fn deliver(&self, letter: Letter) -> Result<(), Undeliverable> {
        match self {
            Self::Outbox(outbox) => {
                outbox.put(letter);
                Ok(())
            }
            Self::Unconfigured => Err(Undeliverable::Unconfigured),
        }
    }

    /// The outbox, if mails go there.
    pub const fn outbox(&self) -> Option<&Outbox> {
        match self {
            Self::Outbox(outbox) => Some(outbox),
            Self::Unconfigured => None,
        }
    }
}
