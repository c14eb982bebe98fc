//! Imports that a guard stopped: why, what they would do, and what a person decided.

use erpfile::{Content, Problem};
use jiff::Timestamp;

use super::progress::{expect_one, note_duration, update};
use super::{COLUMNS, Import, State, find, import};
use crate::changes::Preview;
use crate::counts::Counts;
use crate::db::{Conn, DbError, DbResult};
use crate::guard::{self, Reason};
use crate::layout::{self, Drift, Known};
use crate::settings::SaveError;
use crate::{COMPANY, Register, settings, time};

/// Why an import is held, and what it would do.
#[derive(Clone, Debug, PartialEq)]
pub struct Hold {
    /// What is odd about it; never empty.
    pub reasons: Vec<Reason>,
    /// Tells the changes of this preview from others ([`crate::changes::ChangeSet::digest`]).
    pub digest: u128,
    /// Whether the file is an export of every record, which a newer one overtakes.
    pub full: bool,
    /// What became of its rows, if it were imported.
    pub counts: Counts,
    /// Records that it would deactivate.
    pub deactivated: u64,
    /// What the checks of the format find in rows that it would take.
    pub warnings: u64,
    /// The first changes.
    pub changes: Vec<Preview>,
    /// The first problems of rows that would be refused.
    pub problems: Vec<Problem>,
    /// What has changed in the columns of the file, if that is a reason.
    pub drift: Option<Drift>,
    /// When it was held.
    pub at: Timestamp,
    /// Who approved it and when; it waits for its turn then, or has been imported.
    pub approved: Option<(String, Timestamp)>,
}

/// A guard stopped the import: it stays in the spool until a person decides.
///
/// # Errors
/// [`DbError::Invalid`] when the import is not being made.
pub fn hold(c: &Conn, id: i64, hold: &Hold) -> DbResult<()> {
    let sentences: Vec<&str> = hold.reasons.iter().map(|reason| reason.message.as_str()).collect();
    let counts = &hold.counts;
    update(
        c,
        id,
        "state = 'held', reason = ?3, read_rows = ?4, created = ?5, updated = ?6, unchanged = ?7, refused = ?8, \
         missing = ?9",
        "state IN ('waiting', 'importing')",
        &[
            sentences.join(" ").as_str().into(),
            counts.read.into(),
            counts.created.into(),
            counts.updated.into(),
            counts.unchanged.into(),
            counts.refused.into(),
            counts.missing.into(),
        ],
        "held",
    )?;
    let json = |error: serde_json::Error| DbError::Invalid(format!("a preview cannot be noted: {error}"));
    let drift = hold.drift.as_ref().map(serde_json::to_string).transpose().map_err(json)?;
    c.execute(
        "INSERT INTO holds (import_id, reasons, digest, \"full\", deactivated, changes, problems, held_at, drift, warnings)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
         ON CONFLICT (import_id) DO UPDATE SET reasons = excluded.reasons, digest = excluded.digest,
         \"full\" = excluded.\"full\", deactivated = excluded.deactivated, changes = excluded.changes,
         problems = excluded.problems, held_at = excluded.held_at, drift = excluded.drift,
         warnings = excluded.warnings, approved_by = NULL, approved_at = NULL",
        &[
            id.into(),
            serde_json::to_string(&hold.reasons).map_err(json)?.as_str().into(),
            digest_text(hold.digest).as_str().into(),
            hold.full.into(),
            hold.deactivated.into(),
            serde_json::to_string(&hold.changes).map_err(json)?.as_str().into(),
            serde_json::to_string(&hold.problems).map_err(json)?.as_str().into(),
            time::to_text(hold.at).as_str().into(),
            drift.as_deref().into(),
            hold.warnings.into(),
        ],
    )?;
    Ok(())
}

fn digest_text(digest: u128) -> String {
    format!("{digest:032x}")
}

