//! People of one instance, as the backend sees them.

use frontdesk_types::{Change, IdentificationId, Secret, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::request::{JsonMap, request};
use crate::{Deleted, JsonObject, TotalCount, operations};

operations! { Backend;
    /// People, newest first unless told otherwise. A bare array; the size of the whole is [`GetUsersCount`]'s.
    GetUserList = GET "/v1/users" { ; query: UserListQuery } -> Vec<User>;
    /// How many people a list with the same filters would show in all.
    GetUsersCount = GET "/v1/users/count" { ; query: UserListQuery } -> TotalCount;
    /// Make a person, without mail and without questions.
    CreateUser = POST "/v1/users" { ; body: NewUser } -> User;
    /// One person, by id.
    GetUser = GET "/v1/users/{user_id}" { path: UserPath } -> User;
    /// Change what is given; keep the rest.
    UpdateUser = PATCH "/v1/users/{user_id}" { path: UserPath, body: UserChanges } -> User;
    /// Delete a person and everything that is theirs.
    DeleteUser = DELETE "/v1/users/{user_id}" { path: UserPath } -> Deleted;
    /// Keep a person out: no sign-in, and every session revoked.
    BanUser = POST "/v1/users/{user_id}/ban" { path: UserPath } -> User;
    /// Keep several people out, all or none of them.
    BanUsers as "UsersBan" = POST "/v1/users/ban" { ; body: UserIds } -> Vec<User>;
    /// Let several people in again, all or none of them.
    UnbanUsers as "UsersUnban" = POST "/v1/users/unban" { ; body: UserIds } -> Vec<User>;
    /// Let a person in again.
    UnbanUser = POST "/v1/users/{user_id}/unban" { path: UserPath } -> User;
    /// Lock a person out until the lock ends by itself, or somebody takes it away.
    LockUser = POST "/v1/users/{user_id}/lock" { path: UserPath } -> User;
    /// Take a lock away, and forget the failures that led to it.
    UnlockUser = POST "/v1/users/{user_id}/unlock" { path: UserPath } -> User;
    /// Ask whether this is a person's password.
    VerifyPassword = POST "/v1/users/{user_id}/verify_password" { path: UserPath, body: PasswordProof } -> PasswordVerified;
    /// Ask whether this is the code of a person's authenticator app, or one of their backup codes; each works once.
    VerifyTotp as "VerifyTOTP" = POST "/v1/users/{user_id}/verify_totp" { path: UserPath, body: CodeProof } -> CodeVerified;
    /// Take every second factor away from a person.
    DisableMfa as "DisableMFA" = DELETE "/v1/users/{user_id}/mfa" { path: UserPath } -> WhichUser;
    /// Take a person's authenticator app away.
    DeleteTotp as "DeleteTOTP" = DELETE "/v1/users/{user_id}/totp" { path: UserPath } -> WhichUser;
    /// Take a person's backup codes away.
    DeleteBackupCode = DELETE "/v1/users/{user_id}/backup_code" { path: UserPath } -> WhichUser;
    /// Take a person's password away, even if nothing else signs them in.
    RemoveUserPassword = POST "/v1/users/{user_id}/remove_password" { path: UserPath, body: PasswordRemoval } -> User;
    /// Mark a person's password as known to others: the next sign-in asks for a new one.
    SetUserPasswordCompromised = POST "/v1/users/{user_id}/password/set_compromised" { path: UserPath, body: PasswordCompromise } -> User;
    /// Take that mark away.
    UnsetUserPasswordCompromised = POST "/v1/users/{user_id}/password/unset_compromised" { path: UserPath } -> User;
    /// Give a person this address in place of all they have.
    ReplaceUserEmailAddress = PUT "/v1/users/{user_id}/email_address" { path: UserPath, body: EmailAddressReplacement } -> EmailAddress;
    /// Merge metadata deeply; `null` removes a key (RFC 7396).
    UpdateUserMetadata = PATCH "/v1/users/{user_id}/metadata" { path: UserPath, body: MetadataChanges } -> User;
    /// Replace the metadata that is given.
    ReplaceUserMetadata = PUT "/v1/users/{user_id}/metadata" { path: UserPath, body: MetadataChanges } -> User;
}

/// Which user.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UserPath {
    /// Their id.
    pub user_id: UserId,
}

