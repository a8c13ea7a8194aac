//! Damage of any kind: every change is noticed, and nothing panics.

use frontdesk_jwt::{Expectations, MAX_TOKEN_BYTES, Token, VerifyError, verify, verify_session};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{CLAIMS, HEADER};
use crate::{NOW, encode, raw_signature, reason, rsa_key, signed, signed_text};

/// Runs a text through every way in, and sees that they agree.
fn outcome(text: &str) -> Result<(), VerifyError> {
    let (key, expectations) = (rsa_key().verifying_key(), Expectations::default());
    let one = verify::<Value>(text, key, &expectations, NOW).map(drop);
    let other = verify_session(text, key, &expectations, NOW).map(|session| {
        session.to_map();
        session.organization();
        session.factor_verification_age();
    });
    match (&one, &other) {
        // A session demands more of the types of its claims.
        (Ok(()), Err(VerifyError::ClaimType(_))) => {}
        _ => assert_eq!(format!("{one:?}"), format!("{other:?}")),
    }
    if let Ok(token) = Token::decode(text) {
        assert!(serde_json::from_str::<Value>(token.claims_json()).unwrap().is_object());
        let _ = (token.issued_at(), token.not_before(), token.expires_at(), token.session_id());
        assert!(!format!("{token:?}").contains(token.claims_json()));
    }
    one
}

#[test]
fn any_changed_character_is_noticed() {
    let token = signed(json!({}));
    assert!(outcome(&token).is_ok());
    for position in 0..token.len() {
        for replacement in ["A", "B", "-", ".", "=", " ", ""] {
            let mut forged = token.clone();
            forged.replace_range(position..=position, replacement);
            assert!(forged == token || outcome(&forged).is_err(), "{replacement:?} at {position}");
        }
    }
    for end in 0..token.len() {
        assert!(outcome(&token[..end]).is_err(), "cut at {end}");
        assert!(end == 0 || outcome(&token[end..]).is_err(), "begun at {end}");
    }
}

/// A character of the alphabet, or any other.
fn character() -> impl Strategy<Value = char> {
    prop_oneof![4 => prop::sample::select(('A'..='Z').chain('a'..='z').chain('0'..='9').chain(['-', '_', '.']).collect::<Vec<_>>()), 1 => any::<char>()]
}

proptest! {
    #[test]
    fn any_mutation_of_a_token_is_refused(
        position: prop::sample::Index,
        replacement in prop::collection::vec(character(), 0..3),
        removed in 0_usize..4,
    ) {
        let token = signed_text(HEADER, CLAIMS);
        let at = position.index(token.len());
        let mut mutated = token.clone();
        mutated.replace_range(at..(at + removed).min(token.len()), &replacement.iter().collect::<String>());
        prop_assume!(mutated != token);
        prop_assert!(outcome(&mutated).is_err(), "{}", mutated);
    }

    #[test]
    fn any_flipped_bit_of_a_signature_is_noticed(bit in 0_usize..2048, message in 0_u8..4) {
        let claims = json!({ "sub": "user_1", "exp": 1_800_000_060, "x": message }).to_string();
        let text = format!("{}.{}", encode(HEADER), encode(claims));
        let mut signature = raw_signature(&text);
        signature[bit / 8] ^= 1 << (bit % 8);
        prop_assert_eq!(reason(&format!("{text}.{}", encode(signature))), "token-invalid-signature");
    }

    #[test]
    fn any_flipped_bit_of_what_was_signed_is_noticed(position: prop::sample::Index, bit in 0_u8..8) {
        let honest = [HEADER.as_bytes(), CLAIMS.as_bytes()].concat();
        let mut changed = honest.clone();
        changed[position.index(honest.len())] ^= 1 << bit;
        let (header, claims) = changed.split_at(HEADER.len());
        let signature = raw_signature(&format!("{}.{}", encode(HEADER), encode(CLAIMS)));
        let forged = format!("{}.{}.{}", encode(header), encode(claims), encode(signature));
        prop_assert!(outcome(&forged).is_err());
    }

    #[test]
    fn any_text_is_refused_without_a_panic(text in ".{0,400}", dotted in "[A-Za-z0-9_.-]{0,400}") {
        prop_assert!(outcome(&text).is_err());
        prop_assert!(outcome(&dotted).is_err());
    }

    #[test]
    fn any_bytes_in_three_parts_are_refused_without_a_panic(
        header in prop::collection::vec(any::<u8>(), 0..120),
        claims in prop::collection::vec(any::<u8>(), 0..300),
        signature in prop::collection::vec(any::<u8>(), 0..1100),
    ) {
        for header in [header.as_slice(), HEADER.as_bytes()] {
            for claims in [claims.as_slice(), CLAIMS.as_bytes()] {
                let text = format!("{}.{}.{}", encode(header), encode(claims), encode(&signature));
                prop_assert!(outcome(&text).is_err());
            }
        }
    }

    /// Signed, so that everything behind the signature is reached.
    #[test]
    fn any_signed_json_is_read_without_a_panic(
        members in prop::collection::vec((
            prop::sample::select(vec![
                "sub", "exp", "nbf", "iat", "sid", "azp", "iss", "aud", "v", "sts", "fva", "fea", "pla", "act", "o", "jti",
                "org_id", "org_role", "org_slug", "org_permissions", "custom", "s\\u0075b",
            ]),
            prop_oneof![
                prop::sample::select(vec![
                    "null", "true", "0", "2", "2.0", "-1", "1e400", "1800000060", "\"\"", "\"2\"", "\"o:a,u:b\"", "[]", "[3,-1]",
                    "[\"org:a:b\"]", "{}", "{\"id\":\"org_1\",\"rol\":\"admin\",\"per\":\"r,w\",\"fpm\":\"3\"}",
                    "{\"id\":\"org_1\",\"id\":\"org_2\"}", "{\"id\":1}", "\"\\ud83d\\ude00\"", "\"\\ud800\"", "[[[[{\"a\":[]}]]]]",
                ]).prop_map(str::to_owned),
                any::<i64>().prop_map(|number| number.to_string()),
                any::<f64>().prop_map(|number| number.to_string()),
                ".{0,12}".prop_map(|text| Value::from(text).to_string()),
            ],
        ), 0..12),
        expiry in prop::sample::select(vec!["", "\"exp\":1800000060,\"sub\":\"user_1\""]),
    ) {
        let mut members: Vec<String> = members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        members.extend((!expiry.is_empty()).then(|| expiry.to_owned()));
        let claims = format!("{{{}}}", members.join(","));
        let _ = outcome(&signed_text(HEADER, &claims));
    }

    #[test]
    fn whatever_is_signed_is_read_back(text in ".{0,40}", number: i32, name in "[a-z]{4,9}") {
        let token = signed(json!({ &name: { "text": text, "number": number } }));
        let verified = verify::<Value>(&token, rsa_key().verifying_key(), &Expectations::default(), NOW).unwrap();
        prop_assert_eq!(&verified.claims[&name], &json!({ "text": text, "number": number }));
        let session = verify_session(&token, rsa_key().verifying_key(), &Expectations::default(), NOW).unwrap();
        prop_assert_eq!(Value::Object(session.to_map()), verified.claims);
    }

    #[test]
    fn any_long_text_is_refused_quickly(character in character(), length in MAX_TOKEN_BYTES..200_000_usize) {
        let text = character.to_string().repeat(length);
        prop_assert_eq!(reason(&text), "token-invalid");
    }
}
