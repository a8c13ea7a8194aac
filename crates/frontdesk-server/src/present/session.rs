//! A session on the wire.

use frontdesk_api::backend::sessions as wire;
use frontdesk_core::session::Session;
use frontdesk_types::Timestamp;

/// A session as the Backend API shows it.
pub(crate) fn for_backend(session: &Session, now: Timestamp) -> wire::Session {
    wire::Session {
        object: "session".to_owned(),
        id: session.id.clone(),
        client_id: session.client_id.clone(),
        user_id: session.user_id.clone(),
        status: session.status_at(now).as_str().to_owned(),
        last_active_organization_id: session.last_active_organization_id.clone(),
        actor: session.actor.clone(),
        last_active_at: session.last_active_at,
        expire_at: session.expire_at,
        abandon_at: session.abandon_at,
        tasks: None,
        created_at: session.created_at,
        updated_at: session.updated_at,
    }
}
