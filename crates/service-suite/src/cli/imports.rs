//! `imports`: look at what was imported, changed and refused; take an import back; import a kept file again.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::Subcommand;
use erpfile::Content;
use register::db::DbError;
use register::imports::{self, Filter, Import, ProblemFilter, State};
use register::{Register, history, own_fields, undo};

use super::import::BarWatch;
use super::{Json, Paging, output};
use crate::app::App;
use crate::config::CommonOptions;
use crate::export::Kind;
use crate::refused::{self, Wanted};
use crate::{import, values, whole_file};

/// The tasks of `imports`.
#[derive(Debug, Subcommand)]
pub(crate) enum ImportsCommand {
    /// The imports, newest first
    List {
        /// Only those in this state: waiting, importing, done, refused ...
        #[arg(long)]
        state: Option<State>,
        /// Only those of this automation
        #[arg(long)]
        automation: Option<String>,
        #[command(flatten)]
        paging: Paging,
        #[command(flatten)]
        json: Json,
    },
    /// One import: its counts, its proof of completeness, who started it
    Show {
        /// The import's id
        id: i64,
        #[command(flatten)]
        json: Json,
    },
    /// What was wrong with the file or its rows
    Problems {
        /// The import's id
        id: i64,
        /// Only problems with this code
        #[arg(long)]
        code: Option<String>,
        #[command(flatten)]
        paging: Paging,
        #[command(flatten)]
        json: Json,
    },
    /// Write its refused rows into a file of the same kind, to correct them and import that; or, with --problems, what was
    /// wrong with each
    Refused {
        /// The import's id
        id: i64,
        /// The file to write; it is replaced if it is there
        file: PathBuf,
        /// Write each problem with its line instead, by the end of the file's name: .csv, .xlsx or .json
        #[arg(long)]
        problems: bool,
        #[command(flatten)]
        json: Json,
    },
    /// What it changed: which records it created, and which fields it changed from what to what
    Changes {
        /// The import's id
        id: i64,
        #[command(flatten)]
        paging: Paging,
        #[command(flatten)]
        json: Json,
    },
    /// Import a held import after all, exactly as previewed
    Approve {
        /// The import's id
        id: i64,
        #[command(flatten)]
        json: Json,
    },
    /// Do not import a held import: its file goes to the refused folder
    Discard {
        /// The import's id
        id: i64,
        #[command(flatten)]
        json: Json,
    },
    /// Take an import back: records get their earlier values, created ones are removed; what something newer changed is
    /// left and listed
    Undo {
        /// The import's id
        id: i64,
        #[command(flatten)]
        json: Json,
    },
    /// Import the kept file of an import once more, as a new import
    Again {
        /// The import's id
        id: i64,
        #[command(flatten)]
        json: Json,
    },
}

