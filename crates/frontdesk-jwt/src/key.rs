//! Keys that sign, keys that verify, and sets of the latter.
//!
//! Both kinds are parsed once, when they are made, and shared behind an [`Arc`]: a clone is a counter. A key is bound to
//! one [`Algorithm`] for life, so nothing a token says can change how it is checked.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::hmac;
use aws_lc_rs::rsa::{KeySize, PublicKey as RsaPublicKey};
use aws_lc_rs::signature::{EcdsaKeyPair, KeyPair, ParsedPublicKey, RsaKeyPair, RsaPublicKeyComponents};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use crate::algorithm::{EcdsaScheme, RsaScheme, Scheme};
use crate::der::{Pem, bit_length, rsa_components, without_leading_zeros};
use crate::{Algorithm, BadSignature, Header, Jwk, Jwks, KeyError, SignatureVerifier, Token, VerifyError};

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

pub(crate) enum PrivateMaterial {
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
        let key = hmac_key(algorithm, secret)?;
        let public = PublicMaterial::Hmac(key.clone());
        Ok(Self::new(kid.into(), algorithm, PrivateMaterial::Hmac(key), public))
    }

    fn from_rsa(kid: String, algorithm: Algorithm, pair: RsaKeyPair) -> Result<Self, KeyError> {
        let Scheme::Rsa(scheme) = algorithm.scheme() else {
            return Err(KeyError::WrongAlgorithm(algorithm));
        };
        let public = PublicMaterial::Pair(parse_rsa(algorithm, scheme, pair.public_key().as_ref())?);
        Ok(Self::new(kid, algorithm, PrivateMaterial::Rsa(pair, scheme), public))
    }

    fn from_ecdsa(kid: String, algorithm: Algorithm, pair: EcdsaKeyPair) -> Result<Self, KeyError> {
        let Scheme::Ecdsa(scheme) = algorithm.scheme() else {
            return Err(KeyError::WrongAlgorithm(algorithm));
        };
        let public = ParsedPublicKey::new(scheme.verifying, pair.public_key().as_ref())
            .map_err(|error| rejected(algorithm, error))?;
        Ok(Self::new(kid, algorithm, PrivateMaterial::Ecdsa(pair, scheme), PublicMaterial::Pair(public)))
    }

    fn new(kid: String, algorithm: Algorithm, material: PrivateMaterial, public: PublicMaterial) -> Self {
        let verifying = VerifyingKey::new(Some(kid.clone()), algorithm, public);
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

    pub(crate) fn material(&self) -> &PrivateMaterial {
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

/// A public key or shared secret, parsed and bound to its algorithm. Its `Debug` shows id and algorithm only.
#[derive(Clone)]
pub struct VerifyingKey {
    inner: Arc<VerifyingInner>,
}

struct VerifyingInner {
    kid: Option<String>,
    algorithm: Algorithm,
    material: PublicMaterial,
}

enum PublicMaterial {
    Pair(ParsedPublicKey),
    Hmac(Box<hmac::Key>),
    Foreign(Box<dyn SignatureVerifier>),
}

impl VerifyingKey {
    fn new(kid: Option<String>, algorithm: Algorithm, material: PublicMaterial) -> Self {
        Self { inner: Arc::new(VerifyingInner { kid, algorithm, material }) }
    }

    /// Reads a published key. Without `alg` an RSA key is for RS256 and an EC key for its curve's algorithm. A JWK is
    /// public by nature, so shared secrets (`oct`) are refused: one is given through [`from_secret`](Self::from_secret).
    pub fn from_jwk(jwk: &Jwk) -> Result<Self, KeyError> {
        jwk.check_purpose()?;
        let algorithm = match (jwk.alg.as_deref(), jwk.kty.as_str(), jwk.crv.as_deref()) {
            (Some(name), _, _) => name.parse().map_err(|_| KeyError::Jwk("its alg is not supported"))?,
            (None, "RSA", _) => Algorithm::Rs256,
            (None, "EC", Some("P-256")) => Algorithm::Es256,
            (None, "EC", Some("P-384")) => Algorithm::Es384,
            _ => return Err(KeyError::Jwk("its kty is not supported")),
        };
        let parsed = match (jwk.kty.as_str(), algorithm.scheme()) {
            ("RSA", Scheme::Rsa(scheme)) => {
                let (n, e) = (member(jwk.n.as_deref())?, member(jwk.e.as_deref())?);
                let (n, e) = (without_leading_zeros(&n), without_leading_zeros(&e));
                check_rsa_numbers(algorithm, n, e)?;
                RsaPublicKeyComponents { n, e }.to_parsed_public_key(scheme.verifying)
            }
            ("EC", Scheme::Ecdsa(scheme)) if jwk.crv.as_deref() == Some(scheme.curve) => {
                const UNCOMPRESSED: u8 = 4;
                let mut point = vec![UNCOMPRESSED];
                for coordinate in [&jwk.x, &jwk.y] {
                    let coordinate = member(coordinate.as_deref())?;
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
        Ok(Self::new(jwk.kid.clone(), algorithm, PublicMaterial::Pair(parsed)))
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
        Ok(Self::new(None, algorithm, PublicMaterial::Pair(parsed)))
    }

    /// A shared secret for HS256, HS384 or HS512.
    pub fn from_secret(algorithm: Algorithm, secret: &[u8]) -> Result<Self, KeyError> {
        Ok(Self::new(None, algorithm, PublicMaterial::Hmac(hmac_key(algorithm, secret)?)))
    }

    /// A key whose signatures somebody else checks, in place of the built-in library. See [`SignatureVerifier`].
    pub fn from_verifier(
        kid: Option<String>,
        algorithm: Algorithm,
        verifier: impl SignatureVerifier + 'static,
    ) -> Self {
        Self::new(kid, algorithm, PublicMaterial::Foreign(Box::new(verifier)))
    }

    /// The key's id, if it came with one.
    pub fn kid(&self) -> Option<&str> {
        self.inner.kid.as_deref()
    }

    /// The algorithm this key verifies, and the only one.
    pub fn algorithm(&self) -> Algorithm {
        self.inner.algorithm
    }

    /// The key as a JWK for signatures (`use: sig`); `None` for a shared secret, and for a key that
    /// [somebody else holds](Self::from_verifier).
    pub fn to_jwk(&self) -> Option<Jwk> {
        let jwk = Jwk {
            usage: Some("sig".to_owned()),
            kid: self.inner.kid.clone(),
            alg: Some(self.inner.algorithm.as_str().to_owned()),
            ..Jwk::default()
        };
        let spki = self.spki()?;
        match self.inner.algorithm.scheme() {
            Scheme::Rsa(_) => {
                let key = RsaPublicKey::from_der(&spki).ok()?;
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
        Some(Pem::write_public_key(&self.spki()?))
    }

    fn spki(&self) -> Option<Vec<u8>> {
        match &self.inner.material {
            PublicMaterial::Pair(key) => Some(key.as_der().ok()?.as_ref().to_vec()),
            PublicMaterial::Hmac(_) | PublicMaterial::Foreign(_) => None,
        }
    }
}

impl SignatureVerifier for VerifyingKey {
    /// Checks a signature over any message with the key's own algorithm. Tokens go through
    /// [`Token::verify_signature`](crate::Token::verify_signature), which compares the header's algorithm first.
    fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        match &self.inner.material {
            PublicMaterial::Pair(key) => key.verify_sig(message, signature).map_err(|_| BadSignature),
            PublicMaterial::Hmac(key) => hmac::verify(key, message, signature).map_err(|_| BadSignature),
            PublicMaterial::Foreign(verifier) => verifier.verify(message, signature),
        }
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

/// Verifying keys by their id. (Sets are small: comparing a few ids is quicker than hashing one.)
#[derive(Clone, Debug, Default)]
pub struct KeySet {
    keys: BTreeMap<String, VerifyingKey>,
}

impl KeySet {
    /// An empty set.
    pub fn new() -> Self {
        Self::default()
    }

    /// The usable keys of a published set. Keys without an id, and keys of kinds we cannot use, are left out: a set may
    /// well hold keys for others. Of two keys with one id the later one counts.
    pub fn from_jwks(jwks: &Jwks) -> Self {
        let usable =
            jwks.keys.iter().filter_map(|jwk| Some((jwk.kid.clone()?, VerifyingKey::from_jwk(jwk).ok()?)));
        Self { keys: usable.collect() }
    }

    /// Adds a key under an id, in place of one that had it.
    pub fn insert(&mut self, kid: impl Into<String>, key: VerifyingKey) {
        self.keys.insert(kid.into(), key);
    }

    /// The key with this id.
    pub fn key(&self, kid: &str) -> Option<&VerifyingKey> {
        self.keys.get(kid)
    }

    fn find(&self, kid: Option<&str>) -> Result<&VerifyingKey, VerifyError> {
        kid.and_then(|kid| self.key(kid)).ok_or_else(|| VerifyError::UnknownKey(kid.map(str::to_owned)))
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }
}

/// Something that knows which key a token must have been signed with: one key, or a set asked by `kid`.
pub trait Keys {
    /// The key for a token with this header, or [`VerifyError::UnknownKey`].
    fn key_for(&self, header: &Header) -> Result<&VerifyingKey, VerifyError>;

    /// The same for a token whose header need not be copied for the question. By default it is.
    fn key_for_token(&self, token: &Token<'_>) -> Result<&VerifyingKey, VerifyError> {
        self.key_for(token.header())
    }
}

impl Keys for VerifyingKey {
    /// The key itself; `kid` is not compared, as a PEM key has none.
    fn key_for(&self, _header: &Header) -> Result<&VerifyingKey, VerifyError> {
        Ok(self)
    }

    fn key_for_token(&self, _token: &Token<'_>) -> Result<&VerifyingKey, VerifyError> {
        Ok(self)
    }
}

impl Keys for KeySet {
    fn key_for(&self, header: &Header) -> Result<&VerifyingKey, VerifyError> {
        self.find(header.kid.as_deref())
    }

    fn key_for_token(&self, token: &Token<'_>) -> Result<&VerifyingKey, VerifyError> {
        self.find(token.kid())
    }
}

fn parse_rsa(algorithm: Algorithm, scheme: RsaScheme, pkcs1: &[u8]) -> Result<ParsedPublicKey, KeyError> {
    let (modulus, exponent) = rsa_components(pkcs1).ok_or(KeyError::Crypto)?;
    check_rsa_numbers(algorithm, modulus, exponent)?;
    ParsedPublicKey::new(scheme.verifying, pkcs1).map_err(|error| rejected(algorithm, error))
}

/// The bounds of the crypto library, which would refuse some of these keys only when they are used; and what makes them
/// RSA keys at all: odd numbers, and an exponent that does something (with 1, the padded hash is its own signature).
fn check_rsa_numbers(algorithm: Algorithm, modulus: &[u8], exponent: &[u8]) -> Result<(), KeyError> {
    let refuse = |detail: String| Err(KeyError::Rejected { algorithm, detail });
    let is_even = |number: &[u8]| number.last().is_none_or(|last| last % 2 == 0);
    let (modulus_bits, exponent_bits) = (bit_length(modulus), bit_length(exponent));
    if !(2048..=8192).contains(&modulus_bits) {
        return refuse(format!("the RSA modulus has {modulus_bits} bits"));
    }
    if !(2..=33).contains(&exponent_bits) {
        return refuse(format!("the RSA exponent has {exponent_bits} bits"));
    }
    if is_even(modulus) || is_even(exponent) {
        return refuse("an RSA number is even".to_owned());
    }
    Ok(())
}

fn hmac_key(algorithm: Algorithm, secret: &[u8]) -> Result<Box<hmac::Key>, KeyError> {
    let Scheme::Hmac(hash) = algorithm.scheme() else {
        return Err(KeyError::WrongAlgorithm(algorithm));
    };
    if secret.is_empty() {
        return Err(KeyError::Rejected { algorithm, detail: "the secret is empty".to_owned() });
    }
    Ok(Box::new(hmac::Key::new(hash, secret)))
}

/// A base64url member of a JWK.
fn member(text: Option<&str>) -> Result<Vec<u8>, KeyError> {
    let text = text.ok_or(KeyError::Jwk("a member of the key is missing"))?;
    URL_SAFE_NO_PAD.decode(text).map_err(|_| KeyError::Jwk("a member of the key is not base64url"))
}

fn rejected(algorithm: Algorithm, error: aws_lc_rs::error::KeyRejected) -> KeyError {
    KeyError::Rejected { algorithm, detail: error.to_string() }
}
