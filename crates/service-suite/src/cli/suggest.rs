//! `suggest`: what a file is, as a format that is ready to be used.

use std::path::PathBuf;
use std::process::ExitCode;

use erpfile::{Format, Layout};
use serde::Serialize;

use super::{Json, output};
use crate::config::CommonOptions;
use crate::suggest::{self, Suggested};

/// The file to look at.
#[derive(Debug, clap::Args)]
pub(crate) struct SuggestOptions {
    /// The file; it is only read
    file: PathBuf,
    #[command(flatten)]
    json: Json,
}

/// What `suggest --json` prints; null where nothing can be said.
#[derive(Serialize)]
struct Document<'a> {
    encoding: Option<&'a str>,
    layout: &'a str,
    delimiter: Option<&'a str>,
    quote: Option<&'a str>,
    skip_lines: u32,
    header_lines: u32,
    decimal_separator: Option<&'a str>,
    date_format: Option<&'a str>,
    preset: Option<&'a str>,
    register: Option<&'a str>,
    rows: Option<u64>,
    columns: Vec<DocumentColumn<'a>>,
    questions: Vec<DocumentQuestion<'a>>,
}

#[derive(Serialize)]
struct DocumentColumn<'a> {
    position: u32,
    header: Option<&'a str>,
    field: Option<&'a str>,
    confidence: f64,
}

#[derive(Serialize)]
struct DocumentQuestion<'a> {
    key: &'a str,
    question: &'a str,
    choices: &'a [String],
}

impl<'a> Document<'a> {
    fn of(suggested: &'a Suggested) -> Document<'a> {
        let proposal = &suggested.proposal;
        let format = &proposal.format;
        let delimited = format.layout == Layout::Delimited;
        Document {
            encoding: proposal.found.encoding.map(|(encoding, _)| encoding.label()),
            layout: format.layout.word(),
            delimiter: delimited.then_some(format.delimiter.as_str()),
            quote: delimited.then_some(format.quote.as_str()),
            skip_lines: format.skip_lines,
            header_lines: format.header_lines,
            decimal_separator: proposal.found.decimal_separator.map(|separator| separator.word()),
            date_format: proposal.found.date_format.as_deref(),
            preset: proposal.preset,
            register: proposal.register.map(|register| register.name),
            rows: suggested.rows,
            columns: proposal
                .columns
                .iter()
                .map(|column| DocumentColumn {
                    position: column.position,
                    header: Some(column.header.as_str()).filter(|header| !header.is_empty()),
                    field: column.field,
                    confidence: column.confidence,
                })
                .collect(),
            questions: proposal
                .questions
                .iter()
                .map(|question| DocumentQuestion {
                    key: question.key,
                    question: &question.sentence,
                    choices: &question.choices,
                })
                .collect(),
        }
    }
}

/// A part of a settings file.
#[derive(Serialize)]
struct Part {
    formats: Vec<Format>,
}

/// Runs the command.
pub(crate) fn run(common: &CommonOptions, options: &SuggestOptions) -> anyhow::Result<ExitCode> {
    let suggested = suggest::suggest(&options.file, &suggest::settings_if_any(common)?)?;
    if options.json.json {
        output::json(&Document::of(&suggested))?;
    } else {
        tell(options, &suggested)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints a part of a settings file; what is for people stands in its comments.
fn tell(options: &SuggestOptions, suggested: &Suggested) -> anyhow::Result<()> {
    let proposal = &suggested.proposal;
    let filename = options.file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let comment = |text: &str| output::line(output::clean(&format!("# {text}")).trim_end());
    let what = proposal.preset.unwrap_or(proposal.format.layout.title());
    let rows = match suggested.rows {
        Some(1) => "1 row".to_owned(),
        Some(rows) => format!("{rows} rows"),
        None => "rows that cannot be counted".to_owned(),
    };
    comment(&format!("{filename}: {what}, {rows}, {} columns", proposal.columns.len()))?;
    for column in &proposal.columns {
        let sure = format!("{:.0} %", column.confidence * 100.0);
        let name = if column.header.is_empty() { "(no name)" } else { column.header.as_str() };
        let field = column.field.map_or_else(|| "not read".to_owned(), |field| format!("{field}, {sure}"));
        comment(&format!("  {:>3} {name} -> {field}", column.position))?;
    }
    for question in &proposal.questions {
        comment(&format!("? {}", question.sentence))?;
        if !question.choices.is_empty() {
            comment(&format!("    {}", question.choices.join(" | ")))?;
        }
    }
    let mut format = proposal.format.clone();
    format.name = proposal.preset.map_or_else(|| format!("ERP {}", format.register), str::to_owned);
    format.filename = filename.to_owned();
    output::line(toml::to_string(&Part { formats: vec![format] })?.trim_end())
}
