//! Sessions: read, made for tests, ended, and asked for tokens by application servers.

use frontdesk_api::Token;
use frontdesk_api::backend::sessions::{
    self as wire, CreateSession, CreateSessionToken, CreateSessionTokenFromTemplate, GetSession,
    GetSessionList, RevokeSession, SessionListQuery, VerifySession,
};
use frontdesk_core::client::Client;
use frontdesk_core::event::EventType;
use frontdesk_core::session::{Session, SessionStatus};
use frontdesk_core::template::{LIFETIME, check_token_lifetime};
use frontdesk_store::{Page, SessionFilter, SessionForMint};
use frontdesk_types::{ClientId, OrganizationId, SessionId, Span, UserId};

use super::page::{page, paginated};
use crate::errors::{self, ApiError};
use crate::extract::{Answer, BackendCx, Req, Shown};
use crate::routes::Routes;
use crate::tokens::Minter;
use crate::{Mode, present, tokens, versions};

/// What this room answers.
pub(super) fn routes() -> Routes {
    Routes::new()
        .on(list_sessions)
        .on(create_session)
        .on(get_session)
        .on(revoke_session)
        .on(verify_session)
        .on(create_token)
        .on(create_template_token)
}

async fn list_sessions(cx: BackendCx, req: Req<GetSessionList>) -> Answer<GetSessionList> {
    let page = page(req.query.limit, req.query.offset)?;
    let filter = filter(&req.query)?;
    let sessions = cx.store.sessions(&cx.instance.id, &filter, page, cx.now).await?;
    let total = match req.query.paginated {
        Some(true) => Some(cx.store.count_sessions(&cx.instance.id, &filter, cx.now).await?),
        _ => None,
    };
    Ok(Shown::new(paginated(sessions.iter().map(|session| cx.session_shown(session)).collect(), total)))
}

async fn create_session(mut cx: BackendCx, req: Req<CreateSession>) -> Answer<CreateSession> {
    // Without a factor proven: for tests, on a developer's machine or in an instance that is for development.
    if !cx.instance.is_development() && *cx.server.mode() == Mode::Production {
        return Err(errors::wrong_environment("development"));
    }
    let user_id = req.body.user_id.as_deref().ok_or_else(|| errors::param_missing("user_id"))?;
    let user_id: UserId = user_id.parse().map_err(|_| errors::resource_not_found("user", user_id))?;
    let user = cx.store.user(&cx.instance.id, &user_id).await?;
    let user = user.ok_or_else(|| errors::resource_not_found("user", user_id.as_str()))?;
    if user.banned {
        return Err(errors::user_banned());
    }
    let organization_id = match req.body.active_organization_id.as_deref().filter(|id| !id.is_empty()) {
        Some(id) => Some(cx.organization_of(&user_id, id).await?),
        None => None,
    };

    // No browser holds this client, so it has no token (decision 12).
    let mut client = Client::new(ClientId::mint(cx.now, &mut cx.rng), Vec::new(), cx.now);
    let id = SessionId::mint(cx.now, &mut cx.rng);
    let lifetime = cx.instance.settings.limits.session_lifetime;
    let mut session = Session::new(id, client.id.clone(), user_id, lifetime, cx.now);
    session.last_active_organization_id = organization_id;
    client.last_active_session_id = Some(session.id.clone());
    cx.work.insert_client(&client);
    cx.work.insert_session(&session);
    cx.session_saved(EventType::SessionCreated, &session).await
}

async fn get_session(cx: BackendCx, req: Req<GetSession>) -> Answer<GetSession> {
    let session = cx.session(&req.path.session_id).await?;
    Ok(Shown::new(cx.session_shown(&session)))
}

async fn revoke_session(mut cx: BackendCx, req: Req<RevokeSession>) -> Answer<RevokeSession> {
    let mut session = cx.session(&req.path.session_id).await?;
    if !session.is_live(cx.now) {
        // Over is over: nothing changes, and nothing happened.
        return Ok(Shown::new(cx.session_shown(&session)));
    }
    session.end(SessionStatus::Revoked, cx.now);
    cx.work.save_session(&session);
    cx.work.client_changed(&session.client_id, cx.now);
    cx.session_saved(EventType::SessionRevoked, &session).await
}

async fn verify_session(cx: BackendCx, req: Req<VerifySession>) -> Answer<VerifySession> {
    let token = req.body.token.ok_or_else(|| errors::param_missing("token"))?;
    let session = cx.session(&req.path.session_id).await?;
    let named = tokens::session_of(&cx.instance, token.expose(), Some(cx.now));
    if named.as_deref() != Some(session.id.as_str()) || !session.is_live(cx.now) {
        return Err(errors::session_token_invalid());
    }
    Ok(Shown::new(cx.session_shown(&session)))
}

