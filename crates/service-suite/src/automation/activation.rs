//! Activating an automation: what must be there first, and what is said when it is not.

use register::settings::{self, AfterImport, SaveError};
use register::{REGISTERS, Register};

use crate::app::App;
use crate::exchange::check::Outcome;
use crate::exchange::place::place;
use crate::exchange::selftest;
use crate::folders::create_private;

/// Something that is missing, and where it is mended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Missing {
    /// What is missing, as a sentence.
    pub(crate) message: String,
    /// Where it is mended.
    pub(crate) place: Place,
}

/// A place in the settings, under Main menu > Settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Settings > ERP-system.
    ErpSystem,
    /// Settings > Formats: all of them.
    Formats,
    /// Settings > Formats: the format of this name.
    Format(String),
}

impl Place {
    /// The place in words, as the menu names it.
    pub(crate) fn words(&self) -> &'static str {
        match self {
            Place::ErpSystem => "Settings > ERP-system",
            Place::Formats | Place::Format(_) => "Settings > Formats",
        }
    }
}

impl Missing {
    fn on_erp_system(message: String) -> Missing {
        Missing { message, place: Place::ErpSystem }
    }

    fn in_format(message: String, format: &str) -> Missing {
        Missing { message, place: Place::Format(format.to_owned()) }
    }
}

/// Why an automation was not activated.
#[derive(Debug)]
pub(crate) enum NotActivated {
    /// Something must be there first.
    Missing(Vec<Missing>),
    /// Something went wrong.
    Failed(anyhow::Error),
}

/// Activates the automation called `name` when all that it needs is there.
///
/// # Errors
/// [`NotActivated`]; nothing was changed then.
pub(crate) fn activate(app: &App, name: &str, by: &str) -> Result<(), NotActivated> {
    let Some(register) = REGISTERS.iter().find(|register| register.automation == name) else {
        let known: Vec<&str> = REGISTERS.iter().map(|register| register.automation).collect();
        let message = format!("There is no automation \"{name}\"; there are: {}.", known.join(", "));
        return Err(NotActivated::Missing(vec![Missing::on_erp_system(message)]));
    };
    let missing = missing(app, register).map_err(NotActivated::Failed)?;
    if !missing.is_empty() {
        return Err(NotActivated::Missing(missing));
    }
    let now = app.clock.now();
    match app.db.write(|c| settings::set_automation(c, name, true, by, now)) {
        Ok(changed) => {
            if changed {
                tracing::info!(automation = name, by, "activated");
            }
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}

/// Deactivates the automation called `name`; an import that runs is finished.
///
/// # Errors
/// [`NotActivated`]; nothing was changed then.
pub(crate) fn deactivate(app: &App, name: &str, by: &str) -> Result<(), NotActivated> {
    let now = app.clock.now();
    match app.db.write(|c| settings::set_automation(c, name, false, by, now)) {
        Ok(changed) => {
            if changed {
                tracing::info!(automation = name, by, "deactivated");
            }
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}

impl From<SaveError> for NotActivated {
    fn from(error: SaveError) -> Self {
        match error {
            SaveError::Complaints(complaints) => NotActivated::Missing(
                complaints.into_iter().map(|complaint| Missing::on_erp_system(complaint.message)).collect(),
            ),
            SaveError::Db(error) => NotActivated::Failed(error.into()),
        }
    }
}

/// Looks at everything that the automation of `register` needs; an empty list means that it can be activated.
fn missing(app: &App, register: &Register) -> anyhow::Result<Vec<Missing>> {
    let settings = app.settings()?;
    let format = app.db.read(|c| settings::default_format(c, register.name))?.map(|stored| stored.format);
    let mut missing = Vec::new();
    match &format {
        None => missing.push(Missing::on_erp_system(format!(
            "There is no default format for {}; choose one, so that it is known which file to wait for.",
            register.name
        ))),
        Some(format) => {
            if format.filename.is_empty() {
                let message = format!("The default format \"{}\" has no file name to wait for.", format.name);
                missing.push(Missing::in_format(message, &format.name));
            }
            if !format.columns.iter().any(|column| column.field == register.key) {
                let message = format!(
                    "The format \"{}\" has no key column: map one column to \"{}\", the {} of the {}.",
                    format.name, register.key, register.key, register.singular
                );
                missing.push(Missing::in_format(message, &format.name));
            }
        }
    }
    let folder = settings.exchange.display().to_string();
    if settings.exchange.starts_with(app.folder.path()) {
        create_private(&settings.exchange)?;
    }
    let Some(place) = place(&folder) else {
        missing.push(Missing::on_erp_system(format!("The exchange folder {folder} cannot be used.")));
        return Ok(missing);
    };
    let now = || app.clock.now();
    let checks = place.self_test(&now, settings.after_import() == AfterImport::Leave);
    if !selftest::is_usable(&checks) {
        // Later checks of a folder that is not there would only repeat the first one.
        let why = checks.into_iter().find(|check| check.result == Outcome::Failed).map(|check| check.detail);
        let why = why.unwrap_or_default();
        missing.push(Missing::on_erp_system(format!("The exchange folder {folder} cannot be used: {why}.")));
    }
    Ok(missing)
}
