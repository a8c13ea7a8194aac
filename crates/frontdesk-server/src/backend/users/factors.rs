//! Second factors of people: proven and taken away.

use frontdesk_api::backend::users::{
    CodeType, CodeVerified, DeleteBackupCode, DeleteTotp, DisableMfa, VerifyTotp, WhichUser,
};
use frontdesk_core::user::User;
use frontdesk_types::{Timestamp, UserId};

use crate::errors::{self, ApiError};
use crate::extract::{Answer, BackendCx, Req, Shown};
use crate::totp;

/// How many digits an authenticator app shows.
const DIGITS: usize = 6;

/// Says whether the code is right, and uses it up: a code of the app for its step, a backup code for good. A wrong one
/// is not counted, because the application asks, which has limits of its own.
pub(super) async fn verify_totp(mut cx: BackendCx, req: Req<VerifyTotp>) -> Answer<VerifyTotp> {
    let mut account = cx.account(&req.path.user_id).await?;
    let code = req.body.code.ok_or_else(|| errors::param_missing("code"))?;
    let user = &mut account.user;
    if user.totp_sealed.is_none() && user.backup_code_hashes.is_empty() {
        return Err(errors::totp_disabled());
    }
    if totp::use_code(cx.server.master_key(), user, &code, cx.now)? {
        // That a code was used is nobody's business but this server's: no event tells of it.
        cx.work.save_user(user);
        return cx.commit(CodeVerified { verified: true, code_type: CodeType::Totp }).await;
    }
    if totp::use_backup_code(&cx.server, user, &code).await? {
        cx.collect(account)?;
        return cx.commit(CodeVerified { verified: true, code_type: CodeType::BackupCode }).await;
    }
    let is_backup_code_possible = !user.backup_code_hashes.is_empty();
    Err(if is_backup_code_possible || code.expose().trim().chars().count() == DIGITS {
        errors::totp_incorrect()
    } else {
        errors::totp_length_invalid()
    })
}

pub(super) async fn disable_mfa(cx: BackendCx, req: Req<DisableMfa>) -> Answer<DisableMfa> {
    take(cx, &req.path.user_id, |user, now| {
        user.remove_totp(now);
        user.backup_code_hashes.clear();
    })
    .await
}

pub(super) async fn delete_totp(cx: BackendCx, req: Req<DeleteTotp>) -> Answer<DeleteTotp> {
    take(cx, &req.path.user_id, User::remove_totp).await
}

pub(super) async fn delete_backup_codes(
    cx: BackendCx,
    req: Req<DeleteBackupCode>,
) -> Answer<DeleteBackupCode> {
    take(cx, &req.path.user_id, |user, _| user.backup_code_hashes.clear()).await
}

/// Takes something from a person and names them, whether they had it or not. If they had it, that is a change.
async fn take(
    mut cx: BackendCx,
    user_id: &UserId,
    taking: impl FnOnce(&mut User, Timestamp),
) -> Result<Shown<WhichUser>, ApiError> {
    let mut account = cx.account(user_id).await?;
    let before = account.user.clone();
    taking(&mut account.user, cx.now);
    if account.user != before {
        cx.collect(account)?;
    }
    cx.commit(WhichUser { user_id: user_id.clone() }).await
}
