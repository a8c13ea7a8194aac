//! What the owner of an instance can set, with every limit and lifetime in one place (decision 15).

use frontdesk_types::{Span, Username};
use serde::{Deserialize, Serialize};

use crate::instance::InstanceKind;

/// The settings of an instance. Kept as one JSON text; absent fields take their defaults, so that a new setting
/// needs no migration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The name people see in mails and pages.
    pub application_name: String,
    /// Where the application lives: sign-in, sign-up and home pages.
    pub urls: ApplicationUrls,
    /// Origins that may call the Frontend API and be redirected to, beside the built-in ones (decision 16).
    pub allowed_origins: Vec<String>,
    /// Test addresses get the code `424242` and no mail (wire protocol §8.2). Never in production.
    pub test_mode: bool,
    /// One session at a time on each client.
    pub single_session_mode: bool,
    /// What a sign-up wants and a sign-in takes.
    pub attributes: Attributes,
    /// How a sign-up goes.
    pub sign_up: SignUpRules,
    /// Who may have an account at all.
    pub restrictions: Restrictions,
    /// Which passwords pass.
    pub password: PasswordRules,
    /// Which usernames pass.
    pub username: UsernameRules,
    /// Whether answers hide who has an account: equal answers in equal time, whoever is named.
    pub enumeration_protection: bool,
    /// How mails and pages look.
    pub appearance: Appearance,
    /// Where people who need help write to; empty if nobody said.
    pub support_email: String,
    /// Limits and lifetimes.
    pub limits: Limits,
    /// How often one network address may try. `None`: the published rates in production, none in development, where
    /// tests sign in as fast as they can.
    pub rate_limits: Option<RateLimits>,
    /// Claims added to every session token; a JWT-template object, empty by default (wire protocol §9.4).
    pub session_token_claims: serde_json::Map<String, serde_json::Value>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            application_name: "Frontdesk".to_owned(),
            urls: ApplicationUrls::default(),
            allowed_origins: Vec::new(),
            test_mode: false,
            single_session_mode: true,
            attributes: Attributes::default(),
            sign_up: SignUpRules::default(),
            restrictions: Restrictions::default(),
            password: PasswordRules::default(),
            username: UsernameRules::default(),
            enumeration_protection: false,
            appearance: Appearance::default(),
            support_email: String::new(),
            limits: Limits::default(),
            rate_limits: None,
            session_token_claims: serde_json::Map::new(),
        }
    }
}

impl Settings {
    /// What a new instance of this kind begins with. Test mode is for development: where it is on, anybody can prove
    /// to own a test address.
    pub fn for_kind(kind: InstanceKind) -> Self {
        Self { test_mode: kind == InstanceKind::Development, ..Self::default() }
    }

    /// How often one network address may try, on an instance of this kind.
    pub fn rates(&self, kind: InstanceKind) -> RateLimits {
        self.rate_limits.unwrap_or(match kind {
            InstanceKind::Production => RateLimits::PUBLISHED,
            InstanceKind::Development => RateLimits::NONE,
        })
    }
}

/// Pages of the application that the SDKs send people to. Empty means: the application knows better.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ApplicationUrls {
    /// The home page.
    pub home: String,
    /// The sign-in page.
    pub sign_in: String,
    /// The sign-up page.
    pub sign_up: String,
    /// The terms of service.
    pub terms: String,
    /// The privacy policy.
    pub privacy_policy: String,
}

/// Whether a sign-up asks for an attribute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Wanted {
    /// Not taken at all.
    #[default]
    Off,
    /// Taken if given.
    Optional,
    /// A sign-up is not complete without it.
    Required,
}

/// The attributes of a person that this instance knows about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Attributes {
    /// E-mail address, verified by code at sign-up.
    pub email_address: Wanted,
    /// Username: a name of one's own choice to sign in with.
    pub username: Wanted,
    /// Password.
    pub password: Wanted,
    /// First name.
    pub first_name: Wanted,
    /// Last name.
    pub last_name: Wanted,
}

impl Default for Attributes {
    fn default() -> Self {
        Self {
            email_address: Wanted::Required,
            username: Wanted::Off,
            password: Wanted::Required,
            first_name: Wanted::Optional,
            last_name: Wanted::Optional,
        }
    }
}

