//! Sign-in tokens: [`Client::sign_in_tokens`].

use frontdesk_api::Nothing;
use frontdesk_api::backend::sign_in_tokens as api;
pub use frontdesk_api::backend::sign_in_tokens::{
    NewSignInToken, SignInToken, SignInTokenPath, SignInTokenStatus,
};
use frontdesk_types::SignInTokenId;

use crate::{Client, Error};

/// Tickets that a browser redeems once to be signed in.
///
/// ```no_run
/// use frontdesk_client::sign_in_tokens::NewSignInToken;
/// use frontdesk_client::{Client, UserId};
///
/// # async fn example(client: Client, ada: UserId) -> Result<(), frontdesk_client::Error> {
/// let ticket = client.sign_in_tokens().create(NewSignInToken::for_user(&ada)).await?;
/// println!("send Ada to {:?}", ticket.url);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct SignInTokens<'a> {
    client: &'a Client,
}

impl<'a> SignInTokens<'a> {
    pub(crate) fn of(client: &'a Client) -> Self {
        Self { client }
    }

    /// Makes a ticket for one sign-in of one person. It is shown this once.
    ///
    /// ```no_run
    /// # use frontdesk_client::{UserId, sign_in_tokens::NewSignInToken};
    /// # async fn example(client: frontdesk_client::Client, ada: UserId) -> Result<(), frontdesk_client::Error> {
    /// let for_an_hour = NewSignInToken::for_user(&ada).expires_in_seconds(3600);
    /// let ticket = client.sign_in_tokens().create(for_an_hour).await?.token;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn create(self, new: NewSignInToken) -> Result<SignInToken, Error> {
        self.client.send(api::CreateSignInToken, Nothing {}, Nothing {}, new).await
    }

    /// Takes a ticket back that nobody has redeemed yet.
    ///
    /// ```no_run
    /// # use frontdesk_client::SignInTokenId;
    /// # async fn example(client: frontdesk_client::Client, id: SignInTokenId) -> Result<(), frontdesk_client::Error> {
    /// client.sign_in_tokens().revoke(&id).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorCode::SignInTokenNotPending`](crate::ErrorCode::SignInTokenNotPending) if it was redeemed or taken back
    /// before.
    pub async fn revoke(self, sign_in_token_id: &SignInTokenId) -> Result<SignInToken, Error> {
        let path = SignInTokenPath { sign_in_token_id: sign_in_token_id.clone() };
        self.client.send(api::RevokeSignInToken, path, Nothing {}, Nothing {}).await
    }
}
