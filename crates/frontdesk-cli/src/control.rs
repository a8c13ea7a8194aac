//! What the command line asks of a server, wherever the server is: in this process, or behind the control socket.

use anyhow::{Context, Result, anyhow, bail};
use axum::body::Body;
use frontdesk_api::ApiVersion;
use frontdesk_core::instance::{Instance, InstanceKind};
use frontdesk_core::settings::Settings;
use frontdesk_server::{InstanceKeys, NewInstance, Server};
use frontdesk_types::Span;
use http::{Request, header};
use http_body_util::BodyExt;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tower::ServiceExt;

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
    /// One request to the Backend API of an instance, the first one if none is named.
    Backend { instance: Option<String>, method: String, path: String, body: Value },
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
        Ask::Backend { instance: name, method, path, body } => {
            let keys = server.instance_keys(instance(server, name.as_deref()).await?).await?;
            backend(server, &keys.secret_key, &method, &path, &body).await
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

/// Calls the Backend API in this process, through the same router that serves everybody else.
async fn backend(server: &Server, secret_key: &str, method: &str, path: &str, body: &Value) -> Result<Value> {
    let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::AUTHORIZATION, format!("Bearer {secret_key}"))
        .header(header::CONTENT_TYPE, "application/json")
        .header("clerk-api-version", ApiVersion::NEWEST.as_str())
        .body(body)?;
    let response = server.router().oneshot(request).await?;
    let is_success = response.status().is_success();
    let reply: Value = serde_json::from_slice(&response.into_body().collect().await?.to_bytes())?;
    if is_success {
        return Ok(reply);
    }
    let error = &reply["errors"][0];
    let text = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
    Err(anyhow!("{} ({})", text("long_message"), text("code")))
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
