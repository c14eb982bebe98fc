//! Doing what a change set says: records, their history, problems and the ledger in one transaction.

use std::borrow::Cow;

use erpfile::Content;
use jiff::Timestamp;

use crate::changes::{Change, ChangeKind, ChangeSet, Place, Rows};
use crate::counts::Counts;
use crate::db::{Conn, Database, DbError, DbResult, Param, Statement};
use crate::field::code;
use crate::history::{FieldChange, Kind, Note};
use crate::job::{Job, Phase, Report, Stop, Ticker};
use crate::mapping::Given;
use crate::store::{Update, Words, param};
use crate::{COMPANY, Register, guard, history, imports, own_fields, records, search, store, time};

mod first;

/// So many new records, and more than there were, are indexed afterwards in one go.
const BULK: u64 = 50_000;

/// Applies a change set, whole or not at all, and calls `finish` in the same transaction, so that the caller's entry in
/// the ledger is there exactly when the rows are. `job` is the one that was compared; `at` is when it happens.
///
/// # Errors
/// [`Stop::Stale`] when a record was changed since the comparison: compare again. [`Stop::Cancelled`] when `report`
/// breaks before all is written. [`DbError::Invalid`] when a row of the file is not accounted for, a fault of the
/// program. Otherwise what the spool, a scratch file, the database or `finish` say. After any error nothing is changed.
pub fn commit(
    db: &Database,
    job: &Job<'_>,
    set: &mut ChangeSet,
    import_id: i64,
    at: Timestamp,
    finish: &mut dyn FnMut(&Conn, &Counts) -> Result<(), DbError>,
    mut report: Report<'_>,
) -> Result<Counts, Stop> {
    let total = set.changes.len() + set.problems.len();
    let mut ticker = Ticker::new(&mut report, Phase::Committing, total)?;
    let many_new = set.counts.created >= BULK;
    let commit = |c: &Conn| {
        let register = job.register;
        if !std::ptr::eq(register, own_fields::in_effect(c, register)?) {
            // Own fields were declared or taken back since the comparison.
            return Err(Stop::Stale);
        }
        let bulk = set.counts.created >= BULK && set.counts.created > records::count(c, register)?;
        let first = first::is_first(c, register, set)?;
        // Records come in the order of their keys: where there were none before, an index by keys only grows at its end.
        let by_key = format!("{}_by_mark", register.name);
        let kept = Some(by_key.as_str()).filter(|_| first);
        let indexes = if bulk { c.drop_indexes(register.name, kept)? } else { Vec::new() };
        let history_before = history::last(c)?;
        let before = store::next_id(c, register)?;
        let (created, updated, deactivated) = if first {
            let from = first::From { import: import_id, at, first: before, entry: history_before + 1 };
            (first::load(c, job, set, &from, &indexes, &mut ticker)?, 0, 0)
        } else {
            let mut writer = Commit::new(c, job, set, import_id, at)?;
            let mut changes = set.changes.reader();
            while let Some(piece) = changes.next()? {
                writer.change(&Change::read(piece)?)?;
                ticker.row(|rows| rows)?;
            }
            writer.words.write(c)?;
            for index in indexes {
                c.batch(&index)?;
            }
            (writer.created, writer.updated, writer.deactivated)
        };
        if job.format.content == Content::Full {
            guard::forget_all_undone(c, register)?;
        }
        if set.newest.is_some_and(|newest| newest != before) {
            // What was added meanwhile may have a key that the format takes for the one of a new record.
            return Err(Stop::Stale);
        }
        let refused = write_problems(c, job, set, import_id, &mut ticker)?;
        if refused > 0 {
            imports::add_refused_file(c, import_id, job, set)?;
        }
        let missing = if set.deactivated > 0 { deactivated } else { set.counts.missing };
        account(&set.counts, Counts { created, updated, refused, missing, ..set.counts })?;
        store::count_more(c, register, i64::try_from(created).unwrap_or(i64::MAX))?;
        finish(c, &set.counts)?;
        imports::set_history_before(c, import_id, history_before)?;
        Ok::<_, Stop>(())
    };
    // Very many new records are gathered outside the database; all others change pages all over it.
    if many_new {
        db.write(commit)?
    } else {
        db.write_many(commit)?
    };
    // All is written: whoever wants to stop now is too late.
    let _ = ticker.end();
    Ok(set.counts)
}

