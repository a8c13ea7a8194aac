//! The Frontend API: what browsers and devices ask. One file per resource, one function per operation.

mod client;
pub(crate) mod client_token;
pub(crate) mod cookies;
mod cors;
mod dev_browser;
mod images;
pub(crate) mod origins;
mod sessions;

use axum::Router;

use crate::Server;
use crate::extract::FrontendCx;
use crate::routes::Routes;

/// Everything that is not for a secret key.
pub(crate) fn router(server: &Server) -> Router {
    routes()
        .into_router::<FrontendCx>(server)
        .route_layer(axum::middleware::from_fn(cors::layer))
        .merge(images::router())
}

/// Everything the Frontend API answers.
fn routes() -> Routes {
    Routes::new().merge(client::routes()).merge(sessions::routes()).merge(dev_browser::routes())
}
