//! A small application under the SDK's layer, tested as its authors would.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod instances;
mod mail;
mod port;
mod routes;
mod satellites;
mod sessions;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use axum::routing::{get, post};
use frontdesk::{Auth, Frontdesk, FrontdeskLayer, SignedIn};
use http::Request;
use http_body_util::BodyExt;
use tower::ServiceExt;

/// A home page for everybody, a page for people who are signed in, and an order that only they can place.
fn app(frontdesk: Frontdesk) -> Router {
    let home = async |auth: Auth| if auth.is_signed_in() { "welcome back" } else { "welcome" };
    let me = async |session: SignedIn| session.user_id().to_string();
    let order = async |session: SignedIn| format!("ordered by {}", session.user_id());
    Router::new()
        .route("/", get(home))
        .route("/me", get(me))
        .route("/orders", post(order))
        .layer(FrontdeskLayer::new(frontdesk))
}

async fn send(app: &Router, request: http::request::Builder) -> Response {
    let request: Request<Body> = request.body(Body::empty()).unwrap();
    app.clone().oneshot(request).await.unwrap()
}

async fn text(response: Response) -> String {
    let body = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(body.to_vec()).unwrap()
}
