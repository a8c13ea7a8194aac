//! The instance itself, and what its owner can set.

use frontdesk_types::InstanceId;
use serde::{Deserialize, Serialize};

use crate::request::request;
use crate::{Nothing, operations};

operations! { Backend;
    /// The instance of the secret key.
    GetInstance = GET "/v1/instance" {} -> Instance;
    /// Change what is given; keep the rest. Answers with nothing.
    UpdateInstance = PATCH "/v1/instance" { ; body: InstanceChanges } -> Nothing;
    /// Change who may have an account.
    UpdateInstanceRestrictions = PATCH "/v1/instance/restrictions" { ; body: RestrictionChanges } -> InstanceRestrictions;
    /// Change how people sign up.
    UpdateInstanceAuthConfig = PATCH "/v1/beta_features/instance_settings" { ; body: InstanceSettingsChanges } -> InstanceSettings;
}

/// An instance (contract schema `Instance`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(feature = "exhaustive"), non_exhaustive)]
pub struct Instance {
    /// Always `instance`.
    pub object: String,
    /// Its id.
    pub id: InstanceId,
    /// `development` or `production`.
    pub environment_type: String,
    /// Origins that may call the Frontend API beside the built-in ones; `null` for none.
    pub allowed_origins: Option<Vec<String>>,
    /// The workspace it belongs to; none here.
    pub workspace_id: Option<String>,
}

request! {
    /// What shall be different about an instance (contract `UpdateInstance`). Absent and `null` keep what is.
    pub struct InstanceChanges {
        /// Whether test addresses get a code that everybody knows, and no mail. Development instances only.
        pub test_mode: Option<bool>,
        /// Whether passwords that are known from breaches are refused.
        pub hibp: Option<bool>,
        /// Where people who need help write to; empty takes it away.
        pub support_email: Option<String>,
        /// Origins that may call the Frontend API and be redirected to, beside the built-in ones. Replaces the list.
        pub allowed_origins: Option<Origins>,
    }
}

/// Origins: `https://shop.example.com`.
pub type Origins = Vec<String>;

/// Who may have an account (contract schema `InstanceRestrictions`).
#[expect(clippy::struct_excessive_bools, reason = "the contract has them")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(feature = "exhaustive"), non_exhaustive)]
pub struct InstanceRestrictions {
    /// Always `instance_restrictions`.
    pub object: String,
    /// Whether only identifiers on the allowlist may sign up.
    pub allowlist: bool,
    /// Whether identifiers on the blocklist may not sign up.
    pub blocklist: bool,
    /// Whether the lists say nothing about who may sign in.
    pub allowlist_blocklist_disabled_on_sign_in: bool,
    /// Whether addresses with `+`, `=` or `#` before the `@` may not sign up.
    pub block_email_subaddresses: bool,
    /// Whether addresses of disposable-mail services may not sign up.
    pub block_disposable_email_domains: bool,
    /// Whether dots in the names of Gmail addresses mean nothing; never. SDKs read it, the contract lacks it.
    #[serde(default)]
    pub ignore_dots_for_gmail_addresses: bool,
}

request! {
    /// What shall be different about who may have an account (contract `UpdateInstanceRestrictions`).
    #[derive(Copy)]
    pub struct RestrictionChanges {
        /// Whether only identifiers on the allowlist may sign up.
        pub allowlist: Option<bool>,
        /// Whether identifiers on the blocklist may not sign up.
        pub blocklist: Option<bool>,
        /// Whether addresses with `+`, `=` or `#` before the `@` may not sign up.
        pub block_email_subaddresses: Option<bool>,
        /// Whether dots in the names of Gmail addresses mean nothing. SDKs send it, the contract lacks it; `true` is
        /// refused.
        pub ignore_dots_for_gmail_addresses: Option<bool>,
    }
}

/// How people sign up (contract `UpdateInstanceAuthConfig`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(feature = "exhaustive"), non_exhaustive)]
pub struct InstanceSettings {
    /// Always `instance_settings`.
    pub object: String,
    /// The id of the instance.
    pub id: InstanceId,
    /// Whether only identifiers on the allowlist may sign up.
    pub restricted_to_allowlist: bool,
    /// Whether the fields of a sign-up may come one after the other.
    pub progressive_sign_up: bool,
    /// Whether mails go through another's service; never.
    #[serde(default)]
    pub enhanced_email_deliverability: bool,
}

request! {
    /// What shall be different about how people sign up (contract `UpdateInstanceAuthConfig`).
    #[derive(Copy)]
    pub struct InstanceSettingsChanges {
        /// Whether only identifiers on the allowlist may sign up.
        pub restricted_to_allowlist: Option<bool>,
        /// Whether the fields of a sign-up may come one after the other.
        pub progressive_sign_up: Option<bool>,
        /// Whether test addresses get a code that everybody knows, and no mail. Development instances only.
        pub test_mode: Option<bool>,
    }
}
