//! The new password that a sign-in asks for: the old one was forgotten, or is known to others.

use askama::Template;
use axum::Router;
use frontdesk_api::frontend::sign_ins::{PasswordReset, ResetPassword, SignIn, SignInPath};
use http::StatusCode;

use super::{RESET_PASSWORD, code_strategy};
use crate::pages::api::Refusal;
use crate::pages::field::Field;
use crate::pages::form::Form;
use crate::pages::frame::Frame;
use crate::pages::problem::Problems;
use crate::pages::sign_up::password_hint;
use crate::pages::visit::{Answer, Done, Visit};
use crate::pages::{Pages, shown, taken};

/// What this room answers.
pub(super) fn routes() -> Router<Pages> {
    Router::new().route("/sign-in/new-password", shown(show).merge(taken(take)))
}

#[derive(Template)]
#[template(path = "pages/new_password.html")]
struct NewPasswordPage {
    frame: Frame,
    field: Field,
    /// Whose password it is, for password managers.
    identifier: String,
    /// Whether the old one is known to others, instead of forgotten.
    is_compromised: bool,
}

async fn show(visit: Visit) -> Answer {
    match visit.needs_new_password().await? {
        Some(sign_in) => Done::page(&page(&visit, &sign_in, Problems::default())),
        None => Ok(Done::Go(visit.link("/sign-in"))),
    }
}

async fn take(visit: Visit, form: Form) -> Answer {
    let Some(sign_in) = visit.needs_new_password().await? else {
        return Ok(Done::Go(visit.link("/sign-in")));
    };
    let again =
        |problems| Done::page_with(StatusCode::UNPROCESSABLE_ENTITY, &page(&visit, &sign_in, problems));
    let Some(password) = form.secret("password") else {
        return again(Problems::at("password", "Enter a new password."));
    };
    let path = SignInPath { sign_in_id: sign_in.id.clone() };
    let reset = PasswordReset {
        password: Some(password),
        sign_out_of_other_sessions: Some(form.has("sign_out_of_other_sessions")),
    };
    match visit.ask::<ResetPassword>(&path, &reset).await {
        Ok(sign_in) => Ok(visit.next_of_sign_in(&sign_in)),
        Err(refusal) => again(Problems::of(&refusal, &["password"])),
    }
}

fn page(visit: &Visit, sign_in: &SignIn, problems: Problems) -> NewPasswordPage {
    let field = Field::password("password", "New password", "new-password");
    NewPasswordPage {
        frame: visit.frame("Choose a new password").with_problems(problems),
        field: field.hint(password_hint(visit.settings())).first(),
        is_compromised: code_strategy(sign_in) != Some(RESET_PASSWORD),
        identifier: sign_in.identifier.clone().unwrap_or_default(),
    }
}

impl Visit {
    /// The sign-in of this browser, if it waits for a new password.
    async fn needs_new_password(&self) -> Result<Option<SignIn>, Refusal> {
        Ok(self.open_sign_in().await?.filter(|it| it.status == "needs_new_password"))
    }
}
