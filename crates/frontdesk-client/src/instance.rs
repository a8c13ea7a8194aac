//! The instance itself: [`Client::instance`].

use frontdesk_api::Nothing;
use frontdesk_api::backend::instance as api;
pub use frontdesk_api::backend::instance::{
    Instance, InstanceChanges, InstanceRestrictions, InstanceSettings, InstanceSettingsChanges, Origins,
    RestrictionChanges,
};

use crate::{Client, Error};

/// The instance of the secret key, and what its owner can set.
///
/// ```no_run
/// use frontdesk_client::Client;
/// use frontdesk_client::instance::RestrictionChanges;
///
/// # async fn example(client: Client) -> Result<(), frontdesk_client::Error> {
/// let invited_only = RestrictionChanges::default().allowlist(true);
/// client.instance().restrict(invited_only).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct TheInstance<'a> {
    client: &'a Client,
}

impl<'a> TheInstance<'a> {
    pub(crate) fn of(client: &'a Client) -> Self {
        Self { client }
    }

    /// The instance.
    ///
    /// ```no_run
    /// # async fn example(client: frontdesk_client::Client) -> Result<(), frontdesk_client::Error> {
    /// println!("{}", client.instance().get().await?.environment_type);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn get(self) -> Result<Instance, Error> {
        self.client.send(api::GetInstance, Nothing {}, Nothing {}, Nothing {}).await
    }

    /// Changes what is given.
    ///
    /// ```no_run
    /// # use frontdesk_client::instance::InstanceChanges;
    /// # async fn example(client: frontdesk_client::Client) -> Result<(), frontdesk_client::Error> {
    /// let origins = vec!["https://admin.example.com".to_owned()];
    /// client.instance().update(InstanceChanges::default().allowed_origins(origins)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn update(self, changes: InstanceChanges) -> Result<(), Error> {
        let Nothing {} = self.client.send(api::UpdateInstance, Nothing {}, Nothing {}, changes).await?;
        Ok(())
    }

    /// Changes who may have an account.
    ///
    /// ```no_run
    /// # use frontdesk_client::instance::RestrictionChanges;
    /// # async fn example(client: frontdesk_client::Client) -> Result<(), frontdesk_client::Error> {
    /// client.instance().restrict(RestrictionChanges::default().blocklist(true)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn restrict(self, changes: RestrictionChanges) -> Result<InstanceRestrictions, Error> {
        self.client.send(api::UpdateInstanceRestrictions, Nothing {}, Nothing {}, changes).await
    }

    /// Changes how people sign up.
    ///
    /// ```no_run
    /// # use frontdesk_client::instance::InstanceSettingsChanges;
    /// # async fn example(client: frontdesk_client::Client) -> Result<(), frontdesk_client::Error> {
    /// let all_at_once = InstanceSettingsChanges::default().progressive_sign_up(false);
    /// client.instance().update_settings(all_at_once).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn update_settings(self, changes: InstanceSettingsChanges) -> Result<InstanceSettings, Error> {
        self.client.send(api::UpdateInstanceAuthConfig, Nothing {}, Nothing {}, changes).await
    }
}
