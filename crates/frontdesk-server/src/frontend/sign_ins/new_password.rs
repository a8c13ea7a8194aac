//! Setting the new password that a sign-in asks for: the old one is forgotten, or known to others.

use frontdesk_api::frontend::sign_ins::{CreateSignIn, ResetPassword};
use frontdesk_core::event::EventType;
use frontdesk_core::sign_in::{RESET_PASSWORD_EMAIL_CODE, SignInState};
use frontdesk_core::user::Account;
use frontdesk_types::Secret;

use super::Attempt;
use super::finish::{self, UserIs, demands, go_on};
use super::named::refuse_locked;
use crate::errors::{self, ApiError};
use crate::extract::{FrontendAnswer, FrontendCx, Req};
use crate::{mail, password, present};

pub(super) async fn reset_password(cx: FrontendCx, req: Req<ResetPassword>) -> FrontendAnswer<ResetPassword> {
    let (attempt, account) = cx.open_sign_in(&req.path.sign_in_id).await?;
    let password = req.body.password.ok_or_else(|| errors::param_missing("password"))?;
    let (SignInState::NeedsNewPassword { first, .. }, Some(account)) = (&attempt.sign_in.state, account)
    else {
        return Err(errors::client_state_invalid("The sign-in asks for no new password. See its status."));
    };
    // Whatever proved it: the owner has chosen a password since, maybe because somebody else did the proving.
    if account.user.password_updated_at.is_some_and(|at| at > first.proven_at) {
        return Err(errors::client_state_invalid("The password was changed meanwhile. Begin a new sign-in."));
    }
    let identifiers: Vec<_> = account.identifications.iter().map(|it| it.value.as_str()).collect();
    password::vet(&cx.server, &cx.instance, &password, "password", &identifiers).await?;
    let ends_others = req.body.sign_out_of_other_sessions == Some(true);
    set(cx, attempt, account, &password, ends_others).await
}

/// Takes the new password that came with the code that was sent for it; the code was right, the password is vetted.
pub(super) async fn with_code(
    cx: FrontendCx,
    mut attempt: Attempt,
    account: Account,
    password: &Secret,
) -> FrontendAnswer<CreateSignIn> {
    let demands = demands(&account.user, &cx.instance.settings);
    attempt.sign_in.prove_first(account.user.id.clone(), RESET_PASSWORD_EMAIL_CODE, demands, cx.now)?;
    set(cx, attempt, account, password, false).await
}

async fn set(
    mut cx: FrontendCx,
    mut attempt: Attempt,
    mut account: Account,
    password: &Secret,
    ends_others: bool,
) -> FrontendAnswer<CreateSignIn> {
    refuse_locked(&account, cx.now)?;
    finish::may_enter(&cx, &account).await?;
    let passwords = cx.server.passwords().clone();
    let old = account.user.password_digest.clone();
    if account.user.password_compromised && passwords.verify(password, old.as_ref()).await? {
        return Err(errors::new_password_matches_current());
    }
    let digest = passwords.hash(password, &mut cx.rng).await?;
    account.user.set_password(Some(digest), cx.now);
    account.user.updated_at = cx.now;
    cx.work.delete_user_refresh_tokens(&account.user.id);
    if ends_others {
        cx.revoke_user_sessions(&account.user.id).await?;
    }
    emit_updated(&mut cx, &account)?;
    mail::password_changed(&mut cx, &account).await?;
    let next = attempt.sign_in.renew_password(demands(&account.user, &cx.instance.settings), cx.now)?;
    go_on(cx, attempt, account, UserIs::Changed, next).await
}

fn emit_updated(cx: &mut FrontendCx, account: &Account) -> Result<(), ApiError> {
    let shown = present::user::for_backend(&cx.instance, account, cx.now);
    cx.emit(EventType::UserUpdated, account.user.id.as_str(), &shown)
}
