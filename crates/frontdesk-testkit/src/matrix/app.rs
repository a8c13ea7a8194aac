//! The server under test, and the neighbour it must not touch.

use std::future::Future;
use std::sync::Arc;

use axum::Router;
use frontdesk_core::instance::InstanceKind;
use frontdesk_core::settings::Settings;
use frontdesk_notify::{Delivery, Letter, Outbox};
use frontdesk_server::keys::MasterKey;
use frontdesk_server::{
    Breaches, Chance, Clock, Config, InstanceKeys, ManualClock, Mode, Network, NewInstance, Server,
    create_instance, test_keys,
};
use frontdesk_store::Store;
use frontdesk_store::testing::{Engine, TestDatabase};
use frontdesk_types::{InstanceId, Span, Timestamp, UserId};
use serde_json::json;

use super::door::Door;
use super::{Backend, Browser, UserBuilder};

/// The instant at which every test begins: 2026-01-01T00:00:00Z.
const BEGINNING: Timestamp = Timestamp::from_secs(1_767_225_600);

/// A password that every server under test knows from a breach.
pub const BREACHED_PASSWORD: &str = "known to everybody";

/// The list that says so.
const BREACHES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/matrix/breached.txt");

/// A server with one instance under test and a populated second one.
#[derive(Debug)]
pub struct TestApp {
    /// The server.
    pub server: Server,
    /// The instance under test, with its keys.
    pub instance: InstanceKeys,
    /// The instance next door.
    pub other: Neighbour,
    door: Door,
    clock: Arc<ManualClock>,
    outbox: Outbox,
    database: TestDatabase,
}

/// The second instance of every test: its ids must be unknown to the first.
#[derive(Debug)]
pub struct Neighbour {
    /// Its keys.
    pub instance: InstanceKeys,
    /// Somebody who lives there.
    pub user_id: UserId,
    /// Their e-mail address.
    pub email: String,
    /// A session of theirs; made up in production.
    pub session_id: String,
}

impl TestApp {
    /// A server in development mode on a fresh database, with two development instances.
    pub async fn start(database: TestDatabase) -> Self {
        Self::start_with(database, InstanceKind::Development, Settings::for_kind(InstanceKind::Development))
            .await
    }

    /// The same with instances of this kind and these settings.
    pub async fn start_with(database: TestDatabase, kind: InstanceKind, settings: Settings) -> Self {
        let mode = |default_instance| Mode::Development { default_instance };
        Self::start_in(database, kind, settings, mode).await
    }

    async fn start_in(
        database: TestDatabase,
        kind: InstanceKind,
        settings: Settings,
        mode: impl FnOnce(InstanceId) -> Mode,
    ) -> Self {
        let store = database.open().await;
        let mut chance = Chance::seeded(1);
        let master_key = MasterKey::generate(&mut chance);
        let clock = Arc::new(ManualClock::at(BEGINNING));
        let mut instances = Vec::new();
        for (number, slug) in ["frontdesk", "neighbour"].into_iter().enumerate() {
            let new = NewInstance {
                slug: slug.to_owned(),
                kind,
                key_host: format!("clerk.{slug}.localhost"),
                settings: settings.clone(),
                keys: Some(test_keys(number)),
            };
            instances.push(
                create_instance(&store, &master_key, new, BEGINNING, &mut chance).await.expect("an instance"),
            );
        }
        let (other, instance) = (instances.remove(1), instances.remove(0));
        let outbox = Outbox::default();
        let mode = mode(instance.instance.id.clone());
        let config = config(store, master_key, &clock, chance, mode, &outbox);
        let server = Server::start(config).await.expect("the server starts");
        let door = Door::new(server.router(), &database.engine());
        let other = populate(&door, other, kind).await;
        Self { server, instance, other, door, clock, outbox, database }
    }

    /// Calls to the Backend API with the instance's secret key.
    pub fn backend(&self) -> Backend {
        Backend::new(self.door.clone(), Some(&self.instance.secret_key))
    }

    /// Calls to the Backend API with this secret key, or with none.
    pub fn backend_with(&self, secret_key: Option<&str>) -> Backend {
        Backend::new(self.door.clone(), secret_key)
    }

    /// A fresh browser on a page of `http://localhost:3000`: it keeps cookies and sends forms.
    pub fn browser(&self) -> Browser {
        Browser::new(self.door.clone())
    }

    /// Somebody to be made.
    pub fn user(&self) -> UserBuilder {
        UserBuilder::new(self.backend())
    }

    /// Moves time forward.
    pub fn advance(&self, span: Span) {
        self.clock.advance(span);
    }

    /// The current instant.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The same server with its instances remade as this kind and with these settings, on a database of the same
    /// engine.
    pub async fn remade(self, kind: InstanceKind, settings: Settings) -> Self {
        let engine = self.database.engine();
        drop(self);
        Self::start_with(TestDatabase::create(engine).await, kind, settings).await
    }

