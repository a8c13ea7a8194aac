//! Making instances and showing their keys.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use frontdesk_core::instance::{Instance, InstanceKind, SecretKeyRecord, SigningKeyRecord};
use frontdesk_core::settings::Settings;
use frontdesk_jwt::{Algorithm, SigningKey};
use frontdesk_store::{CommitError, Store, Work};
use frontdesk_types::{InstanceId, Randomness, Timestamp};
use zeroize::Zeroizing;

use crate::keys::{self, MasterKey};

/// An instance to be made.
#[derive(Clone, Debug)]
pub struct NewInstance {
    /// Its short name; letters, digits and hyphens.
    pub slug: String,
    /// Whether its keys say `test` or `live`.
    pub kind: InstanceKind,
    /// The host inside its publishable key, with a port if it has one.
    pub key_host: String,
    /// What its owner has set so far.
    pub settings: Settings,
    /// Keys that are known beforehand; `None` generates them.
    pub keys: Option<KnownKeys>,
}

/// Published keys, for instances made from a seed (decision 17).
#[derive(Clone, Debug)]
pub struct KnownKeys {
    /// An RSA-2048 private key as PKCS#8 DER.
    pub signing_key: Zeroizing<Vec<u8>>,
    /// The `kid` of the signing key; `None` mints one.
    pub kid: Option<String>,
    /// The secret key, `sk_test_…` or `sk_live_…` as the instance's kind wants it; `None` mints one.
    pub secret_key: Option<String>,
}

/// What an application needs to know to use an instance.
#[derive(Clone)]
pub struct InstanceKeys {
    /// The instance.
    pub instance: Instance,
    /// For browsers.
    pub publishable_key: String,
    /// For application servers. Keep it off logs.
    pub secret_key: String,
}

impl std::fmt::Debug for InstanceKeys {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("InstanceKeys")
            .field("slug", &self.instance.slug)
            .field("publishable_key", &self.publishable_key)
            .finish_non_exhaustive()
    }
}

