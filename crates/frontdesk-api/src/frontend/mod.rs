//! The Frontend API: what browsers and devices ask.

use crate::Declaration;

/// The tables of all operations declared here.
pub(crate) fn tables() -> [&'static [Declaration]; 0] {
    []
}
