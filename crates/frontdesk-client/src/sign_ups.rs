//! Sign-ups that are under way: [`Client::sign_ups`].

use frontdesk_api::Nothing;
use frontdesk_api::backend::sign_ups as api;
pub use frontdesk_api::backend::sign_ups::{SignUp, SignUpChanges, SignUpPath};
pub use frontdesk_types::SignUpId;

use crate::{Client, Error};

/// Sign-ups that are under way.
///
/// ```no_run
/// use frontdesk_client::Client;
/// use frontdesk_client::sign_ups::{SignUpChanges, SignUpId};
///
/// # async fn example(client: Client, id: SignUpId) -> Result<(), frontdesk_client::Error> {
/// let known_as = SignUpChanges::default().external_id("customer 7".to_owned());
/// client.sign_ups().update(&id, known_as).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct SignUps<'a> {
    client: &'a Client,
}

impl<'a> SignUps<'a> {
    pub(crate) fn of(client: &'a Client) -> Self {
        Self { client }
    }

    /// One sign-up.
    ///
    /// ```no_run
    /// # use frontdesk_client::sign_ups::SignUpId;
    /// # async fn example(client: frontdesk_client::Client, id: SignUpId) -> Result<(), frontdesk_client::Error> {
    /// println!("{:?} are missing", client.sign_ups().get(&id).await?.missing_fields);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::is_not_found`] if the instance has no such sign-up.
    pub async fn get(self, id: &SignUpId) -> Result<SignUp, Error> {
        self.client.send(api::GetSignUp, SignUpPath { id: id.clone() }, Nothing {}, Nothing {}).await
    }

    /// Changes what is given, as long as the sign-up is under way.
    ///
    /// ```no_run
    /// # use frontdesk_client::sign_ups::{SignUpChanges, SignUpId};
    /// # async fn example(client: frontdesk_client::Client, id: SignUpId) -> Result<(), frontdesk_client::Error> {
    /// client.sign_ups().update(&id, SignUpChanges::default().custom_action(true)).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::is_not_found`] if the instance has no such sign-up; a refusal if it is over.
    pub async fn update(self, id: &SignUpId, changes: SignUpChanges) -> Result<SignUp, Error> {
        self.client.send(api::UpdateSignUp, SignUpPath { id: id.clone() }, Nothing {}, changes).await
    }
}
