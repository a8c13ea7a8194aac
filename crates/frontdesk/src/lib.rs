//! Who is asking? Request authentication for Rust applications, against a Frontdesk server or any other that speaks
//! the same protocol.
//!
//! A handler asks one question, and gets a value that cannot be misread:
//!
//! ```no_run
//! use frontdesk::get_auth;
//!
//! async fn my_orders(request: http::Request<()>) -> Result<String, &'static str> {
//!     let auth = get_auth(&request).await;
//!     let Some(user_id) = auth.user_id() else { return Err("please sign in") };
//!     Ok(format!("the orders of {user_id}"))
//! }
//! ```
//!
//! [`get_auth`] reads its settings from the environment: `FRONTDESK_URL`, `FRONTDESK_PUBLISHABLE_KEY` and
//! `FRONTDESK_SECRET_KEY`, which the server prints when it starts, or the `CLERK_*` names of other SDKs. It verifies a
//! bearer token or a session cookie with keys that it fetches once and remembers, and it never fails: whatever goes
//! wrong is a [`Reason`] to be signed out.
//!
//! Pages need more: a browser whose session token has expired is sent to the server and comes back with a fresh one
//! (the *handshake*). [`FrontdeskLayer`] does that in front of every handler, and `get_auth` then takes what the layer
//! found out.
//!
//! The typed client of the Backend API comes along: [`Frontdesk::client`], with its operations in [`client`].
//!
//! # Features
//! - `https` (default): a Backend API behind TLS. Nothing process-wide is installed.
//! - `tower`: [`FrontdeskLayer`], for everything built on tower and `http` 1, hyper itself among it.
//! - `axum` (on top of `tower`): [`Auth`], [`SignedIn`], [`Authorized`] and [`Machine`] as extractors.
//! - `tonic` (on top of `tower`): the same questions to a [`tonic::Request`](web::tonic), and refusals as a gRPC status.
//! - `actix`: [`FrontdeskLayer`] as middleware of actix-web, and the extractors.
//! - `poem`: [`FrontdeskLayer`] as middleware of poem, and the extractors.
//! - `rocket`: [`FrontdeskLayer`] as a fairing of Rocket, and the extractors as request guards.
//! - `salvo`: [`FrontdeskLayer`] as a hoop of salvo, and the extractors.
//! - `warp` (on top of `tower`): the extractors as [filters](web::warp) of warp.
//! - `tracing`: what goes wrong and no visitor can mend ([`Notice`]), as warnings in the log.
//!
//! # Stricter than the reference
//! The decisions are those of the reference SDK, with these exceptions. Each of them refuses more:
//! - the algorithm is the key's, never the header's; tokens with `crit`, with duplicate names, with non-canonical
//!   base64, with text that is no UTF-8, with header fields of the wrong type, or of more than 16 KiB are refused
//!   (`token-invalid`), and times beyond the calendar are times like others;
//! - the ids in a session token must be ids, and its organization one (`token-verification-failed`);
//! - settings that cannot work are errors when a [`Frontdesk`] is built, not when a request comes: a JWT key that is none,
//!   a proxy URL without a scheme, a pattern with back references, look-behind, named groups or Unicode properties;
//! - a program's token is refused where the Backend API says that it was taken back or is over (`token-invalid`), or
//!   does not give the contract's members (`unexpected-error`), and so is a JWT of a program with a claim of the wrong
//!   type (`token-verification-failed`); a program that is asked for a token from a template has none;
//! - a path such as `//elsewhere` behind a proxy does not change the host of the redirect URL, and a forwarded scheme
//!   must be `http` or `https`.
//!
//! Paths of more than 4 KiB match no organization pattern, so that none takes long to match.
//!
//! One exception serves availability: while the Backend API cannot be reached, keys fetched within the last hour are
//! still used.

#![warn(missing_docs)]

mod auth;
mod authenticate;
mod config;
#[cfg(all(doctest, feature = "axum"))]
mod documentation;
mod frontdesk;
mod key_source;
mod question;
mod request;
mod state;
#[cfg(test)]
mod test_support;
pub mod web;

pub use auth::requirement::{Requirement, Reverification, ReverificationLevel};
pub use auth::token_type::{Accepts, TokenType, UnknownTokenType};
pub use auth::{
    ApiKey, Auth, AuthDebug, GetToken, M2mToken, Machine, OAuthToken, Organization, Session, SignedOut,
};
pub use authenticate::path_pattern::InvalidPathPattern;
pub use config::clock::{Clock, SystemClock};
pub use config::keys::{InstanceType, InvalidPublishableKey, PublishableKey, SecretKey};
pub use config::{Builder, ConfigError};
pub use frontdesk::{AuthenticateError, Frontdesk, get_auth, require};
pub use frontdesk_client::{self as client, Client, Error, verify_webhook};
pub use frontdesk_types::{OrganizationId, SessionId, Span, Timestamp, UserId};
pub use request::view::RequestView;
pub use state::denied::Denied;
pub use state::explanation::Explanation;
pub use state::notice::Notice;
pub use state::reason::{Reason, RefreshObstacle, RefusalCode};
pub use state::{RequestState, Status};
#[cfg(feature = "_layer")]
pub use web::FrontdeskLayer;
pub use web::{Authorized, Policy, SignedIn};
