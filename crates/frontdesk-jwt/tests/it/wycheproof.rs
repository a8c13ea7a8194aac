//! The published vectors of Project Wycheproof (C2SP), each as the signature of a key that was made from its JWK.
//!
//! The vectors sign messages that are no tokens, so they go through the check that a key does for every token.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use frontdesk_jwt::{Algorithm, Jwk, SignatureVerifier, VerifyingKey};
use serde_json::{Value, json};
use wycheproof::{TestResult, ecdsa, rsa_pkcs1_verify};

/// What the vectors of one file came to.
#[derive(Debug, Default, PartialEq)]
struct Count {
    accepted: usize,
    refused: usize,
    /// Vectors whose key is refused already.
    keys_refused: usize,
}

impl Count {
    fn note(
        &mut self,
        key: Option<&VerifyingKey>,
        message: &[u8],
        signature: &[u8],
        expected: TestResult,
        what: &str,
    ) {
        let Some(key) = key else {
            self.keys_refused += 1;
            return;
        };
        let accepted = key.verify(message, signature).is_ok();
        match expected {
            TestResult::Valid => assert!(accepted, "{what}"),
            // What a verifier may take is refused, too: PKCS#1 has one encoding.
            TestResult::Acceptable | TestResult::Invalid => assert!(!accepted, "{what}"),
        }
        *if accepted { &mut self.accepted } else { &mut self.refused } += 1;
    }
}

fn key(members: Value) -> Option<VerifyingKey> {
    VerifyingKey::from_jwk(&serde_json::from_value::<Jwk>(members).unwrap()).ok()
}

fn rsa(name: rsa_pkcs1_verify::TestName, algorithm: Algorithm) -> Count {
    let set = rsa_pkcs1_verify::TestSet::load(name).unwrap();
    let mut count = Count::default();
    for group in &set.test_groups {
        let encode = |number: &[u8]| URL_SAFE_NO_PAD.encode(number);
        let jwk = json!({ "kty": "RSA", "alg": algorithm.as_str(), "n": encode(&group.key.n), "e": encode(&group.key.e) });
        let key = key(jwk);
        for test in &group.tests {
            let what = format!("{name:?} {}: {}", test.tc_id, test.comment);
            count.note(key.as_ref(), &test.msg, &test.sig, test.result, &what);
        }
    }
    count
}

#[test]
fn rsa_pkcs1() {
    use rsa_pkcs1_verify::TestName::{
        Rsa2048Sha256, Rsa2048Sha384, Rsa2048Sha512, Rsa3072Sha256, Rsa3072Sha384, Rsa3072Sha512,
        Rsa4096Sha256, Rsa4096Sha384, Rsa4096Sha512, Rsa8192Sha256, Rsa8192Sha384, Rsa8192Sha512,
    };
    let files = [
        (Algorithm::Rs256, [Rsa2048Sha256, Rsa3072Sha256, Rsa4096Sha256, Rsa8192Sha256]),
        (Algorithm::Rs384, [Rsa2048Sha384, Rsa3072Sha384, Rsa4096Sha384, Rsa8192Sha384]),
        (Algorithm::Rs512, [Rsa2048Sha512, Rsa3072Sha512, Rsa4096Sha512, Rsa8192Sha512]),
    ];
    let mut refused = 0;
    for (algorithm, names) in files {
        for name in names {
            let count = rsa(name, algorithm);
            println!("{name:?} {count:?}");
            assert!(count.accepted > 0 && count.keys_refused == 0, "{name:?}: {count:?}");
            refused += count.refused;
        }
    }
    assert!(refused > 3_000, "{refused}");
}

#[test]
fn ecdsa_in_the_form_of_jose() {
    for (name, algorithm, curve, coordinate) in [
        (ecdsa::TestName::EcdsaSecp256r1Sha256P1363, Algorithm::Es256, "P-256", 32),
        (ecdsa::TestName::EcdsaSecp384r1Sha384P1363, Algorithm::Es384, "P-384", 48),
    ] {
        let set = ecdsa::TestSet::load(name).unwrap();
        let mut count = Count::default();
        for group in &set.test_groups {
            let point = &group.key.key;
            let (x, y) = (&point[1..=coordinate], &point[1 + coordinate..]);
            let encode = |number: &[u8]| URL_SAFE_NO_PAD.encode(number);
            let key = key(
                json!({ "kty": "EC", "crv": curve, "alg": algorithm.as_str(), "x": encode(x), "y": encode(y) }),
            );
            for test in &group.tests {
                let what = format!("{name:?} {}: {}", test.tc_id, test.comment);
                count.note(key.as_ref(), &test.msg, &test.sig, test.result, &what);
            }
        }
        println!("{name:?} {count:?}");
        assert!(count.accepted > 0 && count.refused > 0 && count.keys_refused == 0, "{name:?}: {count:?}");
    }
}
