//! A client on the wire.

use frontdesk_api::backend::clients as backend_client;
use frontdesk_api::backend::sessions as backend;
use frontdesk_api::frontend::client as wire;
use frontdesk_api::frontend::sessions::Session;
use frontdesk_api::frontend::sign_ins::SignIn;
use frontdesk_api::frontend::sign_ups::SignUp;
use frontdesk_core::client::Client;
use frontdesk_types::Timestamp;

/// A client as its browser sees it. `updated_at` is never later than the tokens shown with it (decision 14): another
/// request may have changed the client after this one looked at the clock.
pub(crate) fn client(
    client: &Client,
    sessions: Vec<Session>,
    sign_in: Option<SignIn>,
    sign_up: Option<SignUp>,
    now: Timestamp,
) -> wire::Client {
    wire::Client {
        object: "client".to_owned(),
        id: client.id.clone(),
        last_active_session_id: client.last_active_session_id.clone(),
        last_authentication_strategy: client.last_authentication_strategy.clone(),
        cookie_expires_at: None,
        // There is no challenge to pass.
        captcha_bypass: true,
        created_at: client.created_at,
        updated_at: client.updated_at.min(now),
        sessions,
        sign_in,
        sign_up,
    }
}

/// A client as the Backend API shows it, with the sessions that live on it.
pub(crate) fn for_backend(client: &Client, sessions: Vec<backend::Session>) -> backend_client::Client {
    backend_client::Client {
        object: "client".to_owned(),
        id: client.id.clone(),
        session_ids: sessions.iter().map(|session| session.id.clone()).collect(),
        sessions,
        sign_in_id: client.sign_in_id.clone(),
        sign_up_id: client.sign_up_id.clone(),
        last_active_session_id: client.last_active_session_id.clone(),
        last_authentication_strategy: client.last_authentication_strategy.clone(),
        updated_at: client.updated_at,
        created_at: client.created_at,
    }
}
