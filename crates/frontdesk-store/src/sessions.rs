//! Sessions, and what minting a token asks about them (decision 6: on every mint, nothing cached).

use frontdesk_core::organization::Membership;
use frontdesk_core::session::{Session, SessionActivity, SessionStatus};
use frontdesk_types::{ClientId, InstanceId, SessionId, Timestamp, UserId};

use crate::composed::{Composed, json_array};
use crate::organizations::membership_columns;
use crate::row::{FromRow, Row};
use crate::statement::statements;
use crate::store::Page;
use crate::value::{Param, params};
use crate::work::Work;
use crate::{Result, Store};

/// The columns of a session `s`.
macro_rules! session_columns {
    () => {
        "s.id AS id, s.client_id AS client_id, s.user_id AS user_id, s.status AS status, s.expire_at AS expire_at,
         s.abandon_at AS abandon_at, s.last_active_at AS last_active_at, s.latest_activity AS latest_activity,
         s.last_active_organization_id AS last_active_organization_id, s.actor AS actor,
         s.first_factor_at AS first_factor_at, s.second_factor_at AS second_factor_at, s.created_at AS created_at,
         s.updated_at AS updated_at, s.version AS version"
    };
}

/// Sessions that live at the time `?3`.
macro_rules! live {
    () => {
        " AND s.status IN ('active', 'pending') AND s.expire_at > ?3 AND s.abandon_at > ?3 "
    };
}

statements! {
    SESSION_BY_ID = concat!("SELECT ", session_columns!(), " FROM sessions s
                              WHERE s.instance_id = ?1 AND s.id = ?2");
    SESSION_FOR_MINT = concat!("SELECT ", session_columns!(), ", u.banned AS user_banned, ", membership_columns!(), "
         FROM sessions s
         JOIN users u ON u.instance_id = s.instance_id AND u.id = s.user_id
         LEFT JOIN memberships m ON m.instance_id = s.instance_id
              AND m.organization_id = s.last_active_organization_id AND m.user_id = s.user_id
         LEFT JOIN organizations o ON o.instance_id = m.instance_id AND o.id = m.organization_id
         LEFT JOIN roles r ON r.instance_id = m.instance_id AND r.key = m.role
        WHERE s.instance_id = ?1 AND s.id = ?2");
    CLIENT_SESSIONS = concat!("SELECT ", session_columns!(), " FROM sessions s
        WHERE s.instance_id = ?1 AND s.client_id = ?2", live!(), "ORDER BY s.created_at, s.id");
    SESSIONS_OF_CLIENTS = concat!("SELECT ", session_columns!(), " FROM sessions s
        WHERE s.instance_id = ?1 AND s.client_id IN EACH(?2)", live!(), "ORDER BY s.created_at, s.id");
    USER_SESSIONS = concat!("SELECT ", session_columns!(), " FROM sessions s
        WHERE s.instance_id = ?1 AND s.user_id = ?2", live!(), "ORDER BY s.created_at, s.id");
    INSERT_SESSION = "INSERT INTO sessions
        (instance_id, id, client_id, user_id, status, expire_at, abandon_at, last_active_at,
         last_active_organization_id, actor, first_factor_at, second_factor_at, created_at, updated_at, version,
         latest_activity)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)";
    SAVE_SESSION = "UPDATE sessions SET
         client_id = ?4, status = ?5, expire_at = ?6, abandon_at = ?7, last_active_at = ?8,
         last_active_organization_id = ?9, actor = ?10, first_factor_at = ?11, second_factor_at = ?12,
         updated_at = ?13, latest_activity = ?14, version = version + 1
        WHERE instance_id = ?1 AND id = ?2 AND version = ?3";
    TOUCH_SESSION = "UPDATE sessions SET last_active_at = ?3, latest_activity = COALESCE(?4, latest_activity)
                      WHERE instance_id = ?1 AND id = ?2 AND last_active_at < ?3";
    TOUCH_USER = "UPDATE users SET last_active_at = ?3
                   WHERE instance_id = ?1 AND id = ?2 AND (last_active_at IS NULL OR last_active_at < ?3)";
}

/// A session with everything that decides whether a token may be minted from it, and what the token says.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionForMint {
    /// The session. Ask [`Session::is_live`] at the time of minting.
    pub session: Session,
    /// Whether its user is kept out.
    pub user_banned: bool,
    /// The user's place in the organization that is active in the session; `None` if no organization is active or the
    /// user has left it.
    pub membership: Option<Membership>,
}

/// Which sessions a list shows. What is `None` does not narrow it.
#[derive(Clone, Debug, Default)]
pub struct SessionFilter {
    /// Those of one client.
    pub client_id: Option<ClientId>,
    /// Those of one user.
    pub user_id: Option<UserId>,
    /// Those that stand so at the time of asking: a session whose time is over counts as expired or abandoned, though
    /// nobody has written it down.
    pub status: Option<SessionStatus>,
}

impl FromRow for Session {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            client_id: row.get("client_id")?,
            user_id: row.get("user_id")?,
            status: SessionStatus::from(row.text("status")?),
            expire_at: row.get("expire_at")?,
            abandon_at: row.get("abandon_at")?,
            last_active_at: row.get("last_active_at")?,
            latest_activity: row.optional_json("latest_activity")?,
            last_active_organization_id: row.get("last_active_organization_id")?,
            actor: row.optional_json("actor")?,
            first_factor_at: row.get("first_factor_at")?,
            second_factor_at: row.get("second_factor_at")?,
            created_at: row.get("created_at")?,
            updated_at: row.get("updated_at")?,
            version: row.get("version")?,
        })
    }
}

