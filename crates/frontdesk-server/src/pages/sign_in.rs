//! Signing in: who is it, and how do they prove it?
//!
//! This page asks for the identifier and, where the instance knows passwords, the password with it, so that password
//! managers fill in both. What comes after it has a page of its own; how far a sign-in has come is the API's to say.

mod code;
mod new_password;
mod reset;
mod second_step;

pub(super) use self::code::CodePage;

use askama::Template;
use axum::Router;
use frontdesk_api::ErrorCode;
use frontdesk_api::frontend::client::Client;
use frontdesk_api::frontend::sessions::{SessionPath, Touch, TouchSession};
use frontdesk_api::frontend::sign_ins::{CreateSignIn, NewSignIn, SignIn};
use frontdesk_core::settings::{Settings, Wanted};
use frontdesk_types::{Secret, SessionId};
use http::StatusCode;

use super::api::Refusal;
use super::destination::Flow;
use super::field::Field;
use super::form::Form;
use super::frame::Frame;
use super::problem::Problems;
use super::visit::{Answer, Done, Visit};
use super::{Pages, shown, taken};

const EMAIL_CODE: &str = "email_code";
const RESET_PASSWORD: &str = "reset_password_email_code";

/// What this room answers.
pub(super) fn routes() -> Router<Pages> {
    Router::new()
        .route("/sign-in", shown(show).merge(taken(take)))
        .route("/sign-in/ticket", taken(redeem))
        // Where SDKs send people who are to sign up, if all they know is where to sign in.
        .route("/sign-in/create", shown(|visit: Visit| async move { Ok(Done::Go(visit.link("/sign-up"))) }))
        .merge(code::routes())
        .merge(new_password::routes())
        .merge(reset::routes())
        .merge(second_step::routes())
}

#[derive(Template)]
#[template(path = "pages/sign_in.html")]
struct SignInPage {
    frame: Frame,
    fields: Vec<Field>,
    has_password: bool,
    has_code: bool,
    /// Whether somebody is signed in here already, who wants to be somebody else as well.
    is_another: bool,
}

#[derive(Template)]
#[template(path = "pages/ticket.html")]
struct TicketPage {
    frame: Frame,
    ticket: String,
}

async fn show(visit: Visit) -> Answer {
    if let Some(way) = visit.back_to_satellite() {
        return Ok(Done::Go(way));
    }
    let client = visit.client().await?;
    let is_signed_in = client.as_ref().is_some_and(|client| !client.sessions.is_empty());
    if let Some(ticket) = visit.query("__clerk_ticket") {
        // Only looked at: programs that open links in mails must not use them up.
        return Done::page(&TicketPage { frame: visit.frame("Sign in"), ticket });
    }
    if is_signed_in && visit.settings().single_session_mode {
        return Ok(visit.depart(Flow::SignIn));
    }
    Done::page(&SignInPage::of(&visit, "", is_signed_in, Problems::default()))
}

async fn take(visit: Visit, form: Form) -> Answer {
    let Some(identifier) = form.trimmed("identifier") else {
        let label = identifier_label(visit.settings()).to_lowercase();
        return visit.sign_in_again("", Problems::at("identifier", format!("Enter your {label}.")));
    };
    let by_code = !has_password(visit.settings()) || form.text("with") == EMAIL_CODE;
    let password = form.secret("password").filter(|_| !by_code);
    if !by_code && password.is_none() {
        let problem = Problems::at("password", "Enter your password, or have a code sent instead.");
        return visit.sign_in_again(&identifier, problem);
    }
    let asked = NewSignIn {
        strategy: by_code.then(|| EMAIL_CODE.to_owned()),
        identifier: Some(identifier.clone()),
        password,
        ..NewSignIn::default()
    };
    match visit.begin_sign_in(asked).await {
        Ok(done) => Ok(done),
        Err(refusal) => {
            let problems = Problems::of(&refusal, &["identifier", "password"]);
            visit.sign_in_again(&identifier, problems)
        }
    }
}

