//! An entry of the ledger follows the way of its file.
//!
//! Each function asks for the states that it may follow; from any other it fails and changes nothing. So an import is
//! applied at most once, whatever two threads or two processes believe.

use erpfile::Problem;
use jiff::Timestamp;

use super::problems::count_problems;
use super::{NewImport, ProofItem, Step, Undone, add_problem, copy_problems};
use crate::COMPANY;
use crate::counts::Counts;
use crate::db::{Conn, DbError, DbResult, Param};
use crate::time;

/// Begins an entry, in the state waiting; gives its number.
pub fn begin(c: &Conn, new: &NewImport) -> DbResult<i64> {
    let modified_at = new.modified_at.map(time::to_text);
    let id = c.first(
        "INSERT INTO imports (company_id, automation, register, file, started_by, state, step, format, \
         format_version, format_mark, identity, size, modified_at, started_at, again_of, changes_only) \
         VALUES (?1, ?2, ?3, ?4, ?5, 'waiting', ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15) RETURNING id",
        &[
            COMPANY.into(),
            new.automation.as_deref().into(),
            new.register.as_str().into(),
            new.file.as_str().into(),
            new.started_by.as_str().into(),
            new.step.word().into(),
            new.format.as_str().into(),
            new.format_version.into(),
            new.format_mark.as_str().into(),
            new.identity.as_deref().into(),
            new.size.into(),
            modified_at.as_deref().into(),
            time::to_text(new.started_at).as_str().into(),
            new.again_of.into(),
            new.changes_only.into(),
        ],
        |row| row.int(0),
    )?;
    id.ok_or_else(|| DbError::Invalid("the database gave the new import no number".into()))
}

/// Forgets an entry whose file was never claimed: it was gone, or had changed, when it should have been. Only for the
/// step claiming; the number is not given again.
pub fn forget(c: &Conn, id: i64) -> DbResult<()> {
    let params = [COMPANY.into(), id.into()];
    let forgotten = c.execute(
        "DELETE FROM imports WHERE company_id = ?1 AND id = ?2 AND step = 'claiming' AND state = 'waiting'",
        &params,
    )?;
    expect_one(c, id, forgotten, "forgotten")
}

/// How far the way of the file has come, where nothing else is to be noted.
pub fn set_step(c: &Conn, id: i64, step: Step) -> DbResult<()> {
    update(c, id, "step = ?3", "1 = 1", &[step.word().into()], "moved on")
}

/// The file has been claimed: its identity under the claimed name, as JSON that only the caller understands.
pub fn set_claimed(c: &Conn, id: i64, identity: &str) -> DbResult<()> {
    let unsettled = "state IN ('waiting', 'importing')";
    update(c, id, "step = 'claimed', identity = ?3", unsettled, &[identity.into()], "claimed")
}

/// What is known of a file once its private copy is complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spooled {
    /// The SHA-256 of the bytes, in lower-case hexadecimal.
    pub sha256: String,
    /// The number of bytes.
    pub size: u64,
    /// When the source was last modified, by its own account.
    pub modified_at: Option<Timestamp>,
    /// What was checked of the file's completeness so far.
    pub proof: Vec<ProofItem>,
}

/// The private copy of the file is complete and durable.
pub fn set_spooled(c: &Conn, id: i64, spooled: &Spooled) -> DbResult<()> {
    let modified_at = spooled.modified_at.map(time::to_text);
    update(
        c,
        id,
        "step = 'spooled', sha256 = ?3, size = ?4, modified_at = COALESCE(?5, modified_at), proof = ?6",
        "state IN ('waiting', 'importing')",
        &[
            spooled.sha256.as_str().into(),
            spooled.size.into(),
            modified_at.as_deref().into(),
            proof_text(&spooled.proof).as_str().into(),
        ],
        "spooled",
    )
}

/// What was checked of the file's completeness, all of it.
pub fn set_proof(c: &Conn, id: i64, proof: &[ProofItem]) -> DbResult<()> {
    update(c, id, "proof = ?3", "1 = 1", &[proof_text(proof).as_str().into()], "proved")
}

/// The import's turn has come.
pub fn set_importing(c: &Conn, id: i64) -> DbResult<()> {
    let unsettled = "state IN ('waiting', 'importing')";
    update(c, id, "state = 'importing', reason = NULL", unsettled, &[], "imported")
}

/// The format as it is now that the import's turn has come: it may have been changed while the file waited.
pub fn set_format(c: &Conn, id: i64, version: i64, mark: &str) -> DbResult<()> {
    let unsettled = "state IN ('waiting', 'importing')";
    update(c, id, "format_version = ?3, format_mark = ?4", unsettled, &[version.into(), mark.into()], "read")
}

/// Back to the queue, to be tried again from `step`; the reason is for people.
pub fn requeue(c: &Conn, id: i64, step: Step, reason: Option<&str>) -> DbResult<()> {
    let params = [step.word().into(), reason.into()];
    let unsettled = "state IN ('waiting', 'importing')";
    update(c, id, "state = 'waiting', step = ?3, reason = ?4", unsettled, &params, "queued again")
}

/// The outcome of an import that is done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Finish {
    /// What became of the rows.
    pub counts: Counts,
    /// Whether the file is an export of every record.
    pub full: bool,
    /// The earlier import of the same bytes, when that is why nothing had to be read; it says what kind of file it is.
    pub same_as: Option<i64>,
    /// What there is to say about it, in a sentence.
    pub reason: Option<String>,
    /// What was checked of the file's completeness; `None` leaves what is noted already.
    pub proof: Option<Vec<ProofItem>>,
}

