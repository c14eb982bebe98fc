//! What an import changed: every record with its fields, old and new side by side.

use askama::Template;
use axum::extract::{Path, Query, State};
use register::history::{self, Changed};
use register::imports::{self, Import};
use register::page;
use register::{Register, own_fields, register};
use serde::Deserialize;

use super::import::not_there;
use super::list;
use super::page::{Frame, Page, Visitor};
use super::show;
use super::site::Site;
use super::trouble::Trouble;
use crate::values;

/// Records on a page.
const ON_A_PAGE: u32 = 50;

/// Where a page of a list begins.
#[derive(Deserialize)]
pub(crate) struct From {
    /// As the page before it said; none for the first page.
    pub(crate) from: Option<String>,
}

/// A record that the import created or changed.
pub(crate) struct Row {
    /// Its key.
    pub(crate) number: String,
    /// What people call it.
    pub(crate) title: String,
    /// Its page.
    pub(crate) address: String,
    /// Whether it is there no more.
    pub(crate) removed: bool,
    /// The line of the file.
    pub(crate) line: Option<u64>,
    /// What changed; nothing for a new one.
    pub(crate) fields: Vec<Field>,
}

/// A field that it changed.
pub(crate) struct Field {
    /// What people call it.
    pub(crate) label: String,
    /// What it was.
    pub(crate) old: Option<String>,
    /// What it became.
    pub(crate) new: Option<String>,
}

impl Row {
    /// A change as a page shows it.
    pub(crate) fn new(register: &Register, changed: Changed) -> Row {
        let number = changed.number.unwrap_or_default();
        Row {
            address: list::record_address(register, &number),
            number,
            title: changed.title.unwrap_or_default(),
            removed: changed.removed,
            line: changed.line,
            fields: changed
                .changes
                .into_iter()
                .map(|change| {
                    let (old, new) = values::change(register, &change.field, change.old, change.new);
                    Field { label: register.label(&change.field), old, new }
                })
                .collect(),
        }
    }
}

#[derive(Template)]
#[template(path = "import_changes.html")]
struct ChangesPage {
    frame: Frame,
    import: Import,
    changes: Vec<Row>,
    first: Option<String>,
    next: Option<String>,
}

/// All changes of an import, a page at a time.
pub(crate) async fn page(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<i64>,
    Query(From { from }): Query<From>,
) -> Result<Page<impl Template>, Trouble> {
    let cursor = from.clone();
    let found = site
        .read(move |c| {
            let Some(import) = imports::find(c, id)? else { return Ok(None) };
            let Some(register) = register(&import.register) else { return Ok(None) };
            let register = own_fields::in_effect(c, register)?;
            let changes = history::of_import(c, register, id, ON_A_PAGE, cursor.as_deref())?;
            Ok(Some((import, changes.map(|changed| Row::new(register, changed)))))
        })
        .await?;
    let Some((import, changes)) = found else { return Err(not_there(id)) };
    let (first, next) = pages(&format!("/imports/{id}/changes"), from.as_deref(), &changes);
    let frame = Frame::new(visitor, "/imports", format!("What import {id} changed"));
    Ok(Page(ChangesPage { frame, import, changes: changes.items, first, next }))
}

/// The addresses of the first page, from another one, and of the next.
pub(crate) fn pages<T>(
    address: &str,
    from: Option<&str>,
    page: &page::Page<T>,
) -> (Option<String>, Option<String>) {
    let next = page.next.as_deref().map(|next| format!("{address}?from={}", show::segment(next)));
    (from.map(|_| address.to_owned()), next)
}
