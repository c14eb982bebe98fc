//! The way of a delivery from its claim to its report, a step a line; the ledger says which step comes next, so a
//! restart goes on where the last run stopped and repeats no committed work.

mod accepted;
mod again;
mod apply;
mod by_hand;
mod claiming;
mod complete;
mod copy;
mod copy_ahead;
mod decide;
mod earlier_copy;
mod expire;
mod grown;
mod guard;
mod identity;
mod kept_folder;
mod left;
mod marker;
mod missing;
mod now;
mod put_away;
mod recover;
mod report;
mod settle_again;
mod source;
mod strangers;
mod take;
#[cfg(test)]
mod tests;
mod undo;
mod waiting;
mod watch;
mod whereabouts;

use std::fs::File;
use std::io;
use std::time::Duration;

use erpfile::Problem;
use register::compare::Stop;
use register::db::DbError;
use register::imports::{self, Import, State, Step};

use crate::app::App;

pub(crate) use accepted::accept_folder;
pub(crate) use again::{NotAgain, Outlook, again, again_now, outlook as outlook_of_again};
pub(crate) use apply::{Checked, check};
pub(crate) use by_hand::{ByHand, CheckCopy, spool_for_check, take_by_hand};
pub(crate) use copy_ahead::{begin_to_copy, copy_ahead, next_to_copy};
#[cfg(test)]
pub(crate) use decide::NotDecided;
pub(crate) use decide::{approve_now, discard_now};
pub(crate) use expire::Expiry;
pub(crate) use identity::Identity;
pub(crate) use kept_folder::make_named;
pub(crate) use left::{Known, is_left, is_left_by_content};
pub(crate) use marker::has_been_used;
pub(crate) use now::{COMMAND_LINE, import_now};
pub(crate) use put_away::is_kept_whole;
pub(crate) use recover::recover;
pub(crate) use strangers::look_through;
pub(crate) use take::{Taking, take_from_folder};
pub(crate) use undo::{Foreseen, NotUndone, foresee, undo};
pub(crate) use waiting::{NothingWaits, Waiting, taken as waiting_import, waiting_for};
pub(crate) use watch::{Silent, Stage, UNDOING, Watch};
pub(crate) use whereabouts::{Lies, whereabouts};

/// How often to ask whether another process has finished its import.
const TURN: Duration = Duration::from_millis(50);

/// The code of the problem of files that make the program fault.
const PROGRAM_FAULT: &str = "program-fault";

/// Why an import cannot go on now. Nothing is lost: it stands in the ledger and is tried again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Later {
    /// The program is stopping.
    #[error("stopped before it was done")]
    Stopping,
    /// The surroundings failed: a disk, a folder, the database. The sentence says which and what to do.
    #[error("{0}")]
    Failing(String),
}

impl From<DbError> for Later {
    fn from(error: DbError) -> Self {
        Later::Failing(error.to_string())
    }
}

impl From<Stop> for Later {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Cancelled => Later::Stopping,
            other => Later::Failing(other.to_string()),
        }
    }
}

impl Later {
    /// A failure of the surroundings: what was being done, and what went wrong.
    fn failing(doing: &str, error: impl std::fmt::Display) -> Self {
        Later::Failing(format!("{doing}: {error}"))
    }
}

/// Carries one import on until its outcome is in the ledger; gives its entry, or `None` when it turns out that its file
/// was never taken. One import at a time per register, across processes.
///
/// # Errors
/// [`Later`] when it cannot go on now.
pub(crate) fn carry_on(app: &App, id: i64, watch: &dyn Watch) -> Result<Option<Import>, Later> {
    let Some(entry) = app.db.read(|c| imports::find(c, id))? else { return Ok(None) };
    let _turn = turn(app, &entry.register, id, watch)?;
    let Some(entry) = app.db.read(|c| imports::find(c, id))? else { return Ok(None) };
    if now::was_abandoned(app, &entry)? {
        apply::refuse(app, &entry, &now::abandoned(&entry.file))?;
    }
    run(app, id, watch)
}

/// The steps of an import whose turn it is, up to its outcome.
fn run(app: &App, id: i64, watch: &dyn Watch) -> Result<Option<Import>, Later> {
    loop {
        let Some(entry) = app.db.read(|c| imports::find(c, id))? else { return Ok(None) };
        match entry.step {
            Step::Claiming => {
                let _alone = alone_with_sources(app, &entry.register, id, watch)?;
                claiming::sort_out(app, id)?;
            }
            Step::Claimed => copy::spool(app, &entry, watch)?,
            Step::Spooled if entry.state == State::Held => return Ok(Some(entry)),
            Step::Spooled => apply::apply(app, &entry, watch)?,
            Step::Committed | Step::Finished => return Ok(Some(report::ended(entry))),
        }
    }
}

/// Puts the file of an import away whose outcome is in the ledger; gives its last entry.
///
/// # Errors
/// [`Later`] when that cannot be done now; the outcome stands all the same.
pub(crate) fn put_away(app: &App, id: i64, watch: &dyn Watch) -> Result<Option<Import>, Later> {
    let _turn = turn(app, &find(app, id)?.register, id, watch)?;
    let entry = find(app, id)?;
    if entry.step == Step::Committed {
        put_away::put_away(app, &entry, watch)?;
    }
    Ok(Some(find(app, id)?))
}

/// Refuses an import that keeps making the program fault, unless its outcome is in the ledger already; gives whether it
/// was refused.
///
/// # Errors
/// [`Later`] when the ledger cannot be written.
pub(crate) fn refuse_after_faults(app: &App, entry: &Import) -> Result<bool, Later> {
    let entry = find(app, entry.id)?;
    if entry.step >= Step::Committed || entry.step == Step::Claiming {
        return Ok(false);
    }
    let problem = Problem::new(
        PROGRAM_FAULT,
        format!(
            "{} makes the program fault each time it is imported. Nothing of it was imported.",
            entry.file
        ),
        "Please report it with the log and, if you may, with the file, which lies in the refused folder.",
    );
    apply::refuse(app, &entry, &problem)?;
    Ok(true)
}

/// Waits until no other process imports into the register.
fn turn(app: &App, register: &str, id: i64, watch: &dyn Watch) -> Result<File, Later> {
    locked(app, id, watch, || app.folder.try_lock_register(register))
}

/// Waits until nobody else takes files for the register into the spool: whoever copies what waits does not import.
fn alone_with_sources(app: &App, register: &str, id: i64, watch: &dyn Watch) -> Result<File, Later> {
    locked(app, id, watch, || app.folder.try_lock_copies(register))
}

fn locked(
    app: &App,
    id: i64,
    watch: &dyn Watch,
    lock: impl Fn() -> io::Result<Option<File>>,
) -> Result<File, Later> {
    loop {
        match lock() {
            Ok(Some(file)) => return Ok(file),
            Ok(None) if watch.stopping() => return Err(Later::Stopping),
            Ok(None) => {
                watch.stage(id, Stage::Queued);
                app.clock.pause(TURN);
            }
            Err(error) => return Err(cannot_lock(error)),
        }
    }
}

fn cannot_lock(error: io::Error) -> Later {
    Later::failing("the register cannot be locked", error)
}

/// The entry of an import, which must be there.
pub(crate) fn find(app: &App, id: i64) -> Result<Import, Later> {
    app.db
        .read(|c| imports::find(c, id))?
        .ok_or_else(|| Later::Failing(format!("import {id} is not in the ledger")))
}
