//! Main menu > Settings > Formats: a sample becomes a proposal, which the editor shows and one click saves.

use askama::Template;
use axum::extract::{Multipart, State};
use axum::response::{IntoResponse, Response};
use erpfile::suggest::Question;
use erpfile::{Format, Layout, Limits};
use register::settings;
use register::suggest::{Proposal, propose};

use super::editor::{EditorPage, free_name, known};
use super::folder;
use super::form::FormatForm;
use super::preview::Preview;
use super::sample::{self, Sample};
use crate::web::page::{Frame, Page, Visitor};
use crate::web::show;
use crate::web::site::Site;
use crate::web::trouble::Trouble;

/// What was found out of a sample, for the top of the editor.
pub(super) struct Told {
    /// The known system that writes such files.
    pub(super) preset: Option<&'static str>,
    /// What the file is, as labels and texts.
    pub(super) facts: Vec<(&'static str, String)>,
    /// What a person must say.
    pub(super) questions: Vec<Question>,
    /// For each field that a column was found for how sure that is, in percent.
    pub(super) sure: Vec<(&'static str, u32)>,
    /// How many columns the file has.
    pub(super) columns: usize,
}

impl Told {
    fn of(proposal: &Proposal) -> Told {
        let format = &proposal.format;
        let mut facts = vec![("Layout", format.layout.title().to_owned())];
        if let Some((encoding, sure)) = proposal.found.encoding {
            facts.push(("Encoding", format!("{}, {:.0} % sure", encoding.title(), sure * 100.0)));
        }
        if format.layout == Layout::Delimited {
            let delimiter =
                if format.delimiter == "\t" { "tab".to_owned() } else { format.delimiter.clone() };
            facts.push(("Between two cells", delimiter));
        }
        let above = match format.skip_lines {
            0 => "none".to_owned(),
            lines => lines.to_string(),
        };
        facts.push(("Lines above", above));
        let header = match format.header_lines {
            0 => "none, columns are counted".to_owned(),
            1 => "one line".to_owned(),
            lines => format!("{lines} lines"),
        };
        facts.push(("Header", header));
        if !proposal.format.records.is_empty() {
            facts.push(("Records", format!("the lines that begin with {}", proposal.format.records)));
        }
        let unknown = || "not to be told".to_owned();
        let decimals = proposal.found.decimal_separator.map(|separator| separator.title().to_owned());
        facts.push(("Decimals", decimals.unwrap_or_else(unknown)));
        facts.push(("Dates", proposal.found.date_format.clone().unwrap_or_else(unknown)));
        let percent = |confidence: f64| (confidence * 100.0).round() as u32;
        Told {
            preset: proposal.preset,
            facts,
            questions: proposal.questions.clone(),
            sure: proposal
                .columns
                .iter()
                .filter_map(|column| Some((column.field?, percent(column.confidence))))
                .collect(),
            columns: proposal.columns.len(),
        }
    }

    /// How sure the column of a field is, in words; empty where none was found.
    pub(super) fn sure(&self, field: &str) -> String {
        let sure = self.sure.iter().find(|(name, _)| *name == field);
        sure.map(|(_, percent)| format!("{percent} % sure")).unwrap_or_default()
    }
}

/// The most files of the exchange folder that are offered.
const OFFERED: usize = 50;

/// The files in the exchange folder, to choose from.
#[derive(Template)]
#[template(path = "settings/choose.html")]
struct ChoosePage {
    frame: Frame,
    names: Vec<String>,
    folder: String,
}

/// The editor filled with what a sample seems to be: an uploaded one, or a file that lies in the exchange folder.
pub(crate) async fn page(
    State(site): State<Site>,
    visitor: Visitor,
    form: Multipart,
) -> Result<Response, Trouble> {
    let sent = sample::read_form(&site, form).await?;
    let text = |name: &str| sent.get(name).cloned().unwrap_or_default();
    let (kept, kept_name, in_folder) = (text("sample"), text("sample-name"), text("in-folder"));
    let (old_name, name, filename) = (text("old-name"), text("name"), text("filename"));
    let settings = site.read(settings::load).await?;
    let erp = settings.erp_system.clone();
    if in_folder == "*" {
        let folder = erp.exchange_path(&site.data).display().to_string();
        let names = site.blocking(move |site| Ok(folder::files(&erp, &site.data, OFFERED))).await?;
        let frame = Frame::new(visitor, "/settings", "Files in the exchange folder");
        return Ok(Page(ChoosePage { frame, names, folder }).into_response());
    }
    let wanted = if in_folder.is_empty() { filename.clone() } else { in_folder };
    // Of a format that is there already only what it says of the file is proposed anew.
    let stored = match old_name.as_str() {
        "" => None,
        _ => {
            let of = known(&text("register"), &settings)?;
            Some((of, FormatForm::read(of, &sent).format))
        }
    };
    let (limits, own) = (settings.limits.reading(), settings.own_fields.clone());
    let (sample, proposal) = site
        .blocking(move |site| {
            let uploaded = (kept.as_str(), kept_name.as_str());
            let Some(sample) = Sample::find(site, &erp, uploaded, &wanted) else {
                let message = "Choose a file first, or one that lies in the exchange folder.";
                return Err(Trouble::unusable(message).or_go("/settings/formats", "All formats"));
            };
            let mut proposal = proposal(&sample, limits)?;
            proposal.add_own_fields(&own);
            Ok((sample, proposal))
        })
        .await?;
    let (of, format) = match stored {
        Some((of, format)) => {
            if let Some(other) = proposal.register.filter(|other| other.name != of.name) {
                let message = format!(
                    "{} looks like a file of {}, and this format is for {}.",
                    sample.name, other.name, of.name
                );
                let back = format!("/settings/formats/edit?name={}", show::segment(&old_name));
                return Err(Trouble::unusable(message).or_go(back, "Back to the format"));
            }
            (of, proposal.onto(format))
        }
        None => {
            let of = known(&proposal.format.register, &settings)?;
            let first = !settings.formats.iter().any(|format| format.register == of.name && format.default);
            let format = Format {
                name: if name.is_empty() { free_name(&settings, of) } else { name },
                filename: if filename.is_empty() { sample.name.clone() } else { filename },
                default: first,
                ..proposal.format.clone()
            };
            (of, format)
        }
    };
    let mut form = FormatForm::of(of, format, &old_name);
    if sample.uploaded {
        (form.sample, form.sample_name) = (text("sample"), text("sample-name"));
    }
    let format = form.format.clone();
    let preview = site.blocking(move |_| Ok(Preview::read(of, &format, limits, &sample))).await?;
    Ok(Page(EditorPage::new(visitor, of, form, preview).told(Told::of(&proposal))).into_response())
}

fn proposal(sample: &Sample, limits: Limits) -> Result<Proposal, Trouble> {
    let looked_at = erpfile::suggest::Sample::new(sample.bytes.clone(), !sample.is_cut());
    propose(&looked_at, limits).map_err(|error| {
        Trouble::unusable(format!("Nothing can be said of {}: {error}", sample.name))
            .or_go("/settings/formats", "All formats")
    })
}
