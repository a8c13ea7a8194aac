//! The person who is signed in, as they see and change themselves.

mod email_addresses;
mod password;
mod profile_image;
mod sessions;

use frontdesk_api::Deleted;
use frontdesk_api::frontend::me::{DeleteMe, GetMe, MyChanges, UpdateMe, UpdateMyMetadata};
use frontdesk_core::event::EventType;
use frontdesk_core::identification::{Identification, IdentificationKind};
use frontdesk_core::metadata::Metadata;
use frontdesk_core::settings::Wanted;
use frontdesk_core::user::Account;
use frontdesk_types::{Change, IdentificationId, Username};

use crate::errors::{self, ApiError};
use crate::extract::{FrontendAnswer, FrontendCx, Req};
use crate::routes::Routes;
use crate::{mail, present, text, username};

/// What this room answers.
pub(super) fn routes() -> Routes {
    Routes::new()
        .on(get_me)
        .on(update_me)
        .on(delete_me)
        .on(update_metadata)
        .merge(email_addresses::routes())
        .merge(password::routes())
        .merge(profile_image::routes())
        .merge(sessions::routes())
}

async fn get_me(cx: FrontendCx, _: Req<GetMe>) -> FrontendAnswer<GetMe> {
    let (_, account) = cx.signed_in().await?;
    let shown = present::user::for_frontend(&cx.instance, &account, cx.now);
    cx.show_with_client(shown).await
}

async fn update_me(mut cx: FrontendCx, req: Req<UpdateMe>) -> FrontendAnswer<UpdateMe> {
    let (_, mut account) = cx.signed_in().await?;
    let changes = req.body;
    refuse_unwanted(&cx, &changes)?;
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
    let before = account.primary_email_address().cloned();
    change_primary_email_address(&mut account, changes.primary_email_address_id)?;
    mail::primary_email_address_moved(&mut cx, &account, before.as_ref()).await?;
    change_username(&mut cx, &mut account, changes.username).await?;
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

/// Refuses what the instance does not know, and to clear what it requires.
fn refuse_unwanted(cx: &FrontendCx, changes: &MyChanges) -> Result<(), ApiError> {
    // From 2026-05-12 on, metadata has an operation of its own (wire protocol §11.4).
    if !changes.unsafe_metadata.is_keep() && !cx.version.updates_take_metadata() {
        return Err(errors::param_unknown("unsafe_metadata"));
    }
    let wanted = cx.instance.settings.attributes;
    for (name, change, wanted) in [
        ("username", &changes.username, wanted.username),
        ("first_name", &changes.first_name, wanted.first_name),
        ("last_name", &changes.last_name, wanted.last_name),
        ("primary_email_address_id", &changes.primary_email_address_id, wanted.email_address),
    ] {
        let clears = match change {
            Change::Keep => continue,
            Change::Clear => true,
            Change::Set(text) => text.trim().is_empty(),
        };
        match wanted {
            Wanted::Off => return Err(errors::param_unknown(name)),
            Wanted::Required if clears => return Err(errors::param_nil(name)),
            Wanted::Required | Wanted::Optional => {}
        }
    }
    Ok(())
}

/// Chooses the address that they are written to, among the proven ones.
fn change_primary_email_address(account: &mut Account, change: Change<String>) -> Result<(), ApiError> {
    const NAME: &str = "primary_email_address_id";
    let chosen = match change {
        Change::Keep => return Ok(()),
        Change::Clear => None,
        Change::Set(text) if text.is_empty() => None,
        Change::Set(text) => {
            let id = text.parse::<IdentificationId>().map_err(|_| errors::param_resource_not_found(NAME))?;
            let email = account
                .of_kind(IdentificationKind::EmailAddress)
                .find(|email| email.id == id)
                .ok_or_else(|| errors::param_resource_not_found(NAME))?;
            if !email.is_verified() {
                return Err(errors::param_value_invalid(NAME, "the id of a proven address"));
            }
            Some(id)
        }
    };
    account.user.primary_email_address_id = chosen;
    Ok(())
}

/// Gives them a username, another one, or none.
async fn change_username(
    cx: &mut FrontendCx,
    account: &mut Account,
    change: Change<String>,
) -> Result<(), ApiError> {
    let rules = cx.instance.settings.username;
    let wanted = match change {
        Change::Keep => return Ok(()),
        Change::Clear => None,
        Change::Set(text) if text.trim().is_empty() => None,
        Change::Set(text) => Some(username::read(&text, &rules, "username")?),
    };
    let present = account.of_kind(IdentificationKind::Username).next().cloned();
    match (present, wanted) {
        (None, None) => {}
        (Some(old), None) => {
            account.can_lose(&old.id, &cx.instance.settings.attributes)?;
            account.lose(&old.id);
            cx.work.delete_identification(&account.user.id, &old.id);
        }
        (Some(old), Some(name)) if old.value == name.as_str() => {}
        (Some(mut old), Some(name)) => {
            cx.refuse_taken_username(&name).await?;
            name.as_str().clone_into(&mut old.value);
            old.updated_at = cx.now;
            cx.work.save_identification(&old);
            account.replace(old);
        }
        (None, Some(name)) => {
            cx.refuse_taken_username(&name).await?;
            let id = IdentificationId::mint(cx.now, &mut cx.rng);
            let new = Identification::username(id, account.user.id.clone(), &name, cx.now);
            cx.work.insert_identification(&new);
            account.identifications.push(new);
        }
    }
    Ok(())
}

/// Saves a changed person, records the change, and answers with them.
async fn save(mut cx: FrontendCx, mut account: Account) -> FrontendAnswer<GetMe> {
    cx.collect_account(&mut account)?;
    let shown = present::user::for_frontend(&cx.instance, &account, cx.now);
    cx.commit(shown).await
}

fn invalid(reason: frontdesk_core::metadata::InvalidMetadata) -> ApiError {
    errors::metadata_invalid("unsafe_metadata", &reason)
}

impl FrontendCx {
    /// Collects a changed person: saved, and the change recorded.
    fn collect_account(&mut self, account: &mut Account) -> Result<(), ApiError> {
        account.user.updated_at = self.now;
        self.work.save_user(&account.user);
        let recorded = present::user::for_backend(&self.instance, account, self.now);
        self.emit(EventType::UserUpdated, account.user.id.as_str(), &recorded)
    }

    /// Refuses a username that somebody has. A race is decided by the store.
    async fn refuse_taken_username(&self, username: &Username) -> Result<(), ApiError> {
        let kind = IdentificationKind::Username;
        match self.store.identification_owner(&self.instance.id, kind, username.as_str()).await? {
            Some(_) => Err(errors::identifier_taken("username")),
            None => Ok(()),
        }
    }
}
