//! Taking back what an import did, in one transaction.
//!
//! A record that the import changed gets its earlier values again, and one that it created is removed, as long as
//! nothing newer touched it: another import or a person that changed one of the same fields (for a creation: any
//! field). What an undo took back itself does not count as newer, so that several imports can be undone in turn, the
//! newest first. A record that something newer touched is left whole and listed; a person decides.

mod left;

use jiff::Timestamp;

use crate::db::{Conn, Database, DbError, DbResult};
use crate::history::{self, Entry, FieldChange, Kind, Note, Noted};
use crate::imports::{self, Import, State, Undone};
use crate::job::{Phase, Report, Stop, Ticker};
use crate::store::{self, Update, Words};
use crate::{Register, duplicates, guard, own_fields, records, register, removed};

pub use self::left::{Left, LeftField, left};

/// Why an import was not undone; nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum UndoError {
    /// There is no import of that number.
    #[error("there is no import {0}")]
    NotThere(i64),
    /// It is not in a state in which it could be undone; the sentence says why.
    #[error("{0}")]
    Not(String),
    /// It ended before its end.
    #[error(transparent)]
    Stop(#[from] Stop),
}

impl From<DbError> for UndoError {
    fn from(error: DbError) -> Self {
        UndoError::Stop(error.into())
    }
}

/// What undoing an import comes to, in records.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Outlook {
    /// They get their earlier values again.
    pub restored: u64,
    /// The import created them; they are removed.
    pub removed: u64,
    /// Something newer changed them; they are left as they are.
    pub left: u64,
}

impl Outlook {
    /// What was done, in a sentence.
    fn sentence(self, of: &Register, by: &str) -> String {
        let many = |count: u64, one: &str, more: &str| match count {
            0 => None,
            1 => Some(format!("1 {} {one}", of.singular)),
            _ => Some(format!("{count} {} {more}", of.title.to_lowercase())),
        };
        let told: Vec<String> = [
            many(self.restored, "has its earlier values again", "have their earlier values again"),
            many(self.removed, "was removed", "were removed"),
            many(
                self.left,
                "was left, since it was changed later",
                "were left, since they were changed later",
            ),
        ]
        .into_iter()
        .flatten()
        .collect();
        if told.is_empty() {
            return format!("Undone by {by}: it had changed nothing.");
        }
        format!("Undone by {by}: {}.", told.join("; "))
    }
}

/// What undoing the import would come to now. Nothing is changed.
///
/// # Errors
/// As [`undo`]; never [`Stop::Stale`].
pub fn outlook(c: &Conn, id: i64, mut report: Report<'_>) -> Result<Outlook, UndoError> {
    let (import, register) = undoable(c, id)?;
    let mut outlook = Outlook::default();
    each_step(c, register, &import, &mut report, |step| {
        outlook.count(&step);
        Ok(())
    })?;
    Ok(outlook)
}

/// How much undoing the import can come to, told without looking at each of its changes: nothing is left.
///
/// # Errors
/// As [`undoable`].
pub fn at_most(c: &Conn, id: i64) -> Result<Outlook, UndoError> {
    let (import, _) = undoable(c, id)?;
    let changes = changes(c, &import)?;
    let removed = import.counts.created.min(changes);
    Ok(Outlook { restored: changes - removed, removed, left: 0 })
}

/// How many records an import changed. Its entries of the history lie together; those of older versions are not told from
/// what lies before them.
fn changes(c: &Conn, import: &Import) -> DbResult<u64> {
    let counts = import.counts;
    let entries = c.first(
        "SELECT COALESCE(history_id, 0) - history_before FROM imports WHERE id = ?1",
        &[import.id.into()],
        |row| row.int(0),
    )?;
    let entries = entries.and_then(|entries| u64::try_from(entries).ok()).unwrap_or(0);
    Ok(entries.min(counts.created + counts.updated + counts.missing))
}

