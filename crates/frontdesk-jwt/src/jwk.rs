//! JSON Web Keys: public keys as they are published (wire contract §3.7, RFC 7517).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::{Algorithm, KeyError};

/// A public key as JSON. Members are written in the order of the fields; unknown ones are ignored when read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Jwk {
    /// What the key is for; `sig`, or absent.
    #[serde(rename = "use", default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<String>,
    /// The kind of key: `RSA` or `EC`.
    pub kty: String,
    /// The key's id, unique in its set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kid: Option<String>,
    /// The algorithm the key is bound to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alg: Option<String>,
    /// What may be done with the key; if given, it must contain `verify`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_ops: Option<Vec<String>>,
    /// RSA modulus, base64url.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n: Option<String>,
    /// RSA exponent, base64url.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub e: Option<String>,
    /// Curve of an EC key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crv: Option<String>,
    /// First coordinate of an EC key, base64url.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x: Option<String>,
    /// Second coordinate of an EC key, base64url.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub y: Option<String>,
}

impl Jwk {
    /// The algorithm that the key is for: its `alg`; without one RS256 for an RSA key, and the curve's own for an EC key.
    ///
    /// # Errors
    /// [`KeyError::Jwk`] if we have no such algorithm, or if the key says that it is not for verifying (`use`, `key_ops`).
    pub fn algorithm(&self) -> Result<Algorithm, KeyError> {
        self.check_purpose()?;
        match (self.alg.as_deref(), self.kty.as_str(), self.crv.as_deref()) {
            (Some(name), _, _) => name.parse().map_err(|_| KeyError::Jwk("its alg is not supported")),
            (None, "RSA", _) => Ok(Algorithm::Rs256),
            (None, "EC", Some("P-256")) => Ok(Algorithm::Es256),
            (None, "EC", Some("P-384")) => Ok(Algorithm::Es384),
            _ => Err(KeyError::Jwk("its kty is not supported")),
        }
    }

    /// Modulus and exponent of an RSA key, big-endian without leading zeros.
    ///
    /// # Errors
    /// [`KeyError`] if they are missing, or not those of a key to verify with: 2048 to 8192 bits, an odd exponent of 2 to
    /// 33 bits.
    pub fn rsa_numbers(&self) -> Result<RsaNumbers, KeyError> {
        let (n, e) = (member(self.n.as_deref())?, member(self.e.as_deref())?);
        let numbers = RsaNumbers {
            modulus: without_leading_zeros(&n).to_vec(),
            exponent: without_leading_zeros(&e).to_vec(),
        };
        check_rsa_numbers(self.algorithm()?, &numbers.modulus, &numbers.exponent)?;
        Ok(numbers)
    }

    /// Refuses keys that say they are not for verifying.
    fn check_purpose(&self) -> Result<(), KeyError> {
        if self.usage.as_deref().is_some_and(|usage| usage != "sig") {
            return Err(KeyError::Jwk("its use is not sig"));
        }
        if self.key_ops.as_ref().is_some_and(|operations| !operations.iter().any(|name| name == "verify")) {
            return Err(KeyError::Jwk("its key_ops lack verify"));
        }
        Ok(())
    }
}

/// The public numbers of an RSA key, big-endian without leading zeros.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RsaNumbers {
    /// `n`
    pub modulus: Vec<u8>,
    /// `e`
    pub exponent: Vec<u8>,
}

/// A set of public keys, as served at `/v1/jwks` and `/.well-known/jwks.json`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jwks {
    /// The keys, newest first by convention.
    pub keys: Vec<Jwk>,
}

impl FromIterator<Jwk> for Jwks {
    fn from_iter<I: IntoIterator<Item = Jwk>>(keys: I) -> Self {
        Self { keys: keys.into_iter().collect() }
    }
}

/// A base64url member of a JWK.
pub(crate) fn member(text: Option<&str>) -> Result<Vec<u8>, KeyError> {
    let text = text.ok_or(KeyError::Jwk("a member of the key is missing"))?;
    URL_SAFE_NO_PAD.decode(text).map_err(|_| KeyError::Jwk("a member of the key is not base64url"))
}

/// The bounds of the crypto library, which would refuse some of these keys only when they are used; and what makes them
/// RSA keys at all: odd numbers, and an exponent that does something (with 1, the padded hash is its own signature).
pub(crate) fn check_rsa_numbers(
    algorithm: Algorithm,
    modulus: &[u8],
    exponent: &[u8],
) -> Result<(), KeyError> {
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

pub(crate) fn without_leading_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|&&byte| byte == 0).count();
    &number[zeros..]
}

/// How many bits a big-endian number without leading zeros has.
pub(crate) fn bit_length(number: &[u8]) -> usize {
    number.first().map_or(0, |first| number.len() * 8 - first.leading_zeros() as usize)
}
