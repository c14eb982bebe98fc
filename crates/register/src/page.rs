//! A page of a list.

use serde::Serialize;

use crate::db::{DbError, DbResult};

/// The most items that one page may have.
pub const MOST: u32 = 1000;

/// A page of a list; in JSON `{"items": [...], "next": cursor or null}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Page<T> {
    /// The items of this page, in the list's order.
    pub items: Vec<T>,
    /// Where the next page begins; `None` on the last one. Opaque to callers.
    pub next: Option<String>,
    /// The number of items in the whole list, where it can be told without counting for long.
    #[serde(skip)]
    pub total: Option<u64>,
}

impl<T> Page<T> {
    /// The same page with each item turned into another.
    pub fn map<U>(self, map: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(map).collect(), next: self.next, total: self.total }
    }

    /// A page of at most `limit` of the items fetched; the caller fetched one more than that, to see whether there is
    /// a next page. `cursor` tells the place behind an item.
    pub(crate) fn cut(
        mut items: Vec<T>,
        limit: u32,
        total: Option<u64>,
        cursor: impl Fn(&T) -> String,
    ) -> Self {
        let limit = limit as usize;
        let more = items.len() > limit;
        items.truncate(limit);
        let next = if more { items.last().map(cursor) } else { None };
        Page { items, next, total }
    }
}

/// The number of items for one page: at least one, at most [`MOST`].
pub(crate) fn bounded(limit: u32) -> u32 {
    limit.clamp(1, MOST)
}

/// What to say of a cursor that no list gave.
pub(crate) fn bad_cursor(cursor: &str) -> DbError {
    DbError::Invalid(format!("\"{cursor}\" is no place in this list; begin again without a cursor"))
}

/// A cursor that is one whole number.
pub(crate) fn number_cursor(cursor: Option<&str>) -> DbResult<Option<i64>> {
    cursor.map(|text| text.parse().map_err(|_| bad_cursor(text))).transpose()
}
