//! The client token: what the `__client` cookie and the native `Authorization` header hold.
//!
//! A token signed by the instance, with the client's id and a secret that is replaced on every sign-in (decision 13).
//! The signature keeps made-up tokens away from the database; the secret, of which the store has only the hash,
//! decides. Its `typ` is its own, so that it can never pass for a session token, nor one of those for it.

use frontdesk_core::client::{Admission, Client, TokenMatch};
use frontdesk_jwt::{Expectations, Header, Keys, Token};
use frontdesk_types::{ClientId, DomainId, Randomness, Timestamp};
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
    /// The satellite that it is good for; none for the primary domain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) domain: Option<DomainId>,
}

impl ClientToken {
    /// A token with a fresh secret of 256 bits.
    pub(crate) fn mint(
        instance: &LoadedInstance,
        id: ClientId,
        domain: Option<DomainId>,
        rng: &mut dyn Randomness,
    ) -> Self {
        Self { iss: instance.issuer(), id, rotating_token: rng.hex::<32>(), domain }
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

/// The client that a token names, and what the token still opens; `None` for one that opens nothing. Where it may be shown
/// is for the caller to look at.
pub(crate) async fn holder(
    server: &Server,
    instance: &LoadedInstance,
    token: &ClientToken,
    now: Timestamp,
) -> Result<Option<(Client, Admission)>, ApiError> {
    let store = server.store();
    let Some(client) = store.client(&instance.id, &token.id).await? else { return Ok(None) };
    let hash = keys::token_hash(&token.rotating_token);
    let grace = instance.settings.limits.rotation_grace;
    let matched = match &token.domain {
        None => matched(&hash, &client.token_hash, &client.previous_token_hash),
        Some(domain) => {
            let Some(link) = store.client_link(&instance.id, &client.id, domain).await? else {
                return Ok(None);
            };
            match matched(&hash, &link.token_hash, &link.previous_token_hash) {
                TokenMatch::Previous if now.since(link.linked_at) > grace => TokenMatch::None,
                TokenMatch::Current | TokenMatch::Previous => link.generation(&client),
                TokenMatch::None => TokenMatch::None,
            }
        }
    };
    let admission = client.admits(matched, grace, now);
    Ok((admission != Admission::Refused).then_some((client, admission)))
}

fn matched(hash: &[u8], current: &[u8], previous: &[u8]) -> TokenMatch {
    let (is_current, is_previous) = (hash.ct_eq(current), hash.ct_eq(previous));
    match (bool::from(is_current), bool::from(is_previous)) {
        (true, _) => TokenMatch::Current,
        (false, true) => TokenMatch::Previous,
        (false, false) => TokenMatch::None,
    }
}
