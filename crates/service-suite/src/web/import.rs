//! The page of one import: what became of every row, what it changed, what proves that the file was whole, and its
//! problems. Each section has its template in `templates/import`.

use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use erpfile::Problem;
use register::compare::PreviewKind;
use register::db::{Conn, DbResult};
use register::imports::{self, Import, ProblemFilter, ProofItem, State as ImportState, Step};
use register::layout::What;
use register::undo::left;
use register::{Register, history, own_fields, register};
use serde::Deserialize;

use super::automation::try_again;
use super::changes;
use super::held::Held;
use super::imports::Row;
use super::page::{Frame, Page, Visitor};
use super::program::Progress;
use super::show;
use super::site::Site;
use super::state::{self, Look};
use super::trouble::Trouble;
use super::undo::LeftRow;
use crate::import::{Lies, Outlook, UNDOING, is_kept_whole, outlook_of_again, whereabouts};

/// Changed records, and records that an undo left, that the page shows; more are on pages of their own.
const FIRST: u32 = 10;

/// Problems on a page.
const ON_A_PAGE: u32 = 50;

/// Which problems are wanted.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Wanted {
    #[serde(default)]
    code: String,
    from: Option<String>,
}

#[derive(Template)]
#[template(path = "import.html")]
struct ImportPage {
    frame: Frame,
    row: Row,
    register: Option<&'static Register>,
    progress: Option<Progress>,
    /// Whether it has no outcome yet.
    runs: bool,
    /// Whether the page looks again by itself: also until the file is put away.
    looks_again: bool,
    /// Whether it waits because something failed.
    failed: bool,
    /// How far its undo has come, while it is being undone.
    undoing: Option<Progress>,
    can_be_undone: bool,
    /// Whether it was applied once.
    applied: bool,
    changes: Vec<changes::Row>,
    more_changes: bool,
    left: Vec<LeftRow>,
    more_left: bool,
    again: Outlook,
    held: Option<Held>,
    /// Whether what is kept is the whole file.
    whole: bool,
    places: Vec<Lies>,
    proof: Vec<(Look, ProofItem)>,
    /// Whether its refused rows can be had as a file.
    can_be_corrected: bool,
    codes: Vec<(String, u64)>,
    problems: Vec<Shown>,
    found: String,
    next: Option<String>,
    wanted: Wanted,
}

/// A problem with the label of its field.
pub(crate) struct Shown {
    /// What is wrong.
    pub(crate) problem: Problem,
    /// What people call the field.
    pub(crate) label: String,
}

impl Shown {
    /// A problem in a file for this register.
    pub(crate) fn new(register: Option<&Register>, problem: Problem) -> Shown {
        let name = problem.field.as_deref().unwrap_or_default();
        let label = register.map_or_else(|| name.to_owned(), |register| register.label(name));
        Shown { label, problem }
    }
}

