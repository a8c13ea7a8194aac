//! Signatures that are almost right.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use frontdesk_jwt::{Algorithm, Header, Jwk, SigningKey, VerifyingKey};
use num_bigint::BigUint;
use serde_json::json;

use super::{CLAIMS, HEADER, reason_with};
use crate::big_numbers::{
    MODULUS_BYTES, Numbers, SHA256_PREFIX, fixed_length, honest_block, public_numbers, verifies,
};
use crate::{claims, encode, reason, rsa_key, signed};

fn message() -> String {
    format!("{}.{}", encode(HEADER), encode(CLAIMS))
}

#[test]
fn signatures_of_another_length_are_refused() {
    let token = signed(json!({}));
    let (message, signature) = token.rsplit_once('.').unwrap();
    let bytes = URL_SAFE_NO_PAD.decode(signature).unwrap();
    for length in [0, 1, 2, 32, 64, 128, 254, 255] {
        for part in [&bytes[..length], &bytes[256 - length..]] {
            assert_eq!(reason(&format!("{message}.{}", encode(part))), "token-invalid-signature", "{length}");
        }
    }
    let zeros = [0; 256];
    for longer in [
        [&bytes[..], &[0]].concat(),
        [&[0], &bytes[..]].concat(),
        [&bytes[..], &bytes[..]].concat(),
        [&zeros[..], &bytes[..]].concat(),
        [&bytes[..], &[0; 8_000]].concat(),
    ] {
        assert_eq!(reason(&format!("{message}.{}", encode(longer))), "token-invalid-signature");
    }
    assert_eq!(reason(&format!("{message}.{}", &signature[..signature.len() - 1])), "token-invalid");
    assert_eq!(
        reason(&format!("{message}.{}", &signature[..signature.len() - 2])),
        "token-invalid-signature"
    );
}

#[test]
fn numbers_that_are_no_signatures_are_refused() {
    let (modulus, _) = public_numbers(&rsa_key().public_jwk().unwrap());
    let honest = BigUint::from_bytes_be(&crate::raw_signature(&message()));
    let one = BigUint::from(1_u8);
    let mut numbers = vec![
        BigUint::ZERO,
        one.clone(),
        BigUint::from(2_u8),
        &modulus - &one,
        modulus.clone(),
        // The negative root, and what the honest block itself would be.
        &modulus - &honest,
        BigUint::from_bytes_be(&honest_block(message().as_bytes())),
        BigUint::from_bytes_be(&[0xff; MODULUS_BYTES]),
    ];
    // The same residue, not reduced (RFC 8017 §5.2.2): where it fits, and in a byte more.
    let unreduced = &honest + &modulus;
    let longer = unreduced.to_bytes_be();
    if longer.len() == MODULUS_BYTES {
        numbers.push(unreduced);
    }
    assert_eq!(
        reason(&format!("{}.{}", message(), encode([&[0], longer.as_slice()].concat()))),
        "token-invalid-signature"
    );
    for number in numbers {
        let forged = format!("{}.{}", message(), encode(fixed_length(&number)));
        assert_eq!(reason(&forged), "token-invalid-signature", "{number:x}");
    }
    assert_eq!(reason(&format!("{}.{}", message(), encode(fixed_length(&honest)))), "ok");
}

