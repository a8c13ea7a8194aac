//! What operators and load balancers ask: is it alive, does it want requests, how is it doing?
//!
//! None of it names an instance or a person, so none of it wants credentials. The numbers are for a listener of their
//! own all the same: they tell how busy the place is.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use frontdesk_store::Store;
use http::{StatusCode, Uri, header};
use serde::Serialize;

use crate::Server;

/// Whether a server wants requests, as `/readyz` says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Readiness {
    /// It does.
    Ready,
    /// It was asked to stop and finishes what it has begun.
    Draining,
    /// The database does not answer.
    DatabaseUnavailable,
    /// The database has another schema than this program: a newer program is taking over, or an older one has not
    /// been told to stop.
    SchemaMismatch,
}

impl Server {
    /// Whether the server wants requests. Asks the database.
    pub async fn readiness(&self) -> Readiness {
        if self.is_draining() {
            return Readiness::Draining;
        }
        match self.store().schema_version().await {
            // A newer schema only adds (expand, then contract), so the node before it goes on working.
            Ok(found) if found >= Store::known_schema_version() => Readiness::Ready,
            Ok(_) => Readiness::SchemaMismatch,
            Err(error) => {
                tracing::warn!(%error, "not ready: the database does not answer");
                Readiness::DatabaseUnavailable
            }
        }
    }

    /// A router for operators: `/livez`, `/readyz`, and `/metrics` as `render` writes it, in the text format of
    /// Prometheus. Serve it where only they can reach it.
    pub fn operators_router(&self, render: impl Fn() -> String + Send + Sync + 'static) -> Router {
        let render = Arc::new(render);
        let metrics = get(async move || {
            ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], render())
        });
        health(self).route("/metrics", metrics)
    }
}

/// `/livez` and `/readyz`.
pub(crate) fn health(server: &Server) -> Router {
    Router::new()
        .route("/livez", get(async || "ok\n"))
        .route("/readyz", get(readyz))
        .with_state(server.clone())
}

async fn readyz(State(server): State<Server>) -> Response {
    let readiness = server.readiness().await;
    let status = if readiness == Readiness::Ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = serde_json::json!({ "status": readiness });
    (status, [(header::CACHE_CONTROL, "no-store")], axum::Json(body)).into_response()
}

/// A router that sends every request to the same path at this address: for port 80 beside `https`.
pub fn redirect_router(public_url: &str) -> Router {
    let public_url: Arc<str> = public_url.into();
    Router::new().fallback(async move |uri: Uri| {
        // The path of a request line begins with a slash, or is `*`; two slashes would name a host.
        let path = uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
        let path = path.trim_start_matches('/');
        Redirect::permanent(&format!("{public_url}/{path}"))
    })
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use http::Request;
    use tower::ServiceExt;

    use super::*;

    #[tokio::test]
    async fn redirects_lead_home_and_nowhere_else() {
        let location = async |path: &str| {
            let request = Request::builder().uri(path).body(Body::empty()).unwrap();
            let response = redirect_router("https://clerk.example.com").oneshot(request).await.unwrap();
            assert_eq!(response.status(), 308);
            response.headers()["location"].to_str().unwrap().to_owned()
        };
        assert_eq!(location("/v1/client?a=b").await, "https://clerk.example.com/v1/client?a=b");
        assert_eq!(location("//evil.example/a").await, "https://clerk.example.com/evil.example/a");
        assert_eq!(location("/").await, "https://clerk.example.com/");
    }
}
