//! Reading the JSON of strangers: an object, and no name twice at any depth.
//!
//! Parsers disagree about which of two equal names counts. A token that says two things is refused, so that nobody can
//! make us and somebody else read it differently.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::Header;

/// The claims that verification looks at, in one pass over the JSON.
#[derive(Debug, Default)]
pub(crate) struct RegisteredClaims {
    pub(crate) sub: Value,
    pub(crate) aud: Value,
    pub(crate) azp: Value,
    pub(crate) iss: Value,
    pub(crate) exp: Value,
    pub(crate) nbf: Value,
    pub(crate) iat: Value,
}

/// As much of a JSON value as verification needs to know.
#[derive(Debug, Default, PartialEq)]
pub(crate) enum Value {
    /// The member does not occur.
    #[default]
    Absent,
    Null,
    False,
    True,
    Number(f64),
    Text(String),
    List(Vec<Value>),
    Object,
}

impl Value {
    pub(crate) fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// A header and whether it has `crit`.
pub(crate) struct ParsedHeader {
    pub(crate) header: Header,
    pub(crate) critical: bool,
}

impl<'de> Deserialize<'de> for RegisteredClaims {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = RegisteredClaims;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RegisteredClaims, A::Error> {
                let mut claims = RegisteredClaims::default();
                let mut names = UniqueNames::default();
                while let Some(Name(name)) = map.next_key()? {
                    let slot = match &*name {
                        "sub" => &mut claims.sub,
                        "aud" => &mut claims.aud,
                        "azp" => &mut claims.azp,
                        "iss" => &mut claims.iss,
                        "exp" => &mut claims.exp,
                        "nbf" => &mut claims.nbf,
                        "iat" => &mut claims.iat,
                        _ => {
                            map.next_value::<Checked>()?;
                            names.add(name)?;
                            continue;
                        }
                    };
                    *slot = map.next_value()?;
                    names.add(name)?;
                }
                Ok(claims)
            }
        }
        deserializer.deserialize_map(Members)
    }
}

impl<'de> Deserialize<'de> for ParsedHeader {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = ParsedHeader;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ParsedHeader, A::Error> {
                let mut parsed = ParsedHeader { header: Header::default(), critical: false };
                let header = &mut parsed.header;
                let mut names = UniqueNames::default();
                while let Some(Name(name)) = map.next_key()? {
                    match &*name {
                        "alg" => header.alg = map.next_value()?,
                        "typ" => header.typ = Some(map.next_value()?),
                        "kid" => header.kid = Some(map.next_value()?),
                        "cat" => header.cat = Some(map.next_value()?),
                        "oiat" => header.oiat = Some(map.next_value()?),
                        "crit" => {
                            map.next_value::<Checked>()?;
                            parsed.critical = true;
                        }
                        _ => {
                            map.next_value::<Checked>()?;
                        }
                    }
                    names.add(name)?;
                }
                Ok(parsed)
            }
        }
        deserializer.deserialize_map(Members)
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Value;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a JSON value")
            }

            fn visit_unit<E>(self) -> Result<Value, E> {
                Ok(Value::Null)
            }

            fn visit_bool<E>(self, truth: bool) -> Result<Value, E> {
                Ok(if truth { Value::True } else { Value::False })
            }

            #[expect(
                clippy::cast_precision_loss,
                reason = "JSON numbers are doubles to every other reader, too"
            )]
            fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
                Ok(Value::Number(number as f64))
            }

            #[expect(
                clippy::cast_precision_loss,
                reason = "JSON numbers are doubles to every other reader, too"
            )]
            fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
                Ok(Value::Number(number as f64))
            }

            fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
                Ok(Value::Number(number))
            }

            fn visit_str<E>(self, text: &str) -> Result<Value, E> {
                Ok(Value::Text(text.to_owned()))
            }

            fn visit_string<E>(self, text: String) -> Result<Value, E> {
                Ok(Value::Text(text))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
                let mut values = Vec::new();
                while let Some(value) = list.next_element()? {
                    values.push(value);
                }
                Ok(Value::List(values))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Value, A::Error> {
                Checked.visit_map(map)?;
                Ok(Value::Object)
            }
        }
        deserializer.deserialize_any(Any)
    }
}

/// Any value in which no object has a name twice; nothing of it is kept.
struct Checked;

impl<'de> Deserialize<'de> for Checked {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for Checked {
    type Value = Self;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self, A::Error> {
        while list.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self, A::Error> {
        let mut names = UniqueNames::default();
        while let Some(Name(name)) = map.next_key()? {
            map.next_value::<Self>()?;
            names.add(name)?;
        }
        Ok(self)
    }
}

/// The names of one object so far. Short objects, which is nearly all of them, are searched from end to end; past that a
/// set takes over, so that thousands of names cost a stranger's token no more than their number.
struct UniqueNames<'de> {
    few: Vec<Cow<'de, str>>,
    many: HashSet<Cow<'de, str>>,
}

impl Default for UniqueNames<'_> {
    fn default() -> Self {
        Self { few: Vec::with_capacity(8), many: HashSet::new() }
    }
}

impl<'de> UniqueNames<'de> {
    const FEW: usize = 24;

    fn add<E: Error>(&mut self, name: Cow<'de, str>) -> Result<(), E> {
        if self.few.contains(&name) || self.many.contains(&name) {
            return Err(E::custom("a name occurs twice"));
        }
        if self.few.len() < Self::FEW {
            self.few.push(name);
        } else {
            self.many.insert(name);
        }
        Ok(())
    }
}

/// A member's name, borrowed from the text unless it has escapes.
pub(crate) struct Name<'de>(pub(crate) Cow<'de, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Name<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a name")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(text: &str) -> Result<RegisteredClaims, serde_json::Error> {
        serde_json::from_str(text)
    }

    #[test]
    fn a_name_may_occur_once_at_every_depth() {
        assert!(claims(r#"{"sub":"a","o":{"id":1,"rol":[{"x":null,"y":1.5}]}}"#).is_ok());
        for twice in [
            r#"{"sub":"a","sub":"b"}"#,
            r#"{"sub":"a","s\u0075b":"b"}"#,
            r#"{"x":1,"x":1}"#,
            r#"{"o":{"rol":"member","rol":"admin"}}"#,
            r#"{"list":[{"x":1,"x":2}]}"#,
            r#"{"aud":{"x":1,"x":2}}"#,
            r#"{"aud":[{"x":1,"x":2}]}"#,
        ] {
            assert!(claims(twice).is_err(), "{twice}");
        }
    }

    #[test]
    fn many_names_are_compared_too() {
        let names: Vec<String> = (0..200).map(|index| format!("\"n{index}\":{index}")).collect();
        assert!(claims(&format!("{{{}}}", names.join(","))).is_ok());
        assert!(claims(&format!("{{{},\"n3\":0}}", names.join(","))).is_err());
        assert!(claims(&format!("{{{},\"n150\":0}}", names.join(","))).is_err());
    }

    #[test]
    fn only_objects_are_claims() {
        for other in ["null", "[]", "\"sub\"", "1", "", "{", "{} {}", "{\"a\":1,}"] {
            assert!(claims(other).is_err(), "{other}");
        }
    }
}
