//! One browser at one page: which instance, which cookies, and what it is answered with.

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use askama::Template;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use cookie::{Cookie, SameSite};
use frontdesk_api::frontend::client::{Client, GetClient};
use frontdesk_api::{ErrorCode, Nothing};
use frontdesk_core::settings::Settings;
use frontdesk_types::Timestamp;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Request, StatusCode, header};

use super::Pages;
use super::api::{Jar, Refusal};
use super::destination::Way;
use super::form::Form;
use super::frame::{self, Frame};
use super::{csrf, problem};
use crate::entry::TraceId;
use crate::errors::{self, ApiError};
use crate::extract::{FrontendCx, aim};
use crate::frontend::cookies;
use crate::routes::Context;
use crate::{LoadedInstance, keys};

/// What a page answers with.
pub(super) type Answer = Result<Done, Trouble>;

/// A page that came to its end.
#[derive(Debug)]
pub(super) enum Done {
    /// The page itself.
    Page(StatusCode, String),
    /// Another page, to be asked for with `GET`.
    Go(String),
}

impl Done {
    /// A page that shows what was asked for.
    pub(super) fn page(template: &impl Template) -> Answer {
        Self::page_with(StatusCode::OK, template)
    }

    /// A page that says what was wrong with the form.
    pub(super) fn page_with(status: StatusCode, template: &impl Template) -> Answer {
        let html = template.render().map_err(|error| Trouble::Failed(errors::internal(error)))?;
        Ok(Self::Page(status, html))
    }
}

/// Why a page cannot be shown.
#[derive(Debug)]
pub(super) enum Trouble {
    /// Nobody is signed in here, and the page is about whoever is.
    SignedOut,
    /// A form that did not come from one of our pages, or from one that is too old.
    Forged,
    /// The API refused, for a reason that no field of the page can mend.
    Refused(Refusal),
    /// A bug, or a fault of the house.
    Failed(ApiError),
}

impl From<Refusal> for Trouble {
    fn from(refusal: Refusal) -> Self {
        if refusal.has(&ErrorCode::SignedOut) { Self::SignedOut } else { Self::Refused(refusal) }
    }
}

/// One browser at one page. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Visit(Arc<Visiting>);

