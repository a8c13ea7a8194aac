//! A session on the wire.

use frontdesk_api::backend::sessions as wire;
use frontdesk_api::frontend::sessions as browser;
use frontdesk_core::session::{Session, SessionActivity};
use frontdesk_core::user::Account;
use frontdesk_types::Timestamp;

use super::user;
use crate::LoadedInstance;

/// A session as the Backend API shows it.
pub(crate) fn for_backend(session: &Session, now: Timestamp) -> wire::Session {
    wire::Session {
        object: "session".to_owned(),
        id: session.id.clone(),
        client_id: session.client_id.clone(),
        user_id: session.user_id.clone(),
        status: session.status_at(now).as_str().into(),
        last_active_organization_id: session.last_active_organization_id.clone(),
        actor: session.actor.clone(),
        last_active_at: session.last_active_at,
        latest_activity: session.latest_activity.as_ref().map(|activity| latest_activity(session, activity)),
        expire_at: session.expire_at,
        abandon_at: session.abandon_at,
        tasks: wire::Tasks::Known(None),
        created_at: session.created_at,
        updated_at: session.updated_at,
    }
}

/// A session as the browser that holds it sees it, with a fresh token if it lives.
pub(crate) fn for_frontend(
    instance: &LoadedInstance,
    session: &Session,
    account: &Account,
    token: Option<String>,
    now: Timestamp,
) -> browser::Session {
    browser::Session {
        object: "session".to_owned(),
        id: session.id.clone(),
        status: session.status_at(now).as_str().to_owned(),
        expire_at: session.expire_at,
        abandon_at: session.abandon_at,
        last_active_at: session.last_active_at,
        last_active_organization_id: session.last_active_organization_id.clone(),
        last_active_token: token.map(browser::Token::new),
        actor: session.actor.clone(),
        tasks: wire::Tasks::Known(None),
        factor_verification_age: session.factor_verification_age(now),
        user: user::for_frontend(instance, account, now),
        public_user_data: user::public_data(instance, account),
        created_at: session.created_at,
        updated_at: session.updated_at,
    }
}

/// A session as its user sees it from elsewhere.
pub(crate) fn with_activity(session: &Session, now: Timestamp) -> browser::SessionWithActivity {
    browser::SessionWithActivity {
        object: "session".to_owned(),
        id: session.id.clone(),
        status: session.status_at(now).as_str().to_owned(),
        expire_at: session.expire_at,
        abandon_at: session.abandon_at,
        last_active_at: session.last_active_at,
        last_active_token: None,
        actor: session.actor.clone(),
        tasks: wire::Tasks::Known(None),
        user: None,
        latest_activity: session.latest_activity.as_ref().map(|activity| latest_activity(session, activity)),
    }
}

/// From where a session was used last. Its id is made of the session's: there is one of each.
fn latest_activity(session: &Session, activity: &SessionActivity) -> frontdesk_api::SessionActivity {
    frontdesk_api::SessionActivity {
        object: "session_activity".to_owned(),
        id: session.id.as_str().replacen("sess_", "sess_activity_", 1),
        device_type: activity.device_type.clone(),
        is_mobile: activity.is_mobile,
        browser_name: activity.browser_name.clone(),
        browser_version: activity.browser_version.clone(),
        ip_address: activity.ip_address.clone(),
        city: None,
        country: None,
    }
}
