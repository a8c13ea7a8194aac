//! The server: what all requests share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use frontdesk_core::event::Event;
use frontdesk_core::instance::Instance;
use frontdesk_notify::Delivery;
use frontdesk_store::{InstanceKey, Store};
use frontdesk_types::{InstanceId, Timestamp};

use crate::chance::Chance;
use crate::clock::Clock;
use crate::entry::{self, TrustedProxies};
use crate::errors::{self, ApiError};
use crate::instance::{Instances, LoadedInstance};
use crate::jobs::Jobs;
use crate::keys::{self, MasterKey};
use crate::mail::{self, RecentCodes};
use crate::password::{Breaches, Passwords};
use crate::pictures::Pictures;
use crate::provision::{self, InstanceKeys, NewInstance, ProvisionError};
use crate::rate_limits::RecentTries;
use crate::rotation;

/// A running server. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Server(Arc<Shared>);

/// What a server is made of.
#[derive(Debug)]
pub struct Config {
    /// Where everything is kept; migrated already.
    pub store: Store,
    /// What secrets are sealed with.
    pub master_key: MasterKey,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives random bytes.
    pub chance: Chance,
    /// For development or for production.
    pub mode: Mode,
    /// How mails leave the server.
    pub delivery: Delivery,
    /// Where it is learned whether a new password is known from a breach.
    pub breaches: Breaches,
    /// Where the server is reached, without a slash at the end: `http://localhost:4400`.
    pub public_url: String,
    /// What stands between the server and its callers.
    pub network: Network,
}

/// What stands between a server and its callers. The default believes nobody.
#[derive(Clone, Debug, Default)]
pub struct Network {
    /// Whose word about a request is believed.
    pub trusted_proxies: TrustedProxies,
    /// Whether the log tells where requests come from.
    pub log_addresses: bool,
}

impl Network {
    /// For development: whatever runs on this machine may stand before the server.
    pub fn of_this_machine() -> Self {
        Self { trusted_proxies: TrustedProxies::loopback(), log_addresses: false }
    }
}

