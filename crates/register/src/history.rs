//! What happened to records: which import or person changed which field from what to what.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::contacts::{self, Contact};
use crate::db::{Conn, DbError, DbResult, Row};
use crate::page::{self, Page};
use crate::words::words;
use crate::{COMPANY, Register, field, records, removed, time};

/// What an entry of the history says of its record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// It is new.
    Created,
    /// Some of its values changed.
    Updated,
    /// It was removed, because the import that had created it was undone.
    Removed,
}

words!(Kind, "kind of change", { Created = "created", Updated = "updated", Removed = "removed" });

impl Kind {
    /// As the history has it.
    fn number(self) -> i64 {
        match self {
            Kind::Created => 1,
            Kind::Updated => 2,
            Kind::Removed => 3,
        }
    }

    fn of_number(number: i64) -> DbResult<Kind> {
        let kind = Kind::ALL.iter().copied().find(|kind| kind.number() == number);
        kind.ok_or_else(|| DbError::Invalid(format!("the history knows no kind of change {number}")))
    }
}

/// One field of one change; a creation is one entry without a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// When it was committed.
    pub at: Timestamp,
    /// The import that did it.
    pub import: Option<i64>,
    /// The person who did it.
    pub user: Option<String>,
    /// The import whose undo did it.
    pub undo_of: Option<i64>,
    /// The line of the import's file.
    pub line: Option<u64>,
    /// The field that changed; `None` when the record was created.
    pub field: Option<String>,
    /// What it was; `None` was empty.
    pub old: Option<String>,
    /// What it became; `None` is empty.
    pub new: Option<String>,
}

impl Change {
    /// The change as JSON: values of yes/no fields are true or false and contacts are lists, as in
    /// [`crate::records::Record::json`].
    pub fn json(&self, register: &Register) -> Value {
        let value = |text: &Option<String>| value_json(register, self.field.as_deref(), text);
        json!({
            "at": time::to_text(self.at),
            "import": self.import,
            "undo_of": self.undo_of,
            "user": self.user,
            "line": self.line,
            "field": self.field,
            "old": value(&self.old),
            "new": value(&self.new),
        })
    }
}

/// A changed field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    /// Its name.
    pub field: String,
    /// What it was; `None` was empty.
    pub old: Option<String>,
    /// What it became; `None` is empty.
    pub new: Option<String>,
}

/// The changed fields as the history keeps them.
pub(crate) fn changes_text(changes: &[FieldChange]) -> DbResult<String> {
    serde_json::to_string(changes)
        .map_err(|error| DbError::Invalid(format!("a change cannot be noted: {error}")))
}

/// The changed fields of an entry that the history keeps as `text`.
pub(crate) fn changes(text: Option<&str>) -> DbResult<Vec<FieldChange>> {
    text.map_or(Ok(Vec::new()), |text| {
        serde_json::from_str(text)
            .map_err(|error| DbError::Invalid(format!("an entry of the history cannot be read: {error}")))
    })
}

/// The number of the last entry, of whatever register; 0 when there is none.
pub(crate) fn last(c: &Conn) -> DbResult<i64> {
    Ok(c.first("SELECT COALESCE(max(id), 0) FROM history", &[], |row| row.int(0))?.unwrap_or(0))
}

/// What is to be noted of a record.
pub(crate) struct Note<'n> {
    pub(crate) record: i64,
    pub(crate) at: Timestamp,
    pub(crate) import: Option<i64>,
    /// The import that was undone, by a person.
    pub(crate) undo_of: Option<i64>,
    pub(crate) person: Option<&'n str>,
    pub(crate) line: Option<u64>,
    pub(crate) kind: Kind,
    /// As [`changes_text`] gives it.
    pub(crate) changes: Option<&'n str>,
}

