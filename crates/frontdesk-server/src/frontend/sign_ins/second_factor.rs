//! Proving it once more, where the person has a second factor: the code of an authenticator app, or a backup code.

use frontdesk_api::frontend::sign_ins::AttemptSignInFactorTwo;
use frontdesk_core::sign_in::{FirstFactor, SignInState};
use frontdesk_core::user::User;

use super::PASSWORD;
use super::finish::{self, demands, refuse};
use super::named::refuse_locked;
use crate::extract::{FrontendAnswer, FrontendCx, Req};
use crate::{errors, totp};

const TOTP: &str = "totp";
const BACKUP_CODE: &str = "backup_code";

/// Judges the second proof. A wrong one counts against the account like a wrong password; a right one works once,
/// since it is taken from the user in the same commit that begins the session.
pub(super) async fn attempt(
    cx: FrontendCx,
    req: Req<AttemptSignInFactorTwo>,
) -> FrontendAnswer<AttemptSignInFactorTwo> {
    let (mut attempt, account) = cx.open_sign_in(&req.path.sign_in_id).await?;
    let strategy = req.body.strategy.ok_or_else(|| errors::param_missing("strategy"))?;
    let code = req.body.code.ok_or_else(|| errors::param_missing("code"))?;
    if !matches!(strategy.as_str(), TOTP | BACKUP_CODE) {
        let expected = "totp or backup_code: the others are not available yet";
        return Err(errors::param_value_invalid("strategy", expected));
    }
    let (SignInState::NeedsSecondFactor { first, .. }, Some(mut account)) = (&attempt.sign_in.state, account)
    else {
        return Err(errors::client_state_invalid("The sign-in asks for no second factor. See its status."));
    };
    // What is demanded may be more than when the first factor was proven: the password became known to others.
    let wants_new_password = demands(&account.user, &cx.instance.settings).new_password;
    if wants_new_password || is_outdated(first, &account.user) {
        return Err(errors::client_state_invalid("The password was changed meanwhile. Begin a new sign-in."));
    }
    refuse_locked(&account, cx.now)?;
    finish::may_enter(&cx, &account).await?;
    let is_right = if strategy == TOTP {
        if account.user.totp_sealed.is_none() {
            return Err(errors::strategy_for_user_invalid());
        }
        totp::use_code(cx.server.master_key(), &mut account.user, &code, cx.now)?
    } else {
        if account.user.backup_code_hashes.is_empty() {
            return Err(errors::strategy_for_user_invalid());
        }
        totp::use_backup_code(&cx.server, &mut account.user, &code).await?
    };
    if !is_right {
        return Err(refuse(cx, Some(account), None, errors::code_incorrect()).await);
    }
    let ready = attempt.sign_in.prove_second(&strategy, cx.now)?;
    finish::complete(cx, attempt, account, ready).await
}

/// Whether the password that was proven first has been replaced or taken away since: whoever proved it may be the one
/// whom that was for.
fn is_outdated(first: &FirstFactor, user: &User) -> bool {
    first.strategy == PASSWORD && user.password_updated_at.is_none_or(|at| at > first.proven_at)
}
