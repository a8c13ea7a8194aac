//! The Backend API, through the real router, on both engines, beside a populated neighbour.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod clients;
#[path = "../support/contract.rs"]
mod contract;
#[path = "../support/descriptions.rs"]
mod descriptions;
mod domains;
mod email_addresses;
mod every_version;
mod fields;
mod instance;
mod interstitial;
mod jwt_templates;
mod keys;
mod manners;
mod notices;
mod profile_images;
mod redirect_urls;
mod restricted_identifiers;
mod rotation;
mod session_refresh;
mod sessions;
mod sign_in_tokens;
mod sign_ups;
mod templates;
mod tokens;
mod user_list_model;
mod user_lists;
mod users;
mod users_credentials;
mod users_factors;
mod users_identifiers;
mod versions;

/// The published contract of this audience.
const CONTRACT: &str = include_str!("../../../frontdesk-api/contract/backend-2026-05-12.json");
