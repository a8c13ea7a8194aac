//! `frontdesk keys`.

use anyhow::{Result, bail};
use serde_json::{Value, json};

use super::{instant, print, text};
use crate::cli::Common;
use crate::cli::keys::{KeyCommand, Rotation};
use crate::control::Ask;
use crate::data;
use crate::desk::Desk;

pub(crate) async fn run(command: KeyCommand) -> Result<()> {
    match command {
        KeyCommand::Show { target } => {
            let shown =
                Desk::open(&target.common.place).await?.ask(Ask::Keys { instance: target.instance }).await?;
            print(&target.common, &shown, in_words)
        }
        KeyCommand::Remove { id, target } => {
            let desk = Desk::open(&target.common.place).await?;
            let removed = desk.ask(Ask::RemoveSecretKey { instance: target.instance, id }).await?;
            print(&target.common, &removed, |it| format!("{} opens nothing any more", text(&it["removed"])))
        }
        KeyCommand::Rotate(Rotation::Signing { target }) => {
            let desk = Desk::open(&target.common.place).await?;
            let rotated = desk.ask(Ask::RotateSigningKey { instance: target.instance }).await?;
            print(&target.common, &rotated, |it| {
                format!(
                    "{} signs from now on; {} verifies until {}",
                    text(&it["signs"]),
                    text(&it["retired"]),
                    instant(&it["retires_at"])
                )
            })
        }
        KeyCommand::Rotate(Rotation::Secret { target }) => {
            let desk = Desk::open(&target.common.place).await?;
            let added = desk.ask(Ask::AddSecretKey { instance: target.instance }).await?;
            print(&target.common, &added, |it| {
                format!(
                    "{}\nThe others work until you remove them: `frontdesk keys show`, `frontdesk keys remove ID`.",
                    text(&it["secret_key"])
                )
            })
        }
        KeyCommand::Rotate(Rotation::Master { finish, common }) => rotate_master_key(finish, &common).await,
    }
}

/// Where the master key lies in the data folder, the new one takes its place there, and that is all. Where it is in the
/// environment, only a person can put it there, and says when that is done.
async fn rotate_master_key(finish: bool, common: &Common) -> Result<()> {
    let desk = Desk::open(&common.place).await?;
    let finished = |resealed: &Value| json!({ "resealed": resealed, "finished": true });
    if finish {
        desk.ask(Ask::FinishMasterKeyRotation).await?;
        return print(common, &finished(&Value::Null), |_| {
            "the old master key opens nothing any more".to_owned()
        });
    }
    let rotated = desk.ask(Ask::RotateMasterKey).await?;
    let Some(master_key) = rotated["master_key"].as_str() else { bail!("the server gave no master key") };
    let resealed = &rotated["resealed"];
    if !data::replace_master_key(&common.place, master_key)? {
        return print(common, &rotated, |_| {
            format!(
                "{master_key}\n{resealed} secrets are sealed with this new master key. Put it where the old one was \
                 ({}), start the server anew, and then: `frontdesk keys rotate master --finish`.",
                data::MASTER_KEY_VARIABLE
            )
        });
    }
    desk.ask(Ask::FinishMasterKeyRotation).await?;
    print(common, &finished(resealed), |_| {
        format!("{resealed} secrets are sealed with a new master key; the old one opens nothing any more")
    })
}

fn in_words(keys: &Value) -> String {
    let mut lines = vec![format!("{:<20} {}", "publishable key", text(&keys["publishable_key"]))];
    for key in keys["secret_keys"].as_array().into_iter().flatten() {
        let (shown, id) = (text(&key["shown"]), text(&key["id"]));
        lines.push(format!("{:<20} {shown}  id {id}, made {}", "secret key", instant(&key["created_at"])));
    }
    for key in keys["signing_keys"].as_array().into_iter().flatten() {
        let until = match &key["retires_at"] {
            Value::Null => "signs".to_owned(),
            at => format!("verifies until {}", instant(at)),
        };
        lines.push(format!("{:<20} {}, {until}", "signing key", text(&key["kid"])));
    }
    lines.join("\n")
}
