//! Pages of lists.

use frontdesk_api::{Operation, Page, Paginated};

use crate::Error;
use crate::error::Unreadable;

/// The page that was asked for with `paginated=true` (wire protocol §11.3).
pub(crate) fn whole<O: Operation, T>(answer: Paginated<T>) -> Result<Page<T>, Error> {
    match answer {
        Paginated::Page(page) => Ok(page),
        Paginated::Rows(_) => {
            Err(Error::unreadable(O::ID, Unreadable { path: "total_count".to_owned(), line: 1, column: 1 }))
        }
    }
}
