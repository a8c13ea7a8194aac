//! The client token: what the `__client` cookie and the native `Authorization` header hold.
//!
//! A token signed by the instance, with the client's id and a secret that is replaced on every sign-in (decision 13).
//! The signature keeps made-up tokens away from the database; the secret, of which the store has only the hash,
//! decides. Its `typ` is its own, so that it can never pass for a session token, nor one of those for it.

use frontdesk_core::client::{Admission, Client, TokenMatch};
use frontdesk_jwt::{Expectations, Header, Keys, Token};
use frontdesk_types::{ClientId, Randomness, Timestamp};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use crate::errors::{self, ApiError};
use crate::{LoadedInstance, Server, keys};

const TYPE: &str = "client+jwt";

/// What a client token says.
#[derive(Deserialize, Serialize)]
pub(crate) struct ClientToken {
    iss: String,
    /// The client.
    pub(crate) id: ClientId,
    /// The secret of whoever holds the client.
    pub(crate) rotating_token: String,
}

impl ClientToken {
    /// A token with a fresh secret of 256 bits.
    pub(crate) fn mint(instance: &LoadedInstance, id: ClientId, rng: &mut dyn Randomness) -> Self {
        Self { iss: instance.issuer(), id, rotating_token: rng.hex::<32>() }
    }

    /// The token as it travels.
    pub(crate) fn sign(&self, instance: &LoadedInstance) -> Result<String, ApiError> {
        let key = &instance.signing_key;
        key.sign(&Header::for_key(key).with_type(TYPE), self).map_err(errors::internal)
    }

    /// Reads a token that this instance signed; anything else is none.
    pub(crate) fn read(instance: &LoadedInstance, text: &str) -> Option<Self> {
        let token = Token::decode(text).ok()?;
        token.check_header(&Expectations::new().header_type(TYPE)).ok()?;
        token.verify_signature(instance.key_set.key_for(token.header()).ok()?).ok()?;
        let claims: Self = token.claims().ok()?;
        (claims.iss == instance.issuer()).then_some(claims)
    }
}

/// The client that a token names, and what the token still opens; `None` for one that opens nothing.
pub(crate) async fn holder(
    server: &Server,
    instance: &LoadedInstance,
    token: &str,
    now: Timestamp,
) -> Result<Option<(Client, Admission)>, ApiError> {
    let Some(token) = ClientToken::read(instance, token) else { return Ok(None) };
    let Some(client) = server.store().client(&instance.id, &token.id).await? else { return Ok(None) };
    let hash = keys::token_hash(&token.rotating_token);
    let is_current = hash.ct_eq(&client.token_hash);
    let is_previous = hash.ct_eq(&client.previous_token_hash);
    let matched = match (bool::from(is_current), bool::from(is_previous)) {
        (true, _) => TokenMatch::Current,
        (false, true) => TokenMatch::Previous,
        (false, false) => TokenMatch::None,
    };
    let admission = client.admits(matched, instance.settings.limits.rotation_grace, now);
    Ok((admission != Admission::Refused).then_some((client, admission)))
}
