//! What keeps one's account safe: where one is signed in.

use askama::Template;
use axum::Router;
use frontdesk_api::Nothing;
use frontdesk_api::frontend::me::{GetMe, GetMyActiveSessions};
use frontdesk_api::frontend::sessions::SessionWithActivity;
use frontdesk_types::{SessionId, Timestamp};

use super::Person;
use crate::pages::frame::Frame;
use crate::pages::visit::{Answer, Done, Visit};
use crate::pages::{Pages, shown};

/// What this room answers.
pub(super) fn routes() -> Router<Pages> {
    Router::new().route("/user/security", shown(show))
}

#[derive(Template)]
#[template(path = "pages/security.html")]
struct SecurityPage {
    frame: Frame,
    person: Person,
    sessions: Vec<Place>,
}

/// One of the places where somebody is signed in.
#[derive(Debug)]
struct Place {
    title: String,
    detail: String,
    is_here: bool,
}

async fn show(visit: Visit) -> Answer {
    let me = visit.ask::<GetMe>(&Nothing {}, &Nothing {}).await?;
    let sessions = visit.ask::<GetMyActiveSessions>(&Nothing {}, &Nothing {}).await?;
    let client = visit.client().await?;
    let here: Vec<SessionId> =
        client.map(|client| client.sessions.into_iter().map(|it| it.id).collect()).unwrap_or_default();
    let now = visit.now();
    let mut places: Vec<Place> =
        sessions.iter().map(|session| place(session, here.contains(&session.id), now)).collect();
    places.sort_by_key(|place| !place.is_here);
    Done::page(&SecurityPage { frame: visit.frame("Security"), person: visit.person(&me), sessions: places })
}

fn place(session: &SessionWithActivity, is_here: bool, now: Timestamp) -> Place {
    let used = now.since(session.last_active_at).as_secs();
    Place {
        title: "A browser".to_owned(),
        detail: if is_here { "Here and now".to_owned() } else { format!("Last used {}", ago(used)) },
        is_here,
    }
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
