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

/// An administrator says that the folder is right as it is now: whatever it stood on before counts no more, and files that
/// were taken from another one in its place are not waited for. A running program hears of it as of a change of the
/// settings.
pub fn accept_folder(c: &Conn, path: &str) -> DbResult<()> {
    c.execute(
        "INSERT INTO accepted_folders (company_id, path, newest_import) \
         VALUES (?1, ?2, (SELECT COALESCE(max(id), 0) FROM imports)) \
         ON CONFLICT (company_id, path) DO UPDATE SET newest_import = excluded.newest_import",
        &[COMPANY.into(), path.into()],
    )?;
    let sql = "DELETE FROM exchange_folders WHERE company_id = ?1 AND path = ?2";
    if c.execute(sql, &[COMPANY.into(), path.into()])? > 0 {
        count_change(c)?;
    }
    Ok(())
}

/// The newest import when an administrator last said that the folder at this path is right as it is.
pub fn accepted(c: &Conn, path: &str) -> DbResult<Option<i64>> {
    c.first(
        "SELECT newest_import FROM accepted_folders WHERE company_id = ?1 AND path = ?2",
        &[COMPANY.into(), path.into()],
        |row| row.int(0),
    )
}