request! {
    /// Which users (contract `UsersBan`, `UsersUnban`).
    pub struct UserIds {
        /// Their ids: 1 to 50.
        pub user_ids: Vec<String>,
    }
}

/// A person in full, as the Backend API shows them.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(feature = "exhaustive"), non_exhaustive)]
pub struct User {
    /// What both audiences see.
    #[serde(flatten)]
    pub profile: UserProfile,
    /// How many organizations they may create; `None` means no limit.
    #[serde(default)]
    pub create_organizations_limit: Option<u32>,
    /// Metadata for the backend alone.
    #[serde(default)]
    pub private_metadata: JsonObject,
    /// Whether a browser that is new to them needs no further proof.
    #[serde(default)]
    pub bypass_client_trust: bool,
}

/// A person's id, and nothing else of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(feature = "exhaustive"), non_exhaustive)]
pub struct WhichUser {
    /// Their id.
    pub user_id: UserId,
}

/// That a password is right. A wrong one is an error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(feature = "exhaustive"), non_exhaustive)]
pub struct PasswordVerified {
    /// Always true.
    pub verified: bool,
}

/// That a code is right, and which kind it is of. A wrong one is an error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(feature = "exhaustive"), non_exhaustive)]
pub struct CodeVerified {
    /// Always true.
    pub verified: bool,
    /// What it is.
    pub code_type: CodeType,
}

frontdesk_types::open_enum! {
    /// The kinds of codes that are a second factor.
    pub enum CodeType {
        /// From an authenticator app.
        Totp = "totp",
        /// A backup code; it is used up now.
        BackupCode = "backup_code",
    }
}

/// What both audiences see of a person (contract schema `User`).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "the contract has them")]
#[cfg_attr(not(feature = "exhaustive"), non_exhaustive)]
pub struct UserProfile {
    /// Their id.
    pub id: UserId,
    /// Always `user`.
    #[serde(default)]
    pub object: String,
    /// Their username.
    pub username: Option<String>,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// Preferred language, BCP 47.
    #[serde(default)]
    pub locale: Option<String>,
    /// A picture that always loads.
    #[serde(default)]
    pub image_url: String,
    /// Whether the picture is their own.
    #[serde(default)]
    pub has_image: bool,
    /// The e-mail address they are written to.
    pub primary_email_address_id: Option<IdentificationId>,
    /// The phone number they are called at.
    pub primary_phone_number_id: Option<IdentificationId>,
    /// Their main wallet.
    pub primary_web3_wallet_id: Option<IdentificationId>,
    /// Whether they have a password.
    #[serde(default)]
    pub password_enabled: bool,
    /// When the password was last set, in ms.
    #[serde(default)]
    pub password_last_updated_at: Option<Timestamp>,
    /// Whether a second factor is asked for.
    #[serde(default)]
    pub two_factor_enabled: bool,
    /// Whether an authenticator app is set up.
    #[serde(default)]
    pub totp_enabled: bool,
    /// Whether backup codes exist.
    #[serde(default)]
    pub backup_code_enabled: bool,
    /// E-mail addresses, oldest first.
    #[serde(default)]
    pub email_addresses: Vec<EmailAddress>,
    /// Phone numbers.
    #[serde(default)]
    pub phone_numbers: Vec<Value>,
    /// Wallets.
    #[serde(default)]
    pub web3_wallets: Vec<Value>,
    /// Passkeys.
    #[serde(default)]
    pub passkeys: Vec<Value>,
    /// Accounts at other providers.
    #[serde(default)]
    pub external_accounts: Vec<Value>,
    /// SAML accounts.
    #[serde(default)]
    pub saml_accounts: Vec<Value>,
    /// Enterprise accounts.
    #[serde(default)]
    pub enterprise_accounts: Vec<Value>,
    /// Metadata for everybody who can read the user.
    #[serde(default)]
    pub public_metadata: JsonObject,
    /// Metadata the user may write too.
    #[serde(default)]
    pub unsafe_metadata: JsonObject,
    /// Their id in the application's own database.
    pub external_id: Option<String>,
    /// When they last signed in, in ms.
    pub last_sign_in_at: Option<Timestamp>,
    /// Whether they are kept out.
    #[serde(default)]
    pub banned: bool,
    /// Whether they are locked out for now.
    #[serde(default)]
    pub locked: bool,
    /// How long they stay locked out, in seconds.
    pub lockout_expires_in_seconds: Option<i64>,
    /// How many password attempts they have left.
    pub verification_attempts_remaining: Option<i64>,
    /// When they signed up, in ms.
    #[serde(default)]
    pub created_at: Timestamp,
    /// When they were last changed, in ms.
    #[serde(default)]
    pub updated_at: Timestamp,
    /// Whether they may delete themselves.
    #[serde(default)]
    pub delete_self_enabled: bool,
    /// Whether they may create organizations.
    #[serde(default)]
    pub create_organization_enabled: bool,
    /// When they were last seen, in ms.
    pub last_active_at: Option<Timestamp>,
    /// When a second factor was switched on, in ms.
    pub mfa_enabled_at: Option<Timestamp>,
    /// When it was switched off, in ms.
    pub mfa_disabled_at: Option<Timestamp>,
    /// When they agreed to the terms, in ms.
    pub legal_accepted_at: Option<Timestamp>,
    /// The picture once more, under its old name.
    #[serde(default)]
    pub profile_image_url: String,
}

