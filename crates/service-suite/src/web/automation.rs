//! Main menu > Automation: one row per register, chosen like a radio button, and two buttons that act on it.

use askama::Template;
use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use register::settings::{self, AfterImport};
use serde::Deserialize;

use super::check::{Look, looks};
use super::page::{Frame, Page, Visitor};
use super::program::{CheckState, Obstacle, Refused, Source};
use super::show;
use super::site::Site;
use super::state;
use super::trouble::Trouble;
use crate::automation::status::Status;

/// What the page was asked.
#[derive(Default, Deserialize)]
pub(crate) struct Wanted {
    #[serde(default)]
    chosen: String,
    #[serde(default)]
    said: String,
}

#[derive(Template)]
#[template(path = "automation.html")]
struct AutomationPage {
    frame: Frame,
    rows: Vec<Status>,
    chosen: String,
    said: Option<&'static str>,
    obstacles: Vec<Obstacle>,
    /// What this visitor has looked at of the files that wait.
    looks: Vec<Look>,
    /// Whether files stay in the exchange folder after their import.
    leaves: bool,
}

/// What changes while one looks: the state of an automation.
#[derive(Template)]
#[template(path = "automation_state.html")]
pub(crate) struct StatePart<'a> {
    status: &'a Status,
    look: state::Look,
}

/// What changes when an import ends: its result.
#[derive(Template)]
#[template(path = "automation_last.html")]
pub(crate) struct LastPart<'a> {
    status: &'a Status,
    look: state::Look,
}

/// The state of an automation as markup for a place of fixed size.
pub(crate) fn state_part(status: &Status) -> String {
    StatePart { status, look: state::of_automation(&status.state) }.render().unwrap_or_default()
}

/// The last result of an automation as markup for a place of fixed size.
pub(crate) fn last_part(status: &Status) -> String {
    let look = state::of_import_word(status.last.as_ref().map_or("", |last| &last.state));
    LastPart { status, look }.render().unwrap_or_default()
}

/// The list.
pub(crate) async fn page(
    State(site): State<Site>,
    visitor: Visitor,
    Query(wanted): Query<Wanted>,
) -> Result<Page<impl Template>, Trouble> {
    let said = match wanted.said.as_str() {
        "activated" => Some("Activated. From now on each file that comes is imported by itself."),
        "deactivated" => Some("Deactivated. Files are left where they are."),
        "retried" => Some("Tried again now. The row shows what comes of it."),
        _ => None,
    };
    Ok(Page(filled(&site, visitor, wanted.chosen, said, Vec::new()).await?))
}

async fn filled(
    site: &Site,
    visitor: Visitor,
    chosen: String,
    said: Option<&'static str>,
    obstacles: Vec<Obstacle>,
) -> Result<AutomationPage, Trouble> {
    let settings = site.read(settings::load).await?;
    let leaves = settings.erp_system.after_import == AfterImport::Leave;
    let rows = site.automations.statuses();
    // One row is always chosen, so that the buttons always have something to act on.
    let known = rows.iter().any(|row| row.name == chosen);
    let chosen = if known { chosen } else { rows.first().map(|row| row.name.clone()).unwrap_or_default() };
    let looks = looks(site, &visitor, |check| check.source != Source::Sent);
    let frame = Frame::new(visitor, "/automation", "Automation");
    Ok(AutomationPage { frame, rows, chosen, said, obstacles, looks, leaves })
}

/// The chosen row.
#[derive(Deserialize)]
pub(crate) struct Chosen {
    #[serde(default)]
    pub(super) name: String,
}

/// Activates the chosen automation, or says what is missing.
pub(crate) async fn activate(
    State(site): State<Site>,
    visitor: Visitor,
    Form(chosen): Form<Chosen>,
) -> Response {
    site.clone().whole(Some(visitor.id), switch(site, visitor, chosen.name, true)).await
}

/// Deactivates the chosen automation.
pub(crate) async fn deactivate(
    State(site): State<Site>,
    visitor: Visitor,
    Form(chosen): Form<Chosen>,
) -> Response {
    site.clone().whole(Some(visitor.id), switch(site, visitor, chosen.name, false)).await
}

/// Makes the chosen automation try again now what failed.
pub(crate) async fn retry(
    State(site): State<Site>,
    visitor: Visitor,
    Form(chosen): Form<Chosen>,
) -> Result<Response, Trouble> {
    let go_to = format!("/automation?chosen={}&said=retried", show::segment(&chosen.name));
    try_again(&site, chosen.name, visitor.name).await?;
    Ok(Redirect::to(&go_to).into_response())
}

/// Makes the automation of this name try again now.
pub(crate) async fn try_again(site: &Site, name: String, by: String) -> Result<(), Trouble> {
    if !site.automations.statuses().iter().any(|status| status.name == name) {
        return Err(
            Trouble::not_found(format!("There is no automation {name}.")).or_go("/automation", "Automation")
        );
    }
    site.blocking(move |site| site.automations.retry(&name, &by).map_err(Trouble::refused)).await
}

async fn switch(site: Site, visitor: Visitor, name: String, on: bool) -> Result<Response, Trouble> {
    let (asked, by) = (name.clone(), visitor.name.clone());
    let switched = site
        .change(move |site| {
            Ok(match on {
                true => site.automations.activate(&asked, &by),
                false => site.automations.deactivate(&asked, &by),
            })
        })
        .await?;
    match switched {
        Ok(()) => {
            let said = if on { "activated" } else { "deactivated" };
            let go_to = format!("/automation?chosen={}&said={said}", show::segment(&name));
            Ok(Redirect::to(&go_to).into_response())
        }
        Err(Refused::Obstacles(obstacles)) => {
            let page = Page(filled(&site, visitor, name, None, obstacles).await?);
            Ok((StatusCode::CONFLICT, page).into_response())
        }
        Err(other) => Err(Trouble::refused(other)),
    }
}
