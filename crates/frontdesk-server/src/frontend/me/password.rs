//! One's own password: set, changed, done without.

use frontdesk_api::frontend::me::{ChangeMyPassword, RemoveMyPassword};
use frontdesk_core::identification::{Identification, IdentificationKind};
use frontdesk_core::session::{Session, SessionStatus};
use frontdesk_core::settings::Wanted;
use frontdesk_core::user::Account;
use frontdesk_types::Secret;

use super::email_addresses::refuse_locked;
use crate::errors::{self, ApiError};
use crate::extract::{FrontendAnswer, FrontendCx, Req};
use crate::routes::Routes;
use crate::{mail, password, present};

/// What this room answers.
pub(super) fn routes() -> Routes {
    Routes::new().on(change_password).on(remove_password)
}

/// Whoever has a password proves it: it is what keeps a browser that was left open from becoming somebody else's
/// account. (There is no reverification that could stand in for it; the environment says so.)
async fn change_password(cx: FrontendCx, req: Req<ChangeMyPassword>) -> FrontendAnswer<ChangeMyPassword> {
    let (session, account) = cx.signed_in().await?;
    if cx.instance.settings.attributes.password == Wanted::Off {
        return Err(errors::feature_not_enabled("passwords"));
    }
    let new = req.body.new_password.ok_or_else(|| errors::param_missing("new_password"))?;
    let current = given(req.body.current_password);
    let (mut cx, mut account) = if account.user.password_digest.is_some() {
        let current = current.ok_or_else(|| errors::param_missing("current_password"))?;
        let (cx, account) = prove(cx, account, &current).await?;
        if new == current {
            return Err(errors::new_password_matches_current().at("new_password"));
        }
        (cx, account)
    } else {
        (cx, account)
    };
    let identifiers: Vec<&str> = account.identifications.iter().map(|it| it.value.as_str()).collect();
    password::vet(&cx.server, &cx.instance, &new, "new_password", &identifiers).await?;
    let digest = cx.server.passwords().clone().hash(&new, &mut cx.rng).await?;
    if account.user.password_digest.is_some() {
        mail::password_changed(&mut cx, &account).await?;
    }
    let user = &mut account.user;
    user.set_password(Some(digest), cx.now);
    user.forget_failures();
    cx.work.delete_user_refresh_tokens(&user.id);
    if req.body.sign_out_of_other_sessions == Some(true) {
        sign_out_elsewhere(&mut cx, &session).await?;
    }
    // Whoever may have copied the client's token shall have nothing of it.
    cx.rotate_client_token()?;
    cx.collect_account(&mut account)?;
    let shown = present::user::for_frontend(&cx.instance, &account, cx.now);
    cx.commit(shown).await
}

async fn remove_password(cx: FrontendCx, req: Req<RemoveMyPassword>) -> FrontendAnswer<RemoveMyPassword> {
    let (_, account) = cx.signed_in().await?;
    if account.user.password_digest.is_none() {
        return Err(errors::no_password_set());
    }
    if cx.instance.settings.attributes.password == Wanted::Required {
        return Err(errors::password_required("Every account here must have a password."));
    }
    if !account.of_kind(IdentificationKind::EmailAddress).any(Identification::is_claimed) {
        let reason = "Without an e-mail address, the password is the only way to sign in.";
        return Err(errors::password_required(reason));
    }
    let current =
        given(req.body.current_password).ok_or_else(|| errors::param_missing("current_password"))?;
    let (mut cx, mut account) = prove(cx, account, &current).await?;
    mail::password_removed(&mut cx, &account).await?;
    let user = &mut account.user;
    user.set_password(None, cx.now);
    user.forget_failures();
    cx.work.delete_user_refresh_tokens(&user.id);
    cx.collect_account(&mut account)?;
    let shown = present::user::for_frontend(&cx.instance, &account, cx.now);
    cx.commit(shown).await
}

/// An empty password is none.
fn given(password: Option<Secret>) -> Option<Secret> {
    password.filter(|password| !password.expose().is_empty())
}

/// Verifies the present password. A wrong one counts against the account, as at sign-in.
async fn prove(
    mut cx: FrontendCx,
    mut account: Account,
    current: &Secret,
) -> Result<(FrontendCx, Account), ApiError> {
    refuse_locked(&cx, &account)?;
    let passwords = cx.server.passwords().clone();
    if passwords.verify(current, account.user.password_digest.as_ref()).await? {
        return Ok((cx, account));
    }
    account.user.count_failure(&cx.instance.settings.limits, cx.now);
    cx.work.save_user(&account.user);
    mail::lock_begun(&mut cx, &account).await?;
    Err(cx.commit_refusal(errors::password_validation_failed("current_password")).await)
}

/// Ends every session of the person but this one.
async fn sign_out_elsewhere(cx: &mut FrontendCx, this: &Session) -> Result<(), ApiError> {
    for mut session in cx.store.user_sessions(&cx.instance.id, &this.user_id, cx.now).await? {
        if session.id != this.id {
            cx.end_session_anywhere(&mut session, SessionStatus::Revoked).await?;
        }
    }
    Ok(())
}
