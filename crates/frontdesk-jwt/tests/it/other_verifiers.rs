//! Keys whose signatures something else than the built-in library checks.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use frontdesk_jwt::{
    Algorithm, BadSignature, Expectations, Header, KeySet, SignatureVerifier, SigningKey, Token,
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
    let (modulus, exponent) = public_numbers(&rsa_key().public_jwk().unwrap());
    let calls = Arc::new(AtomicUsize::new(0));
    let verifier = Schoolbook { modulus, exponent, calls: Arc::clone(&calls) };
    (VerifyingKey::from_verifier(Some("key_1".to_owned()), Algorithm::Rs256, verifier), calls)
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
    assert!(key.to_jwk().is_none() && key.to_pem().is_none());
    assert_eq!(format!("{key:?}"), r#"VerifyingKey { kid: Some("key_1"), algorithm: Rs256, .. }"#);
    assert_eq!(BadSignature.to_string(), "the signature does not match");
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
