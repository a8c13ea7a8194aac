//! Small texts that callers send, checked.

use frontdesk_types::{Change, Timestamp};
use serde_json::{Map, Value};

use crate::errors::{self, ApiError};

/// The most characters of a name, an external id, a locale.
pub(crate) const MAX_CHARACTERS: usize = 255;

/// A text that may be left out; an empty one counts as left out.
pub(crate) fn optional(name: &str, text: Option<String>) -> Result<Option<String>, ApiError> {
    match text {
        Some(text) if text.chars().count() > MAX_CHARACTERS => {
            Err(errors::param_too_long(name, MAX_CHARACTERS))
        }
        Some(text) if text.trim().is_empty() => Ok(None),
        other => Ok(other),
    }
}

/// A change of such a text; an empty one clears it.
pub(crate) fn change(name: &str, change: Change<String>, field: &mut Option<String>) -> Result<(), ApiError> {
    match change {
        Change::Keep => {}
        Change::Clear => *field = None,
        Change::Set(text) => *field = optional(name, Some(text))?,
    }
    Ok(())
}

/// A JSON object as text: forms know no objects, so browsers send metadata this way. NUL is refused in it as in every
/// body.
pub(crate) fn object(name: &str, text: &str) -> Result<Map<String, Value>, ApiError> {
    if text.contains("\\u0000") {
        return Err(errors::text_with_nul());
    }
    serde_json::from_str(text).map_err(|_| errors::param_format_invalid(name, "a JSON object as text"))
}

/// An instant in RFC 3339 that may be left out, and does not lie ahead.
pub(crate) fn past(name: &str, text: Option<&str>, now: Timestamp) -> Result<Option<Timestamp>, ApiError> {
    let Some(text) = text else { return Ok(None) };
    let instant: jiff::Timestamp = text.parse().map_err(|_| errors::time_invalid(name))?;
    let instant = Timestamp::from_millis(instant.as_millisecond());
    if instant > now { Err(errors::date_in_future(name)) } else { Ok(Some(instant)) }
}
