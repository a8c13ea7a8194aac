//! The accounts that are signed in on this browser, where the instance lets there be several: choose one, add one.

use askama::Template;
use axum::Router;
use frontdesk_api::frontend::sessions::Session;

use super::destination::Flow;
use super::form::Form;
use super::frame::Frame;
use super::visit::{Answer, Done, Trouble, Visit};
use super::{Pages, shown, taken};

/// What this room answers.
pub(super) fn routes() -> Router<Pages> {
    Router::new().route("/accounts", shown(show).merge(taken(take)))
}

#[derive(Template)]
#[template(path = "pages/accounts.html")]
struct AccountsPage {
    frame: Frame,
    accounts: Vec<Account>,
    can_add: bool,
}

struct Account {
    session_id: String,
    name: String,
    identifier: String,
    image_url: String,
    is_active: bool,
}

async fn show(visit: Visit) -> Answer {
    let Some(client) = visit.client().await?.filter(|client| !client.sessions.is_empty()) else {
        return Err(Trouble::SignedOut);
    };
    let active = client.last_active_session_id.as_ref();
    let accounts = client.sessions.iter().map(|session| Account::of(session, active == Some(&session.id)));
    Done::page(&AccountsPage {
        frame: visit.frame("Your accounts"),
        accounts: accounts.collect(),
        can_add: !visit.settings().single_session_mode,
    })
}

async fn take(visit: Visit, form: Form) -> Answer {
    let Ok(session_id) = form.text("session_id").parse() else { return Err(Trouble::Forged) };
    visit.choose(session_id).await?;
    Ok(visit.depart(Flow::SignIn))
}

impl Account {
    fn of(session: &Session, is_active: bool) -> Self {
        let data = &session.public_user_data;
        let name = super::user::full_name(data.first_name.as_deref(), data.last_name.as_deref());
        Self {
            session_id: session.id.as_str().to_owned(),
            name: name.unwrap_or_else(|| data.identifier.clone()),
            identifier: data.identifier.clone(),
            image_url: data.image_url.clone(),
            is_active,
        }
    }
}
