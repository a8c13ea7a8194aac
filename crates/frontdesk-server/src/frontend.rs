//! The Frontend API: what browsers and devices ask.

use axum::Router;

use crate::Server;

/// Everything that is not for a secret key.
pub(crate) fn router(_server: &Server) -> Router {
    Router::new()
}
