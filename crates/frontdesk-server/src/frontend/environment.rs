//! What pages must know of the instance before anybody signs in.

use frontdesk_api::frontend::environment::{GetEnvironment, UpdateEnvironment};

use crate::extract::{FrontendAnswer, FrontendCx, Req};
use crate::present;
use crate::routes::Routes;

/// What this room answers.
pub(super) fn routes() -> Routes {
    Routes::new().on(get_environment).on(update_environment)
}

async fn get_environment(cx: FrontendCx, _: Req<GetEnvironment>) -> FrontendAnswer<GetEnvironment> {
    let environment = present::environment::environment(&cx.instance, cx.public_url(), cx.server.breaches());
    Ok(cx.bare(environment))
}

/// Pages of development instances ask this way, so that a server could learn their origin. There is nothing to learn
/// here: every loopback origin is allowed, and others are listed by their owner.
async fn update_environment(cx: FrontendCx, _: Req<UpdateEnvironment>) -> FrontendAnswer<UpdateEnvironment> {
    let environment = present::environment::environment(&cx.instance, cx.public_url(), cx.server.breaches());
    Ok(cx.bare(environment))
}
