//! Proving it with the password.

use frontdesk_core::settings::Wanted;
use frontdesk_core::user::Account;
use frontdesk_types::Secret;

use super::{refuse, refuse_locked};
use crate::errors::{self, ApiError};
use crate::extract::FrontendCx;

/// Verifies the password off the async threads. A right one gives the context back, to go on with. A wrong one is
/// counted and refused, and leaves nothing else behind: strangers who guess passwords shall not fill the store.
pub(super) async fn prove(
    cx: FrontendCx,
    account: &Account,
    password: &Secret,
) -> Result<FrontendCx, ApiError> {
    if cx.instance.settings.attributes.password == Wanted::Off {
        return Err(errors::strategy_for_user_invalid());
    }
    // Before the password is looked at: a locked account must not tell whether the next guess was right.
    refuse_locked(account, cx.now)?;
    let digest = account.user.password_digest.as_ref();
    let passwords = cx.server.passwords().clone();
    if passwords.verify(password, digest).await? {
        Ok(cx)
    } else if digest.is_none() {
        Err(errors::strategy_for_user_invalid())
    } else {
        Err(refuse(cx, account.clone(), None, errors::password_incorrect()).await)
    }
}
