//! Who is meant by an identifier, and how little is told about it.
//!
//! Where the instance hides who has an account, nothing may tell a person from a nobody before something is proven:
//!
//! - Answers say only what follows from the identifier and the settings: the factors that anybody could have, the
//!   address as it was given, no names, no picture.
//! - Codes are counted, kept and judged for both; nobody's are not sent, and never right.
//! - A password is hashed once for both, and a refusal writes to the disk once for both.
//! - A locked or banned account is answered like a wrong proof.
//!
//! A username that somebody has is told apart at sign-up all the same: it must be, since nobody else can have it.

use frontdesk_core::identification::IdentificationKind;
use frontdesk_core::settings::{Attributes, Wanted};
use frontdesk_core::user::Account;
use frontdesk_types::{EmailAddress, Randomness, Timestamp, Username};

use crate::errors::{self, ApiError};
use crate::extract::FrontendCx;

/// The number of rows that refusals of nobody write to, by turns.
const VAIN_ROWS: u32 = 16;

/// What names somebody, in canonical form.
#[derive(Debug, PartialEq, Eq)]
enum Identifier {
    EmailAddress(EmailAddress),
    Username(Username),
}

impl Identifier {
    /// What the text says, if the instance takes such. An `@` makes an address: no username has one.
    fn read(text: &str, attributes: Attributes) -> Option<Self> {
        if text.contains('@') {
            let address = text.parse().ok().map(Self::EmailAddress);
            address.filter(|_| attributes.email_address != Wanted::Off)
        } else {
            text.parse().ok().map(Self::Username).filter(|_| attributes.username != Wanted::Off)
        }
    }
}

impl FrontendCx {
    /// Whether answers hide who has an account.
    pub(crate) fn hides_accounts(&self) -> bool {
        self.instance.settings.enumeration_protection
    }

    /// The person with this identifier. `None` only where the asker is not to learn that there is nobody: where the
    /// instance hides it, or where they want to sign up then.
    pub(super) async fn named(
        &self,
        identifier: &str,
        sign_up_if_missing: bool,
    ) -> Result<Option<Account>, ApiError> {
        let unknown = || errors::identifier_not_found("identifier");
        let read = Identifier::read(identifier, self.instance.settings.attributes).ok_or_else(unknown)?;
        let (kind, value) = match &read {
            Identifier::EmailAddress(address) => (IdentificationKind::EmailAddress, address.as_str()),
            Identifier::Username(username) => (IdentificationKind::Username, username.as_str()),
        };
        let found = self.store.account_by_identification(&self.instance.id, kind, value).await?;
        let may_be_nobody =
            self.hides_accounts() || sign_up_if_missing && kind == IdentificationKind::EmailAddress;
        if found.is_none() && !may_be_nobody { Err(unknown()) } else { Ok(found) }
    }

    /// Writes to the disk for nothing: what a refusal of somebody writes, a refusal of nobody must write as well, or
    /// the time of the answer would tell them apart.
    pub(crate) fn write_in_vain(&mut self) {
        let rng: &mut dyn Randomness = &mut self.rng;
        let row = rng.below(VAIN_ROWS);
        self.work.set_meta(&format!("vain.{row}"), &self.now.as_millis().to_string());
    }
}

/// Refuses an account that is locked after too many failures.
pub(super) fn refuse_locked(account: &Account, now: Timestamp) -> Result<(), ApiError> {
    match account.user.locked_until {
        Some(until) if account.user.is_locked(now) => Err(errors::user_locked(until.since(now))),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_is_read_as_what_the_instance_takes() {
        let both = Attributes { username: Wanted::Optional, ..Attributes::default() };
        let neither = Attributes { email_address: Wanted::Off, ..Attributes::default() };
        let read = Identifier::read;
        assert_eq!(
            read(" ADA@example.com", both),
            Some(Identifier::EmailAddress("ada@example.com".parse().unwrap()))
        );
        assert_eq!(read("ＡDA", both), Some(Identifier::Username("ada".parse().unwrap())));
        for text in ["", "ada byron", "ada@", "a@b@c.de"] {
            assert_eq!(read(text, both), None, "{text:?}");
        }
        assert_eq!((read("ada", neither), read("ada@example.com", neither)), (None, None));
    }
}
