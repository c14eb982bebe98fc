//! What becomes of one record, when it is known what the file gives it.

use super::{INACTIVE, Outcome, Stored};
use crate::changes::{Change, ChangeKind, Mark, Place};
use crate::db::{Conn, DbResult};
use crate::job::Stop;
use crate::mapping::Given;
use crate::records::{self, Record};
use crate::{Register, history};

/// A new record that is read from its row.
pub(super) fn new_record(key: &str, place: Place, mark: Mark) -> Change<'_> {
    Change { kind: ChangeKind::Created, place, mark, key, id: 0, version: 0, fields: Vec::new() }
}

/// What becomes of a record that is there, when the file gives it these values. `change` says its key and where it
/// stands in the file.
pub(super) fn settle(
    c: &Conn,
    register: &'static Register,
    inactive: Option<usize>,
    change: Change<'_>,
    stored: Stored,
    given: &[Given<'_>],
    outcome: &mut Outcome<'_>,
) -> Result<(), Stop> {
    let record = records::by_id(c, register, stored.id)?.ok_or(Stop::Stale)?;
    let mut fields = Vec::new();
    for (at, new) in given {
        let (old, new) = (record.values[*at].as_deref(), new.as_deref());
        if !register.fields[*at].kind.unchanged(old, new) {
            fields.push((*at, old, new));
        }
    }
    if let Some(inactive) = inactive
        && is_back(c, register, &record, inactive, given)?
    {
        fields.push((inactive, record.values[inactive].as_deref(), None));
    }
    let (id, version, mark) = (record.id, record.version, change.mark);
    if !fields.is_empty() {
        outcome.counts.updated += 1;
        outcome.change(&Change { kind: ChangeKind::Updated, id, version, fields, ..change })?;
    } else {
        outcome.counts.unchanged += 1;
        if stored.mark != Some(mark) {
            outcome.change(&Change { kind: ChangeKind::Marked, id, version, ..change })?;
        }
    }
    Ok(())
}

/// Whether a record that the file mentions was marked inactive because an earlier file had not mentioned it. What the
/// file itself says of it comes first.
fn is_back(
    c: &Conn,
    register: &Register,
    record: &Record,
    inactive: usize,
    given: &[Given<'_>],
) -> DbResult<bool> {
    Ok(record.values[inactive].as_deref() == Some("1")
        && !given.iter().any(|(at, _)| *at == inactive)
        && history::was_set_by_import(c, register, record.id, INACTIVE)?)
}
