//! Pictures of people.

use frontdesk_api::backend::profile_images::{DeleteUserProfileImage, SetUserProfileImage};
use frontdesk_api::backend::users::User;
use frontdesk_core::event::EventType;
use frontdesk_core::user::Account;
use frontdesk_types::UserId;

use crate::errors::{self, ApiError};
use crate::extract::{Answer, BackendCx, Req, Shown};
use crate::routes::Routes;
use crate::{pictures, present};

/// What this room answers.
pub(super) fn routes() -> Routes {
    Routes::new().on(set).on(delete)
}

async fn set(mut cx: BackendCx, req: Req<SetUserProfileImage>) -> Answer<SetUserProfileImage> {
    let mut account = person(&cx, &req.path.user_id).await?;
    let image = cx.server.pictures().clone().make(req.body.bytes(), cx.now, &mut cx.rng).await?;
    pictures::give(&mut cx.work, &mut account.user, &image);
    save(cx, account).await
}

async fn delete(mut cx: BackendCx, req: Req<DeleteUserProfileImage>) -> Answer<DeleteUserProfileImage> {
    let mut account = person(&cx, &req.path.user_id).await?;
    if !pictures::take(&mut cx.work, &mut account.user) {
        return Err(errors::image_not_found());
    }
    save(cx, account).await
}

async fn person(cx: &BackendCx, id: &UserId) -> Result<Account, ApiError> {
    let account = cx.store.account(&cx.instance.id, id).await?;
    account.ok_or_else(|| errors::resource_not_found("user", id.as_str()))
}

async fn save(mut cx: BackendCx, mut account: Account) -> Result<Shown<User>, ApiError> {
    account.user.updated_at = cx.now;
    cx.work.save_user(&account.user);
    let shown = present::user::for_backend(&cx.instance, &account, cx.now);
    cx.emit(EventType::UserUpdated, account.user.id.as_str(), &shown)?;
    cx.commit(shown).await
}
