//! Signature checks by something else than the built-in library.

use std::fmt;

/// Checks signatures with one key and one algorithm.
///
/// [`VerifyingKey`](crate::VerifyingKey) does this with aws-lc-rs unless it is
/// [made from another implementation](crate::VerifyingKey::from_verifier): for platforms where that library does not
/// build (`wasm32-unknown-unknown`), or where a key never leaves some module. An implementation belongs to one key, so
/// that it can parse the key once; nothing is registered for the process. All other rules stay as they are: the algorithm
/// is compared with the header's before an implementation is asked, and claims are checked after.
///
/// It is asked in the middle of a synchronous function. Where checking is asynchronous (`WebCrypto`), check
/// [`Token::signing_input`](crate::Token::signing_input) and [`Token::signature`](crate::Token::signature) first, and let
/// the implementation answer for the pair that was found good, and for no other.
///
/// ```
/// use frontdesk_jwt::{Algorithm, BadSignature, SignatureVerifier, VerifyingKey};
///
/// /// A key in a hardware module.
/// struct InModule { slot: u8 }
///
/// impl SignatureVerifier for InModule {
///     fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
/// #       fn module_verifies(_: u8, _: &[u8], _: &[u8]) -> bool { false }
///         if module_verifies(self.slot, message, signature) { Ok(()) } else { Err(BadSignature) }
///     }
/// }
///
/// let key = VerifyingKey::from_verifier(Some("key_1".to_owned()), Algorithm::Rs256, InModule { slot: 3 });
/// assert_eq!(key.algorithm(), Algorithm::Rs256);
/// ```
pub trait SignatureVerifier: Send + Sync {
    /// Checks that `signature` (raw bytes, in the form of RFC 7518 §3) was made over `message` with this key and its
    /// algorithm.
    ///
    /// # Errors
    /// [`BadSignature`] in any other case, whatever it is: an error of the platform is not a good signature.
    fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), BadSignature>;
}

/// The signature was not made over this message with this key, or nobody could tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadSignature;

impl fmt::Display for BadSignature {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the signature does not match")
    }
}

impl std::error::Error for BadSignature {}
