//! The scanner beside `serde_json`, which must agree with it about every text.

use std::collections::HashSet;

use proptest::prelude::*;
use serde_json::Value;

use super::*;

fn slot_of(within: Within, name: &str) -> Option<usize> {
    match (within, name) {
        (Within::Top, "sub") => Some(0),
        (Within::Top, "o") => Some(1),
        (Within::Slot(1), "id") => Some(2),
        _ => None,
    }
}

fn places(text: &str) -> Result<[Place; 3], Fault> {
    let mut places = [Place::default(); 3];
    scan(text, slot_of, &mut places).map(|()| places)
}

#[test]
fn members_are_found_where_they_belong() {
    let text = r#" { "x" : [ { "sub" : 1 , "id" : 2 } ] , "o" : { "sub" : 3 , "i\u0064" : "\ud83d\ude00" } , "sub":"ü" } "#;
    let [sub, o, id] = places(text).unwrap();
    assert_eq!((sub.kind, sub.raw(text), sub.plain_text(text)), (Kind::Text, "\"ü\"", Some("ü")));
    assert_eq!((o.kind, o.raw(text).len(), o.text(text)), (Kind::Object, 42, None));
    assert_eq!((id.kind, id.plain_text(text)), (Kind::Escaped, None));
    assert_eq!(id.text(text).as_deref(), Some("😀"));
    assert_eq!(places("{}").unwrap(), [Place::default(); 3]);
    assert_eq!(Place::default().raw(text), "");
}

