//! Main menu > Settings > ERP-system.

use std::collections::HashMap;
use std::path::PathBuf;

use askama::Template;
use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use register::settings::{
    self, AfterImport, Complaint, ErpSystem, KeepArchive, Settings, duration_text, parse_duration,
};
use register::{REGISTERS, Register};
use serde::Deserialize;

use super::{Wrong, complaint};
use crate::change_settings::{self, Where, folder_complaints};
use crate::exchange::check::Check;
use crate::exchange::selftest;
use crate::import::accept_folder;
use crate::web::page::{Frame, Page, Visitor};
use crate::web::show;
use crate::web::site::Site;
use crate::web::state;
use crate::web::trouble::Trouble;

#[derive(Template)]
#[template(path = "settings/erp_system.html")]
struct ErpSystemPage {
    frame: Frame,
    fields: Fields,
    default_exchange: String,
    registers: Vec<Default>,
    wrong: Wrong,
    saved: bool,
    tested: Option<(String, Vec<Check>)>,
}

/// The form as it stands, right or wrong.
struct Fields {
    name: String,
    exchange_folder: String,
    settle: String,
    after_import: String,
    archive_folder: String,
    refused_folder: String,
    keep_archive: String,
}

/// A register with its formats, and the one that its automation waits for.
struct Default {
    register: &'static Register,
    formats: Vec<(String, bool)>,
    filename: String,
}

/// What the page was asked.
#[derive(Deserialize)]
pub(crate) struct Wanted {
    #[serde(default)]
    said: String,
}

/// The page.
pub(crate) async fn page(
    State(site): State<Site>,
    visitor: Visitor,
    Query(wanted): Query<Wanted>,
) -> Result<Page<impl Template>, Trouble> {
    let settings = site.read(settings::load).await?;
    let fields = Fields::of(&settings.with_defaults(&site.data).erp_system);
    let registers = defaults(&settings);
    let saved = wanted.said == "saved";
    // Whoever has just named a folder sees at once whether it can be used.
    let erp = &settings.erp_system;
    let tested = if saved {
        let leave = erp.after_import == AfterImport::Leave;
        Some(look_at(&site, erp.exchange_path(&site.data), leave).await?)
    } else {
        None
    };
    Ok(Page(filled(&site, visitor, fields, registers, Wrong::default(), saved, tested)))
}

/// Looks closely at a folder; gives its path and what was found.
async fn look_at(site: &Site, folder: PathBuf, leave: bool) -> Result<(String, Vec<Check>), Trouble> {
    let path = folder.display().to_string();
    let address = path.clone();
    let checks = site
        .blocking(move |site| {
            let before = site.database.read(|c| settings::stood_on(c, &address))?;
            let before = before.and_then(|text| serde_json::from_str(&text).ok());
            let mut checks = selftest::self_test(&folder, &*site.clock, leave);
            checks.extend(selftest::still_mounted(&folder, before.as_ref()));
            Ok(checks)
        })
        .await?;
    Ok((path, checks))
}

fn filled(
    site: &Site,
    visitor: Visitor,
    fields: Fields,
    registers: Vec<Default>,
    wrong: Wrong,
    saved: bool,
    tested: Option<(String, Vec<Check>)>,
) -> ErpSystemPage {
    let frame = Frame::new(visitor, "/settings", "ERP-system");
    let default_exchange = ErpSystem::default().exchange_path(&site.data).display().to_string();
    ErpSystemPage { frame, fields, default_exchange, registers, wrong, saved, tested }
}

impl Fields {
    fn of(erp: &ErpSystem) -> Fields {
        let folder = |folder: &Option<String>| folder.clone().unwrap_or_default();
        Fields {
            name: erp.name.clone(),
            exchange_folder: folder(&erp.exchange_folder),
            settle: duration_text(erp.settle),
            after_import: erp.after_import.word().into(),
            archive_folder: folder(&erp.archive_folder),
            refused_folder: folder(&erp.refused_folder),
            keep_archive: erp.keep_archive.to_string(),
        }
    }

    fn sent(sent: &HashMap<String, String>) -> Fields {
        let field = |name: &str| sent.get(name).map(|text| text.trim().to_owned()).unwrap_or_default();
        Fields {
            name: field("name"),
            exchange_folder: field("exchange-folder"),
            settle: field("settle"),
            after_import: field("after-import"),
            archive_folder: field("archive-folder"),
            refused_folder: field("refused-folder"),
            keep_archive: field("keep-archive"),
        }
    }

