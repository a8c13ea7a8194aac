//! The two keys an application is given, and the cookie suffix that follows from one of them.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Standard alphabet, padding optional: both spellings of a publishable key are in use.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Whether an instance is for building or for customers. It follows from the publishable key's prefix alone.
///
/// ```
/// use frontdesk::{InstanceType, PublishableKey};
///
/// let key: PublishableKey = "pk_live_MTI3LjAuMC4xOjQwMDAk".parse()?;
/// assert_eq!(key.instance_type(), InstanceType::Production);
/// # Ok::<(), frontdesk::InvalidPublishableKey>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InstanceType {
    /// `pk_test_…`: cookies travel through the URL, and clocks may be off.
    Development,
    /// `pk_live_…`
    Production,
}

/// The key that browsers may see. It names the Frontend API host, and its exact spelling decides the names of
/// the cookies.
///
/// ```
/// use frontdesk::{InstanceType, PublishableKey};
///
/// let key: PublishableKey = "pk_test_Y2xlcmsuZnJvbnRkZXNrLnRlc3Qk".parse()?;
/// assert_eq!(key.frontend_api(), "clerk.frontdesk.test");
/// assert_eq!(key.instance_type(), InstanceType::Development);
/// assert_eq!(key.cookie_suffix(), "wg9BN2Og");
/// # Ok::<(), frontdesk::InvalidPublishableKey>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PublishableKey {
    text: Box<str>,
    frontend_api: Box<str>,
    cookie_suffix: [u8; COOKIE_SUFFIX_LENGTH],
}

const COOKIE_SUFFIX_LENGTH: usize = 8;
const LIVE_PREFIX: &str = "pk_live_";
const TEST_PREFIX: &str = "pk_test_";

impl PublishableKey {
    /// Makes the key that names a Frontend API host (`auth.example.com`, `127.0.0.1:4400`), unpadded.
    ///
    /// ```
    /// use frontdesk::{InstanceType, PublishableKey};
    ///
    /// let key = PublishableKey::mint(InstanceType::Development, "127.0.0.1:4000")?;
    /// assert_eq!(key.as_str(), "pk_test_MTI3LjAuMC4xOjQwMDAk");
    /// # Ok::<(), frontdesk::InvalidPublishableKey>(())
    /// ```
    ///
    /// # Errors
    /// A host without a dot, or with a `$`, cannot be named by a key: SDKs would refuse it.
    pub fn mint(instance_type: InstanceType, frontend_api: &str) -> Result<Self, InvalidPublishableKey> {
        let prefix = match instance_type {
            InstanceType::Development => TEST_PREFIX,
            InstanceType::Production => LIVE_PREFIX,
        };
        format!("{prefix}{}", STANDARD_NO_PAD.encode(format!("{frontend_api}$"))).parse()
    }

    /// The key as it was written.
    ///
    /// ```
    /// use frontdesk::PublishableKey;
    ///
    /// let padded: PublishableKey = "pk_test_Y2xlcmsuY2xlcmsuZGV2JA==".parse()?;
    /// assert_eq!(padded.as_str(), "pk_test_Y2xlcmsuY2xlcmsuZGV2JA==");
    /// # Ok::<(), frontdesk::InvalidPublishableKey>(())
    /// ```
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The host (and port, if any) of the Frontend API. Session tokens name it as their issuer.
    ///
    /// ```
    /// use frontdesk::PublishableKey;
    ///
    /// let key: PublishableKey = "pk_test_MTI3LjAuMC4xOjQwMDAk".parse()?;
    /// assert_eq!(key.frontend_api(), "127.0.0.1:4000");
    /// # Ok::<(), frontdesk::InvalidPublishableKey>(())
    /// ```
    pub fn frontend_api(&self) -> &str {
        &self.frontend_api
    }

