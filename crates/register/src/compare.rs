//! What a file would change in a register, told without changing it.
//!
//! The file is read once, in its order: rows that the reader refuses and rows without a key are complaints at once,
//! all others go as (key, place, fingerprint) through a sort that needs little memory. Then file and register are
//! walked side by side in the order of the keys. A row whose fingerprint the record carries says what it said last
//! time and is unchanged; any other row is read again from the spool, checked, and compared field by field.
//!
//! Rows whose bytes a record was last imported from are passed over before all that (see `seen`), and are unchanged.
//!
//! Nothing grows with the file in memory: entries, problems and changes lie on scratch files.

mod by_rule;
mod contacts;
mod fingerprint;
mod groups;
pub(crate) mod seen;
mod settle;
mod stored;
#[cfg(test)]
pub(crate) mod tests;

use std::cell::Cell;

use erpfile::{Apply, Content, Format, Missing, Problem, Repeated, Row, Step};
use xxhash_rust::xxh3::Xxh3;

use self::by_rule::ByRule;
use self::fingerprint::{fingerprint, is_same_row, mark, seed};
use self::groups::{Entry, Group, Groups};
use self::seen::{Pass, Passed, Seen};
use self::settle::{By, create};
use crate::changes::{Change, ChangeKind, Mark, Place, Rows, write_problem};
pub use crate::changes::{ChangeSet, Preview, PreviewKind};
use crate::counts::Counts;
use crate::db::{Conn, Database, DbResult};
use crate::frames::Writer;
use crate::history::{self, Giver};
use crate::job::Ticker;
pub use crate::job::{Job, Phase, Progress, Report, Scratch, Spool, Stop};
use crate::layout::Learning;
use crate::mapping::{self, Mapper};
use crate::sorted::{Sorted, Sorter};
use crate::{COMPANY, records, store};

/// Memory for sorting the entries of a file.
const ENTRIES_MEMORY: usize = 24 << 20;
/// Memory for sorting problems.
const PROBLEMS_MEMORY: usize = 4 << 20;
/// A register so many times larger than the file is asked for each key instead of being walked.
const LOOK_UP: u64 = 20;
/// The field of registers whose records can be inactive.
pub(crate) const INACTIVE: &str = "inactive";

/// Ways to do the same with other means; the outcome never depends on them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Means {
    pub(crate) entries_memory: usize,
    pub(crate) problems_memory: usize,
    /// Whether fingerprints may be trusted.
    pub(crate) marks: bool,
    /// How rows are passed over by their fingerprints alone, if they may be trusted.
    pub(crate) pass: Option<Pass>,
    /// A register so many times larger than the file is asked for each key.
    pub(crate) look_up: u64,
}

impl Default for Means {
    fn default() -> Means {
        Means {
            entries_memory: ENTRIES_MEMORY,
            problems_memory: PROBLEMS_MEMORY,
            marks: true,
            pass: Some(Pass::default()),
            look_up: LOOK_UP,
        }
    }
}

/// Compares a file with its register as it is now. Nothing is changed.
///
/// # Errors
/// [`Stop::Damage`] when the file as a whole is refused, [`Stop::Cancelled`] when `report` breaks, or what the spool,
/// a scratch file or the database say. Never [`Stop::Stale`].
pub fn compare(db: &Database, job: &Job<'_>, report: Report<'_>) -> Result<ChangeSet, Stop> {
    compare_by(db, job, Means::default(), report)
}

pub(crate) fn compare_by(
    db: &Database,
    job: &Job<'_>,
    means: Means,
    report: Report<'_>,
) -> Result<ChangeSet, Stop> {
    let contradicted = Cell::new(false);
    match compare_once(db, job, means, &contradicted, report) {
        // What was said of rows that were passed over is no longer right: they are told like any others.
        Err(Stop::Stale) if contradicted.get() => {
            let means = Means { pass: None, ..means };
            compare_once(db, job, means, &contradicted, report)
        }
        done => done,
    }
}

