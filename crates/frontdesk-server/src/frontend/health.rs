//! Whether the server can do its work. Asked by load balancers, which know no instance and hold no cookie.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use frontdesk_api::frontend::well_known::{GetHealth, Health};
use http::StatusCode;

use crate::Server;
use crate::routes::Routes;

/// What this room answers.
pub(super) fn routes() -> Routes {
    Routes::new().on_anyone(GetHealth, |server| get(health).with_state(server.clone()))
}

async fn health(State(server): State<Server>) -> Response {
    match server.store().ping().await {
        Ok(()) => axum::Json(Health::healthy()).into_response(),
        Err(error) => {
            tracing::error!(%error, "the database does not answer");
            let health = Health::unhealthy("The database does not answer.");
            (StatusCode::SERVICE_UNAVAILABLE, axum::Json(health)).into_response()
        }
    }
}