/// Notes what happened to a record, which is there; gives the number of the entry.
///
/// Each of its statements writes one row of given values. Those that do more could have to be taken back alone, and for that
/// SQLite has FTS5 write down all words that it has gathered so far: a thousand times in an import of a thousand changes.
pub(crate) fn add(c: &Conn, register: &Register, note: &Note<'_>) -> DbResult<i64> {
    let table = register.name;
    let before = format!("SELECT history FROM {table} WHERE id = ?1");
    let before = c.first(&before, &[note.record.into()], |row| row.opt_int(0))?;
    let before = before.ok_or_else(|| {
        DbError::Invalid(format!("record {} is gone while its history is written", note.record))
    })?;
    let entry = last(c)? + 1;
    c.execute(
        "INSERT INTO history
         (id, company_id, register, record_id, at, import_id, undo_of, person, line, kind, changes, before)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        &[
            entry.into(),
            COMPANY.into(),
            register.number.into(),
            note.record.into(),
            time::to_number(note.at).into(),
            note.import.into(),
            note.undo_of.into(),
            note.person.into(),
            note.line.into(),
            note.kind.number().into(),
            note.changes.into(),
            before.into(),
        ],
    )?;
    c.execute(
        &format!("UPDATE {table} SET history = ?1 WHERE id = ?2"),
        &[entry.into(), note.record.into()],
    )?;
    Ok(entry)
}

/// The statement that notes of so many records that an import created them. Its parameters are the company, the number of
/// the register, when, and the import; then for each record the number of the entry, which the record names already, its id, and its line.
pub(crate) fn creations_sql(records: usize) -> String {
    let created = Kind::Created.number();
    let values = (0..records).map(|record| 5 + 3 * record);
    let values: Vec<String> =
        values.map(|at| format!("(?{at}, ?1, ?2, ?3, ?4, {created}, ?{}, ?{})", at + 1, at + 2)).collect();
    format!(
        "INSERT INTO history (id, company_id, register, at, import_id, kind, record_id, line) VALUES {}",
        values.join(", ")
    )
}

/// One entry of a record.
pub(crate) struct Noted {
    pub(crate) at: Timestamp,
    pub(crate) import: Option<i64>,
    pub(crate) undo_of: Option<i64>,
    pub(crate) person: Option<String>,
    pub(crate) line: Option<u64>,
    pub(crate) kind: Kind,
    /// `None` for a creation.
    pub(crate) changes: Option<Vec<FieldChange>>,
}

/// Calls `f` for each entry of a record behind the entry `after`, the newest first; `f` returns `false` to stop. The record
/// may be there no more.
pub(crate) fn each_of_record(
    c: &Conn,
    register: &Register,
    record: i64,
    after: i64,
    mut f: impl FnMut(Noted) -> DbResult<bool>,
) -> DbResult<()> {
    let last = format!(
        "SELECT COALESCE((SELECT history FROM {} WHERE id = ?3), (SELECT history FROM removed_records
         WHERE company_id = ?1 AND register = ?2 AND record_id = ?3))",
        register.name
    );
    let last =
        c.first(&last, &[COMPANY.into(), register.name.into(), record.into()], |row| row.opt_int(0))?;
    let mut next = last.flatten();
    while let Some(id) = next.filter(|id| *id > after) {
        let sql =
            "SELECT at, import_id, undo_of, person, line, kind, changes, before FROM history WHERE id = ?1";
        let noted = c.first(sql, &[id.into()], |row| {
            let text = row.text_ref(6)?;
            let noted = Noted {
                at: time::from_number(row.int(0)?)?,
                import: row.opt_int(1)?,
                undo_of: row.opt_int(2)?,
                person: row.opt_text(3)?,
                line: row.opt_count(4)?,
                kind: Kind::of_number(row.int(5)?)?,
                changes: text.map(|text| changes(Some(text))).transpose()?,
            };
            Ok((noted, row.opt_int(7)?))
        })?;
        let Some((noted, before)) = noted else { return Ok(()) };
        if !f(noted)? {
            return Ok(());
        }
        // Each is older than the one behind it.
        next = before.filter(|before| *before < id);
    }
    Ok(())
}

/// Who gave a field of a record the value that it has now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Giver {
    /// A row of a file.
    File,
    /// An import whose file does not mention the record.
    NotMentioned,
    /// A person.
    Person,
}

