//! The sessions of a client: found, begun, ended, and shown with the client they are on.

use frontdesk_api::frontend::client as wire;
use frontdesk_core::client::Admission;
use frontdesk_core::event::EventType;
use frontdesk_core::session::{Session, SessionActivity, SessionStatus};
use frontdesk_core::sign_in::SignIn;
use frontdesk_core::user::{Account, User};
use frontdesk_store::SessionForMint;
use frontdesk_types::{SessionId, UserId};
use http::header;

use super::FrontendCx;
use crate::errors::{self, ApiError};
use crate::extract::query_value;
use crate::{present, user_agent, versions};

/// The most sessions on one client; one more replaces the one that was used longest ago.
const MOST_SESSIONS: usize = 10;

/// How many factors were proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Factors {
    /// One, which was enough.
    One,
    /// Two.
    Two,
}

impl FrontendCx {
    /// The sessions that live on the caller's client, oldest first.
    pub(crate) async fn sessions(&self) -> Result<Vec<Session>, ApiError> {
        let Some(client) = self.client() else { return Ok(Vec::new()) };
        let mut sessions = self.store.client_sessions(&self.instance.id, &client.id, self.now).await?;
        sessions.retain(|session| self.may_see(session));
        Ok(sessions)
    }

    /// A session of the caller's client, alive or over.
    pub(crate) async fn session(&self, id: &SessionId) -> Result<SessionForMint, ApiError> {
        let client = self.known_client()?;
        let found = self.store.session_for_mint(&self.instance.id, id).await?;
        found
            .filter(|found| found.session.client_id == client.id && self.may_see(&found.session))
            .ok_or_else(|| errors::resource_not_found("session", id.as_str()))
    }

    /// A session of the caller's client that lives.
    pub(crate) async fn live_session(&self, id: &SessionId) -> Result<SessionForMint, ApiError> {
        let found = self.session(id).await?;
        if !found.session.is_live(self.now) {
            return Err(errors::session_over(id.as_str()));
        }
        if found.user_banned {
            return Err(errors::user_banned());
        }
        Ok(found)
    }

    /// Who asks, where somebody must be signed in: in the session that the request names, else in the one that was used
    /// last.
    pub(crate) async fn signed_in(&self) -> Result<(Session, Account), ApiError> {
        let last_active = self.known_client()?.last_active_session_id.as_ref().map(SessionId::as_str);
        let named = query_value(&self.caller.parts, "_clerk_session_id").filter(|id| !id.is_empty());
        let mut sessions = self.sessions().await?;
        let position = match named {
            Some(id) => sessions.iter().position(|session| session.id.as_str() == id),
            None => sessions
                .iter()
                .position(|session| Some(session.id.as_str()) == last_active)
                .or_else(|| sessions.len().checked_sub(1)),
        };
        let session = sessions.swap_remove(position.ok_or_else(errors::signed_out)?);
        let account = self.store.account(&self.instance.id, &session.user_id).await?;
        let account = account.ok_or_else(errors::signed_out)?;
        if account.user.banned {
            return Err(errors::user_banned());
        }
        Ok((session, account))
    }

    /// Refuses to begin a sign-in or sign-up where somebody is signed in and the instance wants one session at a time.
    pub(crate) async fn refuse_second_session(&self) -> Result<(), ApiError> {
        if self.instance.settings.single_session_mode && !self.sessions().await?.is_empty() {
            return Err(errors::session_exists());
        }
        Ok(())
    }

    /// Signs a person in on the caller's client: they have just proven who they are, by this strategy and so many factors.
    /// Collects the session and what it replaces, and gives the client a new token; the caller saves (or adds) the
    /// user, in whom this notes the sign-in.
    pub(crate) async fn start_session(
        &mut self,
        user: &mut User,
        strategy: &str,
        factors: Factors,
    ) -> Result<Session, ApiError> {
        if user.banned {
            return Err(errors::user_banned());
        }
        let lifetime = self.instance.settings.limits.session_lifetime;
        let now = self.now;
        let id = SessionId::mint(now, &mut self.rng);
        let client_id = self.client_mut()?.id.clone();
        let mut session = Session::new(id, client_id, user.id.clone(), lifetime, now);
        session.first_factor_at = Some(now);
        session.latest_activity = Some(self.activity());
        session.second_factor_at = (factors == Factors::Two).then_some(now);
        self.make_room(&user.id).await?;
        user.last_sign_in_at = Some(now);
        user.last_active_at = Some(now);
        self.work.insert_session(&session);
        let shown = present::session::for_backend(&session, now);
        self.emit(EventType::SessionCreated, session.id.as_str(), &shown)?;
        let client = self.client_mut()?;
        client.last_active_session_id = Some(session.id.clone());
        client.last_authentication_strategy = Some(strategy.to_owned());
        client.sign_in_id = None;
        client.sign_up_id = None;
        self.rotate_client_token()?;
        self.auth_changed()?;
        Ok(session)
    }

