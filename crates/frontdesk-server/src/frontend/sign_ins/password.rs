//! Proving it with the password.

use frontdesk_core::settings::Wanted;
use frontdesk_core::user::Account;
use frontdesk_types::Secret;

use super::finish::refuse;
use super::named::refuse_locked;
use crate::errors::{self, ApiError};
use crate::extract::FrontendCx;
use crate::password;

/// Verifies the password off the async threads, once whoever was named. A right one gives the context back, to go on
/// with. A wrong one is counted and refused, and leaves nothing else behind.
///
/// A right one that others know proves nothing any more: it is refused, and the person must prove it another way, which
/// then asks for a new one.
pub(super) async fn prove(
    mut cx: FrontendCx,
    account: Option<Account>,
    password: &Secret,
) -> Result<(FrontendCx, Account), ApiError> {
    let rules = cx.instance.settings.password;
    if cx.instance.settings.attributes.password == Wanted::Off {
        return Err(errors::strategy_for_user_invalid());
    }
    let is_hidden = cx.hides_accounts();
    // Before the password is looked at: a locked account must not tell whether the next guess was right.
    if let Some(account) = account.as_ref().filter(|_| !is_hidden) {
        refuse_locked(account, cx.now)?;
    }
    let digest = account.as_ref().and_then(|account| account.user.password_digest.clone());
    let passwords = cx.server.passwords().clone();
    let is_right = passwords.verify(password, digest.as_ref()).await?;
    let Some(mut account) = account else {
        return Err(refuse(cx, None, None, errors::password_or_identifier_incorrect()).await);
    };
    if !is_right || account.user.is_locked(cx.now) {
        let why = match &digest {
            _ if is_hidden => errors::password_or_identifier_incorrect(),
            None => return Err(errors::strategy_for_user_invalid()),
            Some(_) => errors::password_incorrect(),
        };
        return Err(refuse(cx, Some(account), None, why).await);
    }
    if account.user.password_compromised {
        return Err(errors::password_compromised());
    }
    if rules.refuse_breached_on_sign_in && password::is_breached(&cx.server, password).await {
        // Written down, so that the next sign-in by whatever factor asks for a new one.
        account.user.password_compromised = true;
        cx.work.save_user(&account.user);
        return Err(cx.commit_refusal(errors::password_breached_at_sign_in()).await);
    }
    Ok((cx, account))
}
