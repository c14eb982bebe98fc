//! What each exchange folder stood on: remembered, so that a share that is not mounted is told from an empty folder.

use crate::COMPANY;
use crate::db::{Conn, DbResult};

use super::store::count_change;

/// What the folder at this path stood on when that was last noted, as text that only the caller understands.
pub fn stood_on(c: &Conn, path: &str) -> DbResult<Option<String>> {
    c.first(
        "SELECT stands_on FROM exchange_folders WHERE company_id = ?1 AND path = ?2",
        &[COMPANY.into(), path.into()],
        |row| row.text(0),
    )
}

/// Notes what the folder at this path stands on.
pub fn set_stands_on(c: &Conn, path: &str, stands_on: &str) -> DbResult<()> {
    c.execute(
        "INSERT INTO exchange_folders (company_id, path, stands_on) VALUES (?1, ?2, ?3) \
         ON CONFLICT (company_id, path) DO UPDATE SET stands_on = excluded.stands_on",
        &[COMPANY.into(), path.into(), stands_on.into()],
    )?;
    Ok(())
}

/// What an administrator accepted in place of the folder that was at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// What was seen there then, as text that only the caller understands.
    pub seen: String,
    /// The newest import by then: what is taken later is waited for again.
    pub newest_import: i64,
}

/// An administrator says that what is seen at this path is right from now on: whatever it stood on before counts no more,
/// and files that were taken from another folder in its place are not waited for. A running program hears of it as of a
/// change of the settings.
pub fn accept_folder(c: &Conn, path: &str, seen: &str) -> DbResult<()> {
    c.execute(
        "INSERT INTO accepted_folders (company_id, path, seen, newest_import) \
         VALUES (?1, ?2, ?3, (SELECT COALESCE(max(id), 0) FROM imports)) \
         ON CONFLICT (company_id, path) DO UPDATE SET seen = excluded.seen, newest_import = excluded.newest_import",
        &[COMPANY.into(), path.into(), seen.into()],
    )?;
    let sql = "DELETE FROM exchange_folders WHERE company_id = ?1 AND path = ?2";
    if c.execute(sql, &[COMPANY.into(), path.into()])? > 0 {
        count_change(c)?;
    }
    Ok(())
}

/// What an administrator last accepted at this path; `None` when nothing was, or what it was is not known.
pub fn accepted(c: &Conn, path: &str) -> DbResult<Option<Accepted>> {
    c.first(
        "SELECT seen, newest_import FROM accepted_folders WHERE company_id = ?1 AND path = ?2 AND seen IS NOT NULL",
        &[COMPANY.into(), path.into()],
        |row| Ok(Accepted { seen: row.text(0)?, newest_import: row.int(1)? }),
    )
}

/// What was accepted at this path counts no more.
pub fn forget_accepted(c: &Conn, path: &str) -> DbResult<()> {
    let sql = "DELETE FROM accepted_folders WHERE company_id = ?1 AND path = ?2";
    c.execute(sql, &[COMPANY.into(), path.into()])?;
    Ok(())
}
