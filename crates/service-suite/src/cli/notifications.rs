//! `notifications`: what people are told by e-mail, and a test.

use std::process::ExitCode;

use anyhow::bail;
use clap::Subcommand;
use register::{notifications, settings, time};

use super::{Json, Paging, output};
use crate::app::App;
use crate::config::CommonOptions;
use crate::notify::mail::{self, Mail};

/// The tasks of `notifications`.
#[derive(Debug, Subcommand)]
pub(crate) enum NotificationsCommand {
    /// What people were or are to be told, the newest first
    List {
        #[command(flatten)]
        paging: Paging,
        #[command(flatten)]
        json: Json,
    },
    /// Send a test to the addresses of the settings now
    Test {
        #[command(flatten)]
        json: Json,
    },
}

/// Runs the command.
pub(crate) fn run(common: &CommonOptions, command: &NotificationsCommand) -> anyhow::Result<ExitCode> {
    let app = App::for_command(common)?;
    match command {
        NotificationsCommand::List { paging, json } => list(&app, paging, json.json)?,
        NotificationsCommand::Test { json } => test(&app, json.json)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn list(app: &App, paging: &Paging, json: bool) -> anyhow::Result<()> {
    let page = app.db.read(|c| notifications::list(c, paging.limit, paging.cursor.as_deref()))?;
    if json {
        return output::json(&page);
    }
    if page.items.is_empty() {
        return output::line("Nothing has happened that people must be told.");
    }
    for one in &page.items {
        let outcome = match (one.outcome, &one.error) {
            (Some(outcome), _) => outcome.word().to_owned(),
            (None, Some(error)) => format!("to be sent: {error}"),
            (None, None) => "to be sent".to_owned(),
        };
        let line = format!("{}  {}  ({outcome})", time::to_text(one.at), one.message.replace('\n', " "));
        output::line(output::clean(&line))?;
    }
    match page.next {
        Some(next) => output::line(format!("There are more: --cursor {next}")),
        None => Ok(()),
    }
}

fn test(app: &App, json: bool) -> anyhow::Result<()> {
    let settings = app.db.read(settings::load)?.notifications;
    if !settings.is_on() {
        bail!("there is nobody to write to; give addresses in [notifications] of the settings");
    }
    let now = app.clock.now();
    if let Err(why) = mail::send(&settings, &Mail::test(&app.base_url(), &settings.from, now), now) {
        bail!("the test could not be sent: {why}");
    }
    match json {
        true => output::json(&serde_json::json!({"sent": settings.to})),
        false => output::line(format!("A test was sent to {}.", settings.to.join(", "))),
    }
}
