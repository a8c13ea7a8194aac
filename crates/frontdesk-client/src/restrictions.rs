//! Who may sign up: [`Client::allowlist`], [`Client::blocklist`].

pub use frontdesk_api::backend::allowlist_identifiers::{
    AllowlistIdentifier, AllowlistIdentifierPath, IdentifierType, NewAllowlistIdentifier,
};
pub use frontdesk_api::backend::blocklist_identifiers::{
    BlocklistIdentifier, BlocklistIdentifierPath, NewBlocklistIdentifier,
};
use frontdesk_api::backend::{allowlist_identifiers as allow, blocklist_identifiers as block};
use frontdesk_api::{Deleted, Nothing, Page, PageQuery};
pub use frontdesk_types::{AllowlistIdentifierId, BlocklistIdentifierId};

use crate::{Client, Error, page};

/// Who may sign up while nobody else may: the instance's restrictions say whether the list counts.
///
/// ```no_run
/// use frontdesk_client::Client;
/// use frontdesk_client::restrictions::NewAllowlistIdentifier;
///
/// # async fn example(client: Client) -> Result<(), frontdesk_client::Error> {
/// client.allowlist().add(NewAllowlistIdentifier::of("*@shop.example.com")).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Allowlist<'a> {
    client: &'a Client,
}

impl<'a> Allowlist<'a> {
    pub(crate) fn of(client: &'a Client) -> Self {
        Self { client }
    }

    /// The entries, newest first, and how many there are in all. `paginated` need not be set.
    ///
    /// ```no_run
    /// # async fn example(client: frontdesk_client::Client) -> Result<(), frontdesk_client::Error> {
    /// println!("{} entries", client.allowlist().list(Default::default()).await?.total_count);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn list(self, mut query: PageQuery) -> Result<Page<AllowlistIdentifier>, Error> {
        query.paginated = Some(true);
        page::whole::<allow::ListAllowlistIdentifiers, _>(
            self.client.send(allow::ListAllowlistIdentifiers, Nothing {}, query, Nothing {}).await?,
        )
    }

    /// Adds an entry.
    ///
    /// ```no_run
    /// # use frontdesk_client::restrictions::NewAllowlistIdentifier;
    /// # async fn example(client: frontdesk_client::Client) -> Result<(), frontdesk_client::Error> {
    /// client.allowlist().add(NewAllowlistIdentifier::of("ada@example.com")).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorCode::DuplicateRecord`](crate::ErrorCode::DuplicateRecord) if it is there already.
    pub async fn add(self, new: NewAllowlistIdentifier) -> Result<AllowlistIdentifier, Error> {
        self.client.send(allow::CreateAllowlistIdentifier, Nothing {}, Nothing {}, new).await
    }

    /// Takes an entry off the list.
    ///
    /// ```no_run
    /// # use frontdesk_client::restrictions::AllowlistIdentifierId as Id;
    /// # async fn example(client: frontdesk_client::Client, id: Id) -> Result<(), frontdesk_client::Error> {
    /// client.allowlist().remove(&id).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::is_not_found`] if it is not there.
    pub async fn remove(self, id: &AllowlistIdentifierId) -> Result<Deleted, Error> {
        let path = AllowlistIdentifierPath { identifier_id: id.clone() };
        self.client.send(allow::DeleteAllowlistIdentifier, path, Nothing {}, Nothing {}).await
    }
}

/// Who may not sign up: the instance's restrictions say whether the list counts. Whoever stands on the allowlist, too, may.
///
/// ```no_run
/// use frontdesk_client::Client;
/// use frontdesk_client::restrictions::NewBlocklistIdentifier;
///
/// # async fn example(client: Client) -> Result<(), frontdesk_client::Error> {
/// client.blocklist().add(NewBlocklistIdentifier::of("*@spam.example.com")).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Blocklist<'a> {
    client: &'a Client,
}

impl<'a> Blocklist<'a> {
    pub(crate) fn of(client: &'a Client) -> Self {
        Self { client }
    }

    /// The entries, newest first, and how many there are in all.
    ///
    /// ```no_run
    /// # async fn example(client: frontdesk_client::Client) -> Result<(), frontdesk_client::Error> {
    /// println!("{} entries", client.blocklist().list(Default::default()).await?.total_count);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn list(self, query: PageQuery) -> Result<Page<BlocklistIdentifier>, Error> {
        self.client.send(block::ListBlocklistIdentifiers, Nothing {}, query, Nothing {}).await
    }

    /// Adds an entry.
    ///
    /// ```no_run
    /// # use frontdesk_client::restrictions::NewBlocklistIdentifier;
    /// # async fn example(client: frontdesk_client::Client) -> Result<(), frontdesk_client::Error> {
    /// client.blocklist().add(NewBlocklistIdentifier::of("eve@example.com")).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorCode::DuplicateRecord`](crate::ErrorCode::DuplicateRecord) if it is there already.
    pub async fn add(self, new: NewBlocklistIdentifier) -> Result<BlocklistIdentifier, Error> {
        self.client.send(block::CreateBlocklistIdentifier, Nothing {}, Nothing {}, new).await
    }

    /// Takes an entry off the list.
    ///
    /// ```no_run
    /// # use frontdesk_client::restrictions::BlocklistIdentifierId as Id;
    /// # async fn example(client: frontdesk_client::Client, id: Id) -> Result<(), frontdesk_client::Error> {
    /// client.blocklist().remove(&id).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::is_not_found`] if it is not there.
    pub async fn remove(self, id: &BlocklistIdentifierId) -> Result<Deleted, Error> {
        let path = BlocklistIdentifierPath { identifier_id: id.clone() };
        self.client.send(block::DeleteBlocklistIdentifier, path, Nothing {}, Nothing {}).await
    }
}
