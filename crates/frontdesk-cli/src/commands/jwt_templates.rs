//! `frontdesk jwt-templates`.

use anyhow::{Context, Result, anyhow};
use frontdesk_client::jwt_templates::{JwtTemplate, JwtTemplateChanges, NewJwtTemplate};
use frontdesk_client::{Change, Client, PageQuery};
use serde_json::{Map, Value};

use super::{given, pairs, print, table, text, words};
use crate::cli::jwt_templates::JwtTemplateCommand;
use crate::cli::users::Target;
use crate::desk::Desk;

/// The most templates that are looked through for a name.
const MOST_TEMPLATES: i64 = 500;

pub(crate) async fn run(command: JwtTemplateCommand) -> Result<()> {
    match command {
        JwtTemplateCommand::Create { name, claims, lifetime, target } => {
            let new = NewJwtTemplate { lifetime, ..NewJwtTemplate::new(name, object(&claims)?) };
            let made = client(&target).await?.jwt_templates().create(new).await;
            print(&target.common, &made.map_err(|error| words(&error))?, in_words)
        }
        JwtTemplateCommand::List { target } => {
            print(&target.common, &all(&client(&target).await?).await?, |templates| {
                let rows = templates.as_array().into_iter().flatten();
                let cells = |it: &Value| {
                    [
                        text(&it["id"]),
                        text(&it["name"]),
                        text(&it["lifetime"]),
                        text(&it["signing_algorithm"]),
                    ]
                };
                table(["id", "name", "seconds", "algorithm"], rows.map(cells).collect())
            })
        }
        JwtTemplateCommand::Show { template, target } => {
            print(&target.common, &find(&client(&target).await?, &template).await?, in_words)
        }
        JwtTemplateCommand::Update { template, name, claims, lifetime, target } => {
            let client = client(&target).await?;
            let found = find(&client, &template).await?;
            let changes = JwtTemplateChanges {
                name: name.map_or(Change::Keep, Change::Set),
                claims: claims.map(|text| object(&text)).transpose()?.map_or(Change::Keep, Change::Set),
                lifetime: lifetime.map_or(Change::Keep, Change::Set),
                ..JwtTemplateChanges::default()
            };
            let changed = client.jwt_templates().update(&found.id, changes).await;
            print(&target.common, &changed.map_err(|error| words(&error))?, in_words)
        }
        JwtTemplateCommand::Delete { template, target } => {
            let client = client(&target).await?;
            let found = find(&client, &template).await?;
            let deleted = client.jwt_templates().delete(&found.id).await.map_err(|error| words(&error))?;
            print(&target.common, &deleted, |deleted| format!("deleted {}", text(&deleted["id"])))
        }
    }
}

async fn client(target: &Target) -> Result<Client> {
    Desk::open(&target.common.place).await?.backend(target.instance.clone()).await
}

async fn all(client: &Client) -> Result<Vec<JwtTemplate>> {
    let query = PageQuery { limit: Some(MOST_TEMPLATES), ..PageQuery::default() };
    Ok(client.jwt_templates().list(query).await.map_err(|error| words(&error))?.data)
}

/// A template by id or name.
async fn find(client: &Client, name: &str) -> Result<JwtTemplate> {
    let found = all(client).await?.into_iter().find(|it| it.name == name || it.id.as_str() == name);
    found.ok_or_else(|| anyhow!("there is no template {name}; `frontdesk jwt-templates list` shows them"))
}

fn object(text: &str) -> Result<Map<String, Value>> {
    serde_json::from_str(&given(text)?).context("the claims are no JSON object")
}

fn in_words(template: &Value) -> String {
    let names = ["id", "name", "lifetime", "allowed_clock_skew", "signing_algorithm"];
    let claims = serde_json::to_string_pretty(&template["claims"]).unwrap_or_default();
    format!("{}\n{claims}", pairs(names.map(|name| (name, text(&template[name])))))
}
