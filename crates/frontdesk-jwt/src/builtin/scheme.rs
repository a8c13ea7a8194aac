//! What the crypto library calls the algorithms.

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{
    self, EcdsaSigningAlgorithm, EcdsaVerificationAlgorithm, RsaParameters, RsaSignatureEncoding,
};

use crate::Algorithm;

/// An algorithm, by family.
#[derive(Clone, Copy)]
pub(super) enum Scheme {
    Rsa(RsaScheme),
    Ecdsa(EcdsaScheme),
    Hmac(hmac::Algorithm),
}

#[derive(Clone, Copy)]
pub(super) struct RsaScheme {
    pub(super) signing: &'static RsaSignatureEncoding,
    pub(super) verifying: &'static RsaParameters,
}

#[derive(Clone, Copy)]
pub(super) struct EcdsaScheme {
    /// The `crv` of a JWK.
    pub(super) curve: &'static str,
    /// Bytes of one coordinate of a point.
    pub(super) coordinate_bytes: usize,
    pub(super) signing: &'static EcdsaSigningAlgorithm,
    pub(super) verifying: &'static EcdsaVerificationAlgorithm,
}

impl Algorithm {
    pub(super) const fn scheme(self) -> Scheme {
        match self {
            Self::Rs256 => Scheme::Rsa(RsaScheme {
                signing: &signature::RSA_PKCS1_SHA256,
                verifying: &signature::RSA_PKCS1_2048_8192_SHA256,
            }),
            Self::Rs384 => Scheme::Rsa(RsaScheme {
                signing: &signature::RSA_PKCS1_SHA384,
                verifying: &signature::RSA_PKCS1_2048_8192_SHA384,
            }),
            Self::Rs512 => Scheme::Rsa(RsaScheme {
                signing: &signature::RSA_PKCS1_SHA512,
                verifying: &signature::RSA_PKCS1_2048_8192_SHA512,
            }),
            Self::Hs256 => Scheme::Hmac(hmac::HMAC_SHA256),
            Self::Hs384 => Scheme::Hmac(hmac::HMAC_SHA384),
            Self::Hs512 => Scheme::Hmac(hmac::HMAC_SHA512),
            Self::Es256 => Scheme::Ecdsa(EcdsaScheme {
                curve: "P-256",
                coordinate_bytes: 32,
                signing: &signature::ECDSA_P256_SHA256_FIXED_SIGNING,
                verifying: &signature::ECDSA_P256_SHA256_FIXED,
            }),
            Self::Es384 => Scheme::Ecdsa(EcdsaScheme {
                curve: "P-384",
                coordinate_bytes: 48,
                signing: &signature::ECDSA_P384_SHA384_FIXED_SIGNING,
                verifying: &signature::ECDSA_P384_SHA384_FIXED,
            }),
        }
    }
}
