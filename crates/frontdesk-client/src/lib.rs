//! A typed client for every operation of the Backend API.
//!
//! A [`Client`] has a handle for each kind of resource, and a method for each operation:
//!
//! ```no_run
//! use frontdesk_client::users::{NewUser, UserChanges};
//! use frontdesk_client::{Client, UserId};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::new("http://127.0.0.1:4400", "sk_test_…")?;
//!
//! let ada = client.users().create(NewUser::with_email("ada@example.com")).await?;
//! client.users().update(&ada.profile.id, UserChanges::default().first_name("Ada")).await?;
//!
//! let nobody: UserId = "user_nobody".parse()?;
//! match client.users().get_user(&nobody).await {
//!     Ok(user) => println!("{:?}", user.profile.first_name),
//!     Err(error) if error.is_not_found() => println!("there is no such user"),
//!     Err(error) => return Err(error.into()),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Operations, resources and error codes are those of [`api`], declared once and shared with the server; what has no
//! handle yet goes through [`Client::send`]. Values the client does not know yet are kept, and unknown fields ignored,
//! so a newer server does no harm.
//!
//! # Types that grow
//! The contract grows, so structs are `#[non_exhaustive]`. Bodies and queries begin with `default()` or a constructor and
//! have a method for each field, named like it; the fields are public, to be read and assigned. Words on the wire are
//! enumerations with a variant `Other`, and compare with text: `session.status == "active"`. (The server writes these
//! types and sees them as they are: its feature `exhaustive` of `frontdesk-api` is nothing to rely on.)
//!
//! # Lists
//! `list` gives one page, `stream` all [`Rows`]: `next().await` one after the other, `all().await` at once, or any
//! combinator, for it is a [`Stream`](futures_core::Stream).
//!
//! # Webhooks
//! [`verify_webhook`] proves that a webhook comes from the server, and gives a typed [`Event`](webhooks::Event).
//!
//! # Transports
//! Requests travel over a [`Transport`]: [`HttpTransport`], a server in the same process, or a fake in a test.
//!
//! # Time
//! Over [`HttpTransport`], connecting may take five seconds and a whole attempt ten
//! ([`timeout`](HttpTransport::timeout)). What failed in a way that may pass is sent again, three times in all and with
//! growing pauses ([`Retries`]), but never what may have been carried out: a `POST` whose answer got lost is yours to
//! judge. [`Error::is_unavailable`] and [`Error::retry_after`] tell whether and when another try may help.
//!
//! # Features
//! - `https` (default, on top of `http`): servers behind TLS, with rustls, aws-lc-rs and the platform's certificates.
//!   No process-wide crypto provider is set. 99 crates on Linux.
//! - `http`: [`HttpTransport`] for `http://` alone. 85 crates.
//! - `webhooks` (default): [`verify_webhook`], with aws-lc-rs and base64, which `https` has in the tree anyhow.
//! - Without them, only other transports remain, and the crate brings no HTTP implementation and no async runtime.
//!   28 crates, most of them serde's.

#![warn(missing_docs)]

mod client;
pub mod clients;
pub mod domains;
pub mod email_addresses;
mod error;
#[cfg(feature = "http")]
mod http_transport;
pub mod instance;
pub mod jwt_templates;
mod machine_tokens;
mod page;
pub mod redirect_urls;
mod refresh;
pub mod restrictions;
mod retry;
mod rows;
pub mod sessions;
pub mod sign_in_tokens;
pub mod sign_ups;
pub mod templates;
pub mod testing_tokens;
#[cfg(feature = "http")]
mod tokio_pace;
mod transport;
pub mod users;
#[cfg(feature = "webhooks")]
pub mod webhooks;
mod wire;

pub use client::{BuildError, Builder, Client};
pub use error::Error;
#[cfg(feature = "http")]
pub use http_transport::HttpTransport;
pub use machine_tokens::{ApiKey, M2mToken, OAuthAccessToken};
pub use refresh::RefreshSession;
pub use retry::{Pace, Retries};
pub use rows::Rows;
pub use transport::{BoxFuture, Failure, Request, Response, Transport, TransportError};

#[cfg(feature = "webhooks")]
pub use webhooks::verify_webhook;

/// The wire contract: operations, resources, error codes.
pub use frontdesk_api as api;
pub use frontdesk_api::backend::interstitial::InterstitialQuery;
pub use frontdesk_api::backend::jwks::{Jwk, Jwks};
pub use frontdesk_api::{
    Deleted, ErrorCode, ErrorItem, JsonMap, JsonObject, Operation, Page, PageQuery, Token,
};
pub use frontdesk_types::{
    ApiKeyId, Change, IdentificationId, JwtTemplateId, M2mTokenId, MachineId, OAuthAccessTokenId,
    OrganizationId, Secret, SessionId, SignInTokenId, Timestamp, UserId, VerificationId,
};

#[cfg(test)]
mod coverage;
#[cfg(test)]
mod fake;