/// Every row read is created, updated, unchanged or refused, and as many were written as were found.
fn account(found: &Counts, written: Counts) -> DbResult<()> {
    if *found == written && found.add_up() {
        return Ok(());
    }
    Err(DbError::Invalid(format!(
        "not every row is accounted for: {found:?} when compared, {written:?} when written; nothing was changed; \
         this is a fault of the program, please report it"
    )))
}

/// Writes problems and refused rows; gives the number of rows.
fn write_problems(
    c: &Conn,
    job: &Job<'_>,
    set: &ChangeSet,
    import_id: i64,
    ticker: &mut Ticker<'_, '_>,
) -> Result<u64, Stop> {
    let (mut seq, mut last_line, mut rows) = (0, None, 0);
    set.try_problems(job, |problem, raw| {
        seq += 1;
        imports::add_problem(c, import_id, seq, problem)?;
        if let Some(line) = problem.line
            && !code::only_tells(problem)
            && last_line != Some(line)
        {
            imports::add_refused_row(c, import_id, line, raw)?;
            last_line = Some(line);
            rows += 1;
        }
        ticker.row(|done| done)
    })?;
    Ok(rows)
}

/// The statements of one commit, and what they need.
struct Commit<'a> {
    c: &'a Conn,
    register: &'static Register,
    set: &'a ChangeSet,
    rows: Rows<'a>,
    import_id: i64,
    at: Timestamp,
    next_id: i64,
    created: u64,
    updated: u64,
    deactivated: u64,
    /// What becomes of what was undone before.
    undone: Undone,
    insert: Statement<'a>,
    remark: Statement<'a>,
    insert_history: Statement<'a>,
    next_entry: i64,
    words: Words,
    line: String,
}

/// What an import does with what was undone before.
#[derive(Clone, Copy)]
enum Undone {
    /// There is nothing.
    Nothing,
    /// A person approved the import, or made it again: what it brings back is wanted.
    Wanted,
    /// It brings nothing back, or would have been held: where it changes a record, the ERP system says something else by now.
    Said,
}

impl Undone {
    fn of(c: &Conn, register: &Register, import: i64) -> DbResult<Undone> {
        if !guard::is_any_undone(c, register)? {
            return Ok(Undone::Nothing);
        }
        let again = imports::find(c, import)?.is_some_and(|import| import.again_of.is_some());
        Ok(if again || imports::approval(c, import)?.is_some() { Undone::Wanted } else { Undone::Said })
    }
}

/// The parameters of an insertion before those of the fields: id, company, version, mark, when, and the entry of the history.
const INSERT_FIXED: usize = 6;

