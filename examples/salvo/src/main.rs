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
use salvo::extract::JsonBody;
use salvo::prelude::*;
use serde::Deserialize;
use serde_json::{Map, Value, json};

// sample: main
#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let frontdesk = Frontdesk::from_env()?;
    let client = frontdesk.client().clone();
    let api = Router::with_path("api")
        .push(Router::with_path("state").get(state))
        .push(Router::with_path("auth").get(whole_auth))
        .push(Router::with_path("protected").get(protected))
        .push(Router::with_path("token").get(session_token))
        .push(Router::with_path("token/supabase").get(supabase_token))
        .push(Router::with_path("user").get(MyProfile { client: client.clone() }))
        .push(Router::with_path("user/metadata").post(ChangeMetadata { client }));
    let routes = Router::new().hoop(FrontdeskLayer::new(frontdesk)).get(home).push(api);

    let port: u16 = std::env::var("PORT").map_or(Ok(3000), |port| port.parse())?;
    let listener = TcpListener::new(("127.0.0.1", port)).try_bind().await?;
    Server::new(listener).serve(routes).await;
    Ok(())
}
// end of sample

/// A page for everybody. Browsers that come back after a while are sent to the server and return with a fresh
/// session; the layer sees to it.
#[handler]
async fn home(auth: Auth) -> Text<String> {
    let who = auth.user_id().map_or("signed out", |user_id| user_id.as_str());
    Text::Html(format!("<p id=\"who\">{who}</p>"))
}

// sample: state
/// The auth state, signed in or not.
#[handler]
async fn state(auth: Auth) -> Json<Value> {
    Json(json!({ "userId": auth.user_id(), "isSignedIn": auth.is_signed_in() }))
}
// end of sample

// sample: whole auth
/// Everything that is known about who is asking.
#[handler]
async fn whole_auth(auth: Auth) -> Json<Auth> {
    Json(auth)
}
// end of sample

// sample: protected
/// Only for those who are signed in: the type of the argument says so, and everybody else gets a 401.
#[handler]
async fn protected(session: SignedIn) -> Json<Value> {
    Json(json!({ "userId": session.user_id() }))
}
// end of sample

// sample: tokens
/// The session token that came with the request.
#[handler]
async fn session_token(auth: Auth) -> Result<Json<Value>, Refused> {
    Ok(Json(json!({ "token": auth.get_token().await? })))
}

/// A token for a database that checks row by row who is asking.
#[handler]
async fn supabase_token(auth: Auth) -> Result<Json<Value>, Refused> {
    Ok(Json(json!({ "token": auth.get_token().template("supabase").await? })))
}
// end of sample

// sample: user
/// The user, as the server knows them.
struct MyProfile {
    client: Client,
}

#[handler]
impl MyProfile {
    async fn handle(&self, session: SignedIn) -> Result<Json<Value>, Refused> {
        let user = self.client.users().get_user(session.user_id()).await?.profile;
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
}
// end of sample

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Changes {
    public_metadata: Map<String, Value>,
}

/// Merges metadata into what the user has; `null` removes a key.
struct ChangeMetadata {
    client: Client,
}

#[handler]
impl ChangeMetadata {
    async fn handle(&self, session: SignedIn, changes: JsonBody<Changes>) -> Result<Json<Value>, Refused> {
        let changes = MetadataChanges::default().public_metadata(changes.into_inner().public_metadata);
        let user = self.client.users().merge_metadata(session.user_id(), changes).await?.profile;
        Ok(Json(json!({ "id": user.id, "publicMetadata": user.public_metadata })))
    }
}

// sample: refused
/// What the server refused, passed on with its status and its code.
struct Refused(frontdesk::Error);

impl From<frontdesk::Error> for Refused {
    fn from(error: frontdesk::Error) -> Self {
        Self(error)
    }
}

impl Scribe for Refused {
    fn render(self, response: &mut Response) {
        let status = self.0.status().unwrap_or(StatusCode::BAD_GATEWAY);
        let code = self.0.code().map_or("server_unavailable", |code| code.as_str());
        response.render_with_status(status, Json(json!({ "error": code })));
    }
}
// end of sample
