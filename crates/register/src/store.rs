//! Adding, changing and removing one record: its values, and the words under which it is found.

use jiff::Timestamp;

use crate::db::{Conn, DbResult, Param};
use crate::field::Kind;
use crate::{COMPANY, Register, records, search, time};

mod words;

pub(crate) use self::words::Words;

/// A value as the database holds it.
pub(crate) fn param<'p>(register: &Register, at: usize, value: Option<&'p str>) -> Param<'p> {
    // The columns of own fields hold text, whatever their kind.
    match (value, register.fields[at].kind) {
        (None, _) => Param::Null,
        (Some(value), Kind::YesNo) if !register.fields[at].own => Param::Int(i64::from(value == "1")),
        (Some(value), _) => Param::Text(value),
    }
}

/// What is to be written over a record.
pub(crate) struct Update<'u> {
    pub(crate) id: i64,
    /// The version that the record must still have; `None` when the caller has just read it in this transaction.
    pub(crate) version: Option<i64>,
    /// The fingerprint of the row that the record now says the same as; `None` for any change but an import's, so that
    /// the next import reads its row.
    pub(crate) mark: Option<&'u [u8]>,
    pub(crate) at: Timestamp,
    /// The places of the fields, and their new values.
    pub(crate) fields: &'u [(usize, Option<&'u str>)],
}

/// Writes over a record; `false` when there is none of that id and version.
pub(crate) fn update(
    c: &Conn,
    register: &'static Register,
    update: &Update<'_>,
    words: &mut Words,
) -> DbResult<bool> {
    let mut sql = format!("UPDATE {} SET version = version + 1, mark = ?1, updated_at = ?2", register.name);
    let mut params: Vec<Param<'_>> = vec![update.mark.into(), time::to_number(update.at).into()];
    for &(at, value) in update.fields {
        params.push(param(register, at, value));
        sql.push_str(&format!(", {} = ?{}", records::column(&register.fields[at]), params.len()));
    }
    params.push(update.id.into());
    sql.push_str(&format!(" WHERE id = ?{}", params.len()));
    if let Some(version) = update.version {
        params.push(version.into());
        sql.push_str(&format!(" AND version = ?{}", params.len()));
    }
    if c.execute(&sql, &params)? == 0 {
        return Ok(false);
    }
    if update.fields.iter().any(|&(at, _)| register.fields[at].searched) {
        words.changed(c, update.id)?;
    }
    Ok(true)
}

/// Writes the words anew of all records for which `having`, a condition in SQL, is true.
pub(crate) fn index_again(c: &Conn, register: &'static Register, having: &str) -> DbResult<()> {
    let sql = format!(
        "SELECT id FROM {} WHERE company_id = ?1 AND id > ?2 AND ({having}) ORDER BY id LIMIT 1000",
        register.name
    );
    let (mut last, mut words) = (0, Words::of(register));
    loop {
        let ids = c.all(&sql, &[COMPANY.into(), last.into()], |row| row.int(0))?;
        let Some(end) = ids.last() else { return words.write(c) };
        last = *end;
        for id in ids {
            words.changed(c, id)?;
        }
    }
}

/// Adds a record under an id that no other ever had ([`next_id`]). The caller has seen that its key is free, and counts
/// ([`count_more`]).
pub(crate) fn insert(
    c: &Conn,
    register: &'static Register,
    id: i64,
    at: Timestamp,
    values: &[(usize, Option<&str>)],
) -> DbResult<()> {
    let mut columns = String::from("id, company_id, version, created_at, updated_at");
    let mut places = String::from("?1, ?2, 1, ?3, ?3");
    let mut params: Vec<Param<'_>> = vec![id.into(), COMPANY.into(), time::to_number(at).into()];
    for &(field, value) in values {
        params.push(param(register, field, value));
        columns.push_str(&format!(", {}", records::column(&register.fields[field])));
        places.push_str(&format!(", ?{}", params.len()));
    }
    c.execute(&format!("INSERT INTO {} ({columns}) VALUES ({places})", register.name), &params)?;
    let value = |field| values.iter().find(|(at, _)| *at == field).and_then(|(_, value)| *value);
    let (mut line, mut words) = (String::new(), Words::of(register));
    search::line(register, value, &mut line);
    words.added(c, id, &line)?;
    words.write(c)
}

/// The id for the next record: never one that another had, even when that is gone, since the history knows it.
pub(crate) fn next_id(c: &Conn, register: &Register) -> DbResult<i64> {
    let sql = format!(
        "SELECT COALESCE((SELECT max(id) FROM {0}), 0), COALESCE((SELECT max(record_id) FROM removed_records
         WHERE company_id = ?1 AND register = ?2), 0)",
        register.name
    );
    let highest =
        c.first(&sql, &[COMPANY.into(), register.name.into()], |row| Ok(row.int(0)?.max(row.int(1)?)))?;
    Ok(highest.unwrap_or(0) + 1)
}

/// The key of a record; `None` when it is there no more.
pub(crate) fn key(c: &Conn, register: &Register, id: i64) -> DbResult<Option<String>> {
    let sql = format!("SELECT \"{}\" FROM {} WHERE company_id = ?1 AND id = ?2", register.key, register.name);
    c.first(&sql, &[COMPANY.into(), id.into()], |row| row.text(0))
}

/// Removes a record and its words; its history stays. The caller counts ([`count_more`]).
pub(crate) fn remove(c: &Conn, register: &Register, id: i64, words: &mut Words) -> DbResult<()> {
    c.execute(
        &format!("DELETE FROM {} WHERE company_id = ?1 AND id = ?2", register.name),
        &[COMPANY.into(), id.into()],
    )?;
    words.changed(c, id)
}

/// The register has so many records more, or less.
pub(crate) fn count_more(c: &Conn, register: &Register, more: i64) -> DbResult<()> {
    if more != 0 {
        c.execute(
            "INSERT INTO register_counts (company_id, register, records) VALUES (?1, ?2, ?3)
             ON CONFLICT (company_id, register) DO UPDATE SET records = register_counts.records + excluded.records",
            &[COMPANY.into(), register.name.into(), more.into()],
        )?;
    }
    Ok(())
}
