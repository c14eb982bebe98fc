//! Which imports are still to be done: the queue of each register, and the files that are to be put away.

use jiff::Timestamp;

use super::holds::next_behind_held;
use super::{COLUMNS, Import, State, import};
use crate::db::{Conn, DbResult};
use crate::{COMPANY, Register, time};

/// The steps before the outcome, as the index `imports_to_do` has them.
const TO_DO: &str = "step IN ('claiming', 'claimed', 'spooled')";

/// All imports whose file has not come to the end of its way, oldest first: the queue, and after a crash what is to be
/// completed or rolled back. Held imports are among them.
pub fn unfinished(c: &Conn) -> DbResult<Vec<Import>> {
    c.all(
        &format!("SELECT {COLUMNS} FROM imports WHERE company_id = ?1 AND step <> 'finished' ORDER BY id"),
        &[COMPANY.into()],
        import,
    )
}

/// Applied imports, also undone ones, that ended before this moment and whose file is still kept, at most 1000 of them. One
/// that came after an import that ended later, but not after `now`, ended when the clock was behind: it is not among them.
pub fn kept_before(c: &Conn, before: Timestamp, now: Timestamp) -> DbResult<Vec<Import>> {
    c.all(
        &format!(
            "SELECT {COLUMNS} FROM imports WHERE company_id = ?1 AND kept_path IS NOT NULL AND state IN ('done', 'undone') \
             AND step = 'finished' AND finished_at < ?2 AND id < COALESCE((SELECT min(id) FROM imports AS young WHERE \
             young.company_id = ?1 AND young.finished_at BETWEEN ?2 AND ?3), 9223372036854775807) \
             ORDER BY id LIMIT 1000"
        ),
        &[COMPANY.into(), time::to_text(before).as_str().into(), time::to_text(now).as_str().into()],
        import,
    )
}

/// The import of the register whose turn it is: the oldest one without an outcome. `None` when there is none, and when
/// the oldest one is held: what came later carries something that the held one does not, so it waits behind it. Only an
/// export of every record does not wait for another one.
///
/// One in the step claiming may still be being taken by whoever began it: that is for the caller to tell. It is given
/// all the same, so that nothing later overtakes it.
pub fn next(c: &Conn, register: &Register) -> DbResult<Option<Import>> {
    let oldest = c.first(
        &format!(
            "SELECT {COLUMNS} FROM imports WHERE company_id = ?1 AND register = ?2 AND {TO_DO} ORDER BY id LIMIT 1"
        ),
        &[COMPANY.into(), register.name.into()],
        import,
    )?;
    match oldest {
        Some(held) if held.state == State::Held => next_behind_held(c, register),
        oldest => Ok(oldest),
    }
}

/// The oldest import of the register behind `after_id` whose file has no private copy yet.
pub fn to_copy(c: &Conn, register: &Register, after_id: i64) -> DbResult<Option<Import>> {
    c.first(
        &format!(
            "SELECT {COLUMNS} FROM imports WHERE company_id = ?1 AND register = ?2 AND {TO_DO} \
             AND step <> 'spooled' AND id > ?3 ORDER BY id LIMIT 1"
        ),
        &[COMPANY.into(), register.name.into(), after_id.into()],
        import,
    )
}

/// How many imports of the register have no outcome yet.
pub fn to_do(c: &Conn, register: &Register) -> DbResult<u64> {
    let sql = format!("SELECT count(*) FROM imports WHERE company_id = ?1 AND register = ?2 AND {TO_DO}");
    Ok(c.first(&sql, &[COMPANY.into(), register.name.into()], |row| row.count(0))?.unwrap_or(0))
}

/// The next import of the register that has its outcome and whose file is still to be put away: the first one behind
/// `after_id`, or else the first of all. So whoever passes the number of the last one asked for comes round to each,
/// even while some of them fail. Pass 0 to begin.
pub fn to_put_away(c: &Conn, register: &Register, after_id: i64) -> DbResult<Option<Import>> {
    let behind = |id: i64| {
        c.first(
            &format!(
                "SELECT {COLUMNS} FROM imports WHERE company_id = ?1 AND register = ?2 AND step = 'committed' \
                 AND id > ?3 ORDER BY id LIMIT 1"
            ),
            &[COMPANY.into(), register.name.into(), id.into()],
            import,
        )
    };
    match behind(after_id)? {
        None if after_id > 0 => behind(0),
        found => Ok(found),
    }
}

/// How many imports without an outcome are to be read with the format of this name: they would be refused without it.
pub fn waiting_for_format(c: &Conn, name: &str) -> DbResult<u64> {
    let sql = format!("SELECT count(*) FROM imports WHERE company_id = ?1 AND format = ?2 AND {TO_DO}");
    Ok(c.first(&sql, &[COMPANY.into(), name.into()], |row| row.count(0))?.unwrap_or(0))
}

/// A format has another name now: imports without an outcome are read with it all the same. Those with an outcome keep
/// the name under which they were read.
pub(crate) fn rename_format(c: &Conn, old: &str, new: &str) -> DbResult<()> {
    let sql = format!("UPDATE imports SET format = ?3 WHERE company_id = ?1 AND format = ?2 AND {TO_DO}");
    c.execute(&sql, &[COMPANY.into(), old.into(), new.into()])?;
    Ok(())
}
