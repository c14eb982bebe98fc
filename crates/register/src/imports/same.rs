//! Bytes that were applied already: reading them again could not change anything.

use erpfile::{Format, Missing};
use jiff::Timestamp;

use super::{COLUMNS, Finish, Import, find, finish_done, import};
use crate::counts::Counts;
use crate::db::{Conn, DbError, DbResult};
use crate::{COMPANY, register};

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

/// The last import into this register that was applied and not taken back.
fn last_applied_to(c: &Conn, register: &str) -> DbResult<Option<Import>> {
    c.first(
        &format!(
            "SELECT {COLUMNS} FROM imports WHERE company_id = ?1 AND register = ?2 AND state = 'done' \
             ORDER BY id DESC LIMIT 1"
        ),
        &[COMPANY.into(), register.into()],
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

/// The import that was applied last, when importing this one now could not change anything: the same bytes, read by the
/// same rules, and nobody and nothing has changed the register since. That is the last one of its automation or, for a
/// file that a person gave, of its register. To be asked in the transaction that then finishes the import, so that it is
/// still true.
pub fn same_as(c: &Conn, entry: &Import) -> DbResult<Option<Import>> {
    let last = match &entry.automation {
        Some(automation) => last_applied(c, automation)?,
        None => last_applied_to(c, &entry.register)?,
    };
    let rules = |import: &Import| (import.register.clone(), import.format_mark.clone(), import.changes_only);
    let is_same = |last: &Import| last.sha256 == entry.sha256 && rules(last) == rules(entry);
    let Some(last) = last.filter(is_same) else { return Ok(None) };
    let params = [COMPANY.into(), entry.register.as_str().into(), last.id.into()];
    let number = register(&entry.register).map(|register| register.number);
    let edited = c.first(
        "SELECT 1 FROM history WHERE company_id = ?1 AND register = ?2 AND import_id IS NULL \
         AND id > (SELECT COALESCE(history_id, 0) FROM imports WHERE id = ?3) LIMIT 1",
        &[COMPANY.into(), number.into(), last.id.into()],
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
/// otherwise changes nothing. `format` is its format, whose mark must be that of now ([`super::set_format`]).
///
/// Question and answer belong into one write transaction, so that nobody changes the register between them.
///
/// # Errors
/// [`DbError::Invalid`] when there is no such import, or it has its outcome or is held.
pub fn finish_if_same(c: &Conn, id: i64, format: &Format, at: Timestamp) -> DbResult<Option<Import>> {
    let entry = find(c, id)?.ok_or_else(|| DbError::Invalid(format!("there is no import {id}")))?;
    // Whoever wants an import once more wants it compared.
    if entry.sha256.is_none() || entry.again_of.is_some() {
        return Ok(None);
    }
    let Some(earlier) = same_as(c, &entry)? else { return Ok(None) };
    let Counts { read, refused, missing, .. } = earlier.counts;
    // Records that were made inactive then are no longer missing; rows that could not be read kept them from that.
    let gone = format.missing == Missing::Deactivate && refused == 0;
    let missing = if gone { 0 } else { missing };
    let unchanged = read.saturating_sub(refused);
    let finish = Finish {
        counts: Counts { read, refused, unchanged, missing, ..Counts::default() },
        full: false,
        same_as: Some(earlier.id),
        reason: Some(format!("The same bytes as import {}; nothing to change.", earlier.id)),
        proof: None,
    };
    finish_done(c, id, &finish, at)?;
    Ok(Some(earlier))
}
