//! A whole Frontdesk server in a test process: real router, real store, a clock to move, published test keys.
//!
//! ```ignore
//! #[frontdesk_testkit::test] // once on SQLite, once on PostgreSQL
//! async fn a_user_can_be_read(app: TestApp) {
//!     let ada = app.user().email("ada@example.com").create().await;
//!     let reply = app.backend().get(&format!("/v1/users/{ada}")).await;
//!     assert_eq!(reply.status(), 200);
//! }
//! ```
//!
//! Every test runs beside a second instance that has people of its own ([`TestApp::other`]); try its ids against
//! what you test. Requests enter through the real router without a socket. Nothing sleeps: time stands still until
//! [`TestApp::advance`].

#![warn(missing_docs)]
#![expect(clippy::missing_panics_doc, reason = "everything here panics where a test shall fail")]

mod app;
mod backend;
mod browser;
mod reply;
mod user;

pub use app::{Neighbour, TestApp, run_on_postgres, run_on_sqlite};
pub use backend::Backend;
pub use browser::Browser;
pub use frontdesk_testkit_macros::test;
pub use reply::Reply;
pub use user::UserBuilder;