/// How a sign-up goes (contract `UserSettings.sign_up`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SignUpRules {
    /// Whether fields may come one after the other; else a sign-up names everything required at once.
    pub progressive: bool,
    /// Whether a sign-up is not complete before the terms are accepted.
    pub legal_consent: bool,
}

impl Default for SignUpRules {
    fn default() -> Self {
        Self { progressive: true, legal_consent: false }
    }
}

/// Who may have an account at all (contract `UpdateInstanceRestrictions`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Restrictions {
    /// Only identifiers on the allowlist may sign up.
    pub allowlist: bool,
    /// Identifiers on the blocklist may not sign up.
    pub blocklist: bool,
    /// Addresses with `+`, `=` or `#` before the `@` may not sign up.
    pub block_email_subaddresses: bool,
}

/// Which passwords pass (contract `UserSettings.password_settings`).
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own in the contract")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PasswordRules {
    /// The fewest characters; never below 8.
    pub min_length: usize,
    /// The most characters; SDKs clamp it to 72.
    pub max_length: usize,
    /// At least one of [`PasswordRules::SPECIAL_CHARACTERS`].
    pub require_special_char: bool,
    /// At least one digit.
    pub require_numbers: bool,
    /// At least one upper-case letter.
    pub require_uppercase: bool,
    /// At least one lower-case letter.
    pub require_lowercase: bool,
    /// The lowest strength, from 0 (anything) to 4, as zxcvbn estimates it.
    pub min_zxcvbn_strength: u8,
    /// Refuse passwords known from breaches, where the server has been given a way to know them.
    pub refuse_breached: bool,
    /// Ask for a new password at sign-in where the old one is known from a breach.
    pub refuse_breached_on_sign_in: bool,
}

impl PasswordRules {
    /// The characters that count as special (contract `allowed_special_characters`).
    pub const SPECIAL_CHARACTERS: &'static str = "!\"#$%&'()*+,-./:;<=>?@[]^_`{|}~";
}

impl Default for PasswordRules {
    fn default() -> Self {
        Self {
            min_length: 8,
            max_length: 72,
            require_special_char: false,
            require_numbers: false,
            require_uppercase: false,
            require_lowercase: false,
            min_zxcvbn_strength: 0,
            refuse_breached: true,
            refuse_breached_on_sign_in: false,
        }
    }
}

/// Which usernames pass (contract `UserSettings.username_settings`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UsernameRules {
    /// The fewest characters.
    pub min_length: usize,
    /// The most characters.
    pub max_length: usize,
}

/// Why a username does not pass an instance's rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UsernameFault {
    /// It has too few or too many characters.
    #[error("a username has {} to {} characters here", .0.min_length, .0.max_length)]
    Length(UsernameRules),
    /// It is nothing but digits.
    #[error("a username has a character that is no digit")]
    Numeric,
}

impl UsernameRules {
    /// Whether a username passes: long enough, not too long, and no mere number, which could be taken for a phone
    /// number.
    pub fn check(&self, username: &Username) -> Result<(), UsernameFault> {
        if !(self.min_length..=self.max_length).contains(&username.length()) {
            Err(UsernameFault::Length(*self))
        } else if username.is_numeric() {
            Err(UsernameFault::Numeric)
        } else {
            Ok(())
        }
    }
}

impl Default for UsernameRules {
    fn default() -> Self {
        Self { min_length: 4, max_length: 64 }
    }
}

/// How mails and pages look.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Appearance {
    /// The colour of buttons and links, as `#rrggbb`.
    pub primary_color: String,
    /// Where the logo is, as an `https` URL; empty shows the name instead.
    pub logo_url: String,
}

impl Default for Appearance {
    fn default() -> Self {
        Self { primary_color: "#2f5bea".to_owned(), logo_url: String::new() }
    }
}

