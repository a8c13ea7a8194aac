//! A password that was forgotten: whose is it? The code that is sent then leads to a new one.

use askama::Template;
use axum::Router;
use frontdesk_api::frontend::sign_ins::NewSignIn;
use http::StatusCode;

use super::{RESET_PASSWORD, has_password, identifier_label};
use crate::pages::field::Field;
use crate::pages::form::Form;
use crate::pages::frame::Frame;
use crate::pages::problem::Problems;
use crate::pages::visit::{Answer, Done, Visit};
use crate::pages::{Pages, shown, taken};

/// What this room answers.
pub(super) fn routes() -> Router<Pages> {
    Router::new().route("/sign-in/forgot-password", shown(show).merge(taken(take)))
}

#[derive(Template)]
#[template(path = "pages/forgot_password.html")]
struct ForgotPasswordPage {
    frame: Frame,
    field: Field,
}

async fn show(visit: Visit) -> Answer {
    if !has_password(visit.settings()) {
        return Ok(Done::Go(visit.link("/sign-in")));
    }
    Done::page(&page(&visit, "", Problems::default()))
}

async fn take(visit: Visit, form: Form) -> Answer {
    let again = |identifier: &str, problems| {
        Done::page_with(StatusCode::UNPROCESSABLE_ENTITY, &page(&visit, identifier, problems))
    };
    let Some(identifier) = form.trimmed("identifier") else {
        let label = identifier_label(visit.settings()).to_lowercase();
        return again("", Problems::at("identifier", format!("Enter your {label}.")));
    };
    let asked = NewSignIn {
        strategy: Some(RESET_PASSWORD.to_owned()),
        identifier: Some(identifier.clone()),
        ..NewSignIn::default()
    };
    match visit.begin_sign_in(asked).await {
        Ok(done) => Ok(done),
        Err(refusal) => again(&identifier, Problems::of(&refusal, &["identifier"])),
    }
}

fn page(visit: &Visit, identifier: &str, problems: Problems) -> ForgotPasswordPage {
    let label = identifier_label(visit.settings());
    let field = if label == "E-mail address" {
        Field::email("identifier", label, "username")
    } else {
        Field::text("identifier", label, "username")
    };
    ForgotPasswordPage {
        frame: visit.frame("Reset your password").with_problems(problems),
        field: field.value(identifier).first(),
    }
}
