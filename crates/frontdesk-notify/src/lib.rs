//! Messages on their way out: the mail that carries a code, and where it goes.
//!
//! A [`Mail`] is words, rendered for one person from [`templates`]. [`Delivery`] is the way it takes: in development into
//! the [`Outbox`], a short memory that the developer looks into; in production over [`Smtp`]; where no way is
//! configured, a clear refusal. Codes travel in clear in mails and nowhere else, so mails are never logged, and are
//! written to a database only sealed.
//!
//! ```
//! use frontdesk_notify::{Delivery, Letter, Mail, Outbox};
//! use frontdesk_types::{Span, Timestamp};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let outbox = Outbox::default();
//! outbox.listen(|letter| assert_eq!(letter.mail.to, "ada@example.com"));
//!
//! let delivery = Delivery::Outbox(outbox.clone());
//! let mail = Mail::verification_code("Shop", "ada@example.com", "123456", Span::minutes(10));
//! let (id, instance) = ("ema_1".parse()?, "ins_1".parse()?);
//! let letter = Letter { id, instance, sent_at: Timestamp::from_secs(1), handed_over: false, mail };
//! delivery.deliver(&letter).await?;
//! assert_eq!(outbox.letters(&"ins_1".parse()?)[0].mail.code.as_deref(), Some("123456"));
//! # Ok(())
//! # }
//! ```

#![warn(missing_docs)]

mod delivery;
mod mail;
mod outbox;
mod smtp;
pub mod templates;
#[cfg(feature = "testing")]
pub mod testing;

pub use delivery::{Delivery, Undeliverable};
pub use mail::{Mail, MailTemplate};
pub use outbox::{Letter, Outbox};
pub use smtp::{InvalidSmtp, Smtp, SmtpTls, SmtpTransport};
