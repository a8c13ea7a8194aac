//! For the tests of the server itself: each test once on SQLite and once on PostgreSQL, beside a populated second
//! instance. Tests of an application want [`TestServer`](crate::TestServer) instead.
//!
//! ```ignore
//! use frontdesk_testkit::matrix::TestApp;
//!
//! #[frontdesk_testkit::matrix::test]
//! async fn a_user_can_be_read(app: TestApp) {
//!     let ada = app.user().email("ada@example.com").create().await;
//!     let reply = app.backend().get(&format!("/v1/users/{ada}")).await;
//!     assert_eq!(reply.status(), 200);
//! }
//! ```
//!
//! [`Backend`] and [`Browser`] send raw requests, right and wrong ones, and give raw answers. The second instance has
//! people of its own ([`TestApp::other`]); try its ids against what you test. Requests enter through the real router
//! without a socket. Nothing sleeps: time stands still until [`TestApp::advance`].

mod app;
mod backend;
mod browser;
mod coverage;
mod door;
mod reply;
mod user;

pub use app::{BREACHED_PASSWORD, Neighbour, TestApp, run_on_postgres, run_on_sqlite};
pub use backend::Backend;
pub use browser::Browser;
pub use frontdesk_testkit_macros::test;
pub use reply::Reply;
pub use user::UserBuilder;