    /// Ends a session of the caller's client in this way, and with it its turn as the one used last.
    pub(crate) async fn end_session(
        &mut self,
        session: &mut Session,
        how: SessionStatus,
    ) -> Result<(), ApiError> {
        let others = self.sessions().await?;
        self.collect_end(session, how)?;
        let next =
            others.iter().filter(|other| other.id != session.id).max_by_key(|other| other.last_active_at);
        let next = next.map(|other| other.id.clone());
        let client = self.client_mut()?;
        if client.last_active_session_id.as_ref().is_none_or(|id| *id == session.id) {
            client.last_active_session_id = next;
        }
        self.auth_changed()
    }

    /// Ends a session of the person who asks, be it on this client or on another one.
    pub(crate) async fn end_session_anywhere(
        &mut self,
        session: &mut Session,
        how: SessionStatus,
    ) -> Result<(), ApiError> {
        if self.client().is_some_and(|client| client.id == session.client_id) {
            self.end_session(session, how).await
        } else {
            self.work.client_changed(&session.client_id, self.now);
            self.collect_end(session, how)
        }
    }

    /// Ends every session of the caller's client in this way.
    pub(crate) async fn end_all_sessions(&mut self, how: &SessionStatus) -> Result<(), ApiError> {
        for mut session in self.sessions().await? {
            self.collect_end(&mut session, how.clone())?;
        }
        self.client_mut()?.last_active_session_id = None;
        self.auth_changed()
    }

    /// Revokes every session of this person, on whatever client. The browsers of the other clients learn of it.
    pub(crate) async fn revoke_user_sessions(&mut self, user_id: &UserId) -> Result<(), ApiError> {
        for mut session in self.store.user_sessions(&self.instance.id, user_id, self.now).await? {
            self.collect_end(&mut session, SessionStatus::Revoked)?;
            if self.client().is_none_or(|client| client.id != session.client_id) {
                self.work.client_changed(&session.client_id, self.now);
            }
        }
        Ok(())
    }

    /// Keeps the number of sessions within the instance's rules before one more begins.
    async fn make_room(&mut self, user_id: &UserId) -> Result<(), ApiError> {
        let mut live = self.sessions().await?;
        if !self.instance.settings.single_session_mode {
            if let Some(session) = live.iter().find(|session| session.user_id == *user_id) {
                return Err(errors::already_signed_in(session.id.as_str()));
            }
            live.sort_by_key(|session| session.last_active_at);
            live.truncate((live.len() + 1).saturating_sub(MOST_SESSIONS));
        }
        for mut session in live {
            self.collect_end(&mut session, SessionStatus::Replaced)?;
        }
        Ok(())
    }

    fn collect_end(&mut self, session: &mut Session, how: SessionStatus) -> Result<(), ApiError> {
        let event = match how {
            SessionStatus::Removed => EventType::SessionRemoved,
            SessionStatus::Revoked => EventType::SessionRevoked,
            _ => EventType::SessionEnded,
        };
        session.end(how, self.now);
        self.work.save_session(session);
        self.work.delete_refresh_tokens(&session.id);
        let shown = present::session::for_backend(session, self.now);
        self.emit(event, session.id.as_str(), &shown)
    }

    /// Collects that a session is in use, and from where: once in a while, not with every request.
    pub(crate) fn note_activity(&mut self, session: &Session) {
        let interval = self.instance.settings.limits.activity_interval;
        if session.activity_is_due(interval, self.now) && !self.is_read_only() {
            let activity = self.activity();
            self.work.touch_session(&session.id, &session.user_id, Some(&activity), self.now);
        }
    }

