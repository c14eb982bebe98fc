//! An import that was being claimed when the program ended: whether it has its file.

use register::imports::{self, Import, Step};

use super::apply::refuse;
use super::identity::Identity;
use super::missing::{Missing, given_up, missing};
use super::{Later, marker};
use crate::app::App;
use crate::exchange::claim::{claimed_name, not_seen_yet};
use crate::exchange::place::{self, Look, Place, Sighting};

/// Finds out whether the rename happened, unless somebody else has by now. If so, the file is ours, and the entry goes on.
/// If not, the entry is forgotten, and the file is simply looked at again.
///
/// # Errors
/// [`Later`] when nobody can tell now.
pub(super) fn sort_out(app: &App, id: i64) -> Result<(), Later> {
    let entry = app.db.read(|c| imports::find(c, id))?;
    let Some(entry) = entry.as_ref().filter(|entry| entry.step == Step::Claiming) else { return Ok(()) };
    let forget = || app.db.write(|c| imports::forget(c, id));
    let identity = Identity::of_entry(app.folder.path(), entry);
    let Some((identity, place)) = identity.and_then(|i| place::place(&i.folder).map(|place| (i, place)))
    else {
        return Ok(forget()?);
    };
    let name = claimed_name(&entry.file, entry.id);
    match place.look(&name) {
        Look::Seen(seen, _) if is_ours(place.as_ref(), entry, &identity, &seen) => {
            found(app, entry, identity, place.as_ref(), &name, &seen)
        }
        // A file of another installation, whatever became of the one that was to be taken.
        Look::Seen(..) | Look::NotAFile(_) => Ok(forget()?),
        Look::Absent if is_listed(place.as_ref(), &name)? => {
            Err(Later::failing(&format!("{} cannot be read", entry.file), not_seen_yet(&name)))
        }
        Look::Absent | Look::NoFolder(_) if is_unclaimed(place.as_ref(), entry, &identity) => Ok(forget()?),
        Look::Absent | Look::NoFolder(_) => {
            let claimed = identity.named(&name);
            match missing(app, entry, &claimed, place.as_ref())? {
                Missing::Gone => Ok(forget()?),
                Missing::Found => Err(Later::Failing(format!("{name} was out of sight for a moment"))),
                Missing::GivenUp(how) => {
                    // It may have been claimed: what it says of itself is what to look for in the folder.
                    let claimed = claimed.settled(&identity.sighting());
                    app.db.write(|c| imports::set_claimed(c, entry.id, &claimed.noted(app.folder.path())))?;
                    refuse(app, entry, &given_up(entry, &claimed, &how))
                }
            }
        }
        Look::Busy(error) | Look::Unreadable(error) => {
            Err(Later::failing(&format!("{name} cannot be read"), error))
        }
    }
}

/// Whether the settled file still lies under its own name: then it was not claimed, whatever became of its folder's
/// numbers.
fn is_unclaimed(place: &dyn Place, entry: &Import, identity: &Identity) -> bool {
    matches!(place.look(&entry.file), Look::Seen(seen, _) if seen.is_same_file(&identity.sighting()))
}

/// Whether the folder has the claimed name although a look did not find it: who was answered with an error when renaming
/// may remember for a while that there was no such name.
fn is_listed(place: &dyn Place, name: &str) -> Result<bool, Later> {
    place
        .lists(name)
        .map_err(|error| Later::failing(&format!("nobody can tell whether {name} is there"), error))
}

/// Whether what lies under the claimed name came there by the rename of this entry: the settled file, or one that took its
/// name just before. The latter's change time is moved by the rename; what another installation left there has an older one
/// than the settled file. Where files have no steady numbers, that is not asked: one that was written to looks as well like
/// another.
fn is_ours(place: &dyn Place, entry: &Import, identity: &Identity, seen: &Sighting) -> bool {
    let settled = identity.sighting();
    let numbered = seen.inode != 0 && settled.inode != 0;
    seen.is_same_file(&settled)
        || !is_unclaimed(place, entry, identity) && (!numbered || seen.changed >= settled.changed)
}

/// The rename happened.
fn found(
    app: &App,
    entry: &Import,
    identity: Identity,
    place: &dyn Place,
    name: &str,
    seen: &Sighting,
) -> Result<(), Later> {
    // Who ended before this was done may have left a rename that a power cut takes back; the file would then be imported
    // once more under its old name.
    place.make_durable().map_err(|error| {
        Later::failing(&format!("{name} cannot be made durable in {}", identity.folder), error)
    })?;
    let taken = marker::take(place, entry.id, identity.marker.as_deref())?;
    let settled = identity.sighting();
    let as_it_was = (seen.size, seen.modified) == (settled.size, settled.modified);
    let claimed = identity.named(name);
    let claimed = if as_it_was { claimed.settled(seen) } else { claimed.still_changing(seen) };
    Ok(app
        .db
        .write(|c| imports::set_claimed(c, entry.id, &claimed.with_marker(taken).noted(app.folder.path())))?)
}
