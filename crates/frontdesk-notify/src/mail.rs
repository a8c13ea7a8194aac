//! Mails: the words, for one person.

use std::fmt;

use frontdesk_types::Span;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::templates::{self, Brand};

frontdesk_types::open_enum! {
    /// Which kind of mail, by the slug of its published template (contract `GetTemplateList`).
    pub enum MailTemplate {
        /// A code that proves an address.
        VerificationCode = "verification_code",
        /// A code that lets somebody set a new password.
        ResetPasswordCode = "reset_password_code",
        /// A link that signs in.
        MagicLinkSignIn = "magic_link_sign_in",
        /// A link that ends a sign-up.
        MagicLinkSignUp = "magic_link_sign_up",
        /// A link that proves another address of an account.
        MagicLinkUserProfile = "magic_link_user_profile",
        /// The password was changed.
        PasswordChanged = "password_changed",
        /// The password was removed.
        PasswordRemoved = "password_removed",
        /// Another address is the primary one.
        PrimaryEmailAddressChanged = "primary_email_address_changed",
        /// A session began on a device that was not seen before.
        NewDeviceSignIn = "new_device_sign_in",
        /// Too many failed tries have locked the account.
        AccountLocked = "account_locked",
        /// A passkey was added.
        PasskeyAdded = "passkey_added",
        /// A passkey was removed.
        PasskeyRemoved = "passkey_removed",
        /// A second factor was switched on.
        MfaEnabled = "mfa_enabled",
        /// An invitation to the application.
        Invitation = "invitation",
        /// An invitation to an organization.
        OrganizationInvitation = "organization_invitation",
        /// Somebody accepted an invitation to an organization.
        OrganizationInvitationAccepted = "organization_invitation_accepted",
        /// Somebody asks to join an organization.
        OrganizationMembershipRequested = "organization_membership_requested",
        /// A code that proves somebody belongs to an organization's domain.
        AffiliationCode = "affiliation_code",
        /// Somebody stands on the waiting list.
        WaitlistConfirmation = "waitlist_confirmation",
        /// Somebody on the waiting list may come in.
        WaitlistInvitation = "waitlist_invitation",
    }
}

/// One mail, ready to be sent. `Debug` keeps its words to itself: they may hold a code.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// The address it goes to.
    pub to: String,
    /// Which kind of mail it is.
    pub slug: MailTemplate,
    /// The name of the application it comes from.
    #[serde(default)]
    pub application: String,
    /// What stands before the `@` of the sender; as configured if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_name: Option<String>,
    /// What stands before the `@` of the address for answers; as configured if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to_name: Option<String>,
    /// The subject, one line.
    pub subject: String,
    /// The words as plain text.
    pub text: String,
    /// The words as HTML.
    pub html: String,
    /// The code in it, so that tests need not read prose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

impl Mail {
    /// A code that proves an address, in the built-in words. `application` is the name that people know the application
    /// by, `lifetime` how long the code works, in whole minutes.
    pub fn verification_code(application: &str, to: &str, code: &str, lifetime: Span) -> Self {
        let brand = Brand { application: application.to_owned(), ..Brand::default() };
        let mut context = brand.context();
        context.insert("otp_code".to_owned(), json!(code));
        context.insert("ttl_minutes".to_owned(), json!(lifetime.as_minutes().max(1)));
        let slug = MailTemplate::VerificationCode;
        // The built-in words name nothing but what stands in this context: a test renders each of them.
        let rendered =
            templates::built_in(&slug).and_then(|it| it.words.render(&context).ok()).unwrap_or_default();
        Self {
            to: to.to_owned(),
            slug,
            application: application.to_owned(),
            from_name: None,
            reply_to_name: None,
            subject: rendered.subject,
            text: rendered.text,
            html: rendered.html,
            code: Some(code.to_owned()),
        }
    }
}

impl fmt::Debug for Mail {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Mail").field("slug", &self.slug).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_stands_in_every_part() {
        let mail = Mail::verification_code("Shop", "ada@example.com", "424242", Span::minutes(10));
        assert_eq!(mail.subject, "424242 is your code for Shop");
        assert!(mail.text.contains("424242") && mail.html.contains("424242"));
        assert!(mail.text.contains("10 minutes") && mail.html.contains("10 minutes"));
    }

    #[test]
    fn a_name_cannot_break_out() {
        let name = "<b>Shop</b>\r\nBcc: all@example.com";
        let mail = Mail::verification_code(name, "ada@example.com", "424242", Span::minutes(1));
        assert!(!mail.subject.contains(['\r', '\n']));
        assert!(!mail.html.contains("<b>Shop"), "{}", mail.html);
        assert!(mail.html.contains("1 minute,"));
    }

    #[test]
    fn debug_shows_no_code() {
        let mail = Mail::verification_code("Shop", "ada@example.com", "424242", Span::minutes(1));
        assert!(!format!("{mail:?}").contains("424242"));
    }
}
