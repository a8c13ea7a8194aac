//! Passwords of people: proven, taken away, and marked as known to others.

use frontdesk_api::backend::users::{
    PasswordVerified, RemoveUserPassword, SetUserPasswordCompromised, UnsetUserPasswordCompromised,
    VerifyPassword,
};

use crate::extract::{Answer, BackendCx, Req, Shown};
use crate::{errors, mail};

/// Says whether the password is right, and changes nothing: a wrong one is not counted, because the application asks,
/// which has limits of its own.
pub(super) async fn verify_password(cx: BackendCx, req: Req<VerifyPassword>) -> Answer<VerifyPassword> {
    let account = cx.account(&req.path.user_id).await?;
    let password = req.body.password.ok_or_else(|| errors::param_missing("password"))?;
    let digest = account.user.password_digest.as_ref().ok_or_else(errors::no_password_set)?;
    if cx.server.passwords().verify(&password, Some(digest)).await? {
        Ok(Shown::new(PasswordVerified { verified: true }))
    } else {
        Err(errors::incorrect_password())
    }
}

/// Takes the password away even if nothing else signs the person in: the application knows better. The person is told.
pub(super) async fn remove_password(
    mut cx: BackendCx,
    req: Req<RemoveUserPassword>,
) -> Answer<RemoveUserPassword> {
    let mut account = cx.account(&req.path.user_id).await?;
    if account.user.password_digest.is_none() {
        return Err(errors::no_password_set());
    }
    mail::password_removed(&mut cx, &account).await?;
    account.user.set_password(None, cx.now);
    cx.work.delete_user_refresh_tokens(&account.user.id);
    if req.body.sign_out_of_other_sessions == Some(true) {
        cx.revoke_sessions(&account.user.id).await?;
    }
    cx.save(account).await
}

pub(super) async fn set_compromised(
    mut cx: BackendCx,
    req: Req<SetUserPasswordCompromised>,
) -> Answer<SetUserPasswordCompromised> {
    let mut account = cx.account(&req.path.user_id).await?;
    if account.user.password_digest.is_none() {
        return Err(errors::no_password_set());
    }
    account.user.password_compromised = true;
    if req.body.revoke_all_sessions == Some(true) {
        cx.revoke_sessions(&account.user.id).await?;
    }
    cx.save(account).await
}

pub(super) async fn unset_compromised(
    cx: BackendCx,
    req: Req<UnsetUserPasswordCompromised>,
) -> Answer<UnsetUserPasswordCompromised> {
    let mut account = cx.account(&req.path.user_id).await?;
    if account.user.password_digest.is_none() {
        return Err(errors::no_password_set());
    }
    account.user.password_compromised = false;
    cx.save(account).await
}
