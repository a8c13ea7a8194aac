//! The Backend API: what application servers ask with a secret key.

use crate::Declaration;

pub mod allowlist_identifiers;
pub mod api_keys;
pub mod blocklist_identifiers;
pub mod clients;
pub mod domains;
pub mod email_addresses;
pub mod instance;
pub mod interstitial;
pub mod jwks;
pub mod jwt_templates;
pub mod m2m_tokens;
pub mod oauth_access_tokens;
pub mod profile_images;
pub mod redirect_urls;
pub mod session_refresh;
pub mod sessions;
pub mod sign_in_tokens;
pub mod sign_ups;
pub mod templates;
pub mod testing_tokens;
pub mod users;

/// The tables of all operations that the server answers.
pub(crate) fn tables() -> Vec<&'static [Declaration]> {
    vec![
        allowlist_identifiers::OPERATIONS,
        blocklist_identifiers::OPERATIONS,
        clients::OPERATIONS,
        domains::OPERATIONS,
        email_addresses::OPERATIONS,
        instance::OPERATIONS,
        interstitial::OPERATIONS,
        jwks::OPERATIONS,
        jwt_templates::OPERATIONS,
        profile_images::OPERATIONS,
        redirect_urls::OPERATIONS,
        session_refresh::OPERATIONS,
        sessions::OPERATIONS,
        sign_in_tokens::OPERATIONS,
        sign_ups::OPERATIONS,
        templates::OPERATIONS,
        testing_tokens::OPERATIONS,
        users::OPERATIONS,
    ]
}

/// The tables of operations that SDKs ask for and the server does not answer yet: it says so, with 501. A table that
/// it answers moves to [`tables`].
pub(crate) fn tables_ahead() -> Vec<&'static [Declaration]> {
    vec![api_keys::OPERATIONS, m2m_tokens::OPERATIONS, oauth_access_tokens::OPERATIONS]
}
