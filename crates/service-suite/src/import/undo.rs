//! Taking an import back, because a person asks for it.

use std::ops::ControlFlow;

use register::compare::Stop;
use register::db::Conn;
use register::imports::Import;
use register::undo::{self, Outlook, UndoError};

use super::watch::{Stage, Watch};
use super::{Later, find};
use crate::app::App;

/// Changes up to which it is worked out beforehand what an undo comes to. More would keep the page that asks waiting.
const WORKED_OUT: u64 = 20_000;

/// What the undo of an import would come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Foreseen {
    /// Exactly this, as things are now.
    Exactly(Outlook),
    /// No more than this; how many of them are left is found while it is done.
    AtMost(Outlook),
}

/// What the undo of the import would come to, without taking long.
///
/// # Errors
/// As [`undo::undo`].
pub(crate) fn foresee(c: &Conn, id: i64) -> Result<(Import, Foreseen), UndoError> {
    let (import, _) = undo::undoable(c, id)?;
    let most = undo::at_most(c, id)?;
    if most.restored + most.removed > WORKED_OUT {
        return Ok((import, Foreseen::AtMost(most)));
    }
    let outlook = undo::outlook(c, id, &mut |_| ControlFlow::Continue(()))?;
    Ok((import, Foreseen::Exactly(outlook)))
}

/// Why an import was not undone; nothing was changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotUndone {
    /// It cannot be undone, for the reason in the sentence.
    #[error("{0}")]
    Because(String),
    /// The surroundings failed, or the program is stopping.
    #[error(transparent)]
    Later(#[from] Later),
}

impl From<UndoError> for NotUndone {
    fn from(error: UndoError) -> Self {
        match error {
            UndoError::Stop(Stop::Db(error)) => NotUndone::Later(error.into()),
            UndoError::Stop(stop) => NotUndone::Later(stop.into()),
            error => NotUndone::Because(error.to_string()),
        }
    }
}

/// Undoes an import in one transaction; waits until no import is being made into its register, so that none is compared
/// with what was there before. Gives its entry.
///
/// # Errors
/// [`NotUndone`]
pub(crate) fn undo(app: &App, id: i64, by: &str, watch: &dyn Watch) -> Result<Import, NotUndone> {
    // An import that is not there has no register to wait for.
    app.db.read(|c| undo::undoable(c, id).map(drop))?;
    let _turn = super::turn(app, &find(app, id)?.register, id, watch)?;
    let mut progress = |at| watch.tell(id, Stage::Rows(at));
    let import = undo::undo(&app.db, id, by, app.clock.now(), &mut progress)?;
    tracing::info!(
        import = id,
        file = import.file,
        register = import.register,
        by,
        reason = import.reason.as_deref().unwrap_or_default(),
        "undone"
    );
    Ok(import)
}
