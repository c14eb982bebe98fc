//! Likely duplicates: records that are probably of the same customer. They are hints, shown to people and dismissed by
//! them; nothing is ever merged.
//!
//! What two records have in common is a pure question of their values (`signs`). Which pairs have anything in common is
//! found out by looking through the whole register, outside any import (`look`), and noted in the live database, from
//! where it can always be found again. A page reads the pairs of its records from there and asks the values again, so that
//! what it shows is true now, though a pair may be missing until the next look. What people dismissed lies in the register's
//! own database, with the values that it rested on (`dismissed`).

mod dismissed;
mod found;
mod look;
mod signs;
#[cfg(test)]
mod tests;

use serde_json::{Value, json};

pub use self::dismissed::{DismissError, Dismissal, FIELD, FIELD_LABEL, dismiss, take_back};
pub use self::found::{LastLook, Looking, clear_looking, last_look, may_have_changed, set_looking};
pub use self::look::look;
pub use self::signs::Same;
use self::signs::Signs;
use crate::db::{Conn, DbResult};
use crate::page::{self, Page};
use crate::records::{self, Record};
use crate::{DuplicateFields, Register};

/// Two records that are probably of the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// The one that was created first.
    pub first: Record,
    /// The other one.
    pub second: Record,
    /// What they have in common, what says most first.
    pub same: Vec<Same>,
    /// Who said that it is no duplicate, while that holds.
    pub dismissed: Option<Dismissal>,
}

impl Pair {
    /// The pair as JSON: `{"records": [...], "same": [...], "dismissed": {"by", "at"} or null}`.
    pub fn json(&self, register: &Register) -> Value {
        json!({
            "records": [self.first.json(register), self.second.json(register)],
            "same": self.same,
            "dismissed": self.dismissed,
        })
    }

    /// The record of the two that is not the one with this id.
    pub fn other(&self, id: i64) -> &Record {
        if self.first.id == id { &self.second } else { &self.first }
    }
}

/// The most pairs that are told of one record.
const MOST_OF_ONE: u32 = 50;

/// Which pairs are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Which {
    /// Those that nobody dismissed.
    #[default]
    Open,
    /// Those that somebody dismissed.
    Dismissed,
}

/// Two records as a pair, when they have anything in common now; `None` when not, or when one is not there.
fn pair(
    c: &Conn,
    register: &'static Register,
    fields: &DuplicateFields,
    ids: (i64, i64),
) -> DbResult<Option<Pair>> {
    let (Some(first), Some(second)) =
        (records::by_id(c, register, ids.0)?, records::by_id(c, register, ids.1)?)
    else {
        return Ok(None);
    };
    pair_of(c, register, fields, first, second)
}

fn pair_of(
    c: &Conn,
    register: &'static Register,
    fields: &DuplicateFields,
    first: Record,
    second: Record,
) -> DbResult<Option<Pair>> {
    let (first, second) = if first.id <= second.id { (first, second) } else { (second, first) };
    if first.id == second.id {
        return Ok(None);
    }
    let signs = |record: &Record| Signs::of(fields, |field| record.value(register, field));
    let common = signs(&first).common(&signs(&second));
    if common.is_empty() {
        return Ok(None);
    }
    let dismissed = dismissed::find(c, register, (first.id, second.id), &common)?;
    let mut same: Vec<Same> = common.into_iter().map(|common| common.same).collect();
    same.dedup();
    Ok(Some(Pair { first, second, same, dismissed }))
}

/// Two records beside each other by their keys, and what they have in common now; `None` when nothing, or when one of them
/// is not there.
///
/// # Errors
/// Only those of the database.
pub fn of_two(c: &Conn, register: &'static Register, first: &str, second: &str) -> DbResult<Option<Pair>> {
    let Some(fields) = &register.duplicates else { return Ok(None) };
    let found = (records::find(c, register, first)?, records::find(c, register, second)?);
    let (Some(first), Some(second)) = found else { return Ok(None) };
    pair_of(c, register, fields, first, second)
}

/// The likely duplicates of one record, dismissed ones too, as the last look found them and as they are now.
///
/// # Errors
/// Only those of the databases.
pub fn of_record(c: &Conn, live: &Conn, register: &'static Register, record: &Record) -> DbResult<Vec<Pair>> {
    let Some(fields) = &register.duplicates else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for other in found::partners(live, register, record.id, MOST_OF_ONE)? {
        if let Some(other) = records::by_id(c, register, other)? {
            found.extend(pair_of(c, register, fields, record.clone(), other)?);
        }
    }
    Ok(found)
}

/// A page of all likely duplicates that the last look found and that are so now, those that have most in common first.
///
/// # Errors
/// [`crate::db::DbError::Invalid`] for a cursor that no list gave.
pub fn list(
    c: &Conn,
    live: &Conn,
    register: &'static Register,
    which: Which,
    limit: u32,
    cursor: Option<&str>,
) -> DbResult<Page<Pair>> {
    let Some(fields) = &register.duplicates else {
        return Ok(Page { items: Vec::new(), next: None, total: Some(0) });
    };
    let limit = page::bounded(limit);
    let mut items: Vec<(String, Pair)> = Vec::new();
    found::each_pair(live, register, cursor, |place, ids| {
        if let Some(pair) = pair(c, register, fields, ids)?
            && pair.dismissed.is_some() == (which == Which::Dismissed)
        {
            items.push((place, pair));
        }
        Ok(items.len() <= limit as usize)
    })?;
    Ok(Page::cut(items, limit, None, |(place, _)| place.clone()).map(|(_, pair)| pair))
}
