//! Instances ready to serve: parsed settings, opened keys, everything a request needs of them.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use frontdesk_core::instance::Instance;
use frontdesk_core::template::Template;
use frontdesk_jwt::{Algorithm, Jwks, KeySet, SigningKey};
use frontdesk_store::InstanceKey;
use frontdesk_types::InstanceId;
use tokio::sync::Mutex;

use crate::errors::{self, ApiError};
use crate::{Mode, Server, keys};

/// An instance with its keys opened. Shared by all requests that see the same version of it.
#[derive(Debug)]
pub struct LoadedInstance {
    /// The instance.
    pub instance: Instance,
    /// Signs its tokens.
    pub signing_key: SigningKey,
    /// Its public keys as served.
    pub jwks: Jwks,
    /// The same, ready to verify.
    pub key_set: KeySet,
    /// Where its Frontend API is reached when no proxy stands before it.
    pub base_url: String,
    /// Whether pages on this machine belong to it: in development, and for every instance on a developer's machine.
    pub takes_loopback: bool,
    /// Its publishable key.
    pub publishable_key: String,
    /// What the names of its applications' cookies end in.
    pub cookie_suffix: String,
    /// The claims that its owner added to session tokens, read once.
    pub session_claims: Template,
    /// Whoever has lost a race goes on alone.
    pub(crate) turns: Mutex<()>,
}

impl std::ops::Deref for LoadedInstance {
    type Target = Instance;

    fn deref(&self) -> &Instance {
        &self.instance
    }
}

/// The instances that were asked for so far, by id and version: a change in the store, by whatever process, moves
/// the version and so is seen by the next request.
#[derive(Debug, Default)]
pub(crate) struct Instances {
    loaded: RwLock<HashMap<InstanceId, Arc<LoadedInstance>>>,
}

impl Instances {
    /// The instance in this version, from memory or from the store.
    pub(crate) async fn get(
        &self,
        server: &Server,
        InstanceKey { instance_id: id, version }: InstanceKey,
    ) -> Result<Arc<LoadedInstance>, ApiError> {
        if let Some(known) = self.loaded.read().unwrap_or_else(PoisonError::into_inner).get(&id)
            && known.version == version
        {
            return Ok(Arc::clone(known));
        }
        let instance = server.store().instance(&id).await?.ok_or_else(errors::instance_not_found)?;
        let loaded = Arc::new(load(server, instance).await?);
        self.loaded.write().unwrap_or_else(PoisonError::into_inner).insert(id, Arc::clone(&loaded));
        Ok(loaded)
    }
}

async fn load(server: &Server, instance: Instance) -> Result<LoadedInstance, ApiError> {
    let mut signing_key = None;
    let mut jwks = Jwks::default();
    for record in server.store().signing_keys(&instance.id).await? {
        let der = server.master_key().open(keys::SIGNING_KEY, &record.sealed).map_err(errors::internal)?;
        let key = SigningKey::from_pkcs8_der(record.kid, Algorithm::Rs256, &der).map_err(errors::internal)?;
        jwks.keys.extend(key.public_jwk());
        if record.retires_at.is_none() {
            signing_key = Some(key);
        }
    }
    let signing_key = signing_key.ok_or_else(|| errors::internal("the instance has no signing key"))?;
    let key_set = KeySet::from_jwks(&jwks);
    let publishable_key = keys::publishable_key(instance.kind, &instance.key_host);
    let cookie_suffix = keys::cookie_suffix(&publishable_key);
    let base_url = server.base_url(&instance);
    let takes_loopback = instance.is_development() || *server.mode() != Mode::Production;
    let session_claims =
        Template::parse(&instance.settings.session_token_claims).map_err(errors::internal)?;
    Ok(LoadedInstance {
        instance,
        signing_key,
        jwks,
        key_set,
        base_url,
        takes_loopback,
        publishable_key,
        cookie_suffix,
        session_claims,
        turns: Mutex::default(),
    })
}
