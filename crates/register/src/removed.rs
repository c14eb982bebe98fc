//! Records that are there no more: the key under which people look for them, and their last values.

use jiff::Timestamp;

use crate::db::{Conn, DbResult};
use crate::history::{self, FieldChange};
use crate::records::Record;
use crate::{COMPANY, Register, time};

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

/// Notes under which key a record was known that is being removed.
pub(crate) fn note(c: &Conn, register: &Register, record: i64, number: &str) -> DbResult<()> {
    c.execute(
        "INSERT INTO removed_records (company_id, register, number, record_id) VALUES (?1, ?2, ?3, ?4)",
        &[COMPANY.into(), register.name.into(), number.into(), record.into()],
    )?;
    Ok(())
}

/// The last values of a removed record; nothing for one that never was removed.
pub(crate) fn last_values(
    c: &Conn,
    register: &Register,
    record: i64,
) -> DbResult<Option<Vec<Option<String>>>> {
    let values = |changes: Vec<FieldChange>| {
        let value = |name: &str| changes.iter().find(|change| change.field == name)?.old.clone();
        register.fields.iter().map(|field| value(field.name)).collect()
    };
    c.first(
        "SELECT changes FROM history WHERE company_id = ?1 AND register = ?2 AND record_id = ?3 AND kind = 'removed'
         ORDER BY id DESC LIMIT 1",
        &[COMPANY.into(), register.name.into(), record.into()],
        |row| Ok(values(history::changes(row.text_ref(0)?)?)),
    )
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
    let Some(values) = last_values(c, register, id)? else { return Ok(None) };
    let moment =
        |row: &crate::db::Row<'_>, column| time::from_text(row.text_ref(column)?.unwrap_or_default());
    c.first(
        "SELECT at, person, undo_of, (SELECT min(at) FROM history AS first WHERE first.company_id = history.company_id
             AND first.register = history.register AND first.record_id = history.record_id)
         FROM history WHERE company_id = ?1 AND register = ?2 AND record_id = ?3 AND kind = 'removed'
         ORDER BY id DESC LIMIT 1",
        &[COMPANY.into(), register.name.into(), id.into()],
        |row| {
            let at = moment(row, 0)?;
            Ok(Removed {
                by: row.opt_text(1)?.unwrap_or_default(),
                undo_of: row.opt_int(2)?,
                record: Record { id, version: 0, values, created_at: moment(row, 3)?, updated_at: at },
                at,
            })
        },
    )
}
