//! The Frontend API: what browsers and devices ask.

use crate::Declaration;

pub mod client;
pub mod dev_browser;
pub mod sessions;
pub mod sign_ins;
pub mod sign_ups;
pub mod users;

/// The tables of all operations declared here.
pub(crate) fn tables() -> [&'static [Declaration]; 5] {
    [
        client::OPERATIONS,
        sessions::OPERATIONS,
        dev_browser::OPERATIONS,
        sign_ins::OPERATIONS,
        sign_ups::OPERATIONS,
    ]
}
