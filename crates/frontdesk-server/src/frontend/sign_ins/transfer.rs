//! Going on with what a sign-up has proven: its address turned out to be somebody's, and whoever proved it is them.

use frontdesk_api::frontend::sign_ins::CreateSignIn;
use frontdesk_core::identification::IdentificationKind;

use super::finish::{self, UserIs, demands};
use super::named::refuse_locked;
use super::{begin, code};
use crate::errors;
use crate::extract::{FrontendAnswer, FrontendCx};

/// A sign-in of the person whose address the client's sign-up has proven. The proof is used up with it.
pub(super) async fn from_sign_up(mut cx: FrontendCx) -> FrontendAnswer<CreateSignIn> {
    let nothing =
        || errors::client_state_invalid("There is no sign-up here whose proof a sign-in can take over.");
    let id = cx.client().and_then(|client| client.sign_up_id.clone()).ok_or_else(nothing)?;
    let mut sign_up = cx.sign_up(&id).await?;
    let address = sign_up.transfer(cx.now).map_err(|_| nothing())?;
    cx.work.save_sign_up(&sign_up);

    let kind = IdentificationKind::EmailAddress;
    let account = cx.store.account_by_identification(&cx.instance.id, kind, address.as_str()).await?;
    let mut account = account.ok_or_else(nothing)?;
    refuse_locked(&account, cx.now)?;
    finish::may_enter(&cx, &account).await?;
    let email = account.of_kind(kind).find(|email| email.value == address.as_str()).cloned();
    if let Some(mut email) = email.filter(|email| !email.is_verified()) {
        code::verify(&mut cx, &mut account, &mut email)?;
    }
    let mut attempt = begin(&mut cx)?;
    cx.client_mut()?.sign_up_id = None;
    let demands = demands(&account.user, &cx.instance.settings);
    let next = attempt.sign_in.take_over(account.user.id.clone(), &address, demands, cx.now)?;
    finish::go_on(cx, attempt, account, UserIs::AsBefore, next).await
}