impl<'a> Commit<'a> {
    fn new(
        c: &'a Conn,
        job: &Job<'a>,
        set: &'a ChangeSet,
        import_id: i64,
        at: Timestamp,
    ) -> DbResult<Commit<'a>> {
        let register = job.register;
        let table = register.name;
        let fields: Vec<usize> = set.mapper.fields().collect();
        Ok(Commit {
            c,
            register,
            set,
            rows: Rows::new(job.spool, set.parser.clone()),
            import_id,
            at,
            next_id: store::next_id(c, register)?,
            created: 0,
            updated: 0,
            deactivated: 0,
            undone: Undone::of(c, register, import_id)?,
            insert: c.statement(&insert_sql(register, &fields))?,
            remark: c.statement(&format!("UPDATE {table} SET mark = ?1 WHERE id = ?2 AND version = ?3"))?,
            insert_history: c.statement(&history::creations_sql(1))?,
            next_entry: history::last(c)? + 1,
            words: Words::of(register),
            line: String::new(),
        })
    }

    fn change(&mut self, change: &Change<'_>) -> Result<(), Stop> {
        let matching = self.set.mapper.matching;
        match self.undone {
            Undone::Wanted if change.kind != ChangeKind::Marked => {
                guard::forget_undone(self.c, self.register, matching, change.key)?;
            }
            Undone::Said if change.kind == ChangeKind::Updated => {
                let name = |&(at, ..): &(usize, _, _)| self.register.fields[at].name;
                let fields: Vec<&str> = change.fields.iter().map(name).collect();
                guard::forget_corrected(self.c, self.register, matching, change.key, &fields)?;
            }
            Undone::Nothing | Undone::Wanted | Undone::Said => {}
        }
        match change.kind {
            ChangeKind::Created => self.create(change),
            ChangeKind::Updated | ChangeKind::Deactivated => self.update(change),
            // Should the record have changed meanwhile, its mark is gone, and rightly so.
            ChangeKind::Marked => {
                let params = [change.mark.as_slice().into(), change.id.into(), change.version.into()];
                self.remark.execute(&params)?;
                Ok(())
            }
        }
    }

    fn create(&mut self, change: &Change<'_>) -> Result<(), Stop> {
        let Commit { register, set, .. } = *self;
        let id = self.next_id;
        self.next_id += 1;
        let entry = self.next_entry;
        self.next_entry += 1;
        let given = given(set, &mut self.rows, change)?;
        let mut params: Vec<Param<'_>> = Vec::with_capacity(INSERT_FIXED + register.fields.len());
        params.extend::<[Param<'_>; INSERT_FIXED]>([
            id.into(),
            COMPANY.into(),
            1_i64.into(),
            change.mark.as_slice().into(),
            time::to_number(self.at).into(),
            entry.into(),
        ]);
        // `given` has the order of the mapped fields, without those that are empty.
        let mut values = given.iter().peekable();
        for at in set.mapper.fields() {
            params.push(match values.next_if(|(given, _)| *given == at) {
                Some((_, value)) => param(register, at, value.as_deref()),
                None => Param::Null,
            });
        }
        if self.insert.execute(&params)? == 0 {
            return Err(Stop::Stale);
        }
        search::line(register, |at| value(&given, at), &mut self.line);
        self.words.added(self.c, id, &self.line)?;
        let line = told_line(change.place).into();
        let (register, at) = (register.number.into(), time::to_number(self.at).into());
        self.insert_history.execute(&[
            COMPANY.into(),
            register,
            at,
            self.import_id.into(),
            entry.into(),
            id.into(),
            line,
        ])?;
        self.created += 1;
        Ok(())
    }

    fn update(&mut self, change: &Change<'_>) -> Result<(), Stop> {
        let Commit { c, register, .. } = *self;
        let in_file = change.kind == ChangeKind::Updated;
        let owned = |value: Option<&str>| value.map(str::to_owned);
        let mut history = Vec::with_capacity(change.fields.len());
        let mut fields = Vec::with_capacity(change.fields.len());
        for &(at, old, new) in &change.fields {
            fields.push((at, new));
            let field = register.fields[at].name.to_owned();
            history.push(FieldChange { field, old: owned(old), new: owned(new) });
        }
        let update = Update {
            id: change.id,
            version: Some(change.version),
            mark: Some(change.mark.as_slice()).filter(|_| in_file),
            at: self.at,
            fields: &fields,
        };
        if !store::update(c, register, &update, &mut self.words)? {
            return Err(Stop::Stale);
        }
        let note = Note {
            record: change.id,
            at: self.at,
            import: Some(self.import_id),
            undo_of: None,
            person: None,
            line: told_line(change.place),
            kind: Kind::Updated,
            changes: Some(&history::changes_text(&history)?),
        };
        self.next_entry = history::add(c, register, &note)? + 1;
        *(if in_file { &mut self.updated } else { &mut self.deactivated }) += 1;
        Ok(())
    }
}

/// The line of a row; none for what follows from the file as a whole.
fn told_line(place: Place) -> Option<u64> {
    Some(place.line).filter(|line| *line > 0)
}

/// The statement that adds a record with its fingerprint and the values of `fields`.
fn insert_sql(register: &Register, fields: &[usize]) -> String {
    let columns: Vec<String> = fields.iter().map(|&at| records::column(&register.fields[at])).collect();
    let places: Vec<String> = (0..fields.len()).map(|n| format!("?{}", INSERT_FIXED + 1 + n)).collect();
    format!(
        "INSERT INTO {} (id, company_id, version, mark, created_at, updated_at, history, {})
         VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6, {}) ON CONFLICT DO NOTHING",
        register.name,
        columns.join(", "),
        places.join(", ")
    )
}

/// The values of a new record, in the order of the mapped fields and without those that are empty.
fn given<'r>(
    set: &'r ChangeSet,
    rows: &'r mut Rows<'_>,
    change: &Change<'r>,
) -> Result<Vec<Given<'r>>, Stop> {
    if !change.fields.is_empty() {
        return Ok(change.fields.iter().map(|&(at, _, new)| (at, new.map(Cow::Borrowed))).collect());
    }
    let mut problems = Vec::new();
    let given = set.mapper.read_good(rows.parse(change.place)?, &mut problems);
    // It was good when it was compared: half a row is never stored.
    if problems.is_empty() { Ok(given) } else { Err(Stop::Stale) }
}

fn value<'r>(given: &'r [Given<'_>], at: usize) -> Option<&'r str> {
    given.iter().find(|(field, _)| *field == at).and_then(|(_, value)| value.as_deref())
}
