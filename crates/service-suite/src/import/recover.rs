//! At start-up: what a run that ended in the middle has left behind is completed or taken back.

use register::imports::{self, Import, State, Step};

use super::claimed::Identity;
use super::{Later, marker};
use crate::app::App;
use crate::exchange::claim::claimed_name;
use crate::exchange::place::{self, Look};
use crate::exchange::spool;

/// Sorts out what the last run left behind; every import then goes on from its step by itself.
///
/// # Errors
/// [`Later`] when the ledger cannot be read or written.
pub(crate) fn recover(app: &App) -> Result<(), Later> {
    let unfinished = app.db.read(imports::unfinished)?;
    for entry in &unfinished {
        tracing::info!(import = entry.id, file = entry.file, step = %entry.step, "going on after a restart");
        if entry.step == Step::Spooled {
            verify_copy(app, entry)?;
        }
    }
    remove_leftovers(app, &unfinished);
    report_strangers(app);
    Ok(())
}

/// Whether an import that was being claimed when the last run ended has its file: either the rename happened, and the
/// file is ours, or it did not, and the file is simply looked at again. Then the entry is forgotten.
///
/// # Errors
/// [`Later`] when the folder cannot be looked at now.
pub(super) fn claim_was_made(app: &App, entry: &Import) -> Result<bool, Later> {
    let forget = || app.db.write(|c| imports::forget(c, entry.id)).map(|()| false);
    let identity = entry.identity.as_deref().and_then(Identity::parse);
    let Some((identity, place)) = identity.and_then(|i| place::place(&i.folder).map(|place| (i, place)))
    else {
        return Ok(forget()?);
    };
    let name = claimed_name(&entry.file, entry.id);
    let (settled, folder) = (identity.sighting(), &identity.folder);
    let still_there =
        || matches!(place.look(&entry.file), Look::Seen(seen, _) if seen.is_same_file(&settled));
    match place.look(&name) {
        // Where files have no steady numbers, one that was written to meanwhile is ours unless the settled one is still
        // under its old name.
        Look::Seen(seen, _) if seen.is_same_file(&settled) || seen.inode == 0 && !still_there() => {
            // Who ended before this was done may have left a rename that a power cut takes back; the file would then be
            // imported once more under its old name.
            place.make_durable().map_err(|error| {
                Later::failing(&format!("{name} cannot be made durable in {folder}"), error)
            })?;
            let as_it_was = (seen.size, seen.modified) == (settled.size, settled.modified);
            let claimed = if as_it_was {
                Identity::claimed(folder, &name, &seen)
            } else {
                Identity::unsettled(folder, &name, &seen)
            };
            let marker = identity.marker.as_deref();
            let claimed = claimed.with_marker(marker::take(place.as_ref(), entry.id, marker)?);
            app.db.write(|c| imports::set_claimed(c, entry.id, &claimed.text()))?;
            Ok(true)
        }
        Look::Absent if place.device().ok() != Some(settled.device) => Err(Later::Failing(format!(
            "the exchange folder {folder} is another one than before; is the share mounted?"
        ))),
        // No such name, or a file of another installation.
        Look::Absent | Look::NotAFile(_) | Look::Seen(..) => Ok(forget()?),
        Look::Busy(error) | Look::Unreadable(error) => {
            Err(Later::failing(&format!("{name} cannot be read"), error))
        }
        Look::NoFolder(error) => {
            Err(Later::failing(&format!("the exchange folder {folder} cannot be reached"), error))
        }
    }
}

/// A private copy that is not what the ledger says (a failing disk) is made again while the claimed file is still there.
fn verify_copy(app: &App, entry: &Import) -> Result<(), Later> {
    let folder = app.folder.spool();
    let good = spool::SpoolFile::reopen(&folder, entry.id)
        .is_ok_and(|copy| copy.is_some_and(|copy| Some(copy.sha256()) == entry.sha256.as_deref()));
    if good || entry.identity.is_none() || entry.state == State::Held {
        return Ok(());
    }
    tracing::warn!(import = entry.id, file = entry.file, "the private copy is damaged; it is made again");
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
        // The copy that a running `check` looks at lies in a folder of its own.
        let held =
            std::fs::read_dir(&path).into_iter().flatten().flatten().any(|copy| spool::is_held(&copy.path()));
        if held {
            continue;
        }
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
        if matches!(known, Ok(Some(entry)) if entry.step != Step::Finished) {
            continue;
        }
        tracing::warn!(
            "{} in the exchange folder was left by another installation or by an import that has ended; to import \
             it here, rename it to {}",
            claim.name,
            claim.original
        );
    }
}
