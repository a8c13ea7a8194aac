//! The outbox: mails that went no further, as a page for people and as JSON for tests.

use askama::Template;
use axum::extract::{Extension, Query, State};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use frontdesk_api::Page;
use frontdesk_core::instance::Instance;
use frontdesk_notify::Letter;
use frontdesk_types::{InstanceId, Timestamp};
use http::{HeaderMap, HeaderValue, header};
use serde::Deserialize;

use crate::Server;
use crate::entry::TraceId;
use crate::errors::{self, ApiError};
use crate::server::Mode;

/// `GET /dev/outbox` and `GET /dev/outbox.json`
pub(super) fn router(server: &Server) -> Router {
    Router::new()
        .route("/dev/outbox", get(page))
        .route("/dev/outbox.json", get(json))
        .with_state(server.clone())
}

#[derive(Debug, Default, Deserialize)]
struct Which {
    /// The slug of an instance; the default instance if left out.
    instance: Option<String>,
}

async fn page(
    State(server): State<Server>,
    Extension(trace_id): Extension<TraceId>,
    Query(which): Query<Which>,
    headers: HeaderMap,
) -> Response {
    let accepted = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if accepted.contains("application/json") && !accepted.contains("text/html") {
        return json(State(server), Extension(trace_id), Query(which)).await;
    }
    shown(&server, &trace_id, which, |instance, letters| {
        let page = OutboxPage { instance: &instance, letters: &letters };
        page.render().map(|html| Html(html).into_response()).map_err(errors::internal)
    })
    .await
}

async fn json(
    State(server): State<Server>,
    Extension(trace_id): Extension<TraceId>,
    Query(which): Query<Which>,
) -> Response {
    shown(&server, &trace_id, which, |_, letters| {
        let total_count = u64::try_from(letters.len()).unwrap_or_default();
        Ok(Json(Page { data: letters, total_count }).into_response())
    })
    .await
}

/// Finds the instance and its mails, and lets them be shown. Nothing of it is to be kept by anybody: there are codes
/// in it.
async fn shown(
    server: &Server,
    trace_id: &TraceId,
    which: Which,
    show: impl FnOnce(Instance, Vec<Letter>) -> Result<Response, ApiError>,
) -> Response {
    let answer = match instance(server, which.instance.as_deref()).await {
        Ok(instance) => {
            let letters = server.delivery().outbox().map(|outbox| outbox.letters(&instance.id));
            show(instance, letters.unwrap_or_default())
        }
        Err(error) => Err(error),
    };
    let mut response = answer.unwrap_or_else(|error| error.into_response(&trace_id.0));
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'"),
    );
    response
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

#[derive(Template)]
#[template(path = "dev/outbox.html")]
struct OutboxPage<'a> {
    instance: &'a Instance,
    letters: &'a [Letter],
}

/// An instant for people, in UTC.
fn written(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.as_millis())
        .map_or_else(|_| at.as_millis().to_string(), |at| at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string())
}
