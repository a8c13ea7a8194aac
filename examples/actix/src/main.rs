//! The seed page in Rust: who is asking, what they may see, and tokens for other services.
//!
//! Start a server with `cargo run --release`, put the variables it prints into the environment, and run this:
//!
//! ```text
//! curl -i localhost:3000/api/protected                                    401
//! curl -H "authorization: Bearer $TOKEN" localhost:3000/api/protected     {"userId":"user_…"}
//! ```

use std::error::Error;
use std::fmt;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Html, Json};
use actix_web::{App, HttpResponse, HttpServer, ResponseError, get, post};
use frontdesk::client::users::MetadataChanges;
use frontdesk::{Auth, Client, Frontdesk, FrontdeskLayer, SignedIn};
use serde::Deserialize;
use serde_json::{Map, Value, json};

// sample: main
#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let frontdesk = Frontdesk::from_env()?;
    let server = HttpServer::new(move || {
        App::new()
            .service((home, state, whole_auth, protected))
            .service((session_token, supabase_token, my_profile, change_metadata))
            .app_data(Data::new(frontdesk.client().clone()))
            .wrap(FrontdeskLayer::new(frontdesk.clone()))
    });

    let port = std::env::var("PORT").map_or(Ok(3000), |port| port.parse())?;
    server.bind(("127.0.0.1", port))?.run().await?;
    Ok(())
}
// end of sample

/// A page for everybody. Browsers that come back after a while are sent to the server and return with a fresh
/// session; the layer sees to it.
#[get("/")]
async fn home(auth: Auth) -> Html {
    let who = auth.user_id().map_or("signed out", |user_id| user_id.as_str());
    Html::new(format!("<p id=\"who\">{who}</p>"))
}

// sample: state
/// The auth state, signed in or not.
#[get("/api/state")]
async fn state(auth: Auth) -> Json<Value> {
    Json(json!({ "userId": auth.user_id(), "isSignedIn": auth.is_signed_in() }))
}
// end of sample

// sample: whole auth
/// Everything that is known about who is asking.
#[get("/api/auth")]
async fn whole_auth(auth: Auth) -> Json<Auth> {
    Json(auth)
}
// end of sample

// sample: protected
/// Only for those who are signed in: the type of the argument says so, and everybody else gets a 401.
#[get("/api/protected")]
async fn protected(session: SignedIn) -> Json<Value> {
    Json(json!({ "userId": session.user_id() }))
}
// end of sample

// sample: tokens
/// The session token that came with the request.
#[get("/api/token")]
async fn session_token(auth: Auth) -> Result<Json<Value>, Refused> {
    Ok(Json(json!({ "token": auth.get_token().await? })))
}

/// A token for a database that checks row by row who is asking.
#[get("/api/token/supabase")]
async fn supabase_token(auth: Auth) -> Result<Json<Value>, Refused> {
    Ok(Json(json!({ "token": auth.get_token().template("supabase").await? })))
}
// end of sample

// sample: user
/// The user, as the server knows them.
#[get("/api/user")]
async fn my_profile(session: SignedIn, client: Data<Client>) -> Result<Json<Value>, Refused> {
    let user = client.users().get_user(session.user_id()).await?.profile;
    let primary = user
        .email_addresses
        .iter()
        .find(|address| Some(&address.id) == user.primary_email_address_id.as_ref());
    Ok(Json(json!({
        "id": user.id,
        "emailAddress": primary.map(|address| &address.email_address),
        "publicMetadata": user.public_metadata,
    })))
}
// end of sample

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Changes {
    public_metadata: Map<String, Value>,
}

/// Merges metadata into what the user has; `null` removes a key.
#[post("/api/user/metadata")]
async fn change_metadata(
    session: SignedIn,
    client: Data<Client>,
    changes: Json<Changes>,
) -> Result<Json<Value>, Refused> {
    let changes = MetadataChanges::default().public_metadata(changes.into_inner().public_metadata);
    let user = client.users().merge_metadata(session.user_id(), changes).await?.profile;
    Ok(Json(json!({ "id": user.id, "publicMetadata": user.public_metadata })))
}

// sample: refused
/// What the server refused, passed on with its status and its code.
#[derive(Debug)]
struct Refused(frontdesk::Error);

impl From<frontdesk::Error> for Refused {
    fn from(error: frontdesk::Error) -> Self {
        Self(error)
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl ResponseError for Refused {
    fn status_code(&self) -> StatusCode {
        let status = self.0.status().map(|status| status.as_u16());
        status.and_then(|status| StatusCode::from_u16(status).ok()).unwrap_or(StatusCode::BAD_GATEWAY)
    }

    fn error_response(&self) -> HttpResponse {
        let code = self.0.code().map_or("server_unavailable", |code| code.as_str());
        HttpResponse::build(self.status_code()).json(json!({ "error": code }))
    }
}
// end of sample
