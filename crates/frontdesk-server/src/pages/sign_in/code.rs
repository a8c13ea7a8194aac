//! The code that was sent to prove who signs in.

use askama::Template;
use axum::Router;
use frontdesk_api::frontend::sign_ins::{
    AttemptSignInFactorOne, FactorAttempt, FactorPreparation, PrepareSignInFactorOne, SignIn, SignInPath,
};
use http::StatusCode;

use super::{RESET_PASSWORD, code_strategy};
use crate::pages::field::Field;
use crate::pages::form::Form;
use crate::pages::frame::Frame;
use crate::pages::problem::Problems;
use crate::pages::visit::{Answer, Done, Visit};
use crate::pages::{Pages, shown, taken};

/// What this room answers.
pub(super) fn routes() -> Router<Pages> {
    Router::new()
        .route("/sign-in/code", shown(show).merge(taken(take)))
        .route("/sign-in/code/again", taken(again))
}

/// The page that asks for a code, whatever it is for.
#[derive(Template)]
#[template(path = "pages/code.html")]
pub(in crate::pages) struct CodePage {
    pub(in crate::pages) frame: Frame,
    pub(in crate::pages) field: Field,
    /// Where the code was sent.
    pub(in crate::pages) address: String,
    /// Where the form goes.
    pub(in crate::pages) action: String,
    /// Where the wish for another code goes.
    pub(in crate::pages) again: String,
    /// The way back, and what it is called.
    pub(in crate::pages) back: (String, &'static str),
    /// What both forms carry along.
    pub(in crate::pages) hidden: Vec<(&'static str, String)>,
    /// What the button says.
    pub(in crate::pages) button: &'static str,
}

async fn show(visit: Visit) -> Answer {
    let Some(sign_in) = visit.awaits_code().await? else { return Ok(Done::Go(visit.link("/sign-in"))) };
    let notice = visit.query("sent").map(|_| "A new code is on its way.");
    let mut page = page(&visit, &sign_in, Problems::default());
    page.frame.notice = notice;
    Done::page(&page)
}

async fn take(visit: Visit, form: Form) -> Answer {
    let Some(sign_in) = visit.awaits_code().await? else { return Ok(Done::Go(visit.link("/sign-in"))) };
    let Some(code) = form.secret("code") else {
        let problems = Problems::at("code", "Enter the code from the mail.");
        return Done::page_with(StatusCode::UNPROCESSABLE_ENTITY, &page(&visit, &sign_in, problems));
    };
    let path = SignInPath { sign_in_id: sign_in.id.clone() };
    let attempt = FactorAttempt {
        strategy: code_strategy(&sign_in).map(str::to_owned),
        code: Some(code),
        ..FactorAttempt::default()
    };
    match visit.ask::<AttemptSignInFactorOne>(&path, &attempt).await {
        Ok(sign_in) => Ok(visit.next_of_sign_in(&sign_in)),
        Err(refusal) => {
            let problems = Problems::of(&refusal, &["code"]);
            Done::page_with(StatusCode::UNPROCESSABLE_ENTITY, &page(&visit, &sign_in, problems))
        }
    }
}

async fn again(visit: Visit, _: Form) -> Answer {
    let Some(sign_in) = visit.awaits_code().await? else { return Ok(Done::Go(visit.link("/sign-in"))) };
    let path = SignInPath { sign_in_id: sign_in.id.clone() };
    let wish = FactorPreparation {
        strategy: code_strategy(&sign_in).map(str::to_owned),
        ..FactorPreparation::default()
    };
    match visit.ask::<PrepareSignInFactorOne>(&path, &wish).await {
        Ok(_) => Ok(Done::Go(visit.link_saying("/sign-in/code", "sent"))),
        Err(refusal) => {
            let problems = Problems::of(&refusal, &[]);
            Done::page_with(StatusCode::UNPROCESSABLE_ENTITY, &page(&visit, &sign_in, problems))
        }
    }
}

fn page(visit: &Visit, sign_in: &SignIn, problems: Problems) -> CodePage {
    let is_reset = code_strategy(sign_in) == Some(RESET_PASSWORD);
    CodePage {
        frame: visit.frame("Check your mail").with_problems(problems),
        field: Field::code().first(),
        address: address(sign_in),
        action: visit.link("/sign-in/code"),
        again: visit.link("/sign-in/code/again"),
        back: (visit.link("/sign-in"), if is_reset { "Back to sign-in" } else { "Sign in another way" }),
        hidden: Vec::new(),
        button: "Continue",
    }
}

/// Where the code went: the address as it was given, or what may be shown of it.
pub(super) fn address(sign_in: &SignIn) -> String {
    let identifier = sign_in.identifier.clone().unwrap_or_default();
    if identifier.contains('@') {
        return identifier;
    }
    let mut factors = sign_in.supported_first_factors.iter().flatten();
    let masked = factors.find_map(|factor| factor.safe_identifier.clone());
    masked.unwrap_or_else(|| "your address".to_owned())
}

impl Visit {
    /// The sign-in of this browser, if a code was sent for it.
    async fn awaits_code(&self) -> Result<Option<SignIn>, crate::pages::api::Refusal> {
        let sign_in = self.open_sign_in().await?;
        Ok(sign_in.filter(|it| it.status == "needs_first_factor" && code_strategy(it).is_some()))
    }
}
