//! A held import: why, what it would do, and what a person decides.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;
use register::Register;
use register::db::Conn;
use register::imports::{self, DecisionError, Hold};

use super::check::WouldChange;
use super::import::Shown;
use super::page::Visitor;
use super::site::Site;
use super::trouble::Trouble;

/// What the page of a held import shows of it.
pub(crate) struct Held {
    pub(crate) hold: Hold,
    pub(crate) changes: Vec<WouldChange>,
    pub(crate) problems: Vec<Shown>,
}

impl Held {
    /// With the labels of the register's fields.
    pub(crate) fn new(register: Option<&'static Register>, mut hold: Hold) -> Held {
        let would = |change: register::compare::Preview| {
            WouldChange::new(register, change.line, change.number, change.kind, change.changes)
        };
        let changes = std::mem::take(&mut hold.changes).into_iter().map(would).collect();
        let changes = WouldChange::in_order(changes);
        let problems = std::mem::take(&mut hold.problems);
        let problems = problems.into_iter().map(|problem| Shown::new(register, problem)).collect();
        Held { hold, changes, problems }
    }
}

/// Approves a held import: it is imported as it was shown.
pub(crate) async fn approve(site: State<Site>, visitor: Visitor, id: Path<i64>) -> Response {
    decide(site, visitor, id, "approved", imports::approve).await
}

/// Discards a held import: its file goes to the refused folder.
pub(crate) async fn discard(site: State<Site>, visitor: Visitor, id: Path<i64>) -> Response {
    decide(site, visitor, id, "discarded", imports::discard).await
}

type Decide = fn(&Conn, i64, &str, Timestamp) -> Result<(), DecisionError>;

async fn decide(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<i64>,
    what: &'static str,
    decide: Decide,
) -> Response {
    let person = visitor.id;
    let decided = {
        let site = site.clone();
        async move {
            site.change(move |site| {
                let at = (site.clock)();
                site.database.write(|c| decide(c, id, &visitor.name, at)).map_err(|error| told(id, error))?;
                tracing::info!(import = id, by = visitor.name, "{what}");
                Ok(Redirect::to(&format!("/imports/{id}")).into_response())
            })
            .await
        }
    };
    site.whole(Some(person), decided).await
}

fn told(id: i64, error: DecisionError) -> Trouble {
    match error {
        DecisionError::NotThere(_) => super::import::not_there(id),
        DecisionError::NotHeld(why) => {
            Trouble::conflict("It was decided already", format!("Nothing was changed: {why}."))
                .or_go(format!("/imports/{id}"), "Look at the import")
        }
        DecisionError::Format(_) => {
            Trouble::conflict("The format could not be changed", format!("Nothing was changed: {error}"))
                .or_go(format!("/imports/{id}"), "Look at the import")
        }
        DecisionError::Db(error) => error.into(),
    }
}
