//! Testing tokens: they let a test runner past bot protection for a while (wire protocol §8.1).

use frontdesk_types::Secret;
use serde::{Deserialize, Serialize};

use crate::operations;

operations! { Backend;
    /// Make a testing token. It works for an hour.
    CreateTestingToken = POST "/v1/testing_tokens" {} -> TestingToken;
}

/// A testing token (contract schema `TestingToken`), shown once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(feature = "exhaustive"), non_exhaustive)]
pub struct TestingToken {
    /// Always `testing_token`.
    pub object: String,
    /// The token: `__clerk_testing_token` in the query of Frontend requests.
    pub token: Secret,
    /// Until when it works, in **seconds**.
    pub expires_at: i64,
}