/// [`Stop::Stale`] with `contradicted` when a row that was passed over may have to be told otherwise: another one has its
/// key, or the register was changed meanwhile.
fn compare_once(
    db: &Database,
    job: &Job<'_>,
    means: Means,
    contradicted: &Cell<bool>,
    mut report: Report<'_>,
) -> Result<ChangeSet, Stop> {
    let shapes = mapping::shapes(job.register, job.format);
    let mut reader = erpfile::Reader::with_shapes(job.spool.reader()?, job.format, job.limits, &shapes)?;
    let mapper =
        Mapper::new(job.register, job.format, reader.header(), reader.columns()).map_err(Stop::Damage)?;
    let seed = seed(job, &reader);
    let mut outcome = Outcome {
        counts: Counts::default(),
        problems: Sorter::new(job.scratch, means.problems_memory),
        by_rule: ByRule::default(),
        changes: Writer::new(job.scratch),
        deactivated: 0,
        warnings: 0,
        digest: Xxh3::new(),
        piece: Vec::new(),
    };
    // Nothing in an empty register can carry a fingerprint: every row will be needed, so it is checked right away.
    let check_now = db.read(|c| records::count(c, job.register))? == 0;
    // Rows whose keys may be the same though they differ, and lines that are contacts of one record, say nothing alone.
    let one_by_one = mapper.matching.is_exact() && job.format.repeated != Repeated::Contacts;
    let pass = means.pass.filter(|_| means.marks && one_by_one && !check_now);
    // Rows that cannot be read and are refused with the others of their key.
    let mut unread = 0;
    let mut entries = Sorter::new(job.scratch, means.entries_memory);
    let (mut row, mut first) = (Row::default(), None);
    let mut learning = Learning::new(reader.header());
    let mut ticker = Ticker::new(&mut report, Phase::Reading, job.spool.len())?;
    let (passed, history_then) = db.read(|c| {
        let history = history::last(c)?;
        let mut seen = pass.map(|pass| Seen::new(c, job.register, seed, pass));
        loop {
            let step = match seen.as_mut().filter(|_| first.is_some() && learning.is_done()) {
                Some(seen) => reader.read_unless(&mut row, &mut |raw| seen.knows(raw))?,
                None if reader.read(&mut row)? => Step::Row,
                None => Step::End,
            };
            if let Some(seen) = &mut seen {
                seen.check()?;
            }
            if step == Step::End {
                break;
            }
            outcome.counts.read += 1;
            ticker.row(|_| reader.position())?;
            if step == Step::Known {
                outcome.counts.unchanged += 1;
                continue;
            }
            let place = Place::of(&row)?;
            first.get_or_insert(place);
            let alone = row.alone && row.notes.is_empty();
            for note in row.notes.drain(..) {
                outcome.note(place, &note)?;
            }
            if !row.problems.is_empty() {
                // Where each line is a contact, the other lines of its record have to know of it.
                if let (Repeated::Contacts, Some(key)) = (job.format.repeated, mapper.key(&row)) {
                    let entry = Entry { place, mark: Mark::default(), checked: false };
                    entries.push(mapper.matching.fold(&key).as_bytes(), &entry.write())?;
                    unread += 1;
                    continue;
                }
                let problems = std::mem::take(&mut row.problems);
                outcome.refuse(place, problems)?;
                continue;
            }
            learning.row(&row);
            let Some(key) = mapper.key(&row) else {
                let mut problems = Vec::new();
                mapper.read(&row, &mut problems);
                outcome.refuse(place, problems)?;
                continue;
            };
            let checked = check_now && {
                let mut problems = Vec::new();
                let given = mapper.read(&row, &mut problems);
                problems.is_empty() && mapper.warnings(&row, &given).is_empty()
            };
            let mark = fingerprint(row.raw(), seed, alone);
            if let Some(seen) = &mut seen {
                seen.missed(&key, mark)?;
            }
            entries.push(mapper.matching.fold(&key).as_bytes(), &Entry { place, mark, checked }.write())?;
        }
        Ok::<_, Stop>((seen.map(Seen::passed).unwrap_or_default(), history))
    })?;
    ticker.end()?;
    for note in reader.notes() {
        // It is about lines that are no rows, so there are no bytes to show beside it.
        outcome.note(Place { line: note.line.unwrap_or_default(), offset: 0, length: 0 }, &note)?;
    }

    // A row that could not be read may be of any record: none is missing for certain.
    let certain = outcome.counts.refused + unread == 0;
    let rows = entries.len();
    let ticker = Ticker::new(&mut report, Phase::Comparing, rows)?;
    let groups = Groups::new(entries.finish()?, rows, job.scratch);
    let parser = reader.record_parser();
    let header = reader.header().to_vec();
    let trailer = reader.trailer().map(str::to_owned);
    let (outcome, newest) = db.read(|c| {
        if passed.len() > 0 && history::last(c)? != history_then {
            contradicted.set(true);
            return Err(Stop::Stale);
        }
        let newest = if mapper.matching.is_exact() { None } else { Some(store::next_id(c, job.register)?) };
        let comparer = Comparer {
            c,
            mapper: &mapper,
            format: job.format,
            inactive: inactive(&mapper, job.format).filter(|_| certain),
            rows: Rows::new(job.spool, parser.clone()),
            marks: means.marks,
            outcome,
            ticker,
            matched: passed.len(),
            passed,
            contradicted,
        };
        let outcome = if newest.is_some() {
            comparer.run_folded(groups, job.scratch, means.entries_memory)?
        } else {
            comparer.run(groups, means.look_up)?
        };
        Ok((outcome, newest))
    })?;
    let mut outcome = outcome;
    for (place, problem) in std::mem::take(&mut outcome.by_rule).told(&mapper) {
        outcome.note(place, &problem)?;
    }
    let Outcome { counts, problems, changes, deactivated, warnings, mut digest, .. } = outcome;
    digest.update(&counts.refused.to_le_bytes());
    let problems = in_order(problems.finish()?, Writer::new(job.scratch))?;
    let (changes, digest) = (changes.finish()?, digest.digest128());
    let layout = learning.layout(job.format);
    Ok(ChangeSet {
        counts,
        deactivated,
        warnings,
        digest,
        trailer,
        first,
        header,
        newest,
        layout,
        changes,
        problems,
        mapper,
        parser,
    })
}

