//! `user add`: let a person in.

use std::process::ExitCode;

use clap::Subcommand;
use register::people::Role;

use super::output;
use crate::app::App;
use crate::config::CommonOptions;
use crate::{invite, secrets};

/// The tasks of `user`.
#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Let a person in; prints a link, good for once, through which the person chooses a password
    Add {
        /// The name to sign in with
        name: String,
        /// What the person may do: a viewer sees; an operator also imports; an administrator also changes settings,
        /// activation and people
        #[arg(long, value_parser = ["administrator", "operator", "viewer"])]
        role: String,
    },
}

/// Runs the command.
pub(crate) fn run(common: &CommonOptions, command: &UserCommand) -> anyhow::Result<ExitCode> {
    let UserCommand::Add { name, role } = command;
    let app = App::for_command(common)?;
    let role: Role = role.parse()?;
    let secret = secrets::new_secret(app.clock.as_ref())?;
    let now = app.clock.now();
    let person = app.db.write(|c| invite::add(c, name, role, &secret, now))?;
    output::line(format!(
        "{} may sign in as {} after choosing a password here, within a week:",
        person.name, person.role
    ))?;
    output::line(format!("{}/choose-password/{secret}", app.base_url()))?;
    Ok(ExitCode::SUCCESS)
}