/// Blocks that the right key has signed, and that are not the one block that PKCS#1 wants (RFC 8017 §8.2.2 compares it
/// whole): CVE-2006-4339, CVE-2014-1568 (`BERserk`), CVE-2016-1494.
#[test]
fn only_the_one_honest_block_is_a_signature() {
    let numbers = Numbers::of(rsa_key());
    let message = message();
    let hash = digest(&SHA256, message.as_bytes());
    let hash = hash.as_ref();
    let info = [&SHA256_PREFIX, hash].concat();
    // Type, filler, zero, and the rest, filled up in front.
    let padded = |kind: u8, filler: u8, rest: &[u8]| {
        let length = MODULUS_BYTES - 3 - rest.len();
        [&[0, kind], vec![filler; length].as_slice(), &[0], rest].concat()
    };
    let honest = padded(1, 0xff, &info);
    assert_eq!(honest, honest_block(message.as_bytes()));

    let without_null = [&[0x30, 0x2f, 0x30, 0x0b], &SHA256_PREFIX[4..15], &[0x04, 0x20], hash].concat();
    let long_form = [&[0x30, 0x81, 0x31], &SHA256_PREFIX[2..], hash].concat();
    let indefinite = [&[0x30, 0x80], &SHA256_PREFIX[2..], hash, &[0, 0]].concat();
    let garbage_in_parameters =
        [&[0x30, 0x35, 0x30, 0x11], &SHA256_PREFIX[4..15], &[0x04, 0x04, 1, 2, 3, 4], &[0x04, 0x20], hash]
            .concat();
    let sha384_name = {
        let mut info = info.clone();
        info[14] = 2;
        info
    };
    let sha1 = digest(&SHA1_FOR_LEGACY_USE_ONLY, message.as_bytes());
    let sha1_info = [
        &[0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14],
        sha1.as_ref(),
    ]
    .concat();
    let other_hash = [&SHA256_PREFIX, digest(&SHA256, b"another message").as_ref()].concat();
    let with_garbage = |garbage: usize| {
        let mut block = padded(1, 0xff, &[info.as_slice(), &vec![0xaa; garbage]].concat());
        block.truncate(MODULUS_BYTES);
        block
    };
    let short_filler = {
        let rest = [&[0], info.as_slice()].concat();
        let filler = vec![0xff; 8];
        let garbage = vec![0x55; MODULUS_BYTES - 2 - filler.len() - rest.len()];
        [&[0, 1], filler.as_slice(), &rest, &garbage].concat()
    };
    let one_wrong_filler_byte = {
        let mut block = honest.clone();
        block[100] = 0xfe;
        block
    };
    let without_zero = {
        let mut block = honest.clone();
        let end = MODULUS_BYTES - info.len() - 1;
        block[end] = 0xff;
        block
    };
    let shifted = [&honest[1..], &[0]].concat();

    let blocks = [
        ("garbage behind the hash", with_garbage(1)),
        ("much garbage behind the hash", with_garbage(180)),
        ("short filler, then garbage", short_filler),
        ("one byte of filler is wrong", one_wrong_filler_byte),
        ("no zero after the filler", without_zero),
        ("encryption's block type", padded(2, 0xff, &info)),
        ("block type 0", padded(0, 0, &info)),
        ("filler of zeros", padded(1, 0, &info)),
        ("no NULL parameters", padded(1, 0xff, &without_null)),
        ("a length in its long form", padded(1, 0xff, &long_form)),
        ("an indefinite length", padded(1, 0xff, &indefinite)),
        ("something in the parameters", padded(1, 0xff, &garbage_in_parameters)),
        ("another hash's name", padded(1, 0xff, &sha384_name)),
        ("SHA-1", padded(1, 0xff, &sha1_info)),
        ("another message's hash", padded(1, 0xff, &other_hash)),
        ("the hash without its name", padded(1, 0xff, hash)),
        ("a cut hash", padded(1, 0xff, &info[..info.len() - 1])),
        ("no hash", padded(1, 0xff, &SHA256_PREFIX)),
        ("everything shifted by a byte", shifted),
        ("zeros", vec![0; MODULUS_BYTES]),
    ];
    for (what, block) in blocks {
        assert_ne!(block, honest, "{what}");
        assert!(BigUint::from_bytes_be(&block) < numbers.modulus, "{what}");
        let signature = numbers.sign_block(&block);
        assert!(!verifies(&numbers.modulus, &numbers.exponent, message.as_bytes(), &signature), "{what}");
        assert_eq!(reason(&format!("{message}.{}", encode(signature))), "token-invalid-signature", "{what}");
    }
    assert_eq!(
        reason(&format!("{message}.{}", encode(numbers.sign_block(&honest)))),
        "ok",
        "the signing itself is right"
    );
}