/// Every limit and lifetime.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// How long a session lives: 7 days.
    pub session_lifetime: Span,
    /// How long a session token lives: 60 seconds.
    pub session_token_lifetime: Span,
    /// How long an unfinished sign-in or sign-up lives: 1 day.
    pub attempt_lifetime: Span,
    /// How long a code works: 10 minutes.
    pub code_lifetime: Span,
    /// How often a wrong code may be tried before the code is spent: 5.
    pub code_tries: u32,
    /// The pause between two codes to the same address: 30 seconds.
    pub code_interval: Span,
    /// How many codes may go to one address within the lifetime of a code: 10.
    pub codes_per_address: u32,
    /// Failed password attempts before the account is locked: 10.
    pub lockout_tries: u32,
    /// How long a locked account stays locked: 1 hour.
    pub lockout_lifetime: Span,
    /// How long a sign-in token works unless it says otherwise: 30 days.
    pub sign_in_token_lifetime: Span,
    /// How long a handshake nonce works: 1 minute.
    pub handshake_lifetime: Span,
    /// How often `last_active_at` of a session is written at most: once a minute.
    pub activity_interval: Span,
    /// How long the previous client token still reads after a rotation: 10 seconds (decision 13).
    pub rotation_grace: Span,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            session_lifetime: Span::days(7),
            session_token_lifetime: Span::seconds(60),
            attempt_lifetime: Span::days(1),
            code_lifetime: Span::minutes(10),
            code_tries: 5,
            code_interval: Span::seconds(30),
            codes_per_address: 10,
            lockout_tries: 10,
            lockout_lifetime: Span::hours(1),
            sign_in_token_lifetime: Span::days(30),
            handshake_lifetime: Span::minutes(1),
            activity_interval: Span::minutes(1),
            rotation_grace: Span::seconds(10),
        }
    }
}

/// How often one network address may ask for what strangers can ask, and guess. What is `None` is not limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RateLimits {
    /// Beginning a sign-in: 5 in 10 seconds.
    pub create_sign_in: Option<Rate>,
    /// Proving a factor of a sign-in, or giving the new password it asks for: 3 in 10 seconds.
    pub attempt_sign_in: Option<Rate>,
    /// Beginning a sign-up: 5 in 10 seconds.
    pub create_sign_up: Option<Rate>,
    /// Proving what a sign-up was given: 3 in 10 seconds.
    pub attempt_sign_up: Option<Rate>,
    /// Proving something while signed in: the current password, an address. 3 in 10 seconds. Not published; the same
    /// guesses at another door.
    pub attempt_signed_in: Option<Rate>,
    /// Having a code sent, for a sign-in, a sign-up or an address of one's own: 5 in 10 seconds. Not published; each is a
    /// mail to somebody.
    pub prepare: Option<Rate>,
    /// Changing what a sign-up was given, adding an address, giving a picture: 10 in 10 seconds. Not published; each is
    /// work for the server.
    pub change: Option<Rate>,
}

impl RateLimits {
    /// The published rates.
    pub const PUBLISHED: Self = Self {
        create_sign_in: Some(Rate { requests: 5, within: Span::seconds(10) }),
        attempt_sign_in: Some(Rate { requests: 3, within: Span::seconds(10) }),
        create_sign_up: Some(Rate { requests: 5, within: Span::seconds(10) }),
        attempt_sign_up: Some(Rate { requests: 3, within: Span::seconds(10) }),
        attempt_signed_in: Some(Rate { requests: 3, within: Span::seconds(10) }),
        prepare: Some(Rate { requests: 5, within: Span::seconds(10) }),
        change: Some(Rate { requests: 10, within: Span::seconds(10) }),
    };
    /// No limits at all.
    pub const NONE: Self = Self {
        create_sign_in: None,
        attempt_sign_in: None,
        create_sign_up: None,
        attempt_sign_up: None,
        attempt_signed_in: None,
        prepare: None,
        change: None,
    };
}

impl Default for RateLimits {
    fn default() -> Self {
        Self::PUBLISHED
    }
}

/// So many requests within so much time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rate {
    /// How many; 0 refuses all.
    pub requests: u32,
    /// Within how much time.
    pub within: Span,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usernames_are_as_long_as_the_instance_says_and_no_numbers() {
        let rules = UsernameRules::default();
        let check = |text: &str| rules.check(&text.parse().unwrap());
        assert_eq!(check("ada"), Err(UsernameFault::Length(rules)));
        assert_eq!(check(&"a".repeat(65)), Err(UsernameFault::Length(rules)));
        assert_eq!(check("1815"), Err(UsernameFault::Numeric));
        assert_eq!((check("ada1"), check(&"ä".repeat(64))), (Ok(()), Ok(())));
    }
}