#[derive(Debug)]
struct Visiting {
    pages: Pages,
    instance: Arc<LoadedInstance>,
    parts: Parts,
    /// What every path of the pages begins with: nothing, the path of the instance, or that of the proxy.
    base: String,
    /// The origin of the pages, as the browser sees it.
    origin: String,
    is_https: bool,
    way: Way,
    jar: Mutex<Jar>,
    /// What the tokens of the forms are bound to, and whether the browser has it already.
    nonce: (String, IsNew),
    /// Where this page is, if the browser came to a satellite: people sign in on the primary domain.
    elsewhere: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum IsNew {
    Yes,
    No,
}

/// Shows a page.
pub(super) async fn show<Show, Shown>(pages: Pages, request: Request<Body>, show: Show) -> Response
where
    Show: Fn(Visit) -> Shown,
    Shown: Future<Output = Answer>,
{
    let (parts, _) = request.into_parts();
    match Visit::begin(pages, parts).await {
        Ok(visit) => {
            let answer = match &visit.0.elsewhere {
                Some(place) => Ok(Done::Go(place.clone())),
                None => show(visit.clone()).await,
            };
            visit.finish(answer)
        }
        Err(response) => response,
    }
}

/// Takes a form, if it is one of ours.
pub(super) async fn take<Take, Taken>(pages: Pages, request: Request<Body>, take: Take) -> Response
where
    Take: Fn(Visit, Form) -> Taken,
    Taken: Future<Output = Answer>,
{
    let (parts, body) = request.into_parts();
    let visit = match Visit::begin(pages, parts).await {
        Ok(visit) => visit,
        Err(response) => return response,
    };
    let answer = async {
        csrf::check_page(&visit)?;
        let form = Form::read(&visit.parts().headers, body).await?;
        csrf::check_token(&visit, form.text(csrf::FIELD))?;
        take(visit.clone(), form).await
    };
    let answer = answer.await;
    visit.finish(answer)
}

/// Takes a form with a file in it, unread, if it is one of ours. Its token is in its address.
pub(super) async fn take_file<Take, Taken>(pages: Pages, request: Request<Body>, take: Take) -> Response
where
    Take: Fn(Visit, HeaderValue, Body) -> Taken,
    Taken: Future<Output = Answer>,
{
    let (parts, body) = request.into_parts();
    let visit = match Visit::begin(pages, parts).await {
        Ok(visit) => visit,
        Err(response) => return response,
    };
    let answer = async {
        csrf::check_page(&visit)?;
        csrf::check_token(&visit, &visit.query(csrf::FIELD).unwrap_or_default())?;
        let kind = visit.parts().headers.get(header::CONTENT_TYPE).cloned().ok_or(Trouble::Forged)?;
        take(visit.clone(), kind, body).await
    };
    let answer = answer.await;
    visit.finish(answer)
}

impl Visit {
    /// Finds out which instance the page belongs to. Where none does, the answer is the API's own.
    pub(super) async fn begin(pages: Pages, parts: Parts) -> Result<Self, Response> {
        let trace_id = TraceId::of(&parts.extensions).to_owned();
        // Pages check by themselves whose forms they take: their own, wherever the instance is reached.
        let mut asked = parts.clone();
        asked.headers.remove(header::ORIGIN);
        asked.headers.remove("sec-fetch-site");
        let target = FrontendCx::identify(&pages.server, &asked).await;
        let target = target.map_err(|error| error.into_response(&trace_id))?;
        let instance = target.instance;
        let elsewhere = target.satellite.map(|_| {
            let page = parts.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
            format!("{}{page}", instance.primary_frontend_api())
        });

        let is_https = aim::is_https(&pages.server, &parts);
        let (origin, base) = place(&parts, is_https);
        let way = Way::of(&instance, &origin, &base, parts.uri.query().unwrap_or_default());
        let known = cookies::values(&parts.headers, csrf::cookie_name(is_https))
            .find(|value| csrf::is_nonce(value))
            .map(str::to_owned);
        let nonce = match known {
            Some(nonce) => (nonce, IsNew::No),
            None => (keys::alphanumeric::<40>(&mut pages.server.chance()), IsNew::Yes),
        };
        let jar = Mutex::new(Jar::of(&parts.headers, &instance));
        Ok(Self(Arc::new(Visiting {
            pages,
            instance,
            parts,
            base,
            origin,
            is_https,
            way,
            jar,
            nonce,
            elsewhere,
        })))
    }

    /// The instance whose page it is.
    pub(super) fn instance(&self) -> &Arc<LoadedInstance> {
        &self.0.instance
    }

    /// What its owner has set.
    pub(super) fn settings(&self) -> &Settings {
        &self.0.instance.settings
    }

    /// What all pages share.
    pub(super) fn pages(&self) -> &Pages {
        &self.0.pages
    }

    /// The request.
    pub(super) fn parts(&self) -> &Parts {
        &self.0.parts
    }

    /// Where to go afterwards, as the link said.
    pub(super) fn way(&self) -> &Way {
        &self.0.way
    }

    /// What every path of the pages begins with.
    pub(super) fn base(&self) -> &str {
        &self.0.base
    }

    /// The origin of the pages, as the browser sees it.
    pub(super) fn origin(&self) -> &str {
        &self.0.origin
    }

    /// Whether the browser speaks `https`.
    pub(super) fn is_https(&self) -> bool {
        self.0.is_https
    }

    /// What the tokens of the forms are bound to.
    pub(super) fn nonce(&self) -> &str {
        &self.0.nonce.0
    }

    /// The cookies.
    pub(super) fn jar(&self) -> MutexGuard<'_, Jar> {
        self.0.jar.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The time.
    pub(super) fn now(&self) -> Timestamp {
        self.pages().server.now()
    }

    /// A header of the request.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.parts().headers.get(name)?.to_str().ok().filter(|text| !text.is_empty())
    }

