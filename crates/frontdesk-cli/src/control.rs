//! What the command line asks of a server, wherever the server is: in this process, or behind the control socket.

use anyhow::{Context, Result, anyhow, bail};
use frontdesk_client::sessions::{NewSession, NewToken};
use frontdesk_client::users::{NewUser, UserListQuery};
use frontdesk_client::{Client, UserId};
use frontdesk_core::instance::{Instance, InstanceKind};
use frontdesk_core::settings::Settings;
use frontdesk_server::{InstanceKeys, NewInstance, Server};
use frontdesk_types::Span;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// One request of the command line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub(crate) enum Ask {
    /// Make an instance.
    CreateInstance { name: String, key_host: String, kind: InstanceKind },
    /// All instances.
    Instances,
    /// One instance with its keys.
    Instance { name: String },
    /// Make a user of an instance, the first one if none is named.
    CreateUser { instance: Option<String>, user: Box<NewUser> },
    /// Begin a session of a user, named by id or e-mail address, and mint a token of it.
    Token { instance: Option<String>, user: String, template: Option<String>, expires_in: Option<Span> },
    /// Move the clock.
    AdvanceClock { by: Span },
}

/// Answers a request on this server.
pub(crate) async fn answer(server: &Server, ask: Ask) -> Result<Value> {
    match ask {
        Ask::CreateInstance { name, key_host, kind } => {
            let new =
                NewInstance { slug: name, kind, key_host, settings: Settings::for_kind(kind), keys: None };
            let keys = server.create_instance(new).await?;
            Ok(show(server, &keys))
        }
        Ask::Instances => {
            let mut shown = Vec::new();
            for instance in server.store().instances().await? {
                shown.push(summary(&instance));
            }
            Ok(Value::Array(shown))
        }
        Ask::Instance { name } => {
            Ok(show(server, &server.instance_keys(instance(server, Some(&name)).await?).await?))
        }
        Ask::CreateUser { instance, user } => {
            let client = client(server, instance.as_deref()).await?;
            Ok(serde_json::to_value(client.users().create(*user).await.map_err(|error| words(&error))?)?)
        }
        Ask::Token { instance, user, template, expires_in } => {
            let client = client(server, instance.as_deref()).await?;
            token(&client, &user, template, expires_in).await
        }
        Ask::AdvanceClock { by } => {
            if !server.clock().advance(by) {
                bail!("the clock of this server cannot be moved, or not that far");
            }
            Ok(json!({ "now": server.now() }))
        }
    }
}

/// The instance with this name, or the first one.
async fn instance(server: &Server, name: Option<&str>) -> Result<Instance> {
    match name {
        Some(name) => {
            let found = server.store().instance_by_slug(name).await?;
            found.ok_or_else(|| {
                anyhow!("there is no instance {name:?}; `frontdesk instances list` shows them")
            })
        }
        None => server.store().instances().await?.into_iter().next().context("there is no instance yet"),
    }
}

/// A client of the Backend API of an instance, through the same router that serves everybody else.
async fn client(server: &Server, name: Option<&str>) -> Result<Client> {
    let keys = server.instance_keys(instance(server, name).await?).await?;
    Ok(Client::builder(keys.secret_key).build(server.transport())?)
}

async fn token(
    client: &Client,
    user: &str,
    template: Option<String>,
    expires_in: Option<Span>,
) -> Result<Value> {
    let user_id = if user.contains('@') { user_by_email(client, user).await? } else { user.parse()? };
    let sessions = client.sessions();
    let session = sessions.create(NewSession::of_user(&user_id)).await.map_err(|error| words(&error))?;
    let new = NewToken { expires_in_seconds: expires_in.map(Span::as_secs) };
    let minted = match template {
        Some(template) => sessions.token_from_template(&session.id, template, new).await,
        None => sessions.token(&session.id, new).await,
    };
    let jwt = minted.map_err(|error| words(&error))?.jwt;
    Ok(json!({ "token": jwt, "session_id": session.id, "user_id": user_id }))
}

async fn user_by_email(client: &Client, email: &str) -> Result<UserId> {
    let query = UserListQuery { email_address: vec![email.to_owned()], ..UserListQuery::default() };
    let found = client.users().list(query).await.map_err(|error| words(&error))?;
    let user = found.into_iter().next();
    Ok(user.ok_or_else(|| anyhow!("there is no user with the e-mail address {email}"))?.profile.id)
}

/// A refusal as the command line says it: the sentence, and the code to look up.
fn words(error: &frontdesk_client::Error) -> anyhow::Error {
    match error.errors().first() {
        Some(item) => anyhow!("{} ({})", item.long_message, item.code),
        None => anyhow!("{error}"),
    }
}

/// An instance with everything an application needs to know.
pub(crate) fn show(server: &Server, keys: &InstanceKeys) -> Value {
    let mut shown = summary(&keys.instance);
    shown["publishable_key"] = json!(keys.publishable_key);
    shown["secret_key"] = json!(keys.secret_key);
    // Without a running server nobody knows where it will be reached.
    if !server.public_url().is_empty() {
        let base = server.base_url(&keys.instance);
        shown["api_url"] = json!(server.public_url());
        shown["jwks_url"] = json!(format!("{base}/.well-known/jwks.json"));
        shown["frontend_url"] = json!(base);
    }
    shown
}

fn summary(instance: &Instance) -> Value {
    json!({
        "id": instance.id,
        "name": instance.slug,
        "environment": instance.kind.as_str(),
        "frontend_api": instance.key_host,
        "issuer": instance.issuer(),
        "created_at": instance.created_at,
    })
}
