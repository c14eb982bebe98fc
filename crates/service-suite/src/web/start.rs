//! The main menu as a page: a tile for each place, with what is going on there.

use askama::Template;
use axum::extract::State;
use register::imports::{self, Filter, Import};
use register::{REGISTERS, records};

use super::imports::Row;
use super::page::{Frame, Page, Visitor, register_icon};
use super::show;
use super::site::Site;
use super::trouble::Trouble;
use crate::automation::status::Status;

/// The last imports shown.
const LAST: u32 = 8;

#[derive(Template)]
#[template(path = "start.html")]
struct StartPage {
    frame: Frame,
    registers: Vec<Tile>,
    automations: Vec<Status>,
    rows: Vec<Row>,
    imported: u64,
    /// Imports that wait for a person's decision.
    held: Vec<Import>,
    /// Whether there is nothing yet: the page then shows the way to the first import.
    begins: bool,
}

/// A register and how many records it has.
struct Tile {
    address: String,
    icon: &'static str,
    title: &'static str,
    records: u64,
}

/// The page.
pub(crate) async fn page(State(site): State<Site>, visitor: Visitor) -> Result<Page<impl Template>, Trouble> {
    let (counts, last, imported, held) = site
        .read(|c| {
            let counts = REGISTERS
                .iter()
                .map(|register| records::count(c, register))
                .collect::<Result<Vec<_>, _>>()?;
            let imported = imports::count_by_state(c)?.iter().map(|state| state.1).sum();
            let held = Filter { state: Some(imports::State::Held), limit: LAST, ..Filter::default() };
            let last = imports::list(c, &Filter { limit: LAST, ..Filter::default() })?;
            Ok((counts, last, imported, imports::list(c, &held)?.items))
        })
        .await?;
    let registers = REGISTERS.iter().zip(counts).map(|(register, records)| Tile {
        address: format!("/{}", register.name),
        icon: register_icon(register.name),
        title: register.title,
        records,
    });
    Ok(Page(StartPage {
        frame: Frame::new(visitor, "/", "Main menu"),
        registers: registers.collect(),
        automations: site.automations.statuses(),
        begins: last.items.is_empty(),
        imported,
        held,
        rows: last.items.into_iter().map(Row::new).collect(),
    }))
}
