//! The seed page in Rust: who is asking, what they may see, and tokens for other services.
//!
//! Start a server with `cargo run --release`, put the variables it prints into the environment, and run this:
//!
//! ```text
//! curl -i localhost:3000/api/protected                                    401
//! curl -H "authorization: Bearer $TOKEN" localhost:3000/api/protected     {"userId":"user_…"}
//! ```

use std::error::Error;

use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router, http::StatusCode};
use frontdesk::{Auth, Frontdesk, FrontdeskLayer, GetTokenError, SignedIn};
use serde_json::{Value, json};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let frontdesk = Frontdesk::from_env()?;
    let app = Router::new()
        .route("/", get(home))
        .route("/api/state", get(state))
        .route("/api/auth", get(whole_auth))
        .route("/api/protected", get(protected))
        .route("/api/token", get(session_token))
        .route("/api/token/supabase", get(supabase_token))
        .layer(FrontdeskLayer::new(frontdesk));

    let port = std::env::var("PORT").map_or(Ok(3000), |port| port.parse())?;
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    axum::serve(listener, app).await?;
    Ok(())
}

/// A page for everybody. Browsers that come back after a while are sent to the server and return with a fresh
/// session; the layer sees to it.
async fn home(auth: Auth) -> Html<String> {
    let who = auth.user_id().map_or("signed out", |user_id| user_id.as_str());
    Html(format!("<p id=\"who\">{who}</p>"))
}

/// The auth state, signed in or not.
async fn state(auth: Auth) -> Json<Value> {
    Json(json!({ "userId": auth.user_id(), "isSignedIn": auth.is_signed_in() }))
}

/// Everything that is known about who is asking.
async fn whole_auth(auth: Auth) -> Json<Auth> {
    Json(auth)
}

/// Only for those who are signed in: the type of the argument says so, and everybody else gets a 401.
async fn protected(session: SignedIn) -> Json<Value> {
    Json(json!({ "userId": session.user_id() }))
}

/// The session token that came with the request.
async fn session_token(auth: Auth) -> Result<Json<Value>, Refused> {
    Ok(Json(json!({ "token": auth.get_token().await? })))
}

/// A token for a database that checks row by row who is asking.
async fn supabase_token(auth: Auth) -> Result<Json<Value>, Refused> {
    Ok(Json(json!({ "token": auth.get_token().template("supabase").await? })))
}

/// What the server refused, passed on with its status and its code.
struct Refused {
    status: StatusCode,
    code: String,
}

impl From<GetTokenError> for Refused {
    fn from(error: GetTokenError) -> Self {
        let status = error.status().and_then(|status| StatusCode::from_u16(status).ok());
        Self {
            status: status.unwrap_or(StatusCode::BAD_GATEWAY),
            code: error.code().unwrap_or("server_unavailable").to_owned(),
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (self.status, Json(json!({ "error": self.code }))).into_response()
    }
}
