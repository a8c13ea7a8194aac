//! Pages of lists (wire contract §11.3).

use frontdesk_api::{Operation, Page, Paginated};

use crate::error::Unreadable;
use crate::rows::{Batch, Place, Rows};
use crate::{BoxFuture, Error};

/// The page that was asked for with `paginated=true`.
pub(crate) fn whole<O: Operation, T>(answer: Paginated<T>) -> Result<Page<T>, Error> {
    match answer {
        Paginated::Page(page) => Ok(page),
        Paginated::Rows(_) => Err(unfollowed::<O>("total_count")),
    }
}

/// An answer that does not follow this field or parameter of the contract.
pub(crate) fn unfollowed<O: Operation>(field: &str) -> Error {
    Error::unreadable(O::ID, Unreadable { path: field.to_owned(), line: 1, column: 1 })
}

/// The rows of a list whose pages tell the size of the whole.
pub(crate) fn by_offset<T: Send + 'static>(
    first: Option<i64>,
    ask: impl Fn(i64) -> BoxFuture<'static, Result<Page<T>, Error>> + Send + Sync + 'static,
) -> Rows<T> {
    Rows::new(Box::new(move |place| {
        let offset = match place {
            Place::Offset(offset) => offset,
            Place::Beginning | Place::After(_) => first.unwrap_or_default(),
        };
        let page = ask(offset);
        Box::pin(async move {
            let Page { data: rows, total_count, .. } = page.await?;
            let behind = offset.saturating_add(i64::try_from(rows.len()).unwrap_or(i64::MAX));
            let is_more = !rows.is_empty() && u64::try_from(behind).is_ok_and(|behind| behind < total_count);
            Ok(Batch { rows, next: is_more.then_some(Place::Offset(behind)) })
        })
    }))
}
