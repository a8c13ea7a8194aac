//! The pages of an instance, as a browser without scripts uses them: it reads the forms that it is shown, fills them in
//! and sends them. Through the real router, on both engines.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod account;
mod defence;
mod destinations;
mod places;
mod reader;
mod sign_in;
mod sign_up;
