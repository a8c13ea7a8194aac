//! What older API versions see differently: one function for each difference (decision 21).
//!
//! The newest version's shape is the type. A test of `frontdesk_api` compares the published descriptions of all versions
//! for what this server answers, and wants every difference accounted for. The answers differ in these:
//!
//! * sessions knew neither tasks nor the state of waiting for them before 2025-04-10: [`session_without_tasks`] for
//!   application servers, [`browser_session_without_tasks`] and [`activity_without_tasks`] for browsers;
//! * session tokens had wide claims before 2025-04-10: `ApiVersion::has_session_token_v2`, read by `tokens`.
//!
//! And requests in these:
//!
//! * `PATCH` on a user, by servers or by themselves, took metadata before 2026-05-12: `ApiVersion::updates_take_metadata`;
//! * what browsers could once say about themselves is refused by name in every version: `contract::retired_field`.
//!
//! What a version adds otherwise (new operations, parameters that may be left out) is there for callers of all versions.

use frontdesk_api::ApiVersion;
use frontdesk_api::backend::sessions::{Session, SessionStatus, Tasks};
use frontdesk_api::frontend::sessions as browser;

/// Before 2025-04-10 a session had no `tasks`, and was not `pending`: whoever has something left to do is not signed
/// in, so to callers that cannot know, their session is over rather than active.
#[must_use]
pub(crate) fn session_without_tasks(version: ApiVersion, mut session: Session) -> Session {
    if version < ApiVersion::V20250410 {
        session.tasks = Tasks::Unspoken;
        if session.status == SessionStatus::Pending {
            session.status = SessionStatus::Ended;
        }
    }
    session
}

/// The same for a session that a browser holds.
#[must_use]
pub(crate) fn browser_session_without_tasks(
    version: ApiVersion,
    mut session: browser::Session,
) -> browser::Session {
    if version < ApiVersion::V20250410 {
        session.tasks = Tasks::Unspoken;
        session.status = state_without_pending(session.status);
    }
    session
}

/// The same for a session that its user sees from elsewhere.
#[must_use]
pub(crate) fn activity_without_tasks(
    version: ApiVersion,
    mut session: browser::SessionWithActivity,
) -> browser::SessionWithActivity {
    if version < ApiVersion::V20250410 {
        session.tasks = Tasks::Unspoken;
        session.status = state_without_pending(session.status);
    }
    session
}

fn state_without_pending(status: String) -> String {
    if status == "pending" { "ended".to_owned() } else { status }
}

#[cfg(test)]
mod tests {
    use frontdesk_types::Timestamp;
    use serde_json::{Value, json};

    use super::*;

    fn shown(version: ApiVersion, status: &str) -> Value {
        let session = Session {
            object: "session".to_owned(),
            id: "sess_1".parse().unwrap(),
            client_id: "client_1".parse().unwrap(),
            user_id: "user_1".parse().unwrap(),
            status: status.into(),
            last_active_organization_id: None,
            actor: None,
            last_active_at: Timestamp::default(),
            latest_activity: None,
            expire_at: Timestamp::default(),
            abandon_at: Timestamp::default(),
            tasks: Tasks::Known(Some(vec![json!({ "key": "choose-organization" })])),
            created_at: Timestamp::default(),
            updated_at: Timestamp::default(),
        };
        serde_json::to_value(session_without_tasks(version, session)).unwrap()
    }

    #[test]
    fn older_versions_know_no_tasks() {
        for version in [ApiVersion::V20210205, ApiVersion::V20241001, ApiVersion::V20250312] {
            let pending = shown(version, "pending");
            assert_eq!((pending.get("tasks"), &pending["status"]), (None, &json!("ended")), "{version:?}");
            assert_eq!(shown(version, "active")["status"], "active", "{version:?}");
        }
    }

    #[test]
    fn browsers_of_older_versions_know_no_tasks_either() {
        let session = json!({
            "object": "session", "id": "sess_1", "status": "pending", "expire_at": 0, "abandon_at": 0,
            "last_active_at": 0, "tasks": [{ "key": "choose-organization" }], "actor": null,
            "last_active_token": null, "user": null, "latest_activity": null
        });
        for version in ApiVersion::ALL {
            let seen: browser::SessionWithActivity = serde_json::from_value(session.clone()).unwrap();
            let seen = serde_json::to_value(activity_without_tasks(version, seen)).unwrap();
            let knows = version >= ApiVersion::V20250410;
            assert_eq!(seen.get("tasks").is_some(), knows, "{version:?}");
            assert_eq!(seen["status"], if knows { "pending" } else { "ended" }, "{version:?}");
        }
    }

    #[test]
    fn newer_versions_see_the_type_as_it_is() {
        for version in [ApiVersion::V20250410, ApiVersion::V20251110, ApiVersion::V20260512] {
            let pending = shown(version, "pending");
            assert_eq!(pending["tasks"][0]["key"], "choose-organization", "{version:?}");
            assert_eq!(pending["status"], "pending", "{version:?}");
        }
    }
}
