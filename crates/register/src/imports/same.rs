//! Bytes that were applied already: reading them again could not change anything.

use jiff::Timestamp;

use super::{COLUMNS, Finish, Import, find, finish_done, import};
use crate::COMPANY;
use crate::counts::Counts;
use crate::db::{Conn, DbError, DbResult};

/// The last import of this automation that was applied and not taken back.
pub fn last_applied(c: &Conn, automation: &str) -> DbResult<Option<Import>> {
    c.first(
        &format!(
            "SELECT {COLUMNS} FROM imports WHERE company_id = ?1 AND automation = ?2 AND state = 'done' \
             ORDER BY id DESC LIMIT 1"
        ),
        &[COMPANY.into(), automation.into()],
        import,
    )
}

/// The newest imports of the register's automations that read these bytes from a file of this name and have come to their
/// end, at most 100 of them.
pub fn of_bytes(c: &Conn, file: &str, sha256: &str) -> DbResult<Vec<Import>> {
    c.all(
        &format!(
            "SELECT {COLUMNS} FROM imports WHERE company_id = ?1 AND file = ?2 AND sha256 = ?3 AND step = 'finished' \
             AND automation IS NOT NULL ORDER BY id DESC LIMIT 100"
        ),
        &[COMPANY.into(), file.into(), sha256.into()],
        import,
    )
}

/// The automation's last applied import, when importing these bytes now could not change anything: the same bytes, read
/// by the same rules, and nobody and nothing has changed the register since. To be asked in the transaction that then
/// finishes the import, so that it is still true.
pub fn same_as(
    c: &Conn,
    automation: &str,
    register: &str,
    sha256: &str,
    format_mark: &str,
) -> DbResult<Option<Import>> {
    let Some(last) = last_applied(c, automation)? else { return Ok(None) };
    if last.register != register || last.format_mark != format_mark || last.sha256.as_deref() != Some(sha256)
    {
        return Ok(None);
    }
    let params = [COMPANY.into(), register.into(), last.id.into()];
    let edited = c.first(
        "SELECT 1 FROM history WHERE company_id = ?1 AND register = ?2 AND import_id IS NULL \
         AND id > (SELECT COALESCE(history_id, 0) FROM imports WHERE id = ?3) LIMIT 1",
        &params,
        |_| Ok(()),
    )?;
    let imported = c.first(
        "SELECT 1 FROM imports WHERE company_id = ?1 AND register = ?2 AND created + updated + missing > 0 \
         AND history_id > (SELECT COALESCE(history_id, 0) FROM imports WHERE id = ?3) LIMIT 1",
        &params,
        |_| Ok(()),
    )?;
    Ok(if edited.or(imported).is_none() { Some(last) } else { None })
}

/// Finishes the import as done without reading its file when [`same_as`] finds an earlier one, and gives that one;
/// otherwise changes nothing. The mark of its format must be that of now ([`super::set_format`]).
///
/// Question and answer belong into one write transaction, so that nobody changes the register between them.
///
/// # Errors
/// [`DbError::Invalid`] when there is no such import, or it has its outcome or is held.
pub fn finish_if_same(c: &Conn, id: i64, at: Timestamp) -> DbResult<Option<Import>> {
    let entry = find(c, id)?.ok_or_else(|| DbError::Invalid(format!("there is no import {id}")))?;
    let (Some(automation), Some(sha256)) = (&entry.automation, &entry.sha256) else { return Ok(None) };
    let Some(earlier) = same_as(c, automation, &entry.register, sha256, &entry.format_mark)? else {
        return Ok(None);
    };
    let Counts { read, refused, .. } = earlier.counts;
    let finish = Finish {
        counts: Counts { read, refused, unchanged: read.saturating_sub(refused), ..Counts::default() },
        full: false,
        same_as: Some(earlier.id),
        reason: Some(format!("The same bytes as import {}; nothing to change.", earlier.id)),
        proof: None,
    };
    finish_done(c, id, &finish, at)?;
    Ok(Some(earlier))
}
