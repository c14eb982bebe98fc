//! `check`: what an import of a file would do, changing nothing.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use erpfile::Problem;
use register::REGISTERS;
use register::compare::{Preview, PreviewKind};
use register::counts::Counts;
use register::settings::{self, StoredFormat};
use serde::Serialize;

use super::import::BarWatch;
use super::{Json, output};
use crate::app::App;
use crate::config::CommonOptions;
use crate::import;

/// What to check.
#[derive(Debug, clap::Args)]
pub(crate) struct CheckOptions {
    /// The file; it is only read
    #[arg(required_unless_present = "import")]
    file: Option<PathBuf>,
    /// Instead of a file, the import of this number, which waits or is held; it is not touched
    #[arg(long, value_name = "ID", conflicts_with_all = ["file", "format"])]
    import: Option<i64>,
    /// The format to read it by; by default the default format that waits for a file of this name, or else the one of
    /// the customers
    #[arg(long, value_name = "NAME")]
    format: Option<String>,
    /// Only some of the records are in the file, also when its format says all: the others stay as they are
    #[arg(long, conflicts_with = "import")]
    changes: bool,
    /// How many changes of each kind are shown, and how many problems
    #[arg(long, value_name = "NUMBER", default_value_t = 20, value_parser = clap::value_parser!(u32).range(0..=100_000))]
    limit: u32,
    #[command(flatten)]
    json: Json,
}

/// What `check --json` prints: the counts of a run report, what would become of the file, and the first of what it would
/// do.
#[derive(Serialize)]
struct CheckReport<'a> {
    verdict: &'static str,
    #[serde(flatten)]
    counts: Counts,
    deactivated: u64,
    warnings: u64,
    /// Why it would be held.
    reasons: Vec<&'a str>,
    changes: Vec<WouldChange<'a>>,
    problems: &'a [Problem],
}

/// A record that would change.
#[derive(Serialize)]
struct WouldChange<'a> {
    number: &'a str,
    line: Option<u64>,
    kind: PreviewKind,
    changes: Vec<FieldChange<'a>>,
}

/// A field that would change; for a new record all that are given.
#[derive(Serialize)]
struct FieldChange<'a> {
    field: &'a str,
    old: Option<&'a str>,
    new: Option<&'a str>,
}

impl<'a> WouldChange<'a> {
    fn new(change: &'a Preview) -> WouldChange<'a> {
        let field = |(field, old, new): &'a (String, Option<String>, Option<String>)| FieldChange {
            field,
            old: old.as_deref(),
            new: new.as_deref(),
        };
        let changes = change.changes.iter().map(field).collect();
        WouldChange { number: &change.number, line: change.line, kind: change.kind, changes }
    }
}

/// Runs the command: exit code 0 when the file would be imported, 3 when held or refused, 4 when imported with refused rows.
pub(crate) fn run(common: &CommonOptions, options: &CheckOptions) -> anyhow::Result<ExitCode> {
    let app = App::for_command(common)?;
    let (format, waiting) = match (&options.import, &options.file) {
        (Some(id), _) => {
            let waiting = import::waiting_import(&app, *id)?;
            (waiting.format.clone(), Some(waiting))
        }
        (None, file) => {
            let format = format(&app, options, file.as_deref().unwrap_or(Path::new("")))?;
            (if options.changes { format.changes_only() } else { format }, None)
        }
    };
    let register = super::import::register_named(&format.format.register)?;
    let watch = BarWatch::new()?;
    let copy = match (&waiting, &options.file) {
        (Some(waiting), _) => waiting.copy(&app, &watch),
        (None, file) => import::spool_for_check(&app, file.as_deref().unwrap_or(Path::new("")), &watch),
    };
    let limit = options.limit as usize;
    let checked = copy.and_then(|copy| import::check(&app, register, &format.format, &copy, limit, &watch));
    watch.clear();
    let mut checked = checked?;
    if waiting.is_some_and(|waiting| waiting.again) {
        checked.reasons.clear();
    }
    let counts = checked.counts;
    let refused = checked.damage.as_ref();
    let holds = !checked.reasons.is_empty();
    if options.json.json {
        let verdict = match refused {
            Some(_) => "refuse",
            None if holds => "hold",
            None => "import",
        };
        output::json(&CheckReport {
            verdict,
            counts,
            deactivated: checked.deactivated,
            warnings: checked.warnings,
            reasons: checked.reasons.iter().map(|reason| reason.message.as_str()).collect(),
            changes: checked.preview.iter().map(WouldChange::new).collect(),
            problems: &checked.problems,
        })?;
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

fn format(app: &App, options: &CheckOptions, file: &Path) -> anyhow::Result<StoredFormat> {
    if let Some(name) = &options.format {
        return super::format_named(app, name);
    }
    let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    for register in REGISTERS {
        let default = app.db.read(|c| settings::default_format(c, register.name))?;
        if let Some(format) = default.filter(|default| default.format.takes(name)) {
            return Ok(format);
        }
    }
    super::import::format_for(app, REGISTERS[0], None)
}
