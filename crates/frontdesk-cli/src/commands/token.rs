//! `frontdesk token`.

use anyhow::{Result, bail};
use frontdesk_client::sessions::{NewSession, NewToken};
use frontdesk_types::Span;
use serde_json::json;

use super::{find_user, print, text, words};
use crate::cli::TokenOptions;
use crate::desk::Desk;

/// Begins a session for the user and prints a token of it.
pub(crate) async fn run(options: TokenOptions) -> Result<()> {
    let TokenOptions { user, template, expires_in, target } = options;
    if expires_in.is_some_and(|span| span < Span::seconds(30)) {
        bail!("a token lives 30 seconds at least");
    }
    let client = Desk::open(&target.common.place).await?.backend(target.instance).await?;
    let user = find_user(&client, &user).await?;
    let sessions = client.sessions();
    let new = NewSession::of_user(&user.profile.id);
    let session = sessions.create(new).await.map_err(|error| words(&error))?;
    let new = NewToken { expires_in_seconds: expires_in.map(Span::as_secs) };
    let minted = match template {
        Some(template) => sessions.token_from_template(&session.id, template, new).await,
        None => sessions.token(&session.id, new).await,
    };
    let jwt = minted.map_err(|error| words(&error))?.jwt;
    let shown = json!({ "token": jwt, "session_id": session.id, "user_id": user.profile.id });
    print(&target.common, &shown, |shown| text(&shown["token"]))
}
