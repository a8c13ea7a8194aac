//! Mails: the words, for one person.

use std::fmt;

use askama::Template;
use frontdesk_types::Span;
use serde::Serialize;

frontdesk_types::open_enum! {
    /// Which kind of mail, by the slug of its published template (contract `GetTemplateList`).
    pub enum MailTemplate {
        /// A code that proves an address.
        VerificationCode = "verification_code",
    }
}

/// One mail, ready to be sent. `Debug` keeps its words to itself: they hold a code.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Mail {
    /// The address it goes to.
    pub to: String,
    /// Which kind of mail it is.
    pub slug: MailTemplate,
    /// The subject, one line.
    pub subject: String,
    /// The words as plain text.
    pub text: String,
    /// The words as HTML.
    pub html: String,
    /// The code in it, so that tests need not read prose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

#[derive(Template)]
#[template(path = "verification_code.html")]
struct VerificationCode<'a> {
    application: &'a str,
    code: &'a str,
    minutes: i64,
}

impl Mail {
    /// A code that proves an address. `application` is the name that people know the application by, `lifetime` how
    /// long the code works, in whole minutes.
    pub fn verification_code(application: &str, to: &str, code: &str, lifetime: Span) -> Self {
        let application = one_line(application);
        let minutes = lifetime.as_minutes().max(1);
        let unit = if minutes == 1 { "minute" } else { "minutes" };
        let text = format!(
            "Your code for {application} is\n\n    {code}\n\nIt works for {minutes} {unit}, and only once.\n\n\
             If you did not ask for it, somebody may have typed your address by mistake.\n\
             Do nothing, and tell the code to nobody.\n"
        );
        let page = VerificationCode { application: &application, code, minutes };
        Self {
            to: to.to_owned(),
            slug: MailTemplate::VerificationCode,
            subject: format!("{code} is your code for {application}"),
            // Writing to a string fails only if a value refuses to be written; these are text and a number.
            html: page.render().unwrap_or_else(|_| String::new()),
            text,
            code: Some(code.to_owned()),
        }
    }
}

impl fmt::Debug for Mail {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Mail").field("slug", &self.slug).finish_non_exhaustive()
    }
}

/// A name without line breaks and other control characters: in a subject they would begin another header.
fn one_line(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).collect()
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
