//! E-mail addresses, checked and canonical.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An e-mail address in canonical form: trimmed and lower-cased, one `@`, a domain with a dot.
///
/// The check is the everyday one (what a browser's `type=email` takes, with a dotted domain), not all of
/// RFC 5321: quoted local parts and address literals are refused.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EmailAddress(Box<str>);

/// The text is not an e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidEmailAddress;

impl EmailAddress {
    /// The longest address taken, in bytes (RFC 5321 §4.5.3.1.3 less the brackets).
    pub const MAX_LENGTH: usize = 254;

    /// The address in canonical form.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the `@`.
    pub fn local_part(&self) -> &str {
        self.0.split_once('@').map_or("", |(local, _)| local)
    }

    /// Whether this is a test address, `…+clerk_test@…`: no mail is sent to it and its code is always `424242`
    /// (wire protocol §8.2).
    pub fn is_test(&self) -> bool {
        self.local_part().split_once('+').is_some_and(|(_, tag)| {
            tag.strip_prefix("clerk_test")
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('_') || rest.starts_with('+'))
        })
    }

    /// Whether there is a subaddress in it: `+`, `=` or `#` before the `@`, behind which people hide a second account.
    pub fn has_subaddress(&self) -> bool {
        self.local_part().contains(['+', '=', '#'])
    }

    /// The address with most of its local part hidden, as shown to somebody who has not proven to own it:
    /// `ada@example.com` becomes `a**@example.com`.
    pub fn masked(&self) -> String {
        let (local, domain) = self.0.split_once('@').unwrap_or((&self.0, ""));
        let first = local.chars().next().map(String::from).unwrap_or_default();
        format!("{first}**@{domain}")
    }
}

impl FromStr for EmailAddress {
    type Err = InvalidEmailAddress;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if text.len() > Self::MAX_LENGTH {
            return Err(InvalidEmailAddress);
        }
        let (local, domain) = text.split_once('@').ok_or(InvalidEmailAddress)?;
        if is_local_part(local) && is_domain(domain) {
            Ok(Self(text.to_ascii_lowercase().into()))
        } else {
            Err(InvalidEmailAddress)
        }
    }
}

fn is_local_part(local: &str) -> bool {
    (1..=64).contains(&local.len())
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && local.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&byte))
}

fn is_domain(domain: &str) -> bool {
    domain.contains('.')
        && domain.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        })
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Display for InvalidEmailAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("not an e-mail address")
    }
}

impl std::error::Error for InvalidEmailAddress {}

impl Serialize for EmailAddress {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for EmailAddress {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_trimmed_and_lower_cased() {
        let address: EmailAddress = " Ada.Byron+notes@Example.COM ".parse().unwrap();
        assert_eq!(address.as_str(), "ada.byron+notes@example.com");
        assert_eq!(address.masked(), "a**@example.com");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "ada",
            "@example.com",
            "ada@",
            "ada@localhost",
            "a b@example.com",
            "a@b@example.com",
            "a\0@example.com",
            ".a@example.com",
            "ada@-example.com",
            "ädä@example.com",
        ] {
            assert_eq!(text.parse::<EmailAddress>(), Err(InvalidEmailAddress), "{text:?}");
        }
        assert!(format!("{}@example.com", "a".repeat(65)).parse::<EmailAddress>().is_err());
    }

    #[test]
    fn subaddresses_are_found() {
        for (text, expected) in [
            ("ada+notes@example.com", true),
            ("ada=notes@example.com", true),
            ("ada#notes@example.com", true),
            ("ada.notes@example.com", false),
        ] {
            assert_eq!(text.parse::<EmailAddress>().unwrap().has_subaddress(), expected, "{text}");
        }
    }

    #[test]
    fn test_addresses_carry_the_tag_after_the_first_plus() {
        for (text, expected) in [
            ("ada+clerk_test@example.com", true),
            ("ada+clerk_test_2@example.com", true),
            ("ada+clerk_testing@example.com", false),
            ("clerk_test@example.com", false),
        ] {
            assert_eq!(text.parse::<EmailAddress>().unwrap().is_test(), expected, "{text}");
        }
    }
}
