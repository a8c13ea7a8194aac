//! The rules of wire contract §3.5, one by one, with time standing a millisecond either side.

use frontdesk_jwt::{Expectations, Header, KeySet, SigningKey, Token, category, verify};
use frontdesk_types::{Span, Timestamp};
use serde_json::{Map, Value, json};

use crate::{NOW, check, claims, reason, rsa_key, signed, signed_text};

fn at(token: &str, now: Timestamp) -> &'static str {
    check(token, &Expectations::default(), now).map_or_else(|error| error.reason(), |()| "ok")
}

fn with(token: &str, expectations: &Expectations) -> &'static str {
    check(token, expectations, NOW).map_or_else(|error| error.reason(), |()| "ok")
}

#[test]
fn a_token_ends_at_its_expiry_plus_the_skew() {
    let token = signed(json!({ "exp": NOW.as_secs() + 60 }));
    let end = NOW + Span::seconds(65);
    assert_eq!(at(&token, end - Span::millis(1)), "ok");
    assert_eq!(at(&token, end), "token-expired");
    assert_eq!(at(&token, end - Span::seconds(1)), "ok");
    assert_eq!(at(&token, end + Span::seconds(1)), "token-expired");

    let strict = Expectations::new().clock_skew(Span::millis(0));
    assert!(check(&token, &strict, NOW + Span::millis(59_999)).is_ok());
    assert_eq!(check(&token, &strict, NOW + Span::seconds(60)).unwrap_err().reason(), "token-expired");
}

#[test]
fn a_token_begins_at_its_activation_less_the_skew() {
    let token = signed(json!({ "nbf": NOW.as_secs() + 5 }));
    assert_eq!(at(&token, NOW), "ok");
    assert_eq!(at(&token, NOW - Span::millis(1)), "token-not-active-yet");
    assert_eq!(at(&signed(json!({ "nbf": null })), NOW), "ok");
}

#[test]
fn a_token_is_not_issued_in_the_future() {
    let token = signed(json!({ "iat": NOW.as_secs() + 5 }));
    assert_eq!(at(&token, NOW), "ok");
    assert_eq!(at(&token, NOW - Span::millis(1)), "token-iat-in-the-future");
    assert_eq!(at(&signed(json!({ "iat": null })), NOW), "ok");
}

