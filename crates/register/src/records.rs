//! Reading records: one by its key, a page of a list, all of them.

use std::ops::ControlFlow;

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::contacts::{self, Contact};
use crate::db::{Conn, DbResult, Row};
use crate::field::Kind;
use crate::list::Order;
pub use crate::list::list;
use crate::search::{self, Needle};
use crate::{COMPANY, Field, Register, time};

/// A record as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The number under which the database knows it, for ever.
    pub id: i64,
    /// Goes up by one with every change.
    pub version: i64,
    /// The values in the order of the register's fields; yes and no are `1` and `0`, `None` is empty.
    pub values: Vec<Option<String>>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Record {
    /// The value of `field`; `None` when it is empty or the register has no such field.
    pub fn value(&self, register: &Register, field: &str) -> Option<&str> {
        self.values.get(register.index(field)?)?.as_deref()
    }

    /// The fields as JSON: numbers as strings with a point, days in ISO 8601, yes and no as booleans, empty as null;
    /// and `contacts`, where the register's records have such, as a list ([`Record::contacts`]).
    pub fn json(&self, register: &Register) -> Map<String, Value> {
        let mut map = Map::new();
        for (field, value) in register.fields.iter().zip(&self.values) {
            let value = match (value, field.kind) {
                (_, Kind::Contacts) => self.contacts(register).iter().map(Contact::json).collect(),
                (None, _) => Value::Null,
                (Some(value), Kind::YesNo) => Value::Bool(value == "1"),
                (Some(value), _) => Value::String(value.clone()),
            };
            map.insert(field.name.to_owned(), value);
        }
        map
    }

    /// All contacts: the one that has fields of its own first, unless it stands among the others, and then those.
    pub fn contacts(&self, register: &Register) -> Vec<Contact> {
        let field = register.contacts_field();
        let mut list = contacts::list(field.and_then(|field| self.value(register, field.name)));
        if let Some(of) = register.contact {
            let value = |field: &str| self.value(register, field).map(str::to_owned);
            let (name, email, phone) = (value(of.name), value(of.email), value(of.phone));
            let first = Contact { name, email, phone, ..Contact::default() };
            if !first.is_empty() && !list.iter().any(|contact| contact.covers(&first)) {
                list.insert(0, first);
            }
        }
        list
    }
}

/// Which records a list shows, and how.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// Words to look for, by their beginnings; empty for all records.
    pub text: String,
    /// One of the register's sorts; `None` for the first of them.
    pub sort: Option<String>,
    /// From the end of the order.
    pub descending: bool,
    /// The most records of a page, 1 to 1000.
    pub limit: u32,
    /// Where the page begins, as the page before it said.
    pub cursor: Option<String>,
}

/// A field's column, quoted: names such as `group` are words of SQL.
pub(crate) fn column(field: &Field) -> String {
    let mut column = String::with_capacity(16);
    push_column(field, &mut column);
    column
}

fn push_column(field: &Field, to: &mut String) {
    // So that a field of a later version never meets an own one of the same name.
    to.push_str(if field.own { "\"own_" } else { "\"" });
    to.push_str(field.name);
    to.push('"');
}

/// The columns of all fields, separated by commas.
pub(crate) fn columns(register: &Register) -> String {
    let mut columns = String::with_capacity(register.fields.len() * 16);
    for field in register.fields {
        columns.push_str(if columns.is_empty() { "" } else { ", " });
        push_column(field, &mut columns);
    }
    columns
}

/// The columns before those of the fields in every query for whole records.
const FIXED: &str = "id, version, created_at, updated_at";
/// How many they are.
pub(crate) const FIXED_COLUMNS: usize = 4;

/// The columns of a whole record.
pub(crate) fn select(register: &Register) -> String {
    format!("{FIXED}, {}", columns(register))
}

pub(crate) fn record(register: &Register, row: &Row<'_>) -> DbResult<Record> {
    let mut values = Vec::with_capacity(register.fields.len());
    for (at, field) in register.fields.iter().enumerate() {
        values.push(match field.kind {
            Kind::YesNo if !field.own => row.opt_int(FIXED_COLUMNS + at)?.map(|value| value.to_string()),
            _ => row.opt_text(FIXED_COLUMNS + at)?,
        });
    }
    Ok(Record {
        id: row.int(0)?,
        version: row.int(1)?,
        values,
        created_at: time::from_number(row.int(2)?)?,
        updated_at: time::from_number(row.int(3)?)?,
    })
}

/// The record whose key is `number`, exactly.
///
/// # Errors
/// Only those of the database.
pub fn find(c: &Conn, register: &'static Register, number: &str) -> DbResult<Option<Record>> {
    let sql = format!(
        "SELECT {} FROM {} WHERE company_id = ?1 AND \"{}\" = ?2",
        select(register),
        register.name,
        register.key
    );
    c.first(&sql, &[COMPANY.into(), number.into()], |row| record(register, row))
}

/// The record that the database knows as `id`.
pub(crate) fn by_id(c: &Conn, register: &'static Register, id: i64) -> DbResult<Option<Record>> {
    let sql = format!("SELECT {} FROM {} WHERE company_id = ?1 AND id = ?2", select(register), register.name);
    c.first(&sql, &[COMPANY.into(), id.into()], |row| record(register, row))
}

/// The number of records in a register.
///
/// # Errors
/// Only those of the database.
pub fn count(c: &Conn, register: &'static Register) -> DbResult<u64> {
    let counted = c.first(
        "SELECT records FROM register_counts WHERE company_id = ?1 AND register = ?2",
        &[COMPANY.into(), register.name.into()],
        |row| row.int(0),
    )?;
    Ok(counted.and_then(|n| u64::try_from(n).ok()).unwrap_or(0))
}

/// Calls `f` for every record that `query` asks for, in its order; its limit and cursor do not count. `f` breaks to
/// stop.
///
/// # Errors
/// [`DbError::Invalid`] for an order that the register does not have.
pub fn each(
    c: &Conn,
    register: &'static Register,
    query: &Query,
    f: &mut dyn FnMut(&Record) -> ControlFlow<()>,
) -> DbResult<()> {
    let order = Order::of(register, query)?;
    let needle = Needle::new(&query.text);
    let mut words = String::new();
    let sql = format!(
        "SELECT {} FROM {} WHERE company_id = ?1 ORDER BY {}",
        select(register),
        register.name,
        order.by()
    );
    c.each(&sql, &[COMPANY.into()], |row| {
        if needle.as_ref().is_some_and(|needle| !finds(register, needle, row, &mut words)) {
            return Ok(true);
        }
        Ok(f(&record(register, row)?).is_continue())
    })
}

pub(crate) fn finds(register: &'static Register, needle: &Needle, row: &Row<'_>, words: &mut String) -> bool {
    line(register, row, words);
    needle.finds(words)
}

/// The words under which the record in a row is found.
pub(crate) fn line(register: &'static Register, row: &Row<'_>, words: &mut String) {
    search::line(register, |at| row.text_ref(FIXED_COLUMNS + at).ok().flatten(), words);
}

pub(crate) fn record_is_found(
    register: &'static Register,
    record: &Record,
    needle: &Needle,
    words: &mut String,
) -> bool {
    search::line(register, |at| record.values.get(at).and_then(Option::as_deref), words);
    needle.finds(words)
}
