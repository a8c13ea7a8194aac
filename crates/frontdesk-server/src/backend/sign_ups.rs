//! Sign-ups that are under way, read and added to by application servers.

use frontdesk_api::backend::sign_ups::{GetSignUp, UpdateSignUp};
use frontdesk_core::sign_up::{SignUp, SignUpStatus};
use frontdesk_types::{Change, SignUpId};

use crate::errors::{self, ApiError};
use crate::extract::{Answer, BackendCx, Req, Shown};
use crate::routes::Routes;
use crate::{present, text};

/// What this room answers.
pub(super) fn routes() -> Routes {
    Routes::new().on(get_sign_up).on(update_sign_up)
}

async fn get_sign_up(cx: BackendCx, req: Req<GetSignUp>) -> Answer<GetSignUp> {
    let sign_up = cx.sign_up(&req.path.id).await?;
    Ok(Shown::new(present::sign_up::for_backend(&cx.instance, &sign_up, cx.now)))
}

async fn update_sign_up(mut cx: BackendCx, req: Req<UpdateSignUp>) -> Answer<UpdateSignUp> {
    let mut sign_up = cx.sign_up(&req.path.id).await?;
    if sign_up.status(cx.now) != SignUpStatus::MissingRequirements {
        return Err(errors::client_state_invalid("The sign-up is over."));
    }
    let is_new = matches!(req.body.external_id, Change::Set(_));
    text::change("external_id", req.body.external_id, &mut sign_up.state.external_id)?;
    if let Some(external_id) = sign_up.state.external_id.as_deref().filter(|_| is_new)
        && cx.store.account_by_external_id(&cx.instance.id, external_id).await?.is_some()
    {
        return Err(errors::identifier_taken("external_id"));
    }
    sign_up.state.custom_action = req.body.custom_action.unwrap_or(sign_up.state.custom_action);
    sign_up.updated_at = cx.now;
    cx.work.save_sign_up(&sign_up);
    let shown = present::sign_up::for_backend(&cx.instance, &sign_up, cx.now);
    cx.commit(shown).await
}

impl BackendCx {
    async fn sign_up(&self, id: &SignUpId) -> Result<SignUp, ApiError> {
        let sign_up = self.store.sign_up(&self.instance.id, id).await?;
        sign_up.ok_or_else(|| errors::resource_not_found("sign-up", id.as_str()))
    }
}
