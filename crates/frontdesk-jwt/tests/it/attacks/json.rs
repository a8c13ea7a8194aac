//! JSON that two parsers read differently, or that one does not survive: duplicate members (RFC 7515 §4, RFC 7519 §4),
//! numbers, nesting, text that is not text (RFC 8725 §3.7), names that look alike (RFC 7519 §7.3).

use std::fmt::Write;

use frontdesk_jwt::{Expectations, Token};
use serde_json::{Value, json};

use super::{CLAIMS, HEADER};
use crate::{NOW, check, encode, reason, signed, signed_text};

fn with_claims(claims: &str) -> &'static str {
    reason(&signed_text(HEADER, claims))
}

fn with_exp(exp: &str) -> &'static str {
    with_claims(&format!(r#"{{"sub":"user_1","exp":{exp}}}"#))
}

#[test]
fn a_name_that_occurs_twice_is_refused() {
    for header in [
        r#"{"alg":"RS256","alg":"none"}"#,
        r#"{"alg":"none","alg":"RS256"}"#,
        r#"{"alg":"RS256","alg":"RS256"}"#,
        r#"{"alg":"RS256","\u0061lg":"none"}"#,
        r#"{"alg":"RS256","kid":"a","kid":"b"}"#,
        r#"{"alg":"RS256","typ":"JWT","typ":"at+jwt"}"#,
        r#"{"alg":"RS256","x":{"y":1,"y":2}}"#,
        r#"{"alg":"RS256","x":1,"x":1}"#,
        r#"{"alg":"RS256","":1,"":2}"#,
    ] {
        assert_eq!(reason(&signed_text(header, CLAIMS)), "token-invalid", "{header}");
    }
    for more in [
        r#""sub":"user_2""#,
        r#""sub":"user_1""#,
        r#""\u0073ub":"user_2""#,
        r#""s\u0075b":"user_2""#,
        r#""\u0073\u0075\u0062":"user_2""#,
        r#""ex\u0070":9999999999"#,
        r#""exp":9999999999"#,
        r#""o":{"rol":"member","rol":"admin"}"#,
        r#""o":{"rol":"member","r\u006fl":"admin"}"#,
        r#""o":{"id":"org_1"},"o":{"id":"org_2"}"#,
        r#""org_role":"org:member","org_role":"org:admin""#,
        r#""sts":"pending","sts":"active""#,
        r#""custom":1,"cust\u006fm":2"#,
        r#""custom":[[{"a":1,"b":2,"a":3}]]"#,
        r#""act":{"sub":"user_3","sub":"user_4"}"#,
        r#""aud":[{"x":1,"x":2}]"#,
        r#""\ud83d\ude00":1,"😀":2"#,
        r#""\/":1,"/":2"#,
    ] {
        let claims = format!(r#"{{"sub":"user_1","exp":1800000060,{more}}}"#);
        assert_eq!(with_claims(&claims), "token-invalid", "{claims}");
    }
    // Many names, the last like the first, and like one in the middle.
    let mut many = String::from(r#"{"sub":"user_1","exp":1800000060"#);
    for index in 0..900 {
        write!(many, r#","n{index}":0"#).unwrap();
    }
    assert_eq!(with_claims(&format!("{many}}}")), "ok");
    for twice in ["sub", "n0", "n450", "n899"] {
        assert_eq!(with_claims(&format!(r#"{many},"{twice}":1}}"#)), "token-invalid", "{twice}");
    }
}

#[test]
fn names_that_look_alike_are_different_names() {
    for other in [
        "Sub",
        "SUB",
        "sub ",
        " sub",
        "sub\\u0000",
        "\\u200bsub",
        "ｓｕｂ",
        "ѕub",
        "su\\u0301b",
        "sub\\ufeff",
    ] {
        let both = format!(r#"{{"sub":"user_1","exp":1800000060,"{other}":"user_2"}}"#);
        let text = signed_text(HEADER, &both);
        assert_eq!(reason(&text), "ok", "{other}");
        assert_eq!(Token::decode(&text).unwrap().subject(), Some("user_1"));
        let alone = format!(r#"{{"exp":1800000060,"{other}":"user_2"}}"#);
        assert_eq!(with_claims(&alone), "token-verification-failed", "{other}");
    }
    assert_eq!(with_claims(r#"{"sub":"user_1","Exp":9999999999}"#), "token-verification-failed");
    // Composed and decomposed: two names, and both are kept.
    let claims = "{\"sub\":\"user_1\",\"exp\":1800000060,\"\u{e9}\":1,\"e\u{301}\":2}";
    let text = signed_text(HEADER, claims);
    assert_eq!(reason(&text), "ok");
    let map: Value = Token::decode(&text).unwrap().claims().unwrap();
    assert_eq!((&map["\u{e9}"], &map["e\u{301}"]), (&json!(1), &json!(2)));
}

#[test]
fn values_that_look_alike_are_different_values() {
    let ours =
        Expectations::new().authorized_party("https://app.example.com").issuer("https://clerk.example.com");
    let good = json!({ "azp": "https://app.example.com" });
    assert!(check(&signed(good), &ours, NOW).is_ok());
    for azp in [
        "https://аpp.example.com",
        "https://app.example.com\0",
        "https://app.example.com\u{200b}",
        "https://app.example.com.",
        "https://app.example.com/",
        "HTTPS://app.example.com",
        "https://APP.example.com",
        "https://app.example.com:443",
        "https://app.example.com@evil.example",
        "https://app．example．com",
        "null",
    ] {
        let error = check(&signed(json!({ "azp": azp })), &ours, NOW).unwrap_err();
        assert_eq!(error.reason(), "token-invalid-authorized-parties", "{azp:?}");
    }
    let claims = r#"{"sub":"user_1\u0000.admin","exp":1800000060}"#;
    let text = signed_text(HEADER, claims);
    assert_eq!(Token::decode(&text).unwrap().subject(), Some("user_1\0.admin"), "nothing is cut off");
    let escaped = r#"{"sub":"user\u005f1","exp":1800000060,"iss":"https:\/\/clerk.example.com"}"#;
    let text = signed_text(HEADER, escaped);
    let token = Token::decode(&text).unwrap();
    assert_eq!((token.subject(), token.issuer()), (Some("user_1"), Some("https://clerk.example.com")));
}

#[test]
fn header_and_claims_are_objects_and_nothing_else() {
    for (header, claims) in [
        ("null", CLAIMS),
        ("[]", CLAIMS),
        ("[{\"alg\":\"RS256\"}]", CLAIMS),
        ("\"alg\"", CLAIMS),
        ("RS256", CLAIMS),
        ("", CLAIMS),
        (" ", CLAIMS),
        ("{", CLAIMS),
    ] {
        assert_eq!(reason(&signed_text(header, claims)), "token-invalid", "{header}");
    }
    for claims in [
        "null",
        "[]",
        "7",
        "\"sub\"",
        "true",
        "",
        " ",
        "{",
        "}",
        "{}x",
        "{}{}",
        "[{\"sub\":\"user_1\",\"exp\":1800000060}]",
        "{\"sub\":\"user_1\",\"exp\":1800000060",
        "{\"sub\":\"user_1\",\"exp\":1800000060,}",
        "{\"sub\":\"user_1\",,\"exp\":1800000060}",
        "{\"sub\":\"user_1\" \"exp\":1800000060}",
        "{sub:\"user_1\",\"exp\":1800000060}",
        "{'sub':'user_1','exp':1800000060}",
        "{\"sub\":\"user_1\",\"exp\":1800000060}//",
        "/**/{\"sub\":\"user_1\",\"exp\":1800000060}",
        "{\"sub\":\"user_1\",\"exp\":1800000060}{\"sub\":\"user_2\",\"exp\":1800000060}",
        "{\"sub\":\"user_1\",\"exp\":1800000060},",
        "{\"sub\":\"user_1\",\"exp\":1800000060}]",
        "{\"sub\":\"user_1\",\"exp\":1800000060,\"x\":undefined}",
        "{\"sub\":\"user_1\",\"exp\":1800000060,\"x\":[1,]}",
    ] {
        assert_eq!(with_claims(claims), "token-invalid", "{claims}");
    }
    assert_eq!(
        with_claims("\r\n\t {\"sub\" : \"user_1\" ,\n\"exp\":1800000060 } \n"),
        "ok",
        "whitespace is JSON's own"
    );
}

#[test]
fn text_that_is_not_text_is_refused() {
    let plain = CLAIMS.as_bytes();
    let inside = |bytes: &[u8]| {
        let mut claims = plain.to_vec();
        claims.splice(8..8, bytes.iter().copied());
        claims
    };
    let utf16: Vec<u8> = CLAIMS.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (what, claims) in [
        ("a byte order mark", [b"\xef\xbb\xbf", plain].concat()),
        ("NUL before", [b"\0", plain].concat()),
        ("NUL after", [plain, b"\0"].concat()),
        ("NUL in a string", inside(b"\0")),
        ("NUL between members", CLAIMS.replace(',', ",\0").into_bytes()),
        ("a lone continuation byte", inside(b"\x80")),
        ("a byte that no text has", inside(b"\xff")),
        ("an overlong quote", inside(b"\xc0\xa2")),
        ("an overlong NUL", inside(b"\xc0\x80")),
        ("a surrogate in UTF-8", inside(b"\xed\xa0\x80")),
        ("beyond Unicode", inside(b"\xf5\x80\x80\x80")),
        ("a cut character", inside(b"\xe2\x82")),
        ("a cut character at the end", [plain, b"\xe2\x82"].concat()),
        ("UTF-16", utf16),
        ("a newline in a string", inside(b"\n")),
        ("a lone high surrogate", inside(b"\\ud800")),
        ("a lone low surrogate", inside(b"\\udc00")),
        ("surrogates in the wrong order", inside(b"\\udc00\\ud800")),
        ("a high surrogate and a letter", inside(b"\\ud800a")),
        ("a high surrogate and an escape", inside(b"\\ud800\\n")),
        ("an escape that there is not", inside(b"\\x41")),
        ("a cut escape", inside(b"\\u00")),
    ] {
        assert_eq!(reason(&signed_text(HEADER, &claims)), "token-invalid", "{what}");
        // The same in the header, where it decides even more.
        let header = [b"{\"alg\":\"RS256\",\"x\":".as_slice(), &claims, b"}"].concat();
        assert_eq!(reason(&signed_text(&header, CLAIMS)), "token-invalid", "{what}, in the header");
    }
    // A character that is cut in two by the dot between the parts.
    let split = format!("{}.{}.AAAA", encode(b"{\"alg\":\"RS256\"}\xc3"), encode(b"\xa9{}"));
    assert_eq!(reason(&split), "token-invalid");
}

/// The stack must survive what `[[[[…` can say in a token: recursion is bounded.
#[test]
fn nesting_is_bounded() {
    let nested = |open: &str, close: &str, depth: usize| {
        format!(r#"{{"sub":"user_1","exp":1800000060,"x":{}1{}}}"#, open.repeat(depth), close.repeat(depth))
    };
    assert_eq!(with_claims(&nested("[", "]", 100)), "ok");
    assert_eq!(with_claims(&nested("{\"a\":", "}", 100)), "ok");
    for depth in [127, 128, 1_000, 1_800] {
        assert_eq!(with_claims(&nested("[", "]", depth)), "token-invalid", "{depth}");
        assert_eq!(with_claims(&nested("{\"a\":", "}", depth)), "token-invalid", "{depth}");
    }
    let unclosed = format!(r#"{{"sub":"user_1","exp":1800000060,"x":{}"#, "[".repeat(11_000));
    assert_eq!(with_claims(&unclosed), "token-invalid");
    let header = format!("{{\"alg\":\"RS256\",\"x\":{}", "{\"a\":".repeat(2_000));
    assert_eq!(reason(&signed_text(&header, CLAIMS)), "token-invalid");
}

#[test]
fn numbers_are_json_numbers() {
    for exp in [
        "01800000060",
        "+1800000060",
        "0x6b49d23c",
        "1_800_000_060",
        "1800000060.",
        ".5",
        "1e",
        "1e+",
        "--1",
        "-",
        "NaN",
        "Infinity",
        "-Infinity",
        "1e400",
        "-1e400",
        "1800000060e99999",
        "١٨٠٠٠٠٠٠٦٠",
        "1800000060n",
        "1 800 000 060",
    ] {
        assert_eq!(with_exp(exp), "token-invalid", "{exp}");
    }
    let very_long = "9".repeat(400);
    assert_eq!(with_exp(&very_long), "token-invalid");
}

#[test]
fn times_of_any_size_are_compared_and_never_wrap() {
    for (exp, expected) in [
        ("1800000060", "ok"),
        ("1800000060.999", "ok"),
        ("1.80000006e9", "ok"),
        ("18000000600000e-4", "ok"),
        ("9223372036854775807", "ok"),
        ("9223372036854775808", "ok"),
        ("18446744073709551616", "ok"),
        ("9223372036854775", "ok"),
        ("9223372036854776", "ok"),
        ("1e300", "ok"),
        ("0", "token-expired"),
        ("-0", "token-expired"),
        ("0.0", "token-expired"),
        ("-1", "token-expired"),
        ("-1800000060", "token-expired"),
        ("-9223372036854775808", "token-expired"),
        ("-9223372036854775809", "token-expired"),
        ("-1e300", "token-expired"),
        ("1e-300", "token-expired"),
        ("1799999995", "token-expired"),
        ("1799999995.999", "token-expired"),
        ("1799999996", "ok"),
        // Milliseconds: far ahead, but a number all the same. It is the signer's word.
        ("1800000060000", "ok"),
    ] {
        assert_eq!(with_exp(exp), expected, "{exp}");
    }
    for (name, reason) in [("nbf", "token-not-active-yet"), ("iat", "token-iat-in-the-future")] {
        let with =
            |value: &str| with_claims(&format!(r#"{{"sub":"user_1","exp":1800000060,"{name}":{value}}}"#));
        for late in ["1800000006", "1800000060000", "9223372036854775807", "1e300", "1.8000000069e9"] {
            assert_eq!(with(late), reason, "{name} {late}");
        }
        for early in ["1800000005", "1800000005.9", "0", "-0", "-1", "-1e300", "-9223372036854775808"] {
            assert_eq!(with(early), "ok", "{name} {early}");
        }
    }
}

#[test]
fn times_are_numbers_and_not_something_like_them() {
    for odd in [
        "\"1800000060\"",
        "\"never\"",
        "null",
        "true",
        "false",
        "[]",
        "[1800000060]",
        "{}",
        "{\"$numberLong\":\"1800000060\"}",
    ] {
        assert_eq!(with_exp(odd), "token-verification-failed", "{odd}");
        for name in ["nbf", "iat"] {
            let claims = format!(r#"{{"sub":"user_1","exp":1800000060,"{name}":{odd}}}"#);
            assert_eq!(with_claims(&claims), "token-verification-failed", "{name} {odd}");
        }
    }
    // What `serde_json` makes of numbers when another crate switches on `arbitrary_precision`.
    assert_eq!(with_exp(r#"{"$serde_json::private::Number":"1800000060"}"#), "token-verification-failed");
    for sub in ["null", "1", "true", "[]", "[\"user_1\"]", "{}"] {
        let claims = format!(r#"{{"sub":{sub},"exp":1800000060}}"#);
        assert_eq!(with_claims(&claims), "token-verification-failed", "{sub}");
    }
}
