//! The server under test: starting it, and the application's side.

mod addresses;
mod people;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use frontdesk::Frontdesk;
use frontdesk::client::Client;
use frontdesk_core::instance::InstanceKind;
use frontdesk_core::settings::Settings;
use frontdesk_notify::{Delivery, Outbox};
use frontdesk_server::keys::MasterKey;
use frontdesk_server::{
    Breaches, Chance, Config, InProcess, InstanceKeys, Mode, Network, NewInstance, Server, create_instance,
};
use frontdesk_store::testing::TestDatabase;

use crate::builder::Builder;
use crate::listening::{Bound, Listening};
use crate::transport::ToServer;
use crate::{TestClock, keys};

/// The name of the first instance.
const FIRST: &str = "frontdesk";
/// What a server without a port says in links. Nobody answers there.
const WITHOUT_PORT: &str = "http://localhost:4400";

/// A whole Frontdesk server in the test process, seen from one of its instances. Cheap to clone; when the last clone
/// and the last [`Frontdesk`] of it are gone, so is everything it kept.
///
/// ```
/// use frontdesk_testkit::TestServer;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let server = TestServer::start().await;
/// let ada = server.user().email("ada@example.com").create().await;
/// let session = server.session_for(&ada).await;
/// let request = session.fetch("/me").body(()).unwrap();
///
/// let auth = server.frontdesk().get_auth(&request).await;
/// assert_eq!(auth.user_id(), Some(&ada.id));
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct TestServer {
    shared: Arc<Shared>,
    instance: Arc<InstanceKeys>,
    number: usize,
}

/// What all handles share. Fields are dropped in this order: the port is closed before the folder goes.
#[derive(Debug)]
pub(crate) struct Shared {
    _listening: Option<Listening>,
    server: Server,
    /// Made once: a router of this size takes its time.
    pub(crate) in_process: InProcess,
    clock: TestClock,
    outbox: Outbox,
    seed: u64,
    kind: InstanceKind,
    settings: Settings,
    origin: String,
    instances: AtomicUsize,
    _database: TestDatabase,
}

/// Starts what the builder says.
pub(crate) async fn start(builder: Builder) -> TestServer {
    let Builder { engine, seed, kind, mut settings, origin, clock, listens } = builder;
    settings.allowed_origins.push(origin.clone());
    let bound = if listens { Some(Bound::anywhere().await) } else { None };
    let database = TestDatabase::create(engine).await;
    let store = database.open().await;
    let mut chance = Chance::seeded(seed);
    let master_key = MasterKey::generate(&mut chance);
    let clock = clock.clock();
    let first = new_instance(FIRST, kind, &settings, seed, 0);
    let instance = create_instance(&store, &master_key, first, clock.now(), &mut chance).await;
    let instance = instance.expect("the first instance is made");
    let outbox = Outbox::default();
    let server = Server::start(Config {
        store,
        master_key,
        clock: Arc::new(clock.clone()),
        chance,
        mode: Mode::Development { default_instance: instance.instance.id.clone() },
        delivery: Delivery::Outbox(outbox.clone()),
        breaches: Breaches::Unknown,
        network: Network::of_this_machine(),
        public_url: bound.as_ref().map_or(WITHOUT_PORT, |bound| &bound.url).to_owned(),
    });
    let server = server.await.expect("the server starts");
    let in_process = server.transport();
    let shared = Shared {
        _listening: bound.map(|bound| bound.serve(in_process.router())),
        server,
        in_process,
        clock,
        outbox,
        seed,
        kind,
        settings,
        origin,
        instances: AtomicUsize::new(1),
        _database: database,
    };
    TestServer { shared: Arc::new(shared), instance: Arc::new(instance), number: 0 }
}

fn new_instance(
    slug: &str,
    kind: InstanceKind,
    settings: &Settings,
    seed: u64,
    number: usize,
) -> NewInstance {
    NewInstance {
        slug: slug.to_owned(),
        kind,
        key_host: format!("clerk.{slug}.localhost"),
        settings: settings.clone(),
        keys: Some(keys::published(kind, seed, number)),
    }
}

/// Starting, and the application's side.
impl TestServer {
    /// A server as it comes: one development instance, an embedded database in a temporary folder, no port, time at
    /// 2026-01-01T00:00:00Z and standing still.
    ///
    /// ```
    /// # use frontdesk_testkit::TestServer;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let server = TestServer::start().await;
    /// # }
    /// ```
    pub async fn start() -> Self {
        Self::builder().start().await
    }