/// The import is applied. To be called inside the transaction that changes the register, after the changes.
///
/// # Errors
/// [`DbError::Invalid`] when it was applied, refused or held in the meantime: the transaction must be given up.
pub fn finish_done(c: &Conn, id: i64, finish: &Finish, at: Timestamp) -> DbResult<()> {
    let proof = finish.proof.as_deref().map(proof_text);
    let counts = finish.counts;
    update(
        c,
        id,
        "state = 'done', step = 'committed', read_rows = ?3, created = ?4, updated = ?5, unchanged = ?6, \
         full_export = COALESCE((SELECT full_export FROM imports WHERE id = ?9), ?13), refused = ?7, missing = ?8, \
         same_as = ?9, reason = ?10, proof = COALESCE(?11, proof), finished_at = ?12, \
         history_id = (SELECT COALESCE(max(id), 0) FROM history), \
         history_before = (SELECT COALESCE(max(id), 0) FROM history)",
        "state IN ('waiting', 'importing')",
        &[
            counts.read.into(),
            counts.created.into(),
            counts.updated.into(),
            counts.unchanged.into(),
            counts.refused.into(),
            counts.missing.into(),
            finish.same_as.into(),
            finish.reason.as_deref().into(),
            proof.as_deref().into(),
            time::to_text(at).as_str().into(),
            finish.full.into(),
        ],
        "done",
    )?;
    if let Some(earlier) = finish.same_as {
        copy_problems(c, earlier, id)?;
    }
    count_problems(c, id)?;
    note_duration(c, id, at)
}

/// The last entry of the history before those of this import. Whether there is such an import is for whoever finishes it
/// to see.
pub(crate) fn set_history_before(c: &Conn, id: i64, last: i64) -> DbResult<()> {
    let sql = "UPDATE imports SET history_before = ?3 WHERE company_id = ?1 AND id = ?2";
    c.execute(sql, &[COMPANY.into(), id.into(), last.into()]).map(drop)
}

/// The import is undone: `reason` says for people what came of it.
pub(crate) fn set_undone(c: &Conn, id: i64, undone: &Undone, reason: &str) -> DbResult<()> {
    update(
        c,
        id,
        "state = 'undone', undone_at = ?3, undone_by = ?4, undo_restored = ?5, undo_removed = ?6, undo_left = ?7, \
         reason = ?8",
        "state = 'done'",
        &[
            time::to_text(undone.at).as_str().into(),
            undone.by.as_str().into(),
            undone.restored.into(),
            undone.removed.into(),
            undone.left.into(),
            reason.into(),
        ],
        "undone",
    )
}

/// The file is refused as a whole, with what is wrong with it; nothing of it was taken. A person who discards an import
/// refuses it without a problem.
pub fn refuse(c: &Conn, id: i64, reason: &str, problem: Option<&Problem>, at: Timestamp) -> DbResult<()> {
    update(
        c,
        id,
        "state = 'refused', step = 'committed', reason = ?3, finished_at = ?4",
        "state IN ('waiting', 'importing', 'held')",
        &[reason.into(), time::to_text(at).as_str().into()],
        "refused",
    )?;
    if let Some(problem) = problem {
        add_problem(c, id, 0, problem)?;
    }
    count_problems(c, id)?;
    note_duration(c, id, at)
}

pub(super) fn note_duration(c: &Conn, id: i64, end: Timestamp) -> DbResult<()> {
    let started = c.first("SELECT started_at FROM imports WHERE id = ?1", &[id.into()], |row| row.text(0))?;
    let started = started.map_or(Ok(end), |text| time::from_text(&text))?;
    let took = i64::try_from(end.duration_since(started).as_millis()).unwrap_or(i64::MAX).max(0);
    c.execute("UPDATE imports SET took_ms = ?2 WHERE id = ?1", &[id.into(), took.into()])?;
    Ok(())
}

/// The identity of the file as it is known now, while it stays what it was: a file system may number its files anew.
pub fn set_identity(c: &Conn, id: i64, identity: &str) -> DbResult<()> {
    update(c, id, "identity = ?3", "1 = 1", &[identity.into()], "known")
}

/// The folder into which the file is about to be put; `None` when nothing could be put there.
pub fn set_kept_in(c: &Conn, id: i64, folder: Option<&str>) -> DbResult<()> {
    update(c, id, "kept_in = ?3", "1 = 1", &[folder.into()], "put away")
}

/// Where the file lies now that it has been put away; `None` when it is gone, as the settings ask.
pub fn set_kept_path(c: &Conn, id: i64, path: Option<&str>) -> DbResult<()> {
    update(c, id, "kept_path = ?3", "1 = 1", &[path.into()], "put away")
}

fn proof_text(proof: &[ProofItem]) -> String {
    // Three texts per item: there is nothing in it that JSON could not hold.
    serde_json::to_string(proof).unwrap_or_else(|_| "[]".into())
}

/// Changes one entry if it meets the condition. `?1` is the company and `?2` the import's number.
pub(super) fn update(
    c: &Conn,
    id: i64,
    set: &str,
    condition: &str,
    values: &[Param<'_>],
    what: &str,
) -> DbResult<()> {
    let mut params = vec![COMPANY.into(), id.into()];
    params.extend_from_slice(values);
    let sql = format!("UPDATE imports SET {set} WHERE company_id = ?1 AND id = ?2 AND {condition}");
    let changed = c.execute(&sql, &params)?;
    expect_one(c, id, changed, what)
}

pub(super) fn expect_one(c: &Conn, id: i64, changed: usize, what: &str) -> DbResult<()> {
    if changed == 1 {
        return Ok(());
    }
    Err(DbError::Invalid(match super::find(c, id)? {
        Some(import) => format!("import {id} cannot be {what}: it is {} ({})", import.state, import.step),
        None => format!("there is no import {id}"),
    }))
}
