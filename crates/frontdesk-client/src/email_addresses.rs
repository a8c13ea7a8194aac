//! E-mail addresses of people: [`Client::email_addresses`].

use frontdesk_api::backend::email_addresses as api;
pub use frontdesk_api::backend::email_addresses::{
    CodeAttempt, EmailAddressChanges, EmailAddressPath, NewEmailAddress, VerificationAttempt,
};
use frontdesk_api::{Deleted, Nothing};
use frontdesk_types::{IdentificationId, Secret, VerificationId};

use crate::users::EmailAddress;
use crate::{Client, Error};

/// The addresses that people of the instance have.
///
/// ```no_run
/// use frontdesk_client::email_addresses::NewEmailAddress;
/// use frontdesk_client::{Client, Secret, UserId};
///
/// # async fn example(client: Client, ada: UserId) -> Result<(), frontdesk_client::Error> {
/// let addresses = client.email_addresses();
/// let new = NewEmailAddress::default().user_id(&ada).email_address("ada@lovelace.example");
/// let address = addresses.create(new).await?;
/// let sent = addresses.prepare_verification(&address.id).await?;
/// addresses.attempt_verification(&address.id, &sent.id, Secret::new("424242")).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct EmailAddresses<'a> {
    client: &'a Client,
}

impl<'a> EmailAddresses<'a> {
    pub(crate) fn of(client: &'a Client) -> Self {
        Self { client }
    }

    /// Gives a person another address, proven only if it says so. Nothing is sent to it.
    ///
    /// ```no_run
    /// # use frontdesk_client::{UserId, email_addresses::NewEmailAddress};
    /// # async fn example(client: frontdesk_client::Client, ada: UserId) -> Result<(), frontdesk_client::Error> {
    /// let new = NewEmailAddress::default().user_id(&ada).email_address("ada@home.example").verified(true);
    /// let address = client.email_addresses().create(new).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorCode::IdentifierExists`](crate::ErrorCode::IdentifierExists) if somebody has it already.
    pub async fn create(self, new: NewEmailAddress) -> Result<EmailAddress, Error> {
        self.client.send(api::CreateEmailAddress, Nothing {}, Nothing {}, new).await
    }

    /// One address.
    ///
    /// ```no_run
    /// # async fn example(client: frontdesk_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let address = client.email_addresses().get(&"idn_2nZ".parse()?).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn get(self, id: &IdentificationId) -> Result<EmailAddress, Error> {
        self.client.send(api::GetEmailAddress, path(id), Nothing {}, Nothing {}).await
    }

    /// Says whether an address is proven, and makes it the one the person is written to.
    ///
    /// ```no_run
    /// # use frontdesk_client::{IdentificationId, email_addresses::EmailAddressChanges};
    /// # async fn example(client: frontdesk_client::Client, id: IdentificationId) -> Result<(), frontdesk_client::Error> {
    /// let primary = EmailAddressChanges::default().verified(true).primary(true);
    /// client.email_addresses().update(&id, primary).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn update(
        self,
        id: &IdentificationId,
        changes: EmailAddressChanges,
    ) -> Result<EmailAddress, Error> {
        self.client.send(api::UpdateEmailAddress, path(id), Nothing {}, changes).await
    }

    /// Takes an address away. Another proven one becomes the primary one in its place.
    ///
    /// ```no_run
    /// # use frontdesk_client::IdentificationId;
    /// # async fn example(client: frontdesk_client::Client, id: IdentificationId) -> Result<(), frontdesk_client::Error> {
    /// client.email_addresses().delete(&id).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn delete(self, id: &IdentificationId) -> Result<Deleted, Error> {
        self.client.send(api::DeleteEmailAddress, path(id), Nothing {}, Nothing {}).await
    }

    /// Sends a code to an address. The answer's id names the code.
    ///
    /// ```no_run
    /// # use frontdesk_client::IdentificationId;
    /// # async fn example(client: frontdesk_client::Client, id: IdentificationId) -> Result<(), frontdesk_client::Error> {
    /// let sent = client.email_addresses().prepare_verification(&id).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn prepare_verification(self, id: &IdentificationId) -> Result<VerificationAttempt, Error> {
        self.client.send(api::PrepareEmailAddressVerification, path(id), Nothing {}, Nothing {}).await
    }

    /// Proves an address by the code that was sent to it.
    ///
    /// ```no_run
    /// # use frontdesk_client::{IdentificationId, Secret, VerificationId};
    /// # async fn example(client: frontdesk_client::Client, id: IdentificationId, sent: VerificationId) -> Result<(), frontdesk_client::Error> {
    /// client.email_addresses().attempt_verification(&id, &sent, Secret::new("424242")).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorCode::CodeIncorrect`](crate::ErrorCode::CodeIncorrect) if it is another code.
    pub async fn attempt_verification(
        self,
        id: &IdentificationId,
        verification_id: &VerificationId,
        code: Secret,
    ) -> Result<VerificationAttempt, Error> {
        let body = CodeAttempt::default().verification_id(verification_id).code(code);
        self.client.send(api::AttemptEmailAddressVerification, path(id), Nothing {}, body).await
    }
}

fn path(id: &IdentificationId) -> EmailAddressPath {
    EmailAddressPath { email_address_id: id.clone() }
}
