//! One's own account: picture, names and addresses.

mod emails;
mod image;
mod password;
mod removal;
mod security;

use askama::Template;
use axum::Router;
use frontdesk_api::Nothing;
use frontdesk_api::frontend::me::{GetMe, MyChanges, UpdateMe};
use frontdesk_api::frontend::users::User;
use frontdesk_core::settings::Wanted;
use frontdesk_types::Change;
use http::StatusCode;

use self::emails::Email;
use super::api::Refusal;
use super::field::Field;
use super::form::Form;
use super::frame::Frame;
use super::problem::Problems;
use super::visit::{Answer, Done, Visit};
use super::{Pages, csrf, shown, taken};

/// What this room answers.
pub(super) fn routes() -> Router<Pages> {
    Router::new()
        .route("/user", shown(show))
        .route("/user/name", taken(rename))
        .merge(emails::routes())
        .merge(image::routes())
        .merge(password::routes())
        .merge(removal::routes())
        .merge(security::routes())
}

/// Who is signed in, as the head of the pages about them shows it.
#[derive(Debug)]
struct Person {
    name: String,
    identifier: String,
    image_url: String,
    has_image: bool,
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
    /// The field for one more address, where the instance knows addresses.
    email: Option<Field>,
    /// Where a picture is sent. A form with a file in it has its token there.
    image_action: String,
}

async fn show(visit: Visit) -> Answer {
    let me = visit.me().await?;
    let mut page = UserPage::of(&visit, &me, None, Problems::default());
    page.frame.notice = visit.query("done").and_then(|done| match done.as_str() {
        "name" => Some("Your name was saved."),
        "image" => Some("Your picture was changed."),
        "no-image" => Some("Your picture was removed."),
        "verified" => Some("The address is verified."),
        "primary" => Some("Mails will go to this address from now on."),
        "removed" => Some("The address was removed."),
        _ => None,
    });
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
    let mut changes = MyChanges {
        first_name: given(attributes.first_name, "first_name"),
        last_name: given(attributes.last_name, "last_name"),
        username: given(attributes.username, "username"),
        ..MyChanges::default()
    };
    if form.text("username").trim() == me.profile.username.as_deref().unwrap_or_default() {
        changes.username = Change::Keep;
    }
    match visit.ask::<UpdateMe>(&Nothing {}, &changes).await {
        Ok(_) => Ok(Done::Go(visit.place("/user?done=name"))),
        Err(refusal) => {
            let problems = Problems::of(&refusal, &["first_name", "last_name", "username"]);
            UserPage::of(&visit, &me, Some(&form), problems).again()
        }
    }
}

impl UserPage {
    /// The page about this person, with what was just filled in.
    fn of(visit: &Visit, me: &User, form: Option<&Form>, problems: Problems) -> Self {
        let attributes = visit.settings().attributes;
        let profile = &me.profile;
        let mut names = Vec::new();
        for (wanted, field, known) in [
            (
                attributes.first_name,
                Field::text("first_name", "First name", "given-name"),
                &profile.first_name,
            ),
            (attributes.last_name, Field::text("last_name", "Last name", "family-name"), &profile.last_name),
            (attributes.username, Field::text("username", "Username", "username"), &profile.username),
        ] {
            let value = match form.filter(|form| form.was_sent(field.name)) {
                Some(form) => form.text(field.name).to_owned(),
                None => known.clone().unwrap_or_default(),
            };
            let field = field.value(value);
            match wanted {
                Wanted::Off => {}
                Wanted::Optional => names.push(field.optional()),
                Wanted::Required => names.push(field),
            }
        }
        let given = form.map(|form| form.text("email_address")).unwrap_or_default();
        let email = Field::email("email_address", "Another address", "email").value(given);
        Self {
            frame: visit.frame("Profile").with_problems(problems),
            person: visit.person(me),
            names,
            emails: emails::all(me),
            email: (attributes.email_address != Wanted::Off).then_some(email),
            image_action: format!("{}?{}={}", visit.place("/user/image"), csrf::FIELD, csrf::token(visit)),
        }
    }

    /// The page once more, since something was wrong.
    fn again(&self) -> Answer {
        Done::page_with(StatusCode::UNPROCESSABLE_ENTITY, self)
    }
}

impl Visit {
    /// Who is signed in.
    async fn me(&self) -> Result<User, Refusal> {
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
            has_image: profile.has_image,
            has_others: !self.settings().single_session_mode,
        }
    }
}

/// First and last name, as far as there are any.
pub(super) fn full_name(first: Option<&str>, last: Option<&str>) -> Option<String> {
    let parts: Vec<_> = [first, last].into_iter().flatten().filter(|part| !part.is_empty()).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}
