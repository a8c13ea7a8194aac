//! The Backend API: what application servers ask with a secret key.

use crate::Declaration;

pub mod clients;
pub mod interstitial;
pub mod jwks;
pub mod jwt_templates;
pub mod sessions;
pub mod sign_in_tokens;
pub mod testing_tokens;
pub mod users;

/// The tables of all operations declared here.
pub(crate) fn tables() -> [&'static [Declaration]; 8] {
    [
        clients::OPERATIONS,
        interstitial::OPERATIONS,
        jwks::OPERATIONS,
        jwt_templates::OPERATIONS,
        sessions::OPERATIONS,
        sign_in_tokens::OPERATIONS,
        testing_tokens::OPERATIONS,
        users::OPERATIONS,
    ]
}
