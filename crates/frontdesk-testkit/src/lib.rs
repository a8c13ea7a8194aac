//! A whole Frontdesk server in a test process: real router, real store, a clock to move, published test keys.

#![warn(missing_docs)]
#![expect(clippy::missing_panics_doc, reason = "everything here panics where a test shall fail")]

#[cfg(feature = "matrix")]
pub mod matrix;
