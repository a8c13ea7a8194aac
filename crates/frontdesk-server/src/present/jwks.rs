//! Public keys on the wire.

use frontdesk_api::backend::jwks as wire;
use frontdesk_jwt::{Jwk, Jwks};

/// The keys of an instance. All are RSA keys with an id; one that were not would verify nothing, and is left out.
pub(crate) fn for_backend(jwks: &Jwks) -> wire::Jwks {
    wire::Jwks { keys: jwks.keys.iter().filter_map(rsa_key).collect() }
}

fn rsa_key(key: &Jwk) -> Option<wire::Jwk> {
    Some(wire::Jwk {
        usage: key.usage.clone()?,
        kty: key.kty.clone(),
        kid: key.kid.clone()?,
        alg: key.alg.clone()?,
        n: key.n.clone()?,
        e: key.e.clone()?,
    })
}
