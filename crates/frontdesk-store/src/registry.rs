//! Every statement of every aggregate, for the tests that prepare them all and for warming up.

use crate::statement::Statement;

/// The statements of each file.
pub(crate) static ALL: &[&[&Statement]] = &[
    crate::clients::STATEMENTS,
    crate::dev_browsers::STATEMENTS,
    crate::events::STATEMENTS,
    crate::handshakes::STATEMENTS,
    crate::identifications::STATEMENTS,
    crate::instances::STATEMENTS,
    crate::jwt_templates::STATEMENTS,
    crate::keys::STATEMENTS,
    crate::meta::STATEMENTS,
    crate::organizations::STATEMENTS,
    crate::sessions::STATEMENTS,
    crate::sign_in_tokens::STATEMENTS,
    crate::sign_ins::STATEMENTS,
    crate::sign_ups::STATEMENTS,
    crate::testing_tokens::STATEMENTS,
    crate::users::STATEMENTS,
];
