//! How a user and what identifies them are laid out: four layouts, read whole by id (ADR 4).
//!
//! `cargo bench -p frontdesk-store --bench user_row`; PostgreSQL is measured where `FRONTDESK_TEST_POSTGRES` names a
//! server. Every layout ends in the same record.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a bench measures and prints"
)]

use std::time::Instant;

use frontdesk_core::identification::Identification;
use frontdesk_core::instance::{Instance, InstanceKind};
use frontdesk_core::metadata::Metadata;
use frontdesk_core::settings::Settings;
use frontdesk_core::user::{PasswordDigest, User};
use frontdesk_store::testing::{Engine, TestDatabase};
use frontdesk_store::{Store, Work};
use frontdesk_types::{IdentificationId, InstanceId, Randomness, Timestamp, UserId};
use rusqlite::Connection;
use serde::Deserialize;

const NOW: Timestamp = Timestamp::from_secs(1_795_417_200);
const USERS: u64 = 1_000;

const USER_COLUMNS: [&str; 25] = [
    "id",
    "external_id",
    "first_name",
    "last_name",
    "locale",
    "primary_email_address_id",
    "primary_phone_number_id",
    "primary_web3_wallet_id",
    "password_digest",
    "password_updated_at",
    "public_metadata",
    "private_metadata",
    "unsafe_metadata",
    "banned",
    "locked_until",
    "failed_attempts",
    "last_sign_in_at",
    "last_active_at",
    "legal_accepted_at",
    "delete_self_enabled",
    "create_organization_enabled",
    "create_organizations_limit",
    "created_at",
    "updated_at",
    "version",
];
const IDENTIFICATION_COLUMNS: [&str; 7] =
    ["id", "user_id", "kind", "value", "verification", "created_at", "updated_at"];

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        for identifications in [1, 3] {
            println!("\n{identifications} identification(s) each, {USERS} users");
            for engine in Engine::available() {
                let database = TestDatabase::create(engine.clone()).await;
                let store = database.open().await;
                let (instance, ids) = settle(&store, identifications).await;
                match engine {
                    Engine::Sqlite => {
                        lay_out_documents(&database, "JSON").await;
                        sqlite(&database, &instance, &ids);
                    }
                    Engine::Postgres(_) => {
                        lay_out_documents(&database, "PG").await;
                        postgres(&database, &instance, &ids).await;
                    }
                }
                let turns = turns(&store);
                let watch = Watch::start();
                for turn in 0..turns {
                    let account = store.account(&instance, &ids[pick(turn)]).await.unwrap().unwrap();
                    assert_eq!(account.identifications.len(), identifications);
                }
                watch.report(&format!("{}: Store::account, as built", store.engine()), turns);
                let watch = Watch::start();
                for turn in 0..turns {
                    store.user(&instance, &ids[pick(turn)]).await.unwrap().unwrap();
                }
                watch.report(&format!("{}: Store::user, as built", store.engine()), turns);
            }
        }
    });
}

fn turns(store: &Store) -> usize {
    if store.engine() == "SQLite" { 100_000 } else { 10_000 }
}

/// A user to read, spread over all of them.
fn pick(turn: usize) -> usize {
    turn.wrapping_mul(7919) % usize::try_from(USERS).unwrap()
}

/// Begins to measure.
struct Watch {
    begin: Instant,
    worked: u64,
}

impl Watch {
    fn start() -> Self {
        Self { begin: Instant::now(), worked: worked() }
    }

    /// Says what each turn took: of this thread's CPU, which a busy machine does not change, and of time.
    #[expect(clippy::cast_precision_loss, reason = "means")]
    fn report(&self, name: &str, turns: usize) {
        let worked = (worked() - self.worked) as f64 / 1e3 / turns as f64;
        let passed = self.begin.elapsed().as_secs_f64() * 1e6 / turns as f64;
        println!("  {name:50} {worked:8.2} µs of CPU here {passed:9.2} µs in all");
    }
}

/// Nanoseconds this thread has been running (Linux).
fn worked() -> u64 {
    let status = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    status.split(' ').next().unwrap().parse().unwrap()
}

