//! The caller's client.

use frontdesk_api::frontend::client::{DeleteClient, GetClient, PostClient, PutClient, RemoveClientSessions};
use frontdesk_core::session::SessionStatus;

use crate::errors::{self, ApiError};
use crate::extract::{FrontendAnswer, FrontendCx, Reply, Req};
use crate::routes::Routes;

/// What this room answers.
pub(super) fn routes() -> Routes {
    Routes::new().on(get_client).on(post_client).on(put_client).on(delete_client).on(remove_sessions)
}

/// A stranger is not refused: pages load before anybody has signed in (wire protocol §12, trap 24).
async fn get_client(mut cx: FrontendCx, _: Req<GetClient>) -> FrontendAnswer<GetClient> {
    let client = cx.shown_client().await?;
    Ok(cx.show(client))
}

async fn post_client(cx: FrontendCx, _: Req<PostClient>) -> FrontendAnswer<PostClient> {
    make(cx).await
}

async fn put_client(cx: FrontendCx, _: Req<PutClient>) -> FrontendAnswer<PutClient> {
    make(cx).await
}

/// The client is the response of these, so it does not stand beside it once more (wire protocol §6.2).
async fn make(
    mut cx: FrontendCx,
) -> Result<Reply<Option<frontdesk_api::frontend::client::Client>>, ApiError> {
    if cx.client().is_none() {
        cx.client_mut()?;
    }
    cx.commit_client().await
}

async fn delete_client(mut cx: FrontendCx, _: Req<DeleteClient>) -> FrontendAnswer<DeleteClient> {
    // The one operation for which the contract describes that the client is not there.
    cx.client().ok_or_else(errors::client_not_found)?;
    cx.end_all_sessions(&SessionStatus::Ended).await?;
    cx.forget_client()?;
    cx.commit_client().await
}

async fn remove_sessions(
    mut cx: FrontendCx,
    _: Req<RemoveClientSessions>,
) -> FrontendAnswer<RemoveClientSessions> {
    cx.known_client()?;
    cx.end_all_sessions(&SessionStatus::Removed).await?;
    cx.commit_client().await
}
