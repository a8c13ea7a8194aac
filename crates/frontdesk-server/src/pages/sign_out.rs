//! Signing out: of one account of this browser, or of all.

use askama::Template;
use axum::Router;
use frontdesk_api::Nothing;
use frontdesk_api::frontend::client::RemoveClientSessions;
use frontdesk_api::frontend::sessions::{RemoveSession, SessionPath};

use super::destination::Flow;
use super::form::Form;
use super::frame::Frame;
use super::visit::{Answer, Done, Visit};
use super::{Pages, shown, taken};

/// What this room answers.
pub(super) fn routes() -> Router<Pages> {
    Router::new().route("/sign-out", shown(show).merge(taken(take)))
}

#[derive(Template)]
#[template(path = "pages/sign_out.html")]
struct SignOutPage {
    frame: Frame,
    /// Who is signed in.
    people: Vec<String>,
}

/// Asks first: a link alone signs nobody out.
async fn show(visit: Visit) -> Answer {
    let sessions = visit.client().await?.map(|client| client.sessions).unwrap_or_default();
    if sessions.is_empty() {
        return Ok(visit.depart(Flow::SignOut));
    }
    let people = sessions.into_iter().map(|session| session.public_user_data.identifier).collect();
    Done::page(&SignOutPage { frame: visit.frame("Sign out"), people })
}

async fn take(visit: Visit, form: Form) -> Answer {
    match form.text("session_id").parse() {
        Ok(session_id) if form.has("session_id") => {
            visit.ask::<RemoveSession>(&SessionPath { session_id }, &Nothing {}).await?;
        }
        _ => {
            let asked = visit.ask::<RemoveClientSessions>(&Nothing {}, &Nothing {}).await;
            match asked {
                Err(refusal) if !refusal.has(&frontdesk_api::ErrorCode::SignedOut) => {
                    return Err(refusal.into());
                }
                _ => {}
            }
        }
    }
    let is_anybody_left = visit.client().await?.is_some_and(|client| !client.sessions.is_empty());
    if is_anybody_left && visit.way().after(Flow::SignOut).is_none() {
        return Ok(Done::Go(visit.place("/accounts")));
    }
    Ok(visit.depart(Flow::SignOut))
}
