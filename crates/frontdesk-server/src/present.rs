//! How is it shown? From records of the domain to resources on the wire, for each audience.

pub(crate) mod client;
pub(crate) mod domain;
pub(crate) mod environment;
pub(crate) mod jwks;
pub(crate) mod jwt_template;
pub(crate) mod redirect_url;
pub(crate) mod session;
pub(crate) mod sign_in;
pub(crate) mod sign_in_token;
pub(crate) mod sign_up;
pub(crate) mod template;
pub(crate) mod user;