/// The place of the field that tells inactive records, when the file decides which they are by what it does not mention.
fn inactive(mapper: &Mapper, format: &Format) -> Option<usize> {
    let decides = format.content == Content::Full && format.missing == Missing::Deactivate;
    mapper.register.index(INACTIVE).filter(|_| decides)
}

fn in_order(mut sorted: Sorted, mut writer: Writer<'_>) -> Result<crate::frames::Pieces, Stop> {
    while let Some((_, payload)) = sorted.next()? {
        writer.push(&[payload])?;
    }
    Ok(writer.finish()?)
}

/// What has been found out so far.
struct Outcome<'s> {
    counts: Counts,
    /// By line.
    problems: Sorter<'s>,
    by_rule: ByRule,
    /// In the order of the keys.
    changes: Writer<'s>,
    deactivated: u64,
    warnings: u64,
    digest: Xxh3,
    piece: Vec<u8>,
}

impl Outcome<'_> {
    fn refuse(&mut self, place: Place, problems: Vec<Problem>) -> Result<(), Stop> {
        self.counts.refused += 1;
        for problem in problems {
            self.note(place, &problem)?;
        }
        Ok(())
    }

    /// Tells what the checks of the format find in a row that is taken.
    fn warn(&mut self, place: Place, problems: Vec<Problem>) -> Result<(), Stop> {
        self.warnings += problems.len() as u64;
        problems.iter().try_for_each(|problem| self.note(place, problem))
    }

    /// Adds a problem to the list, whether it refuses a row or not.
    fn note(&mut self, place: Place, problem: &Problem) -> Result<(), Stop> {
        Ok(self.problems.push(&place.line.to_be_bytes(), &write_problem(place, problem)?)?)
    }

    fn change(&mut self, change: &Change<'_>) -> Result<(), Stop> {
        if change.kind != ChangeKind::Marked {
            change.told(&mut self.piece);
            self.digest.update(&self.piece);
        }
        change.write(&mut self.piece);
        Ok(self.changes.push(&[&self.piece])?)
    }
}

/// What the register has under a key.
#[derive(Clone, Copy)]
struct Stored<'k> {
    id: i64,
    mark: Option<Mark>,
    /// The key as the record has it.
    key: &'k str,
}

