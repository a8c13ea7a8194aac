//! Keys that sign. They are parsed once, when they are made, and shared behind an [`Arc`]: a clone is a counter.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::hmac;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{EcdsaKeyPair, KeyPair, ParsedPublicKey, RsaKeyPair};
use zeroize::Zeroizing;

use super::der::Pem;
use super::scheme::{EcdsaScheme, RsaScheme, Scheme};
use super::verifying_key::{hmac_key, parse_rsa, rejected};
use crate::{Algorithm, Jwk, KeyError, VerifyingKey};

/// A private key or shared secret, ready to sign. Its `Debug` shows id and algorithm only.
#[derive(Clone)]
pub struct SigningKey {
    inner: Arc<SigningInner>,
}

struct SigningInner {
    kid: String,
    algorithm: Algorithm,
    material: PrivateMaterial,
    verifying: VerifyingKey,
}

pub(super) enum PrivateMaterial {
    Rsa(RsaKeyPair, RsaScheme),
    Ecdsa(EcdsaKeyPair, EcdsaScheme),
    Hmac(Box<hmac::Key>),
}

impl SigningKey {
    /// A fresh RSA key of 2048 bits with exponent 65537 for RS256: the only kind that every SDK can use (§3.7).
    /// Takes a good part of a second, so keep it off async threads. The randomness is the crypto library's own.
    pub fn generate(kid: impl Into<String>) -> Result<Self, KeyError> {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| KeyError::Crypto)?;
        Self::from_rsa(kid.into(), Algorithm::Rs256, pair)
    }

    /// Reads an unencrypted PKCS#8 private key (RFC 5208): RSA of 2048 to 8192 bits, or the curve of the algorithm.
    pub fn from_pkcs8_der(
        kid: impl Into<String>,
        algorithm: Algorithm,
        der: &[u8],
    ) -> Result<Self, KeyError> {
        match algorithm.scheme() {
            Scheme::Rsa(_) => {
                let pair = RsaKeyPair::from_pkcs8(der).map_err(|error| rejected(algorithm, error))?;
                Self::from_rsa(kid.into(), algorithm, pair)
            }
            Scheme::Ecdsa(scheme) => {
                let pair = EcdsaKeyPair::from_pkcs8(scheme.signing, der)
                    .map_err(|error| rejected(algorithm, error))?;
                Self::from_ecdsa(kid.into(), algorithm, pair)
            }
            Scheme::Hmac(_) => Err(KeyError::WrongAlgorithm(algorithm)),
        }
    }

    /// Reads a private key in PEM: `PRIVATE KEY` (PKCS#8), `RSA PRIVATE KEY` (PKCS#1) or `EC PRIVATE KEY` (SEC 1).
    pub fn from_pem(kid: impl Into<String>, algorithm: Algorithm, pem: &str) -> Result<Self, KeyError> {
        let pem = Pem::read(pem)?;
        match (pem.label.as_str(), algorithm.scheme()) {
            ("PRIVATE KEY", _) => Self::from_pkcs8_der(kid, algorithm, &pem.der),
            ("RSA PRIVATE KEY", Scheme::Rsa(_)) => {
                let pair = RsaKeyPair::from_der(&pem.der).map_err(|error| rejected(algorithm, error))?;
                Self::from_rsa(kid.into(), algorithm, pair)
            }
            ("EC PRIVATE KEY", Scheme::Ecdsa(scheme)) => {
                let pair = EcdsaKeyPair::from_private_key_der(scheme.signing, &pem.der);
                Self::from_ecdsa(kid.into(), algorithm, pair.map_err(|error| rejected(algorithm, error))?)
            }
            ("RSA PRIVATE KEY" | "EC PRIVATE KEY", _) => Err(KeyError::WrongAlgorithm(algorithm)),
            _ => Err(KeyError::PemLabel(pem.label)),
        }
    }

    /// A shared secret for HS256, HS384 or HS512. Any length but zero is taken, because the other side may have chosen
    /// it; RFC 7518 §3.2 asks for at least the length of the hash.
    pub fn from_secret(
        kid: impl Into<String>,
        algorithm: Algorithm,
        secret: &[u8],
    ) -> Result<Self, KeyError> {
        let (kid, key) = (kid.into(), hmac_key(algorithm, secret)?);
        let verifying = VerifyingKey::from_hmac(Some(kid.clone()), algorithm, key.clone());
        Ok(Self::new(kid, algorithm, PrivateMaterial::Hmac(Box::new(key)), verifying))
    }

    fn from_rsa(kid: String, algorithm: Algorithm, pair: RsaKeyPair) -> Result<Self, KeyError> {
        let Scheme::Rsa(scheme) = algorithm.scheme() else {
            return Err(KeyError::WrongAlgorithm(algorithm));
        };
        let public = parse_rsa(algorithm, scheme, pair.public_key().as_ref())?;
        let verifying = VerifyingKey::from_pair(Some(kid.clone()), algorithm, public)?;
        Ok(Self::new(kid, algorithm, PrivateMaterial::Rsa(pair, scheme), verifying))
    }

    fn from_ecdsa(kid: String, algorithm: Algorithm, pair: EcdsaKeyPair) -> Result<Self, KeyError> {
        let Scheme::Ecdsa(scheme) = algorithm.scheme() else {
            return Err(KeyError::WrongAlgorithm(algorithm));
        };
        let public = ParsedPublicKey::new(scheme.verifying, pair.public_key().as_ref())
            .map_err(|error| rejected(algorithm, error))?;
        let verifying = VerifyingKey::from_pair(Some(kid.clone()), algorithm, public)?;
        Ok(Self::new(kid, algorithm, PrivateMaterial::Ecdsa(pair, scheme), verifying))
    }

    fn new(kid: String, algorithm: Algorithm, material: PrivateMaterial, verifying: VerifyingKey) -> Self {
        Self { inner: Arc::new(SigningInner { kid, algorithm, material, verifying }) }
    }

    /// The id that goes into `kid`.
    pub fn kid(&self) -> &str {
        &self.inner.kid
    }

    /// The algorithm this key signs with.
    pub fn algorithm(&self) -> Algorithm {
        self.inner.algorithm
    }

    /// The key that verifies what this one signs.
    pub fn verifying_key(&self) -> &VerifyingKey {
        &self.inner.verifying
    }

    /// The public half for the key set; `None` for a shared secret, which has none.
    pub fn public_jwk(&self) -> Option<Jwk> {
        self.inner.verifying.to_jwk()
    }

    /// The public half as PEM (`SubjectPublicKeyInfo`), which applications can be given so that they need not fetch the
    /// key set; `None` for a shared secret.
    pub fn public_pem(&self) -> Option<String> {
        self.inner.verifying.to_pem()
    }

    /// The private key as PKCS#8, for encrypted storage. A shared secret is not exported.
    pub fn to_pkcs8_der(&self) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        match &self.inner.material {
            PrivateMaterial::Rsa(pair, _) => {
                let der = pair.as_der().map_err(|_| KeyError::Crypto)?;
                Ok(Zeroizing::new(der.as_ref().to_vec()))
            }
            PrivateMaterial::Ecdsa(pair, _) => {
                let der = pair.to_pkcs8v1().map_err(|_| KeyError::Crypto)?;
                Ok(Zeroizing::new(der.as_ref().to_vec()))
            }
            PrivateMaterial::Hmac(_) => Err(KeyError::WrongAlgorithm(self.inner.algorithm)),
        }
    }

    pub(super) fn material(&self) -> &PrivateMaterial {
        &self.inner.material
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SigningKey")
            .field("kid", &self.inner.kid)
            .field("algorithm", &self.inner.algorithm)
            .finish_non_exhaustive()
    }
}
