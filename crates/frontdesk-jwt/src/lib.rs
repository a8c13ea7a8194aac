//! Keys, key sets, and JSON Web Tokens signed and verified at a given time.
//!
//! This is the one place where Frontdesk signs and verifies: the server mints with it, the SDK checks with it.
//! Keys are parsed once and are cheap to clone; the algorithm always comes from the key, never from the token;
//! time is an argument. Nothing here does IO, reads a clock, or keeps global state.
//!
//! ```
//! use frontdesk_jwt::{ClaimsVersion, Expectations, Header, SessionClaims, SigningKey, category, verify};
//! use frontdesk_types::{Span, Timestamp};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let now = Timestamp::from_secs(1_800_000_000);
//! let key = SigningKey::generate("key_1")?;
//!
//! // The server mints …
//! let claims = SessionClaims::new("https://clerk.example.com", "user_1", "sess_1", now, now + Span::seconds(60));
//! let header = Header::for_key(&key).with_category(category::SESSION).with_origin_issued_at(now);
//! let token = key.sign(&header, &claims.to_claims(ClaimsVersion::V2))?;
//!
//! // … and the SDK verifies, here with the one key it was given.
//! let expectations = Expectations::default();
//! let verified = verify::<SessionClaims>(&token, key.verifying_key(), &expectations, now)?;
//! assert_eq!(verified.claims.user_id, "user_1");
//!
//! let too_late = now + Span::seconds(65);
//! let refused = verify::<SessionClaims>(&token, key.verifying_key(), &expectations, too_late);
//! assert_eq!(refused.unwrap_err().reason(), "token-expired");
//! # Ok(())
//! # }
//! ```
//!
//! # The quick way
//! [`verify_session`] keeps the decoded text and reads the claims where they stand: from a token's text to a
//! [`VerifiedSession`] it costs less than a tenth more than the RSA operation in it, and nothing is parsed again when the
//! session is found in a cache later ([`VerifiedSession::check_times`]). [`verify`] gives the claims as any type of yours,
//! and parses them once more for that.
//!
//! # What is refused
//! Anything but one canonical spelling: other base64 than base64url without padding, JSON objects with a name twice (at
//! any depth, escapes undone), `crit`, more than [`MAX_TOKEN_BYTES`], nesting beyond 127. `jwk`, `jku`, `x5c`, `x5u` and
//! every other header member that is not named in [`Header`] is passed over. [`VerifyError::reason`] gives the contract's
//! code for each refusal.
//!
//! # Features
//! `aws-lc-rs` (default): signing, and verifying keys from JWK, PEM and secrets. Without it, as on
//! `wasm32-unknown-unknown`, a key is made from a [`SignatureVerifier`] of yours; all other rules stay.

#![warn(missing_docs)]

mod algorithm;
mod base64url;
mod bitmap;
#[cfg(feature = "aws-lc-rs")]
mod builtin;
pub mod category;
mod claims;
mod document;
mod error;
mod expectations;
mod header;
mod json;
mod jwk;
mod key;
mod key_set;
mod permissions;
mod session;
mod signature;
mod token;
mod verify;

pub use algorithm::{Algorithm, UnknownAlgorithm};
#[cfg(feature = "aws-lc-rs")]
pub use builtin::SigningKey;
pub use claims::{ActiveOrganization, ClaimsVersion, FactorVerificationAge, SessionClaims, StatusClaim};
pub use error::{KeyError, SignError, VerifyError};
pub use expectations::{DEFAULT_CLOCK_SKEW, Expectations};
pub use header::{Header, TYPE_JWT};
pub use jwk::{Jwk, Jwks, RsaNumbers};
pub use key::VerifyingKey;
pub use key_set::{KeySet, Keys};
pub use permissions::{Scope, Scoped};
pub use session::{VerifiedSession, verify_session};
pub use signature::{BadSignature, SignatureVerifier};
pub use token::{MAX_TOKEN_BYTES, Token};
pub use verify::{Verified, verify};
