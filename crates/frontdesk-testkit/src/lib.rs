#![doc = include_str!("../README.md")]
#![warn(missing_docs)]
#![expect(clippy::missing_panics_doc, reason = "everything here panics where a test shall fail")]

mod browser;
mod builder;
mod clock;
mod forgery;
mod keys;
mod listening;
#[cfg(feature = "matrix")]
pub mod matrix;
mod refused;
mod routes;
mod server;
mod session;
mod transport;
mod user;

pub use browser::Browser;
pub use builder::Builder;
pub use clock::TestClock;
pub use forgery::Forgery;
pub use keys::{PUBLISHABLE_KEY, SECRET_KEY, published_signing_key};
pub use refused::Refused;
pub use routes::{OpenRoute, RouteCheck, unprotected_routes, unprotected_routes_at};
pub use server::TestServer;
pub use session::Session;
pub use user::{User, UserBuilder};

/// What the owner of an instance can set.
pub use frontdesk_core::settings::Settings;
/// What the outbox holds.
pub use frontdesk_notify::{Letter, Mail};
/// Instants, spans and ids, as server and SDK have them.
pub use frontdesk_types::{SessionId, Span, Timestamp, UserId};
