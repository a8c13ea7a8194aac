//! The seed page in Rust: who is asking, what they may see, and tokens for other services.
//!
//! Start a server with `cargo run --release`, put the variables it prints into the environment, and run this:
//!
//! ```text
//! grpcurl -plaintext -proto proto/seed_page.proto localhost:3000 frontdesk.example.SeedPage/Protected
//!     Code: Unauthenticated
//! grpcurl -H "authorization: Bearer $TOKEN" …
//!     {"userId":"user_…"}
//! ```

mod messages;

use std::error::Error;

use frontdesk::client::users::{MetadataChanges, UserProfile};
use frontdesk::{Client, Frontdesk, FrontdeskLayer, SignedIn, get_auth};
use serde::Serialize;
use serde_json::{Map, Value};
use tonic::transport::Server;
use tonic::{Code, Request, Response, Status};

use messages::{AuthState, Json, Nothing, Token, User, UserId};
use seed_page::seed_page_server::{SeedPage, SeedPageServer};

/// What build.rs writes.
mod seed_page {
    tonic::include_proto!("frontdesk.example.SeedPage");
}

// sample: main
#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let frontdesk = Frontdesk::from_env()?;
    let desk = Desk { client: frontdesk.client().clone() };

    let port = std::env::var("PORT").map_or(Ok(3000), |port| port.parse())?;
    Server::builder()
        .layer(FrontdeskLayer::new(frontdesk))
        .add_service(SeedPageServer::new(desk))
        .serve(([127, 0, 0, 1], port).into())
        .await?;
    Ok(())
}
// end of sample

struct Desk {
    client: Client,
}

#[tonic::async_trait]
impl SeedPage for Desk {
    // sample: state
    /// The auth state, signed in or not.
    async fn state(&self, request: Request<Nothing>) -> Result<Response<AuthState>, Status> {
        let auth = get_auth(&request).await;
        let user_id = auth.user_id().map(ToString::to_string);
        Ok(Response::new(AuthState { user_id, is_signed_in: auth.is_signed_in() }))
    }
    // end of sample

    // sample: whole auth
    /// Everything that is known about who is asking.
    async fn whole_auth(&self, request: Request<Nothing>) -> Result<Response<Json>, Status> {
        json(&get_auth(&request).await).map(Response::new)
    }
    // end of sample

    // sample: protected
    /// Only for those who are signed in: the first line says so, and everybody else gets `UNAUTHENTICATED`.
    async fn protected(&self, request: Request<Nothing>) -> Result<Response<UserId>, Status> {
        let session = SignedIn::of(&request).await?;
        Ok(Response::new(UserId { user_id: session.user_id().to_string() }))
    }
    // end of sample

    // sample: tokens
    /// The session token that came with the call.
    async fn session_token(&self, request: Request<Nothing>) -> Result<Response<Token>, Status> {
        let token = get_auth(&request).await.get_token().await.map_err(refused)?;
        Ok(Response::new(Token { token }))
    }

    /// A token for a database that checks row by row who is asking.
    async fn supabase_token(&self, request: Request<Nothing>) -> Result<Response<Token>, Status> {
        let auth = get_auth(&request).await;
        let token = auth.get_token().template("supabase").await.map_err(refused)?;
        Ok(Response::new(Token { token }))
    }
    // end of sample

    // sample: user
    /// The user, as the server knows them.
    async fn get_user(&self, request: Request<Nothing>) -> Result<Response<User>, Status> {
        let session = SignedIn::of(&request).await?;
        let user = self.client.users().get_user(session.user_id()).await.map_err(refused)?;
        shown(user.profile).map(Response::new)
    }
    // end of sample

    /// Merges metadata into what the user has; `null` removes a key.
    async fn change_metadata(&self, request: Request<Json>) -> Result<Response<User>, Status> {
        let session = SignedIn::of(&request).await?;
        let metadata = serde_json::from_str::<Map<String, Value>>(&request.get_ref().text)
            .map_err(|error| Status::invalid_argument(error.to_string()))?;
        let changes = MetadataChanges::default().public_metadata(metadata);
        let user = self.client.users().merge_metadata(session.user_id(), changes).await.map_err(refused)?;
        shown(user.profile).map(Response::new)
    }
}

fn shown(user: UserProfile) -> Result<User, Status> {
    let primary = user
        .email_addresses
        .iter()
        .find(|address| Some(&address.id) == user.primary_email_address_id.as_ref());
    Ok(User {
        email_address: primary.map(|address| address.email_address.to_string()),
        public_metadata: Some(json(&user.public_metadata)?),
        id: user.id.to_string(),
    })
}

fn json(value: &impl Serialize) -> Result<Json, Status> {
    let text = serde_json::to_string(value).map_err(|error| Status::internal(error.to_string()))?;
    Ok(Json { text })
}

// sample: refused
/// What the server refused, passed on with its code as the message.
fn refused(error: frontdesk::Error) -> Status {
    let kind = match error.status().map(|status| status.as_u16()) {
        Some(401) => Code::Unauthenticated,
        Some(403) => Code::PermissionDenied,
        Some(404) => Code::NotFound,
        Some(400..500) => Code::FailedPrecondition,
        _ => Code::Unavailable,
    };
    Status::new(kind, error.code().map_or("server_unavailable", |code| code.as_str()))
}
// end of sample
