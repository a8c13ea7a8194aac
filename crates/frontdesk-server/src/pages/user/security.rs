//! What keeps one's account safe: the password, and where one is signed in.

use std::net::IpAddr;

use askama::Template;
use axum::Router;
use frontdesk_api::Nothing;
use frontdesk_api::frontend::me::{GetMyActiveSessions, RevokeMySession};
use frontdesk_api::frontend::sessions::{SessionActivity, SessionPath, SessionWithActivity};
use frontdesk_core::settings::Wanted;
use frontdesk_types::{SessionId, Timestamp};
use http::StatusCode;

use super::Person;
use crate::pages::field::Field;
use crate::pages::form::Form;
use crate::pages::frame::Frame;
use crate::pages::problem::Problems;
use crate::pages::sign_up::password_hint;
use crate::pages::visit::{Answer, Done, Trouble, Visit};
use crate::pages::{Pages, shown, taken};

/// What this room answers.
pub(super) fn routes() -> Router<Pages> {
    Router::new().route("/user/security", shown(show)).route("/user/sessions/revoke", taken(revoke))
}

#[derive(Template)]
#[template(path = "pages/security.html")]
struct SecurityPage {
    frame: Frame,
    person: Person,
    /// The fields for a new password, where the instance knows passwords.
    passwords: Vec<Field>,
    has_password: bool,
    /// How a second proof is given, where one is asked for.
    second_steps: Vec<&'static str>,
    sessions: Vec<Place>,
    can_delete: bool,
}

/// One of the places where somebody is signed in.
#[derive(Debug)]
struct Place {
    id: String,
    title: String,
    detail: String,
    is_here: bool,
}

async fn show(visit: Visit) -> Answer {
    let mut page = visit.security(Problems::default()).await?;
    page.frame.notice = visit.query("done").and_then(|done| match done.as_str() {
        "password" => Some("Your password was saved."),
        "session" => Some("That place is signed out."),
        _ => None,
    });
    Done::page(&page)
}

async fn revoke(visit: Visit, form: Form) -> Answer {
    let session_id = form.text("session_id").parse().map_err(|_| Trouble::Forged)?;
    match visit.ask::<RevokeMySession>(&SessionPath { session_id }, &Nothing {}).await {
        Ok(_) => Ok(Done::Go(visit.place("/user/security?done=session"))),
        Err(refusal) => visit.security_again(Problems::of(&refusal, &[])).await,
    }
}

impl Visit {
    async fn security(&self, problems: Problems) -> Result<SecurityPage, Trouble> {
        let me = self.me().await?;
        let sessions = self.ask::<GetMyActiveSessions>(&Nothing {}, &Nothing {}).await?;
        let client = self.client().await?;
        let here: Vec<SessionId> =
            client.map(|client| client.sessions.into_iter().map(|it| it.id).collect()).unwrap_or_default();
        let now = self.now();
        let mut places: Vec<Place> =
            sessions.iter().map(|session| place(session, here.contains(&session.id), now)).collect();
        places.sort_by_key(|place| !place.is_here);

        let (settings, profile) = (self.settings(), &me.profile);
        let mut passwords = Vec::new();
        if settings.attributes.password != Wanted::Off {
            if profile.password_enabled {
                passwords.push(Field::password("current_password", "Password so far", "current-password"));
            }
            let new = Field::password("new_password", "New password", "new-password");
            passwords.push(new.hint(password_hint(settings)));
        }
        let steps =
            [(profile.totp_enabled, "Authenticator app"), (profile.backup_code_enabled, "Backup codes")];
        Ok(SecurityPage {
            frame: self.frame("Security").with_problems(problems),
            person: self.person(&me),
            passwords,
            has_password: profile.password_enabled,
            second_steps: steps.into_iter().filter(|(is_on, _)| *is_on).map(|(_, name)| name).collect(),
            sessions: places,
            can_delete: profile.delete_self_enabled,
        })
    }

    /// The page once more, since something was wrong.
    pub(super) async fn security_again(&self, problems: Problems) -> Answer {
        let page = self.security(problems).await?;
        Done::page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
    }
}

fn place(session: &SessionWithActivity, is_here: bool, now: Timestamp) -> Place {
    let activity = session.latest_activity.as_ref();
    let used = now.since(session.last_active_at).as_secs();
    let mut detail = if is_here { "In use now".to_owned() } else { format!("Last used {}", ago(used)) };
    let known = |of: fn(&SessionActivity) -> &Option<String>| activity.and_then(|it| of(it).as_deref());
    // Somebody's own machine, in development, is nowhere in particular.
    let address = known(|it| &it.ip_address).filter(|text| !is_loopback(text));
    for text in [known(|it| &it.city), known(|it| &it.country), address].into_iter().flatten() {
        detail.push_str(" · ");
        detail.push_str(text);
    }
    let title = match (known(|it| &it.browser_name), known(|it| &it.device_type)) {
        (Some(browser), Some(device)) => format!("{browser} on {device}"),
        (Some(name), None) | (None, Some(name)) => name.to_owned(),
        (None, None) => "Unknown browser".to_owned(),
    };
    Place { id: session.id.as_str().to_owned(), title, detail, is_here }
}

fn is_loopback(address: &str) -> bool {
    address.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

/// How long ago that was, for people.
fn ago(seconds: i64) -> String {
    let some = |count: i64, unit: &str| {
        if count == 1 { format!("a {unit} ago") } else { format!("{count} {unit}s ago") }
    };
    match seconds {
        ..120 => "just now".to_owned(),
        120..7_200 => some(seconds / 60, "minute"),
        7_200..172_800 => some(seconds / 3_600, "hour"),
        _ => some(seconds / 86_400, "day"),
    }
}
