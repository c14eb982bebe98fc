//! The ledger: one entry per import, kept for ever.
//!
//! An entry is begun before the file is claimed, follows the way of the file [`Step`] by step, and is finished in the
//! same transaction as the rows. [`next`] is the queue; after a crash, [`unfinished`] says where each file stands.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::COMPANY;
use crate::counts::Counts;
use crate::db::{Conn, DbError, DbResult, Param, Row};
use crate::page::{self, Page};
use crate::settings::{self, StoredFormat};
use crate::time;
use crate::words::words;

mod days;
mod holds;
mod problems;
mod progress;
mod queue;
mod refused;
mod report;
mod same;

pub use days::{Day, by_day};
pub use holds::{
    Approval, DecisionError, Hold, applied_between, approval, approve, check_turn, discard, give_way, held,
    hold, stands, supersede,
};
pub(crate) use holds::{held_with_format, last_full};
pub use problems::{
    ProblemFilter, add_problem, add_refused_row, copy_problems, each_problem, each_refused, problem_codes,
    problems,
};
pub use progress::{
    Finish, Spooled, begin, finish_done, forget, refuse, requeue, set_claimed, set_format, set_identity,
    set_importing, set_kept_in, set_kept_path, set_proof, set_spooled, set_step,
};
pub(crate) use progress::{set_history_before, set_undone};
pub(crate) use queue::rename_format;
pub use queue::{kept_before, next, to_copy, to_do, to_put_away, unfinished, waiting_for_format};
pub(crate) use refused::add_refused_file;
pub use refused::{RefusedFile, refused_file};
pub use report::RunReport;
pub use same::{finish_if_same, last_applied, of_bytes, same_as};

/// What an import has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Taken; queued, or to be tried again.
    Waiting,
    /// Being read, compared or committed.
    Importing,
    /// Applied, whole.
    Done,
    /// A guard stopped it: a person decides.
    Held,
    /// Not applied, for the reason given; also discarded by a person.
    Refused,
    /// Applied, and taken back later.
    Undone,
    /// Overtaken by a newer full export while it was held, or while its file went on growing after it had been taken.
    Superseded,
}

words!(State, "state of an import", {
    Waiting = "waiting", Importing = "importing", Done = "done", Held = "held", Refused = "refused",
    Undone = "undone", Superseded = "superseded",
});

/// How far the way of a file has come; a restart goes on from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// The entry exists; the file has perhaps been claimed, perhaps not.
    Claiming,
    /// The file is ours, under its claimed name.
    Claimed,
    /// The private copy is complete and durable.
    Spooled,
    /// The outcome is in the ledger; the file has perhaps not been put away.
    Committed,
    /// Everything is done.
    Finished,
}

words!(Step, "step of an import", {
    Claiming = "claiming", Claimed = "claimed", Spooled = "spooled", Committed = "committed",
    Finished = "finished",
});

/// What one check of a file's completeness found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProofResult {
    /// The check proves it.
    Passed,
    /// The check speaks against it.
    Failed,
    /// The check cannot be made here.
    Unknown,
}

words!(ProofResult, "result of a check", { Passed = "passed", Failed = "failed", Unknown = "unknown" });

/// One check of the completeness of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProofItem {
    /// What was checked.
    pub check: String,
    /// What it showed.
    pub result: ProofResult,
    /// The particulars, for a person.
    pub detail: String,
}

/// An entry of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// Its number: later imports have greater ones, and none is given twice.
    pub id: i64,
    /// The automation that took the file; `None` when a person gave it.
    pub automation: Option<String>,
    /// The name of the register that it imports into.
    pub register: String,
    /// The name of the file, without folder.
    pub file: String,
    /// Who or what started it.
    pub started_by: String,
    /// The earlier import whose kept bytes it imports once more, because a person asked for it.
    pub again_of: Option<i64>,
    /// Whether a person said that only some of the records are in the file, whatever its format says.
    pub changes_only: bool,
    /// What it has come to.
    pub state: State,
    /// How far the way of its file has come.
    pub step: Step,
    /// Why it is in this state, in a sentence, where there is something to say.
    pub reason: Option<String>,
    /// The name of the format that it is read with.
    pub format: String,
    /// The version of that format.
    pub format_version: i64,
    /// The mark of that format's definition.
    pub format_mark: String,
    /// The identity of the claimed file, as JSON that only the caller understands.
    pub identity: Option<String>,
    /// The size of the file in bytes.
    pub size: Option<u64>,
    /// When the file was last modified, by its own account.
    pub modified_at: Option<Timestamp>,
    /// The SHA-256 of the file's bytes, in lower-case hexadecimal.
    pub sha256: Option<String>,
    /// What became of its rows.
    pub counts: Counts,
    /// What the checks of the format found in rows that were taken.
    pub warnings: u64,
    /// The earlier import of the same bytes, which made reading them again unnecessary.
    pub same_as: Option<i64>,
    /// What was checked of the file's completeness.
    pub proof: Vec<ProofItem>,
    /// The folder into which the file was put, noted before it was moved there; `None` while it was put nowhere, and for
    /// imports of versions that did not note it.
    pub kept_in: Option<String>,
    /// Where the file lies now that it has been put away.
    pub kept_path: Option<String>,
    /// When the file was taken.
    pub started_at: Timestamp,
    /// When the outcome was written.
    pub finished_at: Option<Timestamp>,
    /// How it was taken back; `None` while it was not.
    pub undone: Option<Undone>,
}

