//! The wire contract: resources, operations and error codes, as types without IO.
//!
//! An operation is declared once, in a table made with [`operations!`]; from it come the server's route, the
//! client's method and the row in the coverage report. The server writes the very types the client reads:
//! strictly (every key of the published schema, nulls included), and leniently the other way (unknown keys are
//! ignored, unknown enum strings kept).

#![warn(missing_docs)]

pub mod backend;
pub mod contract;
mod error;
mod file;
pub mod frontend;
mod json_object;
mod list;
mod operation;
mod request;
mod session_activity;
mod token;
mod version;
pub mod webhooks;

pub use error::{ErrorBody, ErrorCode, ErrorItem};
pub use file::{File, FileBody};
pub use json_object::JsonObject;
pub use list::{Deleted, Page, PageQuery, Paginated, TotalCount};
pub use operation::{Audience, Declaration, Nothing, Operation};
pub use request::JsonMap;
pub use session_activity::SessionActivity;
pub use token::Token;
pub use version::{ApiVersion, UnknownApiVersion};

/// What the macros of this crate need at their call site.
#[doc(hidden)]
pub mod __private {
    pub use http;
    pub use serde;
}
