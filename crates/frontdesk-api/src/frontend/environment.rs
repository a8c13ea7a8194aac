//! The environment: what a browser must know of an instance to sign people up and in (wire protocol §6.8, §6.9).

#![expect(clippy::struct_excessive_bools, reason = "the contract is made of switches")]

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::operations;

operations! { Frontend;
    /// What the instance is set to. Bare.
    GetEnvironment as "getEnvironment" = GET "/v1/environment" {} -> Environment;
    /// The same; how pages of a development instance ask.
    UpdateEnvironment as "updateEnvironment" = PATCH "/v1/environment" {} -> Environment;
}

/// What an instance is set to (contract schema `Client.Environment`). Billing is left out: a block of it would have to
/// be complete.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Environment {
    /// How people sign up and in.
    pub auth_config: AuthConfig,
    /// Names, addresses and looks.
    pub display_config: DisplayConfig,
    /// Attributes and rules.
    pub user_settings: UserSettings,
    /// Organizations.
    pub organization_settings: OrganizationSettings,
    /// Device attestation.
    pub fraud_settings: FraudSettings,
    /// API keys.
    pub api_keys_settings: ApiKeysSettings,
    /// Scripts of bot protection; none.
    pub protect_config: Map<String, Value>,
    /// Whether browsers log more.
    pub client_debug_mode: bool,
    /// Whether cookies are partitioned by site.
    pub partitioned_cookies: bool,
    /// Whether the instance only reads.
    pub maintenance_mode: bool,
}

/// How people sign up and in (contract schema `Client.AuthConfig`). Attributes are `on`, `off` or `required`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AuthConfig {
    /// Always `auth_config`.
    pub object: String,
    /// Its id.
    pub id: String,
    /// First names.
    pub first_name: String,
    /// Last names.
    pub last_name: String,
    /// E-mail addresses.
    pub email_address: String,
    /// Phone numbers.
    pub phone_number: String,
    /// Usernames.
    pub username: String,
    /// Passwords.
    pub password: String,
    /// Which identifiers a person must have: one of each inner list.
    pub identification_requirements: Vec<Vec<String>>,
    /// What may identify somebody.
    pub identification_strategies: Vec<String>,
    /// What proves who somebody is.
    pub first_factors: Vec<String>,
    /// What proves it once more.
    pub second_factors: Vec<String>,
    /// How addresses are proven.
    pub email_address_verification_strategies: Vec<String>,
    /// Whether a client holds one session at a time.
    pub single_session_mode: bool,
    /// Whether mail is sent through somebody who is paid for its arrival.
    pub enhanced_email_deliverability: bool,
    /// Whether test addresses get fixed codes.
    pub test_mode: bool,
    /// Whether development works without third-party cookies.
    pub cookieless_dev: bool,
    /// Whether sessions travel in addresses between development origins.
    pub url_based_session_syncing: bool,
    /// When a keyless instance was claimed.
    pub claimed_at: Option<i64>,
    /// Whether sensitive changes ask for a fresh proof.
    pub reverification: bool,
    /// What devices may do.
    pub native_settings: NativeSettings,
}

/// What devices may do (contract schema `Client.NativeSettings`).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NativeSettings {
    /// Always `native_settings`.
    pub object: String,
    /// Whether they may call at all.
    pub api_enabled: bool,
    /// Whether a trusted device signs in by itself.
    pub trusted_device_sign_in_enabled: bool,
    /// Whether to ask for trust after a sign-in.
    pub trusted_device_enrollment_prompt_after_sign_in_enabled: bool,
    /// Whether to ask for trust after a sign-up.
    pub trusted_device_enrollment_prompt_after_sign_up_enabled: bool,
}

