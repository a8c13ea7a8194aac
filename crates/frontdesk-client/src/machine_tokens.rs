//! What machines show to prove themselves, verified by the server (wire contract §3.8).

use frontdesk_api::Nothing;
pub use frontdesk_api::backend::api_keys::ApiKey;
use frontdesk_api::backend::api_keys::{ApiKeySecret, VerifyApiKey};
pub use frontdesk_api::backend::m2m_tokens::M2mToken;
use frontdesk_api::backend::m2m_tokens::{M2mTokenSecret, VerifyM2mToken};
pub use frontdesk_api::backend::oauth_access_tokens::OAuthAccessToken;
use frontdesk_api::backend::oauth_access_tokens::{
    OAuthAccessTokenSecret, OAuthVerification, VerifyOAuthAccessToken,
};

use crate::client::Bearer;
use crate::{Client, Error};

impl Client {
    /// Whose API key (`ak_…`) this is.
    ///
    /// An answer alone does not say that the key is good: look at [`ApiKey::revoked`] and [`ApiKey::expired`].
    ///
    /// ```no_run
    /// # async fn example(client: frontdesk_client::Client) -> Result<(), frontdesk_client::Error> {
    /// let key = client.verify_api_key("ak_…").await?;
    /// if !key.revoked && !key.expired {
    ///     println!("for {} with {:?}", key.subject, key.scopes);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::is_not_found`] if it is no key of this instance, [`Error::is_unauthorized`] if the secret key is wrong.
    pub async fn verify_api_key(&self, secret: impl Into<String>) -> Result<ApiKey, Error> {
        let body = ApiKeySecret::new(secret);
        self.send(VerifyApiKey, Nothing {}, Nothing {}, body).await
    }

    /// Whose token between machines (`mt_…`) this is. Asked with the machine's own secret key if the client has one
    /// ([`Builder::machine_secret_key`](crate::Builder::machine_secret_key)), else with the secret key of the instance.
    ///
    /// An answer alone does not say that the token is good: look at [`M2mToken::revoked`] and [`M2mToken::expired`].
    ///
    /// ```no_run
    /// # async fn example(client: frontdesk_client::Client) -> Result<(), frontdesk_client::Error> {
    /// let token = client.verify_m2m_token("mt_…").await?;
    /// if !token.revoked && !token.expired {
    ///     println!("called by {}", token.subject);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As of [`Client::verify_api_key`].
    pub async fn verify_m2m_token(&self, token: impl Into<String>) -> Result<M2mToken, Error> {
        let body = M2mTokenSecret::new(token);
        self.send_as(Bearer::Machine, VerifyM2mToken, Nothing {}, Nothing {}, body).await
    }

    /// Whose OAuth access token (`oat_…`) this is; `None` if the server calls it inactive and says no more.
    ///
    /// An answer alone does not say that the token is good: look at [`OAuthAccessToken::revoked`] and
    /// [`OAuthAccessToken::expired`].
    ///
    /// ```no_run
    /// # async fn example(client: frontdesk_client::Client) -> Result<(), frontdesk_client::Error> {
    /// match client.verify_oauth_access_token("oat_…").await? {
    ///     Some(token) if !token.revoked && !token.expired => println!("in the name of {}", token.subject),
    ///     _ => println!("opens nothing"),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As of [`Client::verify_api_key`].
    pub async fn verify_oauth_access_token(
        &self,
        access_token: impl Into<String>,
    ) -> Result<Option<OAuthAccessToken>, Error> {
        let body = OAuthAccessTokenSecret::new(access_token);
        match self.send(VerifyOAuthAccessToken, Nothing {}, Nothing {}, body).await? {
            OAuthVerification::Known(token) => Ok(Some(*token)),
            _ => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests;
