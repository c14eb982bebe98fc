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

pub(crate) mod ahead;
mod aside;
mod by_rule;
mod comparer;
mod contacts;
mod fingerprint;
mod groups;
mod outcome;
mod reading;
pub(crate) mod seen;
mod settle;
mod stored;
#[cfg(test)]
pub(crate) mod tests;

use std::cell::Cell;

use erpfile::{Content, Format, Missing, Repeated};

use self::comparer::Comparer;
use self::fingerprint::seed;
use self::groups::Groups;
use self::outcome::in_order;
use self::reading::Reading;
use self::seen::{Pass, Seen};
pub use crate::changes::{ChangeSet, Preview, PreviewKind};
use crate::changes::{Place, Rows};
use crate::db::Database;
use crate::frames::Writer;
use crate::job::Ticker;
pub use crate::job::{Job, Phase, Progress, Report, Scratch, Spool, Stop};
use crate::layout::Learning;
use crate::mapping::{self, Mapper};
use crate::{history, records, store};

/// Memory for sorting the entries of a file.
const ENTRIES_MEMORY: usize = 24 << 20;
/// Memory for sorting problems.
const PROBLEMS_MEMORY: usize = 4 << 20;
/// A register so many times larger than the file is asked for each key instead of being walked.
const LOOK_UP: u64 = 20;
/// Smaller files are checked before another thread has begun.
const ASIDE: u64 = 1 << 20;
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
    /// Files of at least so many bytes are checked on a thread of its own where every row must be.
    pub(crate) aside: u64,
}

impl Default for Means {
    fn default() -> Means {
        Means {
            entries_memory: ENTRIES_MEMORY,
            problems_memory: PROBLEMS_MEMORY,
            marks: true,
            pass: Some(Pass::default()),
            look_up: LOOK_UP,
            aside: ASIDE,
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
    // Nothing in an empty register can carry a fingerprint: every row will be needed, so it is checked right away.
    let check_now = db.read(|c| records::count(c, job.register))? == 0;
    // Rows whose keys may be the same though they differ, and lines that are contacts of one record, say nothing alone.
    let one_by_one = mapper.matching.is_exact() && job.format.repeated != Repeated::Contacts;
    let pass = means.pass.filter(|_| means.marks && one_by_one && !check_now);
    let learning = Learning::new(reader.header(), reader.sheets());
    let mut reading = Reading::new(job, &mapper, means, (seed, check_now), learning);
    let mut ticker = Ticker::new(&mut report, Phase::Reading, job.spool.len())?;
    let (passed, history_then) = db.read(|c| {
        let history = history::last(c)?;
        let seen = pass.map(|pass| Seen::new(db, c, job.register, seed, pass));
        Ok::<_, Stop>((reading.read(&mut reader, seen, &mut ticker)?, history))
    })?;
    ticker.end()?;
    let Reading { mut outcome, entries, learning, first, unread, .. } = reading;
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
    let (mut outcome, newest) = db.read(|c| {
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
            listed: certain && job.format.content == Content::Full && job.format.missing == Missing::List,
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
    for (place, problem) in std::mem::take(&mut outcome.by_rule).told(&mapper) {
        outcome.note(place, &problem)?;
    }
    let outcome::Outcome { counts, problems, changes, deactivated, listed, warnings, mut digest, .. } =
        outcome;
    digest.update(&counts.refused.to_le_bytes());
    Ok(ChangeSet {
        counts,
        deactivated,
        listed,
        warnings,
        digest: digest.digest128(),
        trailer: reader.trailer().map(str::to_owned),
        first,
        header: reader.header().to_vec(),
        least_head: reader.least_head(),
        newest,
        layout: learning.layout(job.format),
        changes: changes.finish()?,
        problems: in_order(problems.finish()?, Writer::new(job.scratch))?,
        mapper,
        parser,
    })
}

/// The place of the field that tells inactive records, when the file decides which they are by what it does not mention.
fn inactive(mapper: &Mapper, format: &Format) -> Option<usize> {
    let decides = format.content == Content::Full && format.missing == Missing::Deactivate;
    mapper.register.index(INACTIVE).filter(|_| decides)
}
