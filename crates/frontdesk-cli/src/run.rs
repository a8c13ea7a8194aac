//! From a command to what it does.

use std::sync::Arc;

use anyhow::{Context, Result, bail};
use frontdesk_core::instance::InstanceKind;
use frontdesk_notify::Delivery;
use frontdesk_server::{Chance, Config, Mode, Server, SystemClock};
use frontdesk_types::Span;
use serde_json::{Value, json};

use crate::cli::{Cli, ClockCommand, Command, Common, InstanceCommand, Place, TokenOptions, UserCommand};
use crate::control::{self, Ask};
use crate::data::{self, Data, Opened};
use crate::{dev, output, remote};

/// Does what the command line asks.
pub(crate) fn run(cli: Cli) -> Result<()> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().context("no threads to run on")?;
    runtime.block_on(async {
        match cli.into_command() {
            Command::Dev(options) => dev::run(options).await,
            Command::Instances(command) => instances(command).await,
            Command::Users(UserCommand::Create {
                email,
                password,
                first_name,
                last_name,
                external_id,
                instance,
                common,
            }) => {
                let body = json!({
                    "email_address": [email],
                    "password": password,
                    "first_name": first_name,
                    "last_name": last_name,
                    "external_id": external_id,
                });
                let user = backend(&common.place, instance, "POST", "/v1/users", body).await?;
                print(&common, &user, |user| text(&user["id"]));
                Ok(())
            }
            Command::Token(options) => token(options).await,
            Command::Clock(ClockCommand::Advance { by, common }) => {
                let Opened::InUse = Data::open(&common.place)? else {
                    bail!(
                        "no server is running in {}: the clock of a stopped server cannot be moved",
                        common.place.data_dir.display()
                    );
                };
                let answer = ask(&common.place, Ask::AdvanceClock { by }).await?;
                print(&common, &answer, |answer| format!("the server's clock shows {} ms", answer["now"]));
                Ok(())
            }
        }
    })
}

async fn instances(command: InstanceCommand) -> Result<()> {
    match command {
        InstanceCommand::Create { name, frontend_api, live, common } => {
            let kind = if live { InstanceKind::Production } else { InstanceKind::Development };
            let key_host = frontend_api.unwrap_or_else(|| format!("clerk.{name}.localhost"));
            let made = ask(&common.place, Ask::CreateInstance { name, key_host, kind }).await?;
            print(&common, &made, keys);
        }
        InstanceCommand::List { common } => {
            let list = ask(&common.place, Ask::Instances).await?;
            let row = |it: &Value| {
                format!(
                    "{:<20} {:<12} {}",
                    text(&it["name"]),
                    text(&it["environment"]),
                    text(&it["frontend_api"])
                )
            };
            print(&common, &list, |list| {
                list.as_array().into_iter().flatten().map(row).collect::<Vec<_>>().join("\n")
            });
        }
        InstanceCommand::Show { name, common } => {
            let shown = ask(&common.place, Ask::Instance { name }).await?;
            print(&common, &shown, keys);
        }
    }
    Ok(())
}

/// Begins a session for the user and prints a token of it.
async fn token(options: TokenOptions) -> Result<()> {
    let TokenOptions { user, template, expires_in, instance, common } = options;
    if expires_in.is_some_and(|span| span < Span::seconds(30)) {
        bail!("a token lives 30 seconds at least");
    }
    let user_id =
        if user.contains('@') { user_by_email(&common.place, instance.clone(), &user).await? } else { user };
    let session =
        backend(&common.place, instance.clone(), "POST", "/v1/sessions", json!({ "user_id": user_id }))
            .await?;
    let session_id = text(&session["id"]);
    let path = match &template {
        Some(template) => format!("/v1/sessions/{session_id}/tokens/{}", percent_encoded(template)),
        None => format!("/v1/sessions/{session_id}/tokens"),
    };
    let body = expires_in.map_or_else(|| json!({}), |span| json!({ "expires_in_seconds": span.as_secs() }));
    let minted = backend(&common.place, instance, "POST", &path, body).await?;
    let shown = json!({ "token": minted["jwt"], "session_id": session_id, "user_id": user_id });
    print(&common, &shown, |shown| text(&shown["token"]));
    Ok(())
}

async fn user_by_email(place: &Place, instance: Option<String>, email: &str) -> Result<String> {
    let path = format!("/v1/users?email_address={}", percent_encoded(email));
    let found = backend(place, instance, "GET", &path, Value::Null).await?;
    match found[0]["id"].as_str() {
        Some(id) => Ok(id.to_owned()),
        None => bail!("there is no user with the e-mail address {email}"),
    }
}

async fn backend(
    place: &Place,
    instance: Option<String>,
    method: &str,
    path: &str,
    body: Value,
) -> Result<Value> {
    ask(place, Ask::Backend { instance, method: method.to_owned(), path: path.to_owned(), body }).await
}

/// Asks the server that runs in the data folder, or else opens the data itself, under its lock.
async fn ask(place: &Place, ask: Ask) -> Result<Value> {
    match Data::open(place)? {
        Opened::InUse => remote::ask(&data::control_socket(&place.data_dir), &ask).await,
        Opened::Ours(data) => control::answer(&offline(&data).await?, ask).await,
    }
}

/// A server that is asked without listening anywhere.
async fn offline(data: &Data) -> Result<Server> {
    let mut chance = Chance::System;
    let store = data.store().await?;
    let master_key = data.master_key(&store, &mut chance).await?;
    let mode = match store.instances().await?.into_iter().next() {
        Some(instance) => Mode::Development { default_instance: instance.id },
        None => Mode::Production,
    };
    let config = Config {
        store,
        master_key,
        clock: Arc::new(SystemClock::default()),
        chance,
        mode,
        public_url: String::new(),
        delivery: Delivery::Unconfigured,
    };
    Ok(Server::start(config).await?)
}

/// Prints a result: as JSON where that was asked for, else in words.
fn print(common: &Common, value: &Value, words: impl FnOnce(&Value) -> String) {
    output::line(&if common.json { value.to_string() } else { words(value) });
}

/// The keys of an instance in words.
fn keys(instance: &Value) -> String {
    let names = [
        "name",
        "environment",
        "publishable_key",
        "secret_key",
        "frontend_api",
        "issuer",
        "frontend_url",
        "jwks_url",
    ];
    let known = names.into_iter().filter(|name| !instance[*name].is_null());
    known.map(|name| format!("{name:<16} {}", text(&instance[name]))).collect::<Vec<_>>().join("\n")
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn percent_encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
