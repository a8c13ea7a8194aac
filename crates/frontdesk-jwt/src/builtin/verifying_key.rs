//! Verifying keys in and out of their formats.

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::error::KeyRejected;
use aws_lc_rs::hmac;
use aws_lc_rs::rsa::PublicKey as RsaPublicKey;
use aws_lc_rs::signature::{ParsedPublicKey, RsaPublicKeyComponents};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::der::{Pem, rsa_components};
use super::scheme::{RsaScheme, Scheme};
use crate::jwk::{self, RsaNumbers, check_rsa_numbers};
use crate::{Algorithm, BadSignature, Jwk, Jwks, KeyError, KeySet, SignatureVerifier, VerifyingKey};

impl VerifyingKey {
    /// Reads a published key. Without `alg` an RSA key is for RS256 and an EC key for its curve's algorithm. A JWK is
    /// public by nature, so shared secrets (`oct`) are refused: one is given through [`from_secret`](Self::from_secret).
    pub fn from_jwk(jwk: &Jwk) -> Result<Self, KeyError> {
        let algorithm = jwk.algorithm()?;
        let parsed = match (jwk.kty.as_str(), algorithm.scheme()) {
            ("RSA", Scheme::Rsa(scheme)) => {
                let RsaNumbers { modulus: n, exponent: e } = jwk.rsa_numbers()?;
                RsaPublicKeyComponents { n, e }.to_parsed_public_key(scheme.verifying)
            }
            ("EC", Scheme::Ecdsa(scheme)) if jwk.crv.as_deref() == Some(scheme.curve) => {
                const UNCOMPRESSED: u8 = 4;
                let mut point = vec![UNCOMPRESSED];
                for coordinate in [&jwk.x, &jwk.y] {
                    let coordinate = jwk::member(coordinate.as_deref())?;
                    if coordinate.len() != scheme.coordinate_bytes {
                        return Err(KeyError::Jwk("a coordinate has the wrong length"));
                    }
                    point.extend_from_slice(&coordinate);
                }
                ParsedPublicKey::new(scheme.verifying, &point)
            }
            _ => return Err(KeyError::Jwk("kty, crv and alg do not belong together")),
        };
        let parsed = parsed.map_err(|error| rejected(algorithm, error))?;
        Self::from_pair(jwk.kid.clone(), algorithm, parsed)
    }

    /// Reads a public key in PEM: `PUBLIC KEY` (SPKI) or `RSA PUBLIC KEY` (PKCS#1). It has no id, and verifies tokens
    /// whatever their `kid` is.
    pub fn from_pem(algorithm: Algorithm, pem: &str) -> Result<Self, KeyError> {
        let pem = Pem::read(pem)?;
        let parsed = match (pem.label.as_str(), algorithm.scheme()) {
            ("PUBLIC KEY" | "RSA PUBLIC KEY", Scheme::Rsa(scheme)) => {
                let key = RsaPublicKey::from_der(&pem.der).map_err(|error| rejected(algorithm, error))?;
                parse_rsa(algorithm, scheme, key.as_ref())?
            }
            ("PUBLIC KEY", Scheme::Ecdsa(scheme)) => {
                ParsedPublicKey::new(scheme.verifying, pem.der.as_slice())
                    .map_err(|error| rejected(algorithm, error))?
            }
            // A PEM file as an HMAC secret is the classic confusion: never.
            ("PUBLIC KEY" | "RSA PUBLIC KEY", _) => return Err(KeyError::WrongAlgorithm(algorithm)),
            _ => return Err(KeyError::PemLabel(pem.label)),
        };
        Self::from_pair(None, algorithm, parsed)
    }

    /// A shared secret for HS256, HS384 or HS512.
    pub fn from_secret(algorithm: Algorithm, secret: &[u8]) -> Result<Self, KeyError> {
        Ok(Self::from_hmac(None, algorithm, hmac_key(algorithm, secret)?))
    }

