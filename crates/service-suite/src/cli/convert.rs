//! `convert`: any file that can be read, as CSV.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, anyhow, bail};
use erpfile::suggest::Question;
use erpfile::{Format, Layout, Problem};
use register::settings::{self, Settings};
use serde::Serialize;

use super::{Json, output};
use crate::app::App;
use crate::config::CommonOptions;
use crate::convert::{Convertible, Refused};
use crate::{suggest, whole_file};

/// Which file, and where it goes.
#[derive(Debug, clap::Args)]
pub(crate) struct ConvertOptions {
    /// The file; it is only read
    #[arg(value_name = "IN")]
    input: PathBuf,
    /// The file to write; a file of that name is replaced; - for standard output
    #[arg(value_name = "OUT")]
    output: PathBuf,
    /// The format to read it by; by default what can be told from the file itself
    #[arg(long, value_name = "NAME")]
    format: Option<String>,
    #[command(flatten)]
    json: Json,
}

/// What `convert --json` prints; null where the layout has no such thing, or nothing was written.
#[derive(Default, Serialize)]
struct Report<'a> {
    written: bool,
    rows: Option<u64>,
    columns: &'a [String],
    format: Option<&'a str>,
    layout: Option<&'a str>,
    encoding: Option<&'a str>,
    delimiter: Option<&'a str>,
    quote: Option<&'a str>,
    skip_lines: Option<u32>,
    header_lines: Option<u32>,
    notes: &'a [Problem],
    problems: &'a [Problem],
    questions: Vec<Asked<'a>>,
}

#[derive(Serialize)]
struct Asked<'a> {
    key: &'a str,
    question: &'a str,
    choices: &'a [String],
}

/// Runs the command.
pub(crate) fn run(common: &CommonOptions, options: &ConvertOptions) -> anyhow::Result<ExitCode> {
    let to_output = options.output.as_os_str() == "-";
    if to_output && options.json.json {
        bail!("--json reports on standard output: name a file to write instead of -");
    }
    if !to_output && is_same(&options.input, &options.output) {
        bail!("{} would be replaced by what is made of it; name another file", options.input.display());
    }
    let (format, settings) = match &options.format {
        Some(name) => stored(common, name)?,
        None => (None, suggest::settings_if_any(common)?),
    };
    match Convertible::open(&options.input, format, &settings) {
        Ok(convertible) if to_output => {
            write_out(&convertible)?;
            tell_notes(&convertible.notes);
        }
        Ok(convertible) => {
            whole_file::write(&options.output, |out| convertible.write(out))?;
            if options.json.json {
                output::json(&report(&convertible, options.format.as_deref()))?;
            } else {
                let (rows, columns) = (convertible.rows, convertible.columns.len());
                output::line(output::clean(&format!(
                    "{rows} rows of {columns} columns written to {}",
                    options.output.display()
                )))?;
                tell_notes(&convertible.notes);
            }
        }
        Err(refused) => return nothing_written(options, refused),
    }
    Ok(ExitCode::SUCCESS)
}

/// The format of this name, and the settings beside it.
fn stored(common: &CommonOptions, name: &str) -> anyhow::Result<(Option<Format>, Settings)> {
    let app = App::for_command(common)?;
    let format = super::format_named(&app, name)?.format;
    Ok((Some(format), app.db.read(settings::load)?))
}

/// Whether both names are of one file.
fn is_same(input: &Path, output: &Path) -> bool {
    let found = |path: &Path| std::fs::canonicalize(path).ok();
    found(input).is_some_and(|input| found(output) == Some(input))
}

fn report<'a>(convertible: &'a Convertible, name: Option<&'a str>) -> Report<'a> {
    let format = &convertible.format;
    let delimited = format.layout == Layout::Delimited;
    let text = matches!(format.layout, Layout::Delimited | Layout::FixedWidth);
    Report {
        written: true,
        rows: Some(convertible.rows),
        columns: &convertible.columns,
        format: name,
        layout: Some(format.layout.word()),
        encoding: (format.layout != Layout::Excel).then_some(format.encoding.label()),
        delimiter: delimited.then_some(format.delimiter.as_str()),
        quote: delimited.then_some(format.quote.as_str()),
        skip_lines: (text || format.layout == Layout::Excel).then_some(format.skip_lines),
        header_lines: (text || format.layout == Layout::Excel).then_some(format.header_lines),
        notes: &convertible.notes,
        ..Report::default()
    }
}

/// A reader that has gone away (a closed pipe) is not a failure of the command: it has what it wanted.
fn write_out(convertible: &Convertible) -> anyhow::Result<()> {
    let closed = |cause: &(dyn std::error::Error + 'static)| {
        cause.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
    };
    match convertible.write(std::io::stdout().lock()) {
        Err(error) if error.chain().any(closed) => Ok(()),
        result => result.context("not everything was written to standard output"),
    }
}

/// What somebody may want to look at stands beside the rows, not among them.
fn tell_notes(notes: &[Problem]) {
    for note in notes {
        output::aside(&note.to_string());
    }
}

/// Says why nothing was written.
fn nothing_written(options: &ConvertOptions, refused: Refused) -> anyhow::Result<ExitCode> {
    let name = options.input.display();
    let mut report = Report { format: options.format.as_deref(), ..Report::default() };
    let told = match &refused {
        Refused::Other(error) => return Err(anyhow!("{error:#}; nothing was written")),
        Refused::Problems(problems, all) => {
            report.problems = problems;
            let mut lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
            let more = all - problems.len() as u64;
            if more > 0 {
                lines.push(format!("and {more} more"));
            }
            format!("{name} cannot be told for certain, so nothing was written:\n{}", lines.join("\n"))
        }
        Refused::Unsure(questions) => {
            report.questions = questions.iter().map(Asked::of).collect();
            let asked = |question: &Question| match question.choices.as_slice() {
                [] => question.sentence.clone(),
                choices => format!("{} ({}: {})", question.sentence, question.key, choices.join(" | ")),
            };
            let lines: Vec<String> = questions.iter().map(asked).collect();
            format!(
                "it is not certain how {name} is to be read, so nothing was written:\n{}\nSay it in a format \
                 (service-suite suggest prints one that only needs to be put right), and name it with --format.",
                lines.join("\n")
            )
        }
    };
    if options.json.json {
        output::json(&report)?;
    }
    for line in told.lines() {
        output::aside(line);
    }
    Ok(ExitCode::FAILURE)
}

impl<'a> Asked<'a> {
    fn of(question: &'a Question) -> Self {
        Asked { key: question.key, question: &question.sentence, choices: &question.choices }
    }
}