struct Comparer<'a, 's, 'r, 'b> {
    c: &'a Conn,
    mapper: &'a Mapper,
    format: &'a Format,
    /// Where the register says that a record is inactive, when records that the file does not mention become so.
    inactive: Option<usize>,
    rows: Rows<'a>,
    marks: bool,
    outcome: Outcome<'s>,
    ticker: Ticker<'r, 'b>,
    /// Records whose key stands in the file.
    matched: u64,
    /// Those whose row was passed over.
    passed: Passed,
    /// Whether another row has the key of one that was passed over, and says something else.
    contradicted: &'a Cell<bool>,
}

impl<'s> Comparer<'_, 's, '_, '_> {
    fn run(mut self, mut groups: Groups<'_>, look_up: u64) -> Result<Outcome<'s>, Stop> {
        let records = records::count(self.c, self.mapper.register)?;
        if records / look_up.max(1) > groups.len() && self.inactive.is_none() {
            while groups.advance()? {
                let group = groups.current();
                let found = seen::look_up(self.c, self.mapper.register, group.key())?;
                let stored = found.map(|(id, mark)| Stored { id, mark, key: group.key() });
                self.group(group, stored)?;
            }
        } else {
            self.walk(&mut groups)?;
        }
        self.end(records)
    }

    fn end(mut self, records: u64) -> Result<Outcome<'s>, Stop> {
        if self.format.content == Content::Full {
            self.outcome.counts.missing = match self.inactive {
                Some(_) => self.outcome.deactivated,
                None => records - self.matched.min(records),
            };
        }
        self.ticker.end()?;
        Ok(self.outcome)
    }

    /// Walks file and register side by side; both are in the order of the keys' bytes.
    fn walk(&mut self, groups: &mut Groups<'_>) -> Result<(), Stop> {
        let (c, register) = (self.c, self.mapper.register);
        let sql = format!(
            "SELECT \"{0}\", id, mark FROM {1} WHERE company_id = ?1 ORDER BY \"{0}\"",
            register.key, register.name
        );
        let mut more = groups.advance()?;
        let mut stop = None;
        c.each(&sql, &[COMPANY.into()], |row| {
            let key = row.text_ref(0)?.unwrap_or_default();
            let stored = Stored { id: row.int(1)?, mark: mark(row.blob_ref(2)?), key };
            let mut step = || {
                while more && groups.current().key() < key {
                    self.group(groups.current(), None)?;
                    more = groups.advance()?;
                }
                if more && groups.current().key() == key {
                    self.group(groups.current(), Some(stored))?;
                    more = groups.advance()?;
                } else if let Some(inactive) = self.inactive
                    && !self.passed.has(stored.id)
                {
                    self.missing(stored, inactive)?;
                }
                Ok::<_, Stop>(more || self.inactive.is_some())
            };
            Ok(step().unwrap_or_else(|error| {
                stop = Some(error);
                false
            }))
        })?;
        if let Some(error) = stop {
            return Err(error);
        }
        while more {
            self.group(groups.current(), None)?;
            more = groups.advance()?;
        }
        Ok(())
    }

    /// A record that a full export does not mention.
    fn missing(&mut self, stored: Stored<'_>, inactive: usize) -> Result<(), Stop> {
        let Stored { id, mark, key } = stored;
        let record = records::by_id(self.c, self.mapper.register, id)?.ok_or(Stop::Stale)?;
        let old = record.values[inactive].as_deref();
        if old == Some("1") || (mark.is_none() && self.is_of_people(id)?) {
            return Ok(());
        }
        self.outcome.deactivated += 1;
        self.outcome.change(&Change {
            kind: ChangeKind::Deactivated,
            place: Place::NONE,
            mark: Mark::default(),
            key,
            id,
            version: record.version,
            fields: vec![(inactive, old, Some("1"))],
        })
    }

    /// Whether people alone know of a record that no file has mentioned since it was last written by hand: it was made
    /// here, or made active again here.
    fn is_of_people(&self, id: i64) -> DbResult<bool> {
        let register = self.mapper.register;
        Ok(history::giver(self.c, register, id, INACTIVE)? == Some(Giver::Person)
            || !history::is_of_a_file(self.c, register, id)?)
    }

    /// All rows of the file that have one key.
    fn group(&mut self, group: &Group, stored: Option<Stored<'_>>) -> Result<(), Stop> {
        self.tick(group)?;
        let is_carried = |mark: Mark| {
            stored.and_then(|stored| stored.mark).is_some_and(|carried| is_same_row(carried, mark))
        };
        if stored.is_some_and(|stored| self.passed.has(stored.id)) {
            if !group.alike() || !is_carried(group.first().mark) {
                self.contradicted.set(true);
                return Err(Stop::Stale);
            }
            self.outcome.counts.unchanged += group.len();
            return Ok(());
        }
        self.matched += u64::from(stored.is_some());
        if group.alike() {
            let first = group.first();
            if self.marks && is_carried(first.mark) {
                self.outcome.counts.unchanged += group.len();
            } else if self.one(group.key(), first, stored)? {
                self.outcome.counts.unchanged += group.len() - 1;
            } else {
                // Identical to a refused row, so refused for the same reasons, each under its own line.
                return group.each(|entry| match entry.place.line == first.place.line {
                    true => Ok(()),
                    false => self.one(group.key(), entry, stored).map(drop),
                });
            }
            return Ok(());
        }
        match self.format.repeated {
            Repeated::Last => self.last(group, stored),
            Repeated::Contacts => self.contacts(group, stored),
            Repeated::Refuse => self.duplicates(group),
        }
    }

    fn tick(&mut self, group: &Group) -> Result<(), Stop> {
        for _ in 0..group.len() {
            self.ticker.row(|rows| rows)?;
        }
        Ok(())
    }

    /// One row for one record; whether it was taken. `key` is what counts of its key.
    fn one(&mut self, key: &str, entry: &Entry, stored: Option<Stored<'_>>) -> Result<bool, Stop> {
        let &Entry { place, mark, checked } = entry;
        if stored.is_none()
            && checked
            && self.mapper.matching.is_exact()
            && self.format.apply != Apply::Update
        {
            // Nothing has to be asked of the row again.
            self.outcome.counts.created += 1;
            self.outcome.change(&new_record(key, place, mark))?;
            return Ok(true);
        }
        let row = self.rows.parse(place)?;
        // A row without a key is in no group.
        let key = self.mapper.key(row).unwrap_or_default();
        let change = new_record(&key, place, mark);
        let mut problems = row.problems.clone();
        let given = if problems.is_empty() { self.mapper.read(row, &mut problems) } else { Vec::new() };
        if !problems.is_empty() {
            self.outcome.refuse(place, problems)?;
            return Ok(false);
        }
        match stored {
            None => create(self.mapper, self.format, row, &given, &change, &mut self.outcome)?,
            Some(stored) => {
                let by = By { c: self.c, mapper: self.mapper, format: self.format, inactive: self.inactive };
                by.settle(row, change, stored, &given, &mut self.outcome)?;
            }
        }
        Ok(true)
    }

    /// The last row counts; the others are unchanged unless something is wrong with them.
    fn last(&mut self, group: &Group, stored: Option<Stored<'_>>) -> Result<(), Stop> {
        let last = *group.last();
        let taken = self.one(group.key(), &last, stored)?;
        group.each(|entry| {
            if entry.place.line == last.place.line {
                return Ok(());
            }
            let mut problems = Vec::new();
            let row = self.rows.parse(entry.place)?;
            self.mapper.read(row, &mut problems);
            if !taken {
                problems.push(self.mapper.replaced(row, last.place.line));
            }
            if problems.is_empty() {
                self.outcome.counts.unchanged += 1;
                return Ok(());
            }
            self.outcome.refuse(entry.place, problems)
        })
    }

    /// Rows that contradict each other: none is taken, each names the others.
    fn duplicates(&mut self, group: &Group) -> Result<(), Stop> {
        group.each(|entry| {
            let mut problems = Vec::new();
            let row = self.rows.parse(entry.place)?;
            self.mapper.read(row, &mut problems);
            let others = group.lines_beside(entry.place.line);
            problems.push(self.mapper.duplicate(row, &others, group.len() - 1));
            self.outcome.refuse(entry.place, problems)
        })
    }
}

/// A new record that is read from its row.
fn new_record(key: &str, place: Place, mark: Mark) -> Change<'_> {
    Change { kind: ChangeKind::Created, place, mark, key, id: 0, version: 0, fields: Vec::new() }
}
