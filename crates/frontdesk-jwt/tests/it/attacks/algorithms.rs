//! Making a verifier use another algorithm than the key's (RFC 8725 §2.1, CVE-2015-9235, CVE-2016-5431, CVE-2016-10555).

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PSS_SHA256, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use frontdesk_jwt::{Algorithm, Header, KeyError, SigningKey, VerifyingKey};
use serde_json::{Value, json};

use super::{CLAIMS, HEADER, reason_with};
use crate::{claims, encode, reason, rsa_key, signed, signed_text};

#[test]
fn the_public_key_is_not_an_hmac_secret() {
    let pem = rsa_key().public_pem().unwrap();
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let der = STANDARD.decode(&body).unwrap();
    let jwk = rsa_key().public_jwk().unwrap();
    let modulus = jwk.n.clone().unwrap();
    let jwk = serde_json::to_string(&jwk).unwrap();
    // Whatever form of the public key a library may have kept, some attacker has signed with it.
    let secrets = [
        pem.as_bytes(),
        pem.trim_end().as_bytes(),
        body.as_bytes(),
        &der,
        &der[24..],
        jwk.as_bytes(),
        modulus.as_bytes(),
        &URL_SAFE_NO_PAD.decode(&modulus).unwrap(),
        b"",
    ];
    for secret in secrets {
        for (name, hash) in
            [("HS256", hmac::HMAC_SHA256), ("HS384", hmac::HMAC_SHA384), ("HS512", hmac::HMAC_SHA512)]
        {
            let forged = |alg: &str| {
                let header = json!({ "alg": alg, "kid": "key_1", "typ": "JWT" }).to_string();
                let message = format!("{}.{}", encode(header), encode(CLAIMS));
                let tag = hmac::sign(&hmac::Key::new(hash, secret), message.as_bytes());
                format!("{message}.{}", encode(tag))
            };
            assert_eq!(reason(&forged(name)), "token-invalid-algorithm");
            assert_eq!(reason(&forged("RS256")), "token-invalid-signature");
        }
    }
}

#[test]
fn a_public_key_cannot_even_be_configured_as_a_secret() {
    let pem = rsa_key().public_pem().unwrap();
    for algorithm in [Algorithm::Hs256, Algorithm::Hs384, Algorithm::Hs512] {
        assert!(matches!(VerifyingKey::from_pem(algorithm, &pem), Err(KeyError::WrongAlgorithm(_))));
        let mut jwk = rsa_key().public_jwk().unwrap();
        jwk.alg = Some(algorithm.as_str().to_owned());
        assert!(matches!(VerifyingKey::from_jwk(&jwk), Err(KeyError::Jwk(_))));
    }
    let symmetric =
        json!({ "kty": "oct", "kid": "key_1", "alg": "HS256", "k": "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ" });
    let jwk = serde_json::from_value(symmetric).unwrap();
    assert!(matches!(VerifyingKey::from_jwk(&jwk), Err(KeyError::Jwk(_))));
}

