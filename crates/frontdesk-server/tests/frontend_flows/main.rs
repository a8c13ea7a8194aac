//! Signing up, signing in, and going home with cookies, through the real router, on both engines, beside a populated
//! neighbour.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../support/frontend_contract.rs"]
mod contract;
#[path = "../support/descriptions.rs"]
mod descriptions;
mod every_version;
mod fields;
mod handshake;
mod hidden_accounts;
mod me;
mod me_emails;
mod me_image;
mod me_password;
mod navigation;
mod new_devices;
mod new_passwords;
mod nodes;
mod notices;
mod outbox;
mod planted;
mod production;
mod rate_limits;
mod satellites;
mod second_factors;
mod sign_ins;
mod sign_up_rules;
mod sign_ups;
mod steps;
mod tickets;
mod transfers;
mod usernames;
mod wandering;
mod well_known;