#[test]
fn times_are_numbers_and_fractions_are_cut_off() {
    assert_eq!(reason(&signed(json!({ "exp": null }))), "token-verification-failed");
    for name in ["exp", "nbf", "iat"] {
        for value in [json!("1800000000"), json!([]), json!(true)] {
            assert_eq!(reason(&signed(json!({ name: value }))), "token-verification-failed", "{name}");
        }
    }
    let null_activation = r#"{"sub":"user_1","exp":1800000060,"nbf":null}"#;
    assert_eq!(reason(&signed_text(r#"{"alg":"RS256"}"#, null_activation)), "token-verification-failed");

    let fraction = signed(json!({ "exp": 1_800_000_000.9 }));
    assert_eq!(at(&fraction, NOW + Span::millis(4_999)), "ok");
    assert_eq!(at(&fraction, NOW + Span::seconds(5)), "token-expired");
    assert_eq!(reason(&signed(json!({ "exp": 1e300 }))), "ok");
    assert_eq!(reason(&signed(json!({ "exp": -1e300 }))), "token-expired");
}

#[test]
fn the_subject_is_a_string() {
    assert_eq!(reason(&signed(json!({ "sub": null }))), "token-verification-failed");
    assert_eq!(reason(&signed(json!({ "sub": 7 }))), "token-verification-failed");
}

#[test]
fn an_audience_counts_only_if_both_sides_name_one() {
    let ours = Expectations::new().audience("").audience("api").audience("app");
    for aud in [json!(null), json!(""), json!([]), json!([""]), json!("api"), json!(["other", "app"])] {
        assert_eq!(with(&signed(json!({ "aud": aud })), &ours), "ok", "{aud}");
    }
    // The last two pass in the reference SDK, which does not check what it cannot read; we are stricter.
    for aud in [json!("other"), json!(["other"]), json!("API"), json!(["other", 7]), json!({ "api": true })] {
        assert_eq!(with(&signed(json!({ "aud": aud })), &ours), "token-verification-failed", "{aud}");
    }
    for nobody in [Expectations::new(), Expectations::new().audience("")] {
        assert_eq!(with(&signed(json!({ "aud": "other" })), &nobody), "ok");
    }
}

#[test]
fn an_authorized_party_is_demanded_once_any_is_named() {
    let ours =
        Expectations::new().authorized_party("https://a.example").authorized_party("https://b.example");
    assert_eq!(with(&signed(json!({ "azp": "https://b.example" })), &ours), "ok");
    for azp in [json!(null), json!(""), json!("https://b.example/"), json!(["https://b.example"])] {
        assert_eq!(with(&signed(json!({ "azp": azp })), &ours), "token-invalid-authorized-parties", "{azp}");
    }
    assert_eq!(reason(&signed(json!({ "azp": "https://anyone.example" }))), "ok");
}

#[test]
fn an_issuer_is_compared_only_on_demand() {
    let ours = Expectations::new().issuer("https://clerk.example.com");
    assert_eq!(with(&signed(json!({})), &ours), "ok");
    assert_eq!(
        with(&signed(json!({ "iss": "https://clerk.example.com.evil" })), &ours),
        "token-invalid-issuer"
    );
    assert_eq!(with(&signed(json!({ "iss": null })), &ours), "token-invalid-issuer");
    assert_eq!(reason(&signed(json!({ "iss": null }))), "ok");
}

#[test]
fn the_type_is_jwt_or_absent_unless_others_are_named() {
    let typed =
        |typ: &str| rsa_key().sign(&Header::for_key(rsa_key()).with_type(typ), &claims(json!({}))).unwrap();
    let untyped = signed_text(r#"{"alg":"RS256"}"#, r#"{"sub":"user_1","exp":1800000060}"#);
    assert_eq!(reason(&untyped), "ok");
    for typ in ["jwt", "at+jwt", ""] {
        assert_eq!(reason(&typed(typ)), "token-invalid");
    }
    let access_tokens = Expectations::new().header_type("at+jwt").header_type("application/at+jwt");
    assert_eq!(with(&typed("application/at+jwt"), &access_tokens), "ok");
    assert_eq!(with(&typed("JWT"), &access_tokens), "token-invalid");
    assert_eq!(with(&untyped, &access_tokens), "token-invalid");
}

#[test]
fn a_machine_token_is_refused_before_a_key_is_looked_for() {
    let header = Header::for_key(rsa_key()).with_category(category::MACHINE);
    let token = rsa_key().sign(&header, &claims(json!({ "sub": "mch_1" }))).unwrap();
    let no_keys = KeySet::new();
    let refused = |expectations: &Expectations| {
        verify::<Value>(&token, &no_keys, expectations, NOW).unwrap_err().reason()
    };
    assert_eq!(refused(&Expectations::new()), "token-invalid");
    assert_eq!(refused(&Expectations::new().accept_machine_tokens()), "jwk-kid-mismatch");
    assert_eq!(with(&token, &Expectations::new().accept_machine_tokens()), "ok");
}

#[test]
fn a_set_knows_its_keys_by_id() {
    let mut keys = KeySet::new();
    keys.insert("key_1", rsa_key().verifying_key().clone());
    let token = signed(json!({}));
    let claims = verify::<Map<String, Value>>(&token, &keys, &Expectations::default(), NOW).unwrap();
    assert_eq!(claims.header.kid.as_deref(), Some("key_1"));

    for kid in [Some("key_2".to_owned()), None] {
        let mut header = Header::for_key(rsa_key());
        header.kid = kid;
        let token = rsa_key().sign(&header, &json!({ "sub": "user_1", "exp": 1_800_000_060 })).unwrap();
        let error = verify::<Value>(&token, &keys, &Expectations::default(), NOW).unwrap_err();
        assert_eq!(error.reason(), "jwk-kid-mismatch");
        assert_eq!(reason(&token), "ok", "a single key has no id to compare");
    }
}

#[test]
fn the_first_broken_rule_is_the_reason() {
    // Everything is wrong here, and is mended in the contract's order.
    let wrong =
        json!({ "sub": null, "aud": "other", "azp": "x", "iss": "x", "exp": 0, "nbf": 9e9, "iat": 9e9 });
    let ours =
        Expectations::new().audience("api").authorized_party("https://a.example").issuer("https://i.example");
    let other_key = SigningKey::from_secret("key_1", frontdesk_jwt::Algorithm::Hs256, b"secret").unwrap();
    let broken = other_key.sign(&Header::for_key(&other_key).with_type("x"), &claims(wrong.clone())).unwrap();
    assert_eq!(with(&broken, &ours), "token-invalid");
    let broken = other_key.sign(&Header::for_key(&other_key), &claims(wrong.clone())).unwrap();
    assert_eq!(with(&broken, &ours), "token-invalid-algorithm");
    let mut broken = signed(wrong.clone());
    broken.replace_range(
        broken.len() - 5..broken.len() - 4,
        if broken.as_bytes()[broken.len() - 5] == b'A' { "B" } else { "A" },
    );
    assert_eq!(with(&broken, &ours), "token-invalid-signature");

    let mut claims = wrong;
    for (name, mended, next) in [
        ("sub", json!("user_1"), "token-verification-failed"),
        ("aud", json!("api"), "token-invalid-authorized-parties"),
        ("azp", json!("https://a.example"), "token-invalid-issuer"),
        ("iss", json!("https://i.example"), "token-expired"),
        ("exp", json!(1_800_000_060), "token-not-active-yet"),
        ("nbf", json!(1_800_000_000), "token-iat-in-the-future"),
        ("iat", json!(1_800_000_000), "ok"),
    ] {
        claims[name] = mended;
        assert_eq!(with(&signed(claims.clone()), &ours), next, "after mending {name}");
    }
}

#[test]
fn a_decoded_token_can_be_looked_at() {
    let text = signed(json!({ "azp": "https://a.example" }));
    let token = Token::decode(&text).unwrap();
    assert_eq!(token.subject(), Some("user_1"));
    assert_eq!(token.issuer(), Some("https://clerk.example.com"));
    assert_eq!(token.authorized_party(), Some("https://a.example"));
    assert_eq!(token.issued_at(), Some(NOW));
    assert_eq!(token.expires_at(), Some(NOW + Span::seconds(60)));
    assert_eq!(token.header(), &Header::for_key(rsa_key()));
    assert!(token.claims_json().starts_with(r#"{"sub":"user_1""#));
    token.check_header(&Expectations::default()).unwrap();
    token.verify_signature(rsa_key().verifying_key()).unwrap();
    token.check(&Expectations::default(), NOW).unwrap();
}

#[test]
fn claims_of_another_shape_are_refused_at_the_end() {
    let error =
        verify::<Vec<String>>(&signed(json!({})), rsa_key().verifying_key(), &Expectations::default(), NOW);
    assert_eq!(error.unwrap_err().reason(), "token-verification-failed");
}
