//! A person decides about a held import.

use register::imports::{self, DecisionError, Import, Step};

use super::watch::Watch;
use super::{Later, find, put_away};
use crate::app::App;

/// Why a decision was not taken, or could not be carried out at once.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotDecided {
    /// It was not taken; nothing was changed.
    #[error(transparent)]
    Not(#[from] DecisionError),
    /// It was taken, and is carried out by the next `serve`, or by the next command for this import.
    #[error("it was decided, but cannot be carried out now, and will be later: {0}")]
    Later(#[from] Later),
}

/// Approves a held import and imports it while the caller waits, when its turn has come; gives its entry, which is held
/// again when the register has been changed since, and waits when another one is held before it.
///
/// # Errors
/// [`NotDecided`]
pub(crate) fn approve_now(app: &App, id: i64, by: &str, watch: &dyn Watch) -> Result<Import, NotDecided> {
    let at = app.clock.now();
    app.db.write(|c| imports::approve(c, id, by, at))?;
    tracing::info!(import = id, by, "approved");
    let register = register::register(&find(app, id)?.register);
    let turn = register.map(|register| app.db.read(|c| imports::next(c, register)).map_err(Later::from));
    if turn.transpose()?.flatten().is_some_and(|next| next.id == id) {
        super::carry_on(app, id, watch)?;
    }
    Ok(finished(app, id, watch)?)
}

/// Discards a held import and puts its file into the refused folder while the caller waits; gives its entry.
///
/// # Errors
/// [`NotDecided`]
pub(crate) fn discard_now(app: &App, id: i64, by: &str, watch: &dyn Watch) -> Result<Import, NotDecided> {
    let at = app.clock.now();
    app.db.write(|c| imports::discard(c, id, by, at))?;
    tracing::info!(import = id, by, "discarded");
    Ok(finished(app, id, watch)?)
}

/// Puts the file away if the import has its outcome. What cannot be put away now is by the next `serve`.
fn finished(app: &App, id: i64, watch: &dyn Watch) -> Result<Import, Later> {
    if find(app, id)?.step == Step::Committed
        && let Err(later) = put_away(app, id, watch)
    {
        tracing::warn!(import = id, "its file is put away by the next serve: {later}");
    }
    find(app, id)
}
