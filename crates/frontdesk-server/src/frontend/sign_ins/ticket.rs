//! Proving it with a sign-in token that the Backend API handed out.

use frontdesk_api::frontend::sign_ins::CreateSignIn;
use frontdesk_core::sign_in_token::SignInTokenStatus;
use frontdesk_types::Secret;

use super::named::refuse_locked;
use super::{Attempt, TICKET, finish};
use crate::extract::{FrontendAnswer, FrontendCx};
use crate::{errors, keys};

/// Redeems a ticket, once: a second redemption at the same moment loses the race for the token's version, comes here
/// again, and finds it used. It proves a first factor; who has a second one, or must choose a new password, is asked
/// for it like everybody.
///
/// The store knows every ticket by its hash, so whatever is written in it needs no reading.
pub(super) async fn redeem(
    mut cx: FrontendCx,
    attempt: Attempt,
    ticket: &Secret,
) -> FrontendAnswer<CreateSignIn> {
    let hash = keys::token_hash(ticket.expose());
    let token = cx.store.sign_in_token_by_hash(&cx.instance.id, &hash).await?;
    let mut token = token.ok_or_else(errors::ticket_invalid)?;
    match token.status {
        SignInTokenStatus::Pending if token.is_redeemable(cx.now) => {}
        SignInTokenStatus::Pending => return Err(errors::ticket_expired()),
        SignInTokenStatus::Accepted => return Err(errors::ticket_already_used()),
        SignInTokenStatus::Revoked => return Err(errors::ticket_revoked()),
        _ => return Err(errors::ticket_invalid()),
    }
    let account = cx.store.account(&cx.instance.id, &token.user_id).await?;
    let account = account.ok_or_else(errors::ticket_invalid)?;
    refuse_locked(&account, cx.now)?;
    token.status = SignInTokenStatus::Accepted;
    token.updated_at = cx.now;
    cx.work.save_sign_in_token(&token);
    finish::proven(cx, attempt, account, TICKET).await
}
