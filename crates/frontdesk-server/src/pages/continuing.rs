//! On the way to the application: the last page of ours that somebody sees.
//!
//! In development the application's SDK learns who is signed in from `__clerk_db_jwt` in the address (wire protocol
//! §4.3, row 6); the token is the one that a handshake would hand out. In production its cookies tell, where the
//! application shares a domain with us; where it does not, the way leads through the handshake.

use askama::Template;
use axum::Router;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cookie::{Cookie, SameSite, time::Duration};
use serde::Deserialize;
use url::Url;

use super::destination::{Destination, Flow};
use super::frame::Frame;
use super::visit::{Answer, Done, Visit};
use super::{Pages, shown};
use crate::extract::aim;
use crate::frontend::{cookies, origins};

/// Counts how often the browser came by in a short time.
const COUNTER: &str = "frontdesk_continued";
/// So often, and it is an application that sends people back and forth.
const MOST: u32 = 4;

/// What this room answers.
pub(super) fn routes() -> Router<Pages> {
    Router::new().route("/continue", shown(go_on))
}

#[derive(Template)]
#[template(path = "pages/continue.html")]
struct ContinuePage {
    frame: Frame,
    target: String,
    /// Whether to go there without being asked to.
    at_once: bool,
    sign_out: String,
}

async fn go_on(visit: Visit) -> Answer {
    let application = match visit.destination(Flow::SignIn) {
        Destination::Page(path) => return Ok(Done::Go(path)),
        Destination::Application(url) => url,
    };
    let times = visit.count_times();
    let target = visit.target(application).await;
    Done::page(&ContinuePage {
        frame: visit.frame("One moment"),
        target,
        at_once: times < MOST,
        sign_out: visit.place("/sign-out"),
    })
}

impl Visit {
    /// The address at which the application learns who is signed in, or that nobody is any more.
    async fn target(&self, application: Url) -> String {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("redirect_url", application.as_str())
            .finish();
        let handshake = format!("/v1/client/handshake?{query}");
        if self.instance().is_development() {
            let Some(token) = self.dev_browser(&handshake).await else { return application.into() };
            let mut target = application;
            target.query_pairs_mut().append_pair(cookies::DEV_BROWSER, &token);
            return target.into();
        }
        let host = aim::hosts(self.parts()).next().unwrap_or_default();
        let is_proxied = aim::proxy_url(self.parts()).is_some();
        let sees_our_cookies = is_proxied
            || cookies::shared_domain(origins::domain(self.instance()), host, Some(application.as_str()))
                .is_some();
        if sees_our_cookies { application.into() } else { format!("{}{handshake}&format=nonce", self.base()) }
    }

    /// The development browser that stands for this one, out of the handshake's own answer.
    async fn dev_browser(&self, handshake: &str) -> Option<String> {
        #[derive(Deserialize)]
        struct Claims {
            handshake: Vec<String>,
        }
        let location = Url::parse(&self.redirection(handshake).await?).ok()?;
        let (_, token) = location.query_pairs().find(|(name, _)| name == "__clerk_handshake")?;
        let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
        let Claims { handshake } = serde_json::from_slice(&claims).ok()?;
        let directive = handshake.iter().find_map(|it| it.strip_prefix("__clerk_db_jwt="))?;
        directive.split(';').next().map(str::to_owned)
    }

    /// Counts this visit; forgotten after a few seconds without one.
    fn count_times(&self) -> u32 {
        let known = cookies::values(&self.parts().headers, COUNTER).next();
        let times = known.and_then(|text| text.parse::<u32>().ok()).unwrap_or_default().min(MOST);
        let cookie = Cookie::build((COUNTER, (times + 1).to_string()))
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(self.is_https())
            .max_age(Duration::seconds(10))
            .build();
        self.jar().add(cookie);
        times
    }
}
