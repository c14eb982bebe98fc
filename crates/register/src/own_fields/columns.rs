//! Where the values of own fields are: a column each, which is there for good once it was needed.

use std::collections::BTreeSet;

use super::{OwnField, OwnKind, with};
use crate::db::{Conn, DbResult};
use crate::settings::Complaint;
use crate::{COMPANY, REGISTERS, Register, store};

/// How many records hold a value of an own field; also of one whose declaration was taken back.
///
/// # Errors
/// Only those of the database.
pub fn held(c: &Conn, of: &Register, name: &str) -> DbResult<u64> {
    if stored_kind(c, of.name, name)?.is_none() {
        return Ok(0);
    }
    let sql =
        format!("SELECT count(*) FROM {} WHERE company_id = ?1 AND \"own_{name}\" IS NOT NULL", of.name);
    Ok(c.first(&sql, &[COMPANY.into()], |row| row.count(0))?.unwrap_or(0))
}

/// The kind of the values that a column holds; `None` when there is no such column yet.
fn stored_kind(c: &Conn, register: &str, name: &str) -> DbResult<Option<OwnKind>> {
    let sql = "SELECT kind FROM own_columns WHERE company_id = ?1 AND register = ?2 AND name = ?3";
    let kind = c.first(sql, &[COMPANY.into(), register.into(), name.into()], |row| row.text(0))?;
    Ok(kind.map(|kind| kind.parse()).transpose()?)
}

/// What keeps fields from having the kind that is declared now: values of another one.
pub(crate) fn kind_complaints(c: &Conn, own: &[OwnField]) -> DbResult<Vec<Complaint>> {
    let mut list = Vec::new();
    for field in own {
        let Some(of) = REGISTERS.iter().find(|register| register.name == field.register) else { continue };
        let Some(stored) = stored_kind(c, of.name, &field.name)? else { continue };
        if stored.becomes(field.kind) {
            continue;
        }
        let held = held(c, of, &field.name)?;
        if held > 0 {
            let records = if held == 1 { of.singular.to_owned() } else { of.title.to_lowercase() };
            list.push(Complaint {
                place: format!("own field \"{}\": kind", field.name),
                message: format!(
                    "{held} {records} {} a value of the kind {}, which is no {}.",
                    if held == 1 { "has" } else { "have" },
                    stored.title().to_lowercase(),
                    field.kind.title().to_lowercase()
                ),
                hint: "Keep the kind, or declare a field of another name.".to_owned(),
            });
        }
    }
    Ok(list)
}

/// Makes the tables fit what is declared: columns for new fields, and the words under which records are found. What a
/// field held whose declaration is taken back stays, and is there again when it is declared again.
pub(crate) fn change(c: &Conn, before: &[OwnField], after: &[OwnField]) -> DbResult<()> {
    // Columns in which nothing can be yet.
    let mut fresh = Vec::new();
    for field in after {
        let key = [COMPANY.into(), field.register.as_str().into(), field.name.as_str().into()];
        match stored_kind(c, &field.register, &field.name)? {
            None => {
                c.execute(
                    "INSERT INTO own_columns (company_id, register, name, kind) VALUES (?1, ?2, ?3, '')",
                    &key,
                )?;
                c.batch(&format!("ALTER TABLE {} ADD COLUMN \"own_{}\" TEXT", field.register, field.name))?;
                fresh.push((&field.register, &field.name));
            }
            Some(kind) if kind == field.kind => continue,
            Some(_) => {}
        }
        let [company, register, name] = key;
        c.execute(
            "UPDATE own_columns SET kind = ?4 WHERE company_id = ?1 AND register = ?2 AND name = ?3",
            &[company, register, name, field.kind.word().into()],
        )?;
    }
    // A field that comes or goes takes the words of its values along. Yes and no have none.
    let same = |a: &OwnField, b: &OwnField| (&a.register, &a.name, a.kind) == (&b.register, &b.name, b.kind);
    let is_in = |field: &OwnField, list: &[OwnField]| list.iter().any(|other| same(field, other));
    let gone = before.iter().filter(|field| !is_in(field, after));
    let come = after.iter().filter(|field| !is_in(field, before));
    let changed: Vec<&OwnField> = gone
        .chain(come)
        .filter(|field| field.kind != OwnKind::YesNo && !fresh.contains(&(&field.register, &field.name)))
        .collect();
    for of in REGISTERS {
        let names: BTreeSet<&str> = changed
            .iter()
            .filter(|field| field.register == of.name)
            .map(|field| field.name.as_str())
            .collect();
        if !names.is_empty() {
            let having: Vec<String> =
                names.iter().map(|name| format!("\"own_{name}\" IS NOT NULL")).collect();
            store::index_again(c, with(of, after), &having.join(" OR "))?;
        }
    }
    Ok(())
}
