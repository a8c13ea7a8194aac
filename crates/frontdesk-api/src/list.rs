//! Lists, counts and deletions.

use serde::{Deserialize, Serialize};

use crate::request::request;

request! {
    /// Which part of a list.
    #[derive(Copy, PartialEq, Eq)]
    pub struct PageQuery {
        /// Whether the size of the whole is wanted too.
        pub paginated: Option<bool>,
        /// Rows of the page: 1 to 500, 10 if left out.
        pub limit: Option<i64>,
        /// Rows before the page.
        pub offset: Option<i64>,
    }
}

/// A page of a list, with the size of the whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(feature = "exhaustive"), non_exhaustive)]
pub struct Page<T> {
    /// The rows of this page.
    pub data: Vec<T>,
    /// How many rows there are in all.
    pub total_count: u64,
}

/// A list that is a bare array unless the caller said `paginated=true` (wire protocol §11.3).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Paginated<T> {
    /// With the size of the whole.
    Page(Page<T>),
    /// The rows alone.
    Rows(Vec<T>),
}

/// How many there are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(feature = "exhaustive"), non_exhaustive)]
pub struct TotalCount {
    /// Always `total_count`.
    pub object: String,
    /// The number.
    pub total_count: u64,
}

impl TotalCount {
    /// This many.
    pub fn of(total_count: u64) -> Self {
        Self { object: "total_count".to_owned(), total_count }
    }
}

/// Something that is no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(feature = "exhaustive"), non_exhaustive)]
pub struct Deleted {
    /// What it was.
    #[serde(default)]
    pub object: String,
    /// Its id.
    pub id: String,
    /// Always true.
    pub deleted: bool,
    /// Its name in URLs, if it had one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// Its id in the application's own database, if it had one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
}

impl Deleted {
    /// The resource with this kind and id was deleted.
    pub fn new(object: &str, id: impl Into<String>) -> Self {
        Self { object: object.to_owned(), id: id.into(), deleted: true, slug: None, external_id: None }
    }
}
