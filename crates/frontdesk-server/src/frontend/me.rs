//! The person who is signed in, as they see and change themselves.

use frontdesk_api::Deleted;
use frontdesk_api::frontend::me::{DeleteMe, GetMe, GetMyEmailAddresses, UpdateMe, UpdateMyMetadata};
use frontdesk_core::event::EventType;
use frontdesk_core::identification::IdentificationKind;
use frontdesk_core::metadata::Metadata;
use frontdesk_core::user::Account;
use frontdesk_types::Change;

use crate::errors::{self, ApiError};
use crate::extract::{FrontendAnswer, FrontendCx, Req};
use crate::routes::Routes;
use crate::{present, text};

/// What this room answers.
pub(super) fn routes() -> Routes {
    Routes::new().on(get_me).on(update_me).on(delete_me).on(update_metadata).on(get_email_addresses)
}

async fn get_me(cx: FrontendCx, _: Req<GetMe>) -> FrontendAnswer<GetMe> {
    let (_, account) = cx.signed_in().await?;
    let shown = present::user::for_frontend(&cx.instance, &account, cx.now);
    Ok(cx.show(shown))
}

async fn update_me(cx: FrontendCx, req: Req<UpdateMe>) -> FrontendAnswer<UpdateMe> {
    let (_, mut account) = cx.signed_in().await?;
    let changes = req.body;
    // From 2026-05-12 on, metadata has an operation of its own (wire protocol §11.4).
    if !changes.unsafe_metadata.is_keep() && !cx.version.updates_take_metadata() {
        return Err(errors::param_unknown("unsafe_metadata"));
    }
    let user = &mut account.user;
    text::change("first_name", changes.first_name, &mut user.first_name)?;
    text::change("last_name", changes.last_name, &mut user.last_name)?;
    match changes.unsafe_metadata {
        Change::Keep => {}
        Change::Clear => user.unsafe_metadata = Metadata::default(),
        Change::Set(given) => {
            let map = text::object("unsafe_metadata", &given)?;
            user.unsafe_metadata = Metadata::from_map(&map).map_err(invalid)?;
        }
    }
    save(cx, account).await
}

async fn update_metadata(cx: FrontendCx, req: Req<UpdateMyMetadata>) -> FrontendAnswer<UpdateMyMetadata> {
    let (_, mut account) = cx.signed_in().await?;
    let Change::Set(given) = req.body.unsafe_metadata else {
        return Err(errors::param_missing("unsafe_metadata"));
    };
    let patch = text::object("unsafe_metadata", &given)?;
    account.user.unsafe_metadata = account.user.unsafe_metadata.merged(&patch).map_err(invalid)?;
    save(cx, account).await
}

async fn delete_me(mut cx: FrontendCx, _: Req<DeleteMe>) -> FrontendAnswer<DeleteMe> {
    let (_, account) = cx.signed_in().await?;
    let user = account.user;
    if !user.delete_self_enabled {
        return Err(errors::delete_self_not_enabled());
    }
    // Sessions of others on this client go on; those of the user go with them.
    let others = cx.sessions().await?.into_iter().filter(|session| session.user_id != user.id);
    let next = others.max_by_key(|session| session.last_active_at).map(|session| session.id);
    cx.client_mut()?.last_active_session_id = next;
    cx.auth_changed()?;
    cx.work.delete_user(&user.id);
    let mut deleted = Deleted::new("user", user.id.as_str());
    deleted.external_id.clone_from(&user.external_id);
    cx.emit(EventType::UserDeleted, user.id.as_str(), &deleted)?;
    cx.commit(Deleted::new("user", user.id.as_str())).await
}

async fn get_email_addresses(
    cx: FrontendCx,
    _: Req<GetMyEmailAddresses>,
) -> FrontendAnswer<GetMyEmailAddresses> {
    let (_, account) = cx.signed_in().await?;
    let emails = account.of_kind(IdentificationKind::EmailAddress).map(present::user::email_address);
    let emails = emails.collect();
    Ok(cx.bare(emails))
}

/// Saves a changed person, records the change, and answers with them.
async fn save(mut cx: FrontendCx, mut account: Account) -> FrontendAnswer<GetMe> {
    account.user.updated_at = cx.now;
    cx.work.save_user(&account.user);
    let recorded = present::user::for_backend(&cx.instance, &account, cx.now);
    cx.emit(EventType::UserUpdated, account.user.id.as_str(), &recorded)?;
    let shown = present::user::for_frontend(&cx.instance, &account, cx.now);
    cx.commit(shown).await
}

fn invalid(reason: frontdesk_core::metadata::InvalidMetadata) -> ApiError {
    errors::metadata_invalid("unsafe_metadata", &reason)
}
