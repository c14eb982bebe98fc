//! Main menu > Customers, Products and so on: the records of a register.

use askama::Template;
use axum::extract::{Query, State};
use register::field::Kind;
use register::page;
use register::records::{self, Record};
use register::{Field, Register, own_fields, settings};
use serde::Deserialize;

use super::export::FORMAT;
use super::page::{Frame, Page, Visitor};
use super::show;
use super::site::Site;
use super::trouble::Trouble;
use crate::values;

/// Records on a page.
const ON_A_PAGE: u32 = 50;

/// What of the list is wanted.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Wanted {
    #[serde(default)]
    pub(super) q: String,
    pub(super) sort: Option<String>,
    #[serde(default)]
    pub(super) down: bool,
    pub(super) from: Option<String>,
}

#[derive(Template)]
#[template(path = "list.html")]
struct ListPage {
    frame: Frame,
    register: &'static Register,
    wanted: Wanted,
    heads: Vec<Head>,
    rows: Vec<Row>,
    found: String,
    next: Option<String>,
    first: Option<String>,
    empty_register: bool,
    /// The formats in whose layout they can be had.
    formats: Vec<String>,
}

impl Wanted {
    /// The same for the register.
    pub(super) fn query(&self) -> records::Query {
        records::Query {
            text: self.q.clone(),
            sort: self.sort.clone(),
            descending: self.down,
            limit: ON_A_PAGE,
            cursor: self.from.clone(),
        }
    }

    /// The address of the list that was wanted, from its first page on.
    pub(super) fn address(&self, register: &Register) -> String {
        address(register, self, None)
    }
}

/// The head of a column.
struct Head {
    label: &'static str,
    class: String,
    /// Where its link leads, when the list can be sorted by it.
    sort: Option<String>,
    /// `ascending` or `descending`, when the list is.
    sorted: Option<&'static str>,
}

/// A record in the list.
struct Row {
    address: String,
    cells: Vec<Cell>,
}

struct Cell {
    text: String,
    class: String,
    key: bool,
}

