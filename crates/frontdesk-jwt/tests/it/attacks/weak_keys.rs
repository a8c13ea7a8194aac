//! Public keys that nobody should verify with, as a key set may bring them.

use frontdesk_jwt::{Jwk, Jwks, KeyError, KeySet, VerifyingKey};
use num_bigint::BigUint;
use serde_json::{Value, json};

use super::reason_with;
use crate::big_numbers::{fixed_length, honest_block, public_numbers};
use crate::{encode, rsa_key, signed};

fn rsa(n: &[u8], e: &[u8]) -> Result<VerifyingKey, KeyError> {
    let jwk = json!({ "kty": "RSA", "alg": "RS256", "kid": "key_1", "n": encode(n), "e": encode(e) });
    VerifyingKey::from_jwk(&serde_json::from_value(jwk).unwrap())
}

fn modulus() -> Vec<u8> {
    public_numbers(&rsa_key().public_jwk().unwrap()).0.to_bytes_be()
}

/// With exponent 1 the padded hash is its own signature; an even one is no exponent; a huge one costs the verifier
/// time.
#[test]
fn odd_exponents_are_refused() {
    let n = modulus();
    for e in [
        &[][..],
        &[0],
        &[0, 0, 0],
        &[1],
        &[0, 0, 1],
        &[2],
        &[4],
        &[16],
        &[1, 0, 0],
        &[1, 0, 2],
        &[0xff, 0xff, 0xff, 0xfe],
        &[2, 0, 0, 0, 1],
        &[0xff; 8],
        &[0xff; 255],
        &n,
    ] {
        assert!(matches!(rsa(&n, e), Err(KeyError::Rejected { .. })), "{e:02x?}");
    }
    for e in [&[3][..], &[17], &[1, 0, 1], &[0, 1, 0, 1], &[0xff, 0xff, 0xff, 0xff]] {
        assert!(rsa(&n, e).is_ok(), "{e:02x?}");
    }
    assert_eq!(reason_with(&signed(json!({})), &rsa(&n, &[0, 1, 0, 1]).unwrap()), "ok");
    assert_eq!(reason_with(&signed(json!({})), &rsa(&n, &[3]).unwrap()), "token-invalid-signature");

    // What exponent 1 would have let pass.
    let message = format!("{}.{}", encode(super::HEADER), encode(super::CLAIMS));
    let block = honest_block(message.as_bytes());
    assert!(crate::big_numbers::verifies(
        &BigUint::from_bytes_be(&n),
        &BigUint::from(1_u8),
        message.as_bytes(),
        &block
    ));
    let forged = format!("{message}.{}", encode(fixed_length(&BigUint::from_bytes_be(&block))));
    assert_eq!(reason_with(&forged, rsa_key().verifying_key()), "token-invalid-signature");
}

#[test]
fn odd_moduli_are_refused() {
    let good = modulus();
    let e = &[1, 0, 1];
    let mut even = good.clone();
    *even.last_mut().unwrap() &= 0xfe;
    let of_bits = |bits: usize| {
        let mut n = vec![0xff; bits.div_ceil(8)];
        n[0] >>= (8 - bits % 8) % 8;
        n
    };
    for n in [
        Vec::new(),
        vec![0],
        vec![1],
        vec![0; 256],
        even,
        of_bits(512),
        of_bits(1024),
        of_bits(2047),
        of_bits(8193),
        of_bits(16384),
        of_bits(100_000),
        // A small number in many bytes.
        [vec![0; 200], good[200..].to_vec()].concat(),
    ] {
        assert!(matches!(rsa(&n, e), Err(KeyError::Rejected { .. })), "{} bytes", n.len());
    }
    for n in [of_bits(2048), of_bits(3072), of_bits(4096), of_bits(8192), [&[0], good.as_slice()].concat()] {
        assert!(rsa(&n, e).is_ok(), "{} bytes", n.len());
    }
}