/// Why an instance is not made.
#[derive(Debug, thiserror::Error)]
pub enum ProvisionError {
    /// The slug has other characters than lower-case letters, digits and hyphens, or too many.
    #[error("an instance's name has 1 to 40 lower-case letters, digits and hyphens")]
    InvalidSlug,
    /// The key host is no host name with a dot.
    #[error(
        "{0:?} cannot be a key host: it must be a host name in lower case with a dot, and a port if need be"
    )]
    InvalidKeyHost(String),
    /// Another instance has this slug or this key host.
    #[error("another instance has this name or this key host")]
    Taken,
    /// The keys cannot be made or read.
    #[error("the keys cannot be made")]
    Keys(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The store failed.
    #[error("the database failed")]
    Store(#[source] CommitError),
    /// The store failed.
    #[error(transparent)]
    Read(#[from] frontdesk_store::Error),
}

/// Makes an instance with fresh keys. Generating them takes a good part of a second, off the async threads.
pub async fn create_instance(
    store: &Store,
    master_key: &MasterKey,
    new: NewInstance,
    now: Timestamp,
    rng: &mut dyn Randomness,
) -> Result<InstanceKeys, ProvisionError> {
    check(&new)?;
    let instance = Instance {
        id: InstanceId::mint(now, rng),
        slug: new.slug,
        kind: new.kind,
        key_host: new.key_host,
        settings: new.settings,
        has_test_keys: new.keys.is_some(),
        created_at: now,
        updated_at: now,
        version: 1,
    };
    let KnownKeys { signing_key, kid, secret_key } = match new.keys {
        Some(known) => known,
        None => KnownKeys { signing_key: generated_key().await?, kid: None, secret_key: None },
    };
    let secret_key = secret_key.unwrap_or_else(|| keys::mint_secret_key(instance.kind, rng));

    let mut work = Work::new(&instance.id);
    work.insert_instance(&instance);
    work.insert_secret_key(&SecretKeyRecord {
        hash: keys::token_hash(&secret_key),
        instance_id: instance.id.clone(),
        sealed: master_key.seal(keys::SECRET_KEY, secret_key.as_bytes(), rng),
        created_at: now,
    });
    work.insert_signing_key(&SigningKeyRecord {
        kid: kid.unwrap_or_else(|| mint_kid(rng)),
        instance_id: instance.id.clone(),
        sealed: master_key.seal(keys::SIGNING_KEY, &signing_key, rng),
        created_at: now,
        retires_at: None,
        tokens_until: None,
    });
    if store.meta(keys::CANARY).await?.is_none() {
        let canary = master_key.seal(keys::CANARY, b"frontdesk", rng);
        work.set_meta(keys::CANARY, &URL_SAFE_NO_PAD.encode(canary));
    }
    match store.commit(work).await {
        Ok(()) => Ok(InstanceKeys {
            publishable_key: keys::publishable_key(instance.kind, &instance.key_host),
            instance,
            secret_key,
        }),
        Err(CommitError::Conflict(_)) => Err(ProvisionError::Taken),
        Err(error) => Err(ProvisionError::Store(error)),
    }
}

/// Whether the store holds anything that a master key has sealed.
pub async fn is_sealed(store: &Store) -> frontdesk_store::Result<bool> {
    Ok(store.meta(keys::CANARY).await?.is_some())
}

/// Whether this master key opens what the store holds. Also of a store that holds nothing sealed.
pub async fn opens(store: &Store, master_key: &MasterKey) -> frontdesk_store::Result<bool> {
    let Some(sealed) = store.meta(keys::CANARY).await? else { return Ok(true) };
    let sealed = URL_SAFE_NO_PAD.decode(sealed).unwrap_or_default();
    Ok(master_key.open(keys::CANARY, &sealed).is_ok())
}

/// The keys of an instance that exists: the newest secret key, opened for showing it again.
pub async fn instance_keys(
    store: &Store,
    master_key: &MasterKey,
    instance: Instance,
) -> Result<InstanceKeys, ProvisionError> {
    let records = store.secret_keys(&instance.id).await?;
    let record =
        records.last().ok_or_else(|| ProvisionError::Keys("the instance has no secret key".into()))?;
    let secret = master_key
        .open(keys::SECRET_KEY, &record.sealed)
        .map_err(|error| ProvisionError::Keys(error.into()))?;
    Ok(InstanceKeys {
        publishable_key: keys::publishable_key(instance.kind, &instance.key_host),
        secret_key: String::from_utf8_lossy(&secret).into_owned(),
        instance,
    })
}

/// A fresh name for a signing key.
pub(crate) fn mint_kid(rng: &mut dyn Randomness) -> String {
    format!("kid_{}", keys::alphanumeric::<24>(rng))
}

/// A fresh signing key as PKCS#8 DER.
pub(crate) async fn generated_key() -> Result<Zeroizing<Vec<u8>>, ProvisionError> {
    let generate = || SigningKey::generate("").and_then(|key| key.to_pkcs8_der());
    let generated =
        tokio::task::spawn_blocking(generate).await.map_err(|error| ProvisionError::Keys(error.into()))?;
    generated.map_err(|error| ProvisionError::Keys(error.into()))
}

fn check(new: &NewInstance) -> Result<(), ProvisionError> {
    let slug = &new.slug;
    let is_slug = (1..=40).contains(&slug.len())
        && slug.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !slug.starts_with('-');
    if !is_slug {
        return Err(ProvisionError::InvalidSlug);
    }
    let (host, port) =
        new.key_host.split_once(':').map_or((new.key_host.as_str(), None), |(host, port)| (host, Some(port)));
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    let is_host = host.contains('.') && host.len() <= 253 && host.split('.').all(is_label);
    if is_host && port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0)) {
        Ok(())
    } else {
        Err(ProvisionError::InvalidKeyHost(new.key_host.clone()))
    }
}

/// The published test keys: what signs for instances made from a seed, where the same seed must give the same
/// tokens (decision 17). `n` picks one of them.
///
/// # Panics
///
/// Never: the keys are part of the program, and a test reads them.
pub fn test_keys(n: usize) -> KnownKeys {
    const KEYS: [&str; 4] = [
        include_str!("../test-keys/1.pem"),
        include_str!("../test-keys/2.pem"),
        include_str!("../test-keys/3.pem"),
        include_str!("../test-keys/4.pem"),
    ];
    let key =
        SigningKey::from_pem("", Algorithm::Rs256, KEYS[n % KEYS.len()]).and_then(|key| key.to_pkcs8_der());
    KnownKeys { signing_key: key.expect("the published keys are well-formed"), kid: None, secret_key: None }
}
