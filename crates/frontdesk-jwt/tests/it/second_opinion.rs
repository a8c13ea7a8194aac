//! Tokens across two implementations: what we sign another library takes, and the other way round.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use frontdesk_jwt::{Algorithm, Expectations, Header, SigningKey, VerifyingKey, verify, verify_session};
use jsonwebtoken::{DecodingKey, EncodingKey, Validation};
use serde_json::{Map, Value, json};

use crate::{NOW, claims, rsa_key};

/// One key in both libraries' hands.
struct Pair {
    algorithm: Algorithm,
    ours: SigningKey,
    public: VerifyingKey,
    theirs: EncodingKey,
    their_public: DecodingKey,
}

fn their_name(algorithm: Algorithm) -> jsonwebtoken::Algorithm {
    algorithm.as_str().parse().unwrap()
}

fn pem(der: &[u8]) -> String {
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(der))
}

fn pairs() -> Vec<Pair> {
    let mut pairs = Vec::new();
    let rsa = rsa_key().to_pkcs8_der().unwrap();
    for algorithm in [Algorithm::Rs256, Algorithm::Rs384, Algorithm::Rs512] {
        let ours = SigningKey::from_pkcs8_der("key_1", algorithm, &rsa).unwrap();
        pairs.push(Pair {
            algorithm,
            public: VerifyingKey::from_jwk(&ours.public_jwk().unwrap()).unwrap(),
            theirs: EncodingKey::from_rsa_pem(pem(&rsa).as_bytes()).unwrap(),
            their_public: DecodingKey::from_rsa_pem(ours.public_pem().unwrap().as_bytes()).unwrap(),
            ours,
        });
    }
    let curves: [(_, &'static EcdsaSigningAlgorithm); 2] = [
        (Algorithm::Es256, &ECDSA_P256_SHA256_FIXED_SIGNING),
        (Algorithm::Es384, &ECDSA_P384_SHA384_FIXED_SIGNING),
    ];
    for (algorithm, curve) in curves {
        let der = EcdsaKeyPair::generate_pkcs8(curve, &SystemRandom::new()).unwrap();
        let ours = SigningKey::from_pkcs8_der("key_1", algorithm, der.as_ref()).unwrap();
        pairs.push(Pair {
            algorithm,
            public: VerifyingKey::from_jwk(&ours.public_jwk().unwrap()).unwrap(),
            theirs: EncodingKey::from_ec_pem(pem(der.as_ref()).as_bytes()).unwrap(),
            their_public: DecodingKey::from_ec_pem(ours.public_pem().unwrap().as_bytes()).unwrap(),
            ours,
        });
    }
    for algorithm in [Algorithm::Hs256, Algorithm::Hs384, Algorithm::Hs512] {
        let secret = b"a secret of some forty bytes, or a few more than that, as it should be";
        pairs.push(Pair {
            algorithm,
            ours: SigningKey::from_secret("key_1", algorithm, secret).unwrap(),
            public: VerifyingKey::from_secret(algorithm, secret).unwrap(),
            theirs: EncodingKey::from_secret(secret),
            their_public: DecodingKey::from_secret(secret),
        });
    }
    assert_eq!(pairs.len(), Algorithm::ALL.len());
    pairs
}

fn session() -> Map<String, Value> {
    claims(
        json!({ "azp": "https://app.example.com", "fva": [3, -1], "v": 2, "sts": "active", "fea": "o:dashboard,u:me",
        "o": { "id": "org_1", "slg": "acme", "rol": "admin", "per": "read,manage", "fpm": "3" },
        "name": "Ünïcödé \u{0} \u{1f600} \"\\/\u{7f}", "nested": { "a": [1, 2.5, null, true, { "b": -1e-7 }] } }),
    )
}

fn lenient(algorithm: Algorithm) -> Validation {
    let mut validation = Validation::new(their_name(algorithm));
    // It asks the wall clock, and our tests stand still.
    validation.validate_exp = false;
    validation.required_spec_claims.clear();
    validation
}

#[test]
fn what_we_sign_another_library_takes() {
    for pair in pairs() {
        let token = pair.ours.sign(&Header::for_key(&pair.ours), &session()).unwrap();
        let decoded =
            jsonwebtoken::decode::<Map<String, Value>>(&token, &pair.their_public, &lenient(pair.algorithm))
                .unwrap();
        assert_eq!(decoded.claims, session(), "{}", pair.algorithm);
        assert_eq!(
            (decoded.header.kid.as_deref(), decoded.header.typ.as_deref()),
            (Some("key_1"), Some("JWT"))
        );
    }
}

#[test]
fn what_another_library_signs_we_take() {
    for pair in pairs() {
        let mut header = jsonwebtoken::Header::new(their_name(pair.algorithm));
        header.kid = Some("key_1".to_owned());
        let token = jsonwebtoken::encode(&header, &session(), &pair.theirs).unwrap();
        let expectations = Expectations::new().authorized_party("https://app.example.com");
        let verified = verify::<Map<String, Value>>(&token, &pair.public, &expectations, NOW).unwrap();
        assert_eq!(verified.claims, session(), "{}", pair.algorithm);
        let kept = verify_session(&token, &pair.public, &expectations, NOW).unwrap();
        assert_eq!(kept.to_map(), session());
        assert_eq!(kept.organization().unwrap().permissions, ["org:dashboard:read", "org:dashboard:manage"]);
    }
}

#[test]
fn both_refuse_what_the_other_key_signed() {
    let pairs = pairs();
    for signer in &pairs {
        let token = signer.ours.sign(&Header::for_key(&signer.ours), &session()).unwrap();
        for reader in pairs.iter().filter(|reader| reader.algorithm != signer.algorithm) {
            let error = verify_session(&token, &reader.public, &Expectations::new(), NOW).unwrap_err();
            assert_eq!(error.reason(), "token-invalid-algorithm");
            let theirs =
                jsonwebtoken::decode::<Value>(&token, &reader.their_public, &lenient(reader.algorithm));
            assert!(theirs.is_err());
        }
    }
}
