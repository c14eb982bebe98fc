//! At start-up: what a run that ended in the middle has left behind is completed or taken back.

use register::imports::{self, Import, Step};

use super::Later;
use super::claimed::Identity;
use crate::app::App;
use crate::exchange::claim::claimed_name;
use crate::exchange::place::{self, Look};
use crate::exchange::spool;

/// Sorts out every import that was being claimed when the last run ended; the rest goes on from its step by itself.
///
/// # Errors
/// [`Later`] when the database or an exchange folder cannot be read; nothing was changed for that import then.
pub(crate) fn recover(app: &App) -> Result<(), Later> {
    let unfinished = app.db.read(imports::unfinished)?;
    for entry in &unfinished {
        match entry.step {
            Step::Claiming => claiming(app, entry)?,
            Step::Spooled => spooled(app, entry)?,
            Step::Claimed | Step::Committed | Step::Finished => {}
        }
        if entry.step != Step::Claiming {
            tracing::info!(import = entry.id, file = %entry.file, step = %entry.step, "going on after a restart");
        }
    }
    remove_leftovers(app, &unfinished);
    report_strangers(app);
    Ok(())
}

/// Either the rename happened, and the file is ours, or it did not, and it is simply looked at again.
fn claiming(app: &App, entry: &Import) -> Result<(), Later> {
    let Some(mut identity) = entry.identity.as_deref().and_then(Identity::parse) else {
        // A file given by hand whose copy was not complete: the person still has it.
        return Ok(app.db.write(|c| imports::forget(c, entry.id))?);
    };
    let name = claimed_name(&entry.file, entry.id);
    let Some(place) = place::place(&identity.folder) else {
        return Ok(app.db.write(|c| imports::forget(c, entry.id))?);
    };
    match place.look(&name) {
        Look::Seen(sighting, _) if sighting.inode == identity.sighting().inode => {
            identity = Identity::of(&identity.folder, &name, &sighting);
            tracing::info!(import = entry.id, file = %entry.file, "the claim was made before the restart");
            Ok(app.db.write(|c| imports::set_claimed(c, entry.id, &identity.text()))?)
        }
        Look::NoFolder(error) => {
            Err(Later::failing(&format!("{} cannot be reached", identity.folder), error))
        }
        // No such name, or a file of another installation.
        _ => Ok(app.db.write(|c| imports::forget(c, entry.id))?),
    }
}

/// A private copy that is not what the ledger says (a failing disk) is made again while the claimed file is still there.
fn spooled(app: &App, entry: &Import) -> Result<(), Later> {
    let folder = app.folder.spool();
    let copy = spool::SpoolFile::reopen(&folder, entry.id)
        .map_err(|error| Later::failing("a private copy in the data folder cannot be read", error))?;
    let good = copy.is_some_and(|copy| Some(copy.sha256()) == entry.sha256.as_deref());
    if good || entry.identity.is_none() {
        return Ok(());
    }
    tracing::warn!(import = entry.id, file = %entry.file, "the private copy is damaged; it is made again");
    spool::discard(&folder, entry.id)
        .map_err(|error| Later::failing("a private copy in the data folder cannot be removed", error))?;
    Ok(app.db.write(|c| imports::requeue(c, entry.id, Step::Claimed, None))?)
}

/// Removes private copies that no unfinished import needs, and uploads that nobody waits for. What cannot be removed
/// now is removed at the next start; nothing reads it.
fn remove_leftovers(app: &App, unfinished: &[Import]) {
    for id in spool::leftovers(&app.folder.spool()).unwrap_or_default() {
        if !unfinished.iter().any(|entry| entry.id == id) {
            let _ = spool::discard(&app.folder.spool(), id);
        }
    }
    let Ok(uploads) = std::fs::read_dir(app.folder.uploads()) else { return };
    for path in uploads.flatten().map(|entry| entry.path()) {
        let _ = if path.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
    }
}

/// Tells of claimed files that the ledger knows nothing of: another installation uses the folder, or an older backup of
/// the data folder was brought back. They are left alone.
fn report_strangers(app: &App) {
    let Ok(settings) = app.settings() else { return };
    let Some(place) = place::place(&settings.exchange.display().to_string()) else { return };
    for claim in place.claims().unwrap_or_default() {
        let known = app.db.read(|c| imports::find(c, claim.import_id));
        if matches!(known, Ok(Some(entry)) if entry.file == claim.original) {
            continue;
        }
        tracing::warn!(
            "{} in the exchange folder was taken by another installation, or before a backup was brought back; to \
             import it here, rename it to {}",
            claim.name,
            claim.original
        );
    }
}