/// An e-mail address of a person (contract schema `EmailAddress`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(feature = "exhaustive"), non_exhaustive)]
pub struct EmailAddress {
    /// Its id.
    pub id: IdentificationId,
    /// Always `email_address`.
    #[serde(default)]
    pub object: String,
    /// The address.
    pub email_address: String,
    /// Whether it is kept for the user without being proven.
    #[serde(default)]
    pub reserved: bool,
    /// How it was proven, or how that stands.
    pub verification: Option<Verification>,
    /// What else it is tied to.
    #[serde(default)]
    pub linked_to: Vec<Value>,
    /// Whether an enterprise connection owns its domain.
    #[serde(default)]
    pub matches_sso_connection: bool,
    /// When it was made, in ms.
    #[serde(default)]
    pub created_at: Timestamp,
    /// When it was last changed, in ms.
    #[serde(default)]
    pub updated_at: Timestamp,
}

frontdesk_types::open_enum! {
    /// How a verification stands.
    pub enum VerificationStatus {
        /// Not yet proven.
        Unverified = "unverified",
        /// Proven.
        Verified = "verified",
        /// Too late to prove it.
        Expired = "expired",
        /// Tried too often.
        Failed = "failed",
        /// Proven, and it belongs to another account.
        Transferable = "transferable",
    }
}

frontdesk_types::open_enum! {
    /// How something is proven.
    pub enum VerificationStrategy {
        /// The Backend API said so.
        Admin = "admin",
        /// A code by e-mail.
        EmailCode = "email_code",
        /// A link by e-mail.
        EmailLink = "email_link",
        /// A code by text message.
        PhoneCode = "phone_code",
        /// A code by e-mail, for a new password.
        ResetPasswordEmailCode = "reset_password_email_code",
        /// A passkey.
        Passkey = "passkey",
        /// A password.
        Password = "password",
        /// A sign-in token or an invitation.
        Ticket = "ticket",
        /// A SAML provider.
        Saml = "saml",
        /// A directory.
        Scim = "scim",
        /// Google's prompt.
        GoogleOneTap = "google_one_tap",
    }
}

/// How something was proven, or how that stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(feature = "exhaustive"), non_exhaustive)]
pub struct Verification {
    /// `verification_otp`, `verification_admin`, `verification_ticket` ….
    #[serde(default)]
    pub object: String,
    /// How it stands.
    pub status: VerificationStatus,
    /// By which strategy.
    pub strategy: VerificationStrategy,
    /// How often it was tried.
    pub attempts: Option<u32>,
    /// Until when it could be tried, in ms.
    pub expire_at: Option<Timestamp>,
}

