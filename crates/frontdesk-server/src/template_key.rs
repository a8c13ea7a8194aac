//! Signing keys that JWT templates bring with them: the shared secret of an HMAC, or a private key in PEM.

use frontdesk_core::template::JwtTemplate;
use frontdesk_jwt::{Algorithm, KeyError, SigningKey};
use frontdesk_types::{Randomness, Secret};

use crate::errors::{self, ApiError};
use crate::keys::{self, MasterKey};

/// Reads a key as it was given. Which kind it is, the algorithm says, never the text: a PEM file can be a shared
/// secret too.
pub(crate) fn read(kid: &str, algorithm: Algorithm, text: &[u8]) -> Result<SigningKey, KeyError> {
    if algorithm.is_shared_secret() {
        SigningKey::from_secret(kid, algorithm, text)
    } else {
        SigningKey::from_pem(kid, algorithm, &String::from_utf8_lossy(text))
    }
}

/// The key as it is stored.
pub(crate) fn seal(master_key: &MasterKey, key: &Secret, rng: &mut dyn Randomness) -> Vec<u8> {
    master_key.seal(keys::TEMPLATE_KEY, key.expose().as_bytes(), rng)
}

/// The key of a template, ready to sign; `None` if it has none of its own. Its `kid` is the template's id.
pub(crate) fn open(master_key: &MasterKey, template: &JwtTemplate) -> Result<Option<SigningKey>, ApiError> {
    let Some(sealed) = &template.sealed_signing_key else { return Ok(None) };
    let algorithm: Algorithm = template.signing_algorithm.parse().map_err(errors::internal)?;
    let text = master_key.open(keys::TEMPLATE_KEY, sealed).map_err(errors::internal)?;
    read(template.id.as_str(), algorithm, &text).map(Some).map_err(errors::internal)
}
