//! What went wrong, in words for the person in front of the page.

use askama::Template;
use frontdesk_api::{ErrorCode, ErrorItem};
use http::StatusCode;

use super::api::Refusal;
use super::frame::Frame;

/// What was wrong with a form.
#[derive(Clone, Debug, Default)]
pub(super) struct Problems {
    items: Vec<Problem>,
}

/// One thing that was wrong.
#[derive(Clone, Debug)]
pub(super) struct Problem {
    /// The field that it is about, if it is about one.
    pub(super) field: Option<String>,
    /// What to do about it.
    pub(super) text: String,
}

impl Problems {
    /// One problem with this field.
    pub(super) fn at(field: &str, text: impl Into<String>) -> Self {
        Self { items: vec![Problem { field: Some(field.to_owned()), text: text.into() }] }
    }

    /// One problem with the form as a whole.
    pub(super) fn general(text: impl Into<String>) -> Self {
        Self { items: vec![Problem { field: None, text: text.into() }] }
    }

    /// What the API refused, at the fields that the form has.
    pub(super) fn of(refusal: &Refusal, fields: &[&str]) -> Self {
        let mut items = Vec::new();
        for item in &refusal.errors {
            let named = item.meta.get("param_name").and_then(serde_json::Value::as_str);
            let field = named.filter(|name| fields.contains(name)).or_else(|| home(&item.code, fields));
            items.push(Problem { field: field.map(str::to_owned), text: words(item, refusal) });
        }
        if items.is_empty() {
            return Self::general("Something went wrong here. Please try again.");
        }
        Self { items }
    }

    /// Says something else about a code that is not the right one.
    pub(super) fn reword(&mut self, field: &str, text: &str) {
        let named = self.items.iter_mut().filter(|item| item.field.as_deref() == Some(field));
        for item in named {
            text.clone_into(&mut item.text);
        }
    }

    /// Whether nothing was wrong.
    pub(super) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// All of them.
    pub(super) fn items(&self) -> &[Problem] {
        &self.items
    }

    /// What is wrong with this field.
    pub(super) fn at_field(&self, name: &str) -> Option<&str> {
        self.items.iter().find(|item| item.field.as_deref() == Some(name)).map(|item| item.text.as_str())
    }
}

/// The field that a problem belongs to, where the API does not name one of the form's.
fn home<'f>(code: &ErrorCode, fields: &[&'f str]) -> Option<&'f str> {
    let field = match code {
        ErrorCode::IdentifierNotFound => "identifier",
        ErrorCode::PasswordIncorrect => "password",
        ErrorCode::CodeIncorrect | ErrorCode::VerificationExpired | ErrorCode::VerificationFailed => "code",
        _ => return None,
    };
    fields.iter().copied().find(|name| *name == field)
}

fn words(item: &ErrorItem, refusal: &Refusal) -> String {
    let parameter = item.meta.get("param_name").and_then(serde_json::Value::as_str).unwrap_or_default();
    let text = match &item.code {
        ErrorCode::IdentifierNotFound => "We found no account with these details. Check them, or sign up.",
        ErrorCode::PasswordIncorrect => "That is not the password. Try again, or reset it.",
        ErrorCode::PasswordValidationFailed => "That is not the password. Try again.",
        ErrorCode::IdentifierExists if parameter == "username" => "Somebody has this username already.",
        ErrorCode::IdentifierExists => "There is an account with this address already. Sign in instead?",
        ErrorCode::CodeIncorrect => "That is not the code. Look for the latest one, or have a new one sent.",
        ErrorCode::VerificationExpired => "This code is too old. Have a new one sent.",
        ErrorCode::VerificationFailed => "That were too many tries for one code. Have a new one sent.",
        ErrorCode::VerificationMissing => "No code was sent yet. Have one sent first.",
        ErrorCode::StrategyForUserInvalid => {
            "This account cannot be opened this way. Choose another one below."
        }
        ErrorCode::UserBanned => "This account is closed to sign-ins.",
        ErrorCode::UserLocked => {
            return format!("There were too many failed tries. Try again in {}.", wait(item, refusal));
        }
        ErrorCode::TooManyRequests | ErrorCode::CodeTooManyRequests => {
            return format!("That was a little fast. Try again in {}.", wait(item, refusal));
        }
        ErrorCode::TicketInvalid
        | ErrorCode::TicketExpired
        | ErrorCode::SignInTokenAlreadyUsed
        | ErrorCode::SignInTokenRevoked => "This link does not work any more. Ask for a new one.",
        ErrorCode::MailNotConfigured => "No mail can be sent from here at the moment. Try another way.",
        ErrorCode::ClientReadOnly | ErrorCode::ResourceConflict => {
            "Something changed meanwhile. Please try again."
        }
        ErrorCode::ParamMissing => "Please fill this in.",
        ErrorCode::ParamFormatInvalid if parameter.contains("email") => {
            "This is not an e-mail address. One looks like ada@example.com."
        }
        _ if refusal.status.is_server_error() => "Something went wrong here. Please try again.",
        _ => {
            let told = if item.long_message.is_empty() { &item.message } else { &item.long_message };
            return told.clone();
        }
    };
    text.to_owned()
}

/// How long to wait, for people.
fn wait(item: &ErrorItem, refusal: &Refusal) -> String {
    let told = item.meta.get("lockout_expires_in_seconds").and_then(serde_json::Value::as_u64);
    span(refusal.retry_after.or(told).unwrap_or(60))
}

fn span(seconds: u64) -> String {
    match seconds {
        0 | 1 => "a second".to_owned(),
        2..=90 => format!("{seconds} seconds"),
        91..=5_400 => format!("{} minutes", seconds.div_ceil(60)),
        _ => format!("{} hours", seconds.div_ceil(3_600)),
    }
}

/// A page that could not be shown, explained.
#[derive(Debug)]
pub(super) struct Explained {
    /// What happened.
    pub(super) title: &'static str,
    /// What to do.
    pub(super) text: String,
}

impl Explained {
    /// The form did not come from a page of ours that is still good.
    pub(super) fn forged() -> Self {
        Self {
            title: "Please try that again",
            text: "The page was open for a long time, or something changed in another tab, so nothing was done. \
                   Go back, load the page anew, and try once more. If that does not help, allow cookies for \
                   this site."
                .to_owned(),
        }
    }

    /// The API refused.
    pub(super) fn refused(refusal: &Refusal) -> Self {
        let title = match refusal.status {
            StatusCode::NOT_FOUND | StatusCode::NOT_IMPLEMENTED => "There is nothing here",
            StatusCode::TOO_MANY_REQUESTS => "A little slower, please",
            _ => "That did not work",
        };
        let problems = Problems::of(refusal, &[]);
        let text = problems.items().first().map(|item| item.text.clone()).unwrap_or_default();
        Self { title, text }
    }
}

/// The page of somebody whose page cannot be shown.
#[derive(Template)]
#[template(path = "pages/explained.html")]
pub(super) struct ExplainedPage {
    /// What is drawn around it.
    pub(super) frame: Frame,
    /// What happened.
    pub(super) explained: Explained,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_times_are_told_in_round_numbers() {
        let told = [1, 2, 90, 91, 3_599, 5_400, 5_401].map(span);
        let expected =
            ["a second", "2 seconds", "90 seconds", "2 minutes", "60 minutes", "90 minutes", "2 hours"];
        assert_eq!(told, expected);
    }
}