    /// The settings that the form stands for, and what cannot be read.
    fn read(&self) -> (ErpSystem, Vec<Complaint>) {
        let mut wrong = Vec::new();
        let mut note = |place: &str, message: String| {
            wrong.push(complaint(place, &show::sentence(&message), ""));
        };
        let folder = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let mut erp = ErpSystem {
            name: self.name.clone(),
            exchange_folder: folder(&self.exchange_folder),
            archive_folder: folder(&self.archive_folder),
            refused_folder: folder(&self.refused_folder),
            ..ErpSystem::default()
        };
        match parse_duration(&self.settle) {
            Ok(settle) => erp.settle = settle,
            Err(message) => note("erp-system.settle", message),
        }
        match self.after_import.parse::<AfterImport>() {
            Ok(after_import) => erp.after_import = after_import,
            Err(error) => note("erp-system.after-import", error.to_string()),
        }
        match self.keep_archive.as_str() {
            "forever" | "" => erp.keep_archive = KeepArchive::Forever,
            days => match days.parse() {
                Ok(days) => erp.keep_archive = KeepArchive::Days(days),
                Err(_) => note(
                    "erp-system.keep-archive",
                    format!("\"{days}\" is no number of days; write forever, or a number such as 90"),
                ),
            },
        }
        (erp, wrong)
    }
}

fn defaults(settings: &Settings) -> Vec<Default> {
    let all = REGISTERS.iter().map(|register| {
        let of_register = settings.formats.iter().filter(|format| format.register == register.name);
        let filename =
            of_register.clone().find(|format| format.default).map(|format| format.filename.clone());
        Default {
            register,
            formats: of_register.map(|format| (format.name.clone(), format.default)).collect(),
            filename: filename.unwrap_or_else(|| register.filename.to_owned()),
        }
    });
    all.collect()
}

/// Makes the chosen formats the default ones, and names their files.
fn choose(settings: &mut Settings, sent: &HashMap<String, String>) {
    for register in REGISTERS {
        let field = |part: &str| sent.get(&format!("{part}.{}", register.name)).map(|text| text.trim());
        let Some(chosen) = field("default") else { continue };
        for format in settings.formats.iter_mut().filter(|format| format.register == register.name) {
            format.default = format.name == chosen;
            if let (true, Some(filename)) = (format.default, field("filename")) {
                format.filename = filename.to_owned();
            }
        }
    }
}

/// Saves the form.
pub(crate) async fn save(
    State(site): State<Site>,
    visitor: Visitor,
    Form(sent): Form<HashMap<String, String>>,
) -> Response {
    site.clone().whole(Some(visitor.id), saved(site, visitor, sent)).await
}

async fn saved(site: Site, visitor: Visitor, sent: HashMap<String, String>) -> Result<Response, Trouble> {
    let fields = Fields::sent(&sent);
    let (erp, mut wrong) = fields.read();
    let (by, now) = (visitor.name.clone(), (site.clock)());
    let choices = sent.clone();
    if wrong.is_empty() {
        let outcome = site
            .change(move |site| {
                let place = Where { db: &site.database, data: &site.data };
                let saved = super::saved(change_settings::change(place, &by, now, |settings| {
                    settings.erp_system.clone_from(&erp);
                    choose(settings, &sent);
                }))?;
                if saved.is_ok() {
                    // Whoever saves the folders says that they are right as they are now.
                    let data = &site.data;
                    for folder in [erp.exchange_path(data), erp.archive_path(data), erp.refused_path(data)] {
                        accept_folder(&site.database, data, &folder)?;
                    }
                }
                Ok(saved)
            })
            .await?;
        match outcome {
            Ok(_) => return Ok(Redirect::to("/settings/erp-system?said=saved").into_response()),
            Err(complaints) => wrong = complaints,
        }
    } else {
        wrong.extend(site.blocking(move |site| Ok(folder_complaints(&site.data, &erp))).await?);
    }
    let registers = site
        .read(move |c| {
            let mut settings = settings::load(c)?;
            choose(&mut settings, &choices);
            Ok(defaults(&settings))
        })
        .await?;
    let page = filled(&site, visitor, fields, registers, wrong.into(), false, None);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response())
}

/// Looks at the folder that stands in the form, saving nothing.
pub(crate) async fn test(
    State(site): State<Site>,
    visitor: Visitor,
    Form(sent): Form<HashMap<String, String>>,
) -> Result<Page<impl Template>, Trouble> {
    let fields = Fields::sent(&sent);
    let folder = match fields.exchange_folder.as_str() {
        "" => ErpSystem::default().exchange_path(&site.data),
        named => PathBuf::from(named),
    };
    let (tested, checks) = look_at(&site, folder, fields.after_import == AfterImport::Leave.word()).await?;
    let registers = site
        .read(move |c| {
            let mut settings = settings::load(c)?;
            choose(&mut settings, &sent);
            Ok(defaults(&settings))
        })
        .await?;
    Ok(Page(filled(&site, visitor, fields, registers, Wrong::default(), false, Some((tested, checks)))))
}