/// Names, addresses and looks (contract schema `Client.DisplayConfig`). An empty address leaves it to the application.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct DisplayConfig {
    /// Always `display_config`.
    pub object: String,
    /// Its id.
    pub id: String,
    /// `production` or `development`.
    pub instance_environment_type: String,
    /// The application's name.
    pub application_name: String,
    /// Colours and such; none are set.
    pub theme: Map<String, Value>,
    /// `password` or `otp`.
    pub preferred_sign_in_strategy: String,
    /// The logo.
    pub logo_image_url: Option<String>,
    /// The small logo.
    pub favicon_image_url: Option<String>,
    /// The home page.
    pub home_url: String,
    /// The sign-in page.
    pub sign_in_url: String,
    /// The sign-up page.
    pub sign_up_url: String,
    /// The page about oneself.
    pub user_profile_url: String,
    /// The waiting list.
    pub waitlist_url: String,
    /// The page that asks for consent.
    pub oauth_consent_url: String,
    /// Where to go after a sign-in.
    pub after_sign_in_url: String,
    /// Where to go after a sign-up.
    pub after_sign_up_url: String,
    /// Where to go after one session ended.
    pub after_sign_out_one_url: String,
    /// Where to go after the last session ended.
    pub after_sign_out_all_url: String,
    /// Where to go after another session was chosen.
    pub after_switch_session_url: String,
    /// Where to go after joining the waiting list.
    pub after_join_waitlist_url: String,
    /// The page about the organization.
    pub organization_profile_url: String,
    /// The page that makes organizations.
    pub create_organization_url: String,
    /// Where to go after leaving an organization.
    pub after_leave_organization_url: String,
    /// Where to go after making an organization.
    pub after_create_organization_url: String,
    /// Where the logo leads.
    pub logo_link_url: String,
    /// Whom to ask for help.
    pub support_email: Option<String>,
    /// Whether components carry a maker's badge.
    pub branded: bool,
    /// Puts other providers first.
    pub experimental_force_oauth_first: bool,
    /// The version of clerk-js that pages should load.
    pub clerk_js_version: Option<String>,
    /// Whether components say that this is development.
    pub show_devmode_warning: bool,
    /// Names the instance to Google One Tap.
    pub google_one_tap_client_id: Option<String>,
    /// The help page.
    pub help_url: Option<String>,
    /// The privacy policy.
    pub privacy_policy_url: Option<String>,
    /// The terms.
    pub terms_url: Option<String>,
    /// The logo, under its old name.
    pub logo_url: Option<String>,
    /// The small logo, under its old name.
    pub favicon_url: Option<String>,
    /// The logo, as an image.
    pub logo_image: Option<Value>,
    /// The small logo, as an image.
    pub favicon_image: Option<Value>,
    /// The key of the captcha.
    pub captcha_public_key: Option<String>,
    /// Its looks.
    pub captcha_widget_type: Option<String>,
    /// The key of the captcha nobody sees.
    pub captcha_public_key_invisible: Option<String>,
    /// Whose captcha.
    pub captcha_provider: Option<String>,
    /// Providers whose users need no captcha.
    pub captcha_oauth_bypass: Vec<String>,
    /// Whether it is repeated.
    pub captcha_heartbeat: Option<bool>,
}

/// Attributes and rules (contract schema `Client.UserSettings`).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UserSettings {
    /// What is known of a person.
    pub attributes: AttributeSettings,
    /// Other providers; none.
    pub social: Map<String, Value>,
    /// SAML.
    pub saml: EnterpriseSso,
    /// Enterprise connections.
    pub enterprise_sso: EnterpriseSso,
    /// Signing in.
    pub sign_in: SignInSettings,
    /// Signing up.
    pub sign_up: SignUpSettings,
    /// Who may not.
    pub restrictions: Restrictions,
    /// Which passwords pass.
    pub password_settings: PasswordSettings,
    /// Which usernames pass.
    pub username_settings: UsernameSettings,
    /// What people may do to themselves.
    pub actions: Actions,
    /// How attacks are slowed down.
    pub attack_protection: AttackProtection,
    /// Passkeys.
    pub passkey_settings: PasskeySettings,
}

/// All attributes, on or off (contract schema `UserSettings.Attributes`).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct AttributeSettings {
    /// E-mail addresses.
    pub email_address: Attribute,
    /// Phone numbers.
    pub phone_number: Attribute,
    /// Usernames.
    pub username: Attribute,
    /// Wallets.
    pub web3_wallet: Attribute,
    /// First names.
    pub first_name: Attribute,
    /// Last names.
    pub last_name: Attribute,
    /// Passwords.
    pub password: Attribute,
    /// Authenticator apps.
    pub authenticator_app: Attribute,
    /// Sign-in tokens.
    pub ticket: Attribute,
    /// Backup codes.
    pub backup_code: Attribute,
    /// Passkeys.
    pub passkey: Attribute,
}

/// One attribute (contract schema `UserSettings.Attribute`). The default is off.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Attribute {
    /// Whether it is taken.
    pub enabled: bool,
    /// Whether a sign-up needs it.
    pub required: bool,
    /// Whether signing in can use it.
    pub used_for_first_factor: bool,
    /// How.
    pub first_factors: Vec<String>,
    /// Whether it can be a second factor.
    pub used_for_second_factor: bool,
    /// How.
    pub second_factors: Vec<String>,
    /// How it is proven.
    pub verifications: Vec<String>,
    /// Whether a sign-up proves it.
    pub verify_at_sign_up: bool,
    /// Whether it stays as it was given first.
    pub immutable: bool,
}

/// Enterprise connections.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct EnterpriseSso {
    /// Whether there are any.
    pub enabled: bool,
}

/// Signing in.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct SignInSettings {
    /// The second factor.
    pub second_factor: SecondFactorSettings,
}

/// The second factor.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct SecondFactorSettings {
    /// Whether everybody needs one.
    pub required: bool,
}

/// Signing up (contract schema `UserSettings.SignUp`).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SignUpSettings {
    /// Whether people must prove to be human.
    pub captcha_enabled: bool,
    /// The captcha's looks.
    pub captcha_widget_type: String,
    /// Whether the application completes sign-ups.
    pub custom_action_required: bool,
    /// Whether a sign-up may be completed step by step.
    pub progressive: bool,
    /// `public`, `restricted` or `waitlist`.
    pub mode: String,
    /// Whether people must agree to the terms.
    pub legal_consent_enabled: bool,
}

