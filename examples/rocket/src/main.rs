//! The seed page in Rust: who is asking, what they may see, and tokens for other services.
//!
//! Start a server with `cargo run --release`, put the variables it prints into the environment, and run this:
//!
//! ```text
//! curl -i localhost:3000/api/protected                                    401
//! curl -H "authorization: Bearer $TOKEN" localhost:3000/api/protected     {"userId":"user_…"}
//! ```

use std::error::Error;

use frontdesk::client::users::MetadataChanges;
use frontdesk::{Auth, Client, Frontdesk, FrontdeskLayer, SignedIn};
use rocket::http::Status;
use rocket::response::content::RawHtml;
use rocket::response::status::Custom;
use rocket::serde::json::Json;
use rocket::{Responder, State, get, post, routes};
use serde::Deserialize;
use serde_json::{Map, Value, json};

// sample: main
#[rocket::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let frontdesk = Frontdesk::from_env()?;
    let port: u16 = std::env::var("PORT").map_or(Ok(3000), |port| port.parse())?;
    rocket::custom(rocket::Config::figment().merge(("port", port)))
        .mount("/", routes![home, state, whole_auth, protected])
        .mount("/", routes![session_token, supabase_token, my_profile, change_metadata])
        .manage(frontdesk.client().clone())
        .attach(FrontdeskLayer::new(frontdesk))
        .launch()
        .await?;
    Ok(())
}
// end of sample

/// A page for everybody. Browsers that come back after a while are sent to the server and return with a fresh
/// session; the layer sees to it.
#[get("/")]
fn home(auth: Auth) -> RawHtml<String> {
    let who = auth.user_id().map_or("signed out", |user_id| user_id.as_str());
    RawHtml(format!("<p id=\"who\">{who}</p>"))
}

// sample: state
/// The auth state, signed in or not.
#[get("/api/state")]
fn state(auth: Auth) -> Json<Value> {
    Json(json!({ "userId": auth.user_id(), "isSignedIn": auth.is_signed_in() }))
}
// end of sample

// sample: whole auth
/// Everything that is known about who is asking.
#[get("/api/auth")]
fn whole_auth(auth: Auth) -> Json<Auth> {
    Json(auth)
}
// end of sample

// sample: protected
/// Only for those who are signed in: the type of the argument says so, and everybody else gets a 401.
#[get("/api/protected")]
fn protected(session: SignedIn) -> Json<Value> {
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
async fn my_profile(session: SignedIn, client: &State<Client>) -> Result<Json<Value>, Refused> {
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
#[post("/api/user/metadata", data = "<changes>")]
async fn change_metadata(
    session: SignedIn,
    client: &State<Client>,
    changes: Json<Changes>,
) -> Result<Json<Value>, Refused> {
    let changes = MetadataChanges::default().public_metadata(changes.into_inner().public_metadata);
    let user = client.users().merge_metadata(session.user_id(), changes).await?.profile;
    Ok(Json(json!({ "id": user.id, "publicMetadata": user.public_metadata })))
}

// sample: refused
/// What the server refused, passed on with its status and its code.
#[derive(Responder)]
struct Refused(Custom<Json<Value>>);

impl From<frontdesk::Error> for Refused {
    fn from(error: frontdesk::Error) -> Self {
        let status = error.status().map_or(Status::BadGateway, |status| Status::new(status.as_u16()));
        let code = error.code().map_or("server_unavailable", |code| code.as_str());
        Self(Custom(status, Json(json!({ "error": code }))))
    }
}
// end of sample