/// The page.
pub(crate) async fn page(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<i64>,
    Query(wanted): Query<Wanted>,
) -> Result<Page<impl Template>, Trouble> {
    let filter = ProblemFilter {
        code: Some(wanted.code.clone()).filter(|code| !code.is_empty()),
        limit: ON_A_PAGE,
        cursor: wanted.from.clone(),
    };
    let found = site
        .read(move |c| {
            let Some(import) = imports::find(c, id)? else { return Ok(None) };
            let again = outlook_of_again(c, &import)?;
            let about = About {
                codes: imports::problem_codes(c, id)?,
                problems: imports::problems(c, id, &filter)?,
                done: done(c, &import)?,
                corrected: imports::refused_file(c, id)?.is_some(),
            };
            let held = imports::held(c, &import)?;
            let of_register =
                register(&import.register).map(|of| own_fields::in_effect(c, of)).transpose()?;
            Ok(Some((import, again, held, about, of_register)))
        })
        .await?;
    let Some((import, again, held, About { codes, problems, done, corrected }, of_register)) = found else {
        return Err(not_there(id));
    };
    let progress = site.blocking(move |site| Ok(site.automations.progress(id))).await?;
    let runs = matches!(import.state, ImportState::Waiting | ImportState::Importing);
    let failed = runs && import.reason.is_some();
    let (undoing, progress) = match progress {
        Some(progress) if progress.phase == UNDOING => (Some(progress), None),
        progress => (None, progress.filter(|_| runs)),
    };
    let next = problems.next.as_deref().map(|from| {
        format!("/imports/{id}?code={}&from={}#problems", show::segment(&wanted.code), show::segment(from))
    });
    let all: u64 = codes.iter().map(|code| code.1).sum();
    Ok(Page(ImportPage {
        frame: Frame::new(visitor, "/imports", format!("Import {id}: {}", import.file)),
        register: of_register,
        progress,
        runs,
        looks_again: runs || undoing.is_some() || import.step == Step::Committed,
        failed,
        can_be_undone: import.state == ImportState::Done && undoing.is_none() && !done.changes.is_empty(),
        undoing,
        applied: matches!(import.state, ImportState::Done | ImportState::Undone),
        changes: done.changes,
        more_changes: done.more_changes,
        left: done.left,
        more_left: done.more_left,
        again,
        held: held.map(|hold| Held::new(of_register, hold)),
        places: whereabouts(&site.data, &import),
        whole: is_kept_whole(&import),
        proof: import.proof.iter().map(|item| (state::of_proof(item.result), item.clone())).collect(),
        found: match problems.total {
            Some(total) if total != all => format!("{} of {}", show::number(total), problems_of(all)),
            _ => problems_of(all),
        },
        can_be_corrected: corrected,
        codes,
        problems: problems.items.into_iter().map(|problem| Shown::new(of_register, problem)).collect(),
        next,
        wanted,
        row: Row::new(import),
    }))
}

/// What the database knows of an import beside its entry.
struct About {
    codes: Vec<(String, u64)>,
    problems: register::page::Page<Problem>,
    done: Done,
    corrected: bool,
}

/// The first of what the import changed, and of what its undo left.
#[derive(Default)]
struct Done {
    changes: Vec<changes::Row>,
    more_changes: bool,
    left: Vec<LeftRow>,
    more_left: bool,
}

fn done(c: &Conn, import: &Import) -> DbResult<Done> {
    let Some(of) = register(&import.register) else { return Ok(Done::default()) };
    let of = own_fields::in_effect(c, of)?;
    let changes = history::of_import(c, of, import.id, FIRST, None)?;
    let left = left(c, import, FIRST, None)?;
    Ok(Done {
        more_changes: changes.next.is_some(),
        changes: changes.items.into_iter().map(|changed| changes::Row::new(of, changed)).collect(),
        more_left: left.next.is_some(),
        left: left.items.into_iter().map(|left| LeftRow::new(of, left)).collect(),
    })
}

/// Makes the import, which failed, be tried again now.
pub(crate) async fn retry(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<i64>,
) -> Result<Response, Trouble> {
    let import = entry(&site, id).await?;
    if let Some(register) = register(&import.register) {
        try_again(&site, register.automation.to_owned(), visitor.name).await?;
    }
    Ok(Redirect::to(&format!("/imports/{id}")).into_response())
}

/// What the person knew who wants an import made again.
#[derive(Deserialize)]
pub(crate) struct Known {
    last: Option<i64>,
}

/// Makes an import once more from its kept bytes.
pub(crate) async fn again(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<i64>,
    Form(known): Form<Known>,
) -> Response {
    site.clone().whole(Some(visitor.id), made_again(site, visitor, id, known.last)).await
}

async fn made_again(site: Site, visitor: Visitor, id: i64, last: Option<i64>) -> Result<Response, Trouble> {
    entry(&site, id).await?;
    let back =
        move |refused| Trouble::refused(refused).or_go(format!("/imports/{id}"), format!("Import {id}"));
    let new = site.change(move |site| site.imports.again(id, last, &visitor.name).map_err(back)).await?;
    Ok(Redirect::to(&format!("/imports/{new}")).into_response())
}

fn problems_of(all: u64) -> String {
    show::count(all, "problem", "problems")
}

/// There is no such import.
pub(crate) fn not_there(id: i64) -> Trouble {
    Trouble::not_found(format!("There is no import {id}.")).or_go("/imports", "All imports")
}

/// The entry of the ledger with this number.
pub(crate) async fn entry(site: &Site, id: i64) -> Result<Import, Trouble> {
    site.read(move |c| imports::find(c, id)).await?.ok_or_else(|| not_there(id))
}