/// Undoes the import, whole but for the records that something newer changed, or not at all. `by` is the person who
/// asks for it; `at` is when it happens.
///
/// # Errors
/// [`UndoError::Not`] for an import that was not applied, or was undone already; [`Stop::Cancelled`] when `report` breaks
/// before all is written; otherwise what the database says.
pub fn undo(
    db: &Database,
    id: i64,
    by: &str,
    at: Timestamp,
    mut report: Report<'_>,
) -> Result<Import, UndoError> {
    db.write_many(|c| {
        let (import, register) = undoable(c, id)?;
        let mut outlook = Outlook::default();
        let mut words = Words::of(register);
        each_step(c, register, &import, &mut report, |step| {
            outlook.count(&step);
            apply(c, register, id, &step, by, at, &mut words)
        })?;
        words.write(c)?;
        store::count_more(c, register, -i64::try_from(outlook.removed).unwrap_or(i64::MAX))?;
        let Outlook { restored, removed, left } = outlook;
        let undone = Undone { at, by: by.to_owned(), restored, removed, left };
        let reason = outlook.sentence(register, by);
        imports::set_undone(c, id, &undone, &reason)?;
        Ok(Import { state: State::Undone, undone: Some(undone), reason: Some(reason), ..import })
    })
}

/// The import, if it can be undone, and its register.
///
/// # Errors
/// [`UndoError::NotThere`] and [`UndoError::Not`], as they say.
pub fn undoable(c: &Conn, id: i64) -> Result<(Import, &'static Register), UndoError> {
    let import = imports::find(c, id)?.ok_or(UndoError::NotThere(id))?;
    let why = match (import.state, &import.undone) {
        (State::Done, _) => None,
        (State::Undone, Some(undone)) => Some(format!(
            "import {id} was undone already, by {} on {} UTC; to have its changes again, import its file again",
            undone.by,
            undone.at.strftime("%Y-%m-%d at %H:%M")
        )),
        (State::Refused | State::Superseded, _) => {
            Some(format!("import {id} was not applied ({}), so there is nothing to undo", import.state))
        }
        (state, _) => Some(format!("import {id} has not been applied yet: it is {state}")),
    };
    if let Some(why) = why {
        return Err(UndoError::Not(why));
    }
    let register = register(&import.register)
        .ok_or_else(|| UndoError::Not(format!("there is no register {} any more", import.register)))?;
    let register = own_fields::in_effect(c, register)?;
    Ok((import, register))
}

/// What becomes of one record.
struct Step {
    entry: Entry,
    what: What,
}

enum What {
    Restore(Vec<usize>),
    Remove,
    Leave,
}

impl Outlook {
    fn count(&mut self, step: &Step) {
        match step.what {
            What::Restore(_) => self.restored += 1,
            What::Remove => self.removed += 1,
            What::Leave => self.left += 1,
        }
    }
}

fn each_step(
    c: &Conn,
    register: &'static Register,
    import: &Import,
    report: &mut Report<'_>,
    mut f: impl FnMut(Step) -> DbResult<()>,
) -> Result<(), Stop> {
    let mut ticker = Ticker::new(report, Phase::Undoing, changes(c, import)?)?;
    let mut stop = None;
    history::each_of_import(c, import.id, 0, |entry| {
        if let Err(error) = ticker.row(|rows| rows) {
            stop = Some(error);
            return Ok(false);
        }
        let what = step(c, register, &entry)?;
        f(Step { entry, what })?;
        Ok(true)
    })?;
    if let Some(error) = stop {
        return Err(error);
    }
    // All is written: whoever wants to stop now is too late.
    let _ = ticker.end();
    Ok(())
}

fn step(c: &Conn, register: &'static Register, entry: &Entry) -> DbResult<What> {
    let newer = newer(c, register, entry)?;
    if entry.kind == Kind::Created {
        return Ok(if newer.is_empty() { What::Remove } else { What::Leave });
    }
    let touched = |change: &FieldChange| {
        newer.iter().any(|newer| newer.kind == Kind::Removed || newer.fields.contains(&change.field))
    };
    if entry.changes.iter().any(touched) {
        return Ok(What::Leave);
    }
    let place = |change: &FieldChange| {
        let at = register.index(&change.field)?;
        change.old.as_deref().is_none_or(|old| register.fields[at].kind.could_hold(old)).then_some(at)
    };
    let places: Option<Vec<usize>> = entry.changes.iter().map(place).collect();
    // A field that the register has no more, or of another kind by now, cannot be given its earlier value.
    Ok(places.map_or(What::Leave, What::Restore))
}

