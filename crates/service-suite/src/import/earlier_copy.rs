//! A private copy that was made before and was not to be read for a while, as a failing disk has it: it may be the last
//! copy of the file there is, so it is looked for before the file is copied anew.

use register::imports::Import;

use super::Later;
use super::identity::Identity;
use crate::app::App;
use crate::exchange::place::{Look, Place};
use crate::exchange::spool::{SpoolFile, make_names_durable};

/// Whether there is a private copy of the file with the SHA-256 that the ledger knows.
///
/// # Errors
/// [`Later`] when the copy cannot be made durable, or cannot be read now while the file itself is not what it was when it
/// was copied, so that there is nothing to copy anew.
pub(super) fn is_good(
    app: &App,
    entry: &Import,
    place: &dyn Place,
    identity: &Identity,
) -> Result<bool, Later> {
    let Some(sha256) = entry.sha256.as_deref() else { return Ok(false) };
    let spool = app.folder.spool();
    match SpoolFile::reopen(&spool, entry.id) {
        Ok(Some(copy)) if copy.sha256() == sha256 => make_names_durable(&spool)
            .map(|()| true)
            .map_err(|error| Later::failing("the private copy of the file cannot be made durable", error)),
        Ok(_) => Ok(false),
        Err(error) => match place.look(&identity.name) {
            Look::Seen(now, _) if now.difference(&identity.sighting()).is_none() => Ok(false),
            _ => Err(Later::failing("the private copy of the file cannot be read", error)),
        },
    }
}
