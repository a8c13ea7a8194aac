//! What the unit of work gains: 64 writers on each engine, group commit on and off (ADR 1).
//!
//! `cargo bench -p frontdesk-store --bench commit`; PostgreSQL is measured where `FRONTDESK_TEST_POSTGRES` names a
//! server. Rates depend on the disk and on what else the machine does, so read the ratios.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a bench measures and prints"
)]

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use frontdesk_core::event::{Event, EventType};
use frontdesk_core::identification::Identification;
use frontdesk_core::instance::{Instance, InstanceKind};
use frontdesk_core::settings::Settings;
use frontdesk_core::user::User;
use frontdesk_store::testing::{Engine, TestDatabase};
use frontdesk_store::{CommitError, SqliteOptions, Store, Synchronous, Work};
use frontdesk_types::{EventId, IdentificationId, InstanceId, Randomness, Span, Timestamp, UserId};

const WRITERS: u64 = 64;
const NOW: Timestamp = Timestamp::from_secs(1_795_417_200);
const PATIENCE: Duration = Duration::from_secs(3);

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        println!("{:42} {:>9} {:>9} {:>9}", "works a second, 64 writers", "create", "update", "race");
        let together = sqlite(SqliteOptions::default()).await;
        together.print("SQLite, group commit");
        let alone = sqlite(SqliteOptions { group_commit: false, ..SqliteOptions::default() }).await;
        alone.print("SQLite, a commit each");
        let unsafe_ =
            sqlite(SqliteOptions { synchronous: Synchronous::Off, ..SqliteOptions::default() }).await;
        unsafe_.print("SQLite, group commit, never waiting for disk");
        for engine in Engine::available().into_iter().filter(|engine| *engine != Engine::Sqlite) {
            let database = TestDatabase::create(engine).await;
            measure(&database.open().await).await.print("PostgreSQL, a transaction each");
        }
        println!(
            "group commit / a commit each: create {:.1}, update {:.1}",
            together.create / alone.create,
            together.update / alone.update
        );
    });
}

struct Rates {
    create: f64,
    update: f64,
    /// Works of which one wins and the others are refused.
    race: f64,
}

impl Rates {
    fn print(&self, name: &str) {
        println!("{name:42} {:9.0} {:9.0} {:9.0}", self.create, self.update, self.race);
    }
}

async fn sqlite(options: SqliteOptions) -> Rates {
    // Beside the build, which is on a disk: the usual temporary folder may be memory.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let store = Store::open_sqlite(folder.path().join("bench.db"), options).unwrap();
    store.migrate().await.unwrap();
    measure(&store).await
}

async fn measure(store: &Store) -> Rates {
    let instance = Arc::new(instance());
    let mut work = Work::new(&instance.id);
    work.insert_instance(&instance);
    store.commit(work).await.unwrap();
    let create = rate(|writer, turn| {
        let (store, instance) = (store.clone(), instance.id.clone());
        async move {
            let (user, email) = person(writer, turn, &format!("user{writer}.{turn}@example.com"));
            keep(&store, &instance, &user, &email).await.unwrap();
        }
    })
    .await;
    // Each writer changes a user of its own: read, decide, save.
    let update = rate(|writer, turn| {
        let (store, instance) = (store.clone(), instance.id.clone());
        async move {
            let (user, _) = person(writer, 0, "");
            let mut user = store.user(&instance, &user.id).await.unwrap().unwrap();
            user.first_name = Some(format!("Ada {turn}"));
            let mut work = Work::new(&instance);
            work.save_user(&user);
            work.emit(&event(&user));
            store.commit(work).await.unwrap();
        }
    })
    .await;
    let won = Arc::new(AtomicU64::new(0));
    let tried = Arc::new(AtomicU64::new(0));
    let race = rate(|writer, turn| {
        let (store, instance, won, tried) = (store.clone(), instance.id.clone(), won.clone(), tried.clone());
        async move {
            let (user, email) = person(writer, 1_000_000 + turn, &format!("race{turn}@example.com"));
            tried.fetch_max(turn + 1, Ordering::Relaxed);
            match keep(&store, &instance, &user, &email).await {
                Ok(()) => drop(won.fetch_add(1, Ordering::Relaxed)),
                Err(CommitError::Conflict(_)) => {}
                Err(other) => panic!("{other:?}"),
            }
        }
    })
    .await;
    assert_eq!(won.load(Ordering::Relaxed), tried.load(Ordering::Relaxed), "one winner for each address");
    Rates { create, update, race }
}

async fn keep(
    store: &Store,
    instance: &InstanceId,
    user: &User,
    email: &Identification,
) -> Result<(), CommitError> {
    let mut work = Work::new(instance);
    work.insert_user(user);
    work.insert_identification(email);
    work.emit(&event(user));
    store.commit(work).await
}

/// Lets every writer take turns until the time is over; the turns a second of all of them.
async fn rate<F: Future<Output = ()> + Send + 'static>(turn: impl Fn(u64, u64) -> F + Copy + Send) -> f64 {
    let begin = Instant::now();
    let mut writers = tokio::task::JoinSet::new();
    let done = Arc::new(AtomicU64::new(0));
    for writer in 0..WRITERS {
        // Futures are made here and sent away: the closure borrows the store.
        let mut turns: Vec<_> = (0..400).map(|number| Box::pin(turn(writer, number))).collect();
        turns.reverse();
        let done = done.clone();
        writers.spawn(async move {
            while let Some(turn) = turns.pop() {
                if begin.elapsed() > PATIENCE {
                    break;
                }
                turn.await;
                done.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    while let Some(outcome) = writers.join_next().await {
        outcome.unwrap();
    }
    #[expect(clippy::cast_precision_loss, reason = "a rate")]
    let done = done.load(Ordering::Relaxed) as f64;
    done / begin.elapsed().as_secs_f64()
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

fn person(writer: u64, turn: u64, address: &str) -> (User, Identification) {
    let mut chance = Chance((writer << 32) + turn);
    // Time goes on, so that fresh ids lie together in their indexes, as in life.
    let now = NOW + Span::millis(i64::try_from(turn).unwrap() * 20);
    let mut user = User::new(UserId::mint(now, &mut chance), now);
    let id = IdentificationId::mint(now, &mut chance);
    let address = address.parse().unwrap_or_else(|_| "nobody@example.com".parse().unwrap());
    let email = Identification::email(id, user.id.clone(), &address, now);
    user.primary_email_address_id = Some(email.id.clone());
    user.first_name = Some("Ada".to_owned());
    (user, email)
}

fn event(user: &User) -> Event {
    Event {
        id: EventId::mint(NOW, &mut Chance(1)),
        kind: EventType::UserCreated,
        subject: user.id.as_str().to_owned(),
        payload: vec![b'x'; 1500],
        created_at: NOW,
    }
}

fn instance() -> Instance {
    Instance {
        id: InstanceId::mint(NOW, &mut Chance(1)),
        slug: "bench".to_owned(),
        kind: InstanceKind::Development,
        key_host: "clerk.bench.localhost".to_owned(),
        settings: Settings::default(),
        has_test_keys: false,
        created_at: NOW,
        updated_at: NOW,
        version: 1,
    }
}
