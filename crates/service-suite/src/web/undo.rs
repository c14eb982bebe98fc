//! "Undo …" on the page of an import: what it would come to, doing it, and what it left.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;
use register::compare::Stop;
use register::imports::{self, Import};
use register::undo::{self, Left, Outlook, UndoError};
use register::{Register, own_fields, register};

use super::changes::{From, pages};
use super::import::not_there;
use super::list;
use super::page::{Frame, Page, Visitor};
use super::show;
use super::site::Site;
use super::trouble::Trouble;
use crate::import::{Foreseen, foresee};
use crate::values;

/// Records on a page of those that were left.
const ON_A_PAGE: u32 = 50;

#[derive(Template)]
#[template(path = "undo.html")]
struct UndoPage {
    frame: Frame,
    import: Import,
    register: &'static Register,
    outlook: Outlook,
    /// Whether it is known how many are left.
    exact: bool,
}

/// What undoing the import would come to, and the button.
pub(crate) async fn page(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<i64>,
) -> Result<Page<impl Template>, Trouble> {
    let foreseen = site
        .read(move |c| match foresee(c, id) {
            Err(UndoError::Stop(Stop::Db(error))) => Err(error),
            foreseen => Ok(foreseen),
        })
        .await?;
    let (import, foreseen) = foreseen.map_err(|error| trouble(id, error))?;
    let register = register(&import.register).ok_or_else(|| not_there(id))?;
    let (outlook, exact) = match foreseen {
        Foreseen::Exactly(outlook) => (outlook, true),
        Foreseen::AtMost(outlook) => (outlook, false),
    };
    let frame = Frame::new(visitor, "/imports", format!("Undo import {id}"));
    Ok(Page(UndoPage { frame, import, register, outlook, exact }))
}

fn trouble(id: i64, error: UndoError) -> Trouble {
    match error {
        UndoError::NotThere(id) => not_there(id),
        UndoError::Not(sentence) => Trouble::conflict("That cannot be done now", show::sentence(&sentence))
            .or_go(address(id), words(id)),
        UndoError::Stop(stop) => Trouble::internal(stop),
    }
}

fn address(id: i64) -> String {
    format!("/imports/{id}")
}

fn words(id: i64) -> String {
    format!("Import {id}")
}

/// Undoes the import.
pub(crate) async fn submit(State(site): State<Site>, visitor: Visitor, Path(id): Path<i64>) -> Response {
    site.clone().whole_undo(visitor.id, id, undone(site, visitor, id)).await
}

async fn undone(site: Site, visitor: Visitor, id: i64) -> Result<Response, Trouble> {
    let back = move |refused| Trouble::refused(refused).or_go(address(id), words(id));
    site.change(move |site| site.imports.undo(id, &visitor.name).map_err(back)).await?;
    Ok(Redirect::to(&address(id)).into_response())
}

/// A record that the undo left as it is.
pub(crate) struct LeftRow {
    /// Its key.
    pub(crate) number: String,
    /// What people call it.
    pub(crate) title: String,
    /// Its page.
    pub(crate) address: String,
    /// Whether it is there no more.
    pub(crate) removed: bool,
    /// What the import changed; nothing where it created the record.
    pub(crate) fields: Vec<LeftField>,
    /// The import that changed it since.
    pub(crate) by_import: Option<i64>,
    /// Or the person.
    pub(crate) by_person: Option<String>,
    /// And when.
    pub(crate) at: Option<Timestamp>,
}

/// A field of it.
pub(crate) struct LeftField {
    /// What people call it.
    pub(crate) label: String,
    /// What it was before the import.
    pub(crate) before: Option<String>,
    /// What the import made of it.
    pub(crate) imported: Option<String>,
    /// What it is.
    pub(crate) now: Option<String>,
}

impl LeftRow {
    /// A record that was left, as a page shows it.
    pub(crate) fn new(register: &Register, left: Left) -> LeftRow {
        let number = left.number.unwrap_or_default();
        LeftRow {
            address: list::record_address(register, &number),
            number,
            title: left.title.unwrap_or_default(),
            removed: left.removed,
            fields: left
                .fields
                .into_iter()
                .map(|field| LeftField {
                    label: register.label(&field.field),
                    before: values::value(register, &field.field, field.before),
                    imported: values::value(register, &field.field, field.imported),
                    now: values::value(register, &field.field, field.now),
                })
                .collect(),
            by_import: left.by_import,
            by_person: left.by_person,
            at: left.at,
        }
    }
}

#[derive(Template)]
#[template(path = "import_left.html")]
struct LeftPage {
    frame: Frame,
    import: Import,
    left: Vec<LeftRow>,
    first: Option<String>,
    next: Option<String>,
}

/// All records that the undo of an import left, a page at a time.
pub(crate) async fn left(
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
            let left = undo::left(c, &import, ON_A_PAGE, cursor.as_deref())?;
            Ok(Some((import, left.map(|left| LeftRow::new(register, left)))))
        })
        .await?;
    let Some((import, left)) = found else { return Err(not_there(id)) };
    let (first, next) = pages(&format!("/imports/{id}/left"), from.as_deref(), &left);
    let frame = Frame::new(visitor, "/imports", format!("What undoing import {id} left"));
    Ok(Page(LeftPage { frame, import, left: left.items, first, next }))
}
