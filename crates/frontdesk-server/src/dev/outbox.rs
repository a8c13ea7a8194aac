//! The outbox: mails that went no further, as pages for people and as JSON for tests; and every mail there could be, with
//! sample values.
//!
//! A mail's own page is shown in a frame without scripts, forms or an origin: its words may be anybody's.

mod templates;

use askama::Template;
use axum::extract::{Path, Request, State};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use axum::{Json, Router};
use frontdesk_api::Page;
use frontdesk_core::instance::Instance;
use frontdesk_notify::{Letter, Mail};
use frontdesk_types::{InstanceId, Timestamp};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, header};
use serde::Deserialize;

use crate::Server;
use crate::entry::TraceId;
use crate::errors::{self, ApiError};
use crate::server::Mode;

/// `GET /dev/outbox`, `/dev/outbox.json` and what is below them.
pub(super) fn router(server: &Server) -> Router {
    Router::new()
        .route("/dev/outbox", only(get(list)))
        .route("/dev/outbox.json", only(get(json)))
        .route("/dev/outbox/{id}", only(get(one)))
        .route("/dev/outbox/{id}/html", only(get(one_as_html)))
        .route("/dev/outbox/templates", only(get(templates::list)))
        .route("/dev/outbox/templates/{slug}", only(get(templates::one)))
        .route("/dev/outbox/templates/{slug}/html", only(get(templates::one_as_html)))
        .with_state(server.clone())
}

/// Other methods are refused as everywhere.
fn only(methods: MethodRouter<Server>) -> MethodRouter<Server> {
    methods.fallback(async |request: Request| {
        errors::method_not_allowed().into_response(TraceId::of(request.extensions()))
    })
}

/// What the query says. What it says beside that is left alone.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Which {
    /// The slug of an instance; the default instance if left out.
    instance: Option<String>,
    /// A part of the address that mails went to.
    to: Option<String>,
}

impl Which {
    fn of(parts: &Parts) -> Self {
        serde_html_form::from_str(parts.uri.query().unwrap_or_default()).unwrap_or_default()
    }

    /// The part of an address that is looked for, in lower case; nothing finds all.
    fn wanted(&self) -> String {
        self.to.as_deref().unwrap_or_default().trim().to_lowercase()
    }
}

/// What may be in a page.
#[derive(Clone, Copy, Debug)]
enum Content {
    /// Ours: our styles, and a frame of ours.
    Ours,
    /// A mail's: its styles and pictures; no script, no form, no origin.
    Mail,
}

async fn list(State(server): State<Server>, parts: Parts) -> Response {
    if wants_json(&parts.headers) {
        return json(State(server), parts).await;
    }
    let which = Which::of(&parts);
    answer(&parts, Content::Ours, async {
        let (instance, letters) = letters(&server, &which).await?;
        let to = which.to.as_deref().unwrap_or_default().trim();
        rendered(&OutboxPage { instance: &instance, letters: &letters, to })
    })
    .await
}

async fn json(State(server): State<Server>, parts: Parts) -> Response {
    let which = Which::of(&parts);
    answer(&parts, Content::Ours, async {
        let (_, letters) = letters(&server, &which).await?;
        let total_count = u64::try_from(letters.len()).unwrap_or_default();
        Ok(Json(Page { data: letters, total_count }).into_response())
    })
    .await
}

async fn one(State(server): State<Server>, Path(id): Path<String>, parts: Parts) -> Response {
    answer(&parts, Content::Ours, async {
        let (instance, letter) = letter(&server, &Which::of(&parts), &id).await?;
        let mail = &letter.mail;
        rendered(&MailPage {
            mail,
            about: format!(
                "To {}, {}, {}{}",
                mail.to,
                written(letter.sent_at),
                mail.slug.as_str(),
                if letter.handed_over { "; to be sent by the application" } else { "" }
            ),
            back: format!("/dev/outbox?{}", query(&instance)),
            back_words: format!("Outbox of {}", instance.slug),
            frame: format!("/dev/outbox/{}/html?{}", letter.id, query(&instance)),
        })
    })
    .await
}

async fn one_as_html(State(server): State<Server>, Path(id): Path<String>, parts: Parts) -> Response {
    answer(&parts, Content::Mail, async {
        let (_, letter) = letter(&server, &Which::of(&parts), &id).await?;
        Ok(Html(letter.mail.html).into_response())
    })
    .await
}

/// The mails of the instance that the query names, as far as they went where it says; newest first.
async fn letters(server: &Server, which: &Which) -> Result<(Instance, Vec<Letter>), ApiError> {
    let instance = instance(server, which.instance.as_deref()).await?;
    let mut letters =
        server.delivery().outbox().map(|outbox| outbox.letters(&instance.id)).unwrap_or_default();
    let wanted = which.wanted();
    letters.retain(|letter| letter.mail.to.to_lowercase().contains(&wanted));
    Ok((instance, letters))
}

async fn letter(server: &Server, which: &Which, id: &str) -> Result<(Instance, Letter), ApiError> {
    let instance = instance(server, which.instance.as_deref()).await?;
    let letters = server.delivery().outbox().map(|outbox| outbox.letters(&instance.id)).unwrap_or_default();
    let letter = letters.into_iter().find(|letter| letter.id.as_str() == id);
    Ok((instance, letter.ok_or_else(|| errors::resource_not_found("mail", id))?))
}

/// The answer, or why there is none. Nothing of it is to be kept by anybody: there are codes in it.
async fn answer(
    parts: &Parts,
    content: Content,
    show: impl Future<Output = Result<Response, ApiError>>,
) -> Response {
    let trace_id = TraceId::of(&parts.extensions);
    let mut response = show.await.unwrap_or_else(|error| error.into_response(trace_id));
    let (policy, framed) = match content {
        Content::Ours => (
            "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; form-action 'self'; \
             frame-ancestors 'none'; base-uri 'none'",
            "DENY",
        ),
        Content::Mail => (
            "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src https: data:; \
             frame-ancestors 'self'; base-uri 'none'",
            "SAMEORIGIN",
        ),
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, framed),
        (header::CONTENT_SECURITY_POLICY, policy),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

fn rendered(page: &impl Template) -> Result<Response, ApiError> {
    page.render().map(|html| Html(html).into_response()).map_err(errors::internal)
}

fn wants_json(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accepted.contains("application/json") && !accepted.contains("text/html")
}

async fn instance(server: &Server, slug: Option<&str>) -> Result<Instance, ApiError> {
    let found = match (slug, server.mode()) {
        (Some(slug), _) => server.store().instance_by_slug(slug).await?,
        (None, Mode::Development { default_instance }) => by_id(server, default_instance).await?,
        (None, Mode::Production) => None,
    };
    found.ok_or_else(errors::instance_not_found)
}

async fn by_id(server: &Server, id: &InstanceId) -> Result<Option<Instance>, ApiError> {
    Ok(server.store().instance(id).await?)
}

/// The query that names an instance.
fn query(instance: &Instance) -> String {
    url::form_urlencoded::Serializer::new(String::new()).append_pair("instance", &instance.slug).finish()
}

#[derive(Template)]
#[template(path = "dev/outbox.html")]
struct OutboxPage<'a> {
    instance: &'a Instance,
    letters: &'a [Letter],
    to: &'a str,
}

#[derive(Template)]
#[template(path = "dev/mail.html")]
struct MailPage<'a> {
    mail: &'a Mail,
    about: String,
    back: String,
    back_words: String,
    frame: String,
}

/// An instant for people, in UTC.
fn written(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.as_millis())
        .map_or_else(|_| at.as_millis().to_string(), |at| at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string())
}
