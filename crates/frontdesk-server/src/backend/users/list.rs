//! Listing and counting people.

use frontdesk_api::TotalCount;
use frontdesk_api::backend::users::{GetUserList, GetUsersCount, UserListQuery};
use frontdesk_store::{UserFilter, UserOrder, UserSort};
use frontdesk_types::UserId;

use crate::backend::page::page;
use crate::errors::{self, ApiError};
use crate::extract::{Answer, BackendCx, Req, Shown};
use crate::text;

/// The most values that one filter takes.
const MAX_VALUES: usize = 100;
/// The longest part of something that is looked for, in characters: a first and a last name.
const MAX_PART: usize = 2 * text::MAX_CHARACTERS + 1;

pub(super) async fn list_users(cx: BackendCx, req: Req<GetUserList>) -> Answer<GetUserList> {
    let page = page(req.query.limit, req.query.offset)?;
    let order = req.query.order_by.as_deref().map_or(Ok(UserOrder::default()), order)?;
    let starting_after = req.query.starting_after.as_deref().map(cursor).transpose()?;
    let filter = filter(req.query)?;
    let accounts = cx.store.users(&cx.instance.id, &filter, order, starting_after.as_ref(), page).await?;
    Ok(Shown::new(accounts.iter().map(|account| cx.show(account)).collect()))
}

pub(super) async fn count_users(cx: BackendCx, req: Req<GetUsersCount>) -> Answer<GetUsersCount> {
    let filter = filter(req.query)?;
    let total = cx.store.count_users(&cx.instance.id, &filter).await?;
    Ok(Shown::new(TotalCount::of(total)))
}

/// A name with `+` or `-` before it. A `+` that a caller did not encode arrives as a space.
fn order(text: &str) -> Result<UserOrder, ApiError> {
    UserOrder::parse(text.strip_prefix(' ').unwrap_or(text)).ok_or_else(|| {
        let names = UserSort::ALL.map(UserSort::name).join(", ");
        errors::param_value_invalid("order_by", &format!("one of {names}, with + or - before it"))
    })
}

fn cursor(text: &str) -> Result<UserId, ApiError> {
    text.parse().map_err(|_| errors::param_format_invalid("starting_after", "the id of a user"))
}

fn filter(query: UserListQuery) -> Result<UserFilter, ApiError> {
    refuse_too_much(&query)?;
    if query.provider.is_none() && !query.provider_user_id.is_empty() {
        // An id means nothing without the provider that gave it.
        return Err(errors::param_missing("provider"));
    }
    let (user_ids, without_user_ids) = with_and_without(query.user_id);
    let (organization_ids, without_organization_ids) = with_and_without(query.organization_id);
    let lower = |values: Vec<String>| values.iter().map(|value| value.to_lowercase()).collect();
    Ok(UserFilter {
        email_addresses: lower(query.email_address),
        phone_numbers: query.phone_number,
        external_ids: query.external_id,
        usernames: lower(query.username),
        web3_wallets: lower(query.web3_wallet),
        user_ids,
        without_user_ids,
        organization_ids,
        without_organization_ids,
        query: query.query,
        email_address_query: query.email_address_query,
        phone_number_query: query.phone_number_query,
        username_query: query.username_query,
        name_query: query.name_query,
        banned: query.banned,
        last_active_at_before: query.last_active_at_before,
        last_active_at_after: query.last_active_at_after,
        last_active_at_since: query.last_active_at_since,
        created_at_before: query.created_at_before,
        created_at_after: query.created_at_after,
        last_sign_in_at_before: query.last_sign_in_at_before,
        last_sign_in_at_after: query.last_sign_in_at_after,
        provider: query.provider,
        provider_user_ids: query.provider_user_id,
    })
}

fn refuse_too_much(query: &UserListQuery) -> Result<(), ApiError> {
    let lists = [
        ("email_address", &query.email_address),
        ("phone_number", &query.phone_number),
        ("external_id", &query.external_id),
        ("username", &query.username),
        ("web3_wallet", &query.web3_wallet),
        ("user_id", &query.user_id),
        ("organization_id", &query.organization_id),
        ("provider_user_id", &query.provider_user_id),
    ];
    if let Some((name, _)) = lists.into_iter().find(|(_, values)| values.len() > MAX_VALUES) {
        return Err(errors::param_value_invalid(name, "a list of 100 values at most"));
    }
    // SQLite takes no pattern longer than 50 000 bytes, and nothing that is kept is longer than this.
    let parts = [
        ("query", &query.query),
        ("email_address_query", &query.email_address_query),
        ("phone_number_query", &query.phone_number_query),
        ("username_query", &query.username_query),
        ("name_query", &query.name_query),
    ];
    let is_too_long =
        |part: &Option<String>| part.as_ref().is_some_and(|text| text.chars().count() > MAX_PART);
    match parts.into_iter().find(|(_, part)| is_too_long(part)) {
        Some((name, _)) => Err(errors::param_too_long(name, MAX_PART)),
        None => Ok(()),
    }
}

/// Takes apart those to show (bare, or with `+`) and those to leave out (with `-`).
fn with_and_without(values: Vec<String>) -> (Vec<String>, Vec<String>) {
    let mut with = Vec::new();
    let mut without = Vec::new();
    for value in values {
        match value.split_at_checked(1) {
            Some(("-", id)) => without.push(id.to_owned()),
            Some(("+" | " ", id)) => with.push(id.to_owned()),
            _ => with.push(value),
        }
    }
    (with, without)
}