impl FromRow for SessionForMint {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            session: Session::from_row(row)?,
            user_banned: row.get("user_banned")?,
            membership: if row.is_null("membership_id") { None } else { Some(Membership::from_row(row)?) },
        })
    }
}

impl Store {
    /// The session with this id.
    pub async fn session(&self, instance: &InstanceId, id: &SessionId) -> Result<Option<Session>> {
        self.fetch_optional(&SESSION_BY_ID, params![instance, id]).await
    }

    /// The session with this id and what minting a token asks about it. One statement.
    pub async fn session_for_mint(
        &self,
        instance: &InstanceId,
        id: &SessionId,
    ) -> Result<Option<SessionForMint>> {
        self.fetch_optional(&SESSION_FOR_MINT, params![instance, id]).await
    }

    /// The sessions that live on a client, oldest first.
    pub async fn client_sessions(
        &self,
        instance: &InstanceId,
        client: &ClientId,
        now: Timestamp,
    ) -> Result<Vec<Session>> {
        self.fetch_all(&CLIENT_SESSIONS, params![instance, client, now]).await
    }

    /// The sessions that live on any of these clients, oldest first.
    pub async fn sessions_of_clients(
        &self,
        instance: &InstanceId,
        clients: &[&ClientId],
        now: Timestamp,
    ) -> Result<Vec<Session>> {
        self.fetch_all(&SESSIONS_OF_CLIENTS, params![instance, &json_array(clients), now]).await
    }

    /// The sessions in which a user lives, oldest first: those to end when they are banned or deleted.
    pub async fn user_sessions(
        &self,
        instance: &InstanceId,
        user: &UserId,
        now: Timestamp,
    ) -> Result<Vec<Session>> {
        self.fetch_all(&USER_SESSIONS, params![instance, user, now]).await
    }

    /// The sessions that a filter admits, newest first.
    pub async fn sessions(
        &self,
        instance: &InstanceId,
        filter: &SessionFilter,
        page: Page,
        now: Timestamp,
    ) -> Result<Vec<Session>> {
        let mut list = filter.compose("SESSIONS", SELECT_SESSIONS, instance, now);
        list.push("ORDER BY s.created_at DESC, s.id DESC");
        list.bind("LIMIT ?#", page.limit);
        list.bind("OFFSET ?#", page.offset);
        let mut sessions = Vec::new();
        self.for_each_composed(&list, &mut |row| {
            sessions.push(Session::from_row(row)?);
            Ok(())
        })
        .await?;
        Ok(sessions)
    }

