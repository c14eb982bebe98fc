//! What became of a file that is not found where the ledger has it: gone for good, or only out of sight.
//!
//! A share that is not mounted looks like an empty folder, and so does a folder that was put in place of another. What is
//! missing there may come back with its folder, and if nobody waited for it, it would lie there for ever under its
//! claimed name. So it is waited for, until an administrator says that its folder does not come back: by naming another
//! exchange folder, or by saving the settings while what is there now is seen.

use erpfile::Problem;
use register::imports::Import;

use super::Later;
use super::accepted::{Seen, is_accepted, stood_on};
use super::identity::Identity;
use crate::app::App;
use crate::exchange::ground::ask_for_share;
use crate::exchange::place::{Look, Place};

/// What became of a file that a look did not find.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Missing {
    /// It is there after all: its share was away for just that look.
    Found,
    /// Its folder is there, and the file is not in it.
    Gone,
    /// Its folder is not there, and an administrator does not wait for it: how that looks.
    GivenUp(String),
}

/// Why nobody can see now whether a file is in its folder.
enum Away {
    /// The folder does not answer.
    Unreachable(String),
    /// What stands in its place, and how it differs, as the end of a sentence.
    Another(Seen, String),
}

/// What became of the file of an import that a look did not find.
///
/// # Errors
/// [`Later`] when it may only be out of sight: the sentence says what to do.
pub(super) fn missing(
    app: &App,
    entry: &Import,
    identity: &Identity,
    place: &dyn Place,
) -> Result<Missing, Later> {
    let folder = &identity.folder;
    // The share may have been away for just one look: absence is only believed when it outlasts a look at the folder.
    for _ in 0..2 {
        if let Some(away) = away(app, identity, place)? {
            let settings = app.settings().map_err(|error| Later::Failing(format!("{error:#}")))?;
            let named = settings.exchange.display().to_string() == *folder;
            return match away {
                Away::Unreachable(error) if named => Err(out_of_reach(folder, error)),
                Away::Unreachable(error) => Ok(Missing::GivenUp(format!("it cannot be reached: {error}"))),
                Away::Another(now, how)
                    if named && !app.db.read(|c| is_accepted(c, entry, folder, &now))? =>
                {
                    let file = &entry.file;
                    Err(Later::Failing(format!(
                        "{}; then {file}, which was taken from there, is not waited for any more",
                        ask_for_share(folder, &how)
                    )))
                }
                Away::Another(_, how) => Ok(Missing::GivenUp(format!("it {how}"))),
            };
        }
        match place.look(&identity.name) {
            Look::Absent => {}
            Look::NoFolder(error) => return Err(out_of_reach(folder, error)),
            _ => return Ok(Missing::Found),
        }
    }
    Ok(Missing::Gone)
}

/// Why an import cannot go on whose file a look did not find; `None` when the file is there after all.
///
/// # Errors
/// [`Later`] when it may only be out of sight.
pub(super) fn gone(
    app: &App,
    entry: &Import,
    identity: &Identity,
    place: &dyn Place,
) -> Result<Option<Problem>, Later> {
    Ok(match missing(app, entry, identity, place)? {
        Missing::Found => None,
        Missing::Gone => Some(lost(&entry.file, "another program removed it from the exchange folder")),
        Missing::GivenUp(how) => Some(given_up(entry, identity, &how)),
    })
}

/// What is wrong with the folder in which the file was, so that nothing can be said of the file.
fn away(app: &App, identity: &Identity, place: &dyn Place) -> Result<Option<Away>, Later> {
    let now = match Seen::now(place) {
        Ok(now) => now,
        Err(error) => return Ok(Some(Away::Unreachable(error.to_string()))),
    };
    let before = app.db.read(|c| stood_on(c, &identity.folder))?;
    let how = now.is_not(&identity.folder_identity(), before.as_ref());
    Ok(how.map(|how| Away::Another(now, how)))
}

/// The exchange folder does not answer.
pub(super) fn out_of_reach(folder: &str, error: impl std::fmt::Display) -> Later {
    Later::failing(&format!("the exchange folder {folder} cannot be reached"), error)
}

/// The file was taken, and is gone.
pub(super) fn lost(file: &str, why: &str) -> Problem {
    Problem::new(
        "file-gone",
        format!(
            "{file} was taken, but before it could be read it was gone: {why}. Nothing of it was imported."
        ),
        "Let the ERP system write the file again.",
    )
}

/// The file may lie in a folder for which nobody waits any more; `how` says how that looks.
pub(super) fn given_up(entry: &Import, identity: &Identity, how: &str) -> Problem {
    let Identity { folder, name, .. } = identity;
    let file = &entry.file;
    let bring_back = match identity.claimed {
        true => format!("Bring the folder back and rename {name} in it to {file}"),
        false => format!("Bring the folder back, where {file} is taken again"),
    };
    Problem::new(
        "file-gone",
        format!("{file} was taken from {folder}, which is not the exchange folder any more: {how}."),
        format!("{bring_back}, or let the ERP system write the file again."),
    )
}