/// The list.
pub(crate) async fn show_list(
    register: &'static Register,
    State(site): State<Site>,
    visitor: Visitor,
    Query(wanted): Query<Wanted>,
) -> Result<Page<impl Template>, Trouble> {
    let query = wanted.query();
    let (found, all, formats) = site
        .read(move |c| {
            let register = own_fields::in_effect(c, register)?;
            let formats = settings::formats(c)?.into_iter().map(|stored| stored.format);
            let formats = formats.filter(|format| format.register == register.name).map(|format| format.name);
            Ok((records::list(c, register, &query)?, records::count(c, register)?, formats.collect()))
        })
        .await?;
    let columns: Vec<(usize, &'static Field)> = register
        .list
        .iter()
        .filter_map(|name| Some((register.index(name)?, register.field(name)?)))
        .collect();
    let heads =
        columns.iter().enumerate().map(|(at, (_, field))| head(register, &wanted, at, field)).collect();
    let next = found.next.as_deref().map(|from| address(register, &wanted, Some(from)));
    let first = wanted.from.as_ref().map(|_| address(register, &wanted, None));
    let rows = found.items.iter().map(|record| row(register, &columns, record)).collect();
    Ok(Page(ListPage {
        frame: Frame::new(visitor, format!("/{}", register.name), register.title),
        register,
        heads,
        rows,
        found: counted(&wanted, &found, all, register),
        next,
        first,
        empty_register: all == 0,
        formats,
        wanted,
    }))
}

/// How many records there are, and how many were found, as far as that is known without counting for long.
fn counted(wanted: &Wanted, found: &page::Page<Record>, all: u64, register: &Register) -> String {
    let of_all = show::count(all, register.singular, register.name);
    let shown = show::number(found.items.len());
    match (found.total, &wanted.from, &found.next) {
        _ if wanted.q.trim().is_empty() => of_all,
        (Some(total), _, _) => format!("{} of {of_all}", show::number(total)),
        (None, None, None) => format!("{shown} of {of_all}"),
        (None, None, Some(_)) => format!("more than {shown} of {of_all}"),
        (None, Some(_), _) => format!("{shown} more of {of_all}"),
    }
}

/// The address of the list with these wishes.
fn address(register: &Register, wanted: &Wanted, from: Option<&str>) -> String {
    let mut query = Vec::new();
    if !wanted.q.is_empty() {
        query.push(format!("q={}", show::segment(&wanted.q)));
    }
    query.extend(wanted.sort.as_deref().map(|sort| format!("sort={}", show::segment(sort))));
    if wanted.down {
        query.push("down=true".into());
    }
    query.extend(from.map(|from| format!("from={}", show::segment(from))));
    let mark = if query.is_empty() { "" } else { "?" };
    format!("/{}{mark}{}", register.name, query.join("&"))
}

fn head(register: &Register, wanted: &Wanted, at: usize, field: &'static Field) -> Head {
    let sortable = register.sorts.contains(&field.name);
    let current = wanted.sort.as_deref().or(register.sorts.first().copied()) == Some(field.name);
    let sort = sortable.then(|| {
        let other = Wanted {
            q: wanted.q.clone(),
            sort: Some(field.name.into()),
            down: current && !wanted.down,
            from: None,
        };
        address(register, &other, None)
    });
    let sorted = current.then_some(if wanted.down { "descending" } else { "ascending" });
    Head { label: field.label, class: class(at, field), sort, sorted }
}

/// Figures stand to the right, and the later columns give way first when the window is narrow.
fn class(at: usize, field: &Field) -> String {
    let number = if matches!(field.kind, Kind::Decimal { .. }) { "number" } else { "" };
    let gives_way = match at {
        0 | 1 => "",
        2 | 3 => "opt-1",
        4 | 5 => "opt-2",
        _ => "opt-3",
    };
    format!("{number} {gives_way}").trim().to_owned()
}

fn row(register: &Register, columns: &[(usize, &'static Field)], record: &Record) -> Row {
    let key = record.value(register, register.key).unwrap_or_default();
    let cells = columns.iter().enumerate().map(|(at, (index, field))| Cell {
        text: values::text(field, record.values.get(*index).and_then(Option::as_deref)),
        class: class(at, field),
        key: field.name == register.key,
    });
    Row { address: record_address(register, key), cells: cells.collect() }
}

/// The address of a record. Keys are whatever the ERP system says: those that would be taken for another address, or
/// that browsers leave out of paths, go into the query.
pub(crate) fn record_address(register: &Register, key: &str) -> String {
    match key {
        "" | "." | ".." | "duplicates" | "edit" | "export" | "import" | "new" | "record" => {
            format!("/{}/record?number={}", register.name, show::segment(key))
        }
        _ => format!("/{}/{}", register.name, show::segment(key)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use register::CUSTOMERS;

    #[test]
    fn every_key_has_an_address_of_its_own() {
        for (key, expected) in [
            ("1042", "/customers/1042"),
            ("A/B", "/customers/A%2FB"),
            ("import", "/customers/record?number=import"),
            ("export", "/customers/record?number=export"),
            ("new", "/customers/record?number=new"),
            ("duplicates", "/customers/record?number=duplicates"),
            ("..", "/customers/record?number=.."),
            ("50 %", "/customers/50%20%25"),
        ] {
            assert_eq!(record_address(&CUSTOMERS, key), expected);
        }
    }

    #[test]
    fn wishes_are_kept_in_the_address() {
        let wanted = Wanted { q: "bager & søn".into(), sort: Some("name".into()), down: true, from: None };
        assert_eq!(
            address(&CUSTOMERS, &wanted, Some("x=1")),
            "/customers?q=bager%20%26%20s%C3%B8n&sort=name&down=true&from=x%3D1"
        );
        assert_eq!(address(&CUSTOMERS, &Wanted::default(), None), "/customers");
    }
}
