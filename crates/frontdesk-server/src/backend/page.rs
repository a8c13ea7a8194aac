//! Which part of a list (wire protocol §11.3).

use frontdesk_api::Paginated;
use frontdesk_store::Page;

use crate::errors::{self, ApiError};

const DEFAULT_LIMIT: u32 = 10;
/// The most rows of a page.
pub(super) const MAX_LIMIT: u32 = 500;

/// The part of a list that a query asks for: ten rows unless it says otherwise, 500 at most.
pub(super) fn page(limit: Option<i64>, offset: Option<i64>) -> Result<Page, ApiError> {
    let limit = limit.map_or(Ok(DEFAULT_LIMIT), u32::try_from);
    let limit = limit.ok().filter(|limit| (1..=MAX_LIMIT).contains(limit));
    let offset = offset.map_or(Ok(0), u32::try_from);
    Ok(Page {
        limit: limit.ok_or_else(|| errors::param_value_invalid("limit", "a number from 1 to 500"))?,
        offset: offset.map_err(|_| errors::param_value_invalid("offset", "a number from 0 up"))?,
    })
}

/// The rows alone, or with the size of the whole where the caller wanted it and so `total` was counted.
pub(super) fn paginated<T>(rows: Vec<T>, total: Option<u64>) -> Paginated<T> {
    match total {
        Some(total_count) => Paginated::Page(frontdesk_api::Page { data: rows, total_count }),
        None => Paginated::Rows(rows),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_one_to_five_hundred_rows() {
        assert_eq!(page(None, None).unwrap(), Page { limit: 10, offset: 0 });
        assert_eq!(page(Some(500), Some(7)).unwrap(), Page { limit: 500, offset: 7 });
        for (limit, offset) in [(0, 0), (501, 0), (-1, 0), (i64::MAX, 0), (1, -1), (1, i64::MAX)] {
            assert!(page(Some(limit), Some(offset)).is_err(), "{limit} {offset}");
        }
    }
}
