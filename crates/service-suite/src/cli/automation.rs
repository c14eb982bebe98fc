//! `automation`: list, activate, deactivate, retry.

use std::process::ExitCode;

use anyhow::bail;
use clap::Subcommand;
use register::settings;
use register::{REGISTERS, live};

use super::{Json, output};
use crate::app::App;
use crate::automation::activation::{self, NotActivated};
use crate::automation::retry;
use crate::automation::status::{State, Status};
use crate::config::CommonOptions;

/// Who changes an automation from here.
const BY: &str = "command line";

/// The tasks of `automation`.
#[derive(Debug, Subcommand)]
pub(crate) enum AutomationCommand {
    /// The automations, what each waits for, and what it does now
    List {
        #[command(flatten)]
        json: Json,
    },
    /// Activate an automation: customers-from-erp, products-from-erp
    Activate {
        /// The automation's name
        name: String,
    },
    /// Deactivate an automation; an import that runs is finished
    Deactivate {
        /// The automation's name
        name: String,
    },
    /// Try again now what failed: the look at the folder, the import, putting files away
    Retry {
        /// The automation's name
        name: String,
        #[command(flatten)]
        json: Json,
    },
}

/// Runs the command.
pub(crate) fn run(common: &CommonOptions, command: &AutomationCommand) -> anyhow::Result<ExitCode> {
    let app = App::for_command(common)?;
    match command {
        AutomationCommand::List { json } => list(&app, json.json)?,
        AutomationCommand::Activate { name } => match activation::activate(&app, name, BY) {
            Ok(()) if app.folder.is_served()? => output::line(format!("{name} is active."))?,
            Ok(()) => output::line(format!("{name} is active, and works while service-suite serve runs."))?,
            Err(NotActivated::Missing(missing)) => {
                let list: Vec<String> =
                    missing.into_iter().map(|m| format!("{} ({})", m.message, m.place.words())).collect();
                bail!("{name} was not activated:\n  {}", list.join("\n  "));
            }
            Err(NotActivated::Failed(error)) => return Err(error),
        },
        AutomationCommand::Deactivate { name } => match activation::deactivate(&app, name, BY) {
            Ok(()) => output::line(format!("{name} is inactive."))?,
            Err(NotActivated::Missing(missing)) => {
                bail!("{}", missing.into_iter().map(|m| m.message).collect::<Vec<_>>().join("\n"))
            }
            Err(NotActivated::Failed(error)) => return Err(error),
        },
        AutomationCommand::Retry { name, json } => retry(&app, name, json.json)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn retry(app: &App, name: &str, json: bool) -> anyhow::Result<()> {
    retry::ask(app, name, BY)?;
    if !app.folder.is_served()? {
        bail!("nothing is tried while service-suite serve does not run; it tries at once when it starts");
    }
    if json {
        let status = statuses(app)?.into_iter().find(|status| status.name == name);
        return output::json(&status);
    }
    output::line(format!("{name} tries again now; see what comes of it with: service-suite automation list"))
}

fn list(app: &App, json: bool) -> anyhow::Result<()> {
    let statuses = statuses(app)?;
    if json {
        return output::json(&serde_json::json!({"items": statuses, "next": null}));
    }
    let mut rows = vec![["name", "title", "waits for", "state"].map(str::to_owned).to_vec()];
    rows.extend(statuses.iter().map(|status| {
        vec![status.name.clone(), status.title.clone(), status.waits_for.clone(), status.sentence()]
    }));
    output::table(&rows)
}

/// What each automation does now: as a running `serve` tells, or what is set when none runs.
fn statuses(app: &App) -> anyhow::Result<Vec<Status>> {
    let settings = app.settings()?;
    let told = if app.folder.is_served()? { app.live.read(live::automation_states)? } else { Vec::new() };
    let mut statuses = Vec::new();
    for register in REGISTERS {
        let live = told
            .iter()
            .find(|state| state.automation == register.automation)
            .and_then(|state| serde_json::from_str::<Status>(&state.status).ok());
        let format = app.db.read(|c| settings::default_format(c, register.name))?;
        let active = settings.is_active(register.automation);
        let state = if active {
            State::Warning { message: "Active, but service-suite serve is not running".to_owned() }
        } else {
            State::Inactive
        };
        let now = app.clock.now();
        statuses.push(live.map(|status| status.at(now)).unwrap_or_else(|| Status {
            name: register.automation.to_owned(),
            title: register.automation_title.to_owned(),
            register: register.name.to_owned(),
            waits_for: format.map(|f| f.format.filename).unwrap_or_default(),
            folder: settings.exchange.display().to_string(),
            state,
            last: None,
            waiting: 0,
            hint: None,
        }));
    }
    Ok(statuses)
}
