//! Claimed files that no import is waiting for: another installation uses the folder, an older backup of the data folder
//! was brought back, or a power cut took the removal of a file back.

use register::imports::{self, Import, State, Step};
use register::settings;

use super::Later;
use super::identity::Identity;
use super::put_away::is_kept_whole;
use crate::app::App;
use crate::exchange::archive;
use crate::exchange::claim::ClaimedName;
use crate::exchange::place::{self, Look, Place, Removal};

/// What a claimed file turns out to be.
pub(super) enum Stranger {
    /// An import is under way with it.
    Awaited,
    /// What is left of an import: these are its bytes, and they are kept or were not to be.
    Left(Import),
    /// The same, but the copy that was to be kept is not.
    LastCopy(Import),
    /// Of somebody else.
    Unknown,
}

/// Looks through the claimed files of the exchange folder: removes what is left of imports, and tells of all others that
/// no import is waiting for. They are left alone.
///
/// # Errors
/// [`Later`] when the ledger cannot be read.
pub(crate) fn look_through(app: &App) -> Result<(), Later> {
    let Ok(settings) = app.settings() else { return Ok(()) };
    let folder = settings.exchange.display().to_string();
    let Some(place) = place::place(&folder) else { return Ok(()) };
    // First the files, then the ledger: what is claimed meanwhile is not among these files.
    let claims = place.claims().unwrap_or_default();
    let awaited = awaited(app, &folder)?;
    for claim in claims {
        let name = &claim.name;
        match what_is(app, place.as_ref(), &claim, &awaited)? {
            Stranger::Awaited => {}
            Stranger::Left(import) => {
                let sha256 = import.sha256.as_deref().unwrap_or_default();
                let removed = archive::remove_source(place.as_ref(), name, None, sha256);
                if let Ok(Removal::Removed) = removed {
                    tracing::info!(import = import.id, "{name} was left over from this import; removed");
                }
            }
            Stranger::LastCopy(import) => tracing::warn!(
                import = import.id,
                "{name} in the exchange folder is what this import has read; nothing waits for it"
            ),
            Stranger::Unknown => {
                let advice = match is_waited_for(app, &claim.original)? {
                    true => format!("; to import it here, rename it to {}", claim.original),
                    false => String::new(),
                };
                tracing::warn!(
                    "{name} in the exchange folder was left by another installation or by an import that has \
                     ended{advice}"
                );
            }
        }
    }
    Ok(())
}

/// Whether files of this name are imported; a marker, for one, is not.
fn is_waited_for(app: &App, name: &str) -> Result<bool, Later> {
    let formats = app.db.read(settings::formats)?;
    Ok(formats.iter().any(|stored| stored.format.default && stored.format.takes(name)))
}

/// The names that the unfinished imports have in this folder, whatever number is in them.
pub(super) fn awaited(app: &App, folder: &str) -> Result<Vec<String>, Later> {
    let unfinished = app.db.read(imports::unfinished)?;
    let identities = unfinished.iter().filter_map(|entry| Identity::of_entry(app.folder.path(), entry));
    let with_markers = identities.flat_map(|mut identity| {
        let marker = identity.marker.take().map(|marker| *marker);
        [Some(identity), marker].into_iter().flatten()
    });
    Ok(with_markers.filter(|identity| identity.folder == folder).map(|identity| identity.name).collect())
}

pub(super) fn what_is(
    app: &App,
    place: &dyn Place,
    claim: &ClaimedName,
    awaited: &[String],
) -> Result<Stranger, Later> {
    if awaited.contains(&claim.name) {
        return Ok(Stranger::Awaited);
    }
    let of_that_number = app.db.read(|c| imports::find(c, claim.import_id))?;
    if of_that_number.as_ref().is_some_and(|entry| entry.step != Step::Finished) {
        return Ok(Stranger::Awaited);
    }
    if of_that_number.is_none_or(|entry| entry.file != claim.original) {
        // It never had this name here. Whose it is, its bytes would not tell, and there may be many of them.
        return Ok(Stranger::Unknown);
    }
    let Look::Seen(seen, file) = place.look(&claim.name) else { return Ok(Stranger::Unknown) };
    let Ok(sha256) = archive::hash_source(&file) else { return Ok(Stranger::Unknown) };
    // What was written to a claimed file after it was read belongs to a later import than the one in its name.
    let mut ended = app.db.read(|c| imports::of_bytes(c, &claim.original, &sha256))?;
    ended.retain(|entry| {
        Identity::of_entry(app.folder.path(), entry).is_some_and(|identity| {
            identity.claimed && identity.name == claim.name && seen.is_same_file(&identity.sighting())
        })
    });
    let Some(entry) = ended.into_iter().next() else { return Ok(Stranger::Unknown) };
    let to_be_kept = matches!(entry.state, State::Refused | State::Superseded) || entry.kept_in.is_some();
    Ok(match to_be_kept && !is_kept_whole(&entry) {
        true => Stranger::LastCopy(entry),
        false => Stranger::Left(entry),
    })
}
