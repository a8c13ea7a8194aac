//! What older API versions see differently: one function for each difference (decision 21).
//!
//! The newest version's shape is the type. Comparing the published descriptions of all versions for what this server
//! answers to application servers gives three differences, and no others:
//!
//! * sessions knew neither tasks nor the state of waiting for them before 2025-04-10: [`session_without_tasks`];
//! * session tokens had wide claims before 2025-04-10: `ApiVersion::has_session_token_v2`, read by `tokens`;
//! * `PATCH` on a user took metadata before 2026-05-12: `ApiVersion::updates_take_metadata`, read by
//!   `backend::users::update`.

use frontdesk_api::ApiVersion;
use frontdesk_api::backend::sessions::{Session, SessionStatus, Tasks};

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
    fn newer_versions_see_the_type_as_it_is() {
        for version in [ApiVersion::V20250410, ApiVersion::V20251110, ApiVersion::V20260512] {
            let pending = shown(version, "pending");
            assert_eq!(pending["tasks"][0]["key"], "choose-organization", "{version:?}");
            assert_eq!(pending["status"], "pending", "{version:?}");
        }
    }
}
