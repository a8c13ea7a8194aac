//! The Backend API: one file per resource, one function per operation.

mod clients;
mod email_addresses;
mod interstitial;
mod jwks;
mod jwt_templates;
mod page;
mod sessions;
mod sign_in_tokens;
mod templates;
mod testing_tokens;
mod users;

use crate::routes::Routes;

/// Everything the Backend API answers.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .merge(clients::routes())
        .merge(email_addresses::routes())
        .merge(interstitial::routes())
        .merge(jwks::routes())
        .merge(jwt_templates::routes())
        .merge(sessions::routes())
        .merge(sign_in_tokens::routes())
        .merge(templates::routes())
        .merge(testing_tokens::routes())
        .merge(users::routes())
}
