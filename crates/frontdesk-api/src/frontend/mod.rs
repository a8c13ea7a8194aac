//! The Frontend API: what browsers and devices ask.

use crate::Declaration;

pub mod client;
pub mod dev_browser;
pub mod environment;
pub mod handshake;
pub mod me;
pub mod navigation;
pub mod satellites;
pub mod sessions;
pub mod sign_ins;
pub mod sign_ups;
pub mod users;
pub mod well_known;

/// The tables of all operations declared here.
pub(crate) fn tables() -> [&'static [Declaration]; 11] {
    [
        client::OPERATIONS,
        sessions::OPERATIONS,
        dev_browser::OPERATIONS,
        environment::OPERATIONS,
        sign_ins::OPERATIONS,
        sign_ups::OPERATIONS,
        handshake::OPERATIONS,
        me::OPERATIONS,
        navigation::OPERATIONS,
        satellites::OPERATIONS,
        well_known::OPERATIONS,
    ]
}
