//! What the command line asks of a server, wherever the server is: in this process, or behind the control socket.

use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use frontdesk_client::api::ApiVersion;
use frontdesk_core::instance::{Instance, InstanceKind};
use frontdesk_core::settings::Settings;
use frontdesk_notify::Delivery;
use frontdesk_server::{InstanceKeys, NewInstance, Server};
use frontdesk_store::Work;
use frontdesk_types::Span;
use http::header;
use http_body_util::BodyExt;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tower::ServiceExt;

/// How long a mail server may take to answer a doctor; less than the command waits for the server.
const MAIL_SERVER_PATIENCE: Duration = Duration::from_secs(15);

/// One request of the command line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub(crate) enum Ask {
    /// Make an instance.
    CreateInstance { name: String, key_host: String, kind: InstanceKind },
    /// All instances.
    Instances,
    /// Whether there is an instance of this name, or any.
    InstanceExists { name: Option<String> },
    /// One instance with its keys.
    Instance { name: String },
    /// An operation of the Backend API of an instance, the first one if none is named: answered with a [`BackendAnswer`].
    Backend { instance: Option<String>, method: String, path: String, body: String },
    /// The settings of an instance, after this change to them (a merge patch, RFC 7396), if there is one.
    Settings { name: Option<String>, change: Option<Value> },
    /// The keys of an instance, the secret ones shortened.
    Keys { instance: Option<String> },
    /// Sign with a new key.
    RotateSigningKey { instance: Option<String> },
    /// Add a secret key.
    AddSecretKey { instance: Option<String> },
    /// Take a secret key away.
    RemoveSecretKey { instance: Option<String>, id: String },
    /// Seal everything under a new master key.
    RotateMasterKey,
    /// Let the old master key open nothing any more.
    FinishMasterKeyRotation,
    /// What a server knows of its own health.
    Health,
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
        Ask::InstanceExists { name } => named(server, name.as_deref()).await.map(|_| Value::Null),
        Ask::Instance { name } => {
            Ok(show(server, &server.instance_keys(named(server, Some(&name)).await?).await?))
        }
        Ask::Backend { instance, method, path, body } => {
            let keys = server.instance_keys(named(server, instance.as_deref()).await?).await?;
            Ok(serde_json::to_value(backend(server, &keys.secret_key, &method, &path, body).await?)?)
        }
        Ask::Settings { name, change } => settings(server, name.as_deref(), change).await,
        Ask::Keys { instance } => keys(server, instance.as_deref()).await,
        Ask::RotateSigningKey { instance } => {
            let instance = named(server, instance.as_deref()).await?;
            let rotated = server.rotate_signing_key(&instance.id, None).await?;
            Ok(
                json!({ "signs": rotated.signs, "retired": rotated.retired, "retires_at": rotated.retires_at }),
            )
        }
        Ask::AddSecretKey { instance } => {
            let added = server.add_secret_key(&named(server, instance.as_deref()).await?.id).await?;
            Ok(json!({ "id": added.id, "secret_key": *added.secret_key }))
        }
        Ask::RemoveSecretKey { instance, id } => {
            server.remove_secret_key(&named(server, instance.as_deref()).await?.id, &id).await?;
            Ok(json!({ "removed": id }))
        }
        Ask::RotateMasterKey => {
            let rotated = server.rotate_master_key().await?;
            Ok(json!({ "master_key": *rotated.master_key, "resealed": rotated.resealed }))
        }
        Ask::FinishMasterKeyRotation => {
            server.finish_master_key_rotation().await?;
            Ok(json!({ "finished": true }))
        }
        Ask::Health => health(server).await,
        Ask::AdvanceClock { by } => {
            if !server.clock().advance(by) {
                bail!("the clock of this server cannot be moved, or not that far");
            }
            Ok(json!({ "now": server.now() }))
        }
    }
}

/// The instance with this name, or the first one.
async fn named(server: &Server, name: Option<&str>) -> Result<Instance> {
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

/// What the Backend API answered.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct BackendAnswer {
    /// The status.
    pub(crate) status: u16,
    /// The body, as text.
    pub(crate) body: String,
}

/// Asks the Backend API through the same router that serves everybody else.
async fn backend(
    server: &Server,
    secret_key: &str,
    method: &str,
    path: &str,
    body: String,
) -> Result<BackendAnswer> {
    let mut request = http::Request::builder()
        .method(method)
        .uri(path)
        .header(header::AUTHORIZATION, format!("Bearer {secret_key}"))
        .header("clerk-api-version", ApiVersion::NEWEST.as_str());
    if !body.is_empty() {
        request = request.header(header::CONTENT_TYPE, "application/json");
    }
    let response =
        server.transport().router().oneshot(request.body(http_body_util::Full::from(body))?).await?;
    let status = response.status().as_u16();
    let body = response.into_body().collect().await?.to_bytes();
    Ok(BackendAnswer { status, body: String::from_utf8(body.into())? })
}

