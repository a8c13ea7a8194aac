//! The second proof of those who have one: a code of an authenticator app, or one of the codes kept for a bad day.

use askama::Template;
use axum::Router;
use frontdesk_api::frontend::sign_ins::{AttemptSignInFactorTwo, SecondFactorAttempt, SignIn, SignInPath};
use http::StatusCode;

use crate::pages::api::Refusal;
use crate::pages::field::Field;
use crate::pages::form::Form;
use crate::pages::frame::Frame;
use crate::pages::problem::Problems;
use crate::pages::visit::{Answer, Done, Visit};
use crate::pages::{Pages, shown, taken};

const PATH: &str = "/sign-in/second-step";
const TOTP: &str = "totp";
const BACKUP_CODE: &str = "backup_code";

/// What this room answers.
pub(super) fn routes() -> Router<Pages> {
    Router::new().route(PATH, shown(show).merge(taken(take)))
}

#[derive(Template)]
#[template(path = "pages/second_step.html")]
struct SecondStepPage {
    frame: Frame,
    field: Field,
    strategy: &'static str,
    /// The other way, and what it is called.
    other: Option<(String, &'static str)>,
}

async fn show(visit: Visit) -> Answer {
    match visit.needs_second_step().await? {
        Some(sign_in) => {
            let wanted = visit.query("with").unwrap_or_default();
            Done::page(&page(&visit, &sign_in, &wanted, Problems::default()))
        }
        None => Ok(Done::Go(visit.link("/sign-in"))),
    }
}

async fn take(visit: Visit, form: Form) -> Answer {
    let Some(sign_in) = visit.needs_second_step().await? else {
        return Ok(Done::Go(visit.link("/sign-in")));
    };
    let wanted = form.text("strategy");
    let again = |problems| {
        Done::page_with(StatusCode::UNPROCESSABLE_ENTITY, &page(&visit, &sign_in, wanted, problems))
    };
    let Some(code) = form.secret("code") else { return again(Problems::at("code", "Enter the code.")) };
    let path = SignInPath { sign_in_id: sign_in.id.clone() };
    let attempt = SecondFactorAttempt { strategy: Some(wanted.to_owned()), code: Some(code) };
    match visit.ask::<AttemptSignInFactorTwo>(&path, &attempt).await {
        Ok(sign_in) => Ok(visit.next_of_sign_in(&sign_in)),
        Err(refusal) => {
            let mut problems = Problems::of(&refusal, &["code"]);
            // There is no mail to look into here.
            problems.reword("code", "That is not the code, or it was used before. Try the next one.");
            again(problems)
        }
    }
}

fn page(visit: &Visit, sign_in: &SignIn, wanted: &str, problems: Problems) -> SecondStepPage {
    let offers = |strategy| {
        sign_in.supported_second_factors.iter().flatten().any(|factor| factor.strategy == strategy)
    };
    let strategy =
        if offers(BACKUP_CODE) && (wanted == BACKUP_CODE || !offers(TOTP)) { BACKUP_CODE } else { TOTP };
    let (field, other) = if strategy == BACKUP_CODE {
        let field = Field::text("code", "Backup code", "off");
        (field, offers(TOTP).then(|| (visit.link(PATH), "Use the authenticator app")))
    } else {
        let other = visit.link_saying(PATH, "with=backup_code");
        (Field::code(), offers(BACKUP_CODE).then_some((other, "Use a backup code")))
    };
    SecondStepPage {
        frame: visit.frame("One more step").with_problems(problems),
        field: field.first(),
        strategy,
        other,
    }
}

impl Visit {
    /// The sign-in of this browser, if it waits for a second proof.
    async fn needs_second_step(&self) -> Result<Option<SignIn>, Refusal> {
        Ok(self.open_sign_in().await?.filter(|it| it.status == "needs_second_factor"))
    }
}
