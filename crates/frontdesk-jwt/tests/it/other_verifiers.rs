//! Keys whose signatures something else than the built-in library checks.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use frontdesk_jwt::{
    Algorithm, BadSignature, Expectations, Header, Jwk, KeySet, SignatureVerifier, SigningKey, Token,
    VerifyingKey, verify_session,
};
use num_bigint::BigUint;
use serde_json::json;

use crate::big_numbers::{public_numbers, verifies};
use crate::{NOW, claims, rsa_key, signed};

/// RS256 by schoolbook.
struct Schoolbook {
    modulus: BigUint,
    exponent: BigUint,
    calls: Arc<AtomicUsize>,
}

impl SignatureVerifier for Schoolbook {
    fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        if verifies(&self.modulus, &self.exponent, message, signature) { Ok(()) } else { Err(BadSignature) }
    }
}

fn schoolbook() -> (VerifyingKey, Arc<AtomicUsize>) {
    let jwk = rsa_key().public_jwk().unwrap();
    let numbers = jwk.rsa_numbers().unwrap();
    let calls = Arc::new(AtomicUsize::new(0));
    let verifier = Schoolbook {
        modulus: BigUint::from_bytes_be(&numbers.modulus),
        exponent: BigUint::from_bytes_be(&numbers.exponent),
        calls: Arc::clone(&calls),
    };
    (VerifyingKey::from_verifier(jwk.kid.clone(), jwk.algorithm().unwrap(), verifier), calls)
}

#[test]
fn another_implementation_decides_about_the_signature_and_nothing_else() {
    let (key, calls) = schoolbook();
    let mut keys = KeySet::new();
    keys.insert("key_1", key.clone());
    let expectations = Expectations::new().authorized_party("https://app.example.com");
    let reason = |token: &str| {
        verify_session(token, &keys, &expectations, NOW).map_or_else(|error| error.reason(), |_| "ok")
    };
    let good = signed(json!({ "azp": "https://app.example.com" }));
    assert_eq!(reason(&good), "ok");
    assert_eq!(calls.load(Ordering::Relaxed), 1);

    let other = signed(json!({ "azp": "https://app.example.com", "sid": "sess_2" }));
    let (message, _) = other.rsplit_once('.').unwrap();
    let (_, signature) = good.rsplit_once('.').unwrap();
    assert_eq!(reason(&format!("{message}.{signature}")), "token-invalid-signature");
    assert_eq!(reason(&format!("{message}.")), "token-invalid-signature");
    assert_eq!(calls.load(Ordering::Relaxed), 3);

    // The rules before and after are ours, and an implementation is not even asked when the header is wrong.
    assert_eq!(reason(&signed(json!({ "azp": "https://evil.example" }))), "token-invalid-authorized-parties");
    assert_eq!(calls.load(Ordering::Relaxed), 4);
    let secret = SigningKey::from_secret("key_1", Algorithm::Hs256, b"secret").unwrap();
    let confused = secret.sign(&Header::for_key(&secret), &claims(json!({}))).unwrap();
    assert_eq!(reason(&confused), "token-invalid-algorithm");
    assert_eq!(calls.load(Ordering::Relaxed), 4);
}

#[test]
fn such_a_key_has_an_id_and_an_algorithm_and_no_numbers() {
    let (key, _) = schoolbook();
    assert_eq!((key.kid(), key.algorithm()), (Some("key_1"), Algorithm::Rs256));
    assert!(key.to_jwk().is_none() && key.to_pem().is_none() && key.public_der().is_none());
    let public = rsa_key().verifying_key().public_der().unwrap();
    assert_eq!(
        STANDARD.encode(public),
        rsa_key().public_pem().unwrap().lines().filter(|line| !line.starts_with('-')).collect::<String>()
    );
    assert_eq!(format!("{key:?}"), r#"VerifyingKey { kid: Some("key_1"), algorithm: Rs256, .. }"#);
    assert_eq!(BadSignature.to_string(), "the signature does not match");
}

#[test]
fn other_implementations_get_the_same_checks_of_a_published_key() {
    let good = rsa_key().public_jwk().unwrap();
    assert_eq!(good.algorithm().unwrap(), Algorithm::Rs256);
    for (name, value) in
        [("use", json!("enc")), ("key_ops", json!(["sign"])), ("alg", json!("none")), ("e", json!("AQ"))]
    {
        let mut jwk = serde_json::to_value(&good).unwrap();
        jwk[name] = value;
        let jwk: Jwk = serde_json::from_value(jwk).unwrap();
        assert!(jwk.rsa_numbers().is_err(), "{name}");
    }
    let (modulus, exponent) = public_numbers(&good);
    let numbers = good.rsa_numbers().unwrap();
    assert_eq!((numbers.modulus, numbers.exponent), (modulus.to_bytes_be(), exponent.to_bytes_be()));
    let set: KeySet =
        [("one".to_owned(), schoolbook().0), ("two".to_owned(), schoolbook().0)].into_iter().collect();
    assert_eq!(set.len(), 2);
}

/// How a platform fits in that checks signatures asynchronously, as browsers do: first the check, then the token.
#[test]
fn a_verdict_can_be_reached_beforehand() {
    struct Verdict {
        message: Vec<u8>,
        signature: Vec<u8>,
    }
    impl SignatureVerifier for Verdict {
        fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
            if self.message == message && self.signature == signature { Ok(()) } else { Err(BadSignature) }
        }
    }
    let (modulus, exponent) = public_numbers(&rsa_key().public_jwk().unwrap());
    let text = signed(json!({}));
    let token = Token::decode(&text).unwrap();
    assert_eq!(token.kid(), Some("key_1"));
    let (message, signature) = (token.signing_input().as_bytes(), token.signature());
    assert!(verifies(&modulus, &exponent, message, signature), "here one would wait");
    let verdict = Verdict { message: message.to_vec(), signature: signature.to_vec() };
    let key = VerifyingKey::from_verifier(None, Algorithm::Rs256, verdict);
    assert!(token.verify_session(&key, &Expectations::new(), NOW).is_ok());

    let other = signed(json!({ "sid": "sess_2" }));
    let refused = verify_session(&other, &key, &Expectations::new(), NOW).unwrap_err();
    assert_eq!(refused.reason(), "token-invalid-signature");
}
