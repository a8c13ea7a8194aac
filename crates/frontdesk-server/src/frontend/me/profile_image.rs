//! One's own picture.

use frontdesk_api::Deleted;
use frontdesk_api::frontend::me::{DeleteMyProfileImage, Image, SetMyProfileImage};

use crate::extract::{FrontendAnswer, FrontendCx, Req};
use crate::routes::Routes;
use crate::{errors, pictures, present};

/// What this room answers.
pub(super) fn routes() -> Routes {
    Routes::new().on(set).on(delete)
}

async fn set(mut cx: FrontendCx, req: Req<SetMyProfileImage>) -> FrontendAnswer<SetMyProfileImage> {
    let (_, mut account) = cx.signed_in().await?;
    let image = cx.server.pictures().clone().make(req.body.bytes(), cx.now, &mut cx.rng).await?;
    pictures::give(&mut cx.work, &mut account.user, &image);
    cx.collect_account(&mut account)?;
    let shown = Image {
        object: "image".to_owned(),
        id: image.id.to_string(),
        name: image.id.to_string(),
        public_url: present::user::given_image_url(&cx.instance, &image.id),
    };
    cx.commit(shown).await
}

async fn delete(mut cx: FrontendCx, _: Req<DeleteMyProfileImage>) -> FrontendAnswer<DeleteMyProfileImage> {
    let (_, mut account) = cx.signed_in().await?;
    let id = account.user.profile_image_id.clone().ok_or_else(errors::image_not_found)?;
    pictures::take(&mut cx.work, &mut account.user);
    cx.collect_account(&mut account)?;
    cx.commit(Deleted::new("image", id.as_str())).await
}
