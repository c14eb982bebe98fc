//! At start-up: what a run that ended in the middle has left behind is completed or taken back.

use register::imports::{self, Import, State, Step};

use super::Later;
use crate::app::App;
use crate::exchange::spool;

/// Sorts out what the last run left behind in the data folder; every import then goes on from its step by itself. The
/// exchange folder is not asked, which may not answer.
///
/// # Errors
/// [`Later`] when the ledger cannot be read or written.
pub(crate) fn recover(app: &App) -> Result<(), Later> {
    // First the copies, then the ledger: a command may begin an import at any moment, and has its copy before its entry.
    let copies = spool::leftovers(&app.folder.spool()).unwrap_or_default();
    let unfinished = app.db.read(imports::unfinished)?;
    remove_leftovers(app, &copies, &unfinished);
    for entry in &unfinished {
        tracing::info!(import = entry.id, file = entry.file, step = %entry.step, "going on after a restart");
        if entry.step == Step::Spooled {
            verify_copy(app, entry)?;
        }
    }
    Ok(())
}

/// A private copy that is not what the ledger says (a failing disk) is made again while the claimed file is still there.
fn verify_copy(app: &App, entry: &Import) -> Result<(), Later> {
    // One without a file that was claimed cannot be made again, and one that is held is read through when it is decided.
    if entry.identity.is_none() || entry.state == State::Held {
        return Ok(());
    }
    let good = spool::SpoolFile::reopen(&app.folder.spool(), entry.id)
        .is_ok_and(|copy| copy.is_some_and(|copy| Some(copy.sha256()) == entry.sha256.as_deref()));
    if good {
        return Ok(());
    }
    tracing::warn!(import = entry.id, file = entry.file, "the private copy is damaged; it is made again");
    Ok(app.db.write(|c| imports::requeue(c, entry.id, Step::Claimed, None))?)
}

/// Removes private copies that no unfinished import needs, and uploads that nobody waits for. What cannot be removed
/// now is removed at the next start; nothing reads it.
fn remove_leftovers(app: &App, copies: &[i64], unfinished: &[Import]) {
    for id in copies {
        if !unfinished.iter().any(|entry| entry.id == *id) {
            let _ = spool::discard_leftover(&app.folder.spool(), *id);
        }
    }
    let Ok(uploads) = std::fs::read_dir(app.folder.uploads()) else { return };
    for path in uploads.flatten().map(|entry| entry.path()) {
        // The copy that a running `check` looks at lies in a folder of its own.
        let held =
            std::fs::read_dir(&path).into_iter().flatten().flatten().any(|copy| spool::is_held(&copy.path()));
        if held {
            continue;
        }
        let _ = if path.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
    }
}
