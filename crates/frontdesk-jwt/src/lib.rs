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

#![warn(missing_docs)]

mod algorithm;
mod base64url;
mod bitmap;
pub mod category;
mod claims;
mod der;
mod document;
mod error;
mod expectations;
mod header;
mod json;
mod jwk;
mod key;
mod permissions;
mod session;
mod sign;
mod signature;
mod token;
mod verify;

pub use algorithm::{Algorithm, UnknownAlgorithm};
pub use claims::{ActiveOrganization, ClaimsVersion, FactorVerificationAge, SessionClaims, StatusClaim};
pub use error::{KeyError, SignError, VerifyError};
pub use expectations::{DEFAULT_CLOCK_SKEW, Expectations};
pub use header::{Header, TYPE_JWT};
pub use jwk::{Jwk, Jwks};
pub use key::{KeySet, Keys, SigningKey, VerifyingKey};
pub use permissions::{Scope, Scoped};
pub use session::{VerifiedSession, verify_session};
pub use signature::{BadSignature, SignatureVerifier};
pub use token::{MAX_TOKEN_BYTES, Token};
pub use verify::{Verified, verify};
