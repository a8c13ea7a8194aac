//! Databases for tests: every test of the store, and of the server above it, runs on both engines.
//!
//! ```ignore
//! #[tokio::test]
//! async fn a_user_is_found_by_id() {
//!     each_engine(async |database| {
//!         let store = database.open().await;
//!         // …
//!     })
//!     .await;
//! }
//! ```
//!
//! SQLite always runs. PostgreSQL runs where [`POSTGRES_VARIABLE`] names a server, whose user may make databases
//! (`cargo xtask test` starts one). Each test gets a database of its own: a file in a temporary folder, or a clone of
//! a migrated template, made once per schema and server.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use tempfile::TempDir;
use tokio_postgres::{Config, NoTls};

use crate::postgres::PostgresOptions;
use crate::sqlite::{SqliteOptions, Synchronous};
use crate::{Store, migrations};

/// The environment variable that names a PostgreSQL server for tests, as a `postgres://` URL.
pub const POSTGRES_VARIABLE: &str = "FRONTDESK_TEST_POSTGRES";

/// Runs a test once on each engine there is, each time with a fresh, migrated database.
///
/// # Panics
///
/// When the test does, or when no database can be made.
pub async fn each_engine(test: impl AsyncFn(TestDatabase)) {
    for engine in Engine::available() {
        test(TestDatabase::create(engine).await).await;
    }
}

/// An engine to test on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Engine {
    /// SQLite in a temporary folder.
    Sqlite,
    /// The PostgreSQL server at this URL.
    Postgres(String),
}

impl Engine {
    /// SQLite, and PostgreSQL where [`POSTGRES_VARIABLE`] is set.
    pub fn available() -> Vec<Self> {
        let postgres = std::env::var(POSTGRES_VARIABLE).ok().filter(|url| !url.is_empty());
        std::iter::once(Self::Sqlite).chain(postgres.map(Self::Postgres)).collect()
    }
}

/// A database that is gone when this is dropped.
#[derive(Debug)]
pub struct TestDatabase {
    place: Place,
}

#[derive(Debug)]
enum Place {
    Sqlite { folder: TempDir },
    Postgres { server: String, name: String },
}

impl TestDatabase {
    /// A fresh, migrated database.
    ///
    /// # Panics
    ///
    /// When none can be made.
    pub async fn create(engine: Engine) -> Self {
        match engine {
            Engine::Sqlite => {
                let folder = tempfile::tempdir().expect("a temporary folder can be made");
                let database = Self { place: Place::Sqlite { folder } };
                database.open().await.migrate().await.expect("a new SQLite database can be migrated");
                database
            }
            Engine::Postgres(server) => {
                let name = clone_template(&server).await;
                Self { place: Place::Postgres { server, name } }
            }
        }
    }

    /// Opens the database; more than once, to see what another process would see.
    ///
    /// # Panics
    ///
    /// When it cannot be opened.
    pub async fn open(&self) -> Store {
        match &self.place {
            Place::Sqlite { .. } => self.open_sqlite(SqliteOptions {
                // The folder goes with the test; nothing is gained by waiting for the disk.
                synchronous: Synchronous::Off,
                ..SqliteOptions::default()
            }),
            Place::Postgres { .. } => {
                let options = PostgresOptions { pool_size: 8, ..PostgresOptions::default() };
                Store::connect_postgres(&self.url().unwrap_or_default(), options)
                    .await
                    .expect("the test's PostgreSQL database can be reached")
            }
        }
    }

    /// The engine it lives on.
    pub fn engine(&self) -> Engine {
        match &self.place {
            Place::Sqlite { .. } => Engine::Sqlite,
            Place::Postgres { server, .. } => Engine::Postgres(server.clone()),
        }
    }

    /// The file, on SQLite.
    pub fn path(&self) -> Option<PathBuf> {
        match &self.place {
            Place::Sqlite { folder } => Some(folder.path().join("frontdesk.db")),
            Place::Postgres { .. } => None,
        }
    }

