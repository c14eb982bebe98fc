//! `check`: what an import of a file would do, changing nothing.

use std::path::PathBuf;
use std::process::ExitCode;

use register::REGISTERS;
use register::compare::PreviewKind;
use register::counts::Counts;
use register::settings::{self, StoredFormat};
use serde::Serialize;

use super::import::BarWatch;
use super::{Json, output};
use crate::app::App;
use crate::config::CommonOptions;
use crate::import;

/// Changes and problems shown to people.
const SHOWN: usize = 20;

/// What to check.
#[derive(Debug, clap::Args)]
pub(crate) struct CheckOptions {
    /// The file; it is only read
    file: PathBuf,
    /// The format to read it by; by default the default format that waits for a file of this name, or else the one of
    /// the customers
    #[arg(long, value_name = "NAME")]
    format: Option<String>,
    #[command(flatten)]
    json: Json,
}

/// What `check --json` prints: the counts of a run report, and what would become of the file.
#[derive(Serialize)]
struct CheckReport {
    verdict: &'static str,
    #[serde(flatten)]
    counts: Counts,
    warnings: u64,
}

/// Runs the command: exit code 0 when the file would be imported, 3 when held or refused, 4 when imported with refused rows.
pub(crate) fn run(common: &CommonOptions, options: &CheckOptions) -> anyhow::Result<ExitCode> {
    let app = App::for_command(common)?;
    let format = format(&app, options)?;
    let register = super::import::register_named(&format.format.register)?;
    let watch = BarWatch::new()?;
    let checked = import::spool_for_check(&app, &options.file, &watch)
        .and_then(|copy| import::check(&app, register, &format.format, &copy, SHOWN, &watch));
    watch.clear();
    let checked = checked?;
    let counts = checked.counts;
    let refused = checked.damage.as_ref();
    let holds = !checked.reasons.is_empty();
    if options.json.json {
        let verdict = match refused {
            Some(_) => "refuse",
            None if holds => "hold",
            None => "import",
        };
        output::json(&CheckReport { verdict, counts, warnings: checked.warnings })?;
    } else if let Some(problem) = refused {
        output::line(output::clean(&format!(
            "The file would be refused: {} {}",
            problem.message, problem.hint
        )))?;
    } else {
        output::line(format!(
            "{} read = {} created + {} updated + {} unchanged + {} refused; nothing was changed",
            counts.read, counts.created, counts.updated, counts.unchanged, counts.refused
        ))?;
        if checked.warnings > 0 {
            output::line(format!("{} warnings about values that look wrong", checked.warnings))?;
        }
        if checked.deactivated > 0 {
            output::line(format!(
                "{} more would be deactivated, since they are not in the file",
                checked.deactivated
            ))?;
        }
        for reason in &checked.reasons {
            output::line(output::clean(&format!("It would be held for a person: {}", reason.message)))?;
        }
        for change in &checked.preview {
            let fields: Vec<String> = change
                .changes
                .iter()
                .map(|(field, old, new)| output::change(register, field, old.as_deref(), new.as_deref()))
                .collect();
            let what = match change.kind {
                PreviewKind::Created => "created",
                PreviewKind::Updated => "updated",
                PreviewKind::Deactivated => "deactivated",
            };
            let line = change.line.map(|line| format!("line {line}: ")).unwrap_or_default();
            output::line(output::clean(&format!("{line}{} {what}  {}", change.number, fields.join(", "))))?;
        }
        for problem in &checked.problems {
            output::line(output::clean(&problem.to_string()))?;
        }
    }
    Ok(ExitCode::from(match refused {
        Some(_) => output::HELD_OR_REFUSED,
        None if holds => output::HELD_OR_REFUSED,
        None if counts.refused > 0 => output::DONE_WITH_REFUSED_ROWS,
        None => 0,
    }))
}

fn format(app: &App, options: &CheckOptions) -> anyhow::Result<StoredFormat> {
    if let Some(name) = &options.format {
        return super::format_named(app, name);
    }
    let name = options.file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    for register in REGISTERS {
        let default = app.db.read(|c| settings::default_format(c, register.name))?;
        if let Some(format) = default.filter(|default| default.format.takes(name)) {
            return Ok(format);
        }
    }
    super::import::format_for(app, REGISTERS[0], None)
}
