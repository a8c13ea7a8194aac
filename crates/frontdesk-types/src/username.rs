//! Usernames, checked and canonical.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use unicode_normalization::UnicodeNormalization;

/// A username in its one canonical form: Unicode NFKC, lower case, only allowed characters. Two spellings that come to
/// the same form (`Ada`, `ADA`, `Ａda`) are the same name.
///
/// Allowed are the letters of the Latin script in lower case (with or without accents), the digits `0` to `9`, `_` and
/// `-`. Letters of other scripts are not: some look like Latin ones, and two people could have names that nobody can
/// tell apart. No `@`, so that a username is never taken for an e-mail address.
///
/// How long a name may be, and that it is no mere number, are rules of the instance, see `UsernameRules` in
/// `frontdesk-core`. No name has more than [`Username::MAX_LENGTH`] characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Username(Box<str>);

/// The text is not a username.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidUsername {
    /// It is empty, or longer than any username.
    Length,
    /// It has a character that usernames do not have.
    Character,
}

impl Username {
    /// The most characters of a username, whatever the instance says.
    pub const MAX_LENGTH: usize = 256;

    /// The name in canonical form.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// How many characters it has.
    pub fn length(&self) -> usize {
        self.0.chars().count()
    }

    /// Whether it is nothing but digits.
    pub fn is_numeric(&self) -> bool {
        self.0.bytes().all(|byte| byte.is_ascii_digit())
    }
}

impl FromStr for Username {
    type Err = InvalidUsername;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        // Before anything is folded: a character may become several.
        if text.is_empty() || text.chars().count() > Self::MAX_LENGTH {
            return Err(InvalidUsername::Length);
        }
        let folded: String = text.nfkc().collect::<String>().to_lowercase().nfkc().collect();
        if !folded.chars().all(is_allowed) {
            return Err(InvalidUsername::Character);
        }
        if folded.is_empty() || folded.chars().count() > Self::MAX_LENGTH {
            return Err(InvalidUsername::Length);
        }
        Ok(Self(folded.into()))
    }
}

/// Latin letters of the blocks Latin-1 Supplement, Latin Extended-A and -B, and Latin Extended Additional, and ASCII.
fn is_allowed(character: char) -> bool {
    match character {
        'a'..='z' | '0'..='9' | '_' | '-' => true,
        '\u{df}'..='\u{f6}' | '\u{f8}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => character.is_lowercase(),
        _ => false,
    }
}

impl fmt::Display for Username {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Display for InvalidUsername {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Length => "a username with too few or too many characters",
            Self::Character => "not a username: only Latin letters, digits, _ and - are",
        })
    }
}

impl std::error::Error for InvalidUsername {}

impl Serialize for Username {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Username {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn canonical(text: &str) -> String {
        text.parse::<Username>().unwrap_or_else(|error| panic!("{text:?}: {error}")).as_str().to_owned()
    }

    #[test]
    fn spellings_of_one_name_are_one_name() {
        for text in ["ada_byron", " Ada_Byron ", "ＡＤＡ＿byron", "ada\u{ff3f}BYRON"] {
            assert_eq!(canonical(text), "ada_byron", "{text:?}");
        }
        assert_eq!(canonical("Zoe\u{308}"), canonical("ZOË"));
        assert_eq!(canonical("ﬁn"), "fin");
        assert_eq!(canonical("\u{212a}im"), "kim", "the Kelvin sign is a k");
    }

    #[test]
    fn what_is_no_username_is_refused() {
        for text in [
            "ada@example.com",
            "ada byron",
            "ada.byron",
            "a\0da",
            "ad\u{202e}a",
            "ad\u{200b}a",
            "аda",
            "ada\u{301}\u{301}",
            "ada😀",
            "\u{130}da",
            "ada/..",
            "×",
        ] {
            assert_eq!(text.parse::<Username>(), Err(InvalidUsername::Character), "{text:?}");
        }
        for text in [String::new(), "  ".to_owned(), "a".repeat(257)] {
            assert_eq!(text.parse::<Username>(), Err(InvalidUsername::Length));
        }
    }

    proptest! {
        #[test]
        fn the_canonical_form_is_its_own(text in "\\PC{0,20}") {
            if let Ok(name) = text.parse::<Username>() {
                prop_assert_eq!(name.as_str().parse::<Username>(), Ok(name.clone()));
                prop_assert!(name.as_str().chars().all(is_allowed));
                for spelling in [text.to_lowercase(), text.nfc().collect(), text.nfd().collect()] {
                    prop_assert_eq!(spelling.parse::<Username>(), Ok(name.clone()));
                }
            }
        }
    }
}