/// Runs the command.
pub(crate) fn run(common: &CommonOptions, command: &ImportsCommand) -> anyhow::Result<ExitCode> {
    let app = App::for_command(common)?;
    match command {
        ImportsCommand::List { state, automation, paging, json } => {
            let filter = Filter {
                state: *state,
                automation: automation.clone(),
                register: None,
                limit: paging.limit,
                cursor: paging.cursor.clone(),
            };
            let page = app.db.read(|c| imports::list(c, &filter))?.map(|import| import.run_report());
            if json.json {
                output::json(&page)?;
            } else if page.items.is_empty() {
                output::line(
                    "No imports yet. Put a file into the exchange folder, or: service-suite import customers FILE",
                )?;
            } else {
                let mut rows = vec![heading()];
                rows.extend(page.items.iter().map(row));
                output::table(&rows)?;
                if let Some(next) = page.next {
                    output::line(format!("There are more: --cursor {next}"))?;
                }
            }
        }
        ImportsCommand::Show { id, json } => {
            let import = find(&app, *id)?;
            if json.json { output::json(&import.run_report())? } else { show(&import, app.folder.path())? }
        }
        ImportsCommand::Problems { id, code, paging, json } => {
            find(&app, *id)?;
            let filter =
                ProblemFilter { code: code.clone(), limit: paging.limit, cursor: paging.cursor.clone() };
            let page = app.db.read(|c| imports::problems(c, *id, &filter))?;
            if json.json {
                output::json(&page)?;
            } else if page.items.is_empty() {
                output::line(format!("Import {id} has no problems."))?;
            } else {
                for problem in &page.items {
                    output::line(output::clean(&problem.to_string()))?;
                }
                if let Some(next) = page.next {
                    output::line(format!("There are more: --cursor {next}"))?;
                }
            }
        }
        ImportsCommand::Refused { id, file, problems, json } => {
            let import = find(&app, *id)?;
            take_refused(&app, &import, file, *problems, json.json)?;
        }
        ImportsCommand::Approve { id, json } => {
            let watch = BarWatch::new()?;
            let result = import::approve_now(&app, *id, import::COMMAND_LINE, &watch);
            watch.clear();
            return super::import::tell(&app, &result?, json.json);
        }
        ImportsCommand::Discard { id, json } => {
            let watch = BarWatch::new()?;
            let result = import::discard_now(&app, *id, import::COMMAND_LINE, &watch);
            watch.clear();
            let import = result?;
            if json.json { output::json(&import.run_report())? } else { show(&import, app.folder.path())? }
        }
        ImportsCommand::Changes { id, paging, json } => changes(&app, *id, paging, json.json)?,
        ImportsCommand::Undo { id, json } => {
            let watch = BarWatch::new()?;
            let result = import::undo(&app, *id, import::COMMAND_LINE, &watch);
            watch.clear();
            undone(&app, &result?, json.json)?;
        }
        ImportsCommand::Again { id, json } => {
            let watch = BarWatch::new()?;
            let result = import::again_now(&app, *id, &watch);
            watch.clear();
            return super::import::tell(&app, &result?, json.json);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn find(app: &App, id: i64) -> anyhow::Result<Import> {
    app.db
        .read(|c| imports::find(c, id))?
        .with_context(|| format!("there is no import {id}; see them with: service-suite imports list"))
}

fn take_refused(app: &App, import: &Import, file: &Path, problems: bool, json: bool) -> anyhow::Result<()> {
    let wanted = if problems {
        let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let kind = Kind::of(name)
            .with_context(|| format!("{}: the name must end with .csv, .xlsx or .json", file.display()))?;
        Wanted::Problems(kind)
    } else {
        Wanted::Rows
    };
    let rows = whole_file::write(file, |out| {
        app.db.read(|c| Ok::<_, DbError>(refused::write(c, import.id, wanted, out)))?
    })?;
    if json {
        return output::json(&serde_json::json!({ "file": file, "rows": rows }));
    }
    let what = if wanted == Wanted::Rows { "refused rows" } else { "problems" };
    output::line(output::clean(&format!("{rows} {what} written to {}", file.display())))?;
    if wanted == Wanted::Rows {
        let format = app.db.read(|c| imports::format(c, import))?;
        let full = format.is_some_and(|stored| stored.format.content == Content::Full);
        output::line(output::clean(&format!(
            "  correct them, then: service-suite import {} {} --format \"{}\"{}",
            import.register,
            file.display(),
            import.format,
            if full || import.changes_only { " --changes" } else { "" }
        )))?;
    }
    Ok(())
}

fn changes(app: &App, id: i64, paging: &Paging, json: bool) -> anyhow::Result<()> {
    let import = find(app, id)?;
    let of = register_of(app, &import)?;
    let page = app.db.read(|c| history::of_import(c, of, id, paging.limit, paging.cursor.as_deref()))?;
    if json {
        return output::json(&page.map(|change| change.json(of)));
    }
    if page.items.is_empty() {
        let would = match import.state {
            State::Held | State::Waiting => {
                format!(" yet. What it would do: service-suite check --import {id}")
            }
            _ => ".".to_owned(),
        };
        return output::line(format!("Import {id} changed nothing{would}"));
    }
    for change in &page.items {
        let line = change.line.map(|line| format!("line {line}: ")).unwrap_or_default();
        let number = change.number.as_deref().unwrap_or("?");
        let title = change.title.as_deref().map(|title| format!(" {title}")).unwrap_or_default();
        let removed = if change.removed { " (removed since)" } else { "" };
        output::line(output::clean(&format!("{line}{number}{title}: {}{removed}", change.kind)))?;
        for field in &change.changes {
            let change = output::change(of, &field.field, field.old.as_deref(), field.new.as_deref());
            output::line(output::clean(&format!("    {change}")))?;
        }
    }
    match page.next {
        Some(next) => output::line(format!("There are more: --cursor {next}")),
        None => Ok(()),
    }
}

fn shown(value: &Option<String>) -> &str {
    value.as_deref().unwrap_or("(empty)")
}

/// The register of an import with the own fields that are declared now.
fn register_of(app: &App, import: &Import) -> anyhow::Result<&'static Register> {
    let of = register::register(&import.register)
        .with_context(|| format!("there is no register {} in this version", import.register))?;
    Ok(app.db.read(|c| own_fields::in_effect(c, of))?)
}

/// The records that an undo left, that are told with its outcome.
const LEFT: u32 = 100;

/// What came of an undo: the report of the import, and the records that were left as they are.
#[derive(serde::Serialize)]
struct UndoReport {
    #[serde(flatten)]
    import: imports::RunReport,
    /// Records that have their earlier values again.
    restored: u64,
    /// Records that are removed again.
    removed: u64,
    /// Records that were left.
    left: u64,
    /// The first of them.
    left_records: Vec<serde_json::Value>,
}

fn undone(app: &App, import: &Import, json: bool) -> anyhow::Result<()> {
    let left = app.db.read(|c| undo::left(c, import, LEFT, None))?.items;
    let of = register_of(app, import)?;
    if json {
        let undone = import.undone.as_ref();
        return output::json(&UndoReport {
            import: import.run_report(),
            restored: undone.map_or(0, |undone| undone.restored),
            removed: undone.map_or(0, |undone| undone.removed),
            left: undone.map_or(0, |undone| undone.left),
            left_records: left.iter().map(|left| left.json(of)).collect(),
        });
    }
    show(import, app.folder.path())?;
    for record in &left {
        let number = record.number.as_deref().unwrap_or("?");
        let by = match (record.by_import, &record.by_person) {
            (Some(import), _) => format!("import {import}"),
            (None, Some(person)) => person.clone(),
            (None, None) => "something newer".to_owned(),
        };
        let what = if record.removed {
            "was removed"
        } else if record.created {
            "was created and then changed"
        } else {
            "was changed again"
        };
        output::line(output::clean(&format!("  left: {number} {what} by {by}")))?;
        for field in &record.fields {
            let told = |text: &Option<String>| values::value(of, &field.field, text.clone());
            output::line(output::clean(&format!(
                "    {}: {} before, {} imported, {} now",
                field.field,
                shown(&told(&field.before)),
                shown(&told(&field.imported)),
                shown(&told(&field.now))
            )))?;
        }
    }
    Ok(())
}

fn heading() -> Vec<String> {
    ["id", "state", "file", "read", "created", "updated", "unchanged", "refused", "started at", "reason"]
        .map(str::to_owned)
        .to_vec()
}

fn row(report: &imports::RunReport) -> Vec<String> {
    vec![
        report.id.to_string(),
        report.state.to_string(),
        report.file.clone(),
        report.read.to_string(),
        report.created.to_string(),
        report.updated.to_string(),
        report.unchanged.to_string(),
        report.refused.to_string(),
        register::time::to_text(report.started_at),
        report.reason.clone().unwrap_or_default(),
    ]
}

/// Prints an import for people.
pub(super) fn show(import: &Import, data: &Path) -> anyhow::Result<()> {
    let counts = import.counts;
    output::line(output::clean(&format!("Import {} of {}: {}", import.id, import.file, import.state)))?;
    if let Some(reason) = &import.reason {
        output::line(format!("  {}", output::clean(reason)))?;
    }
    output::line(format!(
        "  {} read = {} created + {} updated + {} unchanged + {} refused",
        counts.read, counts.created, counts.updated, counts.unchanged, counts.refused
    ))?;
    if import.warnings > 0 {
        output::line(format!(
            "  {} warnings about values that look wrong: service-suite imports problems {}",
            import.warnings, import.id
        ))?;
    }
    output::line(format!(
        "  started by {} at {}",
        output::clean(&import.begun_by()),
        register::time::to_text(import.started_at)
    ))?;
    if let Some(path) = &import.kept_path {
        let kept =
            if import::is_kept_whole(import) { "the file" } else { "what is left of the damaged copy" };
        output::line(output::clean(&format!("  {kept} is kept as {}", data.join(path).display())))?;
    }
    for item in &import.proof {
        output::line(output::clean(&format!("  {}: {} ({})", item.check, item.result, item.detail)))?;
    }
    if import.state == State::Held {
        output::line(format!(
            "  what it would do: service-suite check --import {0}; import it: service-suite imports approve {0}; or not: \
             service-suite imports discard {0}",
            import.id
        ))?;
    } else if counts.refused > 0 || import.state == State::Refused {
        output::line(format!("  why rows were refused: service-suite imports problems {}", import.id))?;
    }
    Ok(())
}