    /// A server that is set up step by step.
    ///
    /// ```
    /// # use frontdesk_testkit::TestServer;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let server = TestServer::builder().seed(7).start().await;
    /// # }
    /// ```
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The SDK, wired to this server without a socket and to the test's clock, with the instance's keys: hand it to
    /// your application's layer. Each call makes a new one, which has fetched no keys yet.
    ///
    /// ```
    /// use axum::{Router, routing::get};
    /// use frontdesk::{Frontdesk, FrontdeskLayer, SignedIn};
    /// use frontdesk_testkit::TestServer;
    ///
    /// fn app(frontdesk: Frontdesk) -> Router {
    ///     let me = async |session: SignedIn| session.user_id().to_string();
    ///     Router::new().route("/me", get(me)).layer(FrontdeskLayer::new(frontdesk))
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let server = TestServer::start().await;
    /// let app = app(server.frontdesk());
    /// # }
    /// ```
    pub fn frontdesk(&self) -> Frontdesk {
        self.frontdesk_builder().build().expect("the SDK takes its settings")
    }

    /// The same, for applications that set more: authorized parties, audiences ….
    ///
    /// ```
    /// # use frontdesk_testkit::TestServer;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let server = TestServer::start().await;
    /// let frontdesk = server.frontdesk_builder().authorized_party(server.origin()).build().unwrap();
    /// # }
    /// ```
    pub fn frontdesk_builder(&self) -> frontdesk::Builder {
        let builder = Frontdesk::builder()
            .publishable_key(self.publishable_key())
            .secret_key(self.secret_key())
            .client(self.client())
            .clock(self.clock());
        match self.shared.kind {
            // As `FRONTDESK_URL` does: the key's host is nobody's.
            InstanceKind::Development => builder.proxy_url(self.frontend_url()),
            InstanceKind::Production => builder,
        }
    }

    /// The Backend API, with the instance's secret key and without a socket: for everything that has no shorter way
    /// here.
    ///
    /// ```
    /// # use frontdesk_testkit::TestServer;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let server = TestServer::start().await;
    /// let eve = server.user().email("eve@example.com").create().await;
    /// server.client().users().ban(&eve.id).await.unwrap();
    /// # }
    /// ```
    pub fn client(&self) -> Client {
        let transport = ToServer(Arc::clone(&self.shared));
        Client::builder(self.secret_key()).build(transport).expect("the published key can be sent")
    }

    /// The whole HTTP surface as a service: call it without a socket, or mount it.
    ///
    /// ```
    /// use axum::body::Body;
    /// use tower::ServiceExt;
    ///
    /// # use frontdesk_testkit::TestServer;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let server = TestServer::start().await;
    /// let request = http::Request::get("/.well-known/jwks.json").body(Body::empty()).unwrap();
    /// assert_eq!(server.router().oneshot(request).await.unwrap().status(), 200);
    /// # }
    /// ```
    pub fn router(&self) -> Router {
        self.shared.in_process.router()
    }

    /// Another instance of the same server, with keys and people of its own; time and outbox are shared. The name has
    /// lower-case letters, digits and hyphens.
    ///
    /// ```
    /// # use frontdesk_testkit::TestServer;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let server = TestServer::start().await;
    /// let shop = server.instance("shop").await;
    /// assert_ne!(shop.publishable_key(), server.publishable_key());
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// If the server has an instance of this name already.
    pub async fn instance(&self, name: &str) -> Self {
        let Shared { kind, settings, seed, .. } = &*self.shared;
        let number = self.shared.instances.fetch_add(1, Ordering::Relaxed);
        let new = new_instance(name, *kind, settings, *seed, number);
        let made = self.shared.server.create_instance(new).await;
        let made = made.unwrap_or_else(|error| panic!("the instance {name:?} cannot be made: {error}"));
        Self { shared: Arc::clone(&self.shared), instance: Arc::new(made), number }
    }
}

/// What the rest of the crate needs to know.
impl TestServer {
    pub(crate) fn server(&self) -> &Server {
        &self.shared.server
    }

    pub(crate) fn instance_keys(&self) -> &InstanceKeys {
        &self.instance
    }

    pub(crate) fn is_development(&self) -> bool {
        self.shared.kind == InstanceKind::Development
    }

    /// The key that signs the instance's tokens.
    pub(crate) fn signing_key(&self) -> frontdesk_jwt::SigningKey {
        keys::signing_key(self.shared.kind, self.shared.seed, self.number)
    }

    /// Another published key under the same id: what a forger may have.
    pub(crate) fn foreign_key(&self) -> frontdesk_jwt::SigningKey {
        keys::foreign_key(self.shared.kind, self.shared.seed, self.number)
    }
}
