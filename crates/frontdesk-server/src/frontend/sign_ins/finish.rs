//! What comes after a proof: more that is demanded, or the session. And what comes after a wrong one.

use frontdesk_api::frontend::sign_ins::CreateSignIn;
use frontdesk_core::settings::{Settings, Wanted};
use frontdesk_core::sign_in::{Demands, Next, Ready, SignIn};
use frontdesk_core::user::{Account, User};

use super::Attempt;
use super::named::refuse_locked;
use crate::errors::{self, ApiError};
use crate::extract::{Factors, FrontendAnswer, FrontendCx};
use crate::{mail, present};

/// Whether a request has changed the user, so that it must be saved with the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UserIs {
    Changed,
    AsBefore,
}

/// Goes on after a first factor was proven by this strategy.
pub(super) async fn proven(
    cx: FrontendCx,
    mut attempt: Attempt,
    account: Account,
    strategy: &str,
) -> FrontendAnswer<CreateSignIn> {
    may_enter(&cx, &account).await?;
    let demands = demands(&account.user, &cx.instance.settings);
    let next = attempt.sign_in.prove_first(account.user.id.clone(), strategy, demands, cx.now)?;
    go_on(cx, attempt, account, UserIs::AsBefore, next).await
}

/// Refuses somebody who is kept out, and a second session where one is enough: another tab may have signed in since
/// the attempt began.
pub(super) async fn may_enter(cx: &FrontendCx, account: &Account) -> Result<(), ApiError> {
    if account.user.banned {
        return Err(errors::user_banned());
    }
    cx.refuse_second_session().await
}

/// What a person demands beyond a first factor.
pub(super) fn demands(user: &User, settings: &Settings) -> Demands {
    Demands {
        new_password: user.password_compromised
            && user.password_digest.is_some()
            && settings.attributes.password != Wanted::Off,
        second_factor: user.has_second_factor(),
    }
}

/// Asks for what is next, or ends the sign-in.
pub(super) async fn go_on(
    mut cx: FrontendCx,
    attempt: Attempt,
    account: Account,
    user: UserIs,
    next: Next,
) -> FrontendAnswer<CreateSignIn> {
    match next {
        Next::Session(ready) => complete(cx, attempt, account, ready).await,
        Next::NewPassword | Next::SecondFactor => {
            if user == UserIs::Changed {
                cx.work.save_user(&account.user);
            }
            // Whoever planted their client in this browser must not go on with what its user has just proven.
            cx.rotate_client_token()?;
            keep(cx, attempt, Some(&account)).await
        }
    }
}

/// Ends a sign-in: nothing is left to be proven, so a session begins.
pub(super) async fn complete(
    mut cx: FrontendCx,
    mut attempt: Attempt,
    mut account: Account,
    ready: Ready,
) -> FrontendAnswer<CreateSignIn> {
    account.user.forget_failures();
    let is_new_device = cx.is_new_device(&account.user).await?;
    let factors = if ready.has_second_factor() { Factors::Two } else { Factors::One };
    let session = cx.start_session(&mut account.user, ready.strategy(), factors).await?;
    if is_new_device {
        mail::new_device_sign_in(&mut cx, &account, &session, ready.strategy()).await?;
    }
    let strategy = ready.strategy().to_owned();
    attempt.sign_in.complete(ready, session.id, cx.now)?;
    cx.work.save_user(&account.user);
    let shown = keep(cx, attempt, Some(&account)).await?;
    // Only now: what lost a race is done again, and is one sign-in all the same.
    metrics::counter!("frontdesk_sign_ins_total", "strategy" => strategy).increment(1);
    Ok(shown)
}

/// Keeps the sign-in as it is now, and shows it.
pub(super) async fn keep(
    mut cx: FrontendCx,
    attempt: Attempt,
    account: Option<&Account>,
) -> FrontendAnswer<CreateSignIn> {
    attempt.save(&mut cx);
    let shown = present::sign_in::sign_in(&cx.instance, &attempt.sign_in, account, cx.now);
    cx.commit(shown).await
}

/// Counts a failed proof against the account, if there is one, writes that down together with the sign-in whose code
/// was tried, and refuses.
pub(super) async fn refuse(
    mut cx: FrontendCx,
    account: Option<Account>,
    tried: Option<&SignIn>,
    why: ApiError,
) -> ApiError {
    let mut why = why;
    match account {
        Some(mut account) => {
            account.user.count_failure(&cx.instance.settings.limits, cx.now);
            cx.work.save_user(&account.user);
            if let Err(error) = mail::lock_begun(&mut cx, &account).await {
                return error;
            }
            if !cx.hides_accounts() {
                why = refuse_locked(&account, cx.now).err().unwrap_or(why);
            }
        }
        None => cx.write_in_vain(),
    }
    if let Some(sign_in) = tried {
        cx.work.save_sign_in(sign_in);
    }
    cx.commit_refusal(why).await
}
