//! The sessions of the caller's client, and their tokens (wire protocol §7).

use frontdesk_api::frontend::sessions::{
    CreateSessionToken, CreateSessionTokenWithTemplate, EndSession, GetSession, RemoveSession,
    Session as ShownSession, Token, TouchSession,
};
use frontdesk_core::organization::Membership;
use frontdesk_core::session::{Session, SessionStatus};
use frontdesk_store::{Page, SessionForMint};
use frontdesk_types::SessionId;

use crate::errors::{self, ApiError};
use crate::extract::{FrontendAnswer, FrontendCx, Reply, Req};
use crate::routes::Routes;
use crate::{present, versions};

/// What this room answers.
pub(super) fn routes() -> Routes {
    Routes::new()
        .on(get_session)
        .on(touch_session)
        .on(end_session)
        .on(remove_session)
        .on(create_token)
        .on(create_token_with_template)
}

async fn get_session(mut cx: FrontendCx, req: Req<GetSession>) -> FrontendAnswer<GetSession> {
    let found = cx.session(&req.path.session_id).await?;
    let token =
        if found.session.is_live(cx.now) && !found.user_banned { Some(cx.mint(&found).await?) } else { None };
    let shown = cx.show_session(&found.session, token).await?;
    Ok(cx.show(shown))
}

/// Notes that a session is in use. The client only moves where another session or organization was chosen, and its
/// `updated_at` never: nobody signed in or out.
async fn touch_session(mut cx: FrontendCx, req: Req<TouchSession>) -> FrontendAnswer<TouchSession> {
    let SessionForMint { mut session, .. } = cx.live_session(&req.path.session_id).await?;
    let chosen = match req.body.active_organization_id.as_deref() {
        None => session.last_active_organization_id.clone(),
        Some("") => None,
        Some(name) => Some(cx.membership(&session, name).await?.organization.id),
    };
    if session.last_active_organization_id == chosen {
        cx.note_activity(&session);
    } else {
        session.last_active_organization_id = chosen;
        session.last_active_at = cx.now;
        session.latest_activity = Some(cx.activity());
        session.updated_at = cx.now;
        cx.work.save_session(&session);
    }
    let last_active = cx.known_client()?.last_active_session_id.as_ref();
    if last_active != Some(&session.id) && !cx.is_read_only() {
        cx.client_mut()?.last_active_session_id = Some(session.id.clone());
    }
    let id = session.id;
    cx.commit_then(|client| {
        let shown = client.into_iter().flat_map(|client| &client.sessions).find(|shown| shown.id == id);
        shown.cloned().ok_or_else(|| errors::session_over(id.as_str()))
    })
    .await
}

async fn end_session(cx: FrontendCx, req: Req<EndSession>) -> FrontendAnswer<EndSession> {
    end(cx, &req.path.session_id, SessionStatus::Ended).await
}

async fn remove_session(cx: FrontendCx, req: Req<RemoveSession>) -> FrontendAnswer<RemoveSession> {
    end(cx, &req.path.session_id, SessionStatus::Removed).await
}

async fn end(
    mut cx: FrontendCx,
    id: &SessionId,
    how: SessionStatus,
) -> Result<Reply<ShownSession>, ApiError> {
    let mut session = cx.session(id).await?.session;
    // Signing out twice is no mistake worth an error, and no event either.
    if session.is_live(cx.now) {
        cx.end_session(&mut session, how).await?;
    }
    let shown = cx.show_session(&session, None).await?;
    cx.commit(shown).await
}

/// Bare, unlike its neighbours: browsers read `jwt` at the top. Asks the database every time (decision 6).
async fn create_token(
    mut cx: FrontendCx,
    req: Req<CreateSessionToken>,
) -> FrontendAnswer<CreateSessionToken> {
    let mut found = cx.live_session(&req.path.session_id).await?;
    found.membership = match req.body.organization_id.as_deref() {
        None => found.membership,
        Some("") => None,
        Some(name) => Some(cx.membership(&found.session, name).await?),
    };
    let jwt = cx.mint(&found).await?;
    cx.note_activity(&found.session);
    cx.commit_bare(Token::new(jwt)).await
}

async fn create_token_with_template(
    mut cx: FrontendCx,
    req: Req<CreateSessionTokenWithTemplate>,
) -> FrontendAnswer<CreateSessionTokenWithTemplate> {
    let found = cx.live_session(&req.path.session_id).await?;
    let mut rng = cx.rng.clone();
    let jwt = cx.minter().template_token(&found, &req.path.template_name, &mut rng).await?;
    cx.note_activity(&found.session);
    cx.commit_bare(Token::new(jwt)).await
}

impl FrontendCx {
    /// A session with its user, as this audience sees it.
    async fn show_session(&self, session: &Session, token: Option<String>) -> Result<ShownSession, ApiError> {
        let account = self.store.account(&self.instance.id, &session.user_id).await?;
        let account = account.ok_or_else(|| errors::session_over(session.id.as_str()))?;
        let shown = present::session::for_frontend(&self.instance, session, &account, token, self.now);
        Ok(versions::browser_session_without_tasks(self.version, shown))
    }

    /// The place of a session's user in an organization, which is named by id or slug. An organization they do not
    /// belong to is none to them.
    async fn membership(&self, session: &Session, name: &str) -> Result<Membership, ApiError> {
        let memberships = self.store.user_memberships(&self.instance.id, &session.user_id, Page::ALL).await?;
        memberships
            .into_iter()
            .find(|it| it.organization.id.as_str() == name || it.organization.slug.as_deref() == Some(name))
            .ok_or_else(|| errors::resource_not_found("organization", name))
    }
}
