//! What an undo left, for a person to decide.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::newer;
use crate::db::{Conn, DbResult};
use crate::history::{self, Entry, Kind, Named};
use crate::imports::Import;
use crate::page::{self, Page};
use crate::{Register, own_fields, records, register, time};

/// A record that an undo left as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// The record's key; of a record that is there no more, the last one.
    pub number: Option<String>,
    /// What people call the record.
    pub title: Option<String>,
    /// Whether the record is there no more.
    pub removed: bool,
    /// The line of the undone import's file.
    pub line: Option<u64>,
    /// Whether the import had created it.
    pub created: bool,
    /// What the import had changed, and what stands there now.
    pub fields: Vec<LeftField>,
    /// The latest change behind the import's: the import that did it.
    pub by_import: Option<i64>,
    /// The person who did it.
    pub by_person: Option<String>,
    /// When.
    pub at: Option<Timestamp>,
}

impl Left {
    /// The record as JSON; values of yes/no fields are true or false and contacts are lists, as in
    /// [`crate::records::Record::json`].
    pub fn json(&self, register: &Register) -> Value {
        let field = |field: &LeftField| {
            let value = |text: &Option<String>| history::value_json(register, Some(&field.field), text);
            json!({
                "field": field.field,
                "before": value(&field.before),
                "imported": value(&field.imported),
                "now": value(&field.now),
            })
        };
        json!({
            "number": self.number,
            "title": self.title,
            "removed": self.removed,
            "line": self.line,
            "created": self.created,
            "fields": self.fields.iter().map(field).collect::<Vec<_>>(),
            "by_import": self.by_import,
            "by_person": self.by_person,
            "at": self.at.map(time::to_text),
        })
    }
}

/// A field of a record that was left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftField {
    /// Its name.
    pub field: String,
    /// What it was before the import.
    pub before: Option<String>,
    /// What the import made of it.
    pub imported: Option<String>,
    /// What it is now.
    pub now: Option<String>,
}

/// The records that undoing the import left as they are, a page at a time. The cursor is that of the page before.
///
/// # Errors
/// [`DbError::Invalid`] for a cursor that no list gave.
pub fn left(c: &Conn, import: &Import, limit: u32, cursor: Option<&str>) -> DbResult<Page<Left>> {
    let Some(register) = register(&import.register) else {
        return Ok(Page { items: Vec::new(), next: None, total: Some(0) });
    };
    let register = own_fields::in_effect(c, register)?;
    let limit = page::bounded(limit);
    let after = page::number_cursor(cursor)?.unwrap_or(0);
    let columns = history::ENTRY;
    let entries = c.all(
        &format!(
            "SELECT {columns} FROM history WHERE id IN (SELECT history_id FROM undo_left WHERE import_id = ?1
             AND history_id > ?2 ORDER BY history_id LIMIT ?3) ORDER BY id"
        ),
        &[import.id.into(), after.into(), i64::from(limit + 1).into()],
        history::entry,
    )?;
    let page = Page::cut(entries, limit, None, |last: &Entry| last.id.to_string());
    let mut items = Vec::with_capacity(page.items.len());
    for entry in page.items {
        let record = records::by_id(c, register, entry.record)?;
        let value = |field: &str| record.as_ref()?.value(register, field).map(str::to_owned);
        let by = newer(c, register, &entry)?.pop();
        let Named { number, title, removed } = history::named(c, register, entry.record)?;
        items.push(Left {
            number,
            title,
            removed,
            line: entry.line,
            created: entry.kind == Kind::Created,
            by_import: by.as_ref().and_then(|by| by.import),
            by_person: by.as_ref().and_then(|by| by.person.clone()),
            at: by.map(|by| by.at),
            fields: entry
                .changes
                .into_iter()
                .map(|change| LeftField {
                    now: value(&change.field),
                    field: change.field,
                    before: change.old,
                    imported: change.new,
                })
                .collect(),
        });
    }
    Ok(Page { items, next: page.next, total: None })
}
