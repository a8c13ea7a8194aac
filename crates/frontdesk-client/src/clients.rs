//! Browsers and devices: [`Client::clients`](crate::Client::clients).

use frontdesk_api::backend::clients as api;
pub use frontdesk_api::backend::clients::{Client, ClientPath, ClientToVerify};
use frontdesk_api::{Nothing, Page, PageQuery};
pub use frontdesk_types::ClientId;

use crate::{Error, page};

/// The clients of the instance: browsers and devices, with the sessions that live on each.
///
/// ```no_run
/// use frontdesk_client::Client;
/// use frontdesk_client::clients::ClientToVerify;
///
/// # async fn example(client: Client, cookie: String) -> Result<(), frontdesk_client::Error> {
/// let browser = client.clients().verify(ClientToVerify::holding(cookie)).await?;
/// println!("{} people are signed in there", browser.sessions.len());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Clients<'a> {
    client: &'a crate::Client,
}

impl<'a> Clients<'a> {
    pub(crate) fn of(client: &'a crate::Client) -> Self {
        Self { client }
    }

    /// Clients, newest first, and how many there are in all. `paginated` need not be set.
    ///
    /// ```no_run
    /// # async fn example(client: frontdesk_client::Client) -> Result<(), frontdesk_client::Error> {
    /// println!("{} browsers", client.clients().list(Default::default()).await?.total_count);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn list(self, mut query: PageQuery) -> Result<Page<Client>, Error> {
        query.paginated = Some(true);
        page::whole::<api::GetClientList, _>(
            self.client.send(api::GetClientList, Nothing {}, query, Nothing {}).await?,
        )
    }

    /// One client.
    ///
    /// ```no_run
    /// # use frontdesk_client::clients::ClientId;
    /// # async fn example(client: frontdesk_client::Client, id: ClientId) -> Result<(), frontdesk_client::Error> {
    /// println!("{:?}", client.clients().get(&id).await?.session_ids);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::is_not_found`] if the instance has no such client.
    pub async fn get(self, id: &ClientId) -> Result<Client, Error> {
        let path = ClientPath { client_id: id.clone() };
        self.client.send(api::GetClient, path, Nothing {}, Nothing {}).await
    }

    /// The client that holds a client token (the cookie `__client`).
    ///
    /// ```no_run
    /// # use frontdesk_client::clients::ClientToVerify;
    /// # async fn example(client: frontdesk_client::Client, token: String) -> Result<(), frontdesk_client::Error> {
    /// println!("{}", client.clients().verify(ClientToVerify::holding(token)).await?.id);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::is_not_found`] if the token opens nothing (any more).
    pub async fn verify(self, token: ClientToVerify) -> Result<Client, Error> {
        self.client.send(api::VerifyClient, Nothing {}, Nothing {}, token).await
    }
}
