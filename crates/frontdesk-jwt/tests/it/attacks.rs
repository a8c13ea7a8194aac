//! What attackers have tried against JWT libraries, and whatever else may arrive in a header field.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use frontdesk_jwt::{
    Algorithm, Expectations, Header, KeyError, MAX_TOKEN_BYTES, SigningKey, Token, VerifyingKey, verify,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{NOW, claims, encode, reason, rsa_key, signed, signed_text};

const CLAIMS: &str = r#"{"sub":"user_1","exp":1800000060}"#;

#[test]
fn the_public_key_is_not_an_hmac_secret() {
    let message = format!("{}.{}", encode(r#"{"alg":"HS256","typ":"JWT","kid":"key_1"}"#), encode(CLAIMS));
    let pem = rsa_key().public_pem().unwrap();
    for secret in [pem.as_str(), pem.trim_end()] {
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), message.as_bytes());
        assert_eq!(reason(&format!("{message}.{}", encode(tag))), "token-invalid-algorithm");
    }
    assert!(matches!(VerifyingKey::from_pem(Algorithm::Hs256, &pem), Err(KeyError::WrongAlgorithm(_))));
}

#[test]
fn unsigned_tokens_are_refused() {
    for alg in ["none", "None", "NONE", "nOnE", ""] {
        let message = format!("{}.{}", encode(json!({ "alg": alg }).to_string()), encode(CLAIMS));
        assert_eq!(reason(&format!("{message}.")), "token-invalid-algorithm", "{alg}");
        assert_eq!(
            reason(&signed_text(&json!({ "alg": alg }).to_string(), CLAIMS)),
            "token-invalid-algorithm"
        );
    }
    assert_eq!(reason(&signed_text("{}", CLAIMS)), "token-invalid-algorithm");
    let text = signed(json!({}));
    let (message, _) = text.rsplit_once('.').unwrap();
    assert_eq!(reason(&format!("{message}.")), "token-invalid-signature");
    assert_eq!(reason(message), "token-invalid");
}

