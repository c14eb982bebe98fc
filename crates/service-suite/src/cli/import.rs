//! `import`: import a file now.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use anyhow::{Context, bail};
use erpfile::Content;
use register::imports::{Import, State};
use register::settings::{self, StoredFormat};
use register::{REGISTERS, Register};
use signal_hook::consts::{SIGINT, SIGTERM};

use super::output::{self, Bar};
use super::{Json, imports};
use crate::app::App;
use crate::config::CommonOptions;
use crate::import::{self, ByHand, COMMAND_LINE, Stage, Watch};

/// What to import.
#[derive(Debug, clap::Args)]
pub(crate) struct ImportOptions {
    /// The register: customers, products
    register: String,
    /// The file; it is only read
    file: PathBuf,
    /// The format to read it by; by default the register's default format
    #[arg(long, value_name = "NAME")]
    format: Option<String>,
    /// Only some of the records are in the file, also when its format says all: the others stay as they are
    #[arg(long)]
    changes: bool,
    #[command(flatten)]
    json: Json,
}

/// Runs the command: exit code 0 when done, 3 when the file is held or refused, 4 when done with refused rows.
pub(crate) fn run(common: &CommonOptions, options: &ImportOptions) -> anyhow::Result<ExitCode> {
    let app = App::for_command(common)?;
    let register = register_named(&options.register)?;
    let format = format_for(&app, register, options.format.as_deref())?;
    let file = options.file.file_name().and_then(|name| name.to_str()).unwrap_or("file");
    let (changes_only, path) = (options.changes, options.file.as_path());
    let given = ByHand { register, format: &format, changes_only, path, file, by: COMMAND_LINE };
    let watch = BarWatch::new()?;
    let result = import::import_now(&app, &given, &watch);
    watch.clear();
    let import = result?;
    let code = tell(&app, &import, options.json.json)?;
    if import.state == State::Held && !options.changes && format.format.content == Content::Full {
        eprintln!(
            "If only some of the {register} are in the file: service-suite imports discard {id}, and import it with --changes",
            register = register.name,
            id = import.id
        );
    }
    Ok(code)
}

/// Prints what came of an import, and gives the exit code that says it.
pub(super) fn tell(app: &App, import: &Import, json: bool) -> anyhow::Result<ExitCode> {
    if json {
        output::json(&import.run_report())?
    } else {
        imports::show(import, app.folder.path())?
    }
    Ok(ExitCode::from(match import.state {
        State::Held | State::Refused => output::HELD_OR_REFUSED,
        _ if import.counts.refused > 0 => output::DONE_WITH_REFUSED_ROWS,
        _ => 0,
    }))
}

/// The register of this name.
pub(super) fn register_named(name: &str) -> anyhow::Result<&'static Register> {
    register::register(name).with_context(|| {
        let known: Vec<&str> = REGISTERS.iter().map(|register| register.name).collect();
        format!("there is no register \"{name}\"; there are: {}", known.join(", "))
    })
}

/// The format of this name, or the register's default one.
pub(super) fn format_for(app: &App, register: &Register, name: Option<&str>) -> anyhow::Result<StoredFormat> {
    match name {
        Some(name) => {
            let format = super::format_named(app, name)?;
            if format.format.register != register.name {
                bail!("the format \"{name}\" is for {}, not for {}", format.format.register, register.name);
            }
            Ok(format)
        }
        None => app.db.read(|c| settings::default_format(c, register.name))?.with_context(|| {
            format!(
                "there is no default format for {}; name one with --format, or set one under Main menu > Settings > \
                 ERP-system (or with: service-suite settings apply FILE.toml)",
                register.name
            )
        }),
    }
}

/// Draws the stages of an import as a bar; Ctrl-C stops the work at its next safe point.
pub(super) struct BarWatch {
    bar: Mutex<Bar>,
    stop: Arc<AtomicBool>,
}

impl BarWatch {
    pub(super) fn new() -> anyhow::Result<BarWatch> {
        let stop = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            // The second request ends the program at once.
            signal_hook::flag::register_conditional_shutdown(signal, 1, Arc::clone(&stop))?;
            signal_hook::flag::register(signal, Arc::clone(&stop))?;
        }
        Ok(BarWatch { bar: Mutex::new(Bar::new()), stop })
    }

    pub(super) fn clear(&self) {
        self.bar.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clear();
    }
}

impl Watch for BarWatch {
    fn stage(&self, _: i64, stage: Stage) {
        let mut bar = self.bar.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        bar.draw(stage.word(), u64::from(stage.percent()), 100);
    }

    fn stopping(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }
}
