//! Banning and unbanning several people at once: all of them, or none.

use std::collections::BTreeSet;

use frontdesk_api::backend::users::{BanUsers, UnbanUsers, User};
use frontdesk_core::user::Account;
use frontdesk_types::UserId;

use crate::errors::{self, ApiError};
use crate::extract::{Answer, BackendCx, Req, Shown};

/// The most people that one request may name.
const MAX_USERS: usize = 50;

pub(super) async fn ban_users(mut cx: BackendCx, req: Req<BanUsers>) -> Answer<BanUsers> {
    let accounts = named(&cx, &req.body.user_ids).await?;
    for account in &accounts {
        cx.revoke_sessions(&account.user.id).await?;
    }
    save_all(cx, accounts, true).await
}

pub(super) async fn unban_users(cx: BackendCx, req: Req<UnbanUsers>) -> Answer<UnbanUsers> {
    let accounts = named(&cx, &req.body.user_ids).await?;
    save_all(cx, accounts, false).await
}

/// The people with these ids. One unknown id refuses them all.
async fn named(cx: &BackendCx, user_ids: &[String]) -> Result<Vec<Account>, ApiError> {
    if user_ids.is_empty() {
        return Err(errors::param_missing("user_ids"));
    }
    if user_ids.len() > MAX_USERS {
        return Err(errors::bulk_size_exceeded(MAX_USERS));
    }
    let mut ids = BTreeSet::new();
    for text in user_ids {
        ids.insert(text.parse::<UserId>().map_err(|_| errors::resource_not_found("user", text))?);
    }
    let ids: Vec<_> = ids.into_iter().collect();
    let accounts = cx.store.accounts(&cx.instance.id, &ids).await?;
    match ids.iter().find(|id| !accounts.iter().any(|account| account.user.id == **id)) {
        Some(unknown) => Err(errors::resource_not_found("user", unknown.as_str())),
        None => Ok(accounts),
    }
}

async fn save_all(
    mut cx: BackendCx,
    accounts: Vec<Account>,
    banned: bool,
) -> Result<Shown<Vec<User>>, ApiError> {
    let mut shown = Vec::new();
    for mut account in accounts {
        account.user.banned = banned;
        shown.push(cx.collect(account)?);
    }
    cx.commit(shown).await
}
