//! The Frontend API: what browsers and devices ask.

use crate::Declaration;

pub mod sign_ins;
pub mod sign_ups;

/// The tables of all operations declared here.
pub(crate) fn tables() -> [&'static [Declaration]; 2] {
    [sign_ins::OPERATIONS, sign_ups::OPERATIONS]
}
