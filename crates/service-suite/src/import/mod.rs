//! The way of a delivery from its claim to its report, a step a line; the ledger says which step comes next, so a
//! restart goes on where the last run stopped and repeats no committed work.

mod apply;
mod by_hand;
mod claimed;
mod expire;
mod put_away;
mod recover;
mod report;
mod watch;

use std::time::Duration;

use register::db::DbError;
use register::imports::{self, Import, State, Step};

use crate::app::App;

pub(crate) use apply::{Checked, check};
pub(crate) use by_hand::{ByHand, spool_for_check, take_by_hand};
pub(crate) use claimed::{Identity, Taking, take_from_folder};
pub(crate) use expire::remove_expired;
pub(crate) use recover::recover;
pub(crate) use watch::{Silent, Stage, Watch};

/// How often to ask whether another process has finished its import.
const TURN: Duration = Duration::from_millis(50);

/// Why an import cannot go on now. Nothing is lost: it stands in the ledger and is tried again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Later {
    /// The program is stopping.
    #[error("the program is stopping; the import goes on at the next start")]
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

impl Later {
    /// A failure of the surroundings: what was being done, and what went wrong.
    fn failing(doing: &str, error: impl std::fmt::Display) -> Self {
        Later::Failing(format!("{doing}: {error}"))
    }
}

/// Carries one import on until it is finished or held; gives its last entry in the ledger, or `None` when it turns out
/// that its file was never taken. One import at a time per register, across processes.
///
/// # Errors
/// [`Later`] when it cannot be finished now.
pub(crate) fn carry_on(app: &App, id: i64, watch: &dyn Watch) -> Result<Option<Import>, Later> {
    let _turn = turn(app, &find(app, id)?, watch)?;
    let entry = find(app, id)?;
    if entry.step == Step::Finished || entry.state == State::Held {
        return Ok(Some(entry));
    }
    loop {
        let entry = find(app, id)?;
        match entry.step {
            Step::Claiming => {
                if !recover::claim_was_made(app, &entry)? {
                    return Ok(None);
                }
            }
            Step::Claimed => claimed::spool(app, &entry, watch)?,
            Step::Spooled => apply::apply(app, &entry, watch)?,
            Step::Committed => put_away::put_away(app, &entry, watch)?,
            Step::Finished => return Ok(Some(report::finished(entry))),
        }
    }
}

/// Waits until no other process imports into the register.
fn turn(app: &App, entry: &Import, watch: &dyn Watch) -> Result<std::fs::File, Later> {
    loop {
        match app.folder.try_lock_register(&entry.register) {
            Ok(Some(turn)) => return Ok(turn),
            Ok(None) if watch.stopping() => return Err(Later::Stopping),
            Ok(None) => {
                watch.stage(entry.id, Stage::Queued);
                watch.pause(TURN);
            }
            Err(error) => return Err(Later::failing("the register cannot be locked", error)),
        }
    }
}

/// The entry of an import, which must be there.
pub(crate) fn find(app: &App, id: i64) -> Result<Import, Later> {
    app.db
        .read(|c| imports::find(c, id))?
        .ok_or_else(|| Later::Failing(format!("import {id} is not in the ledger")))
}