    /// The key as a JWK for signatures (`use: sig`); `None` for a shared secret, and for a key that
    /// [somebody else holds](Self::from_verifier).
    pub fn to_jwk(&self) -> Option<Jwk> {
        let jwk = Jwk {
            usage: Some("sig".to_owned()),
            kid: self.kid().map(str::to_owned),
            alg: Some(self.algorithm().as_str().to_owned()),
            ..Jwk::default()
        };
        let spki = self.public_der()?;
        match self.algorithm().scheme() {
            Scheme::Rsa(_) => {
                let key = RsaPublicKey::from_der(spki).ok()?;
                let (n, e) = rsa_components(key.as_ref())?;
                let (n, e) = (Some(URL_SAFE_NO_PAD.encode(n)), Some(URL_SAFE_NO_PAD.encode(e)));
                Some(Jwk { kty: "RSA".to_owned(), n, e, ..jwk })
            }
            Scheme::Ecdsa(scheme) => {
                // The uncompressed point is the tail of the SPKI (RFC 5480 §2.2).
                let (_, point) =
                    spki.split_at_checked(spki.len().checked_sub(2 * scheme.coordinate_bytes)?)?;
                let (x, y) = point.split_at(scheme.coordinate_bytes);
                let (x, y) = (Some(URL_SAFE_NO_PAD.encode(x)), Some(URL_SAFE_NO_PAD.encode(y)));
                Some(Jwk { kty: "EC".to_owned(), crv: Some(scheme.curve.to_owned()), x, y, ..jwk })
            }
            Scheme::Hmac(_) => None,
        }
    }

    /// The key as PEM (`SubjectPublicKeyInfo`); `None` where there is [no JWK](Self::to_jwk).
    pub fn to_pem(&self) -> Option<String> {
        Some(Pem::write_public_key(self.public_der()?))
    }

    pub(super) fn from_pair(
        kid: Option<String>,
        algorithm: Algorithm,
        key: ParsedPublicKey,
    ) -> Result<Self, KeyError> {
        let public = key.as_der().map_err(|_| KeyError::Crypto)?.as_ref().into();
        Ok(Self::new(kid, algorithm, Box::new(Pair(key)), Some(public)))
    }

    pub(super) fn from_hmac(kid: Option<String>, algorithm: Algorithm, key: hmac::Key) -> Self {
        Self::new(kid, algorithm, Box::new(Hmac(key)), None)
    }
}

struct Pair(ParsedPublicKey);

impl SignatureVerifier for Pair {
    fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        self.0.verify_sig(message, signature).map_err(|_| BadSignature)
    }
}

struct Hmac(hmac::Key);

impl SignatureVerifier for Hmac {
    fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        hmac::verify(&self.0, message, signature).map_err(|_| BadSignature)
    }
}

impl KeySet {
    /// The usable keys of a published set. Keys without an id, and keys of kinds we cannot use, are left out: a set may
    /// well hold keys for others. Of two keys with one id the later one counts.
    pub fn from_jwks(jwks: &Jwks) -> Self {
        jwks.keys
            .iter()
            .filter_map(|jwk| Some((jwk.kid.clone()?, VerifyingKey::from_jwk(jwk).ok()?)))
            .collect()
    }
}

pub(super) fn parse_rsa(
    algorithm: Algorithm,
    scheme: RsaScheme,
    pkcs1: &[u8],
) -> Result<ParsedPublicKey, KeyError> {
    let (modulus, exponent) = rsa_components(pkcs1).ok_or(KeyError::Crypto)?;
    check_rsa_numbers(algorithm, modulus, exponent)?;
    ParsedPublicKey::new(scheme.verifying, pkcs1).map_err(|error| rejected(algorithm, error))
}

pub(super) fn hmac_key(algorithm: Algorithm, secret: &[u8]) -> Result<hmac::Key, KeyError> {
    let Scheme::Hmac(hash) = algorithm.scheme() else {
        return Err(KeyError::WrongAlgorithm(algorithm));
    };
    if secret.is_empty() {
        return Err(KeyError::Rejected { algorithm, detail: "the secret is empty".to_owned() });
    }
    Ok(hmac::Key::new(hash, secret))
}

pub(super) fn rejected(algorithm: Algorithm, error: KeyRejected) -> KeyError {
    KeyError::Rejected { algorithm, detail: error.to_string() }
}
