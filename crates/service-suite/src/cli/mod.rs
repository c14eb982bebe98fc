//! The command line: one word per task, a file per word.

pub(crate) mod automation;
pub(crate) mod check;
pub(crate) mod convert;
mod duplicates;
pub(crate) mod import;
pub(crate) mod imports;
pub(crate) mod notifications;
pub(crate) mod output;
pub(crate) mod records;
pub(crate) mod serve;
pub(crate) mod settings;
pub(crate) mod suggest;
pub(crate) mod user;

use anyhow::Context;
use clap::{Args, CommandFactory, FromArgMatches, Subcommand};
use register::settings::StoredFormat;
use register::{REGISTERS, Register};

use crate::app::App;
use crate::config::{CommonOptions, ServeOptions};
use crate::demo::{DemoOptions, SampleErpOptions};

/// What the program was asked to do.
pub(crate) struct Arguments {
    /// Options that every command takes.
    pub(crate) common: CommonOptions,
    /// The command itself.
    pub(crate) command: Command,
}

/// The commands. Those of a register are made from the list of registers, one word per register.
pub(crate) enum Command {
    /// `demo`
    Demo(DemoOptions),
    /// `serve`
    Serve(ServeOptions),
    /// `settings`
    Settings(settings::SettingsCommand),
    /// `suggest`
    Suggest(suggest::SuggestOptions),
    /// `convert`
    Convert(convert::ConvertOptions),
    /// `check`
    Check(check::CheckOptions),
    /// `import`
    Import(import::ImportOptions),
    /// `automation`
    Automation(automation::AutomationCommand),
    /// `imports`
    Imports(imports::ImportsCommand),
    /// `notifications`
    Notifications(notifications::NotificationsCommand),
    /// `customers`, `products` ...
    Records(&'static Register, records::RecordsCommand),
    /// `user`
    User(user::UserCommand),
    /// The sample ERP system of the demo, a process of its own.
    SampleErp(SampleErpOptions),
}

/// Imports customer files from an ERP system's exchange folder: each file whole, once, in order, explained.
#[derive(clap::Parser)]
#[command(name = "service-suite", version, max_term_width = 100)]
struct Parser {
    #[command(flatten)]
    common: CommonOptions,
    #[command(subcommand)]
    command: FixedCommand,
}

#[derive(Subcommand)]
enum FixedCommand {
    /// Try it: a sample ERP system writes a customer file, and the automation imports it
    Demo(DemoOptions),
    /// Run the automations and serve the web pages
    Serve(ServeOptions),
    /// Show or apply the settings file
    #[command(subcommand)]
    Settings(settings::SettingsCommand),
    /// Say what a file is: print a format for it, ready for the settings file
    Suggest(suggest::SuggestOptions),
    /// Write what a file holds as CSV: UTF-8, commas, a header, values as they are
    Convert(convert::ConvertOptions),
    /// Say what an import of a file would do, changing nothing
    Check(check::CheckOptions),
    /// Import a file now
    Import(import::ImportOptions),
    /// List, activate and deactivate automations
    #[command(subcommand)]
    Automation(automation::AutomationCommand),
    /// Look at imports and their problems
    #[command(subcommand)]
    Imports(imports::ImportsCommand),
    /// See what people are told by e-mail, and send a test
    #[command(subcommand)]
    Notifications(notifications::NotificationsCommand),
    /// Manage the people who may sign in
    #[command(subcommand)]
    User(user::UserCommand),
    #[command(hide = true)]
    SampleErp(SampleErpOptions),
}

/// Reads the command line; prints help, or what is wrong with it, and exits with 0 or 2 where there is no command to run.
pub(crate) fn parse() -> Arguments {
    let matches = command().get_matches();
    let arguments = match matches.subcommand() {
        Some((word, own)) if register::register(word).is_some() => {
            let register = register::register(word).unwrap_or(REGISTERS[0]);
            CommonOptions::from_arg_matches(&matches).and_then(|common| {
                let command = Command::Records(register, records::RecordsCommand::from_arg_matches(own)?);
                Ok(Arguments { common, command })
            })
        }
        _ => Parser::from_arg_matches(&matches)
            .map(|parser| Arguments { common: parser.common, command: parser.command.into() }),
    };
    arguments.unwrap_or_else(|error| error.format(&mut command()).exit())
}

fn command() -> clap::Command {
    REGISTERS.iter().fold(Parser::command(), |command, register| {
        let own = records::RecordsCommand::augment_subcommands(clap::Command::new(register.name))
            .about(format!("List, show, change and export {}", register.name))
            .subcommand_required(true)
            .arg_required_else_help(true);
        command.subcommand(own)
    })
}

impl From<FixedCommand> for Command {
    fn from(command: FixedCommand) -> Self {
        match command {
            FixedCommand::Demo(options) => Command::Demo(options),
            FixedCommand::Serve(options) => Command::Serve(options),
            FixedCommand::Settings(command) => Command::Settings(command),
            FixedCommand::Suggest(options) => Command::Suggest(options),
            FixedCommand::Convert(options) => Command::Convert(options),
            FixedCommand::Check(options) => Command::Check(options),
            FixedCommand::Import(options) => Command::Import(options),
            FixedCommand::Automation(command) => Command::Automation(command),
            FixedCommand::Imports(command) => Command::Imports(command),
            FixedCommand::Notifications(command) => Command::Notifications(command),
            FixedCommand::User(command) => Command::User(command),
            FixedCommand::SampleErp(options) => Command::SampleErp(options),
        }
    }
}

/// The format of this name.
fn format_named(app: &App, name: &str) -> anyhow::Result<StoredFormat> {
    app.db.read(|c| register::settings::format(c, name))?.with_context(|| {
        format!("there is no format \"{name}\"; see the formats with: service-suite settings show")
    })
}

/// `--json`, the same for every command that has it.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Json {
    /// Print one JSON document on standard output
    #[arg(long)]
    pub(crate) json: bool,
}

/// A page of a list, the same for every command that lists.
#[derive(Args, Clone, Debug)]
pub(crate) struct Paging {
    /// How many, 1 to 1000
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) limit: u32,
    /// Where to go on: `next` of the list before
    #[arg(long)]
    pub(crate) cursor: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound_and_has_a_word_for_every_register() {
        let command = command();
        command.clone().debug_assert();
        for register in REGISTERS {
            assert!(command.find_subcommand(register.name).is_some());
        }
    }
}
