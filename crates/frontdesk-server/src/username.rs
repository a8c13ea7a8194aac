//! Usernames that callers send, checked by the rules of the instance.

use frontdesk_core::settings::{UsernameFault, UsernameRules};
use frontdesk_types::{InvalidUsername, Username};

use crate::errors::{self, ApiError};

/// The username in this text, in canonical form; `name` is the parameter that a refusal names.
pub(crate) fn read(text: &str, rules: &UsernameRules, name: &str) -> Result<Username, ApiError> {
    let username: Username = text.parse().map_err(|why| match why {
        InvalidUsername::Length => errors::username_length(rules).at(name),
        InvalidUsername::Character => errors::username_character().at(name),
    })?;
    match rules.check(&username) {
        Ok(()) => Ok(username),
        Err(UsernameFault::Length(rules)) => Err(errors::username_length(&rules).at(name)),
        Err(UsernameFault::Numeric) => Err(errors::username_numeric().at(name)),
    }
}
