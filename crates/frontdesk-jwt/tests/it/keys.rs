//! Keys in and out of their formats.

use aws_lc_rs::signature::{self, EcdsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use frontdesk_jwt::{
    Algorithm, Expectations, Header, Jwk, Jwks, KeyError, KeySet, SignError, SigningKey, VerifyingKey, verify,
};
use serde_json::{Value, json};

use crate::{NOW, claims, rsa_key};

fn round_trip(key: &SigningKey, verifying: &VerifyingKey) {
    let token = key.sign(&Header::for_key(key), &claims(json!({}))).unwrap();
    let verified = verify::<Value>(&token, verifying, &Expectations::default(), NOW).unwrap();
    assert_eq!(verified.header, Header::for_key(key));
}

/// SDKs do not parse the PEM: they cut this prefix and suffix off and take the rest for the modulus (§3.7).
#[test]
fn the_public_pem_has_the_prefix_and_suffix_that_sdks_cut_off() {
    let pem = rsa_key().public_pem().unwrap();
    let body = pem
        .strip_prefix("-----BEGIN PUBLIC KEY-----\n")
        .and_then(|pem| pem.strip_suffix("-----END PUBLIC KEY-----\n"))
        .unwrap()
        .replace('\n', "");
    let modulus = body
        .strip_prefix("MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA")
        .and_then(|body| body.strip_suffix("IDAQAB"))
        .unwrap()
        .replace('+', "-")
        .replace('/', "_");
    assert_eq!(rsa_key().public_jwk().unwrap().n, Some(modulus));
    round_trip(rsa_key(), &VerifyingKey::from_pem(Algorithm::Rs256, &pem).unwrap());

    // Environment variables often carry the two characters `\\n` in place of line breaks.
    let one_line = pem.replace('\n', "\\n");
    round_trip(rsa_key(), &VerifyingKey::from_pem(Algorithm::Rs256, &one_line).unwrap());
    // The PKCS#1 form is the tail of the other one, after 24 bytes of algorithm and lengths.
    let pkcs1 = STANDARD.encode(&STANDARD.decode(body).unwrap()[24..]);
    let pem = format!("-----BEGIN RSA PUBLIC KEY-----\n{pkcs1}\n-----END RSA PUBLIC KEY-----\n");
    round_trip(rsa_key(), &VerifyingKey::from_pem(Algorithm::Rs256, &pem).unwrap());
}

#[test]
fn the_public_jwk_has_the_contracts_members() {
    let jwk = rsa_key().public_jwk().unwrap();
    let text = serde_json::to_string(&jwk).unwrap();
    let n = jwk.n.as_deref().unwrap();
    assert_eq!(
        text,
        format!(r#"{{"use":"sig","kty":"RSA","kid":"key_1","alg":"RS256","n":"{n}","e":"AQAB"}}"#)
    );

    let published = format!(
        r#"{{"keys":[{text},{{"kty":"oct","kid":"x","k":"AAAA"}},{{"kty":"OKP","kid":"y","crv":"Ed25519"}}]}}"#
    );
    let jwks: Jwks = serde_json::from_str(&published).unwrap();
    let keys = KeySet::from_jwks(&jwks);
    assert_eq!((jwks.keys.len(), keys.len()), (3, 1));
    round_trip(rsa_key(), keys.key("key_1").unwrap());
    assert_eq!(keys.key("key_1").unwrap().to_jwk(), Some(jwk));
}

#[test]
fn private_keys_survive_export() {
    let der = rsa_key().to_pkcs8_der().unwrap();
    let again = SigningKey::from_pkcs8_der("key_1", Algorithm::Rs256, &der).unwrap();
    assert_eq!(again.public_jwk(), rsa_key().public_jwk());
    round_trip(&again, rsa_key().verifying_key());

    let pem = |label: &str, der: &[u8]| {
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der))
    };
    let pkcs8 = SigningKey::from_pem("key_1", Algorithm::Rs256, &pem("PRIVATE KEY", &der)).unwrap();
    // A PKCS#8 RSA key ends with its PKCS#1 form; before that stand 26 bytes of version, algorithm and lengths.
    let pkcs1 = SigningKey::from_pem("key_1", Algorithm::Rs256, &pem("RSA PRIVATE KEY", &der[26..])).unwrap();
    for key in [pkcs8, pkcs1] {
        round_trip(&key, rsa_key().verifying_key());
    }
    let public = pem("PUBLIC KEY", &der);
    assert!(matches!(SigningKey::from_pem("k", Algorithm::Rs256, &public), Err(KeyError::PemLabel(_))));
    assert!(matches!(VerifyingKey::from_pem(Algorithm::Rs256, &public), Err(KeyError::Rejected { .. })));
    assert!(SigningKey::from_pem("k", Algorithm::Es256, &pem("PRIVATE KEY", &der)).is_err());
    assert!(SigningKey::from_pem("k", Algorithm::Es256, &pem("RSA PRIVATE KEY", &der[26..])).is_err());
    assert!(SigningKey::from_pem("k", Algorithm::Hs256, &pem("PRIVATE KEY", &der)).is_err());
    assert!(SigningKey::from_pkcs8_der("k", Algorithm::Rs256, &der[..der.len() - 1]).is_err());
}

