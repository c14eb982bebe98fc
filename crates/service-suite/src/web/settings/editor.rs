//! Main menu > Settings > Formats: the editor of one format, with a live preview beside it.

use askama::Template;
use axum::extract::{Form, Multipart, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use erpfile::{
    Apostrophe, Apply, Arriving, Blank, Content, DecimalSeparator, Encoding, FieldChecks, Format,
    IgnoredInKey, Layout, Level, LineEnds, Missing, OtherCodes, OuterBlanks, Owner, Part, PositionsIn,
    Repeated, TableEnds, Thousands, Undecodable,
};
use register::db::Conn;
use register::layout::{self, Known};
use register::own_fields::with;
use register::settings::{self, Settings};
use register::{Kind, Register, register};
use serde::Deserialize;

use super::Wrong;
use super::form::{ColumnForm, DATES, DELIMITERS, FormatForm, Sent, Target};
use super::preview::Preview;
use super::sample::{self, Sample};
use super::suggest::Told;
use crate::change_settings;
use crate::web::page::{Frame, Page, Visitor};
use crate::web::show;
use crate::web::site::Site;
use crate::web::trouble::Trouble;

#[derive(Template)]
#[template(path = "settings/editor.html")]
pub(super) struct EditorPage {
    frame: Frame,
    register: &'static Register,
    form: FormatForm,
    /// The fields of the register under their headings, each with what stands beside it.
    groups: Vec<(&'static str, Vec<(Target, ColumnForm)>)>,
    preview: Preview,
    wrong: Wrong,
    /// What was found out of the sample, when that was asked for.
    told: Option<Told>,
}

/// The preview alone, for a page that is there already.
#[derive(Template)]
#[template(path = "settings/preview.html")]
struct PreviewPart {
    preview: Preview,
    form: FormatForm,
}

impl EditorPage {
    pub(super) fn new(
        visitor: Visitor,
        register: &'static Register,
        form: FormatForm,
        preview: Preview,
    ) -> EditorPage {
        let title = match form.old_name.as_str() {
            "" => format!("New format for {}", register.name),
            name => name.to_owned(),
        };
        let mut groups: Vec<(&str, Vec<_>)> = Vec::new();
        for (target, column) in form.columns.clone() {
            match groups.iter_mut().find(|group| group.0 == target.group) {
                Some(group) => group.1.push((target, column)),
                None => groups.push((target.group, vec![(target, column)])),
            }
        }
        let frame = Frame::new(visitor, "/settings", title);
        let wrong = Wrong::from(form.wrong.clone());
        EditorPage { frame, register, form, groups, preview, wrong, told: None }
    }

    /// The same with what was found out of the sample.
    pub(super) fn told(mut self, told: Told) -> EditorPage {
        self.told = Some(told);
        self
    }

    /// How sure the proposed column of a field is; empty when none was proposed.
    fn sure(&self, field: &str) -> String {
        self.told.as_ref().map(|told| told.sure(field)).unwrap_or_default()
    }
}

/// A new format for this register.
#[derive(Deserialize)]
pub(crate) struct WantedNew {
    register: String,
}

/// The editor for a new format, filled with what most ERP systems write.
pub(crate) async fn new(
    State(site): State<Site>,
    visitor: Visitor,
    Query(wanted): Query<WantedNew>,
) -> Result<Page<impl Template>, Trouble> {
    let settings = site.read(settings::load).await?;
    let of = known(&wanted.register, &settings)?;
    let first = !settings.formats.iter().any(|format| format.register == of.name);
    let format = Format {
        name: free_name(&settings, of),
        register: of.name.to_owned(),
        default: first,
        filename: of.filename.to_owned(),
        ..Format::default()
    };
    let form = FormatForm::of(of, format, "");
    let preview = look(&site, of, form.clone(), settings).await?;
    Ok(Page(EditorPage::new(visitor, of, form, preview)))
}

/// A name that no format has yet.
pub(super) fn free_name(settings: &Settings, of: &Register) -> String {
    let plain = format!("{} {}", settings.erp_system.name, of.name);
    let taken = |name: &str| settings.formats.iter().any(|format| format.name == name);
    let mut names = (1_u32..).map(|n| if n == 1 { plain.clone() } else { format!("{plain} {n}") });
    names.find(|name| !taken(name)).unwrap_or_default()
}

/// The register of this name, with its own fields.
pub(super) fn known(name: &str, settings: &Settings) -> Result<&'static Register, Trouble> {
    register(name).map(|of| with(of, &settings.own_fields)).ok_or_else(|| {
        Trouble::not_found(format!("There is no register “{name}”."))
            .or_go("/settings/formats", "All formats")
    })
}

/// The format with this name.
#[derive(Deserialize)]
pub(crate) struct Wanted {
    name: String,
}

/// The editor of a format.
pub(crate) async fn page(
    State(site): State<Site>,
    visitor: Visitor,
    Query(wanted): Query<Wanted>,
) -> Result<Page<impl Template>, Trouble> {
    let settings = site.read(settings::load).await?;
    let Some(format) = settings.formats.iter().find(|format| format.name == wanted.name) else {
        let message = format!("There is no format “{}” (any more).", wanted.name);
        return Err(Trouble::not_found(message).or_go("/settings/formats", "All formats"));
    };
    let of = known(&format.register, &settings)?;
    let form = FormatForm::of(of, format.clone(), &format.name);
    let preview = look(&site, of, form.clone(), settings).await?;
    Ok(Page(EditorPage::new(visitor, of, form, preview)))
}

/// What is wrong with the texts with which a table ends: with all of them, or with one.
fn of_footer(wrong: &Wrong) -> String {
    let one = |index: usize| wrong.of(&format!("footer[{index}]"));
    (1..=20).map(one).chain([wrong.of("footer")]).collect::<Vec<_>>().join(" ").trim().to_owned()
}

/// What is wrong with the column that a field comes from. Complaints count the columns of the format, from 1.
fn of_column(form: &FormatForm, wrong: &Wrong, field: &str) -> String {
    let Some(at) = form.format.columns.iter().position(|column| column.field == field) else {
        // That the key has no column is wrong with the columns as a whole.
        let is_key = register(&form.format.register).is_some_and(|of| of.key == field);
        return if is_key { wrong.of("columns") } else { String::new() };
    };
    ["from", "field", "join", "value", "date-format", "codes", "other-codes", "owner", "blank"]
        .map(|key| wrong.of(&format!("columns[{}].{key}", at + 1)))
        .join(" ")
        .trim()
        .to_owned()
}

async fn look(
    site: &Site,
    of: &'static Register,
    form: FormatForm,
    settings: Settings,
) -> Result<Preview, Trouble> {
    site.blocking(move |site| {
        let uploaded = (form.sample.as_str(), form.sample_name.as_str());
        let sample = Sample::find(site, &settings.erp_system, uploaded, &form.format.filename);
        let limits = settings.limits.reading();
        Ok(sample.map(|sample| Preview::read(of, &form.format, limits, &sample)).unwrap_or_default())
    })
    .await
}

/// The preview alone, asked for by the page's script whenever something in the form changes.
pub(crate) async fn preview(
    State(site): State<Site>,
    _: Visitor,
    Form(sent): Form<Sent>,
) -> Result<Page<impl Template>, Trouble> {
    let settings = site.read(settings::load).await?;
    let of = known(sent.get("register").map(String::as_str).unwrap_or_default(), &settings)?;
    let form = FormatForm::read(of, &sent);
    let preview = look(&site, of, form.clone(), settings).await?;
    Ok(Page(PreviewPart { preview, form }))
}

/// The whole page again with another sample, other columns proposed, or just the preview, saving nothing.
pub(crate) async fn again(
    State(site): State<Site>,
    visitor: Visitor,
    form: Multipart,
) -> Result<Page<impl Template>, Trouble> {
    let sent = sample::read_form(&site, form).await?;
    let settings = site.read(settings::load).await?;
    let of = known(sent.get("register").map(String::as_str).unwrap_or_default(), &settings)?;
    let mut form = FormatForm::read(of, &sent);
    let mut preview = look(&site, of, form.clone(), settings.clone()).await?;
    if sent.get("do").is_some_and(|what| what == "propose") {
        let names: Vec<String> = preview.names().map(str::to_owned).collect();
        form.propose(of, &names);
        preview = look(&site, of, form.clone(), settings).await?;
    }
    if sent.get("do").is_some_and(|what| what == "more-contacts") {
        form.add_contact(of);
    }
    Ok(Page(EditorPage::new(visitor, of, form, preview)))
}

/// Saves the format.
pub(crate) async fn save(
    State(site): State<Site>,
    visitor: Visitor,
    form: Multipart,
) -> Result<Response, Trouble> {
    let sent = sample::read_form(&site, form).await?;
    Ok(site.clone().whole(Some(visitor.id), saved(site, visitor, sent)).await)
}

async fn saved(site: Site, visitor: Visitor, sent: Sent) -> Result<Response, Trouble> {
    let settings = site.read(settings::load).await?;
    let of = known(sent.get("register").map(String::as_str).unwrap_or_default(), &settings)?;
    let mut form = FormatForm::read(of, &sent);
    if form.wrong.is_empty() {
        let (format, old_name) = (form.format.clone(), form.old_name.clone());
        let (by, now) = (visitor.name.clone(), (site.clock)());
        let outcome = site
            .change(move |site| {
                let old_name = Some(old_name.as_str()).filter(|name| !name.is_empty());
                super::saved(change_settings::save_format(&site.database, old_name, &format, &by, now))
            })
            .await?;
        match outcome {
            Ok(()) => {
                let settings = site.read(settings::load).await?;
                let format = form.format.clone();
                if let Some(shown) = look(&site, of, form, settings).await?.layout() {
                    let known = Known::new(shown, None, &format);
                    let unknown = move |c: &Conn| match layout::known(c, &format)? {
                        Some(_) => Ok(()),
                        None => layout::note(c, &format.name, &known),
                    };
                    site.write(unknown).await?;
                }
                return Ok(Redirect::to("/settings/formats?said=saved").into_response());
            }
            Err(complaints) => form.wrong = complaints,
        }
    }
    let settings = site.read(settings::load).await?;
    let preview = look(&site, of, form.clone(), settings).await?;
    let page = Page(EditorPage::new(visitor, of, form, preview));
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}
