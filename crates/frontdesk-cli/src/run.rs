//! From a command to what it does.

use std::sync::Arc;

use anyhow::{Context, Result, bail};
use frontdesk_client::users::NewUser;
use frontdesk_core::instance::InstanceKind;
use frontdesk_notify::Delivery;
use frontdesk_server::{Breaches, Chance, Config, Mode, Network, Server, SystemClock};
use frontdesk_types::{Secret, Span};
use serde_json::Value;

use crate::cli::{Cli, ClockCommand, Command, Common, InstanceCommand, Place, TokenOptions, UserCommand};
use crate::control::{self, Ask};
use crate::data::{self, Data, Opened};
use crate::{authenticate, dev, output, remote};

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
                let user = NewUser {
                    first_name,
                    last_name,
                    external_id,
                    password: password.map(Secret::new),
                    ..NewUser::with_email(email)
                };
                let user = ask(&common.place, Ask::CreateUser { instance, user: Box::new(user) }).await?;
                print(&common, &user, |user| text(&user["id"]));
                Ok(())
            }
            Command::Token(options) => token(options).await,
            Command::Authenticate(options) => authenticate::run(options).await,
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
    let shown = ask(&common.place, Ask::Token { instance, user, template, expires_in }).await?;
    print(&common, &shown, |shown| text(&shown["token"]));
    Ok(())
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
        breaches: Breaches::Unknown,
        network: Network::default(),
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