/// Who gave a field of a record the value that it has now; `None` for the value that it was created with. What was undone
/// does not count.
pub(crate) fn giver(c: &Conn, register: &Register, record: i64, field: &str) -> DbResult<Option<Giver>> {
    let (mut undone, mut giver) = (Vec::new(), None);
    each_of_record(c, register, record, 0, |noted| {
        if noted.kind == Kind::Created {
            return Ok(false);
        }
        if !noted.changes.iter().flatten().any(|change| change.field == field) {
            return Ok(true);
        }
        if let Some(import) = noted.undo_of {
            undone.push(import);
            return Ok(true);
        }
        if noted.import.is_some_and(|import| undone.contains(&import)) {
            return Ok(true);
        }
        giver = Some(match (noted.import, noted.line) {
            (None, _) => Giver::Person,
            (Some(_), None) => Giver::NotMentioned,
            (Some(_), Some(_)) => Giver::File,
        });
        Ok(false)
    })?;
    Ok(giver)
}

/// Whether a row of a file ever created or changed the record.
pub(crate) fn is_of_a_file(c: &Conn, register: &Register, record: i64) -> DbResult<bool> {
    let mut found = false;
    each_of_record(c, register, record, 0, |noted| {
        found = noted.line.is_some() && noted.import.is_some();
        Ok(!found)
    })?;
    Ok(found)
}

/// One entry of an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) id: i64,
    pub(crate) record: i64,
    pub(crate) line: Option<u64>,
    pub(crate) kind: Kind,
    pub(crate) changes: Vec<FieldChange>,
}

pub(crate) const ENTRY: &str = "id, record_id, line, kind, changes";

pub(crate) fn entry(row: &Row<'_>) -> DbResult<Entry> {
    Ok(Entry {
        id: row.int(0)?,
        record: row.int(1)?,
        line: row.opt_count(2)?,
        kind: Kind::of_number(row.int(3)?)?,
        changes: changes(row.text_ref(4)?)?,
    })
}

/// The entries of an import. They lie together, so they are found by their numbers, whose order is that of the table:
/// any other condition could make the database sort all of them first.
const OF_IMPORT: &str = "FROM history WHERE id > max((SELECT history_before FROM imports WHERE id = ?1), ?2)
    AND id <= (SELECT COALESCE(history_id, 0) FROM imports WHERE id = ?1) AND import_id = ?1 ORDER BY id";

/// Calls `f` for each entry of an import behind the entry `after`, in their order; `f` returns `false` to stop.
pub(crate) fn each_of_import(
    c: &Conn,
    import: i64,
    after: i64,
    mut f: impl FnMut(Entry) -> DbResult<bool>,
) -> DbResult<()> {
    let sql = format!("SELECT {ENTRY} {OF_IMPORT}");
    c.each(&sql, &[import.into(), after.into()], |row| f(entry(row)?))
}

/// What an import did to one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// The record's key; of a record that is there no more, the last one.
    pub number: Option<String>,
    /// What people call the record.
    pub title: Option<String>,
    /// Whether the record is there no more.
    pub removed: bool,
    /// The line of the file; `None` for what follows from the file as a whole.
    pub line: Option<u64>,
    /// What happened to it.
    pub kind: Kind,
    /// The fields that changed; none for a new record.
    pub changes: Vec<FieldChange>,
}

impl Changed {
    /// The change as JSON; values of yes/no fields are true or false and contacts are lists, as in
    /// [`crate::records::Record::json`].
    pub fn json(&self, register: &Register) -> Value {
        let change = |change: &FieldChange| {
            let value = |text: &Option<String>| value_json(register, Some(&change.field), text);
            json!({ "field": change.field, "old": value(&change.old), "new": value(&change.new) })
        };
        json!({
            "number": self.number,
            "title": self.title,
            "removed": self.removed,
            "line": self.line,
            "kind": self.kind,
            "changes": self.changes.iter().map(change).collect::<Vec<_>>(),
        })
    }
}

/// A value of a field as JSON.
pub(crate) fn value_json(register: &Register, field: Option<&str>, text: &Option<String>) -> Value {
    let kind = field.and_then(|name| register.field(name)).map(|field| field.kind);
    match (text, kind) {
        (text, Some(field::Kind::Contacts)) => {
            contacts::list(text.as_deref()).iter().map(Contact::json).collect()
        }
        (Some(text), Some(field::Kind::YesNo)) => Value::Bool(text == "1"),
        (Some(text), _) => Value::String(text.clone()),
        (None, _) => Value::Null,
    }
}

