//! Instances ready to serve: parsed settings, opened keys, everything a request needs of them.

use std::collections::HashMap;
use std::sync::atomic::AtomicI64;
use std::sync::{Arc, PoisonError, RwLock};

use frontdesk_core::domain::Domain;
use frontdesk_core::instance::Instance;
use frontdesk_core::template::Template;
use frontdesk_jwt::{Algorithm, Jwks, KeySet, SigningKey};
use frontdesk_store::{InstanceKey, Page};
use frontdesk_types::{InstanceId, Timestamp};
use tokio::sync::Mutex;
use url::Url;
use zeroize::Zeroizing;

use crate::errors::{self, ApiError};
use crate::{Mode, Server, keys, rotation};

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
    /// The addresses that its owner has listed for redirects (decision 16).
    pub redirect_urls: Vec<Url>,
    /// Its domains: satellites, newest first, then the primary one.
    pub domains: Vec<Domain>,
    /// Until when the longest-lived token is good that is known to be signed by its signing key, in ms.
    pub(crate) tokens_until: AtomicI64,
    /// Whoever has lost a race goes on alone.
    pub(crate) turns: Mutex<()>,
}

impl LoadedInstance {
    /// Its satellites.
    pub fn satellites(&self) -> impl Iterator<Item = &Domain> {
        self.domains.iter().filter(|domain| domain.is_satellite)
    }

    /// Where browsers reach the Frontend API of one of its domains, without a slash at the end. Satellites in development
    /// share that of the primary domain.
    pub(crate) fn frontend_api(&self, domain: &Domain) -> String {
        match (&domain.proxy_url, &domain.key_host) {
            (Some(proxy), _) => proxy.clone(),
            (None, Some(host)) if !self.is_development() => format!("https://{host}"),
            (None, _) => self.base_url.clone(),
        }
    }

    /// Where browsers reach the Frontend API of the primary domain.
    pub(crate) fn primary_frontend_api(&self) -> String {
        let primary = self.domains.iter().find(|domain| !domain.is_satellite);
        primary.map_or_else(|| self.base_url.clone(), |primary| self.frontend_api(primary))
    }
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
    let (store, now) = (server.store(), server.now());
    let mut signing = None;
    let mut jwks = Jwks::default();
    let records = store.signing_keys(&instance.id).await?;
    for record in records.into_iter().filter(|record| record.retires_at.is_none_or(|at| at > now)) {
        let der = open_signing_key(server, &record.sealed).await?;
        let key = SigningKey::from_pkcs8_der(record.kid, Algorithm::Rs256, &der).map_err(errors::internal)?;
        jwks.keys.extend(key.public_jwk());
        if record.retires_at.is_none() && signing.is_none() {
            let tokens_until = record.tokens_until.map_or(0, Timestamp::as_millis);
            signing = Some((key, AtomicI64::new(tokens_until)));
        }
    }
    let (signing_key, tokens_until) =
        signing.ok_or_else(|| errors::internal("the instance has no signing key"))?;
    let redirect_urls = store.redirect_urls(&instance.id, Page::ALL).await?;
    let redirect_urls = redirect_urls.iter().filter_map(|listed| Url::parse(&listed.url).ok()).collect();
    let domains = store.domains(&instance.id).await?;
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
        redirect_urls,
        domains,
        tokens_until,
        turns: Mutex::default(),
    })
}

/// Opens a signing key. What this server's master key does not open may have been sealed by another server that is
/// replacing it.
async fn open_signing_key(server: &Server, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, ApiError> {
    let master_key = server.master_key();
    match master_key.open(keys::SIGNING_KEY, sealed) {
        Err(_) if rotation::learn_next_master_key(server.store(), master_key).await? => {
            master_key.open(keys::SIGNING_KEY, sealed).map_err(errors::internal)
        }
        outcome => outcome.map_err(errors::internal),
    }
}
