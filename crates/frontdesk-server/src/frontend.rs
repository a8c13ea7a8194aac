//! The Frontend API: what browsers and devices ask. One file per resource, one function per operation.

mod client;
pub(crate) mod client_token;
pub(crate) mod cookies;
mod cors;
mod dev_browser;
mod environment;
mod handshake;
mod health;
mod images;
mod me;
mod navigation;
pub(crate) mod origins;
mod satellites;
mod sessions;
mod sign_ins;
mod sign_ups;
mod well_known;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, Request, header};

use crate::entry::TraceId;
use crate::extract::FrontendCx;
use crate::routes::Routes;
use crate::{Server, dev, errors, operators};

/// Everything that is not for a secret key.
pub(crate) fn router(server: &Server) -> Router {
    routes()
        .into_router::<FrontendCx>(server)
        .route_layer(axum::middleware::from_fn(cors::layer))
        .merge(images::router(server))
        .merge(operators::health(server))
        .merge(dev::router(server))
}

/// Answers for a path that neither audience has.
pub(crate) async fn route_not_found(request: Request<Body>) -> Response {
    let response = errors::route_not_found().into_response(TraceId::of(request.extensions()));
    readable(request.headers().get(header::ORIGIN), response)
}

/// An answer that the page which asked can read.
pub(crate) fn readable(origin: Option<&HeaderValue>, mut response: Response) -> Response {
    cors::dress(response.headers_mut(), origin);
    response
}

/// Everything the Frontend API answers.
fn routes() -> Routes {
    Routes::new()
        .merge(client::routes())
        .merge(dev_browser::routes())
        .merge(environment::routes())
        .merge(handshake::routes())
        .merge(health::routes())
        .merge(me::routes())
        .merge(navigation::routes())
        .merge(satellites::routes())
        .merge(sessions::routes())
        .merge(sign_ins::routes())
        .merge(sign_ups::routes())
        .merge(well_known::routes())
}