    /// The URL, on PostgreSQL.
    pub fn url(&self) -> Option<String> {
        match &self.place {
            Place::Sqlite { .. } => None,
            Place::Postgres { server, name } => Some(url_of(server, name)),
        }
    }

    /// Runs SQL as it stands, for tests that need what no function does.
    ///
    /// # Panics
    ///
    /// When the SQL fails.
    pub async fn execute(&self, sql: &str) {
        self.open().await.execute_raw(sql).await.expect("the SQL of the test runs");
    }

    fn open_sqlite(&self, options: SqliteOptions) -> Store {
        let path = self.path().unwrap_or_default();
        Store::open_sqlite(path, options).expect("the test's SQLite database can be opened")
    }
}

impl Drop for TestDatabase {
    /// Drops a PostgreSQL database, with whatever is still connected to it.
    fn drop(&mut self) {
        let Place::Postgres { server, name } = &self.place else { return };
        let (server, name) = (server.clone(), name.clone());
        // A drop cannot wait in the runtime of the test, so it brings its own. A database that stays behind goes with
        // the server.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let administrator = connect(&server).await;
                drop(administrator.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)")).await);
            });
            std::io::Result::Ok(())
        });
        drop(dropped.join());
    }
}

/// Makes a database from the migrated template, and the template if this server has none of this schema yet.
async fn clone_template(server: &str) -> String {
    static COUNTER: AtomicU32 = AtomicU32::new(0);
    let administrator = connect(server).await;
    let template = format!("frontdesk_template_{:016x}", schema_fingerprint());
    // One test process after the other: several start at once.
    run(&administrator, "SELECT pg_advisory_lock(4400)").await;
    let exists = administrator
        .query_opt("SELECT 1 FROM pg_database WHERE datname = $1", &[&template])
        .await
        .expect("the server lists its databases");
    if exists.is_none() {
        let unfinished = format!("{template}_unfinished");
        run(&administrator, &format!("DROP DATABASE IF EXISTS {unfinished} WITH (FORCE)")).await;
        run(&administrator, &format!("CREATE DATABASE {unfinished}")).await;
        let store = Store::connect_postgres(&url_of(server, &unfinished), PostgresOptions::default())
            .await
            .expect("the template can be reached");
        store.migrate().await.expect("the template can be migrated");
        drop(store);
        // Connections close in the background; a database with guests cannot be renamed.
        let rename = format!("ALTER DATABASE {unfinished} RENAME TO {template}");
        for patience in (0..200).rev() {
            match administrator.batch_execute(&rename).await {
                Ok(()) => break,
                Err(error) if patience == 0 => panic!("{rename}: {error}"),
                Err(_) => tokio::time::sleep(std::time::Duration::from_millis(10)).await,
            }
        }
    }
    run(&administrator, "SELECT pg_advisory_unlock(4400)").await;
    let name = format!("frontdesk_test_{}_{}", std::process::id(), COUNTER.fetch_add(1, Ordering::Relaxed));
    run(&administrator, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
    run(&administrator, &format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
    name
}

async fn connect(server: &str) -> tokio_postgres::Client {
    let config: Config = server.parse().expect("the test server's URL parses");
    let (client, connection) = config.connect(NoTls).await.expect("the test server answers");
    tokio::spawn(connection);
    client
}

async fn run(client: &tokio_postgres::Client, sql: &str) {
    client.batch_execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// The URL of another database on the same server.
fn url_of(server: &str, database: &str) -> String {
    let (rest, query) = server.split_once('?').map_or((server, None), |(rest, query)| (rest, Some(query)));
    let authority = rest.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
    match query {
        Some(query) => format!("{authority}/{database}?{query}"),
        None => format!("{authority}/{database}"),
    }
}

/// Tells one schema from another (FNV-1a over the migrations).
fn schema_fingerprint() -> u64 {
    let bytes = migrations::STEPS.iter().flat_map(|step| step.bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