/// Why the import is or was held; `None` when it never was.
pub fn held(c: &Conn, of: &Import) -> DbResult<Option<Hold>> {
    c.first(
        "SELECT reasons, digest, \"full\", deactivated, changes, problems, held_at, approved_by, approved_at, drift, warnings
         FROM holds WHERE import_id = ?1",
        &[of.id.into()],
        |row| {
            let approved = match (row.opt_text(7)?, row.opt_text(8)?) {
                (Some(by), Some(at)) => Some((by, time::from_text(&at)?)),
                _ => None,
            };
            Ok(Hold {
                reasons: serde_json::from_str(&row.text(0)?).map_err(unreadable)?,
                digest: u128::from_str_radix(&row.text(1)?, 16).unwrap_or_default(),
                full: row.flag(2)?,
                counts: of.counts,
                deactivated: row.count(3)?,
                warnings: row.count(10)?,
                changes: serde_json::from_str(&row.text(4)?).map_err(unreadable)?,
                problems: serde_json::from_str(&row.text(5)?).map_err(unreadable)?,
                at: time::from_text(&row.text(6)?)?,
                drift: drift_of(row.opt_text(9)?)?,
                approved,
            })
        },
    )
}

/// What a person approved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// Who.
    pub by: String,
    /// For which changes ([`Hold::digest`]).
    pub digest: u128,
    /// Knowing what was odd.
    pub reasons: Vec<Reason>,
}

/// Who approved the import and what; `None` while nobody has.
pub fn approval(c: &Conn, id: i64) -> DbResult<Option<Approval>> {
    c.first(
        "SELECT approved_by, digest, reasons FROM holds WHERE import_id = ?1 AND approved_by IS NOT NULL",
        &[id.into()],
        |row| {
            Ok(Approval {
                by: row.text(0)?,
                digest: u128::from_str_radix(&row.text(1)?, 16).unwrap_or_default(),
                reasons: serde_json::from_str(&row.text(2)?).map_err(unreadable)?,
            })
        },
    )
}

fn drift_of(text: Option<String>) -> DbResult<Option<Drift>> {
    text.map(|text| serde_json::from_str(&text)).transpose().map_err(unreadable)
}

fn unreadable(error: serde_json::Error) -> DbError {
    DbError::Invalid(format!("what is noted of a held import cannot be read: {error}"))
}

/// Why a decision about a held import was not taken; nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum DecisionError {
    /// There is no import of that number.
    #[error("there is no import {0}")]
    NotThere(i64),
    /// It is not held; the sentence says what it is.
    #[error("{0}")]
    NotHeld(String),
    /// The format cannot be made to fit the file's columns; the sentence says why.
    #[error("the format cannot be changed to read the columns as they are now: {0}")]
    Format(String),
    /// What the database says.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// A person approves the held import: it is imported in its turn, as previewed. What has changed in the columns of its
/// file is accepted with it, and its format reads them as they are now. To be called in a write transaction.
///
/// # Errors
/// [`DecisionError::NotHeld`] when somebody decided before, [`DecisionError::Format`] when the format cannot be changed.
pub fn approve(c: &Conn, id: i64, by: &str, at: Timestamp) -> Result<(), DecisionError> {
    let entry = decidable(c, id)?;
    accept_layout(c, &entry, by, at)?;
    update(c, id, "state = 'waiting', reason = NULL", "state = 'held'", &[], "approved")?;
    let approved = c.execute(
        "UPDATE holds SET approved_by = ?2, approved_at = ?3 WHERE import_id = ?1",
        &[id.into(), by.into(), time::to_text(at).as_str().into()],
    )?;
    Ok(expect_one(c, id, approved, "approved")?)
}

/// The columns of the held import are those of its format from now on.
fn accept_layout(c: &Conn, entry: &Import, by: &str, at: Timestamp) -> Result<(), DecisionError> {
    let drift =
        c.first("SELECT drift FROM holds WHERE import_id = ?1", &[entry.id.into()], |row| row.opt_text(0))?;
    let Some(drift) = drift_of(drift.flatten())? else { return Ok(()) };
    // A format that was changed since says for itself how it reads; what that comes to is shown again.
    let stored = settings::format(c, &entry.format)?.filter(|stored| drift.is_about(&stored.format));
    let Some(mut format) = stored.map(|stored| stored.format) else { return Ok(()) };
    if let Some(columns) = drift.rewritten {
        format.columns = columns;
        let name = format.name.clone();
        let saved = settings::save_format(c, Some(&name), format, by, at).map_err(|error| match error {
            SaveError::Db(error) => DecisionError::Db(error),
            SaveError::Complaints(complaints) => DecisionError::Format(
                complaints.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
            ),
        })?;
        format = saved.format;
    }
    let known = Known::new(drift.now, Some(entry.id), &format);
    Ok(layout::note(c, &format.name, &known)?)
}