request! {
    /// Filters, order and page of a list of users (wire protocol §11.3; contract `GetUserList`).
    pub struct UserListQuery {
        /// Any of these addresses.
        pub email_address: Vec<String>,
        /// Any of these numbers.
        pub phone_number: Vec<String>,
        /// Any of these ids of the application's own database.
        pub external_id: Vec<String>,
        /// Any of these usernames.
        pub username: Vec<String>,
        /// Any of these wallets.
        pub web3_wallet: Vec<String>,
        /// Any of these ids.
        pub user_id: Vec<String>,
        /// Members of any of these organizations; a leading `-` excludes.
        pub organization_id: Vec<String>,
        /// Part of an address, number, username, name or id.
        pub query: Option<String>,
        /// Part of an e-mail address.
        pub email_address_query: Option<String>,
        /// Part of a phone number.
        pub phone_number_query: Option<String>,
        /// Part of a username.
        pub username_query: Option<String>,
        /// Part of a name.
        pub name_query: Option<String>,
        /// Only those who are (not) banned.
        pub banned: Option<bool>,
        /// Last seen before this time, in ms.
        pub last_active_at_before: Option<Timestamp>,
        /// Last seen after this time, in ms.
        pub last_active_at_after: Option<Timestamp>,
        /// Last seen at or after this time, in ms (the older name).
        pub last_active_at_since: Option<Timestamp>,
        /// Signed up before this time, in ms.
        pub created_at_before: Option<Timestamp>,
        /// Signed up after this time, in ms.
        pub created_at_after: Option<Timestamp>,
        /// Signed in last before this time, in ms.
        pub last_sign_in_at_before: Option<Timestamp>,
        /// Signed in last after this time, in ms.
        pub last_sign_in_at_after: Option<Timestamp>,
        /// Has an account at this provider.
        pub provider: Option<String>,
        /// Any of these ids at that provider.
        pub provider_user_id: Vec<String>,
        /// Rows of the page: 1 to 500, 10 if left out.
        pub limit: Option<i64>,
        /// Rows before the page.
        pub offset: Option<i64>,
        /// The id after which the page starts.
        pub starting_after: Option<String>,
        /// The column to order by, with `+` or `-` before it; `-created_at` if left out.
        pub order_by: Option<String>,
    }
}

/// Secrets of one kind.
type Secrets = Vec<Secret>;

request! {
    /// A password to be proven (contract `VerifyPassword`).
    pub struct PasswordProof {
        /// The password in clear. Wanted.
        pub password: Option<Secret>,
    }
}

request! {
    /// A code to be proven (contract `VerifyTOTP`).
    pub struct CodeProof {
        /// The code of the authenticator app, or a backup code. Wanted.
        pub code: Option<Secret>,
    }
}

request! {
    /// How a password is taken away (contract `RemoveUserPassword`).
    pub struct PasswordRemoval {
        /// Revoke every session of the user.
        pub sign_out_of_other_sessions: Option<bool>,
    }
}

request! {
    /// What follows from a password being known to others (contract `SetUserPasswordCompromised`).
    pub struct PasswordCompromise {
        /// Revoke every session of the user.
        pub revoke_all_sessions: Option<bool>,
    }
}

request! {
    /// An address in place of all others (contract `ReplaceUserEmailAddress`).
    pub struct EmailAddressReplacement {
        /// The address. Wanted.
        pub email_address: Option<String>,
        /// `verified` (the default), or `reserved`: kept for the user without being proven.
        pub identification_status: Option<String>,
        /// Tell the old primary address by mail, where this makes another one the primary one.
        pub notify_primary_email_address_changed: Option<bool>,
    }
}