/// What changed a record later, and was not taken back.
#[derive(Debug)]
struct Newer {
    import: Option<i64>,
    person: Option<String>,
    at: Timestamp,
    kind: Kind,
    fields: Vec<String>,
}

fn newer(c: &Conn, register: &Register, entry: &Entry) -> DbResult<Vec<Newer>> {
    let mut noted = Vec::new();
    history::each_of_record(c, register, entry.record, entry.id, |one| {
        noted.push(one);
        Ok(true)
    })?;
    let mut newer: Vec<Newer> = Vec::new();
    for Noted { at, import, undo_of, person, kind, changes, .. } in noted.into_iter().rev() {
        if let Some(undone) = undo_of {
            newer.retain(|change| change.import != Some(undone));
            continue;
        }
        let changed = changes.unwrap_or_default();
        // Whether it may be the same as another one says nothing of the record's values.
        if !changed.is_empty() && changed.iter().all(|change| change.field == duplicates::FIELD) {
            continue;
        }
        let fields = changed.into_iter().map(|change| change.field).collect();
        newer.push(Newer { import, person, at, kind, fields });
    }
    Ok(newer)
}

fn apply(
    c: &Conn,
    register: &'static Register,
    import: i64,
    step: &Step,
    by: &str,
    at: Timestamp,
    words: &mut Words,
) -> DbResult<()> {
    let Entry { id: entry, record: id, line, changes, .. } = &step.entry;
    let (kind, changes, gone) = match &step.what {
        What::Leave => {
            c.execute(
                "INSERT INTO undo_left (import_id, history_id) VALUES (?1, ?2)",
                &[import.into(), (*entry).into()],
            )?;
            return Ok(());
        }
        What::Restore(places) => {
            if let Some(number) = store::key(c, register, *id)? {
                guard::note_undone(c, register, &number, import, Some(changes))?;
            }
            let fields: Vec<_> =
                places.iter().zip(changes).map(|(at, change)| (*at, change.old.as_deref())).collect();
            let update = Update { id: *id, version: None, mark: None, at, fields: &fields };
            if !store::update(c, register, &update, words)? {
                return Err(DbError::Invalid(format!(
                    "a {} that import {import} changed is not in the database, though its history says so; nothing \
                     was changed; this is a fault of the program, please report it",
                    register.singular
                )));
            }
            let back = |change: &FieldChange| FieldChange {
                field: change.field.clone(),
                old: change.new.clone(),
                new: change.old.clone(),
            };
            (Kind::Updated, changes.iter().map(back).collect(), None)
        }
        What::Remove => {
            let values = records::by_id(c, register, *id)?.map(|record| record.values).unwrap_or_default();
            if let Some(number) = store::key(c, register, *id)? {
                guard::note_undone(c, register, &number, import, None)?;
            }
            let number = register.index(register.key).and_then(|at| values.get(at)?.clone());
            let gone = |(field, value): (&crate::Field, Option<String>)| {
                value.map(|old| FieldChange { field: field.name.to_owned(), old: Some(old), new: None })
            };
            let changes = register.fields.iter().zip(values).filter_map(gone).collect::<Vec<_>>();
            (Kind::Removed, changes, Some(number.unwrap_or_default()))
        }
    };
    let changes = history::changes_text(&changes)?;
    let (undo_of, person, changes) = (Some(import), Some(by), Some(changes.as_str()));
    let note = Note { record: *id, at, import: None, undo_of, person, line: *line, kind, changes };
    let last = history::add(c, register, &note)?;
    if let Some(number) = gone {
        store::remove(c, register, *id, words)?;
        removed::note(c, register, *id, &number, last)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
