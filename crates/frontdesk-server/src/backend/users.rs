//! People: made, read, changed and deleted by application servers.

mod bulk;
mod create;
mod credentials;
mod factors;
mod identifiers;
mod list;
mod profile_image;
mod update;

pub(super) use self::identifiers::read_address;
use frontdesk_api::Deleted;
use frontdesk_api::backend::users::{
    BanUser, DeleteUser, GetUser, LockUser, ReplaceUserMetadata, UnbanUser, UnlockUser, UpdateUserMetadata,
    User,
};
use frontdesk_core::event::EventType;
use frontdesk_core::metadata::Metadata;
use frontdesk_core::session::{Session, SessionStatus};
use frontdesk_core::user::Account;
use frontdesk_types::{Change, UserId};
use serde_json::{Map, Value};

use crate::errors::{self, ApiError};
use crate::extract::{Answer, BackendCx, Req, Shown};
use crate::present;
use crate::routes::Routes;

/// What this room answers.
pub(super) fn routes() -> Routes {
    Routes::new()
        .on(list::list_users)
        .on(list::count_users)
        .on(bulk::ban_users)
        .on(bulk::unban_users)
        .on(create::create_user)
        .on(get_user)
        .on(update::update_user)
        .on(delete_user)
        .on(ban_user)
        .on(unban_user)
        .on(lock_user)
        .on(unlock_user)
        .on(credentials::verify_password)
        .on(credentials::remove_password)
        .on(credentials::set_compromised)
        .on(credentials::unset_compromised)
        .on(factors::verify_totp)
        .on(factors::disable_mfa)
        .on(factors::delete_totp)
        .on(factors::delete_backup_codes)
        .on(identifiers::replace_email_address)
        .on(merge_metadata)
        .on(replace_metadata)
        .merge(profile_image::routes())
}

async fn get_user(cx: BackendCx, req: Req<GetUser>) -> Answer<GetUser> {
    let account = cx.account(&req.path.user_id).await?;
    Ok(Shown::new(cx.show(&account)))
}

async fn delete_user(mut cx: BackendCx, req: Req<DeleteUser>) -> Answer<DeleteUser> {
    let account = cx.account(&req.path.user_id).await?;
    let mut deleted = Deleted::new("user", account.user.id.as_str());
    deleted.external_id.clone_from(&account.user.external_id);
    for session in cx.store.user_sessions(&cx.instance.id, &account.user.id, cx.now).await? {
        cx.work.client_changed(&session.client_id, cx.now);
    }
    cx.work.delete_user(&account.user.id);
    cx.emit(EventType::UserDeleted, account.user.id.as_str(), &deleted)?;
    cx.commit(deleted).await
}

async fn ban_user(mut cx: BackendCx, req: Req<BanUser>) -> Answer<BanUser> {
    let mut account = cx.account(&req.path.user_id).await?;
    cx.revoke_sessions(&account.user.id).await?;
    account.user.banned = true;
    cx.save(account).await
}

async fn unban_user(cx: BackendCx, req: Req<UnbanUser>) -> Answer<UnbanUser> {
    let mut account = cx.account(&req.path.user_id).await?;
    account.user.banned = false;
    cx.save(account).await
}

async fn lock_user(cx: BackendCx, req: Req<LockUser>) -> Answer<LockUser> {
    let mut account = cx.account(&req.path.user_id).await?;
    account.user.lock(&cx.instance.settings.limits, cx.now);
    cx.save(account).await
}

async fn unlock_user(cx: BackendCx, req: Req<UnlockUser>) -> Answer<UnlockUser> {
    let mut account = cx.account(&req.path.user_id).await?;
    account.user.forget_failures();
    cx.save(account).await
}

async fn merge_metadata(cx: BackendCx, req: Req<UpdateUserMetadata>) -> Answer<UpdateUserMetadata> {
    let mut account = cx.account(&req.path.user_id).await?;
    let merge = |current: &Metadata, patch: &Map<String, Value>| current.merged(patch);
    let user = &mut account.user;
    change(&mut user.public_metadata, req.body.public_metadata, "public_metadata", merge)?;
    change(&mut user.private_metadata, req.body.private_metadata, "private_metadata", merge)?;
    change(&mut user.unsafe_metadata, req.body.unsafe_metadata, "unsafe_metadata", merge)?;
    cx.save(account).await
}

async fn replace_metadata(cx: BackendCx, req: Req<ReplaceUserMetadata>) -> Answer<ReplaceUserMetadata> {
    let mut account = cx.account(&req.path.user_id).await?;
    let user = &mut account.user;
    replace(&mut user.public_metadata, req.body.public_metadata, "public_metadata")?;
    replace(&mut user.private_metadata, req.body.private_metadata, "private_metadata")?;
    replace(&mut user.unsafe_metadata, req.body.unsafe_metadata, "unsafe_metadata")?;
    cx.save(account).await
}

/// Puts new metadata in place of the old; `null` empties it.
fn replace(current: &mut Metadata, to: Change<Map<String, Value>>, name: &str) -> Result<(), ApiError> {
    change(current, to, name, |_, map| Metadata::from_map(map))
}

fn change(
    current: &mut Metadata,
    to: Change<Map<String, Value>>,
    name: &str,
    how: impl FnOnce(
        &Metadata,
        &Map<String, Value>,
    ) -> Result<Metadata, frontdesk_core::metadata::InvalidMetadata>,
) -> Result<(), ApiError> {
    *current = match to {
        Change::Keep => return Ok(()),
        Change::Clear => Metadata::default(),
        Change::Set(map) => how(current, &map).map_err(|reason| errors::metadata_invalid(name, &reason))?,
    };
    Ok(())
}

impl BackendCx {
    /// The person with this id.
    pub(super) async fn account(&self, id: &UserId) -> Result<Account, ApiError> {
        let account = self.store.account(&self.instance.id, id).await?;
        account.ok_or_else(|| errors::resource_not_found("user", id.as_str()))
    }

    /// A person as this audience sees them.
    pub(super) fn show(&self, account: &Account) -> User {
        present::user::for_backend(&self.instance, account, self.now)
    }

    /// Saves a changed person, records the change, and answers with them.
    async fn save(mut self, account: Account) -> Result<Shown<User>, ApiError> {
        let shown = self.collect(account)?;
        self.commit(shown).await
    }

    /// Collects a changed person and the record of the change.
    pub(super) fn collect(&mut self, mut account: Account) -> Result<User, ApiError> {
        account.user.updated_at = self.now;
        self.work.save_user(&account.user);
        let shown = self.show(&account);
        self.emit(EventType::UserUpdated, account.user.id.as_str(), &shown)?;
        Ok(shown)
    }

    /// Collects the end of every session of a person.
    pub(super) async fn revoke_sessions(&mut self, user_id: &UserId) -> Result<(), ApiError> {
        for mut session in self.store.user_sessions(&self.instance.id, user_id, self.now).await? {
            self.revoke_session(&mut session)?;
        }
        Ok(())
    }

    /// Collects the end of a session. Its browser learns of it from `__client_uat`, which moves with its client.
    fn revoke_session(&mut self, session: &mut Session) -> Result<(), ApiError> {
        session.end(SessionStatus::Revoked, self.now);
        self.work.save_session(session);
        self.work.client_changed(&session.client_id, self.now);
        let shown = present::session::for_backend(session, self.now);
        self.emit(EventType::SessionRevoked, session.id.as_str(), &shown)
    }
}