    /// How many sessions a filter admits.
    pub async fn count_sessions(
        &self,
        instance: &InstanceId,
        filter: &SessionFilter,
        now: Timestamp,
    ) -> Result<u64> {
        let count = filter.compose("COUNT_SESSIONS", COUNT_SESSIONS, instance, now);
        self.fetch_composed_total(&count).await
    }
}

const SELECT_SESSIONS: &str =
    concat!("SELECT ", session_columns!(), " FROM sessions s WHERE s.instance_id = ?1");
const COUNT_SESSIONS: &str = "SELECT COUNT(*) AS total FROM sessions s WHERE s.instance_id = ?1";

impl SessionFilter {
    fn compose<'a>(
        &'a self,
        name: &'static str,
        text: &str,
        instance: &'a InstanceId,
        now: Timestamp,
    ) -> Composed<'a> {
        let mut list = Composed::new(name, text, &[Param::from(instance)]);
        list.bind_some("AND s.client_id = ?#", self.client_id.as_ref());
        list.bind_some("AND s.user_id = ?#", self.user_id.as_ref());
        match &self.status {
            None => {}
            // The same rules as `Session::status_at`.
            Some(status @ (SessionStatus::Active | SessionStatus::Pending)) => {
                list.bind("AND s.status = ?#", status.as_str());
                list.bind("AND s.expire_at > ?# AND s.abandon_at > ?#", now);
            }
            Some(SessionStatus::Expired) => list.bind(
                "AND (s.status = 'expired' OR s.status IN ('active', 'pending') AND s.expire_at <= ?#)",
                now,
            ),
            Some(SessionStatus::Abandoned) => list.bind(
                "AND (s.status = 'abandoned'
                      OR s.status IN ('active', 'pending') AND s.expire_at > ?# AND s.abandon_at <= ?#)",
                now,
            ),
            Some(status) => list.bind("AND s.status = ?#", status.as_str()),
        }
        list
    }
}

impl Work {
    /// Adds a session. Stale if its user is gone.
    pub fn insert_session(&mut self, session: &Session) {
        let actor = session.actor.as_ref().map(|actor| self.json(actor));
        let activity = session.latest_activity.as_ref().map(|activity| self.json(activity));
        self.one_here(
            &INSERT_SESSION,
            params![
                &session.id,
                &session.client_id,
                &session.user_id,
                session.status.as_str(),
                session.expire_at,
                session.abandon_at,
                session.last_active_at,
                session.last_active_organization_id.as_ref(),
                actor.as_ref(),
                session.first_factor_at,
                session.second_factor_at,
                session.created_at,
                session.updated_at,
                session.version,
                activity.as_ref(),
            ],
        );
    }

    /// Saves everything about a session that can change. Stale if its `version` has moved.
    pub fn save_session(&mut self, session: &Session) {
        let actor = session.actor.as_ref().map(|actor| self.json(actor));
        let activity = session.latest_activity.as_ref().map(|activity| self.json(activity));
        self.one_here(
            &SAVE_SESSION,
            params![
                &session.id,
                session.version,
                &session.client_id,
                session.status.as_str(),
                session.expire_at,
                session.abandon_at,
                session.last_active_at,
                session.last_active_organization_id.as_ref(),
                actor.as_ref(),
                session.first_factor_at,
                session.second_factor_at,
                session.updated_at,
                activity.as_ref(),
            ],
        );
    }

    /// Notes that a session, and with it its user, was active at this time, and from where if that is known. Counts as
    /// no change: no `version` moves, and a session that is gone or was active later is left as it is.
    pub fn touch_session(
        &mut self,
        session: &SessionId,
        user: &UserId,
        activity: Option<&SessionActivity>,
        at: Timestamp,
    ) {
        let activity = activity.map(|activity| self.json(activity));
        self.any_here(&TOUCH_SESSION, params![session, at, activity.as_ref()]);
        self.any_here(&TOUCH_USER, params![user, at]);
    }
}
