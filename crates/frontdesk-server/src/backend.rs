//! The Backend API: one file per resource, one function per operation.

mod clients;
mod domains;
mod email_addresses;
mod instance;
mod interstitial;
mod jwks;
mod jwt_templates;
mod page;
mod redirect_urls;
mod restricted_identifiers;
mod session_refresh;
mod sessions;
mod sign_in_tokens;
mod sign_ups;
mod templates;
mod testing_tokens;
mod users;

use crate::routes::Routes;

/// Everything the Backend API answers.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .merge(clients::routes())
        .merge(domains::routes())
        .merge(email_addresses::routes())
        .merge(instance::routes())
        .merge(interstitial::routes())
        .merge(jwks::routes())
        .merge(jwt_templates::routes())
        .merge(redirect_urls::routes())
        .merge(restricted_identifiers::routes())
        .merge(session_refresh::routes())
        .merge(sessions::routes())
        .merge(sign_in_tokens::routes())
        .merge(templates::routes())
        .merge(sign_ups::routes())
        .merge(testing_tokens::routes())
        .merge(users::routes())
}