    /// Development or production.
    ///
    /// ```
    /// use frontdesk::{InstanceType, PublishableKey};
    ///
    /// let key: PublishableKey = "pk_test_MTI3LjAuMC4xOjQwMDAk".parse()?;
    /// assert_eq!(key.instance_type(), InstanceType::Development);
    /// # Ok::<(), frontdesk::InvalidPublishableKey>(())
    /// ```
    pub fn instance_type(&self) -> InstanceType {
        if self.text.starts_with(LIVE_PREFIX) { InstanceType::Production } else { InstanceType::Development }
    }

    /// The eight characters that follow `__session_` and its siblings, so that several applications can share
    /// one host: the beginning of the URL-safe base64 of the key's SHA-1 (wire contract §2.1).
    ///
    /// ```
    /// use frontdesk::PublishableKey;
    ///
    /// let key: PublishableKey = "pk_test_MTI3LjAuMC4xOjQwMDAk".parse()?;
    /// assert_eq!(format!("__session_{}", key.cookie_suffix()), "__session_X-99I1TU");
    /// # Ok::<(), frontdesk::InvalidPublishableKey>(())
    /// ```
    pub fn cookie_suffix(&self) -> &str {
        // Base64 text is ASCII, so the fallback is never taken.
        std::str::from_utf8(&self.cookie_suffix).unwrap_or_default()
    }
}

impl FromStr for PublishableKey {
    type Err = InvalidPublishableKey;

    fn from_str(text: &str) -> Result<Self, InvalidPublishableKey> {
        let encoded = text
            .strip_prefix(LIVE_PREFIX)
            .or_else(|| text.strip_prefix(TEST_PREFIX))
            .ok_or(InvalidPublishableKey)?;
        if encoded.ends_with('=') && !encoded.len().is_multiple_of(4) {
            return Err(InvalidPublishableKey);
        }
        let decoded = LENIENT.decode(encoded).map_err(|_| InvalidPublishableKey)?;
        let decoded = String::from_utf8(decoded).map_err(|_| InvalidPublishableKey)?;
        let frontend_api = decoded.strip_suffix('$').ok_or(InvalidPublishableKey)?;
        if frontend_api.contains('$') || !frontend_api.contains('.') {
            return Err(InvalidPublishableKey);
        }
        Ok(Self { text: text.into(), frontend_api: frontend_api.into(), cookie_suffix: cookie_suffix(text) })
    }
}

/// SHA-1 serves as a short fingerprint here, not as protection.
fn cookie_suffix(key: &str) -> [u8; COOKIE_SUFFIX_LENGTH] {
    let digest = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, key.as_bytes());
    let encoded = URL_SAFE_NO_PAD.encode(digest);
    let mut suffix = [0; COOKIE_SUFFIX_LENGTH];
    suffix.copy_from_slice(&encoded.as_bytes()[..COOKIE_SUFFIX_LENGTH]);
    suffix
}

impl fmt::Display for PublishableKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl fmt::Debug for PublishableKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

/// The text is not a publishable key: `pk_test_` or `pk_live_`, then base64 of a host with a dot, then `$`.
///
/// ```
/// use frontdesk::{InvalidPublishableKey, PublishableKey};
///
/// let mixed_up = "sk_test_not_a_real_one".parse::<PublishableKey>();
/// assert_eq!(mixed_up, Err(InvalidPublishableKey));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a publishable key (expected pk_test_… or pk_live_… naming a host with a dot)")]
pub struct InvalidPublishableKey;

/// The key that proves an application to the Backend API. It is opaque, never logged, and never shown.
///
/// ```
/// use frontdesk::SecretKey;
///
/// let key = SecretKey::new("sk_test_not_a_real_one").expect("it is not empty");
/// assert_eq!(format!("{key:?}"), "SecretKey(…)");
/// ```
#[derive(Clone)]
pub struct SecretKey(Box<str>);

impl SecretKey {
    /// Wraps a key; `None` when it is empty, which is all that can be said about it from here.
    ///
    /// ```
    /// use frontdesk::SecretKey;
    ///
    /// assert!(SecretKey::new("").is_none());
    /// assert!(SecretKey::new("sk_test_not_a_real_one").is_some());
    /// ```
    pub fn new(text: impl Into<Box<str>>) -> Option<Self> {
        let text = text.into();
        (!text.is_empty()).then_some(Self(text))
    }

