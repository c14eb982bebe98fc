//! What a file would do, looked at before it is imported: one that was sent, or the one that waits. Nothing is changed.

use askama::Template;
use axum::extract::{Form, Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use register::Register;
use register::compare::PreviewKind;
use serde::Deserialize;

use super::automation::Chosen;
use super::hand_import::{Choice, choices};
use super::import::Shown;
use super::page::{Frame, Page, Visitor};
use super::program::{Check, CheckState, Source, Waits};
use super::show;
use super::site::Site;
use super::trouble::Trouble;
use crate::values;

/// Where a check is shown.
pub(super) fn address(register: &str, check: &str) -> String {
    format!("/{register}/import/{}", show::segment(check))
}

/// On to the page of a check.
pub(super) fn to_check(register: &str, check: &str) -> Response {
    Redirect::to(&address(register, check)).into_response()
}

/// A check that was begun before, so that whoever left its page comes back to it.
pub(crate) struct Look {
    pub(crate) address: String,
    pub(crate) check: Check,
}

/// The checks of this visitor that are of one kind, the newest first.
pub(super) fn looks(site: &Site, visitor: &Visitor, kind: impl Fn(&Check) -> bool) -> Vec<Look> {
    let begun = site.imports.begun(&visitor.name).into_iter().filter(|(_, check)| kind(check));
    begun.map(|(name, check)| Look { address: address(&check.register, &name), check }).collect()
}

#[derive(Template)]
#[template(path = "check.html")]
struct CheckPage {
    frame: Frame,
    register: &'static Register,
    address: String,
    check: Check,
    formats: Vec<Choice>,
    problems: Vec<Shown>,
    changes: Vec<WouldChange>,
}

/// A record that would change, with the labels of its fields.
pub(crate) struct WouldChange {
    pub(crate) line: Option<u64>,
    pub(crate) number: String,
    pub(crate) kind: PreviewKind,
    pub(crate) fields: Vec<(String, Option<String>, Option<String>)>,
}

impl WouldChange {
    /// As a page shows it.
    pub(crate) fn new(
        register: Option<&Register>,
        line: Option<u64>,
        number: String,
        kind: PreviewKind,
        fields: Vec<(String, Option<String>, Option<String>)>,
    ) -> WouldChange {
        let labelled = |(name, old, new): (String, Option<String>, Option<String>)| match register {
            Some(register) => {
                let (old, new) = values::change(register, &name, old, new);
                (register.label(&name).to_owned(), old, new)
            }
            None => (name, old, new),
        };
        WouldChange { line, number, kind, fields: fields.into_iter().map(labelled).collect() }
    }

    /// First what people look at twice: records that are there already, and then the new ones.
    pub(crate) fn in_order(mut changes: Vec<WouldChange>) -> Vec<WouldChange> {
        changes.sort_by_key(|change| match change.kind {
            PreviewKind::Updated => 0,
            PreviewKind::Deactivated => 1,
            PreviewKind::Created => 2,
        });
        changes
    }
}

/// The check of this name, when it is of this register.
fn known(site: &Site, register: &Register, name: &str) -> Result<Check, Trouble> {
    site.imports.look(name).filter(|check| check.register == register.name).ok_or_else(|| {
        Trouble::not_found(
            "This look at a file is there no more: the file was imported, or nobody came back to it for two hours, \
             or the program was started again. Nothing was changed by it.",
        )
        .or_go(format!("/{}/import", register.name), "Choose a file")
    })
}

/// What the file would do, or how far finding out has come.
pub(crate) async fn page(
    register: &'static Register,
    State(site): State<Site>,
    visitor: Visitor,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Trouble> {
    let check = known(&site, register, &name)?;
    if headers.get("hx-target").is_some_and(|target| target == "progress") && !check.state.goes_on() {
        // Only the progress is exchanged while it goes on, so that no press of Cancel is lost; now the page is another one.
        return Ok([("hx-refresh", "true")].into_response());
    }
    let register = site.register(register).await?;
    let formats = match check.source {
        Source::Sent => choices(&site, register, Some(&check.format)).await?,
        Source::ExchangeFolder | Source::Import(_) => Vec::new(),
    };
    let (mut problems, mut changes) = (Vec::new(), Vec::new());
    match &check.state {
        CheckState::Known(outlook) => {
            problems
                .extend(outlook.problems.iter().map(|problem| Shown::new(Some(register), problem.clone())));
            changes.extend(outlook.changes.clone().into_iter().map(|change| {
                WouldChange::new(Some(register), change.line, change.number, change.kind, change.fields)
            }));
        }
        CheckState::Refused(problem) => problems.push(Shown::new(Some(register), (**problem).clone())),
        CheckState::Queued(_) | CheckState::Running(_) | CheckState::Failed(_) | CheckState::Cancelled => {}
    }
    let changes = WouldChange::in_order(changes);
    let (menu, title) = match check.source {
        Source::Sent => (format!("/{}", register.name), format!("Import {}", check.file)),
        Source::ExchangeFolder => ("/automation".to_owned(), format!("Preview of {}", check.file)),
        Source::Import(id) => ("/imports".to_owned(), format!("Preview of import {id}: {}", check.file)),
    };
    let frame = Frame::new(visitor, menu, title);
    let address = address(register.name, &name);
    Ok(Page(CheckPage { frame, register, address, check, formats, problems, changes }).into_response())
}

/// Looks what the file would do that the chosen automation comes to next.
pub(crate) async fn of_automation(
    State(site): State<Site>,
    visitor: Visitor,
    Form(chosen): Form<Chosen>,
) -> Result<Response, Trouble> {
    let statuses = site.automations.statuses();
    let Some(status) = statuses.into_iter().find(|status| status.name == chosen.name) else {
        return Err(Trouble::not_found(format!("There is no automation {}.", chosen.name))
            .or_go("/automation", "Automation"));
    };
    preview(
        &site,
        visitor,
        Waits::Next(status.register.clone()),
        status.register,
        "/automation",
        "Automation",
    )
    .await
}

/// Looks what the file of an import would do that has no outcome yet.
pub(crate) async fn of_import(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<i64>,
) -> Result<Response, Trouble> {
    let import = super::import::entry(&site, id).await?;
    let (back, words) = (format!("/imports/{id}"), format!("Import {id}"));
    preview(&site, visitor, Waits::Import(id), import.register, &back, &words).await
}

async fn preview(
    site: &Site,
    visitor: Visitor,
    of: Waits,
    register: String,
    back: &str,
    words: &str,
) -> Result<Response, Trouble> {
    let (back, words) = (back.to_owned(), words.to_owned());
    let check = site
        .blocking(move |site| {
            let told = |refused| Trouble::refused(refused).or_go(back, words);
            site.imports.preview(&of, &visitor.name).map_err(told)
        })
        .await?;
    Ok(to_check(&register, &check))
}

/// Another way to read the same file.
#[derive(Deserialize)]
pub(crate) struct OtherWay {
    format: Option<String>,
    changes_only: Option<String>,
}

/// Looks at the same file again, perhaps in another format.
pub(crate) async fn again(
    register: &'static Register,
    State(site): State<Site>,
    visitor: Visitor,
    Path(name): Path<String>,
    Form(other): Form<OtherWay>,
) -> Result<Response, Trouble> {
    known(&site, register, &name)?;
    let back = address(register.name, &name);
    let check = site
        .blocking(move |site| {
            let told = |refused| Trouble::refused(refused).or_go(back, "Back to the preview");
            let changes_only = other.changes_only.as_deref() == Some("on");
            site.imports
                .check_again(&name, other.format.as_deref(), changes_only, &visitor.name)
                .map_err(told)
        })
        .await?;
    Ok(to_check(register.name, &check))
}

/// Ends a check that still runs; nothing is left of it but its page. One that has ended stays as it is.
pub(crate) async fn cancel(
    register: &'static Register,
    State(site): State<Site>,
    _: Visitor,
    Path(name): Path<String>,
) -> Result<Response, Trouble> {
    known(&site, register, &name)?;
    site.imports.cancel(&name);
    Ok(to_check(register.name, &name))
}

/// Imports the file.
pub(crate) async fn start(
    register: &'static Register,
    State(site): State<Site>,
    visitor: Visitor,
    Path(name): Path<String>,
) -> Response {
    site.clone().whole(Some(visitor.id), started(register, site, visitor, name)).await
}

async fn started(
    register: &'static Register,
    site: Site,
    visitor: Visitor,
    name: String,
) -> Result<Response, Trouble> {
    known(&site, register, &name)?;
    let import =
        site.change(move |site| site.imports.import(&name, &visitor.name).map_err(Trouble::refused)).await?;
    Ok(Redirect::to(&format!("/imports/{import}")).into_response())
}
