//! "Import a file": look what a file would do, then import it, by hand.

use askama::Template;
use axum::extract::{Form, Multipart, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use register::Register;
use register::compare::PreviewKind;
use register::settings;
use serde::Deserialize;

use super::import::Shown;
use super::list;
use super::page::{Frame, Page, Visitor};
use super::program::{Check, CheckState, Upload};
use super::site::Site;
use super::trouble::Trouble;
use super::{show, upload};

#[derive(Template)]
#[template(path = "hand_import.html")]
struct ChoosePage {
    frame: Frame,
    register: &'static Register,
    formats: Vec<Choice>,
}

/// A format to choose.
struct Choice {
    name: String,
    chosen: bool,
    default: bool,
}

/// The form for choosing a file.
pub(crate) async fn page(
    register: &'static Register,
    State(site): State<Site>,
    visitor: Visitor,
) -> Result<Page<impl Template>, Trouble> {
    let formats = choices(&site, register, None).await?;
    let frame = Frame::new(visitor, format!("/{}", register.name), format!("Import {}", register.name));
    Ok(Page(ChoosePage { frame, register, formats }))
}

/// The formats of a register, with one chosen: this one, or else the default.
async fn choices(site: &Site, register: &Register, chosen: Option<&str>) -> Result<Vec<Choice>, Trouble> {
    let all = site.read(settings::formats).await?;
    let of_register =
        all.into_iter().map(|stored| stored.format).filter(|format| format.register == register.name);
    let choice = |format: erpfile::Format| Choice {
        chosen: chosen.map_or(format.default, |name| name == format.name),
        default: format.default,
        name: format.name,
    };
    Ok(of_register.map(choice).collect())
}

/// Takes the file and begins to look at it.
pub(crate) async fn send(
    register: &'static Register,
    State(site): State<Site>,
    _: Visitor,
    form: Multipart,
) -> Result<Response, Trouble> {
    let back =
        move |trouble: Trouble| trouble.or_go(format!("/{}/import", register.name), "Choose another file");
    let limit = site.read(settings::load).await?.limits.upload;
    let arrived = upload::receive(&site, form, limit).await.map_err(back)?;
    let upload = Upload {
        register: register.name.to_owned(),
        format: arrived.format,
        path: arrived.path,
        file: arrived.file,
    };
    let check = site
        .blocking(move |site| site.imports.check(upload).map_err(Trouble::refused))
        .await
        .map_err(back)?;
    Ok(to_check(register, &check))
}

fn to_check(register: &Register, check: &str) -> Response {
    Redirect::to(&format!("/{}/import/{}", register.name, show::segment(check))).into_response()
}

#[derive(Template)]
#[template(path = "hand_check.html")]
struct CheckPage {
    frame: Frame,
    register: &'static Register,
    name: String,
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

/// The check of this name, when it is of this register.
fn known(site: &Site, register: &Register, name: &str) -> Result<Check, Trouble> {
    site.imports.look(name).filter(|check| check.upload.register == register.name).ok_or_else(|| {
        Trouble::not_found("This file has been imported, or was let go of. Choose it again.")
            .or_go(format!("/{}/import", register.name), "Choose a file")
    })
}

/// What the file would do, or how far finding out has come.
pub(crate) async fn check(
    register: &'static Register,
    State(site): State<Site>,
    visitor: Visitor,
    Path(name): Path<String>,
) -> Result<Page<impl Template>, Trouble> {
    let check = known(&site, register, &name)?;
    let register = site.register(register).await?;
    let formats = choices(&site, register, Some(&check.format)).await?;
    let (mut problems, mut changes) = (Vec::new(), Vec::new());
    match &check.state {
        CheckState::Known(outlook) => {
            problems
                .extend(outlook.problems.iter().map(|problem| Shown::new(Some(register), problem.clone())));
            changes.extend(outlook.changes.iter().map(|change| WouldChange {
                line: change.line,
                number: change.number.clone(),
                kind: change.kind,
                fields: change.fields.iter().map(|field| labelled(register, field)).collect(),
            }));
        }
        CheckState::Refused(problem) => problems.push(Shown::new(Some(register), (**problem).clone())),
        CheckState::Running(_) | CheckState::Failed(_) => {}
    }
    let frame = Frame::new(visitor, format!("/{}", register.name), format!("Import {}", check.upload.file));
    Ok(Page(CheckPage { frame, register, name, check, formats, problems, changes }))
}

/// A field that would change, with what people call it and how they write its values.
pub(crate) fn labelled(
    register: &Register,
    (name, old, new): &(String, Option<String>, Option<String>),
) -> (String, Option<String>, Option<String>) {
    let (old, new) = list::change(register, name, old.clone(), new.clone());
    (register.label(name), old, new)
}

/// Another format for the same file.
#[derive(Deserialize)]
pub(crate) struct OtherFormat {
    format: String,
}

/// Looks at the same file again, in another format.
pub(crate) async fn again(
    register: &'static Register,
    State(site): State<Site>,
    _: Visitor,
    Path(name): Path<String>,
    Form(other): Form<OtherFormat>,
) -> Result<Response, Trouble> {
    known(&site, register, &name)?;
    let check = site
        .blocking(move |site| site.imports.check_again(&name, &other.format).map_err(Trouble::refused))
        .await?;
    Ok(to_check(register, &check))
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