#[test]
fn custom_keys_of_every_algorithm_sign() {
    let unused = aws_lc_rs::rand::SystemRandom::new();
    for (algorithm, curve) in [
        (Algorithm::Es256, &signature::ECDSA_P256_SHA256_FIXED_SIGNING),
        (Algorithm::Es384, &signature::ECDSA_P384_SHA384_FIXED_SIGNING),
    ] {
        let der = EcdsaKeyPair::generate_pkcs8(curve, &unused).unwrap();
        let key = SigningKey::from_pkcs8_der("ec", algorithm, der.as_ref()).unwrap();
        round_trip(&key, key.verifying_key());
        round_trip(&key, &VerifyingKey::from_jwk(&key.public_jwk().unwrap()).unwrap());
        round_trip(&key, &VerifyingKey::from_pem(algorithm, &key.public_pem().unwrap()).unwrap());
        let exported = key.to_pkcs8_der().unwrap();
        round_trip(&SigningKey::from_pkcs8_der("ec", algorithm, &exported).unwrap(), key.verifying_key());
    }
    for algorithm in [Algorithm::Hs256, Algorithm::Hs384, Algorithm::Hs512] {
        let key = SigningKey::from_secret("hmac", algorithm, b"short").unwrap();
        round_trip(&key, key.verifying_key());
        round_trip(&key, &VerifyingKey::from_secret(algorithm, b"short").unwrap());
        assert!(key.public_jwk().is_none() && key.public_pem().is_none() && key.to_pkcs8_der().is_err());
    }
    assert!(SigningKey::from_secret("hmac", Algorithm::Hs256, b"").is_err());
    assert!(SigningKey::from_secret("hmac", Algorithm::Rs256, b"secret").is_err());
}

#[test]
fn unusable_jwks_are_refused() {
    let good = serde_json::to_value(rsa_key().public_jwk().unwrap()).unwrap();
    let changed = |name: &str, value: Value| {
        let mut jwk = good.clone();
        jwk[name] = value;
        VerifyingKey::from_jwk(&serde_json::from_value::<Jwk>(jwk).unwrap())
    };
    assert!(changed("use", json!(null)).is_ok());
    assert_eq!(changed("alg", json!(null)).unwrap().algorithm(), Algorithm::Rs256);
    assert_eq!(changed("alg", json!("RS512")).unwrap().algorithm(), Algorithm::Rs512);
    assert!(changed("key_ops", json!(["verify"])).is_ok());
    for (name, value) in [
        ("use", json!("enc")),
        ("key_ops", json!(["sign"])),
        ("alg", json!("HS256")),
        ("alg", json!("none")),
        ("alg", json!("ES256")),
        ("kty", json!("oct")),
        ("n", json!(null)),
        ("n", json!("AQAB")),
        ("n", json!("not base64!")),
        ("e", json!("")),
    ] {
        assert!(changed(name, value.clone()).is_err(), "{name}: {value}");
    }
}

#[test]
fn only_objects_with_the_keys_algorithm_are_signed() {
    let mut header = Header::for_key(rsa_key());
    assert!(matches!(rsa_key().sign(&header, &["x"]), Err(SignError::NotAnObject)));
    "none".clone_into(&mut header.alg);
    assert!(matches!(rsa_key().sign(&header, &json!({})), Err(SignError::AlgorithmMismatch { .. })));
}

#[test]
fn keys_say_nothing_of_their_numbers() {
    let key = SigningKey::from_secret("hmac", Algorithm::Hs256, b"very secret").unwrap();
    assert_eq!(format!("{key:?}"), r#"SigningKey { kid: "hmac", algorithm: Hs256, .. }"#);
    assert_eq!(
        format!("{:?}", key.verifying_key()),
        r#"VerifyingKey { kid: Some("hmac"), algorithm: Hs256, .. }"#
    );
}
