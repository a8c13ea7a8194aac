//! Signing: JSON, base64url, one signature, one string.

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;

use super::signing_key::PrivateMaterial;
use crate::{Header, SignError, SigningKey};

/// The longest signature: RSA with 8192 bits.
const MAX_SIGNATURE_BYTES: usize = 1024;

impl SigningKey {
    /// Signs claims, any type that serialises to a JSON object, as a compact token (RFC 7515 §3.1).
    ///
    /// The header must name this key's algorithm; [`Header::for_key`] does.
    pub fn sign(&self, header: &Header, claims: &impl Serialize) -> Result<String, SignError> {
        if header.alg != self.algorithm().as_str() {
            return Err(SignError::AlgorithmMismatch { header: header.alg.clone(), key: self.algorithm() });
        }
        let mut json = Vec::with_capacity(1024);
        serde_json::to_writer(&mut json, header)?;
        let header_length = json.len();
        serde_json::to_writer(&mut json, claims)?;
        let (header, claims) = json.split_at(header_length);
        if claims.first() != Some(&b'{') {
            return Err(SignError::NotAnObject);
        }

        // The exact size, so that the token is allocated once.
        let size = encoded_length(header.len())
            + encoded_length(claims.len())
            + encoded_length(self.signature_bytes());
        let mut token = String::with_capacity(size + 2);
        URL_SAFE_NO_PAD.encode_string(header, &mut token);
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(claims, &mut token);

        let mut buffer = [0; MAX_SIGNATURE_BYTES];
        let signature = self.raw_signature(token.as_bytes(), &mut buffer)?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(token)
    }

    fn raw_signature<'b>(
        &self,
        message: &[u8],
        buffer: &'b mut [u8; MAX_SIGNATURE_BYTES],
    ) -> Result<&'b [u8], SignError> {
        // The library takes a random source for compatibility's sake and does not use it.
        let unused = SystemRandom::new();
        let length = self.signature_bytes();
        match self.material() {
            PrivateMaterial::Rsa(pair, scheme) => {
                pair.sign(scheme.signing, &unused, message, &mut buffer[..length])
                    .map_err(|_| SignError::Crypto)?;
            }
            PrivateMaterial::Ecdsa(pair, _) => {
                let made = pair.sign(&unused, message).map_err(|_| SignError::Crypto)?;
                buffer[..length].copy_from_slice(made.as_ref());
            }
            PrivateMaterial::Hmac(key) => buffer[..length].copy_from_slice(hmac::sign(key, message).as_ref()),
        }
        Ok(&buffer[..length])
    }

    fn signature_bytes(&self) -> usize {
        match self.material() {
            PrivateMaterial::Rsa(pair, _) => pair.public_modulus_len(),
            PrivateMaterial::Ecdsa(_, scheme) => 2 * scheme.coordinate_bytes,
            PrivateMaterial::Hmac(key) => key.algorithm().tag_len(),
        }
    }
}

/// Characters of base64url without padding.
const fn encoded_length(bytes: usize) -> usize {
    (bytes * 4).div_ceil(3)
}
