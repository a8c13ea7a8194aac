//! One's own account: names and addresses.

mod security;

use askama::Template;
use axum::Router;
use frontdesk_api::Nothing;
use frontdesk_api::frontend::me::{GetMe, MyChanges, UpdateMe};
use frontdesk_api::frontend::users::User;
use frontdesk_core::settings::Wanted;
use frontdesk_types::Change;
use http::StatusCode;

use super::field::Field;
use super::form::Form;
use super::frame::Frame;
use super::problem::Problems;
use super::visit::{Answer, Done, Visit};
use super::{Pages, shown, taken};

/// What this room answers.
pub(super) fn routes() -> Router<Pages> {
    Router::new().route("/user", shown(show)).route("/user/name", taken(rename)).merge(security::routes())
}

/// Who is signed in, as the head of the pages about them shows it.
#[derive(Debug)]
struct Person {
    name: String,
    identifier: String,
    image_url: String,
    /// Whether this browser may hold several accounts.
    has_others: bool,
}

#[derive(Template)]
#[template(path = "pages/user.html")]
struct UserPage {
    frame: Frame,
    person: Person,
    names: Vec<Field>,
    emails: Vec<Email>,
    has_emails: bool,
}

/// One address, as the list shows it.
#[derive(Debug)]
struct Email {
    address: String,
    is_primary: bool,
    is_verified: bool,
}

async fn show(visit: Visit) -> Answer {
    let me = visit.me().await?;
    let done = visit.query("done");
    let notice = done.and_then(|done| match done.as_str() {
        "name" => Some("Your name was saved."),
        _ => None,
    });
    let mut page = page(&visit, &me, None, Problems::default());
    page.frame.notice = notice;
    Done::page(&page)
}

async fn rename(visit: Visit, form: Form) -> Answer {
    let me = visit.me().await?;
    let attributes = visit.settings().attributes;
    let given = |wanted, name| match wanted {
        Wanted::Off => Change::Keep,
        // An empty field clears the name.
        Wanted::Optional | Wanted::Required => Change::Set(form.text(name).trim().to_owned()),
    };
    let changes = MyChanges {
        first_name: given(attributes.first_name, "first_name"),
        last_name: given(attributes.last_name, "last_name"),
        ..MyChanges::default()
    };
    match visit.ask::<UpdateMe>(&Nothing {}, &changes).await {
        Ok(_) => Ok(Done::Go(visit.link_saying("/user", "done=name"))),
        Err(refusal) => {
            let problems = Problems::of(&refusal, &["first_name", "last_name"]);
            let page = page(&visit, &me, Some(&form), problems);
            Done::page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

fn page(visit: &Visit, me: &User, form: Option<&Form>, problems: Problems) -> UserPage {
    let attributes = visit.settings().attributes;
    let profile = &me.profile;
    let value = |name: &str, known: &Option<String>| match form {
        Some(form) => form.text(name).to_owned(),
        None => known.clone().unwrap_or_default(),
    };
    let mut names = Vec::new();
    for (wanted, field, known) in [
        (attributes.first_name, Field::text("first_name", "First name", "given-name"), &profile.first_name),
        (attributes.last_name, Field::text("last_name", "Last name", "family-name"), &profile.last_name),
    ] {
        if wanted != Wanted::Off {
            let value = value(field.name, known);
            let field = field.value(value);
            names.push(if wanted == Wanted::Required { field } else { field.optional() });
        }
    }
    UserPage {
        frame: visit.frame("Profile").with_problems(problems),
        person: visit.person(me),
        names,
        emails: emails(me),
        has_emails: attributes.email_address != Wanted::Off,
    }
}

fn emails(me: &User) -> Vec<Email> {
    let primary = me.profile.primary_email_address_id.as_ref();
    let mut emails: Vec<Email> = me
        .profile
        .email_addresses
        .iter()
        .map(|email| Email {
            address: email.email_address.clone(),
            is_primary: primary == Some(&email.id),
            is_verified: email.verification.as_ref().is_some_and(|it| it.status.as_str() == "verified"),
        })
        .collect();
    emails.sort_by_key(|email| !email.is_primary);
    emails
}

impl Visit {
    /// Who is signed in.
    async fn me(&self) -> Result<User, super::api::Refusal> {
        self.ask::<GetMe>(&Nothing {}, &Nothing {}).await
    }

    fn person(&self, me: &User) -> Person {
        let profile = &me.profile;
        let name = full_name(profile.first_name.as_deref(), profile.last_name.as_deref());
        let primary = profile.primary_email_address_id.as_ref();
        let address = profile.email_addresses.iter().find(|email| Some(&email.id) == primary);
        let address = address.or(profile.email_addresses.first()).map(|email| email.email_address.clone());
        let identifier = address.or_else(|| profile.username.clone()).unwrap_or_default();
        Person {
            name: name.unwrap_or_else(|| identifier.clone()),
            identifier,
            image_url: profile.image_url.clone(),
            has_others: !self.settings().single_session_mode,
        }
    }
}

/// First and last name, as far as there are any.
pub(super) fn full_name(first: Option<&str>, last: Option<&str>) -> Option<String> {
    let parts: Vec<_> = [first, last].into_iter().flatten().filter(|part| !part.is_empty()).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}
