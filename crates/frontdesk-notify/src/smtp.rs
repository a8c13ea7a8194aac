//! Mails over SMTP: how a mail server is reached, and what it says to a mail.

mod config;
mod transport;

pub use self::config::{InvalidSmtp, Smtp, SmtpTls};
pub use self::transport::SmtpTransport;
