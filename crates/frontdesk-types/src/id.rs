//! Identifiers: a prefix that tells the kind, then a KSUID.
//!
//! A KSUID is twenty bytes, a 32-bit timestamp (seconds since 2014-05-13T16:53:20Z) followed by sixteen random
//! bytes, written as 27 base62 digits. Ids of one kind sort by creation time to the second.

use std::fmt;

use crate::{Randomness, Timestamp};

/// The text is not an identifier of the expected kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidId;

impl fmt::Display for InvalidId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("not an identifier of this kind")
    }
}

impl std::error::Error for InvalidId {}

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const KSUID_EPOCH: i64 = 1_400_000_000;
const KSUID_LENGTH: usize = 27;

/// The 27 base62 digits of a fresh KSUID.
fn ksuid(now: Timestamp, rng: &mut dyn Randomness) -> [u8; KSUID_LENGTH] {
    let seconds = u32::try_from((now.as_secs() - KSUID_EPOCH).max(0)).unwrap_or(u32::MAX);
    let mut words = [0; 5];
    words[0] = seconds;
    for word in &mut words[1..] {
        *word = u32::from_be_bytes(rng.bytes());
    }
    base62(words)
}

/// Writes 160 bits in base 62 by repeated division, most significant digit first.
fn base62(mut words: [u32; 5]) -> [u8; KSUID_LENGTH] {
    let mut digits = [ALPHABET[0]; KSUID_LENGTH];
    for digit in digits.iter_mut().rev() {
        let mut remainder = 0_u64;
        for word in &mut words {
            let dividend = remainder << 32 | u64::from(*word);
            *word = u32::try_from(dividend / 62).unwrap_or(u32::MAX);
            remainder = dividend % 62;
        }
        *digit = ALPHABET[usize::try_from(remainder).unwrap_or(0)];
    }
    digits
}

/// Mints the text of an id.
fn mint(prefix: &str, now: Timestamp, rng: &mut dyn Randomness) -> Box<str> {
    let mut text = String::with_capacity(prefix.len() + KSUID_LENGTH);
    text.push_str(prefix);
    text.extend(ksuid(now, rng).map(char::from));
    text.into()
}

/// Checks the text of an id: the prefix, then one to forty letters, digits or underscores (imported ids need not
/// be KSUIDs).
fn check(prefix: &str, text: &str) -> Result<(), InvalidId> {
    let body = text.strip_prefix(prefix).ok_or(InvalidId)?;
    let fits = (1..=40).contains(&body.len())
        && body.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if fits { Ok(()) } else { Err(InvalidId) }
}

macro_rules! id {
    ($($(#[$meta:meta])* $name:ident = $prefix:literal;)+) => {$(
        $(#[$meta])*
        #[doc = concat!("Written `", $prefix, "…`.")]
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Box<str>);

        impl $name {
            /// What every id of this kind begins with.
            pub const PREFIX: &str = $prefix;

            /// A fresh id from the given time and chance.
            pub fn mint(now: Timestamp, rng: &mut dyn Randomness) -> Self {
                Self(mint($prefix, now, rng))
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                check($prefix, text)?;
                Ok(Self(text.into()))
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0.into()
            }
        }

        impl From<&$name> for String {
            fn from(id: &$name) -> Self {
                id.as_str().to_owned()
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )+};
}

id! {
    /// One instance: a user base with its own keys and settings.
    InstanceId = "ins_";
    /// A key of a program that acts for a person or an organization.
    ApiKeyId = "ak_";
    /// A token with which one machine proves itself to another.
    M2mTokenId = "mt_";
    /// A machine of one instance.
    MachineId = "mch_";
    /// An access token that an OAuth application holds in a person's name.
    OAuthAccessTokenId = "oat_";
    /// A person known to one instance.
    UserId = "user_";
    /// Something a person is identified by: an e-mail address, a phone number, a username, a passkey.
    IdentificationId = "idn_";
    /// A code that was sent to prove an address, by the Backend API's wish.
    VerificationId = "ver_";
    /// One browser (or device) in one instance.
    ClientId = "client_";
    /// One signed-in user on one client.
    SessionId = "sess_";
    /// An attempt to sign in.
    SignInId = "sia_";
    /// An attempt to sign up.
    SignUpId = "sua_";
    /// A sign-in token, redeemed with the `ticket` strategy.
    SignInTokenId = "sit_";
    /// A JWT template.
    JwtTemplateId = "jtmp_";
    /// A development browser: what stands in for cookies across sites in development.
    DevBrowserId = "dvb_";
    /// An organization.
    OrganizationId = "org_";
    /// A user's membership in an organization.
    MembershipId = "orgmem_";
    /// A picture of a person, as it was given.
    ImageId = "img_";
    /// A mail on its way, or sent.
    EmailId = "ema_";
    /// A domain of an instance.
    DomainId = "dmn_";
    /// A URL of a native application that sign-in may lead back to.
    RedirectUrlId = "ru_";
    /// An identifier that may sign up where others may not.
    AllowlistIdentifierId = "alid_";
    /// An identifier that may not sign up.
    BlocklistIdentifierId = "blid_";
    /// A recorded change.
    EventId = "evt_";
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed(u8);

    impl Randomness for Fixed {
        fn fill(&mut self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    #[test]
    fn the_extremes_of_a_ksuid_are_the_published_ones() {
        assert_eq!(&base62([0; 5]), b"000000000000000000000000000");
        assert_eq!(&base62([u32::MAX; 5]), b"aWgEPTl1tmebfsQzFP4bxwgy80V");
    }

    #[test]
    fn ids_sort_by_the_second_they_were_made_in() {
        let early = UserId::mint(Timestamp::from_secs(1_795_417_200), &mut Fixed(255));
        let late = UserId::mint(Timestamp::from_secs(1_795_417_201), &mut Fixed(0));
        assert!(early < late);
        assert_eq!(early.as_str().len(), "user_".len() + KSUID_LENGTH);
        assert_eq!(early.as_str().parse(), Ok(early));
    }

    #[test]
    fn another_kind_or_foreign_characters_are_refused() {
        for text in ["", "user_", "sess_abc", "user_a/b", "user_\0", "user_é", "USER_abc"] {
            assert_eq!(text.parse::<UserId>(), Err(InvalidId), "{text:?}");
        }
        assert!(format!("user_{}", "a".repeat(41)).parse::<UserId>().is_err());
    }
}
