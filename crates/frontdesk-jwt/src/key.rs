//! Keys that verify.
//!
//! A key is parsed once, when it is made, and shared behind an [`Arc`]: a clone is a counter. It is bound to one
//! [`Algorithm`] for life, so nothing a token says can change how it is checked.

use std::fmt;
use std::sync::Arc;

use crate::{Algorithm, BadSignature, SignatureVerifier};

/// A public key or shared secret, parsed and bound to its algorithm. Its `Debug` shows id and algorithm only.
#[derive(Clone)]
pub struct VerifyingKey {
    inner: Arc<Inner>,
}

struct Inner {
    kid: Option<String>,
    algorithm: Algorithm,
    verifier: Box<dyn SignatureVerifier>,
    /// The `SubjectPublicKeyInfo`, if the key is public and we have it.
    public: Option<Box<[u8]>>,
}

impl VerifyingKey {
    /// A key whose signatures somebody else checks, in place of the built-in library. See [`SignatureVerifier`], and
    /// [`Jwk::algorithm`](crate::Jwk::algorithm) and [`Jwk::rsa_numbers`](crate::Jwk::rsa_numbers) for what to make one from.
    pub fn from_verifier(
        kid: Option<String>,
        algorithm: Algorithm,
        verifier: impl SignatureVerifier + 'static,
    ) -> Self {
        Self::new(kid, algorithm, Box::new(verifier), None)
    }

    pub(crate) fn new(
        kid: Option<String>,
        algorithm: Algorithm,
        verifier: Box<dyn SignatureVerifier>,
        public: Option<Box<[u8]>>,
    ) -> Self {
        Self { inner: Arc::new(Inner { kid, algorithm, verifier, public }) }
    }

    /// The key's id, if it came with one.
    pub fn kid(&self) -> Option<&str> {
        self.inner.kid.as_deref()
    }

    /// The algorithm this key verifies, and the only one.
    pub fn algorithm(&self) -> Algorithm {
        self.inner.algorithm
    }

    /// The public key as DER (`SubjectPublicKeyInfo`, RFC 5280 §4.1); `None` for a shared secret, and for a key that
    /// [somebody else holds](Self::from_verifier).
    pub fn public_der(&self) -> Option<&[u8]> {
        self.inner.public.as_deref()
    }
}

impl SignatureVerifier for VerifyingKey {
    /// Checks a signature over any message with the key's own algorithm. Tokens go through
    /// [`Token::verify_signature`](crate::Token::verify_signature), which compares the header's algorithm first.
    fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        self.inner.verifier.verify(message, signature)
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("VerifyingKey")
            .field("kid", &self.inner.kid)
            .field("algorithm", &self.inner.algorithm)
            .finish_non_exhaustive()
    }
}
