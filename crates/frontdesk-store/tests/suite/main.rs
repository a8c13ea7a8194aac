//! One suite for both engines: each test runs on SQLite and, where a server is named, on PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod clients;
mod commits;
mod domains;
mod instances;
mod lists;
mod mails;
mod organizations;
mod sessions;
mod support;
mod templates;
mod tokens;
mod user_list;
mod users;