/// A person discards the held import: nothing of it is imported, and its file goes to the refused folder. To be called in
/// a write transaction.
///
/// # Errors
/// [`DecisionError::NotHeld`] when somebody decided before.
pub fn discard(c: &Conn, id: i64, by: &str, at: Timestamp) -> Result<(), DecisionError> {
    let entry = decidable(c, id)?;
    let why = entry.reason.unwrap_or_default();
    let reason = format!("Discarded by {by}. It had been held: {why}");
    // What was undone is asked about once.
    for reason in reasons(c, id)? {
        guard::forget_undone_of(c, &reason.imports)?;
    }
    super::refuse(c, id, &reason, None, at)?;
    Ok(forget_counts(c, id)?)
}

/// Why the import is held; nothing when it is not.
fn reasons(c: &Conn, id: i64) -> DbResult<Vec<Reason>> {
    let text = c.first("SELECT reasons FROM holds WHERE import_id = ?1", &[id.into()], |row| row.text(0))?;
    Ok(text.map(|text| serde_json::from_str(&text)).transpose().map_err(unreadable)?.unwrap_or_default())
}

fn decidable(c: &Conn, id: i64) -> Result<Import, DecisionError> {
    let entry = find(c, id)?.ok_or(DecisionError::NotThere(id))?;
    if entry.state == State::Held {
        return Ok(entry);
    }
    let approved = approval(c, id)?
        .map(|approval| format!("approved already, by {}, and is {}", approval.by, entry.state));
    let decided = match (entry.state, &entry.reason) {
        (State::Refused | State::Superseded, Some(reason)) => format!("{}: {reason}", entry.state),
        (state, _) => approved.unwrap_or_else(|| format!("not held: it is {state}")),
    };
    Err(DecisionError::NotHeld(format!("import {id} is {decided}")))
}

/// What would have become of the rows did not come to be.
fn forget_counts(c: &Conn, id: i64) -> DbResult<()> {
    let set = "read_rows = 0, created = 0, updated = 0, unchanged = 0, refused = 0, missing = 0";
    update(c, id, set, "1 = 1", &[], "counted")
}

/// Exports of every record that are older than this one, which is applied, are overtaken by it if they are held, or
/// approved and not imported yet: what they say, it says newer.
pub fn supersede(c: &Conn, newer: i64, register: &Register, at: Timestamp) -> DbResult<()> {
    let held = c.all(
        "SELECT id FROM imports JOIN holds ON import_id = id WHERE company_id = ?1 AND register = ?2
         AND (state = 'held' OR (state = 'waiting' AND approved_by IS NOT NULL)) AND \"full\" = 1 AND id < ?3",
        &[COMPANY.into(), register.name.into(), newer.into()],
        |row| row.int(0),
    )?;
    let reason = format!("Superseded by import {newer}, a newer export of every record.");
    held.into_iter().try_for_each(|id| give_way(c, id, &reason, at))
}

/// What an import says was said newer by another one, which is applied: nothing of it is imported, and its file goes to the
/// refused folder. The reason says by which.
pub fn give_way(c: &Conn, id: i64, reason: &str, at: Timestamp) -> DbResult<()> {
    update(
        c,
        id,
        "state = 'superseded', step = 'committed', reason = ?3, finished_at = ?4",
        "state IN ('held', 'waiting')",
        &[reason.into(), time::to_text(at).as_str().into()],
        "superseded",
    )?;
    forget_counts(c, id)?;
    note_duration(c, id, at)
}

/// The imports between these two that are applied, newest first; `exports`: only exports of every record, and of these none
/// that is an old one which somebody wanted once more.
pub fn applied_between(
    c: &Conn,
    register: &Register,
    after: i64,
    before: i64,
    exports: bool,
) -> DbResult<Vec<Import>> {
    c.all(
        &format!(
            "SELECT {COLUMNS} FROM imports WHERE company_id = ?1 AND register = ?2 AND state = 'done'
             AND id > ?3 AND id < ?4 AND (?5 = 0 OR (full_export = 1 AND again_of IS NULL)) ORDER BY id DESC"
        ),
        &[COMPANY.into(), register.name.into(), after.into(), before.into(), exports.into()],
        import,
    )
}

