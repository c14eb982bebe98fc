//! A private copy that was made before: it could not be read for a while, as a failing disk has it, or not be noted in the
//! ledger. It may be the last copy of the file there is, so it is looked for before the file is copied anew.

use register::imports::Import;

use super::Later;
use super::identity::Identity;
use crate::app::App;
use crate::exchange::place::{Look, Place};
use crate::exchange::spool::{SpoolFile, make_names_durable};

/// What there is of a private copy that was made before.
pub(super) enum Earlier {
    /// A good one, whose SHA-256 the ledger has.
    Noted,
    /// A whole one of a file that keeps its name, which could not be noted in the ledger any more. It only got its name
    /// after the file had been looked at again.
    Unnoted(SpoolFile),
    /// None that could be used.
    None,
}

/// Looks for a private copy of the file that was made before.
///
/// # Errors
/// [`Later`] when the copy cannot be made durable, or cannot be read now while the file itself is not what it was when it
/// was copied, so that there is nothing to copy anew.
pub(super) fn find(
    app: &App,
    entry: &Import,
    place: &dyn Place,
    identity: &Identity,
) -> Result<Earlier, Later> {
    if entry.sha256.is_none() && identity.claimed {
        // Under its claimed name it is safe, and may have settled anew since.
        return Ok(Earlier::None);
    }
    let spool = app.folder.spool();
    let durable = || {
        make_names_durable(&spool)
            .map_err(|error| Later::failing("the private copy of the file cannot be made durable", error))
    };
    match SpoolFile::reopen(&spool, entry.id) {
        Ok(Some(copy)) if entry.sha256.as_deref() == Some(copy.sha256()) => {
            durable().map(|()| Earlier::Noted)
        }
        Ok(Some(copy)) if entry.sha256.is_none() && copy.len() == identity.size => {
            durable().map(|()| Earlier::Unnoted(copy))
        }
        Ok(_) => Ok(Earlier::None),
        Err(error) => match place.look(&identity.name) {
            Look::Seen(now, _) if now.difference(&identity.sighting()).is_none() => Ok(Earlier::None),
            _ => Err(Later::failing("the private copy of the file cannot be read", error)),
        },
    }
}
