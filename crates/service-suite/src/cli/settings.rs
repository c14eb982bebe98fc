//! `settings`: show and apply the settings file. What the pages edit is what this shows.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::Subcommand;
use register::settings::{SaveError, Settings};

use super::output;
use crate::app::App;
use crate::config::CommonOptions;

/// The tasks of `settings`.
#[derive(Debug, Subcommand)]
pub(crate) enum SettingsCommand {
    /// Print the settings as a file that `apply` takes
    Show,
    /// Make the settings exactly what the file says; a running `serve` follows within a second
    Apply {
        /// The settings file, TOML
        file: PathBuf,
    },
}

/// Runs the command.
pub(crate) fn run(common: &CommonOptions, command: &SettingsCommand) -> anyhow::Result<ExitCode> {
    let app = App::for_command(common)?;
    match command {
        SettingsCommand::Show => {
            let settings = app.settings()?;
            output::line(toml::to_string(&settings.settings.with_defaults(app.folder.path()))?.trim_end())?;
        }
        SettingsCommand::Apply { file } => {
            let text = std::fs::read_to_string(file)
                .with_context(|| format!("the settings file {} cannot be read", file.display()))?;
            let settings: Settings = toml::from_str(&text)
                .with_context(|| format!("the settings file {} cannot be used", file.display()))?;
            let changed = match crate::change_settings::save(&app, &settings, "command line") {
                Ok(changed) => changed,
                Err(SaveError::Complaints(complaints)) => {
                    for complaint in &complaints {
                        eprintln(&format!("{}: {} {}", complaint.place, complaint.message, complaint.hint));
                    }
                    bail!("the settings were not changed; correct {} and apply it again", file.display());
                }
                Err(SaveError::Db(error)) => return Err(error.into()),
            };
            output::line(if changed { "The settings are in force." } else { "Nothing to change." })?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn eprintln(text: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "{text}");
}
