//! Records that are there no more: the key under which people look for them, and their last values.

use jiff::Timestamp;

use crate::db::{Conn, DbResult};
use crate::history::{self, FieldChange, Kind};
use crate::records::Record;
use crate::{COMPANY, Register};

/// A record that is there no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removed {
    /// As it was; its version says nothing any more.
    pub record: Record,
    /// When it was removed.
    pub at: Timestamp,
    /// Who removed it.
    pub by: String,
    /// By undoing which import.
    pub undo_of: Option<i64>,
}

/// Notes under which key a record was known that was removed, and the last entry of its history.
pub(crate) fn note(c: &Conn, register: &Register, record: i64, number: &str, last: i64) -> DbResult<()> {
    c.execute(
        "INSERT INTO removed_records (company_id, register, number, record_id, history) VALUES (?1, ?2, ?3, ?4, ?5)",
        &[COMPANY.into(), register.name.into(), number.into(), record.into(), last.into()],
    )?;
    Ok(())
}

/// The last values of a removed record; nothing for one that never was removed.
pub(crate) fn last_values(
    c: &Conn,
    register: &Register,
    record: i64,
) -> DbResult<Option<Vec<Option<String>>>> {
    let mut last = None;
    history::each_of_record(c, register, record, 0, |noted| {
        if noted.kind == Kind::Removed {
            last = Some(values(register, noted.changes.as_deref().unwrap_or_default()));
        }
        Ok(last.is_none())
    })?;
    Ok(last)
}

/// What the fields were before those changes.
fn values(register: &Register, changes: &[FieldChange]) -> Vec<Option<String>> {
    let value = |name: &str| changes.iter().find(|change| change.field == name)?.old.clone();
    register.fields.iter().map(|field| value(field.name)).collect()
}

/// The last record of this key that was removed, if one was. Whether there is another one of this key now is for
/// [`crate::records::find`] to say.
///
/// # Errors
/// Only those of the database.
pub fn find(c: &Conn, register: &'static Register, number: &str) -> DbResult<Option<Removed>> {
    let id = c.first(
        "SELECT record_id FROM removed_records WHERE company_id = ?1 AND register = ?2 AND number = ?3
         ORDER BY record_id DESC LIMIT 1",
        &[COMPANY.into(), register.name.into(), number.into()],
        |row| row.int(0),
    )?;
    let Some(id) = id else { return Ok(None) };
    let (mut removal, mut first) = (None, None);
    history::each_of_record(c, register, id, 0, |noted| {
        first = Some(noted.at);
        if removal.is_none() && noted.kind == Kind::Removed {
            removal = Some(noted);
        }
        Ok(true)
    })?;
    let (Some(removal), Some(created_at)) = (removal, first) else { return Ok(None) };
    let at = removal.at;
    let values = values(register, removal.changes.as_deref().unwrap_or_default());
    Ok(Some(Removed {
        by: removal.person.unwrap_or_default(),
        undo_of: removal.undo_of,
        record: Record { id, version: 0, values, created_at, updated_at: at },
        at,
    }))
}