/// Fills the tables of the schema.
async fn settle(store: &Store, identifications: usize) -> (InstanceId, Vec<UserId>) {
    let mut chance = Chance(1);
    let instance = Instance {
        id: InstanceId::mint(NOW, &mut chance),
        slug: "bench".to_owned(),
        kind: InstanceKind::Development,
        key_host: "clerk.bench.localhost".to_owned(),
        settings: Settings::default(),
        has_test_keys: false,
        created_at: NOW,
        updated_at: NOW,
        version: 1,
    };
    let mut work = Work::new(&instance.id);
    work.insert_instance(&instance);
    let mut ids = Vec::new();
    for number in 0..USERS {
        let mut user = User::new(UserId::mint(NOW, &mut chance), NOW);
        let mut addresses = Vec::new();
        for place in 0..identifications {
            let id = IdentificationId::mint(NOW, &mut chance);
            let address = format!("user{number}.{place}@example.com").parse().unwrap();
            addresses.push(Identification::email(id, user.id.clone(), &address, NOW));
        }
        user.primary_email_address_id = Some(addresses[0].id.clone());
        user.first_name = Some("Augusta Ada".to_owned());
        user.last_name = Some("King-Noel".to_owned());
        user.password_digest =
            Some(PasswordDigest::new(format!("$argon2id$v=19$m=19456,t=2,p=1${number:064}")));
        user.public_metadata =
            Metadata::from_stored(format!(r#"{{"plan":"free","notes":"{}"}}"#, "n".repeat(200)));
        work.insert_user(&user);
        for address in &addresses {
            work.insert_identification(address);
        }
        ids.push(user.id);
        if number % 1000 == 999 {
            store.commit(std::mem::replace(&mut work, Work::new(&instance.id))).await.unwrap();
        }
    }
    store.commit(work).await.unwrap();
    (instance.id, ids)
}

/// Copies the users into a table with one document for each.
async fn lay_out_documents(database: &TestDatabase, engine: &str) {
    let pairs = |columns: &[&str], alias: &str| {
        columns.iter().map(|name| format!("'{name}', {alias}.{name}")).collect::<Vec<_>>()
    };
    let object = |pairs: &[String]| match engine {
        "PG" => format!("json_build_object({})", pairs.join(", ")),
        _ => format!("json_object({})", pairs.join(", ")),
    };
    let (group, nested) = if engine == "PG" { ("json_agg", "") } else { ("json_group_array", "json") };
    let inner = object(&pairs(&IDENTIFICATION_COLUMNS, "i"));
    let mut all = pairs(&USER_COLUMNS, "u");
    all.push(format!(
        "'identifications', {nested}((SELECT {group}({inner}) FROM identifications i
           WHERE i.instance_id = u.instance_id AND i.user_id = u.id))"
    ));
    let document = object(&all);
    database
        .execute(&format!(
            "CREATE TABLE documents (instance_id TEXT NOT NULL, id TEXT NOT NULL, document TEXT NOT NULL,
                                     PRIMARY KEY (instance_id, id));
             INSERT INTO documents SELECT instance_id, id, CAST({document} AS TEXT) FROM users u"
        ))
        .await;
}

/// The layouts as SQL: two statements, a join, a JSON aggregate, a document.
struct Texts {
    user: String,
    identifications: String,
    join: String,
    aggregate: String,
    document: &'static str,
}

impl Texts {
    fn new(first: &str, second: &str, aggregate: &str, object: &str) -> Self {
        let users = USER_COLUMNS.map(|name| format!("u.{name}")).join(", ");
        let identifications = IDENTIFICATION_COLUMNS.map(|name| format!("i.{name}")).join(", ");
        let pairs = IDENTIFICATION_COLUMNS.map(|name| format!("'{name}', i.{name}")).join(", ");
        let places = |text: &str| text.replace("?1", first).replace("?2", second);
        Self {
            user: places(&format!("SELECT {users} FROM users u WHERE u.instance_id = ?1 AND u.id = ?2")),
            identifications: places(&format!(
                "SELECT {identifications} FROM identifications i WHERE i.instance_id = ?1 AND i.user_id = ?2
                  ORDER BY i.created_at, i.id"
            )),
            join: places(&format!(
                "SELECT {users}, {identifications} FROM users u
                   LEFT JOIN identifications i ON i.instance_id = u.instance_id AND i.user_id = u.id
                  WHERE u.instance_id = ?1 AND u.id = ?2 ORDER BY i.created_at, i.id"
            )),
            aggregate: places(&format!(
                "SELECT {users}, CAST((SELECT {aggregate}({object}({pairs})) FROM identifications i
                           WHERE i.instance_id = u.instance_id AND i.user_id = u.id) AS TEXT)
                   FROM users u WHERE u.instance_id = ?1 AND u.id = ?2"
            )),
            document: if first == "$1" {
                "SELECT document FROM documents WHERE instance_id = $1 AND id = $2"
            } else {
                "SELECT document FROM documents WHERE instance_id = ?1 AND id = ?2"
            },
        }
    }
}