/// The same numbers come in PEM, too.
#[test]
fn weak_numbers_are_refused_in_any_form() {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use frontdesk_jwt::Algorithm;

    fn der(tag: u8, content: &[u8]) -> Vec<u8> {
        let length = u16::try_from(content.len()).unwrap().to_be_bytes();
        match content.len() {
            short @ 0..=127 => [&[tag, u8::try_from(short).unwrap()], content].concat(),
            128..=255 => [&[tag, 0x81, length[1]], content].concat(),
            _ => [&[tag, 0x82], length.as_slice(), content].concat(),
        }
    }
    let pem = |n: &[u8], e: &[u8]| {
        let key = der(0x30, &[der(2, &[&[0], n].concat()), der(2, e)].concat());
        let body = STANDARD.encode(key);
        let pem = format!("-----BEGIN RSA PUBLIC KEY-----\n{body}\n-----END RSA PUBLIC KEY-----\n");
        VerifyingKey::from_pem(Algorithm::Rs256, &pem)
    };
    let good = modulus();
    assert!(pem(&good, &[1, 0, 1]).is_ok());
    for e in [&[1][..], &[2], &[1, 0, 0], &[2, 0, 0, 0, 1]] {
        assert!(pem(&good, e).is_err(), "{e:02x?}");
    }
    let mut even = good.clone();
    *even.last_mut().unwrap() &= 0xfe;
    for n in [&even[..], &good[1..], &good[128..], &[0xff; 2048]] {
        assert!(pem(n, &[1, 0, 1]).is_err(), "{} bytes", n.len());
    }
}

#[test]
fn points_beside_the_curve_are_refused() {
    // The key of RFC 7515, appendix A.3.
    let good = json!({ "kty": "EC", "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0" });
    let changed = |members: Value| {
        let mut jwk = good.clone();
        jwk.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        VerifyingKey::from_jwk(&serde_json::from_value::<Jwk>(jwk).unwrap())
    };
    assert!(changed(json!({})).is_ok());
    let (zero, all_ones) = (encode([0; 32]), encode([0xff; 32]));
    let prime = "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff";
    let prime = encode(BigUint::parse_bytes(prime.as_bytes(), 16).unwrap().to_bytes_be());
    for members in [
        json!({ "x": zero, "y": zero }),
        json!({ "x": zero }),
        json!({ "y": zero }),
        json!({ "x": all_ones, "y": all_ones }),
        json!({ "x": prime }),
        json!({ "x": good["y"], "y": good["x"] }),
        json!({ "x": "" }),
        json!({ "x": null }),
        json!({ "x": encode([0; 31]) }),
        json!({ "x": encode([0; 33]) }),
        json!({ "x": encode([0; 48]), "y": encode([0; 48]) }),
        json!({ "crv": "P-384" }),
        json!({ "crv": "P-521" }),
        json!({ "crv": "secp256k1" }),
        json!({ "crv": "Ed25519" }),
        json!({ "crv": null }),
        json!({ "kty": "RSA" }),
        json!({ "kty": "OKP" }),
        json!({ "kty": "ec" }),
        json!({ "alg": "ES384" }),
        json!({ "alg": "RS256" }),
        json!({ "alg": "HS256" }),
        json!({ "alg": "ES256K" }),
        json!({ "use": "enc" }),
        json!({ "key_ops": [] }),
        json!({ "key_ops": ["sign", "deriveKey"] }),
    ] {
        assert!(changed(members.clone()).is_err(), "{members}");
    }
}

#[test]
fn a_set_with_weak_keys_keeps_the_others() {
    let good = rsa_key().public_jwk().unwrap();
    let mut weak = good.clone();
    weak.kid = Some("weak".to_owned());
    weak.e = Some(encode([1]));
    let mut nameless = good.clone();
    nameless.kid = None;
    let keys = KeySet::from_jwks(&Jwks { keys: vec![weak, nameless, good] });
    assert_eq!(keys.len(), 1);
    assert_eq!(reason_with(&signed(json!({})), &keys), "ok");
}
