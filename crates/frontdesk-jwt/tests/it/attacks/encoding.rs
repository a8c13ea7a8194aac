//! Other spellings of a token: RFC 7515 §2 has one alphabet and no padding, §3.1 three parts and nothing around them.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use frontdesk_jwt::MAX_TOKEN_BYTES;
use serde_json::json;

use super::{CLAIMS, HEADER};
use crate::{encode, reason, signed, signed_text};

#[test]
fn one_signature_has_one_spelling() {
    let token = signed(json!({}));
    let (message, signature) = token.rsplit_once('.').unwrap();
    // 256 bytes leave four unused bits in the last character: sixteen spellings of which one is canonical.
    let last = signature.chars().last().unwrap();
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let value = alphabet.find(last).unwrap();
    assert_eq!(value % 16, 0);
    for stray in 1..16 {
        let spelling = &alphabet[value + stray..=value + stray];
        let forged = format!("{message}.{}{spelling}", &signature[..signature.len() - 1]);
        assert_eq!(reason(&forged), "token-invalid");
    }
}

#[test]
fn stray_bits_in_header_and_claims_are_refused_though_signed() {
    // Signed over the stray spelling itself, so that only the spelling is wrong.
    for (header, claims) in [(stray(HEADER), encode(CLAIMS)), (encode(HEADER), stray(CLAIMS))] {
        let message = format!("{header}.{claims}");
        let token = format!("{message}.{}", encode(crate::raw_signature(&message)));
        assert_eq!(reason(&token), "token-invalid");
    }

    /// The text with its last, unused bits set.
    fn stray(text: &str) -> String {
        let text = if text.len().is_multiple_of(3) { format!("{text} ") } else { text.to_owned() };
        let mut encoded = encode(&text);
        let last = encoded.pop().unwrap();
        encoded.push(char::from(u8::try_from(u32::from(last)).unwrap() + 1));
        assert!(URL_SAFE_NO_PAD.decode(&encoded).is_err());
        encoded
    }
}

