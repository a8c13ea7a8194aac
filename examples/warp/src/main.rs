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
use frontdesk::web::warp::{auth, denied, signed_in};
use frontdesk::{Auth, Client, Frontdesk, FrontdeskLayer, SignedIn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tower::Layer;
use warp::http::StatusCode;
use warp::reply::{Json, Response, with_status};
use warp::{Filter, Rejection, Reply, get, path, post, reply};

// sample: main
#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let frontdesk = Frontdesk::from_env()?;
    let routes = routes(frontdesk.client().clone());
    let service = FrontdeskLayer::new(frontdesk).layer(warp::service(routes));

    let port: u16 = std::env::var("PORT").map_or(Ok(3000), |port| port.parse())?;
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        let service = TowerToHyperService::new(service.clone());
        tokio::spawn(async move {
            // It ends with an error if the other side hangs up early.
            auto::Builder::new(TokioExecutor::new())
                .serve_connection(TokioIo::new(stream), service)
                .await
                .ok();
        });
    }
}

/// Paths first, then what they demand; in the end, what was refused is answered.
fn routes(client: Client) -> impl Filter<Extract = (impl Reply,), Error = Rejection> + Clone {
    let client = warp::any().map(move || client.clone());
    let open = path::end().and(get()).and(auth()).map(home);
    let open = open.or(path!("api" / "state").and(get()).and(auth()).map(state));
    let open = open.or(path!("api" / "auth").and(get()).and(auth()).map(whole_auth));
    let tokens = path!("api" / "token").and(get()).and(auth()).then(session_token);
    let tokens = tokens.or(path!("api" / "token" / "supabase").and(get()).and(auth()).then(supabase_token));
    let protected = path!("api" / "protected").and(get()).and(signed_in()).map(protected);
    let user = path!("api" / "user").and(get()).and(signed_in()).and(client.clone()).then(user);
    let metadata = path!("api" / "user" / "metadata").and(post()).and(signed_in()).and(client);
    let metadata = metadata.and(warp::body::json()).then(change_metadata);
    open.or(tokens).or(protected).or(user).or(metadata).recover(denied)
}
// end of sample

/// A page for everybody. Browsers that come back after a while are sent to the server and return with a fresh
/// session; the layer sees to it.
fn home(auth: Auth) -> impl Reply {
    let who = auth.user_id().map_or("signed out", |user_id| user_id.as_str());
    reply::html(format!("<p id=\"who\">{who}</p>"))
}

// sample: state
/// The auth state, signed in or not.
fn state(auth: Auth) -> Json {
    reply::json(&json!({ "userId": auth.user_id(), "isSignedIn": auth.is_signed_in() }))
}
// end of sample

// sample: whole auth
/// Everything that is known about who is asking.
fn whole_auth(auth: Auth) -> Json {
    reply::json(&auth)
}
// end of sample

// sample: protected
/// Only for those who are signed in: the filter before it says so, and everybody else gets a 401.
fn protected(session: SignedIn) -> Json {
    reply::json(&json!({ "userId": session.user_id() }))
}
// end of sample

// sample: tokens
/// The session token that came with the request.
async fn session_token(auth: Auth) -> Result<Json, Refused> {
    Ok(reply::json(&json!({ "token": auth.get_token().await? })))
}

/// A token for a database that checks row by row who is asking.
async fn supabase_token(auth: Auth) -> Result<Json, Refused> {
    Ok(reply::json(&json!({ "token": auth.get_token().template("supabase").await? })))
}
// end of sample

// sample: user
/// The user, as the server knows them.
async fn user(session: SignedIn, client: Client) -> Result<Json, Refused> {
    let user = client.users().get_user(session.user_id()).await?.profile;
    let primary = user
        .email_addresses
        .iter()
        .find(|address| Some(&address.id) == user.primary_email_address_id.as_ref());
    Ok(reply::json(&json!({
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
async fn change_metadata(session: SignedIn, client: Client, changes: Changes) -> Result<Json, Refused> {
    let changes = MetadataChanges::default().public_metadata(changes.public_metadata);
    let user = client.users().merge_metadata(session.user_id(), changes).await?.profile;
    Ok(reply::json(&json!({ "id": user.id, "publicMetadata": user.public_metadata })))
}

// sample: refused
/// What the server refused, passed on with its status and its code.
struct Refused(frontdesk::Error);

impl From<frontdesk::Error> for Refused {
    fn from(error: frontdesk::Error) -> Self {
        Self(error)
    }
}

impl Reply for Refused {
    fn into_response(self) -> Response {
        let status = self.0.status().unwrap_or(StatusCode::BAD_GATEWAY);
        let code = self.0.code().map_or("server_unavailable", |code| code.as_str());
        with_status(reply::json(&json!({ "error": code })), status).into_response()
    }
}
// end of sample
