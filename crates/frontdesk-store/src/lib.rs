//! Where Frontdesk keeps what it knows: SQLite or PostgreSQL behind one concrete [`Store`].
//!
//! **Reads** are methods of the store, one statement each (two for nothing but the rarest), in a file per aggregate.
//! They return `Result<Option<T>>` for one record and `Result<Vec<T>>` for many; the caller knows what a missing
//! record means. Every read of instance data takes the [`InstanceId`](frontdesk_types::InstanceId) first and sees
//! nothing of any other instance.
//!
//! **Writes** are collected in a [`Work`] and sent at once with [`Store::commit`]: all or nothing, durable before
//! the answer. Three outcomes concern the caller, see [`CommitError`]:
//! * `Ok(())`: everything is on disk;
//! * [`CommitError::Conflict`]: a unique rule is broken, answer the published error;
//! * [`CommitError::Stale`]: a record has moved since it was read (or what a new row refers to is gone): read and
//!   decide again, a bounded number of times.
//!
//! On SQLite, reads run in the calling thread, which a point read holds for two or three microseconds; that is much
//! cheaper than a hop to another thread. Writes go through one writer that makes many works durable with one flush
//! (`docs/adr/0001-unit-of-work.md`).

#![warn(missing_docs)]

mod clients;
mod composed;
mod dev_browsers;
mod dialect;
mod domains;
mod error;
mod events;
mod handshakes;
mod identifications;
mod images;
mod instances;
mod jwt_templates;
mod keys;
mod leases;
mod leftovers;
mod mails;
mod message_templates;
mod meta;
mod migrations;
mod organizations;
mod postgres;
mod redirect_urls;
mod refresh_tokens;
mod registry;
mod restricted_identifiers;
mod row;
mod sealed;
mod sessions;
mod sign_in_tokens;
mod sign_ins;
mod sign_ups;
mod sqlite;
mod statement;
mod store;
#[cfg(feature = "testing")]
pub mod testing;
mod testing_tokens;
mod user_list;
mod users;
mod value;
mod work;

pub use error::{CommitError, Constraint, Error};
pub use events::RecordedEvent;
pub use instances::InstanceKey;
pub use leftovers::Leftover;
pub use postgres::{PostgresOptions, check_postgres_url};
pub use restricted_identifiers::Listed;
pub use sealed::{SealedKind, SealedRow};
pub use sessions::{SessionFilter, SessionForMint};
pub use sqlite::{Backup, SqliteOptions, Synchronous};
pub use store::{Page, Store};
pub use user_list::{Direction, UserFilter, UserOrder, UserSort};
pub use work::Work;

/// What a read gives.
pub type Result<T, E = Error> = std::result::Result<T, E>;