/// A switch.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Switch {
    /// Whether it is on.
    pub enabled: bool,
}

/// Who may not sign up (contract schema `UserSettings.Restrictions`).
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Restrictions {
    /// Only those on a list.
    pub allowlist: Switch,
    /// Not those on a list.
    pub blocklist: Switch,
    /// Whether the lists are for sign-ups only.
    pub allowlist_blocklist_disabled_on_sign_in: Switch,
    /// No `name+tag@…`.
    pub block_email_subaddresses: Switch,
    /// No throw-away addresses.
    pub block_disposable_email_domains: Switch,
}

/// Which passwords pass (contract schema `UserSettings.PasswordSettings`).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PasswordSettings {
    /// Whether leaked passwords are taken.
    pub disable_hibp: bool,
    /// Whether a change needs no old password.
    pub disable_password_reverification: bool,
    /// The fewest characters.
    pub min_length: usize,
    /// The most characters.
    pub max_length: usize,
    /// Whether one must be neither letter nor digit.
    pub require_special_char: bool,
    /// Whether one must be a digit.
    pub require_numbers: bool,
    /// Whether one must be a capital.
    pub require_uppercase: bool,
    /// Whether one must be small.
    pub require_lowercase: bool,
    /// Whether pages estimate the strength.
    pub show_zxcvbn: bool,
    /// The least strength.
    pub min_zxcvbn_strength: u8,
    /// Whether leaked passwords are refused at sign-in too.
    pub enforce_hibp_on_sign_in: bool,
    /// What counts as neither letter nor digit.
    pub allowed_special_characters: String,
}

/// Which usernames pass (contract schema `UserSettings.UsernameSettings`).
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct UsernameSettings {
    /// The fewest characters.
    pub min_length: Option<u32>,
    /// The most characters.
    pub max_length: Option<u32>,
    /// Whether `+` and friends may be in them.
    pub allow_extended_special_characters: bool,
    /// Whether they may be numbers.
    pub allow_numeric_usernames: bool,
}

/// What people may do to themselves (contract schema `UserSettings.ActionsSettings`).
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Actions {
    /// Delete their account.
    pub delete_self: bool,
    /// Make organizations.
    pub create_organization: bool,
    /// How many.
    pub create_organizations_limit: Option<bool>,
}

/// How attacks are slowed down (contract schema `UserSettings.AttackProtectionSettings`).
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct AttackProtection {
    /// After too many wrong passwords.
    pub user_lockout: UserLockout,
    /// Whether identifiers are masked before they are proven.
    pub pii: Switch,
    /// Links in mails.
    pub email_link: EmailLinkSettings,
    /// Whether sign-in hides who has an account.
    pub enumeration_protection: Switch,
}

/// After too many wrong passwords.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct UserLockout {
    /// Whether the account is locked.
    pub enabled: bool,
    /// After how many.
    pub max_attempts: u32,
    /// For how long.
    pub duration_in_minutes: i64,
}

/// Links in mails.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct EmailLinkSettings {
    /// Whether they must be opened where they were asked for.
    pub require_same_client: bool,
}

/// Passkeys (contract schema `UserSettings.PasskeySettings`).
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct PasskeySettings {
    /// Whether fields offer them.
    pub allow_autofill: bool,
    /// Whether there is a button.
    pub show_sign_in_button: bool,
    /// Whether they count as both factors.
    pub satisfies_second_factor: bool,
}

/// Organizations (contract schema `Client.OrganizationSettings`).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OrganizationSettings {
    /// Whether there are any.
    pub enabled: bool,
    /// How many members one may have.
    pub max_allowed_memberships: u32,
    /// What members may do.
    pub actions: OrganizationActions,
    /// Domains.
    pub domains: OrganizationDomains,
    /// Short names.
    pub slug: OrganizationSlugs,
    /// The role of whoever makes one.
    pub creator_role: String,
}

/// What members may do.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct OrganizationActions {
    /// Delete the organization.
    pub admin_delete: bool,
}

/// Domains of organizations.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OrganizationDomains {
    /// Whether there are any.
    pub enabled: bool,
    /// How people with an address there get in.
    pub enrollment_modes: Vec<String>,
    /// Their role then.
    pub default_role: String,
}

/// Short names of organizations.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct OrganizationSlugs {
    /// Whether there are none.
    pub disabled: bool,
}

/// Device attestation (contract schema `Client.FraudSettings`).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FraudSettings {
    /// Always `fraud_settings`.
    pub object: String,
    /// Devices.
    pub native: NativeFraudSettings,
}

/// Device attestation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NativeFraudSettings {
    /// `disabled`, `onboarding` or `enforced`.
    pub device_attestation_mode: String,
}

/// API keys (contract schema `Client.ApiKeysSettings`).
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct ApiKeysSettings {
    /// Whether there are any.
    pub enabled: bool,
    /// Whether people may make them.
    pub user_api_keys_enabled: bool,
    /// Whether organizations may make them.
    pub orgs_api_keys_enabled: bool,
}