#[test]
fn padding_and_other_alphabets_are_refused() {
    let binary = format!(r#"{{"sub":"user_1","exp":1800000060,"x":"{}"}}"#, "\u{fb}ÿþ>?".repeat(20));
    for claims in [CLAIMS, &binary] {
        for engine in [URL_SAFE, STANDARD] {
            let message = format!("{}.{}", engine.encode(HEADER), engine.encode(claims));
            let expected = format!("{}.{}", encode(HEADER), encode(claims));
            let token = format!("{message}.{}", encode(crate::raw_signature(&message)));
            assert_eq!(reason(&token), if message == expected { "ok" } else { "token-invalid" });
        }
    }
    let token = signed_text(HEADER, &binary);
    assert_eq!(reason(&token), "ok");
    assert!(token.contains(['-', '_']));
    assert_eq!(reason(&token.replace('-', "+")), if token.contains('-') { "token-invalid" } else { "ok" });
    assert_eq!(reason(&token.replace('_', "/")), if token.contains('_') { "token-invalid" } else { "ok" });
    for padding in ["=", "==", "===", "%3D", "A=", "\0"] {
        assert_eq!(reason(&format!("{token}{padding}")), "token-invalid", "{padding:?}");
        assert_eq!(reason(&token.replacen('.', &format!("{padding}."), 1)), "token-invalid", "{padding:?}");
    }
}

#[test]
fn nothing_may_stand_in_between() {
    let token = signed(json!({}));
    for stray in [
        " ", "\t", "\n", "\r\n", "\0", "\u{b}", "\u{7f}", "\u{a0}", "\u{200b}", "\u{feff}", "\u{2028}", "=",
        "+", "/", "~", ",", ";", "\"", "%", "é", "Ａ", "А", "１", "．", "。", "…", "\u{202e}",
    ] {
        for position in
            [0, 1, 4, token.find('.').unwrap(), token.find('.').unwrap() + 1, token.len() - 1, token.len()]
        {
            let mut forged = token.clone();
            forged.insert_str(position, stray);
            assert_eq!(reason(&forged), "token-invalid", "{stray:?} at {position}");
        }
    }
    // Characters that look like those of the alphabet, in their place.
    for (latin, other) in
        [('A', "А"), ('e', "е"), ('o', "ο"), ('-', "‐"), ('_', "＿"), ('.', "․"), ('0', "０")]
    {
        let forged = token.replacen(latin, other, 1);
        assert_eq!(reason(&forged), if forged == token { "ok" } else { "token-invalid" }, "{other}");
    }
    for around in [
        format!("Bearer {token}"),
        format!("\"{token}\""),
        format!("{token},{token}"),
        format!("{token} {token}"),
    ] {
        assert_eq!(reason(&around), "token-invalid");
    }
}

#[test]
fn a_token_has_three_parts() {
    let token = signed(json!({}));
    let parts: Vec<&str> = token.split('.').collect();
    let others = [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        "...".to_owned(),
        "....".to_owned(),
        "a.b.c".to_owned(),
        parts[..2].join("."),
        parts[1..].join("."),
        parts[0].to_owned(),
        format!("{token}."),
        format!(".{token}"),
        format!("{token}.{}", parts[2]),
        format!("{}.{token}", parts[0]),
        token.replacen('.', "..", 1),
        token.replace('.', ""),
        token.replace('.', ".."),
        // A JWE has five parts, and claims of its own (RFC 7516 §3.1).
        format!(
            "{}..AxY8DCtDaGlsbGljb3RoZQ.{}.{}",
            encode(r#"{"alg":"dir","enc":"A128GCM"}"#),
            parts[1],
            parts[2]
        ),
        format!("{}.{}.{}.{}.{}", parts[0], parts[1], parts[2], parts[1], parts[2]),
    ];
    for other in others {
        assert_eq!(reason(&other), "token-invalid", "{other:.60?}");
    }
    assert_eq!(reason(&format!(".{}.{}", parts[1], parts[2])), "token-invalid", "no header");
    assert_eq!(reason(&format!("{}..{}", parts[0], parts[2])), "token-invalid", "no claims");
    assert_eq!(reason(&format!("{}.{}.", parts[0], parts[1])), "token-invalid-signature", "no signature");
    // The JSON forms of a JWS (RFC 7515 §7.2) are not for tokens (RFC 7519 §3).
    let flattened = json!({ "protected": parts[0], "payload": parts[1], "signature": parts[2] });
    let general =
        json!({ "payload": parts[1], "signatures": [{ "protected": parts[0], "signature": parts[2] }] });
    for form in [flattened, general] {
        assert_eq!(reason(&form.to_string()), "token-invalid");
        assert_eq!(reason(&encode(form.to_string())), "token-invalid");
    }
}

#[test]
fn a_token_within_a_token_is_not_opened() {
    let token = signed(json!({}));
    let nested = signed_text(r#"{"alg":"RS256","cty":"JWT"}"#, &token);
    assert_eq!(reason(&nested), "token-invalid");
    let quoted = signed_text(r#"{"alg":"RS256","cty":"JWT"}"#, format!("\"{token}\""));
    assert_eq!(reason(&quoted), "token-invalid");
}

#[test]
fn oversize_tokens_are_refused() {
    let fits = signed(json!({ "x": "y".repeat(11_000) }));
    assert!(fits.len() < MAX_TOKEN_BYTES);
    assert_eq!(reason(&fits), "ok");
    assert_eq!(reason(&signed(json!({ "x": "y".repeat(13_000) }))), "token-invalid");
    for length in [MAX_TOKEN_BYTES, MAX_TOKEN_BYTES + 1, 10_000_000] {
        assert_eq!(reason(&"A".repeat(length)), "token-invalid");
        assert_eq!(reason(&".".repeat(length)), "token-invalid");
    }
    // The longest there is, and one character more.
    let shortest = signed_text(HEADER, r#"{"sub":"user_1","exp":1800000060,"x":""}"#).len();
    let longest = |more: usize| {
        let filler = (MAX_TOKEN_BYTES - shortest) / 4 * 3 + more;
        signed_text(HEADER, format!(r#"{{"sub":"user_1","exp":1800000060,"x":"{}"}}"#, "y".repeat(filler)))
    };
    let (at, over) = (0..8).map(longest).partition::<Vec<_>, _>(|token| token.len() <= MAX_TOKEN_BYTES);
    assert!(!at.is_empty() && !over.is_empty());
    assert!(at.iter().all(|token| reason(token) == "ok"));
    assert!(over.iter().all(|token| reason(token) == "token-invalid"));
}
