//! Signing up: one form for everything that the instance wants, then the code that proves the address.

use askama::Template;
use axum::Router;
use frontdesk_api::Nothing;
use frontdesk_api::frontend::sign_ups::{
    AttemptSignUpVerification, CreateSignUp, PrepareSignUpVerification, SignUp, SignUpFields, SignUpPath,
    VerificationAttempt, VerificationPreparation,
};
use frontdesk_core::settings::{Settings, Wanted};
use frontdesk_types::Change;
use http::StatusCode;

use super::destination::Flow;
use super::field::Field;
use super::form::Form;
use super::frame::{self, Frame};
use super::problem::Problems;
use super::sign_in::CodePage;
use super::visit::{Answer, Done, Visit};
use super::{Pages, shown, taken};

const EMAIL_CODE: &str = "email_code";
/// The fields a problem may be told at.
const FIELDS: [&str; 6] =
    ["first_name", "last_name", "username", "email_address", "password", "legal_accepted"];

/// What this room answers.
pub(super) fn routes() -> Router<Pages> {
    Router::new()
        .route("/sign-up", shown(show).merge(taken(take)))
        .route("/sign-up/verify", shown(show_code).merge(taken(take_code)))
        .route("/sign-up/verify/again", taken(again))
}

#[derive(Template)]
#[template(path = "pages/sign_up.html")]
struct SignUpPage {
    frame: Frame,
    /// First and last name, side by side.
    names: Vec<Field>,
    fields: Vec<Field>,
    /// The terms that are to be accepted, if any are.
    consent: Option<Consent>,
}

/// What somebody accepts.
struct Consent {
    is_given: bool,
    terms: Option<String>,
    privacy_policy: Option<String>,
}

async fn show(visit: Visit) -> Answer {
    if let Some(way) = visit.back_to_satellite() {
        return Ok(Done::Go(way));
    }
    let client = visit.client().await?;
    let is_signed_in = client.as_ref().is_some_and(|client| !client.sessions.is_empty());
    if is_signed_in && visit.settings().single_session_mode {
        return Ok(visit.depart(Flow::SignUp));
    }
    let begun = client.and_then(|client| client.sign_up);
    let given = |name: &str| begun.as_ref().and_then(|sign_up| text_of(sign_up, name)).unwrap_or_default();
    Done::page(&page(&visit, given, false, Problems::default()))
}

async fn take(visit: Visit, form: Form) -> Answer {
    let settings = visit.settings();
    let again = |problems| {
        let page = page(&visit, |name| form.text(name).to_owned(), form.has("legal_accepted"), problems);
        Done::page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
    };
    if settings.sign_up.legal_consent && !form.has("legal_accepted") {
        return again(Problems::at("legal_accepted", "Please accept the terms to go on."));
    }
    let given = |name| form.trimmed(name).map_or(Change::Keep, Change::Set);
    let fields = SignUpFields {
        email_address: given("email_address"),
        username: given("username"),
        password: form.secret("password"),
        first_name: given("first_name"),
        last_name: given("last_name"),
        legal_accepted: form.has("legal_accepted").then_some(true),
        ..SignUpFields::default()
    };
    match visit.ask::<CreateSignUp>(&Nothing {}, &fields).await {
        Ok(sign_up) if sign_up.status == "complete" => Ok(visit.depart(Flow::SignUp)),
        Ok(sign_up) if !sign_up.missing_fields.is_empty() => again(missing(&sign_up)),
        Ok(sign_up) => match visit.send_code(&sign_up).await {
            Ok(_) => Ok(Done::Go(visit.link("/sign-up/verify"))),
            Err(refusal) => again(Problems::of(&refusal, &FIELDS)),
        },
        Err(refusal) if refusal.has(&frontdesk_api::ErrorCode::SessionExists) => {
            Ok(visit.depart(Flow::SignUp))
        }
        Err(refusal) => again(Problems::of(&refusal, &FIELDS)),
    }
}

async fn show_code(visit: Visit) -> Answer {
    let Some(sign_up) = visit.open_sign_up().await? else { return Ok(Done::Go(visit.link("/sign-up"))) };
    let mut page = code_page(&visit, &sign_up, Problems::default());
    page.frame.notice = visit.query("sent").map(|_| "A new code is on its way.");
    Done::page(&page)
}

async fn take_code(visit: Visit, form: Form) -> Answer {
    let Some(sign_up) = visit.open_sign_up().await? else { return Ok(Done::Go(visit.link("/sign-up"))) };
    let again =
        |problems| Done::page_with(StatusCode::UNPROCESSABLE_ENTITY, &code_page(&visit, &sign_up, problems));
    let Some(code) = form.secret("code") else {
        return again(Problems::at("code", "Enter the code from the mail."));
    };
    let path = SignUpPath { sign_up_id: sign_up.id.clone() };
    let attempt = VerificationAttempt { strategy: Some(EMAIL_CODE.to_owned()), code: Some(code) };
    match visit.ask::<AttemptSignUpVerification>(&path, &attempt).await {
        Ok(sign_up) if sign_up.status == "complete" => Ok(visit.depart(Flow::SignUp)),
        // Proven, but begun elsewhere with less than is wanted.
        Ok(_) => Ok(Done::Go(visit.link("/sign-up"))),
        Err(refusal) => again(Problems::of(&refusal, &["code"])),
    }
}