/// What every layout must produce, as owned values.
#[derive(Deserialize)]
#[expect(dead_code, reason = "made to be measured")]
struct Read {
    id: String,
    external_id: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    locale: Option<String>,
    primary_email_address_id: Option<String>,
    primary_phone_number_id: Option<String>,
    primary_web3_wallet_id: Option<String>,
    password_digest: Option<String>,
    password_updated_at: Option<i64>,
    public_metadata: String,
    private_metadata: String,
    unsafe_metadata: String,
    locked_until: Option<i64>,
    failed_attempts: i64,
    last_sign_in_at: Option<i64>,
    last_active_at: Option<i64>,
    legal_accepted_at: Option<i64>,
    create_organizations_limit: Option<i64>,
    created_at: i64,
    updated_at: i64,
    version: i64,
    #[serde(default)]
    identifications: Vec<ReadIdentification>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "made to be measured")]
struct ReadIdentification {
    id: String,
    user_id: String,
    kind: String,
    value: String,
    verification: Option<String>,
    created_at: i64,
    updated_at: i64,
}

macro_rules! read_user {
    ($row:expr, $get:ident) => {
        Read {
            id: $row.$get(0).unwrap(),
            external_id: $row.$get(1).unwrap(),
            first_name: $row.$get(2).unwrap(),
            last_name: $row.$get(3).unwrap(),
            locale: $row.$get(4).unwrap(),
            primary_email_address_id: $row.$get(5).unwrap(),
            primary_phone_number_id: $row.$get(6).unwrap(),
            primary_web3_wallet_id: $row.$get(7).unwrap(),
            password_digest: $row.$get(8).unwrap(),
            password_updated_at: $row.$get(9).unwrap(),
            public_metadata: $row.$get(10).unwrap(),
            private_metadata: $row.$get(11).unwrap(),
            unsafe_metadata: $row.$get(12).unwrap(),
            locked_until: $row.$get(14).unwrap(),
            failed_attempts: $row.$get(15).unwrap(),
            last_sign_in_at: $row.$get(16).unwrap(),
            last_active_at: $row.$get(17).unwrap(),
            legal_accepted_at: $row.$get(18).unwrap(),
            create_organizations_limit: $row.$get(21).unwrap(),
            created_at: $row.$get(22).unwrap(),
            updated_at: $row.$get(23).unwrap(),
            version: $row.$get(24).unwrap(),
            identifications: Vec::new(),
        }
    };
}

macro_rules! read_identification {
    ($row:expr, $get:ident, $offset:expr) => {
        ReadIdentification {
            id: $row.$get($offset).unwrap(),
            user_id: $row.$get($offset + 1).unwrap(),
            kind: $row.$get($offset + 2).unwrap(),
            value: $row.$get($offset + 3).unwrap(),
            verification: $row.$get($offset + 4).unwrap(),
            created_at: $row.$get($offset + 5).unwrap(),
            updated_at: $row.$get($offset + 6).unwrap(),
        }
    };
}

