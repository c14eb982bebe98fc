//! "Import a file": a file is chosen and sent, and looked at first.

use askama::Template;
use axum::extract::{Multipart, State};
use axum::response::Response;
use erpfile::Content;
use register::Register;
use register::settings;

use super::check::{Look, looks, to_check};
use super::page::{Frame, Page, Visitor};
use super::program::{Check, CheckState, Source, Upload};
use super::site::Site;
use super::trouble::Trouble;
use super::{show, upload};

#[derive(Template)]
#[template(path = "hand_import.html")]
struct ChoosePage {
    frame: Frame,
    register: &'static Register,
    formats: Vec<Choice>,
    /// Whether a format says that all records are in each file.
    any_full: bool,
    looks: Vec<Look>,
}

/// A format to choose.
pub(super) struct Choice {
    pub(super) name: String,
    pub(super) chosen: bool,
    pub(super) default: bool,
    pub(super) full: bool,
}

/// The form for choosing a file.
pub(crate) async fn page(
    register: &'static Register,
    State(site): State<Site>,
    visitor: Visitor,
) -> Result<Page<impl Template>, Trouble> {
    let formats = choices(&site, register, None).await?;
    let mine = |check: &Check| check.source == Source::Sent && check.register == register.name;
    let looks = looks(&site, &visitor, mine);
    let frame = Frame::new(visitor, format!("/{}", register.name), format!("Import {}", register.name));
    let any_full = formats.iter().any(|format| format.full);
    Ok(Page(ChoosePage { frame, register, formats, any_full, looks }))
}

/// The formats of a register, with one chosen: this one, or else the default.
pub(super) async fn choices(
    site: &Site,
    register: &Register,
    chosen: Option<&str>,
) -> Result<Vec<Choice>, Trouble> {
    let all = site.read(settings::formats).await?;
    let of_register =
        all.into_iter().map(|stored| stored.format).filter(|format| format.register == register.name);
    let choice = |format: erpfile::Format| Choice {
        chosen: chosen.map_or(format.default, |name| name == format.name),
        default: format.default,
        full: format.content == Content::Full,
        name: format.name,
    };
    Ok(of_register.map(choice).collect())
}

/// Takes the file and begins to look at it.
pub(crate) async fn send(
    register: &'static Register,
    State(site): State<Site>,
    visitor: Visitor,
    form: Multipart,
) -> Result<Response, Trouble> {
    let back =
        move |trouble: Trouble| trouble.or_go(format!("/{}/import", register.name), "Choose another file");
    let limit = site.read(settings::load).await?.limits.upload;
    let arrived = upload::receive(&site, form, limit).await.map_err(back)?;
    let upload = Upload {
        register: register.name.to_owned(),
        format: arrived.format,
        changes_only: arrived.changes_only,
        path: arrived.path,
        file: arrived.file,
    };
    let check = site
        .blocking(move |site| site.imports.check(upload, &visitor.name).map_err(Trouble::refused))
        .await
        .map_err(back)?;
    Ok(to_check(register.name, &check))
}
