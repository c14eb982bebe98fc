//! Importing while the caller waits: what a command does. When the command ends, nothing of it goes on behind its back.

use std::time::Duration;

use erpfile::Problem;
use register::Register;
use register::imports::{self, Import, State, Step};

use super::apply::refuse;
use super::by_hand::{ByHand, take_by_hand};
use super::watch::Watch;
use super::{Later, TURN};
use crate::app::App;

/// Who starts an import from the command line: it lasts no longer than the command.
pub(crate) const COMMAND_LINE: &str = "command line";

/// How long a command waits for a file that `serve` is just taking.
const TAKEN_WITHIN: Duration = Duration::from_secs(5);

/// Imports a file while the caller waits: its turn comes first, then everything that was taken before it, then itself.
/// When it cannot be done now, it is not done later behind the caller's back.
///
/// # Errors
/// [`Later`] when it cannot be done now; nothing was imported then.
pub(crate) fn import_now(app: &App, given: &ByHand<'_>, watch: &dyn Watch) -> Result<Import, Later> {
    now(app, given.register, || take_by_hand(app, given, watch), watch)
}

/// The same with whatever `take` takes for the register, when its turn has come.
pub(super) fn now<E: From<Later>>(
    app: &App,
    register: &'static Register,
    take: impl FnOnce() -> Result<i64, E>,
    watch: &dyn Watch,
) -> Result<Import, E> {
    let _turn = super::turn(app, register.name, 0, watch)?;
    let until = app.clock.monotonic() + TAKEN_WITHIN;
    while let Some(entry) = next(app, register)? {
        if was_abandoned(app, &entry)? {
            refuse(app, &entry, &abandoned(&entry.file))?;
            continue;
        }
        if entry.step == Step::Claiming && served(app)? {
            // Its look-out is just taking it, or its worker finds out what a crash has left of it, given the turn.
            if app.clock.monotonic() >= until {
                return Err(E::from(Later::Failing(being_taken(&entry))));
            }
            app.clock.pause(TURN);
            continue;
        }
        super::run(app, entry.id, watch).map_err(|later| match later {
            Later::Failing(why) => {
                Later::Failing(format!("import {} was taken before and cannot be done now: {why}", entry.id))
            }
            Later::Stopping => Later::Stopping,
        })?;
    }
    let id = take()?;
    if next(app, register)?.is_none()
        && let Some((held, _)) = app.db.read(|c| imports::stands(c, register)).map_err(Later::from)?
        && held.id != id
    {
        let entry = super::find(app, id)?;
        refuse(app, &entry, &in_the_way(&entry.file, held.id))?;
    }
    Ok(carry_on_to_its_end(app, id, watch)?)
}

/// Whether a `serve` runs on the data folder.
fn served(app: &App) -> Result<bool, Later> {
    app.folder.is_served().map_err(|error| Later::Failing(format!("{error:#}")))
}

/// What is said when a file is taken from the exchange folder before this one, and that takes long.
fn being_taken(entry: &Import) -> String {
    format!(
        "import {} of {} comes first and is still being taken from the exchange folder. Look at the Automation page, and \
         try again in a moment",
        entry.id, entry.file
    )
}

/// The import of the register whose turn it is.
fn next(app: &App, register: &Register) -> Result<Option<Import>, Later> {
    Ok(app.db.read(|c| imports::next(c, register))?)
}

/// All steps of an import whose turn it is; one that cannot be done now is refused.
fn carry_on_to_its_end(app: &App, id: i64, watch: &dyn Watch) -> Result<Import, Later> {
    let done = super::run(app, id, watch);
    if let Err(later) = &done {
        let entry = super::find(app, id)?;
        if entry.step < Step::Committed {
            let problem = match later {
                Later::Failing(why) => failed(&entry.file, why),
                Later::Stopping => abandoned(&entry.file),
            };
            refuse(app, &entry, &problem)?;
        }
    }
    let entry = done?.ok_or_else(|| Later::Failing("the import is no longer in the ledger".to_owned()))?;
    if entry.state == State::Held {
        return Ok(entry);
    }
    match super::put_away::put_away(app, &super::find(app, id)?, watch) {
        Ok(()) => Ok(super::find(app, id)?),
        Err(later) => {
            tracing::warn!(
                import = id,
                "the import is done; its file is archived by the next serve: {later}"
            );
            Ok(entry)
        }
    }
}

/// Whether an import was begun by a command that ended before the import was done.
///
/// # Errors
/// When the ledger cannot be read.
pub(super) fn was_abandoned(app: &App, entry: &Import) -> Result<bool, Later> {
    // Whoever asks has the register's turn, and the command keeps that for as long as it lives. What is held, or was
    // approved, waits for people and not for its command.
    Ok(entry.automation.is_none()
        && entry.started_by == COMMAND_LINE
        && entry.step < Step::Committed
        && entry.state != State::Held
        && app.db.read(|c| imports::approval(c, entry.id))?.is_none())
}

/// What is said of a file that would have to overtake a held import.
fn in_the_way(file: &str, held: i64) -> Problem {
    Problem::new(
        "held-before",
        format!("{file} was not imported: import {held} came before it and is held."),
        format!(
            "Decide about import {held} first (service-suite imports approve {held}, or discard), and import the file again."
        ),
    )
}

/// What is said of an import that could not be done while its command waited.
fn failed(file: &str, why: &str) -> Problem {
    Problem::new(
        "failed",
        format!("{file} could not be imported: {why}. Nothing of it was imported."),
        "Mend what is said, and import the file again.",
    )
}

/// What is said of an import whose command ended before it was done.
pub(super) fn abandoned(file: &str) -> Problem {
    Problem::new(
        "abandoned",
        format!(
            "The command that imported {file} ended before the import was done. Nothing of it was imported."
        ),
        "Import the file again.",
    )
}
