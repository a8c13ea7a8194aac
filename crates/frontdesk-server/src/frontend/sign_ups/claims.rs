//! What somebody else has already.

use frontdesk_core::identification::IdentificationKind;
use frontdesk_core::sign_up::SignUp;
use frontdesk_types::{EmailAddress, Username};

use crate::errors::{self, ApiError};
use crate::extract::FrontendCx;

/// Lets go of what somebody else has claimed: a proven address, and the username of a sign-up that is ready. Says so with
/// the refusal to answer.
///
/// A race at this very moment is decided by the store, and the loser comes here again.
pub(super) async fn give_up_claimed(
    cx: &FrontendCx,
    sign_up: &mut SignUp,
    is_ready: bool,
) -> Result<Option<ApiError>, ApiError> {
    let state = &mut sign_up.state;
    if state.email_verified
        && !state.email_taken
        && let Some(address) = &state.email_address
        && cx.has_address(address).await?
    {
        state.email_taken = true;
        return Ok(Some(errors::identifier_taken("email_address")));
    }
    if is_ready
        && let Some(username) = &state.username
        && cx.has_username(username).await?
    {
        state.username = None;
        return Ok(Some(errors::identifier_taken("username")));
    }
    Ok(None)
}

impl FrontendCx {
    /// Whether somebody has this address.
    pub(in crate::frontend) async fn has_address(&self, address: &EmailAddress) -> Result<bool, ApiError> {
        self.is_claimed(IdentificationKind::EmailAddress, address.as_str()).await
    }

    /// Whether somebody has this username.
    pub(super) async fn has_username(&self, username: &Username) -> Result<bool, ApiError> {
        self.is_claimed(IdentificationKind::Username, username.as_str()).await
    }

    async fn is_claimed(&self, kind: IdentificationKind, value: &str) -> Result<bool, ApiError> {
        Ok(self.store.identification_owner(&self.instance.id, kind, value).await?.is_some())
    }
}
