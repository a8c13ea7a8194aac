//! The vocabulary of Frontdesk: identifiers, instants, and values with rules.
//!
//! Everything here is a plain value. Nothing reads a clock, asks for randomness by itself, or does IO:
//! [`Timestamp`] and [`Randomness`] are handed in by whoever owns them.

#![warn(missing_docs)]

mod chance;
mod change;
mod email;
mod id;
mod open_enum;
mod secret;
mod time;
mod username;

pub use chance::Randomness;
pub use change::Change;
pub use email::{EmailAddress, InvalidEmailAddress};
pub use id::{
    AllowlistIdentifierId, ApiKeyId, BlocklistIdentifierId, ClientId, DevBrowserId, DomainId, EmailId,
    EventId, IdentificationId, ImageId, InstanceId, InvalidId, JwtTemplateId, M2mTokenId, MachineId,
    MembershipId, OAuthAccessTokenId, OrganizationId, RedirectUrlId, SessionId, SignInId, SignInTokenId,
    SignUpId, UserId, VerificationId,
};
pub use secret::Secret;
pub use time::{Span, Timestamp};
pub use username::{InvalidUsername, Username};

/// What the macros of this crate need at their call site.
#[doc(hidden)]
pub mod __private {
    pub use serde;
}
