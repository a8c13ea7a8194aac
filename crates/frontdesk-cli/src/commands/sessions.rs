//! `frontdesk sessions`.

use anyhow::Result;
use frontdesk_client::sessions::SessionListQuery;
use serde_json::Value;

use super::{find_user, instant, print, table, text, words};
use crate::cli::sessions::SessionCommand;
use crate::desk::Desk;

/// The most sessions of one user that are revoked at once; asking again revokes more.
const MOST_REVOKED: i64 = 500;

pub(crate) async fn run(command: SessionCommand) -> Result<()> {
    match command {
        SessionCommand::List { user, status, limit, target } => {
            let client = Desk::open(&target.common.place).await?.backend(target.instance).await?;
            let user = find_user(&client, &user).await?;
            let query = SessionListQuery {
                user_id: Some(user.profile.id.to_string()),
                status,
                limit: Some(limit),
                ..SessionListQuery::default()
            };
            let found = client.sessions().list(query).await.map_err(|error| words(&error))?;
            print(&target.common, &found.data, |sessions| {
                table(["id", "status", "last active", "expires"], rows(sessions))
            })
        }
        SessionCommand::Revoke { session, user, target } => {
            let client = Desk::open(&target.common.place).await?.backend(target.instance).await?;
            let mut ids = Vec::new();
            if let Some(session) = session {
                ids.push(session.parse()?);
            }
            if let Some(user) = user {
                let user = find_user(&client, &user).await?;
                let query = SessionListQuery {
                    user_id: Some(user.profile.id.to_string()),
                    status: Some("active".to_owned()),
                    limit: Some(MOST_REVOKED),
                    ..SessionListQuery::default()
                };
                let found = client.sessions().list(query).await.map_err(|error| words(&error))?;
                ids.extend(found.data.into_iter().map(|session| session.id));
            }
            let mut revoked = Vec::new();
            for id in ids {
                revoked.push(client.sessions().revoke(&id).await.map_err(|error| words(&error))?);
            }
            print(&target.common, &revoked, |sessions| match sessions.as_array().map_or(0, Vec::len) {
                0 => "no session is active".to_owned(),
                _ => table(["id", "status", "last active", "expires"], rows(sessions)),
            })
        }
    }
}

fn rows(sessions: &Value) -> Vec<[String; 4]> {
    let cells = |it: &Value| {
        [text(&it["id"]), text(&it["status"]), instant(&it["last_active_at"]), instant(&it["expire_at"])]
    };
    sessions.as_array().into_iter().flatten().map(cells).collect()
}
