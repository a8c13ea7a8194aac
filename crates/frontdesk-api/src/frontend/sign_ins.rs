//! Signing in (wire protocol §6.6, §6.7).

use frontdesk_types::{IdentificationId, Secret, SessionId, SignInId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::backend::users::Verification;
use crate::operations;

operations! { Frontend;
    /// Begin: name who wants to sign in, and prove it at once where a password or a ticket is given.
    CreateSignIn as "createSignIn" = POST "/v1/client/sign_ins" { ; body: NewSignIn } -> SignIn;
    /// How far it has come.
    GetSignIn as "getSignIn" = GET "/v1/client/sign_ins/{sign_in_id}" { path: SignInPath } -> SignIn;
    /// Have a code sent.
    PrepareSignInFactorOne as "prepareSignInFactorOne" =
        POST "/v1/client/sign_ins/{sign_in_id}/prepare_first_factor" { path: SignInPath, body: FactorPreparation } -> SignIn;
    /// Prove it.
    AttemptSignInFactorOne as "attemptSignInFactorOne" =
        POST "/v1/client/sign_ins/{sign_in_id}/attempt_first_factor" { path: SignInPath, body: FactorAttempt } -> SignIn;
    /// Give the new password that is asked for.
    ResetPassword as "resetPassword" =
        POST "/v1/client/sign_ins/{sign_in_id}/reset_password" { path: SignInPath, body: PasswordReset } -> SignIn;
    /// Prove it once more.
    AttemptSignInFactorTwo as "attemptSignInFactorTwo" =
        POST "/v1/client/sign_ins/{sign_in_id}/attempt_second_factor" { path: SignInPath, body: SecondFactorAttempt } -> SignIn;
}

/// Which sign-in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SignInPath {
    /// Its id.
    pub sign_in_id: SignInId,
}

/// A sign-in to begin (contract `createSignIn`).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NewSignIn {
    /// How it will be proven; may be left out where the rest tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strategy: Option<String>,
    /// Who wants to sign in: an e-mail address or a username, as the instance takes them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identifier: Option<String>,
    /// Their password, to sign in at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<Secret>,
    /// A sign-in token of the Backend API, to sign in at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket: Option<Secret>,
    /// The browser's language. Accepted; what is sent is written in English so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// Go on with what the sign-up of this client has proven: its address turned out to be somebody's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transfer: Option<bool>,
    /// Where nobody has the address that is given, prove it all the same, so that a sign-up can take over (not in the
    /// contract; the SDKs send it).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sign_up_if_missing: Option<bool>,
}

/// What is to be sent where (contract `prepareSignInFactorOne`).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FactorPreparation {
    /// `email_code` or `reset_password_email_code`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strategy: Option<String>,
    /// The address to send it to; the one that was given as identifier if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email_address_id: Option<String>,
}

/// A proof (contract `attemptSignInFactorOne`).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FactorAttempt {
    /// `password`, `email_code`, `reset_password_email_code` or `ticket`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strategy: Option<String>,
    /// The password; beside a `reset_password_email_code` the new one, to save a request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<Secret>,
    /// The code that was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<Secret>,
    /// A sign-in token of the Backend API.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket: Option<Secret>,
}

/// A new password (contract `resetPassword`).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PasswordReset {
    /// The new password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<Secret>,
    /// Whether every other session of the person ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sign_out_of_other_sessions: Option<bool>,
}

/// A second proof (contract `attemptSignInFactorTwo`).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SecondFactorAttempt {
    /// `totp` or `backup_code`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strategy: Option<String>,
    /// The code that the app shows, or one of the backup codes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<Secret>,
}

/// An attempt to sign in (contract schema `Client.SignIn`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SignIn {
    /// Always `sign_in_attempt`.
    pub object: String,
    /// Its id, the same in every answer.
    pub id: SignInId,
    /// `needs_identifier`, `needs_first_factor`, `needs_new_password`, `needs_second_factor`, `complete`, `abandoned`.
    pub status: String,
    /// What may name somebody here.
    pub supported_identifiers: Vec<String>,
    /// What may prove it, once somebody is named.
    pub supported_first_factors: Option<Vec<SignInFactor>>,
    /// What may prove it a second time.
    pub supported_second_factors: Option<Vec<SignInFactor>>,
    /// How the first proof stands.
    pub first_factor_verification: Option<Verification>,
    /// How the second proof stands.
    pub second_factor_verification: Option<Verification>,
    /// The identifier that was given.
    pub identifier: Option<String>,
    /// A face for the page that asks for the proof.
    pub user_data: Option<SignInUser>,
    /// The session it made.
    pub created_session_id: Option<SessionId>,
    /// When it counts as abandoned, in ms.
    pub abandon_at: Timestamp,
}

/// One way to prove who one is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInFactor {
    /// Its name.
    pub strategy: String,
    /// The address it is sent to, masked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub safe_identifier: Option<String>,
    /// The id of that address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email_address_id: Option<IdentificationId>,
    /// Whether it is the user's primary address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primary: Option<bool>,
}

/// What the page that asks for the proof may show of the user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInUser {
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// A picture that always loads.
    pub image_url: String,
    /// Whether the picture is their own.
    pub has_image: bool,
}
