//! Testing tokens: [`Client::testing_tokens`].

use frontdesk_api::Nothing;
use frontdesk_api::backend::testing_tokens as api;
pub use frontdesk_api::backend::testing_tokens::TestingToken;

use crate::{Client, Error};

/// Tokens that let a test runner past bot protection for a while.
///
/// ```no_run
/// # async fn example(client: frontdesk_client::Client) -> Result<(), frontdesk_client::Error> {
/// let token = client.testing_tokens().create().await?;
/// println!("__clerk_testing_token={}", token.token.expose());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct TestingTokens<'a> {
    client: &'a Client,
}

impl<'a> TestingTokens<'a> {
    pub(crate) fn of(client: &'a Client) -> Self {
        Self { client }
    }

    /// Makes a testing token.
    ///
    /// ```no_run
    /// # async fn example(client: frontdesk_client::Client) -> Result<(), frontdesk_client::Error> {
    /// let until_in_seconds = client.testing_tokens().create().await?.expires_at;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn create(self) -> Result<TestingToken, Error> {
        self.client.send(api::CreateTestingToken, Nothing {}, Nothing {}, Nothing {}).await
    }
}