fn sqlite(database: &TestDatabase, instance: &InstanceId, ids: &[UserId]) {
    const TURNS: usize = 100_000;
    let connection = Connection::open(database.path().unwrap()).unwrap();
    connection.set_prepared_statement_cache_capacity(64);
    connection.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).unwrap();
    let texts = Texts::new("?1", "?2", "json_group_array", "json_object");
    let run = |name: &str, read: &dyn Fn([&str; 2]) -> Read| {
        let watch = Watch::start();
        for turn in 0..TURNS {
            assert!(!read([instance.as_str(), ids[pick(turn)].as_str()]).identifications.is_empty());
        }
        watch.report(&format!("SQLite: {name}"), TURNS);
    };
    let two = |key: [&str; 2]| {
        let mut user = connection
            .prepare_cached(&texts.user)
            .unwrap()
            .query_row(key, |row| Ok(Box::new(read_user!(row, get))))
            .unwrap();
        let mut statement = connection.prepare_cached(&texts.identifications).unwrap();
        let mut rows = statement.query(key).unwrap();
        while let Some(row) = rows.next().unwrap() {
            user.identifications.push(read_identification!(row, get, 0));
        }
        *user
    };
    run("two statements", &two);
    run("two statements in one snapshot", &|key| {
        connection.prepare_cached("BEGIN").unwrap().execute([]).unwrap();
        let user = two(key);
        connection.prepare_cached("COMMIT").unwrap().execute([]).unwrap();
        user
    });
    run("one statement, joined", &|key| {
        let mut statement = connection.prepare_cached(&texts.join).unwrap();
        let mut rows = statement.query(key).unwrap();
        let mut user: Option<Read> = None;
        while let Some(row) = rows.next().unwrap() {
            let user = user.get_or_insert_with(|| read_user!(row, get));
            user.identifications.push(read_identification!(row, get, 25));
        }
        user.unwrap()
    });
    run("one statement, JSON aggregate", &|key| {
        let mut statement = connection.prepare_cached(&texts.aggregate).unwrap();
        let mut rows = statement.query(key).unwrap();
        let row = rows.next().unwrap().unwrap();
        let mut user = read_user!(row, get);
        user.identifications = serde_json::from_str(row.get_ref(25).unwrap().as_str().unwrap()).unwrap();
        user
    });
    run("one document", &|key| {
        let mut statement = connection.prepare_cached(texts.document).unwrap();
        let mut rows = statement.query(key).unwrap();
        let row = rows.next().unwrap().unwrap();
        serde_json::from_str(row.get_ref(0).unwrap().as_str().unwrap()).unwrap()
    });
}

async fn postgres(database: &TestDatabase, instance: &InstanceId, ids: &[UserId]) {
    const TURNS: usize = 10_000;
    let url = database.url().unwrap();
    let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute("ANALYZE").await.unwrap();
    let texts = Texts::new("$1", "$2", "json_agg", "json_build_object");
    let user = client.prepare(&texts.user).await.unwrap();
    let identifications = client.prepare(&texts.identifications).await.unwrap();
    let join = client.prepare(&texts.join).await.unwrap();
    let aggregate = client.prepare(&texts.aggregate).await.unwrap();
    let document = client.prepare(texts.document).await.unwrap();
    let instance = instance.as_str();

    let watch = Watch::start();
    for turn in 0..TURNS {
        let id = ids[pick(turn)].as_str();
        let key: [&(dyn tokio_postgres::types::ToSql + Sync); 2] = [&instance, &id];
        let both = tokio::try_join!(client.query_one(&user, &key), client.query(&identifications, &key));
        let (row, more) = both.unwrap();
        let mut user = read_user!(row, try_get);
        user.identifications.extend(more.iter().map(|row| read_identification!(row, try_get, 0)));
        assert!(!user.identifications.is_empty());
    }
    watch.report("PostgreSQL: two statements, pipelined", TURNS);

    let watch = Watch::start();
    for turn in 0..TURNS {
        let rows = client.query(&join, &[&instance, &ids[pick(turn)].as_str()]).await.unwrap();
        let first = &rows[0];
        let mut user = read_user!(first, try_get);
        user.identifications.extend(rows.iter().map(|row| read_identification!(row, try_get, 25)));
        assert!(!user.identifications.is_empty());
    }
    watch.report("PostgreSQL: one statement, joined", TURNS);

    let watch = Watch::start();
    for turn in 0..TURNS {
        let row = client.query_one(&aggregate, &[&instance, &ids[pick(turn)].as_str()]).await.unwrap();
        let mut user = read_user!(row, try_get);
        user.identifications = serde_json::from_str(row.get(25)).unwrap();
        assert!(!user.identifications.is_empty());
    }
    watch.report("PostgreSQL: one statement, JSON aggregate", TURNS);

    let watch = Watch::start();
    for turn in 0..TURNS {
        let row = client.query_one(&document, &[&instance, &ids[pick(turn)].as_str()]).await.unwrap();
        let user: Read = serde_json::from_str(row.get(0)).unwrap();
        assert!(!user.identifications.is_empty());
    }
    watch.report("PostgreSQL: one document", TURNS);
}

struct Chance(u64);

impl Randomness for Chance {
    fn fill(&mut self, bytes: &mut [u8]) {
        bytes.fill(0);
        for (place, byte) in bytes.iter_mut().zip((self.0 >> 32).to_le_bytes()) {
            *place = byte;
        }
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    }
}
