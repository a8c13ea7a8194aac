//! The `cat` header member: what a token is for (wire contract §3.1).
//!
//! SDKs compare the values literally. A session token may leave `cat` out, but any value that is not listed here makes
//! it a non-session token to them.

/// Session and handshake tokens.
pub const SESSION: &str = "cl_B7d4PD111AAA";

/// Tokens made from a JWT template.
pub const JWT_TEMPLATE: &str = "cl_B7d4PD222AAA";

/// Machine-to-machine tokens. Verification of a user's token refuses them before it looks for a key.
pub const MACHINE: &str = "cl_B7d4PD333AAA";

/// Tokens whose category SDKs leave out of account.
pub const IGNORE: &str = "cl_I7d4PD111III";
