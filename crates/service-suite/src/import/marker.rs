//! The marker of a delivery: taken along with it, and removed with it.

use register::imports::{self, Import, Step};

use super::Later;
use super::identity::Identity;
use super::missing::{Missing, missing};
use crate::app::App;
use crate::exchange::place::{self, Look, Place, Removal, RemoveError};

/// Takes the marker that let a delivery through, once the delivery itself is taken; gives where it is now, or `None`
/// when it is gone or there was none.
///
/// # Errors
/// [`Later`] when that cannot be done now: the delivery is taken then, and waits.
pub(super) fn take(
    place: &dyn Place,
    import: i64,
    marker: Option<&Identity>,
) -> Result<Option<Identity>, Later> {
    let Some(marker) = marker else { return Ok(None) };
    let taken = place
        .claim_marker(&marker.name, import, &marker.sighting())
        .map_err(|error| Later::failing(&format!("the marker {} cannot be taken", marker.name), error))?;
    Ok(taken.map(|claim| Identity::claimed(&marker.folder, &claim.name, &claim.sighting)))
}

/// Whether a marker belongs to a delivery that is being taken. It is to be taken along by that one, and lets no other
/// file through.
///
/// # Errors
/// [`Later`] when the ledger cannot be read.
pub(crate) fn has_been_used(app: &App, marker: &Identity) -> Result<bool, Later> {
    let unfinished = app.db.read(imports::unfinished)?;
    Ok(unfinished.iter().filter(|entry| entry.step == Step::Claiming).any(|entry| {
        let identity = Identity::of_entry(app.folder.path(), entry);
        identity.and_then(|identity| identity.marker).is_some_and(|used| *used == *marker)
    }))
}

/// Removes the marker that was taken along with a delivery. Whatever has its claimed name is it.
///
/// # Errors
/// [`Later`] when the folder does not let it be removed now, or may be away with it.
pub(super) fn remove(app: &App, entry: &Import, delivery: &Identity) -> Result<(), Later> {
    let Some(marker) = &delivery.marker else { return Ok(()) };
    let Some(place) = place::place(&marker.folder) else { return Ok(()) };
    match place.look(&marker.name) {
        Look::Seen(now, _) => match place.remove(&marker.name, &now) {
            Ok(Removal::Removed) => Ok(()),
            Ok(Removal::Absent) => let_go(app, entry, delivery, &marker.name, place.as_ref()),
            Err(RemoveError::Changed { .. } | RemoveError::InUse { .. }) => {
                Err(Later::Failing(format!("the marker {} is open in another program", marker.name)))
            }
            // The folder itself may be what does not answer; nobody may wait for it any more.
            Err(RemoveError::Io { .. }) if place.identity().is_err() => {
                let_go(app, entry, delivery, &marker.name, place.as_ref())
            }
            Err(error) => Err(Later::Failing(error.to_string())),
        },
        Look::NotAFile(_) => Ok(()),
        Look::Absent | Look::NoFolder(_) => let_go(app, entry, delivery, &marker.name, place.as_ref()),
        Look::Busy(error) | Look::Unreadable(error) => {
            Err(Later::failing(&format!("the marker {} cannot be removed", marker.name), error))
        }
    }
}

/// There was no marker to remove. One that is back with its folder would stay for ever.
fn let_go(
    app: &App,
    entry: &Import,
    delivery: &Identity,
    name: &str,
    place: &dyn Place,
) -> Result<(), Later> {
    match missing(app, entry, &delivery.named(name), place)? {
        Missing::Gone => Ok(()),
        Missing::Found => Err(Later::Failing(format!("the marker {name} was out of sight for a moment"))),
        Missing::GivenUp(how) => {
            tracing::warn!(import = entry.id, "{name} was not removed from {}: {how}", delivery.folder);
            Ok(())
        }
    }
}
