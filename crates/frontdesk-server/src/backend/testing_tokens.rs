//! Testing tokens (wire protocol §8.1).

use frontdesk_api::backend::testing_tokens::{CreateTestingToken, TestingToken};
use frontdesk_types::{Secret, Span};

use crate::extract::{Answer, BackendCx, Req};
use crate::keys;
use crate::routes::Routes;

/// How long a testing token works: as long as the published example's.
const LIFETIME: Span = Span::hours(1);

/// What this room answers.
pub(super) fn routes() -> Routes {
    Routes::new().on(create_testing_token)
}

async fn create_testing_token(mut cx: BackendCx, _: Req<CreateTestingToken>) -> Answer<CreateTestingToken> {
    let opaque = keys::alphanumeric::<40>(&mut cx.rng);
    let token = format!("{}-{opaque}", cx.now.as_secs());
    let expires_at = cx.now + LIFETIME;
    cx.work.delete_expired_testing_tokens(cx.now);
    cx.work.insert_testing_token(&keys::token_hash(&token), expires_at, cx.now);
    cx.commit(TestingToken {
        object: "testing_token".to_owned(),
        token: Secret::new(token),
        expires_at: expires_at.as_secs(),
    })
    .await
}