/// How an import was taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undone {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// Records that have their earlier values again.
    pub restored: u64,
    /// Records that it had created, and that are gone again.
    pub removed: u64,
    /// Records that were left as they are, because something newer had changed them.
    pub left: u64,
}

impl Import {
    /// Who or what began it, in words: `Anna`, or `import 12 again, by Anna`.
    pub fn begun_by(&self) -> String {
        match self.again_of {
            Some(earlier) => format!("import {earlier} again, by {}", self.started_by),
            None => self.started_by.clone(),
        }
    }

    /// How long it took from taking the file to the outcome; `None` before the outcome. Never negative.
    pub fn duration(&self) -> Option<std::time::Duration> {
        self.finished_at.map(|end| end.duration_since(self.started_at).try_into().unwrap_or_default())
    }
}

/// What is known of an import when it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewImport {
    /// The automation that takes the file; `None` when a person gives it.
    pub automation: Option<String>,
    /// The name of the register.
    pub register: String,
    /// The name of the file, without folder.
    pub file: String,
    /// Who or what starts it.
    pub started_by: String,
    /// The earlier import whose kept bytes these are.
    pub again_of: Option<i64>,
    /// Whether only some of the records are in the file, whatever the format says.
    pub changes_only: bool,
    /// [`Step::Claiming`] for a file in the exchange folder, [`Step::Spooled`] for one that lies in the spool already.
    pub step: Step,
    /// The name, version and mark of the format.
    pub format: String,
    /// The version of that format.
    pub format_version: i64,
    /// The mark of that format.
    pub format_mark: String,
    /// The identity of the file as sighted, as JSON that only the caller understands.
    pub identity: Option<String>,
    /// The size of the file in bytes, as sighted.
    pub size: Option<u64>,
    /// When the file was last modified, as sighted.
    pub modified_at: Option<Timestamp>,
    /// Now.
    pub started_at: Timestamp,
}

impl NewImport {
    /// What arrives under the name of an earlier import's file, by the same way, at this moment. Its size and times are
    /// its own and are not known yet.
    pub fn next_of(earlier: &Import, at: Timestamp) -> NewImport {
        NewImport {
            automation: earlier.automation.clone(),
            register: earlier.register.clone(),
            file: earlier.file.clone(),
            started_by: earlier.started_by.clone(),
            again_of: None,
            changes_only: false,
            step: Step::Claiming,
            format: earlier.format.clone(),
            format_version: earlier.format_version,
            format_mark: earlier.format_mark.clone(),
            identity: None,
            size: None,
            modified_at: None,
            started_at: at,
        }
    }
}

/// Which imports to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only those in this state.
    pub state: Option<State>,
    /// Only those of this automation.
    pub automation: Option<String>,
    /// Only those of this register.
    pub register: Option<String>,
    /// The number of imports for one page, 1 to 1000.
    pub limit: u32,
    /// Where the page begins: `next` of the page before.
    pub cursor: Option<String>,
}

const COLUMNS: &str = "id, automation, register, file, started_by, state, step, reason, format, format_version, \
    format_mark, identity, size, modified_at, sha256, read_rows, created, updated, unchanged, refused, missing, \
    same_as, proof, kept_path, started_at, finished_at, kept_in, again_of, undone_at, undone_by, undo_restored, \
    undo_removed, undo_left, \
    CASE state WHEN 'held' THEN (SELECT COALESCE(sum(warnings), 0) FROM holds WHERE import_id = imports.id) \
    ELSE (SELECT CAST(COALESCE(sum(problems), 0) AS BIGINT) FROM problem_counts \
     WHERE import_id = imports.id AND code LIKE 'warning-%') END, changes_only";

fn import(row: &Row<'_>) -> DbResult<Import> {
    let proof = row.text(22)?;
    Ok(Import {
        id: row.int(0)?,
        automation: row.opt_text(1)?,
        register: row.text(2)?,
        file: row.text(3)?,
        started_by: row.text(4)?,
        state: row.text(5)?.parse()?,
        step: row.text(6)?.parse()?,
        reason: row.opt_text(7)?,
        format: row.text(8)?,
        format_version: row.int(9)?,
        format_mark: row.text(10)?,
        identity: row.opt_text(11)?,
        size: row.opt_count(12)?,
        modified_at: row.opt_text(13)?.map(|text| time::from_text(&text)).transpose()?,
        sha256: row.opt_text(14)?,
        counts: Counts {
            read: row.count(15)?,
            created: row.count(16)?,
            updated: row.count(17)?,
            unchanged: row.count(18)?,
            refused: row.count(19)?,
            missing: row.count(20)?,
        },
        warnings: row.count(33)?,
        same_as: row.opt_int(21)?,
        proof: serde_json::from_str(&proof).map_err(|e| {
            DbError::Invalid(format!("the proof of import {} cannot be read: {e}", row.int(0).unwrap_or(0)))
        })?,
        kept_in: row.opt_text(26)?,
        again_of: row.opt_int(27)?,
        changes_only: row.int(34)? != 0,
        kept_path: row.opt_text(23)?,
        started_at: time::from_text(&row.text(24)?)?,
        finished_at: row.opt_text(25)?.map(|text| time::from_text(&text)).transpose()?,
        undone: undone(row)?,
    })
}