request! {
    /// A person to be made (contract `CreateUser`).
    pub struct NewUser {
        /// Their id in the application's own database.
        pub external_id: Option<String>,
        /// First name.
        pub first_name: Option<String>,
        /// Last name.
        pub last_name: Option<String>,
        /// Preferred language, BCP 47.
        pub locale: Option<String>,
        /// E-mail addresses; the first becomes the primary one.
        pub email_address: Vec<String>,
        /// For each address, whether it counts as `verified` (the default) or is only `reserved`.
        pub email_address_identification_status: Vec<String>,
        /// What they sign in with beside an address, where the instance has usernames.
        pub username: Option<String>,
        /// The password in clear.
        pub password: Option<Secret>,
        /// A digest made elsewhere, with `password_hasher`.
        pub password_digest: Option<Secret>,
        /// What made the digest.
        pub password_hasher: Option<String>,
        /// The Base32 secret of their authenticator app (SHA-1, 6 digits, 30 seconds).
        pub totp_secret: Option<Secret>,
        /// Backup codes in clear, or as bcrypt digests: 20 at most.
        pub backup_codes: Vec<Secret>,
        /// Allow a person without any identifier.
        pub skip_user_requirement: Option<bool>,
        /// Take the password as it is (for moving from a system with other rules).
        pub skip_password_checks: Option<bool>,
        /// Allow a person without a password where one is required.
        pub skip_password_requirement: Option<bool>,
        /// Metadata for everybody who can read the user.
        pub public_metadata: Option<JsonMap>,
        /// Metadata for the backend alone.
        pub private_metadata: Option<JsonMap>,
        /// Metadata the user may write too.
        pub unsafe_metadata: Option<JsonMap>,
        /// Whether they may delete themselves.
        pub delete_self_enabled: Option<bool>,
        /// When they agreed to the terms, RFC 3339.
        pub legal_accepted_at: Option<String>,
        /// Allow a person who did not agree to the terms where that is required.
        pub skip_legal_checks: Option<bool>,
        /// Whether they may create organizations.
        pub create_organization_enabled: Option<bool>,
        /// How many.
        pub create_organizations_limit: Option<u32>,
        /// When they signed up elsewhere, RFC 3339.
        pub created_at: Option<String>,
        /// Whether a browser that is new to them needs no further proof.
        pub bypass_client_trust: Option<bool>,
        /// Whether they are kept out from the start.
        pub banned: Option<bool>,
        /// Whether they begin locked out, for as long as too many failures would lock them.
        pub locked: Option<bool>,
    }
}

impl NewUser {
    /// Somebody with this e-mail address, and nothing else said.
    pub fn with_email(address: impl Into<String>) -> Self {
        Self { email_address: vec![address.into()], ..Self::default() }
    }
}

request! {
    /// Absent fields stay as they are; `null` clears them (contract `UpdateUser`).
    pub struct UserChanges {
        /// Their id in the application's own database.
        pub external_id: Change<String>,
        /// First name.
        pub first_name: Change<String>,
        /// Last name.
        pub last_name: Change<String>,
        /// Preferred language, BCP 47.
        pub locale: Change<String>,
        /// One of their verified e-mail addresses.
        pub primary_email_address_id: Change<IdentificationId>,
        /// Tell the old primary address by mail, where this makes another one the primary one.
        pub notify_primary_email_address_changed: Change<bool>,
        /// Another username; `null` takes it away.
        pub username: Change<String>,
        /// A new password in clear.
        pub password: Change<Secret>,
        /// A digest made elsewhere, with `password_hasher`.
        pub password_digest: Change<Secret>,
        /// What made the digest.
        pub password_hasher: Change<String>,
        /// Take the password as it is.
        pub skip_password_checks: Change<bool>,
        /// With a new password: revoke every session of the user.
        pub sign_out_of_other_sessions: Change<bool>,
        /// The Base32 secret of another authenticator app; `null` takes it away.
        pub totp_secret: Change<Secret>,
        /// Other backup codes, in clear or as bcrypt digests; `[]` or `null` takes them away.
        pub backup_codes: Change<Secrets>,
        /// Whether they may delete themselves.
        pub delete_self_enabled: Change<bool>,
        /// Whether they may create organizations.
        pub create_organization_enabled: Change<bool>,
        /// How many; `null` means no limit.
        pub create_organizations_limit: Change<u32>,
        /// When they agreed to the terms, RFC 3339.
        pub legal_accepted_at: Change<String>,
        /// Whether a browser that is new to them needs no further proof.
        pub bypass_client_trust: Change<bool>,
        /// Accepted for the contract's sake: updates check no terms.
        pub skip_legal_checks: Change<bool>,
        /// When they signed up elsewhere, RFC 3339.
        pub created_at: Change<String>,
        /// Versions before 2026-05-12 only.
        pub public_metadata: Change<JsonMap>,
        /// Versions before 2026-05-12 only.
        pub private_metadata: Change<JsonMap>,
        /// Versions before 2026-05-12 only.
        pub unsafe_metadata: Change<JsonMap>,
    }
}

request! {
    /// New metadata; what is absent stays (contract `UpdateUserMetadata`, `ReplaceUserMetadata`).
    pub struct MetadataChanges {
        /// Metadata for everybody who can read the user.
        pub public_metadata: Change<JsonMap>,
        /// Metadata for the backend alone.
        pub private_metadata: Change<JsonMap>,
        /// Metadata the user may write too.
        pub unsafe_metadata: Change<JsonMap>,
    }
}
