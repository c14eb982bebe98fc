//! Service Suite: each file of an ERP system whole, once, in order, explained, and reversible.

mod app;
mod automation;
mod change_settings;
mod cli;
mod clock;
mod config;
mod convert;
mod demo;
mod duplicates;
mod exchange;
mod export;
mod folders;
mod import;
mod invite;
mod logging;
mod notify;
mod refused;
mod secrets;
mod serving;
mod suggest;
mod text;
mod values;
mod web;
mod whole_file;

use std::process::ExitCode;

use cli::Command;

fn main() -> ExitCode {
    let cli::Arguments { common, command } = cli::parse();
    let result = match command {
        Command::Demo(options) => demo::run(&common, &options),
        Command::Serve(options) => cli::serve::run(&common, &options),
        Command::Settings(command) => cli::settings::run(&common, &command),
        Command::Suggest(options) => cli::suggest::run(&common, &options),
        Command::Convert(options) => cli::convert::run(&common, &options),
        Command::Check(options) => cli::check::run(&common, &options),
        Command::Import(options) => cli::import::run(&common, &options),
        Command::Automation(command) => cli::automation::run(&common, &command),
        Command::Imports(command) => cli::imports::run(&common, &command),
        Command::Notifications(command) => cli::notifications::run(&common, &command),
        Command::Records(register, command) => cli::records::run(&common, register, &command),
        Command::User(command) => cli::user::run(&common, &command),
        Command::SampleErp(options) => demo::sample_erp(&options),
    };
    result.unwrap_or_else(|error| cli::output::failed(&error))
}
