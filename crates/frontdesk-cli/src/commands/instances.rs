//! `frontdesk instances`.

use anyhow::{Context, Result};
use frontdesk_core::instance::InstanceKind;
use serde_json::{Map, Value};

use super::{given, pairs, print, table, text};
use crate::cli::InstanceCommand;
use crate::control::Ask;
use crate::desk::Desk;

pub(crate) async fn run(command: InstanceCommand) -> Result<()> {
    match command {
        InstanceCommand::Create { name, frontend_api, live, common } => {
            let kind = if live { InstanceKind::Production } else { InstanceKind::Development };
            let key_host = frontend_api.unwrap_or_else(|| format!("clerk.{name}.localhost"));
            let desk = Desk::open(&common.place).await?;
            print(&common, &desk.ask(Ask::CreateInstance { name, key_host, kind }).await?, keys)
        }
        InstanceCommand::List { common } => {
            let list = Desk::open(&common.place).await?.ask(Ask::Instances).await?;
            print(&common, &list, |list| {
                let rows = list.as_array().into_iter().flatten();
                table(
                    ["name", "environment", "frontend api"],
                    rows.map(|it| [text(&it["name"]), text(&it["environment"]), text(&it["frontend_api"])])
                        .collect(),
                )
            })
        }
        InstanceCommand::Settings { name, change, common } => {
            let change = change.map(|text| given(&text)).transpose()?;
            let change = change.map(|text| serde_json::from_str::<Map<String, Value>>(&text)).transpose();
            let change = change.context("the change is no JSON object")?.map(Value::Object);
            let settings = Desk::open(&common.place).await?.ask(Ask::Settings { name, change }).await?;
            print(&common, &settings, |settings| serde_json::to_string_pretty(settings).unwrap_or_default())
        }
        InstanceCommand::Show { name, common } => {
            let shown = Desk::open(&common.place).await?.ask(Ask::Instance { name }).await?;
            print(&common, &shown, keys)
        }
    }
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
    pairs(
        names.into_iter().filter(|name| !instance[*name].is_null()).map(|name| (name, text(&instance[name]))),
    )
}
