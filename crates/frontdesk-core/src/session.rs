//! Sessions: one signed-in user on one client.

use frontdesk_types::{ClientId, OrganizationId, SessionId, Span, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

frontdesk_types::open_enum! {
    /// Whether a session lives, or how it ended.
    pub enum SessionStatus {
        /// It lives.
        Active = "active",
        /// It lives, but its user has tasks to finish.
        Pending = "pending",
        /// Its user signed out.
        Ended = "ended",
        /// Its time is over.
        Expired = "expired",
        /// It was taken off its client.
        Removed = "removed",
        /// Another session took its place.
        Replaced = "replaced",
        /// The Backend API (or its user, from elsewhere) ended it.
        Revoked = "revoked",
        /// Nobody came back to it.
        Abandoned = "abandoned",
    }
}

/// One signed-in user on one client.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// The client that holds it.
    pub client_id: ClientId,
    /// The user who is signed in.
    pub user_id: UserId,
    /// As last written; see [`Session::status_at`] for what holds now.
    pub status: SessionStatus,
    /// When it ends whatever happens.
    pub expire_at: Timestamp,
    /// When it counts as abandoned if nobody comes back.
    pub abandon_at: Timestamp,
    /// When it was last used; written at most once a minute.
    pub last_active_at: Timestamp,
    /// From where it was last used; `None` if that was never written down.
    pub latest_activity: Option<SessionActivity>,
    /// The organization that is active in it.
    pub last_active_organization_id: Option<OrganizationId>,
    /// Who acts in the user's name (RFC 8693 `act`).
    pub actor: Option<Value>,
    /// When the first factor was last proven.
    pub first_factor_at: Option<Timestamp>,
    /// When a second factor was last proven.
    pub second_factor_at: Option<Timestamp>,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Counts the changes; guards against lost updates.
    pub version: i64,
}

/// From where a session was used: what the browser says of itself, and the address it came from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SessionActivity {
    /// The kind of device: `iPhone`, `Windows` ….
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device_type: Option<String>,
    /// Whether it is carried about.
    pub is_mobile: bool,
    /// The browser.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub browser_name: Option<String>,
    /// Its version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub browser_version: Option<String>,
    /// The address that the request came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip_address: Option<String>,
}

/// How long a session may lie unused before it counts as abandoned. Never less than its whole life: there is no limit
/// on inactivity (decision 15).
const ABANDONED_AFTER: Span = Span::days(30);

impl Session {
    /// A session that begins now and ends after `lifetime`, with no factor proven.
    pub fn new(id: SessionId, client_id: ClientId, user_id: UserId, lifetime: Span, now: Timestamp) -> Self {
        Self {
            id,
            client_id,
            user_id,
            status: SessionStatus::Active,
            expire_at: now + lifetime,
            abandon_at: now + lifetime.max(ABANDONED_AFTER),
            last_active_at: now,
            latest_activity: None,
            last_active_organization_id: None,
            actor: None,
            first_factor_at: None,
            second_factor_at: None,
            created_at: now,
            updated_at: now,
            version: 1,
        }
    }

    /// How the session stands at this time.
    pub fn status_at(&self, now: Timestamp) -> SessionStatus {
        match self.status {
            SessionStatus::Active | SessionStatus::Pending if now >= self.expire_at => SessionStatus::Expired,
            SessionStatus::Active | SessionStatus::Pending if now >= self.abandon_at => {
                SessionStatus::Abandoned
            }
            ref status => status.clone(),
        }
    }

    /// Whether its user counts as signed in, tasks or not.
    pub fn is_live(&self, now: Timestamp) -> bool {
        matches!(self.status_at(now), SessionStatus::Active | SessionStatus::Pending)
    }

    /// Minutes since each factor was proven, `-1` for never: the `fva` claim.
    pub fn factor_verification_age(&self, now: Timestamp) -> [i64; 2] {
        let minutes = |at: Option<Timestamp>| at.map_or(-1, |at| now.since(at).as_minutes().max(0));
        [minutes(self.first_factor_at), minutes(self.second_factor_at)]
    }

    /// Ends the session in this way, unless it has ended already.
    pub fn end(&mut self, how: SessionStatus, now: Timestamp) {
        if self.is_live(now) {
            self.status = how;
            self.updated_at = now;
        }
    }

    /// Whether its use is worth writing down: the last note is older than `interval`.
    pub fn activity_is_due(&self, interval: Span, now: Timestamp) -> bool {
        now.since(self.last_active_at) >= interval
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session() -> Session {
        let now = Timestamp::from_secs(1_000);
        Session {
            id: "sess_1".parse().unwrap(),
            client_id: "client_1".parse().unwrap(),
            user_id: "user_1".parse().unwrap(),
            status: SessionStatus::Active,
            expire_at: now + Span::days(7),
            abandon_at: now + Span::days(30),
            last_active_at: now,
            latest_activity: None,
            last_active_organization_id: None,
            actor: None,
            first_factor_at: Some(now),
            second_factor_at: None,
            created_at: now,
            updated_at: now,
            version: 1,
        }
    }

    #[test]
    fn a_session_expires_at_its_last_moment() {
        let session = session();
        assert!(session.is_live(session.expire_at - Span::millis(1)));
        assert_eq!(session.status_at(session.expire_at), SessionStatus::Expired);
    }

    #[test]
    fn an_ended_session_stays_as_it_ended() {
        let mut session = session();
        session.end(SessionStatus::Ended, session.created_at);
        session.end(SessionStatus::Revoked, session.created_at);
        assert_eq!(session.status, SessionStatus::Ended);
    }

    #[test]
    fn factor_ages_count_whole_minutes() {
        let session = session();
        assert_eq!(session.factor_verification_age(session.created_at + Span::seconds(119)), [1, -1]);
    }
}
