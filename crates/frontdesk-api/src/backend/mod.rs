//! The Backend API: what application servers ask with a secret key.

use crate::Declaration;

pub mod sessions;
pub mod users;

/// The tables of all operations declared here.
pub(crate) fn tables() -> [&'static [Declaration]; 2] {
    [users::OPERATIONS, sessions::OPERATIONS]
}
