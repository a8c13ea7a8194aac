//! Mails: written when something is promised, collected with it, and on their way once it is on disk.
//!
//! A handler asks for a mail before its commit: [`Code::new`] and [`Code::queue`] for a code, a function of [`notices`]
//! for news. The mail's row, with its words sealed, is part of the same work as the change that it tells of; so is the
//! event `email.created`. After the commit the outbox of development shows it at once, and where a mail server is
//! configured the job that delivers is woken (`jobs`).
//!
//! A code lives in clear in this process and in the mail alone; the store gets its keyed hash, bound to the attempt
//! and the address it was made for (decision 10).

mod code;
mod draft;
mod notices;
pub(crate) mod templates;

pub(crate) use self::code::{Code, RecentCodes, is_code};
pub(crate) use self::draft::{Letters, Recipient, open, payload_with_words};
pub(crate) use self::notices::{
    lock_begun, new_device_sign_in, password_changed, password_removed, primary_email_address_moved,
};
pub(crate) use frontdesk_notify::MailTemplate;
