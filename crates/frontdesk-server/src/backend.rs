//! The Backend API: one file per resource, one function per operation.

mod users;

use crate::routes::Routes;

/// Everything the Backend API answers.
pub(crate) fn routes() -> Routes {
    Routes::new().merge(users::routes())
}