/// What a server may show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mode {
    /// A developer's machine: `/dev/*` exists, and requests that name no instance get the default one.
    Development {
        /// The instance that answers when nothing names another.
        default_instance: InstanceId,
    },
    /// Production: neither.
    Production,
}

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The store does not answer.
    #[error("the database does not answer")]
    Store(#[from] frontdesk_store::Error),
    /// The data was sealed with another master key.
    #[error("the master key is not the one this data was made with")]
    WrongMasterKey(#[from] crate::keys::WrongMasterKey),
}

#[derive(Debug)]
struct Shared {
    store: Store,
    master_key: MasterKey,
    clock: Arc<dyn Clock>,
    chance: Chance,
    mode: Mode,
    delivery: Delivery,
    breaches: Breaches,
    public_url: String,
    network: Network,
    draining: AtomicBool,
    passwords: Passwords,
    pictures: Pictures,
    recent_codes: RecentCodes,
    recent_tries: RecentTries,
    instances: Instances,
    jobs: Jobs,
}

impl Server {
    /// A server on this store. Refuses a master key that did not seal what the store holds.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        let Config { store, master_key, clock, chance, mode, delivery, breaches, public_url, network } =
            config;
        prove_master_key(&store, &master_key).await?;
        // Two nodes of one seed are still two nodes.
        let jobs = Jobs::new(&mut Chance::System);
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Self(Arc::new(Shared {
            store,
            master_key,
            clock,
            chance,
            mode,
            delivery,
            breaches,
            public_url,
            network,
            draining: AtomicBool::new(false),
            passwords: Passwords::new(cores),
            pictures: Pictures::default(),
            recent_codes: RecentCodes::default(),
            recent_tries: RecentTries::default(),
            instances: Instances::default(),
            jobs,
        })))
    }

    /// The whole HTTP surface, as a plain router: serve it, mount it, or call it without a socket.
    pub fn router(&self) -> Router {
        entry::router(self.clone())
    }

    /// Where everything is kept.
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// The current instant.
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// The clock itself, for moving it in development.
    pub fn clock(&self) -> &dyn Clock {
        self.0.clock.as_ref()
    }

    /// A source of random bytes.
    pub fn chance(&self) -> Chance {
        self.0.chance.clone()
    }

    /// What the server may show.
    pub fn mode(&self) -> &Mode {
        &self.0.mode
    }

    /// Where the server is reached.
    pub fn public_url(&self) -> &str {
        &self.0.public_url
    }

    /// Where the Frontend API of an instance is reached: the server itself for the default instance, a path below it
    /// for the others (decision 7).
    pub fn base_url(&self, instance: &Instance) -> String {
        match &self.0.mode {
            Mode::Development { default_instance } if *default_instance == instance.id => {
                self.0.public_url.clone()
            }
            // The server's own address is this instance's key host.
            Mode::Production if self.is_at_key_host(instance) => self.0.public_url.clone(),
            _ => format!("{}/i/{}", self.0.public_url, instance.slug),
        }
    }

    fn is_at_key_host(&self, instance: &Instance) -> bool {
        let host = self.0.public_url.split_once("://").map(|(_, host)| host);
        host.is_some_and(|host| host.eq_ignore_ascii_case(&instance.key_host))
    }

    /// Says no to load balancers from now on: the server is about to stop.
    pub fn begin_drain(&self) {
        self.0.draining.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_draining(&self) -> bool {
        self.0.draining.load(Ordering::Relaxed)
    }

    /// Whose word about a request is believed.
    pub(crate) fn trusted_proxies(&self) -> &TrustedProxies {
        &self.0.network.trusted_proxies
    }

    /// Whether the log tells where requests come from.
    pub(crate) fn logs_addresses(&self) -> bool {
        self.0.network.log_addresses
    }

    pub(crate) fn master_key(&self) -> &MasterKey {
        &self.0.master_key
    }

    /// How mails leave the server.
    pub fn delivery(&self) -> &Delivery {
        &self.0.delivery
    }

    pub(crate) fn pictures(&self) -> &Pictures {
        &self.0.pictures
    }

    /// How many passwords this server has hashed so far, to keep or to verify: nearly all the work that strangers can
    /// make it do. Where answers hide who has an account it is the same whoever is named.
    pub fn passwords_hashed(&self) -> u64 {
        self.passwords().hashed()
    }

    pub(crate) fn passwords(&self) -> &Passwords {
        &self.0.passwords
    }

    pub(crate) fn breaches(&self) -> &Breaches {
        &self.0.breaches
    }

    pub(crate) fn jobs(&self) -> &Jobs {
        &self.0.jobs
    }

    pub(crate) fn recent_codes(&self) -> &RecentCodes {
        &self.0.recent_codes
    }

    pub(crate) fn recent_tries(&self) -> &RecentTries {
        &self.0.recent_tries
    }

    /// The instance in this version, ready to serve.
    pub(crate) async fn loaded(&self, key: InstanceKey) -> Result<Arc<LoadedInstance>, ApiError> {
        self.0.instances.get(self, key).await
    }

    /// The instance with this id, ready to serve.
    pub async fn instance(&self, id: &InstanceId) -> Result<Arc<LoadedInstance>, ApiError> {
        let key = self.0.store.instance_version(id).await?.ok_or_else(errors::instance_not_found)?;
        self.loaded(key).await
    }
}

/// What the command line and embedders ask for.
impl Server {
    /// The `data` of an event as whoever is told of it gets it. That of `email.created` has the words of the mail, as long
    /// as they are kept: until it was delivered, or for three days where the application sends it.
    pub async fn event_payload(&self, instance: &InstanceId, event: &Event) -> Result<Vec<u8>, ApiError> {
        mail::payload_with_words(self, instance, event).await
    }

    /// Makes an instance with fresh keys.
    pub async fn create_instance(&self, new: NewInstance) -> Result<InstanceKeys, ProvisionError> {
        provision::create_instance(self.store(), self.master_key(), new, self.now(), &mut self.chance()).await
    }

    /// The keys of an instance. Keep them off logs.
    pub async fn instance_keys(&self, instance: Instance) -> Result<InstanceKeys, ProvisionError> {
        provision::instance_keys(self.store(), self.master_key(), instance).await
    }
}

/// Opens the word that was sealed when the first instance was made, so that a wrong key is one clear line at start
/// instead of a failure at the first request.
async fn prove_master_key(store: &Store, master_key: &MasterKey) -> Result<(), StartError> {
    let Some(sealed) = store.meta(keys::CANARY).await? else { return Ok(()) };
    let sealed = URL_SAFE_NO_PAD.decode(sealed).map_err(|_| keys::WrongMasterKey)?;
    // The key may be one that is being replaced: then it opens its successor, and both are good.
    rotation::learn_next_master_key(store, master_key).await?;
    master_key.open(keys::CANARY, &sealed)?;
    Ok(())
}