#[test]
fn a_name_may_occur_once_at_every_depth() {
    assert!(places(r#"{"sub":"a","o":{"id":1,"rol":[{"x":null,"y":1.5},{"x":1}]},"x":{"id":1}}"#).is_ok());
    for twice in [
        r#"{"sub":"a","sub":"b"}"#,
        r#"{"sub":"a","s\u0075b":"b"}"#,
        r#"{"x":1,"x":1}"#,
        r#"{"x":1,"\u0078":1}"#,
        r#"{"":1,"":1}"#,
        r#"{"o":{"id":"a","id":"b"}}"#,
        r#"{"o":{"id":"a"},"o":{}}"#,
        r#"{"o":[],"o":{}}"#,
        r#"{"o":{"rol":"member","rol":"admin"}}"#,
        r#"{"list":[{"x":1,"x":2}]}"#,
        r#"{"sub":{"x":1,"x":2}}"#,
    ] {
        assert_eq!(places(twice).unwrap_err().what, What::Twice, "{twice}");
    }
}

#[test]
fn many_names_are_compared_too() {
    let names: Vec<String> = (0..200).map(|index| format!("\"n{index}\":{index}")).collect();
    assert!(places(&format!("{{{}}}", names.join(","))).is_ok());
    assert!(places(&format!("{{{},\"n3\":0}}", names.join(","))).is_err());
    assert!(places(&format!("{{{},\"n150\":0}}", names.join(","))).is_err());
    assert!(places(&format!("{{\"x\":{{{}}},\"n3\":0}}", names.join(","))).is_ok());
}

/// The published collections of odd JSON, by theme; whether we take it must be what `serde_json` does.
#[test]
fn odd_json_is_taken_exactly_when_serde_json_takes_it() {
    let deep = |depth: usize| format!("{{\"x\":{}1{}}}", "[".repeat(depth), "]".repeat(depth));
    let mixed = |depth: usize| format!("{}1{}", "{\"x\":[".repeat(depth), "]}".repeat(depth));
    let mut texts: Vec<String> = [
        "",
        " ",
        "{",
        "}",
        "{}",
        "{}{}",
        "{} {}",
        "{}x",
        "{},",
        "[]",
        "null",
        "1",
        "\"sub\"",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{,\"a\":1}",
        "{\"a\":1,,\"b\":1}",
        "{\"a\" 1}",
        "{\"a\":1 \"b\":1}",
        "{a:1}",
        "{'a':1}",
        "{\"a\":1]",
        "{\"a\":[1}",
        "{\"a\":[1,]}",
        "{\"a\":[,1]}",
        "{\"a\":[1 2]}",
        "{\"a\":[}",
        "{1:1}",
        "{null:1}",
        "\u{feff}{}",
        "{}\u{feff}",
        "{}\0",
        "\0{}",
        "{\0}",
        "{\"a\":\"\0\"}",
        "{\"a\":\"\u{1f}\"}",
        "{\"a\":\"\u{7f}\"}",
        "{\"a\":\"\t\"}",
        "{\"a\":\"\n\"}",
        "{\u{a0}\"a\":1}",
        "{\u{2003}}",
        "{\u{c}}",
        "{\u{b}}",
        "{\r\n\t }",
        "{\"a\":tru}",
        "{\"a\":TRUE}",
        "{\"a\":truex}",
        "{\"a\":nul",
        "{\"a\":true}",
        "{\"a\":false}",
        "{\"a\":NaN}",
        "{\"a\":Infinity}",
        "{\"a\":-Infinity}",
        "{\"a\":undefined}",
        "{/**/}",
        "{\"a\":1}//",
        "{#\n}",
        "{\"a\":\"\\ud800\"}",
        "{\"a\":\"\\udc00\"}",
        "{\"a\":\"\\ud800\\ud800\"}",
        "{\"a\":\"\\ud83d\\ude00\"}",
        "{\"a\":\"\\ud83dx\"}",
        "{\"a\":\"\\u12\"}",
        "{\"a\":\"\\u00g0\"}",
        "{\"a\":\"\\U0041\"}",
        "{\"a\":\"\\x41\"}",
        "{\"a\":\"\\\"}",
        "{\"a\":\"\\",
        "{\"a\":\"\\\\\"}",
        "{\"a\":\"\\/\\b\\f\\n\\r\\t\\\"\"}",
        "{\"a\":\"\\é\"}",
        "{\"a\":\"\\'\"}",
        "{\"\\ud800\":1}",
        "{\"a\":\"\u{ffff}\u{10ffff}\"}",
        "{\"a\":\"",
        "{\"a",
        "{\"\":1}",
    ]
    .map(str::to_owned)
    .to_vec();
    for number in [
        "0",
        "-0",
        "-",
        "+1",
        "01",
        "-01",
        "00",
        "1.",
        ".1",
        "-.1",
        "1.0",
        "1.e1",
        "1e",
        "1e+",
        "1e1",
        "1E-1",
        "1e01",
        "0e0",
        "0x1",
        "1_0",
        "1 0",
        "1e400",
        "-1e400",
        "1e-400",
        "1e308",
        "1.7976931348623157e308",
        "1.7976931348623159e308",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775808",
        "-9223372036854775809",
        "18446744073709551616",
        "1e99999999999999999999",
        "0e99999999999999999999",
        "1a",
        "--1",
        "1-",
        "١",
        "1.5.5",
        "1e5.5",
        "1e5e5",
        "0.1e-7",
    ] {
        texts.push(format!("{{\"exp\":{number}}}"));
        texts.push(format!("{{\"exp\":[{number},{number} ]}}"));
    }
    for digits in [290, 299, 300, 301, 308, 309, 310, 400] {
        texts.push(format!("{{\"exp\":{}}}", "9".repeat(digits)));
        texts.push(format!("{{\"exp\":-1{}.5}}", "0".repeat(digits)));
        texts.push(format!("{{\"exp\":0.{}1}}", "0".repeat(digits)));
    }
    texts.extend([1, 63, 125, 126, 127, 128, 129, 5000].map(deep));
    texts.extend([1, 62, 63, 64, 65, 3000].map(mixed));
    let mut taken = 0;
    for text in &texts {
        let parsed = serde_json::from_str::<serde_json::Map<String, Value>>(text);
        assert_eq!(places(text).is_ok(), parsed.is_ok(), "{text:.200}: {parsed:?}");
        taken += usize::from(parsed.is_ok());
    }
    assert!((40..texts.len() - 100).contains(&taken), "{taken} of {}", texts.len());
}

#[test]
fn a_text_is_no_longer_than_its_places_can_say() {
    let padded = |length: usize| format!("{{\"sub\":\"{}\"}}", "x".repeat(length - 10));
    let longest = padded(usize::from(u16::MAX));
    assert_eq!(places(&longest).unwrap()[0].raw(&longest).len(), longest.len() - 8);
    assert!(places(&padded(usize::from(u16::MAX) + 1)).is_err());
}

/// JSON values of any kind, with small names so that some collide.
fn json() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec!["sub", "o", "id", "x", "", "s\\u0075b", "\\u0078", "ü", "\\ud800"]);
    let text = prop_oneof![".{0,6}", "[ -~]{0,12}"].prop_map(|text| Value::from(text).to_string());
    let leaf = prop_oneof![
        any::<i64>().prop_map(|number| number.to_string()),
        any::<f64>().prop_map(|number| format!("{number:e}")),
        prop::sample::select(vec!["null", "true", "false", "-", "1e999", "{}", "[]"]).prop_map(str::to_owned),
        text,
    ];
    leaf.prop_recursive(5, 40, 6, move |inner| {
        let member = (name.clone(), inner.clone()).prop_map(|(name, value)| format!("\"{name}\" :\t{value}"));
        prop_oneof![
            prop::collection::vec(inner, 0..6).prop_map(|list| format!("[{}]", list.join(" ,"))),
            prop::collection::vec(member, 0..6).prop_map(|list| format!("{{{}}}", list.join(",\n"))),
        ]
    })
}

/// Whether any object says a name twice, by another way of finding out.
fn says_a_name_twice(text: &str) -> bool {
    struct Twice(bool);
    impl<'de> Visitor<'de> for Twice {
        type Value = Self;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("JSON")
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

        fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut list: A) -> Result<Self, A::Error> {
            let mut twice = false;
            while let Some(Self(inner)) = list.next_element()? {
                twice |= inner;
            }
            Ok(Self(twice))
        }

        fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Self, A::Error> {
            let mut names = HashSet::new();
            let mut twice = false;
            while let Some((name, Self(inner))) = map.next_entry::<String, Self>()? {
                twice |= inner | !names.insert(name);
            }
            Ok(Self(twice))
        }
    }
    impl<'de> Deserialize<'de> for Twice {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_any(Self(false))
        }
    }
    serde_json::from_str::<Twice>(text).is_ok_and(|Twice(twice)| twice)
}

