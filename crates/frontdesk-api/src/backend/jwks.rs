//! The public keys of an instance, as the backend asks for them.

use serde::{Deserialize, Serialize};

use crate::operations;

operations! { Backend;
    /// The keys that verify the instance's tokens (wire protocol §3.7).
    GetJwks as "GetJWKS" = GET "/v1/jwks" {} -> Jwks;
}

/// A set of public keys (contract schema `JWKS`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(feature = "exhaustive"), non_exhaustive)]
pub struct Jwks {
    /// The keys: the one that signs, and older ones whose tokens still live.
    pub keys: Vec<Jwk>,
}

/// A public RSA key (contract schema `JWKS.rsa.PublicKey`, RFC 7517). No other kind verifies in every SDK.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(feature = "exhaustive"), non_exhaustive)]
pub struct Jwk {
    /// Always `sig`.
    #[serde(rename = "use")]
    pub usage: String,
    /// Always `RSA`.
    pub kty: String,
    /// Names the key in the header of tokens.
    pub kid: String,
    /// The algorithm it verifies: `RS256`.
    pub alg: String,
    /// The modulus, base64url.
    pub n: String,
    /// The exponent, base64url.
    pub e: String,
}