/// Bleichenbacher's forgery: with exponent 3 a cube root begins as a signature must, without any private key.
#[test]
fn a_cube_root_is_not_a_signature() {
    let mut jwk: Jwk = rsa_key().public_jwk().unwrap();
    jwk.e = Some(encode([3]));
    let key = VerifyingKey::from_jwk(&jwk).unwrap();
    let message = message();
    let info = [&SHA256_PREFIX, digest(&SHA256, message.as_bytes()).as_ref()].concat();

    let beginning = [&[0, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0], info.as_slice()].concat();
    let mut highest = beginning.clone();
    highest.resize(MODULUS_BYTES, 0xff);
    let root = BigUint::from_bytes_be(&highest).cbrt();
    let cube = fixed_length(&(&root * &root * &root));
    assert_eq!(cube[..beginning.len()], beginning, "the forgery is sound: a lazy verifier would take it");
    assert_eq!(
        reason_with(&format!("{message}.{}", encode(fixed_length(&root))), &key),
        "token-invalid-signature"
    );
}

/// CVE-2022-21449: with r = s = 0 the equation holds for any message, if nobody looks.
#[test]
fn psychic_signatures_are_refused() {
    let (key, message) = elliptic();
    let order = BigUint::parse_bytes(b"ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16)
        .unwrap();
    let (zero, one) = (BigUint::ZERO, BigUint::from(1_u8));
    let all_ones = BigUint::from_bytes_be(&[0xff; 32]);
    let numbers = [zero, one.clone(), &order - &one, order.clone(), &order + &one, all_ones];
    for r in &numbers {
        for s in &numbers {
            let signature = [coordinate(r), coordinate(s)].concat();
            let forged = format!("{message}.{}", encode(signature));
            assert_eq!(reason_with(&forged, key.verifying_key()), "token-invalid-signature", "{r:x} {s:x}");
        }
    }
}

#[test]
fn an_ecdsa_signature_has_one_form() {
    let (key, message) = elliptic();
    let der = key.to_pkcs8_der().unwrap();
    let fixed = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der).unwrap();
    let asn1 = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &der).unwrap();
    let with =
        |signature: &[u8]| reason_with(&format!("{message}.{}", encode(signature)), key.verifying_key());
    let signature = fixed.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
    let signature = signature.as_ref();
    assert_eq!(with(signature), "ok");
    let in_asn1 = asn1.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
    assert_eq!(
        with(in_asn1.as_ref()),
        "token-invalid-signature",
        "JOSE has no ASN.1 signatures (RFC 7518 §3.4)"
    );
    let (r, s) = signature.split_at(32);
    for other in [
        [s, r].concat(),
        [&[0], signature].concat(),
        [signature, &[0]].concat(),
        [&[0], r, &[0], s].concat(),
        signature[..63].to_vec(),
        r.to_vec(),
        Vec::new(),
        [&[0; 16], r, &[0; 16], s].concat(),
    ] {
        assert_eq!(with(&other), "token-invalid-signature", "{} bytes", other.len());
    }
    // The mirrored signature is as good, by the definition of ECDSA. So no two tokens are told apart by their text.
    let order = BigUint::parse_bytes(b"ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16)
        .unwrap();
    let mirrored = order - BigUint::from_bytes_be(s);
    assert_eq!(with(&[r, &coordinate(&mirrored)].concat()), "ok");
}

fn elliptic() -> (SigningKey, String) {
    let der = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).unwrap();
    let key = SigningKey::from_pkcs8_der("ec", Algorithm::Es256, der.as_ref()).unwrap();
    let token = key.sign(&Header::for_key(&key), &claims(json!({}))).unwrap();
    let (message, _) = token.rsplit_once('.').unwrap();
    (key, message.to_owned())
}

fn coordinate(number: &BigUint) -> Vec<u8> {
    let bytes = number.to_bytes_be();
    [vec![0; 32 - bytes.len()], bytes].concat()
}