fn agrees_with_serde_json(text: &str) -> Result<(), TestCaseError> {
    let parsed = serde_json::from_str::<Value>(text).ok().filter(Value::is_object);
    let scanned = places(text);
    prop_assert_eq!(scanned.is_ok(), parsed.is_some() && !says_a_name_twice(text), "{}: {:?}", text, scanned);
    let (Ok([sub, o, id]), Some(parsed)) = (scanned, parsed) else { return Ok(()) };
    for (place, value) in [(sub, parsed.get("sub")), (o, parsed.get("o")), (id, parsed.pointer("/o/id"))] {
        let found = serde_json::from_str::<Value>(place.raw(text)).ok();
        prop_assert_eq!(found.as_ref(), value);
        let said = place.text(text);
        prop_assert_eq!(said.as_deref(), value.and_then(Value::as_str));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, ..ProptestConfig::default() })]

    #[test]
    fn any_json_is_read_as_serde_json_reads_it(text in json()) {
        agrees_with_serde_json(&text)?;
        agrees_with_serde_json(&format!("{{\"x\":{text}}}"))?;
    }

    #[test]
    fn any_damage_is_noticed_as_serde_json_notices_it(
        text in json(),
        position: prop::sample::Index,
        patch in prop::sample::select(vec!["", "\"", "\\", "{", "}", "[", "]", ",", ":", "0", "-", "e", ".", " ", "\u{1}"]),
    ) {
        let mut damaged = format!("{{\"x\":{text}}}");
        let mut at = position.index(damaged.len());
        while !damaged.is_char_boundary(at) {
            at -= 1;
        }
        let length = damaged[at..].chars().next().map_or(0, char::len_utf8);
        damaged.replace_range(at..at + length, patch);
        agrees_with_serde_json(&damaged)?;
    }

    #[test]
    fn any_text_is_read_without_a_panic(text in "\\PC{0,60}", json_like in "[\\[\\]{}\",:0-9a-z\\\\u.eE+ \\t-]{0,60}") {
        agrees_with_serde_json(&text)?;
        agrees_with_serde_json(&json_like)?;
        agrees_with_serde_json(&format!("{{{json_like}}}"))?;
    }
}