#[test]
fn the_key_verifies_its_own_algorithm_only() {
    let der = rsa_key().to_pkcs8_der().unwrap();
    for algorithm in [Algorithm::Rs384, Algorithm::Rs512] {
        let same_numbers = SigningKey::from_pkcs8_der("key_1", algorithm, &der).unwrap();
        let token = same_numbers.sign(&Header::for_key(&same_numbers), &claims(json!({}))).unwrap();
        assert_eq!(reason(&token), "token-invalid-algorithm");
        let verified = verify::<Value>(&token, same_numbers.verifying_key(), &Expectations::default(), NOW);
        assert_eq!(verified.unwrap().header.alg, algorithm.as_str());
    }
    // An RS256 signature under a header that says RS384, for a key of RS384.
    let rs384 = SigningKey::from_pkcs8_der("key_1", Algorithm::Rs384, &der).unwrap();
    let token = signed_text(r#"{"alg":"RS384"}"#, CLAIMS);
    let error = verify::<Value>(&token, rs384.verifying_key(), &Expectations::default(), NOW).unwrap_err();
    assert_eq!(error.reason(), "token-invalid-signature");
}

#[test]
fn extensions_are_refused() {
    for crit in [r#"["exp"]"#, r#"["b64"]"#, "[]", "null"] {
        let header = format!(r#"{{"alg":"RS256","typ":"JWT","b64":false,"crit":{crit}}}"#);
        assert_eq!(reason(&signed_text(&header, CLAIMS)), "token-invalid", "{crit}");
    }
    let members =
        r#"{"alg":"RS256","jku":"https://evil.example","jwk":{"kty":"RSA"},"x5u":"https://evil.example"}"#;
    assert_eq!(
        reason(&signed_text(members, CLAIMS)),
        "ok",
        "keys and addresses in a header are not looked at"
    );
}

#[test]
fn a_name_that_occurs_twice_is_refused() {
    for (header, claims) in [
        (r#"{"alg":"RS256","alg":"none"}"#, CLAIMS),
        (r#"{"alg":"RS256","kid":"a","kid":"b"}"#, CLAIMS),
        (r#"{"alg":"RS256","x":{"y":1,"y":2}}"#, CLAIMS),
        (r#"{"alg":"RS256"}"#, r#"{"sub":"user_1","exp":1800000060,"sub":"user_2"}"#),
        (r#"{"alg":"RS256"}"#, r#"{"sub":"user_1","exp":1800000060,"ex\u0070":9999999999}"#),
        (r#"{"alg":"RS256"}"#, r#"{"sub":"user_1","exp":1800000060,"o":{"rol":"member","rol":"admin"}}"#),
    ] {
        assert_eq!(reason(&signed_text(header, claims)), "token-invalid", "{header} {claims}");
    }
}

#[test]
fn any_changed_character_is_noticed() {
    let token = signed(json!({}));
    for position in (0..token.len()).step_by(7).chain(token.len() - 3..token.len()) {
        let old = token.as_bytes()[position];
        let new = if old == b'A' { "B" } else { "A" };
        let mut forged = token.clone();
        forged.replace_range(position..=position, new);
        assert_ne!(reason(&forged), "ok", "position {position}");
    }
}

#[test]
fn signatures_of_another_length_are_refused() {
    let token = signed(json!({}));
    let (message, signature) = token.rsplit_once('.').unwrap();
    let bytes = URL_SAFE_NO_PAD.decode(signature).unwrap();
    for length in [0, 1, 128, 255] {
        assert_eq!(reason(&format!("{message}.{}", encode(&bytes[..length]))), "token-invalid-signature");
    }
    for longer in
        [[&bytes[..], &[0]].concat(), [&[0], &bytes[..]].concat(), [&bytes[..], &bytes[..]].concat()]
    {
        assert_eq!(reason(&format!("{message}.{}", encode(longer))), "token-invalid-signature");
    }
    assert_eq!(reason(&format!("{message}.{}", &signature[..signature.len() - 1])), "token-invalid");
}

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
    for forged in [
        format!("{token}="),
        format!("{token}=="),
        format!("{token} "),
        format!("{token}\n"),
        format!(" {token}"),
    ] {
        assert_eq!(reason(&forged), "token-invalid");
    }
    assert_eq!(reason(&token.replace(['-', '_'], "+")), "token-invalid");
}

#[test]
fn a_token_has_three_parts_that_hold_objects() {
    let token = signed(json!({}));
    for other in
        ["", ".", "..", "...", "a.b.c", &format!("{token}."), &format!(".{token}"), &token.replace('.', "")]
    {
        assert_eq!(reason(other), "token-invalid", "{other:?}");
    }
    for (header, claims) in
        [("null", CLAIMS), ("[]", CLAIMS), ("\"alg\"", CLAIMS), ("", CLAIMS), (r#"{"alg":1}"#, CLAIMS)]
    {
        assert_eq!(reason(&signed_text(header, claims)), "token-invalid", "{header}");
    }
    for claims in ["null", "[]", "7", "", "{", "{}x"] {
        assert_eq!(reason(&signed_text(r#"{"alg":"RS256"}"#, claims)), "token-invalid", "{claims}");
    }
    let not_utf8 = format!("{}.{}.AAAA", encode(r#"{"alg":"RS256"}"#), encode([b'{', 0xff, b'}']));
    assert_eq!(reason(&not_utf8), "token-invalid");
}

#[test]
fn oversize_and_overdeep_tokens_are_refused() {
    let fits = signed(json!({ "x": "y".repeat(11_000) }));
    assert!(fits.len() < MAX_TOKEN_BYTES);
    assert_eq!(reason(&fits), "ok");
    assert_eq!(reason(&signed(json!({ "x": "y".repeat(13_000) }))), "token-invalid");
    assert_eq!(reason(&"A".repeat(10_000_000)), "token-invalid");

    let deep = format!(r#"{{"sub":"user_1","exp":1800000060,"x":{}{}}}"#, "[".repeat(4000), "]".repeat(4000));
    assert_eq!(reason(&signed_text(r#"{"alg":"RS256"}"#, &deep)), "token-invalid");
}

#[test]
fn a_foreign_key_does_not_pass() {
    let foreign = SigningKey::generate("key_1").unwrap();
    let token = foreign.sign(&Header::for_key(&foreign), &claims(json!({}))).unwrap();
    assert_eq!(reason(&token), "token-invalid-signature");
}

proptest! {
    #[test]
    fn decoding_never_panics(text in ".{0,400}") {
        drop(Token::decode(&text));
    }

    #[test]
    fn decoding_json_of_strangers_never_panics(
        header in prop::collection::vec(any::<u8>(), 0..80),
        claims in "[\\[\\]{}\",:0-9a-z\\\\u.eE+-]{0,120}",
        signature in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        for header in [header.as_slice(), br#"{"alg":"RS256"}"#] {
            let text = format!("{}.{}.{}", encode(header), encode(&claims), encode(&signature));
            prop_assert_ne!(reason(&text), "ok");
        }
    }

    #[test]
    fn whatever_is_signed_is_read_back(text in ".{0,40}", number: i32, name in "[a-z]{4,9}") {
        let token = signed(json!({ &name: { "text": text, "number": number } }));
        let verified = verify::<Value>(&token, rsa_key().verifying_key(), &Expectations::default(), NOW).unwrap();
        prop_assert_eq!(&verified.claims[&name], &json!({ "text": text, "number": number }));
    }
}