    /// From where the request comes.
    pub(crate) fn activity(&self) -> SessionActivity {
        let device = user_agent::read(self.header(header::USER_AGENT.as_str()).unwrap_or_default());
        SessionActivity {
            device_type: device.kind.map(str::to_owned),
            is_mobile: device.is_mobile,
            browser_name: device.browser.map(str::to_owned),
            browser_version: device.version.map(str::to_owned),
            ip_address: self.client_address().map(|address| address.to_string()),
        }
    }

    /// Whether the holder of this request's token may see a session. Somebody who planted their own client in a
    /// browser knows the token before the rotation: what began with the rotation is not theirs.
    fn may_see(&self, session: &Session) -> bool {
        match (self.visitor.admission, self.client()) {
            (Admission::ReadOnly, Some(client)) => session.created_at < client.rotated_at,
            _ => true,
        }
    }
}

/// The client as it is shown.
impl FrontendCx {
    /// The client in the store, with its sessions and a fresh token for each; none for a stranger.
    pub(crate) async fn shown_client(&mut self) -> Result<Option<wire::Client>, ApiError> {
        let Some(id) = self.client().map(|client| client.id.clone()) else {
            return Ok(None);
        };
        let Some(client) = self.store.client(&self.instance.id, &id).await? else {
            return Ok(None);
        };
        let sessions = self.sessions().await?;
        let sign_in = match &client.sign_in_id {
            Some(id) => self.store.sign_in(&self.instance.id, id).await?,
            None => None,
        };
        let sign_in = sign_in.filter(|it| it.client_id == client.id && !it.is_abandoned(self.now));
        let sign_up = match &client.sign_up_id {
            Some(id) => self.store.sign_up(&self.instance.id, id).await?,
            None => None,
        };
        let accounts = self.accounts(&sessions, sign_in.as_ref()).await?;
        let find = |user_id: &UserId| accounts.iter().find(|account| account.user.id == *user_id);

        let mut shown_sessions = Vec::with_capacity(sessions.len());
        for session in &sessions {
            // A session without its user is being deleted at this moment.
            let Some(account) = find(&session.user_id) else { continue };
            let token = self.token_beside(session, account).await?;
            let shown = present::session::for_frontend(&self.instance, session, account, token, self.now);
            shown_sessions.push(versions::browser_session_without_tasks(self.version, shown));
        }
        let uat = if shown_sessions.is_empty() { 0 } else { client.updated_at.min(self.now).as_secs() };
        self.set_client_uat(uat)?;
        let sign_in = sign_in.map(|sign_in| {
            let account = sign_in.user_id().and_then(find);
            present::sign_in::sign_in(&self.instance, &sign_in, account, self.now)
        });
        let sign_up = sign_up
            .filter(|sign_up| sign_up.client_id == client.id && self.now < sign_up.abandon_at)
            .map(|sign_up| present::sign_up::sign_up(&self.instance, &sign_up, self.now));
        Ok(Some(present::client::client(&client, shown_sessions, sign_in, sign_up, self.now)))
    }

    async fn accounts(
        &self,
        sessions: &[Session],
        sign_in: Option<&SignIn>,
    ) -> Result<Vec<Account>, ApiError> {
        let mut ids: Vec<UserId> = sessions.iter().map(|session| session.user_id.clone()).collect();
        ids.extend(sign_in.and_then(SignIn::user_id).cloned());
        ids.sort_unstable();
        ids.dedup();
        if ids.is_empty() { Ok(Vec::new()) } else { Ok(self.store.accounts(&self.instance.id, &ids).await?) }
    }

    /// The token that a session is shown with; none for somebody who is kept out.
    async fn token_beside(
        &mut self,
        session: &Session,
        account: &Account,
    ) -> Result<Option<String>, ApiError> {
        if account.user.banned {
            return Ok(None);
        }
        let minted = match session.last_active_organization_id {
            // The membership decides what the token says.
            Some(_) => self.store.session_for_mint(&self.instance.id, &session.id).await?,
            None => Some(SessionForMint { session: session.clone(), user_banned: false, membership: None }),
        };
        let Some(minted) = minted else { return Ok(None) };
        let mut rng = self.rng.clone();
        self.minter().session_token(&minted, Some(account), &mut rng).await.map(Some)
    }
}