fn undone(row: &Row<'_>) -> DbResult<Option<Undone>> {
    let Some(at) = row.opt_text(28)? else { return Ok(None) };
    Ok(Some(Undone {
        at: time::from_text(&at)?,
        by: row.opt_text(29)?.unwrap_or_default(),
        restored: row.count(30)?,
        removed: row.count(31)?,
        left: row.count(32)?,
    }))
}

/// The format that an import is read with as it is now, which has become its own where a person said what is in its file;
/// `None` when it is gone.
pub fn format(c: &Conn, import: &Import) -> DbResult<Option<StoredFormat>> {
    let stored = settings::format(c, &import.format)?;
    Ok(stored.map(|stored| if import.changes_only { stored.changes_only() } else { stored }))
}

/// The import with this number.
pub fn find(c: &Conn, id: i64) -> DbResult<Option<Import>> {
    c.first(
        &format!("SELECT {COLUMNS} FROM imports WHERE company_id = ?1 AND id = ?2"),
        &[COMPANY.into(), id.into()],
        import,
    )
}

/// The imports that the filter lets through, newest first.
///
/// # Errors
/// [`DbError::Invalid`] for a cursor that no list gave.
pub fn list(c: &Conn, filter: &Filter) -> DbResult<Page<Import>> {
    let limit = page::bounded(filter.limit);
    let before = page::number_cursor(filter.cursor.as_deref())?;
    let mut sql = format!("SELECT {COLUMNS} FROM imports WHERE company_id = ?1 AND id < ?2");
    let mut params: Vec<Param<'_>> = vec![COMPANY.into(), before.unwrap_or(i64::MAX).into()];
    let conditions = [
        ("state", filter.state.map(State::word)),
        ("automation", filter.automation.as_deref()),
        ("register", filter.register.as_deref()),
    ];
    for (column, value) in conditions.into_iter().filter_map(|(column, value)| Some((column, value?))) {
        params.push(value.into());
        sql.push_str(&format!(" AND {column} = ?{}", params.len()));
    }
    params.push(i64::from(limit + 1).into());
    sql.push_str(&format!(" ORDER BY id DESC LIMIT ?{}", params.len()));
    let items = c.all(&sql, &params, import)?;
    Ok(Page::cut(items, limit, None, |last| last.id.to_string()))
}

/// The newest import of the automation that took the file of this identity: for exchange folders in which files stay
/// where they are after an import. One in the step claiming does not count: it has not taken the file yet, and after a
/// crash it never will.
pub fn with_identity(c: &Conn, automation: &str, identity: &str) -> DbResult<Option<Import>> {
    c.first(
        &format!(
            "SELECT {COLUMNS} FROM imports WHERE company_id = ?1 AND identity = ?2 AND automation = ?3 \
             AND step <> 'claiming' ORDER BY id DESC LIMIT 1"
        ),
        &[COMPANY.into(), identity.into(), automation.into()],
        import,
    )
}

/// The newest import of the automation whose file had this name.
pub fn last_of_file(c: &Conn, automation: &str, file: &str) -> DbResult<Option<Import>> {
    c.first(
        &format!(
            "SELECT {COLUMNS} FROM imports WHERE company_id = ?1 AND automation = ?2 AND file = ?3 \
             ORDER BY id DESC LIMIT 1"
        ),
        &[COMPANY.into(), automation.into(), file.into()],
        import,
    )
}

/// The newest import of the kept bytes of this one.
pub fn last_again(c: &Conn, id: i64) -> DbResult<Option<Import>> {
    c.first(
        &format!(
            "SELECT {COLUMNS} FROM imports WHERE company_id = ?1 AND again_of = ?2 ORDER BY id DESC LIMIT 1"
        ),
        &[COMPANY.into(), id.into()],
        import,
    )
}

/// How many imports wait for a person's decision.
///
/// # Errors
/// Only those of the database.
pub fn count_held(c: &Conn) -> DbResult<u64> {
    let sql = "SELECT count(*) FROM imports WHERE company_id = ?1 AND state = 'held'";
    Ok(c.first(sql, &[COMPANY.into()], |row| row.count(0))?.unwrap_or(0))
}

/// How many imports are in each state; states that no import is in are left out.
pub fn count_by_state(c: &Conn) -> DbResult<Vec<(State, u64)>> {
    c.all(
        "SELECT state, count(*) FROM imports WHERE company_id = ?1 GROUP BY state ORDER BY state",
        &[COMPANY.into()],
        |row| Ok((row.text(0)?.parse()?, row.count(1)?)),
    )
}

#[cfg(test)]
mod tests;
