//! One's own sessions, on this client and on all others.

use frontdesk_api::frontend::me::{GetMyActiveSessions, GetMySessions, RevokeMySession};
use frontdesk_core::session::SessionStatus;
use frontdesk_store::{Page, SessionFilter};

use crate::errors;
use crate::extract::{FrontendAnswer, FrontendCx, Req};
use crate::routes::Routes;
use crate::{present, versions};

/// The most sessions that a list shows.
const LATEST: Page = Page { limit: 100, offset: 0 };

/// What this room answers.
pub(super) fn routes() -> Routes {
    Routes::new().on(get_sessions).on(get_active_sessions).on(revoke_session)
}

async fn get_sessions(cx: FrontendCx, _: Req<GetMySessions>) -> FrontendAnswer<GetMySessions> {
    let (_, account) = cx.signed_in().await?;
    let filter = SessionFilter { user_id: Some(account.user.id.clone()), ..SessionFilter::default() };
    let sessions = cx.store.sessions(&cx.instance.id, &filter, LATEST, cx.now).await?;
    let shown = sessions
        .iter()
        .map(|session| present::session::for_frontend(&cx.instance, session, &account, None, cx.now))
        .map(|shown| versions::browser_session_without_tasks(cx.version, shown))
        .collect();
    Ok(cx.bare(shown))
}

async fn get_active_sessions(
    cx: FrontendCx,
    _: Req<GetMyActiveSessions>,
) -> FrontendAnswer<GetMyActiveSessions> {
    let (session, _) = cx.signed_in().await?;
    let sessions = cx.store.user_sessions(&cx.instance.id, &session.user_id, cx.now).await?;
    let shown = sessions.iter().map(|session| present::session::with_activity(session, cx.now));
    let shown = shown.map(|shown| versions::activity_without_tasks(cx.version, shown)).collect();
    Ok(cx.bare(shown))
}

/// Ending what is over is no mistake worth an error, and no event either.
async fn revoke_session(mut cx: FrontendCx, req: Req<RevokeMySession>) -> FrontendAnswer<RevokeMySession> {
    let (_, account) = cx.signed_in().await?;
    let id = &req.path.session_id;
    let session = cx.store.session(&cx.instance.id, id).await?;
    let session = session.filter(|session| session.user_id == account.user.id);
    let mut session = session.ok_or_else(|| errors::resource_not_found("session", id.as_str()))?;
    if session.is_live(cx.now) {
        cx.end_session_anywhere(&mut session, SessionStatus::Revoked).await?;
    }
    let shown = present::session::for_frontend(&cx.instance, &session, &account, None, cx.now);
    let shown = versions::browser_session_without_tasks(cx.version, shown);
    cx.commit(shown).await
}
