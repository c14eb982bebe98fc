//! What becomes of a record when the file gives it values, by the rules of its format.

use erpfile::{Apply, Format, Row};

use super::INACTIVE;
use super::comparer::Stored;
use super::outcome::Outcome;
use crate::Register;
use crate::changes::{Change, ChangeKind};
use crate::db::{Conn, DbResult};
use crate::field::code;
use crate::history::{self, Giver};
use crate::job::Stop;
use crate::mapping::{Given, Mapper};
use crate::records::Record;

/// A row whose record is not there.
pub(super) fn create(
    mapper: &Mapper,
    format: &Format,
    row: &Row,
    given: &[Given<'_>],
    change: &Change<'_>,
    outcome: &mut Outcome<'_>,
) -> Result<(), Stop> {
    if format.apply == Apply::Update {
        outcome.counts.unchanged += 1;
        outcome.by_rule.row(code::NOT_CREATED, change.place, || mapper.by_rule(row, code::NOT_CREATED));
        return Ok(());
    }
    outcome.counts.created += 1;
    outcome.warn(change.place, mapper.warnings(row, given))?;
    outcome.change(change)
}

/// By what it is decided what becomes of a record that is there.
pub(super) struct By<'a> {
    pub(super) c: &'a Conn,
    pub(super) mapper: &'a Mapper,
    pub(super) format: &'a Format,
    pub(super) inactive: Option<usize>,
}

impl By<'_> {
    /// What becomes of a record when the file gives it these values, which are to be taken. `change` says where it stands in the file, `row` is
    /// the first of its rows.
    pub(super) fn settle(
        &self,
        row: &Row,
        change: Change<'_>,
        (stored, record): (Stored<'_>, &Record),
        given: &[Given<'_>],
        outcome: &mut Outcome<'_>,
    ) -> Result<(), Stop> {
        let register = self.mapper.register;
        let mut fields = Vec::new();
        for (at, new) in self.mapper.changing(given) {
            let (old, new) = (record.values[*at].as_deref(), new.as_deref());
            if !register.fields[*at].kind.unchanged(old, new) {
                fields.push((*at, old, new));
            }
        }
        if let Some(inactive) = self.inactive
            && is_back(self.c, register, record, inactive, given)?
        {
            fields.push((inactive, record.values[inactive].as_deref(), None));
        }
        let (id, version, mark) = (record.id, record.version, change.mark);
        let change = Change { id, version, key: stored.key, ..change };
        if fields.is_empty() {
            outcome.counts.unchanged += 1;
            if stored.mark != Some(mark) {
                outcome.change(&Change { kind: ChangeKind::Marked, ..change })?;
            }
        } else if self.format.apply == Apply::Create {
            outcome.counts.unchanged += 1;
            let code = code::NOT_UPDATED;
            outcome.by_rule.row(code, change.place, || self.mapper.by_rule(row, code));
        } else {
            outcome.counts.updated += 1;
            outcome.warn(change.place, self.mapper.warnings(row, given))?;
            outcome.change(&Change { kind: ChangeKind::Updated, fields, ..change })?;
        }
        Ok(())
    }
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
        && history::giver(c, register, record.id, INACTIVE)? == Some(Giver::NotMentioned))
}