/// CVE-2015-9235, CVE-2018-1000531, CVE-2020-28042, CVE-2022-23540.
#[test]
fn unsigned_tokens_are_refused() {
    let spellings = [
        "none",
        "None",
        "NONE",
        "nOnE",
        "nonE",
        "none ",
        " none",
        "none\0",
        "\tnone",
        "nοne",
        "ｎｏｎｅ",
        "",
        " ",
        "null",
        "undefined",
        "false",
        "0",
    ];
    for alg in spellings {
        let header = json!({ "alg": alg, "kid": "key_1", "typ": "JWT" }).to_string();
        let message = format!("{}.{}", encode(&header), encode(CLAIMS));
        for unsigned in
            [format!("{message}."), format!("{message}.AA"), format!("{message}.{}", encode([0; 256]))]
        {
            assert_eq!(reason(&unsigned), "token-invalid-algorithm", "{alg:?}");
        }
        assert_eq!(reason(&signed_text(&header, CLAIMS)), "token-invalid-algorithm", "{alg:?}, yet signed");
    }
    assert_eq!(
        reason(&signed_text(r#"{"kid":"key_1"}"#, CLAIMS)),
        "token-invalid-algorithm",
        "no alg at all"
    );
    for alg in [json!(null), json!(0), json!(false), json!([]), json!(["RS256"]), json!({})] {
        let header = json!({ "alg": alg }).to_string();
        assert_eq!(reason(&signed_text(&header, CLAIMS)), "token-invalid", "{alg}");
    }

    let text = signed(json!({}));
    let (message, _) = text.rsplit_once('.').unwrap();
    assert_eq!(reason(&format!("{message}.")), "token-invalid-signature", "a signature of no bytes");
    assert_eq!(reason(message), "token-invalid");
}

#[test]
fn the_algorithms_name_is_compared_to_the_letter() {
    for alg in [
        "rs256",
        "Rs256",
        "RS256 ",
        " RS256",
        "RS256\0",
        "RS256\n",
        "ＲＳ256",
        "RS٢٥٦",
        "RS-256",
        "RSA256",
        "SHA256withRSA",
    ] {
        let header = json!({ "alg": alg }).to_string();
        assert_eq!(reason(&signed_text(&header, CLAIMS)), "token-invalid-algorithm", "{alg:?}");
    }
    assert_eq!(reason(&signed_text(r#"{"alg":"RS\u0032\u00356"}"#, CLAIMS)), "ok", "escapes say the same");
}

#[test]
fn the_key_verifies_its_own_algorithm_only() {
    let der = rsa_key().to_pkcs8_der().unwrap();
    for algorithm in [Algorithm::Rs384, Algorithm::Rs512] {
        let same_numbers = SigningKey::from_pkcs8_der("key_1", algorithm, &der).unwrap();
        let token = same_numbers.sign(&Header::for_key(&same_numbers), &claims(json!({}))).unwrap();
        assert_eq!(reason(&token), "token-invalid-algorithm");
        assert_eq!(reason_with(&token, same_numbers.verifying_key()), "ok");
        // An RS256 signature under a header that names the key's algorithm.
        let header = json!({ "alg": algorithm.as_str() }).to_string();
        let token = signed_text(&header, CLAIMS);
        assert_eq!(reason_with(&token, same_numbers.verifying_key()), "token-invalid-signature");
    }
    for alg in [
        "HS256", "ES256", "ES384", "ES512", "ES256K", "EdDSA", "Ed25519", "PS256", "PS384", "PS512",
        "RSA1_5", "dir",
    ] {
        let header = json!({ "alg": alg, "kid": "key_1" }).to_string();
        assert_eq!(reason(&signed_text(&header, CLAIMS)), "token-invalid-algorithm", "{alg}");
    }
}

#[test]
fn a_pss_signature_is_not_a_pkcs1_signature() {
    let pair = RsaKeyPair::from_pkcs8(&rsa_key().to_pkcs8_der().unwrap()).unwrap();
    let signed = |header: &str| {
        let message = format!("{}.{}", encode(header), encode(CLAIMS));
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(&RSA_PSS_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature).unwrap();
        format!("{message}.{}", encode(signature))
    };
    assert_eq!(reason(&signed(&HEADER.replace("RS256", "PS256"))), "token-invalid-algorithm");
    assert_eq!(reason(&signed(HEADER)), "token-invalid-signature");
}

#[test]
fn keys_of_one_kind_do_not_verify_tokens_of_another() {
    let secret = SigningKey::from_secret("key_1", Algorithm::Hs256, b"secret").unwrap();
    let token = secret.sign(&Header::for_key(&secret), &claims(json!({}))).unwrap();
    assert_eq!(reason(&token), "token-invalid-algorithm");
    assert_eq!(reason_with(&signed(json!({})), secret.verifying_key()), "token-invalid-algorithm");
    // An HMAC tag is compared whole: neither a part of it nor something longer is enough.
    let (message, tag) = token.rsplit_once('.').unwrap();
    let tag = URL_SAFE_NO_PAD.decode(tag).unwrap();
    for other in [&tag[..0], &tag[..1], &tag[..16], &tag[..31], &[tag.as_slice(), &[0]].concat(), &[0; 32]] {
        let forged = format!("{message}.{}", encode(other));
        assert_eq!(
            reason_with(&forged, secret.verifying_key()),
            "token-invalid-signature",
            "{} bytes",
            other.len()
        );
    }
    let ed25519 =
        json!({ "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" });
    let jwk = serde_json::from_value(ed25519).unwrap();
    assert!(matches!(VerifyingKey::from_jwk(&jwk), Err(KeyError::Jwk(_))), "EdDSA is not supported at all");
    let token: Value = serde_json::from_str(CLAIMS).unwrap();
    let mut header = Header::for_key(&secret);
    "RS256".clone_into(&mut header.alg);
    assert!(secret.sign(&header, &token).is_err(), "nor does a key sign what it would not verify");
}
