//! What was undone, remembered until somebody or a file says that it may come back or that it is past.

use crate::db::{Conn, DbResult};
use crate::history::{self, FieldChange};
use crate::matching::Matching;
use crate::{COMPANY, Register};

/// What an undo took back of one record.
#[derive(Debug)]
pub(super) struct Undone {
    number: String,
    pub(super) import: i64,
    /// The fields and what the import had made of them; `None` when it had created the record.
    pub(super) changes: Option<Vec<FieldChange>>,
}

/// Whether anything is remembered that was undone.
pub(crate) fn is_any_undone(c: &Conn, register: &Register) -> DbResult<bool> {
    let sql = "SELECT 1 FROM undone_values WHERE company_id = ?1 AND register = ?2 LIMIT 1";
    Ok(c.first(sql, &[COMPANY.into(), register.name.into()], |_| Ok(()))?.is_some())
}

/// What was undone of records whose key is the same as `key`.
pub(super) fn of(c: &Conn, register: &Register, matching: Matching, key: &str) -> DbResult<Vec<Undone>> {
    const EXACT: &str = "SELECT number, import_id, changes FROM undone_values
                         WHERE company_id = ?1 AND register = ?2 AND number = ?3";
    const LOOSE: &str = "SELECT number, import_id, changes FROM undone_values
                         WHERE company_id = ?1 AND register = ?2 AND (folded = ?4 OR number = ?3)";
    let mut found = Vec::new();
    let mut take = |row: &crate::db::Row<'_>| {
        let number = row.text(0)?;
        if matching.fold(&number) == matching.fold(key) {
            let changes = row.text_ref(2)?.map(|text| history::changes(Some(text))).transpose()?;
            found.push(Undone { number, import: row.int(1)?, changes });
        }
        Ok(true)
    };
    if matching.is_exact() {
        c.each(EXACT, &[COMPANY.into(), register.name.into(), key.into()], &mut take)?;
    } else {
        let folded = Matching::LOOSEST.fold(key);
        let folded = folded.as_ref().into();
        c.each(LOOSE, &[COMPANY.into(), register.name.into(), key.into(), folded], &mut take)?;
    }
    Ok(found)
}

/// Notes what an undo took back of a record: the fields and what the import had made of them, `None` when it had created
/// the record.
pub(crate) fn note_undone(
    c: &Conn,
    register: &Register,
    number: &str,
    import: i64,
    changes: Option<&[FieldChange]>,
) -> DbResult<()> {
    let changes = changes.map(history::changes_text).transpose()?;
    c.execute(
        "INSERT INTO undone_values (company_id, register, number, folded, import_id, changes)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
        &[
            COMPANY.into(),
            register.name.into(),
            number.into(),
            Matching::LOOSEST.fold(number).as_ref().into(),
            import.into(),
            changes.as_deref().into(),
        ],
    )?;
    Ok(())
}

/// Forgets everything that was undone: an export of every record was applied, and it does not bring it back.
pub(crate) fn forget_all_undone(c: &Conn, register: &Register) -> DbResult<()> {
    let sql = "DELETE FROM undone_values WHERE company_id = ?1 AND register = ?2";
    c.execute(sql, &[COMPANY.into(), register.name.into()])?;
    Ok(())
}

/// Forgets what the undo of these imports took back: somebody was asked about it, and decided.
pub(crate) fn forget_undone_of(c: &Conn, imports: &[i64]) -> DbResult<()> {
    for import in imports {
        let sql = "DELETE FROM undone_values WHERE company_id = ?1 AND import_id = ?2";
        c.execute(sql, &[COMPANY.into(), (*import).into()])?;
    }
    Ok(())
}

/// Forgets what was undone of these fields of a record: a file has other values for them by now.
pub(crate) fn forget_corrected(
    c: &Conn,
    register: &Register,
    matching: Matching,
    key: &str,
    fields: &[&str],
) -> DbResult<()> {
    let said = |change: &FieldChange| fields.contains(&change.field.as_str());
    forget(c, register, matching, key, |undone| undone.changes.iter().flatten().any(said))
}

/// Forgets what was undone of a record, since somebody wants it back.
pub(crate) fn forget_undone(c: &Conn, register: &Register, matching: Matching, key: &str) -> DbResult<()> {
    forget(c, register, matching, key, |_| true)
}

fn forget(
    c: &Conn,
    register: &Register,
    matching: Matching,
    key: &str,
    which: impl Fn(&Undone) -> bool,
) -> DbResult<()> {
    let sql = "DELETE FROM undone_values
               WHERE company_id = ?1 AND register = ?2 AND number = ?3 AND import_id = ?4";
    for undone in of(c, register, matching, key)?.iter().filter(|undone| which(undone)) {
        let number = undone.number.as_str().into();
        c.execute(sql, &[COMPANY.into(), register.name.into(), number, undone.import.into()])?;
    }
    Ok(())
}
