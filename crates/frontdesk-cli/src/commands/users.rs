//! `frontdesk users`.

use std::io::{BufRead, IsTerminal};

use anyhow::{Result, bail};
use frontdesk_client::Change;
use frontdesk_client::users::{NewUser, UserChanges, UserListQuery};
use frontdesk_types::Secret;
use serde_json::Value;

use super::{find_user, given, instant, pairs, print, table, text, words};
use crate::cli::users::{Profile, Target, UserCommand};
use crate::desk::Desk;
use crate::output;

pub(crate) async fn run(command: UserCommand) -> Result<()> {
    match command {
        UserCommand::Create { email, username, profile, target } => {
            let Profile { password, first_name, last_name, external_id } = profile;
            let user = NewUser {
                email_address: email.into_iter().collect(),
                username,
                first_name,
                last_name,
                external_id,
                password: password.map(|text| secret(&text)).transpose()?,
                ..NewUser::default()
            };
            let client = client(&target).await?;
            let made = client.users().create(user).await.map_err(|error| words(&error))?;
            print(&target.common, &made, |user| text(&user["id"]))
        }
        UserCommand::List { query, limit, offset, target } => {
            let asked =
                UserListQuery { query, limit: Some(limit), offset: Some(offset), ..UserListQuery::default() };
            let found = client(&target).await?.users().list(asked).await.map_err(|error| words(&error))?;
            print(&target.common, &found, |users| {
                let rows = users.as_array().into_iter().flatten();
                let cells = |user: &Value| {
                    [
                        text(&user["id"]),
                        name(user),
                        email(user),
                        instant(&user["last_sign_in_at"]),
                        standing(user),
                    ]
                };
                table(["id", "name", "e-mail", "last sign-in", "status"], rows.map(cells).collect())
            })
        }
        UserCommand::Show { user, target } => {
            let found = find_user(&client(&target).await?, &user).await?;
            print(&target.common, &found, in_words)
        }
        UserCommand::Update { user, username, profile, ban, unban, unlock, target } => {
            let client = client(&target).await?;
            let mut user = find_user(&client, &user).await?;
            let id = user.profile.id.clone();
            let changes = changes(username, profile)?;
            let is_asked =
                serde_json::to_value(&changes)?.as_object().is_some_and(|fields| !fields.is_empty());
            if !(is_asked || ban || unban || unlock) {
                bail!("nothing to change; `frontdesk users update --help` shows what can be");
            }
            if is_asked {
                user = client.users().update(&id, changes).await.map_err(|error| words(&error))?;
            }
            if ban {
                user = client.users().ban(&id).await.map_err(|error| words(&error))?;
            }
            if unban {
                user = client.users().unban(&id).await.map_err(|error| words(&error))?;
            }
            if unlock {
                user = client.users().unlock(&id).await.map_err(|error| words(&error))?;
            }
            print(&target.common, &user, in_words)
        }
        UserCommand::Delete { user, yes, target } => {
            let client = client(&target).await?;
            let found = find_user(&client, &user).await?;
            if !yes {
                confirm(&format!("Delete {} with everything about them?", found.profile.id))?;
            }
            let deleted = client.users().delete(&found.profile.id).await.map_err(|error| words(&error))?;
            print(&target.common, &deleted, |deleted| format!("deleted {}", text(&deleted["id"])))
        }
    }
}

async fn client(target: &Target) -> Result<frontdesk_client::Client> {
    Desk::open(&target.common.place).await?.backend(target.instance.clone()).await
}

/// What is left out stays, an empty text takes away.
fn changes(username: Option<String>, profile: Profile) -> Result<UserChanges> {
    let change = |given: Option<String>| match given {
        None => Change::Keep,
        Some(text) if text.is_empty() => Change::Clear,
        Some(text) => Change::Set(text),
    };
    let password = match profile.password {
        None => Change::Keep,
        Some(text) => Change::Set(secret(&text)?),
    };
    Ok(UserChanges {
        username: change(username),
        first_name: change(profile.first_name),
        last_name: change(profile.last_name),
        external_id: change(profile.external_id),
        password,
        ..UserChanges::default()
    })
}

fn secret(text: &str) -> Result<Secret> {
    let text = given(text)?;
    Ok(Secret::new(text.trim_end_matches(['\r', '\n']).to_owned()))
}

/// Asks a person; a program must say `--yes`.
fn confirm(question: &str) -> Result<()> {
    if !std::io::stdin().is_terminal() {
        bail!("say --yes to do this without being asked");
    }
    output::note(&format!("{question} [y/N]"));
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    if line.trim().eq_ignore_ascii_case("y") { Ok(()) } else { bail!("nothing was done") }
}

fn in_words(user: &Value) -> String {
    pairs([
        ("id", text(&user["id"])),
        ("name", name(user)),
        ("username", text(&user["username"])),
        ("e-mail", email(user)),
        ("external id", text(&user["external_id"])),
        ("status", standing(user)),
        ("password", if user["password_enabled"] == true { "yes" } else { "no" }.to_owned()),
        ("second factor", if user["two_factor_enabled"] == true { "yes" } else { "no" }.to_owned()),
        ("created", instant(&user["created_at"])),
        ("last sign-in", instant(&user["last_sign_in_at"])),
        ("last active", instant(&user["last_active_at"])),
        ("public metadata", text(&user["public_metadata"])),
    ])
}

fn name(user: &Value) -> String {
    let parts: Vec<_> = ["first_name", "last_name"].iter().filter_map(|name| user[*name].as_str()).collect();
    if parts.is_empty() { "–".to_owned() } else { parts.join(" ") }
}

/// The primary address, else the first.
fn email(user: &Value) -> String {
    let addresses = user["email_addresses"].as_array().map(Vec::as_slice).unwrap_or_default();
    let primary = addresses.iter().find(|it| it["id"] == user["primary_email_address_id"]);
    primary.or(addresses.first()).map_or_else(|| "–".to_owned(), |it| text(&it["email_address"]))
}

fn standing(user: &Value) -> String {
    match (user["banned"] == true, user["locked"] == true) {
        (true, _) => "banned",
        (_, true) => "locked",
        _ => "active",
    }
    .to_owned()
}
