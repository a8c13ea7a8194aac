//! RSA with numbers of any size, written down from RFC 8017: what forgers use, and a verifier that owes nothing to the
//! library under test.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use frontdesk_jwt::{Jwk, SigningKey};
use num_bigint::BigUint;

/// Bytes of a modulus of 2048 bits.
pub(crate) const MODULUS_BYTES: usize = 256;

/// What stands before a SHA-256 hash in a signature (RFC 8017 §9.2, note 1).
pub(crate) const SHA256_PREFIX: [u8; 19] = [
    0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00,
    0x04, 0x20,
];

/// The numbers of a key of 2048 bits.
pub(crate) struct Numbers {
    pub(crate) modulus: BigUint,
    pub(crate) exponent: BigUint,
    private_exponent: BigUint,
}

impl Numbers {
    pub(crate) fn of(key: &SigningKey) -> Self {
        let der = key.to_pkcs8_der().unwrap();
        // The PKCS#1 form of a key of this size stands behind 26 bytes, and its integers behind 4 more (RFC 8017 A.1.2):
        // version, modulus, public exponent, private exponent.
        let mut rest = &der[30..];
        let mut integer = || {
            let (length, header) = match rest[1] {
                0x82 => (usize::from(rest[2]) << 8 | usize::from(rest[3]), 4),
                0x81 => (usize::from(rest[2]), 3),
                short => (usize::from(short), 2),
            };
            let value = BigUint::from_bytes_be(&rest[header..header + length]);
            rest = &rest[header + length..];
            value
        };
        let _version = integer();
        Self { modulus: integer(), exponent: integer(), private_exponent: integer() }
    }

    /// The private operation on a block of any content: a signature as no honest signer makes it.
    pub(crate) fn sign_block(&self, block: &[u8]) -> Vec<u8> {
        assert_eq!(block.len(), MODULUS_BYTES);
        fixed_length(&BigUint::from_bytes_be(block).modpow(&self.private_exponent, &self.modulus))
    }
}

/// The public numbers of a JWK.
pub(crate) fn public_numbers(jwk: &Jwk) -> (BigUint, BigUint) {
    let number = |text: &Option<String>| {
        BigUint::from_bytes_be(&URL_SAFE_NO_PAD.decode(text.as_deref().unwrap()).unwrap())
    };
    (number(&jwk.n), number(&jwk.e))
}

/// RSASSA-PKCS1-v1_5 with SHA-256, verified by making the block that should come out (RFC 8017 §8.2.2).
pub(crate) fn verifies(modulus: &BigUint, exponent: &BigUint, message: &[u8], signature: &[u8]) -> bool {
    let number = BigUint::from_bytes_be(signature);
    signature.len() == MODULUS_BYTES
        && number < *modulus
        && fixed_length(&number.modpow(exponent, modulus)) == honest_block(message)
}

/// The block that an honest signer signs.
pub(crate) fn honest_block(message: &[u8]) -> Vec<u8> {
    let hash = digest(&SHA256, message);
    let filler = MODULUS_BYTES - 3 - SHA256_PREFIX.len() - hash.as_ref().len();
    [&[0, 1], vec![0xff; filler].as_slice(), &[0], &SHA256_PREFIX, hash.as_ref()].concat()
}

/// A number in as many bytes as the modulus has.
pub(crate) fn fixed_length(number: &BigUint) -> Vec<u8> {
    let bytes = number.to_bytes_be();
    [vec![0; MODULUS_BYTES - bytes.len()], bytes].concat()
}