    /// The same server made for production, with production instances: nothing answers by default, and nothing that is
    /// for development exists.
    pub async fn in_production(self, settings: Settings) -> Self {
        let engine = self.database.engine();
        drop(self);
        let database = TestDatabase::create(engine).await;
        Self::start_in(database, InstanceKind::Production, settings, |_| Mode::Production).await
    }

    /// Another server on the same database, as a second node of a cluster is. On SQLite, where one process owns the file,
    /// both share its connections.
    ///
    /// # Panics
    ///
    /// If it does not start, as when the master key was replaced and the rotation is finished.
    pub async fn second_node(&self) -> Server {
        let store = match self.database.engine() {
            Engine::Sqlite => self.server.store().clone(),
            Engine::Postgres(_) => self.database.open().await,
        };
        // The seed of the first node gives the same master key; the ids it makes must be its own.
        let master_key = MasterKey::generate(&mut Chance::seeded(1));
        let (chance, mode) = (Chance::seeded(2), self.server.mode().clone());
        let config = config(store, master_key, &self.clock, chance, mode, &self.outbox);
        Server::start(config).await.expect("the second node starts")
    }

    /// Another server on the same store that sends mails this way. Different seeds give it different ids.
    pub async fn node_sending(&self, delivery: Delivery, seed: u64) -> Server {
        let store = match self.database.engine() {
            Engine::Sqlite => self.server.store().clone(),
            Engine::Postgres(_) => self.database.open().await,
        };
        let master_key = MasterKey::generate(&mut Chance::seeded(1));
        let (chance, mode) = (Chance::seeded(seed), self.server.mode().clone());
        let config =
            Config { delivery, ..config(store, master_key, &self.clock, chance, mode, &self.outbox) };
        Server::start(config).await.expect("the node starts")
    }

    /// A fresh browser that talks to another server of the instance under test.
    pub fn browser_at(&self, node: &Server) -> Browser {
        Browser::new(self.door_of(node))
    }

    /// Calls to the Backend API of another server of the instance under test.
    pub fn backend_at(&self, node: &Server) -> Backend {
        Backend::new(self.door_of(node), Some(&self.instance.secret_key))
    }

    /// The database, for looking behind the server's back.
    pub fn database(&self) -> &TestDatabase {
        &self.database
    }

    /// The mails that the instance under test has sent, newest first.
    pub fn mails(&self) -> Vec<Letter> {
        self.outbox.letters(&self.instance.instance.id)
    }

    /// The router itself.
    pub fn router(&self) -> Router {
        self.door.router().clone()
    }

    fn door_of(&self, node: &Server) -> Door {
        Door::new(node.router(), &self.database.engine())
    }
}

/// What every server under test is made of.
fn config(
    store: Store,
    master_key: MasterKey,
    clock: &Arc<ManualClock>,
    chance: Chance,
    mode: Mode,
    outbox: &Outbox,
) -> Config {
    Config {
        network: Network::of_this_machine(),
        store,
        master_key,
        clock: Arc::clone(clock) as Arc<dyn Clock>,
        chance,
        mode,
        delivery: Delivery::Outbox(outbox.clone()),
        breaches: Breaches::list(BREACHES).expect("the list of breached passwords"),
        public_url: "http://localhost:4400".to_owned(),
    }
}

async fn populate(door: &Door, instance: InstanceKeys, kind: InstanceKind) -> Neighbour {
    let backend = Backend::new(door.clone(), Some(&instance.secret_key));
    let email = "neighbour@example.com".to_owned();
    let user_id = UserBuilder::new(backend.clone()).email(&email).first_name("Nora").create().await;
    let reply = backend.post("/v1/sessions", json!({ "user_id": user_id })).await;
    let session_id = match kind {
        InstanceKind::Development => reply.ok()["id"].as_str().expect("an id").to_owned(),
        // Production makes no sessions without a sign-in.
        InstanceKind::Production => "sess_nobody".to_owned(),
    };
    Neighbour { instance, user_id, email, session_id }
}

/// Runs a test on a SQLite database in a temporary folder.
pub fn run_on_sqlite<Test, Done>(test: Test)
where
    Test: FnOnce(TestApp) -> Done,
    Done: Future<Output = ()>,
{
    block_on(async { test(TestApp::start(TestDatabase::create(Engine::Sqlite).await).await).await });
}

/// Runs a test on a fresh PostgreSQL database of the server that the environment names; without one it says that it
/// was left out. `cargo xtask test` always names one.
#[expect(clippy::print_stderr, reason = "a test that was left out must not look like one that passed")]
pub fn run_on_postgres<Test, Done>(test: Test)
where
    Test: FnOnce(TestApp) -> Done,
    Done: Future<Output = ()>,
{
    let Some(engine) = Engine::available().into_iter().find(|engine| *engine != Engine::Sqlite) else {
        eprintln!("left out: {} names no PostgreSQL server", frontdesk_store::testing::POSTGRES_VARIABLE);
        return;
    };
    block_on(async { test(TestApp::start(TestDatabase::create(engine).await).await).await });
}

fn block_on(future: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime").block_on(future);
}