async fn redeem(visit: Visit, form: Form) -> Answer {
    let asked = NewSignIn {
        strategy: Some("ticket".to_owned()),
        ticket: Some(Secret::new(form.text("ticket"))),
        ..NewSignIn::default()
    };
    match visit.begin_sign_in(asked).await {
        Ok(done) => Ok(done),
        Err(refusal) => visit.sign_in_again("", Problems::of(&refusal, &[])),
    }
}

impl SignInPage {
    fn of(visit: &Visit, identifier: &str, is_another: bool, problems: Problems) -> Self {
        let settings = visit.settings();
        let has_password = has_password(settings);
        let label = identifier_label(settings);
        // `username` is what password managers look for, also where it is an address.
        let identifier_field = if has_username(settings) {
            Field::text("identifier", label, "username")
        } else {
            Field::email("identifier", label, "username")
        };
        let mut fields = vec![identifier_field.value(identifier).first()];
        if has_password {
            // Not needed where a code is sent, so the browser must not insist on it.
            fields.push(Field::password("password", "Password", "current-password").optional());
        }
        let title = if is_another { "Add an account" } else { "Sign in" };
        Self {
            frame: visit.frame(title).with_problems(problems),
            fields,
            has_password,
            has_code: settings.attributes.email_address != Wanted::Off,
            is_another,
        }
    }
}

impl Visit {
    /// Begins a sign-in and leads on, as far as it came.
    async fn begin_sign_in(&self, asked: NewSignIn) -> Result<Done, Refusal> {
        let refusal = match self.ask::<CreateSignIn>(&frontdesk_api::Nothing {}, &asked).await {
            Ok(sign_in) => return Ok(self.next_of_sign_in(&sign_in)),
            Err(refusal) => refusal,
        };
        if refusal.has(&ErrorCode::SessionExists) {
            return Ok(self.depart(Flow::SignIn));
        }
        if let Some(item) = refusal.find(&ErrorCode::IdentifierAlreadySignedIn)
            && let Some(session) = item.meta.get("session_id").and_then(|id| id.as_str()?.parse().ok())
        {
            self.choose(session).await?;
            return Ok(self.depart(Flow::SignIn));
        }
        Err(refusal)
    }

    /// The page for what comes next in a sign-in.
    pub(super) fn next_of_sign_in(&self, sign_in: &SignIn) -> Done {
        match sign_in.status.as_str() {
            "complete" => self.depart(Flow::SignIn),
            "needs_first_factor" if code_strategy(sign_in).is_some() => Done::Go(self.link("/sign-in/code")),
            "needs_new_password" => Done::Go(self.link("/sign-in/new-password")),
            "needs_second_factor" => Done::Go(self.link("/sign-in/second-step")),
            _ => Done::Go(self.link("/sign-in")),
        }
    }

    /// Makes a session of this browser the one that counts.
    pub(super) async fn choose(&self, session_id: SessionId) -> Result<(), Refusal> {
        let touch = Touch { intent: Some("select_session".to_owned()), ..Touch::default() };
        self.ask::<TouchSession>(&SessionPath { session_id }, &touch).await.map(drop)
    }

    fn sign_in_again(&self, identifier: &str, problems: Problems) -> Answer {
        let page = SignInPage::of(self, identifier, false, problems);
        Done::page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
    }

    /// The sign-in that this browser is in the middle of.
    pub(super) async fn open_sign_in(&self) -> Result<Option<SignIn>, Refusal> {
        Ok(self.client().await?.and_then(|client: Client| client.sign_in))
    }
}

/// The strategy whose code was sent for it, if one was.
fn code_strategy(sign_in: &SignIn) -> Option<&'static str> {
    let verification = sign_in.first_factor_verification.as_ref()?;
    [EMAIL_CODE, RESET_PASSWORD].into_iter().find(|known| *known == verification.strategy.as_str())
}

fn has_password(settings: &Settings) -> bool {
    settings.attributes.password != Wanted::Off
}

fn has_username(settings: &Settings) -> bool {
    settings.attributes.username != Wanted::Off
}

/// What people here are named by.
pub(super) fn identifier_label(settings: &Settings) -> &'static str {
    match (settings.attributes.email_address != Wanted::Off, has_username(settings)) {
        (true, true) => "E-mail address or username",
        (false, true) => "Username",
        (_, false) => "E-mail address",
    }
}
