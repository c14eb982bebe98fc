//! Main menu > Settings > Own fields: the list, and the form for one.

use askama::Template;
use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use register::own_fields::{self, OwnField, OwnKind};
use register::settings::{self, Complaint, Settings};
use register::{REGISTERS, Register, register};
use serde::Deserialize;

use super::Wrong;
use crate::change_settings::{self, Where};
use crate::web::page::{Frame, Page, Visitor};
use crate::web::show;
use crate::web::site::Site;
use crate::web::trouble::Trouble;

const LIST: &str = "/settings/own-fields";

#[derive(Template)]
#[template(path = "settings/own_fields.html")]
struct OwnFieldsPage {
    frame: Frame,
    fields: Vec<Listed>,
    said: Option<&'static str>,
}

/// A field in the list.
struct Listed {
    field: OwnField,
    register: &'static str,
    address: String,
    /// The formats that read it.
    formats: Vec<String>,
}

/// What the list was asked.
#[derive(Deserialize)]
pub(crate) struct Wanted {
    #[serde(default)]
    said: String,
}

/// The list.
pub(crate) async fn page(
    State(site): State<Site>,
    visitor: Visitor,
    Query(wanted): Query<Wanted>,
) -> Result<Page<impl Template>, Trouble> {
    let settings = site.read(settings::load).await?;
    let listed = |field: &OwnField| Listed {
        register: register(&field.register).map_or("unknown", |of| of.title),
        address: address(field),
        formats: formats_of(&settings, &field.register, &field.name),
        field: field.clone(),
    };
    Ok(Page(OwnFieldsPage {
        frame: Frame::new(visitor, "/settings", "Own fields"),
        fields: settings.own_fields.iter().map(listed).collect(),
        said: match wanted.said.as_str() {
            "saved" => {
                Some("Saved. The field stands on the pages, and formats can be told which column it is.")
            }
            "deleted" => Some("Deleted. Its values are kept out of sight."),
            _ => None,
        },
    }))
}

fn address(field: &OwnField) -> String {
    format!("{LIST}/edit?register={}&name={}", show::segment(&field.register), show::segment(&field.name))
}

/// The formats that map a field.
fn formats_of(settings: &Settings, register: &str, name: &str) -> Vec<String> {
    let maps = |format: &&erpfile::Format| {
        format.register == register && format.columns.iter().any(|column| column.field == name)
    };
    settings.formats.iter().filter(maps).map(|format| format.name.clone()).collect()
}

#[derive(Template)]
#[template(path = "settings/own_field.html")]
struct OwnFieldPage {
    frame: Frame,
    register: &'static Register,
    form: Sent,
    wrong: Wrong,
    /// Of a field that is there: the formats that read it, and how many records hold a value.
    used: Option<(Vec<String>, u64)>,
}

impl OwnFieldPage {
    /// What is wrong with a part of the form.
    fn of(&self, key: &str) -> String {
        self.wrong.of(&self.form.place(key))
    }

    fn is_kind(&self, kind: &OwnKind) -> bool {
        self.form.kind == kind.word() || (self.form.kind.is_empty() && *kind == OwnKind::default())
    }
}

/// The form for one field, as it was sent.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub(crate) struct Sent {
    register: String,
    /// The name of the field that is changed; empty for a new one.
    old_name: String,
    name: String,
    label: String,
    kind: String,
    /// One a line.
    choices: String,
}

impl Sent {
    fn of(field: &OwnField) -> Sent {
        Sent {
            register: field.register.clone(),
            old_name: field.name.clone(),
            name: field.name.clone(),
            label: field.label.clone(),
            kind: field.kind.word().to_owned(),
            choices: field.choices.join("\n"),
        }
    }

    /// The field that the form stands for. Its name stays what it is, or is made of the label where none is given.
    fn field(&self) -> OwnField {
        let kind = self.kind.parse().unwrap_or_default();
        let lines = self.choices.lines().map(str::trim).filter(|line| !line.is_empty());
        OwnField {
            register: self.register.clone(),
            name: match (self.old_name.as_str(), self.name.trim()) {
                ("", "") => own_fields::name_of(&self.label),
                ("", name) => name.to_owned(),
                (old, _) => old.to_owned(),
            },
            label: self.label.trim().to_owned(),
            kind,
            choices: if kind == OwnKind::Choice { lines.map(str::to_owned).collect() } else { Vec::new() },
        }
    }

    /// The place of complaints about a part of it.
    fn place(&self, key: &str) -> String {
        format!("own field \"{}\": {key}", self.field().name)
    }
}

/// A new field for this register, or the field of this name.
#[derive(Deserialize)]
pub(crate) struct Named {
    register: String,
    #[serde(default)]
    name: String,
}

fn known(name: &str) -> Result<&'static Register, Trouble> {
    register(name).ok_or_else(|| {
        Trouble::not_found(format!("There is no register “{name}”.")).or_go(LIST, "All own fields")
    })
}

/// The form for a new field.
pub(crate) async fn new(
    visitor: Visitor,
    Query(named): Query<Named>,
) -> Result<Page<impl Template>, Trouble> {
    let of = known(&named.register)?;
    let form = Sent { register: of.name.to_owned(), ..Sent::default() };
    Ok(Page(form_page(visitor, of, form, None, Vec::new())))
}

