//! What a person changes in a register: one record, with its history.

mod written;

use jiff::Timestamp;

use crate::db::{Conn, DbError};
use crate::field::{Fault, code};
use crate::history::{FieldChange, Kind, Note};
use crate::mapping::Given;
use crate::records::Record;
use crate::store::{self, Update, Words};
use crate::{Register, history, records};

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// There is no record of that key.
    #[error("there is no {singular} {number}")]
    NotThere {
        /// What a record is called.
        singular: &'static str,
        /// The key that was asked for.
        number: String,
    },
    /// There is a record of that key already.
    #[error("there is a {singular} {number} already")]
    There {
        /// What a record is called.
        singular: &'static str,
        /// The key.
        number: String,
    },
    /// The record is not in the version any more that the person saw.
    #[error("it was changed meanwhile")]
    Changed,
    /// The key was to be changed.
    #[error("the {0} cannot be changed: it is what the ERP system knows it by; create a new one instead")]
    Key(&'static str),
    /// Values that the fields cannot hold: the field's name, and why.
    #[error("some values cannot be stored")]
    Values(Vec<(&'static str, Fault)>),
    /// What the database says.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// A value for a field, by its name; `None` or blanks empty it. Written as people write it on pages: decimals with a
/// point or a comma, days as `2026-11-22`, yes and no in words or as 1 and 0.
pub type Written<'w> = (&'w str, Option<&'w str>);

/// Changes fields of the record `number`, of which the person saw `version`; fields that are not named stay. Gives the
/// record as it is then; nothing is noted when nothing changes.
///
/// # Errors
/// As [`EditError`] says; nothing is changed then.
pub fn edit(
    c: &Conn,
    register: &'static Register,
    number: &str,
    version: i64,
    values: &[Written<'_>],
    by: &str,
    at: Timestamp,
) -> Result<Record, EditError> {
    let missing = || EditError::NotThere { singular: register.singular, number: number.to_owned() };
    let record = records::find(c, register, number)?.ok_or_else(missing)?;
    if record.version != version {
        return Err(EditError::Changed);
    }
    let mut changes = Vec::new();
    let mut fields = Vec::new();
    let checked = checked(register, values)?;
    for (at, new) in &checked {
        let (field, old) = (&register.fields[*at], record.values[*at].as_deref());
        if field.name == register.key && old != new.as_deref() {
            return Err(EditError::Key(field.name));
        }
        if old != new.as_deref() {
            fields.push((*at, new.as_deref()));
            changes.push(FieldChange {
                field: field.name.to_owned(),
                old: old.map(str::to_owned),
                new: new.as_deref().map(str::to_owned),
            });
        }
    }
    if fields.is_empty() {
        return Ok(record);
    }
    let update = Update { id: record.id, version: Some(version), mark: None, at, fields: &fields };
    let mut words = Words::of(register);
    if !store::update(c, register, &update, &mut words)? {
        return Err(EditError::Changed);
    }
    words.write(c)?;
    note(c, register, record.id, Kind::Updated, Some(&changes), by, at)?;
    records::by_id(c, register, record.id)?.ok_or_else(missing)
}

/// Creates a record of these values, the key among them.
///
/// # Errors
/// As [`EditError`] says; nothing is changed then.
pub fn create(
    c: &Conn,
    register: &'static Register,
    values: &[Written<'_>],
    by: &str,
    at: Timestamp,
) -> Result<Record, EditError> {
    let checked = checked(register, values)?;
    let key = register.index(register.key);
    let number = checked.iter().find(|(at, _)| Some(*at) == key).and_then(|(_, value)| value.as_deref());
    let Some(number) = number else {
        let why = Fault {
            code: code::MISSING_KEY,
            message: format!("A {} needs a {}.", register.singular, register.key),
            hint: "Give it one that the ERP system uses for nothing else.".to_owned(),
        };
        return Err(EditError::Values(vec![(register.key, why)]));
    };
    if records::find(c, register, number)?.is_some() {
        return Err(EditError::There { singular: register.singular, number: number.to_owned() });
    }
    let id = store::next_id(c, register)?;
    let given: Vec<_> = checked.iter().map(|(at, value)| (*at, value.as_deref())).collect();
    store::insert(c, register, id, at, &given)?;
    store::count_more(c, register, 1)?;
    note(c, register, id, Kind::Created, None, by, at)?;
    let gone = || EditError::NotThere { singular: register.singular, number: number.to_owned() };
    records::by_id(c, register, id)?.ok_or_else(gone)
}

/// The places of the fields and their values as they are stored.
fn checked<'w>(register: &'static Register, values: &[Written<'w>]) -> Result<Vec<Given<'w>>, EditError> {
    let (mut checked, mut faults) = (Vec::new(), Vec::new());
    for &(name, value) in values {
        let Some(at) = register.index(name) else {
            let singular = register.singular;
            return Err(DbError::Invalid(format!("a {singular} has no field \"{name}\"")).into());
        };
        let field = &register.fields[at];
        match written::stored(register, field, value.unwrap_or_default()) {
            Ok(value) => checked.push((at, value)),
            Err(fault) => faults.push((field.name, fault)),
        }
    }
    if faults.is_empty() { Ok(checked) } else { Err(EditError::Values(faults)) }
}

/// Notes what a person did in the history of a record.
pub(crate) fn note(
    c: &Conn,
    register: &Register,
    record: i64,
    kind: Kind,
    changes: Option<&[FieldChange]>,
    by: &str,
    at: Timestamp,
) -> Result<(), DbError> {
    let changes = changes.map(history::changes_text).transpose()?;
    let changes = changes.as_deref();
    let note = Note { record, at, import: None, undo_of: None, person: Some(by), line: None, kind, changes };
    history::add(c, register, &note).map(drop)
}

#[cfg(test)]
mod tests;
