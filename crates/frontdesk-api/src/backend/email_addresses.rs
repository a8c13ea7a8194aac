//! E-mail addresses of people, one by one.

use frontdesk_types::{IdentificationId, Secret, Timestamp, VerificationId};
use serde::{Deserialize, Serialize};

use super::users::{EmailAddress, VerificationStatus, VerificationStrategy};
use crate::request::request;
use crate::{Deleted, operations};

operations! { Backend;
    /// Give a person another address. Nothing is sent to it.
    CreateEmailAddress = POST "/v1/email_addresses" { ; body: NewEmailAddress } -> EmailAddress;
    /// One address, by id.
    GetEmailAddress = GET "/v1/email_addresses/{email_address_id}" { path: EmailAddressPath } -> EmailAddress;
    /// Say whether an address is proven, and make it the one the person is written to.
    UpdateEmailAddress = PATCH "/v1/email_addresses/{email_address_id}" { path: EmailAddressPath, body: EmailAddressChanges } -> EmailAddress;
    /// Take an address away.
    DeleteEmailAddress = DELETE "/v1/email_addresses/{email_address_id}" { path: EmailAddressPath } -> Deleted;
    /// Send a code to an address.
    PrepareEmailAddressVerification = POST "/v1/email_addresses/{email_address_id}/prepare_verification" { path: EmailAddressPath } -> VerificationAttempt;
    /// Prove an address by the code that was sent to it.
    AttemptEmailAddressVerification = POST "/v1/email_addresses/{email_address_id}/attempt_verification" { path: EmailAddressPath, body: CodeAttempt } -> VerificationAttempt;
}

/// Which address.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EmailAddressPath {
    /// Its id.
    pub email_address_id: IdentificationId,
}

request! {
    /// An address to be made (contract `CreateEmailAddress`).
    pub struct NewEmailAddress {
        /// Whose it will be. Wanted.
        pub user_id: Option<String>,
        /// The address. Wanted.
        pub email_address: Option<String>,
        /// Whether it counts as proven; it does not unless this says so.
        pub verified: Option<bool>,
        /// Whether the person is written to there. Their first address becomes that by itself.
        pub primary: Option<bool>,
        /// Tell the old primary address by mail, where this makes another one the primary one.
        pub notify_primary_email_address_changed: Option<bool>,
    }
}

request! {
    /// What becomes of an address; what is absent stays (contract `UpdateEmailAddress`).
    pub struct EmailAddressChanges {
        /// Whether it counts as proven.
        pub verified: Option<bool>,
        /// Whether the person is written to there. `false` is for those they are not written to.
        pub primary: Option<bool>,
        /// Tell the old primary address by mail, where this makes another one the primary one.
        pub notify_primary_email_address_changed: Option<bool>,
    }
}

request! {
    /// A try at the code that was sent (contract `AttemptEmailAddressVerification`).
    pub struct CodeAttempt {
        /// Which code: the `id` of the answer when it was sent. Wanted.
        pub verification_id: Option<String>,
        /// The code. Wanted.
        pub code: Option<Secret>,
    }
}

/// How the proof of an address stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(feature = "exhaustive"), non_exhaustive)]
pub struct VerificationAttempt {
    /// Always `verification_otp`.
    #[serde(default)]
    pub object: String,
    /// Which code it is about.
    pub id: VerificationId,
    /// How it stands.
    pub status: VerificationStatus,
    /// By which strategy: a code by e-mail.
    pub strategy: VerificationStrategy,
    /// How often it was tried.
    pub attempts: Option<u32>,
    /// Until when it can be tried, in ms.
    pub expire_at: Option<Timestamp>,
    /// Of phone numbers only.
    #[serde(default)]
    pub channel: Option<String>,
}
