//! Main menu > Imports: the ledger, newest first.

use askama::Template;
use axum::extract::{Query, State};
use register::REGISTERS;
use register::imports::{self, Filter, Import, State as ImportState};
use serde::Deserialize;

use super::chart;
use super::page::{Frame, Page, Visitor};
use super::show::{self, Markup};
use super::site::Site;
use super::state::{self, Look};
use super::trouble::Trouble;

/// Imports on a page.
const ON_A_PAGE: u32 = 50;

/// Days in the chart.
const DAYS: u32 = 30;

/// Which imports are wanted.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Wanted {
    #[serde(default)]
    state: String,
    #[serde(default)]
    automation: String,
    from: Option<String>,
}

#[derive(Template)]
#[template(path = "imports.html")]
struct ImportsPage {
    frame: Frame,
    states: Vec<Choice>,
    automations: Vec<Choice>,
    chart: Option<Markup>,
    rows: Vec<Row>,
    next: Option<String>,
    first: Option<String>,
    filtered: bool,
    /// The address at which to look again shortly, while something runs.
    again: Option<String>,
}

/// A choice of a filter.
struct Choice {
    value: &'static str,
    title: String,
    chosen: bool,
}

/// An import in a list.
pub(crate) struct Row {
    /// The entry of the ledger.
    pub(crate) import: Import,
    /// How its state looks.
    pub(crate) look: Look,
    /// What it was taken by: the automation's title or the person's name.
    pub(crate) by: String,
    /// How long it took.
    pub(crate) duration: String,
}

impl Row {
    /// Makes a row of an entry.
    pub(crate) fn new(import: Import) -> Row {
        let by = import.automation.as_deref().map_or_else(|| import.begun_by(), automation_title);
        let duration =
            import.finished_at.map(|end| show::duration(&import.started_at, &end)).unwrap_or_default();
        Row { look: state::of_import(import.state), by, duration, import }
    }
}

/// What people call an automation.
pub(crate) fn automation_title(name: &str) -> String {
    let register = REGISTERS.iter().find(|register| register.automation == name);
    register.map_or(name, |register| register.automation_title).to_owned()
}

/// The list.
pub(crate) async fn page(
    State(site): State<Site>,
    visitor: Visitor,
    Query(wanted): Query<Wanted>,
) -> Result<Page<impl Template>, Trouble> {
    let filter = Filter {
        state: wanted.state.parse().ok(),
        automation: Some(wanted.automation.clone()).filter(|name| !name.is_empty()),
        register: None,
        limit: ON_A_PAGE,
        cursor: wanted.from.clone(),
    };
    let now = (site.clock)();
    let (found, days) =
        site.read(move |c| Ok((imports::list(c, &filter)?, imports::by_day(c, now, DAYS)?))).await?;
    let runs = |import: &Import| matches!(import.state, ImportState::Waiting | ImportState::Importing);
    let again = found.items.iter().any(runs).then(|| address(&wanted, wanted.from.as_deref()));
    let next = found.next.as_deref().map(|from| address(&wanted, Some(from)));
    Ok(Page(ImportsPage {
        frame: Frame::new(visitor, "/imports", "Imports"),
        states: states(&wanted),
        automations: automations(&wanted),
        chart: days.iter().any(|day| day.imports > 0).then(|| chart::days(&days)),
        rows: found.items.into_iter().map(Row::new).collect(),
        next,
        first: wanted.from.as_ref().map(|_| address(&wanted, None)),
        filtered: !wanted.state.is_empty() || !wanted.automation.is_empty(),
        again,
    }))
}

fn states(wanted: &Wanted) -> Vec<Choice> {
    let all = ImportState::ALL.iter().map(|state| Choice {
        value: state.word(),
        title: state::of_import(*state).word.to_owned(),
        chosen: wanted.state == state.word(),
    });
    all.collect()
}

fn automations(wanted: &Wanted) -> Vec<Choice> {
    let all = REGISTERS.iter().map(|register| Choice {
        value: register.automation,
        title: register.automation_title.to_owned(),
        chosen: wanted.automation == register.automation,
    });
    all.collect()
}

fn address(wanted: &Wanted, from: Option<&str>) -> String {
    let mut query = Vec::new();
    for (name, value) in [("state", &wanted.state), ("automation", &wanted.automation)] {
        if !value.is_empty() {
            query.push(format!("{name}={}", show::segment(value)));
        }
    }
    query.extend(from.map(|from| format!("from={}", show::segment(from))));
    let mark = if query.is_empty() { "" } else { "?" };
    format!("/imports{mark}{}", query.join("&"))
}