/// A held import that is to be read with the format of this name.
pub(crate) fn held_with_format(c: &Conn, name: &str) -> DbResult<Option<i64>> {
    c.first(
        "SELECT id FROM imports WHERE company_id = ?1 AND state = 'held' AND format = ?2 ORDER BY id LIMIT 1",
        &[COMPANY.into(), name.into()],
        |row| row.int(0),
    )
}

/// The first held import of the register, if there is one, and how many others wait behind it.
pub fn stands(c: &Conn, register: &Register) -> DbResult<Option<(Import, u64)>> {
    let held = c.first(
        &format!(
            "SELECT {COLUMNS} FROM imports WHERE company_id = ?1 AND register = ?2 AND state = 'held'
             AND step IN ('claiming', 'claimed', 'spooled') ORDER BY id LIMIT 1"
        ),
        &[COMPANY.into(), register.name.into()],
        import,
    )?;
    let Some(held) = held else { return Ok(None) };
    let behind = c.first(
        "SELECT count(*) FROM imports WHERE company_id = ?1 AND register = ?2 AND id > ?3
         AND step IN ('claiming', 'claimed', 'spooled')",
        &[COMPANY.into(), register.name.into(), held.id.into()],
        |row| row.count(0),
    )?;
    Ok(Some((held, behind.unwrap_or(0))))
}

/// The first import behind a held one that may go on nevertheless: an export of every record, when all that are held
/// before it are such, too. Whatever else came later carries something that the held one does not, and waits.
pub(super) fn next_behind_held(c: &Conn, register: &Register) -> DbResult<Option<Import>> {
    let to_do = c.all(
        &format!(
            "SELECT {COLUMNS} FROM imports WHERE company_id = ?1 AND register = ?2
             AND step IN ('claiming', 'claimed', 'spooled') ORDER BY id LIMIT 100"
        ),
        &[COMPANY.into(), register.name.into()],
        import,
    )?;
    for entry in to_do {
        if entry.state == State::Held {
            if !held(c, &entry)?.is_some_and(|hold| hold.full) {
                return Ok(None);
            }
        } else {
            let format = super::format(c, &entry)?;
            let full = format.is_some_and(|stored| stored.format.content == Content::Full);
            return Ok(Some(entry).filter(|_| full));
        }
    }
    Ok(None)
}

/// Makes sure that an import about to be applied leaves behind no held one that came before it and carries something of its
/// own: its format may have become another one since its turn came. `full` is whether it is an export of every record now.
/// To be called in the transaction that applies it.
///
/// # Errors
/// [`DbError::Invalid`] naming the import that is in the way.
pub fn check_turn(c: &Conn, id: i64, register: &Register, full: bool) -> DbResult<()> {
    let in_the_way = c.first(
        "SELECT id FROM imports JOIN holds ON import_id = id WHERE company_id = ?1 AND register = ?2
         AND state = 'held' AND id < ?3 AND (?4 = 0 OR \"full\" = 0) ORDER BY id LIMIT 1",
        &[COMPANY.into(), register.name.into(), id.into(), full.into()],
        |row| row.int(0),
    )?;
    match in_the_way {
        None => Ok(()),
        Some(held) => Err(DbError::Invalid(format!("import {held} came before import {id} and is held"))),
    }
}

/// The last export of every record that was imported into the register and not taken back: of this format, since two ERP
/// systems may each write such a file; where there is none, of any.
pub(crate) fn last_full(c: &Conn, register: &Register, format: &str) -> DbResult<Option<Import>> {
    let last = |any: bool| {
        c.first(
            &format!(
                "SELECT {COLUMNS} FROM imports WHERE company_id = ?1 AND register = ?2 AND full_export = 1
                 AND state = 'done' AND (format = ?3 OR ?4) ORDER BY id DESC LIMIT 1"
            ),
            &[COMPANY.into(), register.name.into(), format.into(), any.into()],
            import,
        )
    };
    match last(false)? {
        None => last(true),
        found => Ok(found),
    }
}