/// What an import changed, a page at a time, in the order in which it was done. The cursor is that of the page before.
///
/// # Errors
/// [`DbError::Invalid`] for a cursor that no list gave.
pub fn of_import(
    c: &Conn,
    register: &'static Register,
    import: i64,
    limit: u32,
    cursor: Option<&str>,
) -> DbResult<Page<Changed>> {
    let limit = page::bounded(limit);
    let after = page::number_cursor(cursor)?.unwrap_or(0);
    let mut entries = Vec::new();
    each_of_import(c, import, after, |entry| {
        entries.push(entry);
        Ok(entries.len() <= limit as usize)
    })?;
    let page = Page::cut(entries, limit, None, |last: &Entry| last.id.to_string());
    let mut items = Vec::with_capacity(page.items.len());
    for Entry { record, line, kind, changes, .. } in page.items {
        let Named { number, title, removed } = named(c, register, record)?;
        items.push(Changed { number, title, removed, line, kind, changes });
    }
    Ok(Page { items, next: page.next, total: None })
}

/// How people know a record.
pub(crate) struct Named {
    /// Its key; the last one of a record that is there no more.
    pub(crate) number: Option<String>,
    /// What they call it.
    pub(crate) title: Option<String>,
    /// Whether it is there no more.
    pub(crate) removed: bool,
}

/// How people know the record, whether it is there or not.
pub(crate) fn named(c: &Conn, register: &'static Register, record: i64) -> DbResult<Named> {
    if let Some(record) = records::by_id(c, register, record)? {
        let value = |field: &str| record.value(register, field).map(str::to_owned);
        return Ok(Named { number: value(register.key), title: value(register.title_field), removed: false });
    }
    let last = removed::last_values(c, register, record)?.unwrap_or_default();
    let value = |field: &str| last.get(register.index(field)?)?.clone();
    Ok(Named { number: value(register.key), title: value(register.title_field), removed: true })
}

/// The changes of a record, the newest first, at most `limit` of them (whole imports or edits, so a few more).
///
/// # Errors
/// Only those of the database.
pub fn for_record(
    c: &Conn,
    register: &'static Register,
    record_id: i64,
    limit: u32,
) -> DbResult<Vec<Change>> {
    let mut changes = Vec::new();
    each_of_record(c, register, record_id, 0, |noted| {
        let change = Change {
            at: noted.at,
            import: noted.import,
            user: noted.person,
            undo_of: noted.undo_of,
            line: noted.line,
            field: None,
            old: None,
            new: None,
        };
        match noted.changes {
            None => changes.push(change),
            Some(fields) => changes.extend(fields.into_iter().map(|f| Change {
                field: Some(f.field),
                old: f.old,
                new: f.new,
                ..change.clone()
            })),
        }
        Ok(changes.len() < limit as usize)
    })?;
    Ok(changes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_entries_of_an_import_are_found_without_sorting_them() {
        let folder = tempfile::tempdir().unwrap();
        let db = crate::open(&folder.path().join("service-suite.db")).unwrap();
        let sql = format!("EXPLAIN QUERY PLAN SELECT {ENTRY} {OF_IMPORT}");
        let plan =
            db.read(|c| c.all(&sql, &[1_i64.into(), 0_i64.into()], |row| row.text(3))).unwrap().join("; ");
        assert!(plan.contains("USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"), "{plan}");
        assert!(!plan.contains("B-TREE"), "{plan}");
    }

    #[test]
    fn yes_and_no_are_told_as_the_record_tells_them() {
        let change = |field: &str, old: Option<&str>, new: Option<&str>| Change {
            at: "2026-11-22T12:00:00.5Z".parse().unwrap(),
            import: Some(7),
            user: None,
            undo_of: None,
            line: Some(2),
            field: Some(field.to_owned()),
            old: old.map(str::to_owned),
            new: new.map(str::to_owned),
        };
        let told = change("blocked", None, Some("1")).json(&crate::CUSTOMERS);
        assert_eq!(
            told.to_string(),
            r#"{"at":"2026-11-22T12:00:00.500Z","field":"blocked","import":7,"line":2,"new":true,"old":null,"undo_of":null,"user":null}"#
        );
        let told = change("phone", Some("1"), Some("0")).json(&crate::CUSTOMERS);
        assert_eq!((told["old"].as_str(), told["new"].as_str()), (Some("1"), Some("0")));
    }
}
