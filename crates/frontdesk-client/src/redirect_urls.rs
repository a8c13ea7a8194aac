//! Redirect URLs: [`Client::redirect_urls`].

use frontdesk_api::backend::redirect_urls as api;
pub use frontdesk_api::backend::redirect_urls::{NewRedirectUrl, RedirectUrl, RedirectUrlPath};
use frontdesk_api::{Deleted, Nothing, Page, PageQuery};
pub use frontdesk_types::RedirectUrlId;

use crate::{Client, Error, page};

/// Where people may be sent when a sign-in is over, beside the pages of the instance.
///
/// ```no_run
/// use frontdesk_client::Client;
/// use frontdesk_client::redirect_urls::NewRedirectUrl;
///
/// # async fn example(client: Client) -> Result<(), frontdesk_client::Error> {
/// client.redirect_urls().create(NewRedirectUrl::of("com.example.shop://callback")).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct RedirectUrls<'a> {
    client: &'a Client,
}

impl<'a> RedirectUrls<'a> {
    pub(crate) fn of(client: &'a Client) -> Self {
        Self { client }
    }

    /// The listed URLs, newest first, and how many there are in all. `paginated` need not be set.
    ///
    /// ```no_run
    /// # async fn example(client: frontdesk_client::Client) -> Result<(), frontdesk_client::Error> {
    /// for listed in client.redirect_urls().list(Default::default()).await?.data {
    ///     println!("{}", listed.url);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn list(self, mut query: PageQuery) -> Result<Page<RedirectUrl>, Error> {
        query.paginated = Some(true);
        page::whole::<api::ListRedirectUrls, _>(
            self.client.send(api::ListRedirectUrls, Nothing {}, query, Nothing {}).await?,
        )
    }

    /// Lists a URL.
    ///
    /// ```no_run
    /// # use frontdesk_client::redirect_urls::NewRedirectUrl;
    /// # async fn example(client: frontdesk_client::Client) -> Result<(), frontdesk_client::Error> {
    /// client.redirect_urls().create(NewRedirectUrl::of("https://partner.example.com/welcome")).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorCode::DuplicateRecord`](crate::ErrorCode::DuplicateRecord) if it is listed already.
    pub async fn create(self, new: NewRedirectUrl) -> Result<RedirectUrl, Error> {
        self.client.send(api::CreateRedirectUrl, Nothing {}, Nothing {}, new).await
    }

    /// One listed URL.
    ///
    /// ```no_run
    /// # use frontdesk_client::redirect_urls::RedirectUrlId;
    /// # async fn example(client: frontdesk_client::Client, id: RedirectUrlId) -> Result<(), frontdesk_client::Error> {
    /// println!("{}", client.redirect_urls().get(&id).await?.url);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::is_not_found`] if the instance has not listed it.
    pub async fn get(self, id: &RedirectUrlId) -> Result<RedirectUrl, Error> {
        self.client.send(api::GetRedirectUrl, path(id), Nothing {}, Nothing {}).await
    }

    /// Takes a URL off the list.
    ///
    /// ```no_run
    /// # use frontdesk_client::redirect_urls::RedirectUrlId;
    /// # async fn example(client: frontdesk_client::Client, id: RedirectUrlId) -> Result<(), frontdesk_client::Error> {
    /// client.redirect_urls().delete(&id).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn delete(self, id: &RedirectUrlId) -> Result<Deleted, Error> {
        self.client.send(api::DeleteRedirectUrl, path(id), Nothing {}, Nothing {}).await
    }
}

fn path(id: &RedirectUrlId) -> RedirectUrlPath {
    RedirectUrlPath { id: id.clone() }
}
