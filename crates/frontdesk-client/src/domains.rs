//! Domains: [`Client::domains`].

use frontdesk_api::backend::domains as api;
pub use frontdesk_api::backend::domains::{CnameTarget, Domain, DomainChanges, DomainPath, NewDomain};
use frontdesk_api::{Deleted, Nothing, Page};
pub use frontdesk_types::DomainId;

use crate::{Client, Error};

/// The domains of an instance: the primary one, and satellites that share its people.
///
/// ```no_run
/// use frontdesk_client::Client;
/// use frontdesk_client::domains::NewDomain;
///
/// # async fn example(client: Client) -> Result<(), frontdesk_client::Error> {
/// let shop = client.domains().add(NewDomain::satellite("shop.example")).await?;
/// for alias in shop.cname_targets.unwrap_or_default() {
///     println!("in the DNS: {} CNAME {}", alias.host, alias.value);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Domains<'a> {
    client: &'a Client,
}

impl<'a> Domains<'a> {
    pub(crate) fn of(client: &'a Client) -> Self {
        Self { client }
    }

    /// All domains: satellites, the newest first, then the primary one.
    ///
    /// ```no_run
    /// # async fn example(client: frontdesk_client::Client) -> Result<(), frontdesk_client::Error> {
    /// for domain in client.domains().list().await?.data {
    ///     println!("{} at {}", domain.name, domain.frontend_api_url);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn list(self) -> Result<Page<Domain>, Error> {
        self.client.send(api::ListDomains, Nothing {}, Nothing {}, Nothing {}).await
    }

    /// Adds a satellite.
    ///
    /// ```no_run
    /// # use frontdesk_client::domains::NewDomain;
    /// # async fn example(client: frontdesk_client::Client) -> Result<(), frontdesk_client::Error> {
    /// let shop = NewDomain::satellite("shop.example").proxy_url("https://shop.example/__clerk");
    /// client.domains().add(shop).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorCode::DuplicateRecord`](crate::ErrorCode::DuplicateRecord) if the instance has it already, or another
    /// instance of the server does.
    pub async fn add(self, new: NewDomain) -> Result<Domain, Error> {
        self.client.send(api::AddDomain, Nothing {}, Nothing {}, new).await
    }

    /// Changes a domain.
    ///
    /// ```no_run
    /// # use frontdesk_client::domains::{DomainChanges, DomainId};
    /// # async fn example(client: frontdesk_client::Client, id: DomainId) -> Result<(), frontdesk_client::Error> {
    /// let proxied = DomainChanges::default().proxy_url("https://shop.example/__clerk");
    /// client.domains().update(&id, proxied).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::is_not_found`] if the instance has no such domain.
    pub async fn update(self, id: &DomainId, changes: DomainChanges) -> Result<Domain, Error> {
        self.client.send(api::UpdateDomain, path(id), Nothing {}, changes).await
    }

    /// Takes a satellite away. Its visitors are signed out there.
    ///
    /// ```no_run
    /// # use frontdesk_client::domains::DomainId;
    /// # async fn example(client: frontdesk_client::Client, id: DomainId) -> Result<(), frontdesk_client::Error> {
    /// client.domains().delete(&id).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorCode::PrimaryDomainDeletion`](crate::ErrorCode::PrimaryDomainDeletion) for the primary domain.
    pub async fn delete(self, id: &DomainId) -> Result<Deleted, Error> {
        self.client.send(api::DeleteDomain, path(id), Nothing {}, Nothing {}).await
    }
}

fn path(id: &DomainId) -> DomainPath {
    DomainPath { domain_id: id.clone() }
}
