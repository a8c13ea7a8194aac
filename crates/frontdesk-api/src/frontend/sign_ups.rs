//! Signing up (wire protocol §6.6, §6.7).

use frontdesk_types::{Change, Secret, SessionId, SignUpId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::backend::users::Verification;
use crate::{JsonObject, operations};

operations! { Frontend;
    /// Begin, with as much as is known already.
    CreateSignUp as "createSignUps" = POST "/v1/client/sign_ups" { ; body: SignUpFields } -> SignUp;
    /// How it stands.
    GetSignUp as "getSignUps" = GET "/v1/client/sign_ups/{sign_up_id}" { path: SignUpPath } -> SignUp;
    /// Give more, or something else.
    UpdateSignUp as "updateSignUps" =
        PATCH "/v1/client/sign_ups/{sign_up_id}" { path: SignUpPath, body: SignUpFields } -> SignUp;
    /// Have a code sent.
    PrepareSignUpVerification as "prepareSignUpsVerification" =
        POST "/v1/client/sign_ups/{sign_up_id}/prepare_verification" { path: SignUpPath, body: VerificationPreparation } -> SignUp;
    /// Tell the code.
    AttemptSignUpVerification as "attemptSignUpsVerification" =
        POST "/v1/client/sign_ups/{sign_up_id}/attempt_verification" { path: SignUpPath, body: VerificationAttempt } -> SignUp;
}

/// Which sign-up.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SignUpPath {
    /// Its id.
    pub sign_up_id: SignUpId,
}

/// What is given for the user to be; what is left out stays as it is (contract `createSignUps`, `updateSignUps`).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SignUpFields {
    /// Begin with what the sign-in of this client has proven: its address turned out to be nobody's. Only for a new
    /// sign-up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transfer: Option<bool>,
    /// `password`, or left out: what is given tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strategy: Option<String>,
    /// The address to prove.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub email_address: Change<String>,
    /// The username to be.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub username: Change<String>,
    /// The password to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<Secret>,
    /// First name.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub first_name: Change<String>,
    /// Last name.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub last_name: Change<String>,
    /// Metadata for the user to be: a JSON object as text, since forms know no objects.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub unsafe_metadata: Change<String>,
    /// Whether the terms were accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub legal_accepted: Option<bool>,
    /// The browser's language, BCP 47.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub locale: Change<String>,
}

/// What is to be sent (contract `prepareSignUpsVerification`).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct VerificationPreparation {
    /// `email_code`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strategy: Option<String>,
}

/// A proof (contract `attemptSignUpsVerification`).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct VerificationAttempt {
    /// `email_code`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strategy: Option<String>,
    /// The code that was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<Secret>,
}

/// An attempt to sign up (contract schema `Client.SignUp`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SignUp {
    /// Always `sign_up_attempt`.
    pub object: String,
    /// Its id, the same in every answer.
    pub id: SignUpId,
    /// `missing_requirements`, `complete`, `abandoned`.
    pub status: String,
    /// What the instance wants of everybody.
    pub required_fields: Vec<String>,
    /// What it takes if given.
    pub optional_fields: Vec<String>,
    /// What is wanted and not given yet.
    pub missing_fields: Vec<String>,
    /// What is given and not proven yet.
    pub unverified_fields: Vec<String>,
    /// How each proof stands.
    pub verifications: SignUpVerifications,
    /// The username that was given.
    pub username: Option<String>,
    /// The address that was given.
    pub email_address: Option<String>,
    /// The phone number that was given.
    pub phone_number: Option<String>,
    /// The wallet that was given.
    pub web3_wallet: Option<String>,
    /// Whether a password was given, as browsers' SDKs read it.
    #[serde(default)]
    pub has_password: bool,
    /// The same, as servers' SDKs read it.
    pub password_enabled: bool,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// Metadata for the user to be.
    #[serde(default)]
    pub unsafe_metadata: JsonObject,
    /// Metadata that an invitation brought.
    #[serde(default)]
    pub public_metadata: JsonObject,
    /// Whether the Backend API decides when it is complete.
    pub custom_action: bool,
    /// The id in the application's own database.
    pub external_id: Option<String>,
    /// The account at another provider that it came from.
    #[serde(default)]
    pub external_account: Option<Value>,
    /// The strategy that brought it.
    #[serde(default)]
    pub external_account_strategy: Option<String>,
    /// The session it made.
    pub created_session_id: Option<SessionId>,
    /// The user it made.
    pub created_user_id: Option<UserId>,
    /// When it counts as abandoned, in ms.
    pub abandon_at: Timestamp,
    /// When the terms were accepted, in ms.
    pub legal_accepted_at: Option<Timestamp>,
    /// The browser's language.
    #[serde(default)]
    pub locale: Option<String>,
}

/// How each proof of a sign-up stands; `None` where nothing is to be proven.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SignUpVerifications {
    /// Of the e-mail address.
    pub email_address: Option<SignUpVerification>,
    /// Of the phone number.
    pub phone_number: Option<SignUpVerification>,
    /// Of the wallet.
    pub web3_wallet: Option<SignUpVerification>,
    /// Of the account at another provider.
    pub external_account: Option<Verification>,
}

/// How one proof stands, and what to do next.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SignUpVerification {
    /// How it stands.
    #[serde(flatten)]
    pub verification: Verification,
    /// `needs_prepare`, `needs_attempt`, or nothing.
    pub next_action: String,
    /// How it can be proven.
    pub supported_strategies: Vec<String>,
}