    /// A value in the query, decoded.
    pub(super) fn query(&self, name: &str) -> Option<String> {
        let query = self.parts().uri.query().unwrap_or_default();
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        pairs.find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.into_owned())
    }

    /// The address of one of the pages. Where to go afterwards is kept.
    pub(super) fn link(&self, path: &str) -> String {
        format!("{}{path}{}", self.base(), self.way().query())
    }

    /// The same, with one word more in the query.
    pub(super) fn link_saying(&self, path: &str, word: &str) -> String {
        let link = self.link(path);
        let glue = if link.contains('?') { '&' } else { '?' };
        let equals = if word.contains('=') { "" } else { "=1" };
        format!("{link}{glue}{word}{equals}")
    }

    /// The address of one of the pages, with nothing behind it.
    pub(super) fn place(&self, path: &str) -> String {
        format!("{}{path}", self.base())
    }

    /// What is drawn around every page.
    pub(super) fn frame(&self, title: &str) -> Frame {
        Frame::of(self, title)
    }

    /// The client of the browser, as the API shows it.
    pub(super) async fn client(&self) -> Result<Option<Client>, Refusal> {
        self.ask::<GetClient>(&Nothing {}, &Nothing {}).await
    }

    fn finish(&self, answer: Answer) -> Response {
        let done = answer.or_else(|trouble| self.explain(trouble));
        let mut response = match done {
            Ok(Done::Page(status, html)) => (status, frame::headers(self), html).into_response(),
            Ok(Done::Go(place)) => match HeaderValue::try_from(place) {
                Ok(place) => (StatusCode::SEE_OTHER, [(header::LOCATION, place)]).into_response(),
                Err(error) => errors::internal(error).into_response(TraceId::of(&self.parts().extensions)),
            },
            Err(error) => error.into_response(TraceId::of(&self.parts().extensions)),
        };
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        self.jar().hand_out(headers);
        self.hand_out_nonce(headers);
        response
    }

    /// The page for somebody whose page cannot be shown.
    fn explain(&self, trouble: Trouble) -> Result<Done, ApiError> {
        let (status, explained) = match trouble {
            Trouble::SignedOut => {
                let back = format!("{}{}", self.origin(), self.place("/user"));
                let query = url::form_urlencoded::Serializer::new(String::new())
                    .append_pair("redirect_url", &back)
                    .finish();
                return Ok(Done::Go(format!("{}/sign-in?{query}", self.base())));
            }
            Trouble::Forged => (StatusCode::FORBIDDEN, problem::Explained::forged()),
            Trouble::Refused(refusal) => (refusal.status, problem::Explained::refused(&refusal)),
            Trouble::Failed(error) => return Err(error),
        };
        let page = problem::ExplainedPage { frame: self.frame(explained.title), explained };
        match Done::page_with(status, &page) {
            Ok(done) => Ok(done),
            Err(_) => Err(errors::internal("the page of an error could not be drawn")),
        }
    }

    fn hand_out_nonce(&self, headers: &mut HeaderMap) {
        let (nonce, IsNew::Yes) = &self.0.nonce else { return };
        // With the prefix of `https`, browsers take it from this host alone and for every path of it.
        let cookie = Cookie::build((csrf::cookie_name(self.is_https()), nonce.as_str()))
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(self.is_https());
        if let Ok(value) = HeaderValue::try_from(cookie.build().to_string()) {
            headers.append(header::SET_COOKIE, value);
        }
    }
}

/// Origin and base path of the pages, as the browser sees them.
fn place(parts: &Parts, is_https: bool) -> (String, String) {
    if let Some(proxy) = aim::proxy_url(parts).and_then(|text| url::Url::parse(text).ok()) {
        return (proxy.origin().ascii_serialization(), proxy.path().trim_end_matches('/').to_owned());
    }
    let scheme = if is_https { "https" } else { "http" };
    let origin = format!("{scheme}://{}", aim::hosts(parts).next().unwrap_or_default().to_ascii_lowercase());
    let path = aim::cookie_path(parts);
    (origin, path.trim_end_matches('/').to_owned())
}
