//! The instance's public keys, for application servers.

use frontdesk_api::backend::jwks::GetJwks;

use crate::extract::{Answer, BackendCx, Req, Shown};
use crate::present;
use crate::routes::Routes;

/// What this room answers.
pub(super) fn routes() -> Routes {
    Routes::new().on(get_jwks)
}

async fn get_jwks(cx: BackendCx, _: Req<GetJwks>) -> Answer<GetJwks> {
    Ok(Shown::new(present::jwks::for_backend(&cx.instance.jwks)))
}