    /// The key itself. Say where it goes.
    ///
    /// ```
    /// use frontdesk::SecretKey;
    ///
    /// let key = SecretKey::new("sk_test_not_a_real_one").expect("it is not empty");
    /// let authorization = format!("Bearer {}", key.expose());
    /// ```
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SecretKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<PublishableKey, InvalidPublishableKey> {
        text.parse()
    }

    #[test]
    fn the_suffix_is_the_published_one() {
        for (key, suffix) in [
            ("pk_live_ZmFrZS1jbGVyay10ZXN0LmNsZXJrLmFjY291bnRzLmRldiQ=", "qReyu04C"),
            ("pk_test_Y2xlcmsuY2xlcmsuZGV2JA", "QvfNY2dr"),
            ("pk_test_ZW5vdWdoLWFscGFjYS04Mi5jbGVyay5hY2NvdW50cy5sY2xjbGVyay5jb20k", "jtYvyt_H"),
            ("pk_test_MTI3LjAuMC4xOjQwMDAk", "X-99I1TU"),
            ("pk_live_MTI3LjAuMC4xOjQwMDAk", "G1Ze9mJX"),
            ("pk_test_Y2xlcmsuZnJvbnRkZXNrLnRlc3Qk", "wg9BN2Og"),
            ("pk_test_Y2xlcmsubG9jYWxob3N0OjQ0MDAk", "dtX3fF7d"),
            ("pk_live_Y2xlcmsubG9jYWxob3N0OjQ0MDAk", "1HiuLv0e"),
        ] {
            assert_eq!(parse(key).unwrap().cookie_suffix(), suffix, "{key}");
        }
    }

    #[test]
    fn padding_is_optional_but_changes_the_suffix() {
        let padded = parse("pk_test_Y2xlcmsuY2xlcmsuZGV2JA==").unwrap();
        let bare = parse("pk_test_Y2xlcmsuY2xlcmsuZGV2JA").unwrap();
        assert_eq!(padded.frontend_api(), bare.frontend_api());
        assert_ne!(padded.cookie_suffix(), bare.cookie_suffix());
    }

    #[test]
    fn what_other_sdks_refuse_is_refused() {
        for text in [
            "",
            "whatever",
            "pk_test_",
            "pk_other_MTI3LjAuMC4xOjQwMDAk",
            "pk_test_MTI3LjAuMC4xOjQwMDAk_", // a fourth part
            "pk_test_bG9jYWxob3N0OjQwMDAk",  // localhost:4000$, no dot
            "pk_live_aW52YWxpZGtleSQ=",      // no dot
            "pk_test_MTI3LjAuMC4xOjQwMDA",   // no $
            "pk_live_ZmFrZS1jbGVyay1tdWx0aXBsZS5jbGVyay5hY2NvdW50cy5kZXYkJA==", // two $
            "pk_live_ZmFrZS1jbGVyay1tYWxmb3JtZWQuY2xlcmsuYWNjb3VudHMuZGV2JGV4dHJh", // text after $
            "pk_live_invalid!@#$",
            "pk_test_Y2xlcmsuY2xlcmsuZGV2JA=", // half a padding
        ] {
            assert_eq!(parse(text), Err(InvalidPublishableKey), "{text:?}");
        }
    }

    #[test]
    fn a_minted_key_names_its_host() {
        let key = PublishableKey::mint(InstanceType::Production, "auth.example.com").unwrap();
        assert_eq!(key.frontend_api(), "auth.example.com");
        assert_eq!(key.instance_type(), InstanceType::Production);
        assert!(!key.as_str().contains('='));
        assert!(PublishableKey::mint(InstanceType::Development, "localhost:4000").is_err());
    }

    #[test]
    fn an_empty_secret_key_is_none() {
        assert!(SecretKey::new("").is_none());
        assert_eq!(SecretKey::new("sk_test_x").unwrap().expose(), "sk_test_x");
    }
}