async fn again(visit: Visit, _: Form) -> Answer {
    let Some(sign_up) = visit.open_sign_up().await? else { return Ok(Done::Go(visit.link("/sign-up"))) };
    match visit.send_code(&sign_up).await {
        Ok(_) => Ok(Done::Go(visit.link_saying("/sign-up/verify", "sent"))),
        Err(refusal) => {
            let page = code_page(&visit, &sign_up, Problems::of(&refusal, &[]));
            Done::page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

impl Visit {
    /// The sign-up that this browser is in the middle of, if an address is to be proven in it.
    async fn open_sign_up(&self) -> Result<Option<SignUp>, super::api::Refusal> {
        let sign_up = self.client().await?.and_then(|client| client.sign_up);
        Ok(sign_up.filter(|it| it.unverified_fields.iter().any(|field| field == "email_address")))
    }

    async fn send_code(&self, sign_up: &SignUp) -> Result<SignUp, super::api::Refusal> {
        let path = SignUpPath { sign_up_id: sign_up.id.clone() };
        let wish = VerificationPreparation { strategy: Some(EMAIL_CODE.to_owned()) };
        self.ask::<PrepareSignUpVerification>(&path, &wish).await
    }
}

fn page(visit: &Visit, given: impl Fn(&str) -> String, has_consent: bool, problems: Problems) -> SignUpPage {
    let settings = visit.settings();
    let mut fields = Vec::new();
    let attributes = settings.attributes;
    let all = [
        (attributes.first_name, Field::text("first_name", "First name", "given-name")),
        (attributes.last_name, Field::text("last_name", "Last name", "family-name")),
        (attributes.username, Field::text("username", "Username", "username")),
        (attributes.email_address, Field::email("email_address", "E-mail address", "email")),
        (
            attributes.password,
            Field::password("password", "Password", "new-password").hint(password_hint(settings)),
        ),
    ];
    for (wanted, field) in all {
        // A password is given anew every time.
        let value = if field.kind == "password" { String::new() } else { given(field.name) };
        let field = field.value(value);
        match wanted {
            Wanted::Off => {}
            Wanted::Optional => fields.push(field.optional()),
            Wanted::Required => fields.push(field),
        }
    }
    let (names, fields) = fields.into_iter().partition(|field: &Field| field.name.ends_with("_name"));
    SignUpPage {
        frame: visit.frame("Create your account").with_problems(problems),
        names,
        fields,
        consent: settings.sign_up.legal_consent.then(|| Consent {
            is_given: has_consent,
            terms: frame::web(&settings.urls.terms),
            privacy_policy: frame::web(&settings.urls.privacy_policy),
        }),
    }
}

fn code_page(visit: &Visit, sign_up: &SignUp, problems: Problems) -> CodePage {
    CodePage {
        frame: visit.frame("Check your mail").with_problems(problems),
        field: Field::code().first(),
        address: sign_up.email_address.clone().unwrap_or_default(),
        action: visit.link("/sign-up/verify"),
        again: visit.link("/sign-up/verify/again"),
        back: (visit.link("/sign-up"), "Use another address"),
        hidden: Vec::new(),
        button: "Verify",
    }
}

fn missing(sign_up: &SignUp) -> Problems {
    let known = FIELDS.iter().find(|name| sign_up.missing_fields.iter().any(|field| field == *name));
    match known {
        Some(name) => Problems::at(name, "Please fill this in."),
        None => Problems::general("This application asks for something that this page does not know."),
    }
}

/// What was given for a field in a sign-up that has begun.
fn text_of(sign_up: &SignUp, name: &str) -> Option<String> {
    match name {
        "first_name" => sign_up.first_name.clone(),
        "last_name" => sign_up.last_name.clone(),
        "username" => sign_up.username.clone(),
        "email_address" => sign_up.email_address.clone(),
        _ => None,
    }
}

/// What a password must be like here.
pub(super) fn password_hint(settings: &Settings) -> String {
    let rules = &settings.password;
    let mut wanted = Vec::new();
    if rules.require_uppercase {
        wanted.push("an upper-case letter");
    }
    if rules.require_lowercase {
        wanted.push("a lower-case letter");
    }
    if rules.require_numbers {
        wanted.push("a digit");
    }
    if rules.require_special_char {
        wanted.push("a special character");
    }
    let length = format!("At least {} characters", rules.min_length);
    match wanted.split_last() {
        None => format!("{length}."),
        Some((last, [])) => format!("{length}, with {last}."),
        Some((last, others)) => format!("{length}, with {} and {last}.", others.join(", ")),
    }
}