async fn create_token(cx: BackendCx, req: Req<CreateSessionToken>) -> Answer<CreateSessionToken> {
    let lifetime = lifetime(req.body.expires_in_seconds)?;
    let minted = cx.mintable(&req.path.session_id).await?;
    let jwt = cx.minter(lifetime).session_token(&minted, None, &mut cx.rng.clone()).await?;
    Ok(Shown::new(Token::new(jwt)))
}

async fn create_template_token(
    cx: BackendCx,
    req: Req<CreateSessionTokenFromTemplate>,
) -> Answer<CreateSessionTokenFromTemplate> {
    let lifetime = lifetime(req.body.expires_in_seconds)?;
    let minted = cx.mintable(&req.path.session_id).await?;
    let name = &req.path.template_name;
    let jwt = cx.minter(lifetime).template_token(&minted, name, &mut cx.rng.clone()).await?;
    Ok(Shown::new(Token::new(jwt)))
}

/// What cannot be an id belongs to nobody: the list is refused rather than left unfiltered.
fn filter(query: &SessionListQuery) -> Result<SessionFilter, ApiError> {
    let client_id = query.client_id.as_deref().map(str::parse::<ClientId>).transpose();
    let user_id = query.user_id.as_deref().map(str::parse::<UserId>).transpose();
    Ok(SessionFilter {
        client_id: client_id.map_err(|_| errors::param_format_invalid("client_id", "the id of a client"))?,
        user_id: user_id.map_err(|_| errors::param_format_invalid("user_id", "the id of a user"))?,
        status: query.status.as_deref().map(status).transpose()?,
    })
}

fn status(name: &str) -> Result<SessionStatus, ApiError> {
    match SessionStatus::from(name) {
        SessionStatus::Other(_) => Err(errors::param_value_invalid(
            "status",
            "abandoned, active, ended, expired, pending, removed, replaced or revoked",
        )),
        status => Ok(status),
    }
}

fn lifetime(seconds: Option<i64>) -> Result<Option<Span>, ApiError> {
    seconds.map(check_token_lifetime).transpose().map_err(|_| {
        let (least, most) = (LIFETIME.start(), LIFETIME.end());
        errors::param_value_invalid("expires_in_seconds", &format!("{least} to {most} seconds"))
    })
}

impl BackendCx {
    async fn session(&self, id: &SessionId) -> Result<Session, ApiError> {
        let session = self.store.session(&self.instance.id, id).await?;
        session.ok_or_else(|| errors::resource_not_found("session", id.as_str()))
    }

    /// A session as the caller's API version shows it.
    pub(super) fn session_shown(&self, session: &Session) -> wire::Session {
        versions::session_without_tasks(self.version, present::session::for_backend(session, self.now))
    }

    /// Records what happened to a session, commits, and answers with it.
    async fn session_saved(
        mut self,
        kind: EventType,
        session: &Session,
    ) -> Result<Shown<wire::Session>, ApiError> {
        self.emit(kind, session.id.as_str(), &present::session::for_backend(session, self.now))?;
        let shown = self.session_shown(session);
        self.commit(shown).await
    }

    /// The session with everything that decides whether it gets a token, read anew every time (decision 6). One that
    /// is over counts as none: of the refusals that the contract has for this operation, the other one, 401, says that
    /// the secret key is wrong.
    pub(super) async fn mintable(&self, id: &SessionId) -> Result<SessionForMint, ApiError> {
        let minted = self.store.session_for_mint(&self.instance.id, id).await?;
        let minted = minted.filter(|minted| minted.session.is_live(self.now));
        minted.ok_or_else(|| errors::resource_not_found("live session", id.as_str()))
    }

    /// A minter for application servers: no browser asked, so there is no authorized party.
    pub(super) fn minter(&self, lifetime: Option<Span>) -> Minter<'_> {
        Minter {
            server: &self.server,
            instance: &self.instance,
            version: self.version,
            authorized_party: None,
            lifetime,
            now: self.now,
        }
    }

    /// The organization with this id, if the user is a member.
    async fn organization_of(&self, user: &UserId, id: &str) -> Result<OrganizationId, ApiError> {
        let memberships = self.store.user_memberships(&self.instance.id, user, Page::ALL).await?;
        let mut organizations = memberships.into_iter().map(|membership| membership.organization.id);
        organizations
            .find(|organization| organization.as_str() == id)
            .ok_or_else(|| errors::resource_not_found("organization", id))
    }
}
