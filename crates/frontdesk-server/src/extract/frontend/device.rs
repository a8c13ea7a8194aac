//! Whether a person was seen on this device before.

use frontdesk_core::session::{Session, SessionActivity};
use frontdesk_core::user::User;
use frontdesk_store::{Page, SessionFilter};

use super::FrontendCx;
use crate::errors::ApiError;

/// How many of somebody's latest sessions are looked at.
const REMEMBERED: u32 = 50;

impl FrontendCx {
    /// Whether somebody who signs in does so on a device that they were not seen on before: none of their sessions was on
    /// this client, or in such a browser at this address. A first sign-in is no news. Ask before the session begins.
    pub(crate) async fn is_new_device(&self, user: &User) -> Result<bool, ApiError> {
        if user.last_sign_in_at.is_none() {
            return Ok(false);
        }
        let filter = SessionFilter { user_id: Some(user.id.clone()), ..SessionFilter::default() };
        let page = Page { limit: REMEMBERED, offset: 0 };
        let sessions = self.store.sessions(&self.instance.id, &filter, page, self.now).await?;
        let (client, here) = (self.client(), self.activity());
        let knows = |session: &Session| {
            client.is_some_and(|client| client.id == session.client_id)
                || session.latest_activity.as_ref().is_some_and(|there| is_same(there, &here))
        };
        Ok(!sessions.iter().any(knows))
    }
}

/// Whether both are of one kind, at one address. A browser that renews itself stays the same.
fn is_same(one: &SessionActivity, other: &SessionActivity) -> bool {
    one.ip_address.is_some()
        && one.ip_address == other.ip_address
        && one.device_type == other.device_type
        && one.browser_name == other.browser_name
}