fn form_page(
    visitor: Visitor,
    register: &'static Register,
    form: Sent,
    used: Option<(Vec<String>, u64)>,
    wrong: Vec<Complaint>,
) -> OwnFieldPage {
    let title = match form.old_name.as_str() {
        "" => format!("New field for {}", register.name),
        _ => form.label.clone(),
    };
    let frame = Frame::new(visitor, "/settings", title);
    OwnFieldPage { frame, register, form, wrong: wrong.into(), used }
}

/// The form for a field that is there.
pub(crate) async fn edit(
    State(site): State<Site>,
    visitor: Visitor,
    Query(named): Query<Named>,
) -> Result<Page<impl Template>, Trouble> {
    let of = known(&named.register)?;
    let settings = site.read(settings::load).await?;
    let field = settings
        .own_fields
        .iter()
        .find(|field| (field.register.as_str(), &field.name) == (of.name, &named.name));
    let Some(field) = field else {
        let message = format!("There is no own field “{}” (any more).", named.name);
        return Err(Trouble::not_found(message).or_go(LIST, "All own fields"));
    };
    let used = used(&site, of, &field.name).await?;
    Ok(Page(form_page(visitor, of, Sent::of(field), Some(used), Vec::new())))
}

/// The formats that read a field, and how many records hold a value.
async fn used(site: &Site, of: &'static Register, name: &str) -> Result<(Vec<String>, u64), Trouble> {
    let name = name.to_owned();
    site.read(move |c| Ok((formats_of(&settings::load(c)?, of.name, &name), own_fields::held(c, of, &name)?)))
        .await
}

/// Saves a field.
pub(crate) async fn save(State(site): State<Site>, visitor: Visitor, Form(sent): Form<Sent>) -> Response {
    site.clone().whole(Some(visitor.id), saved(site, visitor, sent)).await
}

async fn saved(site: Site, visitor: Visitor, sent: Sent) -> Result<Response, Trouble> {
    let of = known(&sent.register)?;
    let (field, by, now) = (sent.field(), visitor.name.clone(), (site.clock)());
    let is_new = sent.old_name.is_empty();
    let outcome = site
        .change(move |site| {
            let place = Where { db: &site.database, data: &site.data };
            let change = change_settings::change(place, &by, now, |settings| {
                let all = &mut settings.own_fields;
                let same =
                    |other: &&mut OwnField| (&other.register, &other.name) == (&field.register, &field.name);
                match all.iter_mut().find(same).filter(|_| !is_new) {
                    Some(before) => *before = field.clone(),
                    None => all.push(field.clone()),
                }
            });
            super::saved(change)
        })
        .await?;
    let Err(complaints) = outcome else {
        return Ok(Redirect::to(&format!("{LIST}?said=saved")).into_response());
    };
    let used = if is_new { None } else { Some(used(&site, of, &sent.old_name).await?) };
    let page = Page(form_page(visitor, of, sent, used, complaints));
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// Deletes a field.
pub(crate) async fn delete(State(site): State<Site>, visitor: Visitor, Form(named): Form<Named>) -> Response {
    site.clone().whole(Some(visitor.id), deleted(site, visitor, named)).await
}

async fn deleted(site: Site, visitor: Visitor, named: Named) -> Result<Response, Trouble> {
    let of = known(&named.register)?;
    let (formats, _) = used(&site, of, &named.name).await?;
    let way_back = format!("{LIST}/edit?register={}&name={}", of.name, show::segment(&named.name));
    let not = |sentence: String| {
        Trouble::conflict("The field was not deleted", sentence).or_go(way_back.clone(), "Back to the field")
    };
    if !formats.is_empty() {
        return Err(not(mapped_by(&formats)));
    }
    let (by, now) = (visitor.name, (site.clock)());
    let deleted = site
        .change(move |site| {
            let place = Where { db: &site.database, data: &site.data };
            super::saved(change_settings::change(place, &by, now, |settings| {
                let is_it =
                    |field: &OwnField| (field.register.as_str(), &field.name) == (of.name, &named.name);
                settings.own_fields.retain(|field| !is_it(field));
            }))
        })
        .await?;
    match deleted {
        Ok(_) => Ok(Redirect::to(&format!("{LIST}?said=deleted")).into_response()),
        // A format that has begun to map it in this moment, for instance.
        Err(complaints) => {
            let sentences =
                complaints.iter().map(|complaint| format!("{} {}", complaint.message, complaint.hint));
            Err(not(sentences.collect::<Vec<_>>().join(" ")))
        }
    }
}

/// Why a field cannot be deleted.
fn mapped_by(formats: &[String]) -> String {
    let named: Vec<String> = formats.iter().map(|name| format!("“{name}”")).collect();
    let (formats, it) =
        if named.len() == 1 { ("format", "that format") } else { ("formats", "these formats") };
    format!(
        "A column is mapped to it in the {formats} {}. Take it out of {it} first, under Main menu > Settings > Formats.",
        named.join(", ")
    )
}