/// The settings of an instance, changed first if that is asked.
async fn settings(server: &Server, name: Option<&str>, change: Option<Value>) -> Result<Value> {
    let mut instance = named(server, name).await?;
    let before = serde_json::to_value(&instance.settings)?;
    let Some(change) = change else { return Ok(before) };
    let mut after = before.clone();
    merge(&mut after, &change, &before, "")?;
    instance.settings = serde_json::from_value(after).context("a setting cannot have that value")?;
    instance.updated_at = server.now();
    let mut work = Work::new(&instance.id);
    work.save_instance(&instance);
    server.store().commit(work).await?;
    Ok(serde_json::to_value(&instance.settings)?)
}

/// Puts a change into settings. A name that no setting has is a mistake, except where names are free.
fn merge(settings: &mut Value, change: &Value, known: &Value, place: &str) -> Result<()> {
    let (Some(members), Some(settings)) = (change.as_object(), settings.as_object_mut()) else {
        change.clone_into(settings);
        return Ok(());
    };
    for (name, change) in members {
        let place = if place.is_empty() { name.clone() } else { format!("{place}.{name}") };
        let Some(known) = known.get(name) else {
            bail!("there is no setting {place}; `frontdesk instances settings` shows them");
        };
        let setting = settings.entry(name.clone()).or_insert(Value::Null);
        // What is not set yet (`null`), and claims, have no names of their own to compare with.
        if known.as_object().is_some_and(|known| !known.is_empty()) && place != "session_token_claims" {
            merge(setting, change, known, &place)?;
        } else {
            change.clone_into(setting);
        }
    }
    Ok(())
}

/// The keys of an instance as they may stand in a terminal.
async fn keys(server: &Server, name: Option<&str>) -> Result<Value> {
    let instance = named(server, name).await?;
    let secret_keys: Vec<_> = server
        .secret_keys(&instance.id)
        .await?
        .into_iter()
        .map(|key| json!({ "id": key.id, "shown": key.shown, "created_at": key.created_at }))
        .collect();
    let signing_keys: Vec<_> = server
        .store()
        .signing_keys(&instance.id)
        .await?
        .into_iter()
        .map(|key| json!({ "kid": key.kid, "created_at": key.created_at, "retires_at": key.retires_at }))
        .collect();
    let publishable_key = server.instance_keys(instance.clone()).await?.publishable_key;
    Ok(json!({
        "name": instance.slug,
        "publishable_key": publishable_key,
        "secret_keys": secret_keys,
        "signing_keys": signing_keys,
    }))
}

/// What a server knows of its own health: whether its database answers, and what it lacks.
async fn health(server: &Server) -> Result<Value> {
    server.store().ping().await?;
    let instances = server.store().instances().await?;
    let mut handed_over = Vec::new();
    for instance in &instances {
        for slug in handed_over_mails(server, instance).await? {
            handed_over.push(json!({ "instance": instance.slug, "slug": slug }));
        }
    }
    let is_smtp = matches!(server.delivery(), Delivery::Smtp(_));
    let mail_problem = if is_smtp { mail_problem(server.delivery()).await } else { None };
    Ok(json!({
        "handed_over": handed_over,
        "has_mail_server": is_smtp,
        "mail_problem": mail_problem,
        "engine": server.store().engine(),
        "now": server.now(),
        "public_url": server.public_url(),
        "sends_mail": server.delivery().ready().is_ok(),
        "instances": instances.iter().map(summary).collect::<Vec<_>>(),
        "test_keys": instances.iter().filter(|it| it.has_test_keys).map(|it| &it.slug).collect::<Vec<_>>(),
    }))
}

/// What keeps the mail server from taking mails.
async fn mail_problem(delivery: &Delivery) -> Option<String> {
    match tokio::time::timeout(MAIL_SERVER_PATIENCE, delivery.test()).await {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(error.to_string()),
        Err(_) => Some("the mail server takes too long".to_owned()),
    }
}

/// The slugs of the mails that an instance leaves to the application.
pub(crate) async fn handed_over_mails(server: &Server, instance: &Instance) -> Result<Vec<String>> {
    let changed = server.store().mail_templates(&instance.id).await?;
    Ok(changed.into_iter().filter(|it| it.content.handed_over).map(|it| it.slug).collect())
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
