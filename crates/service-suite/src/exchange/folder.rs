//! The few calls into an open folder on which taking a delivery and removing it rest.

use std::io;

use super::place::{Found, Look, Removal, RemoveError, Sighting, Writer};

/// A folder that is open: it stays the same folder whatever happens to its path. Names are single components.
pub(crate) trait Folder {
    /// Looks at one name: opens it and asks the open file.
    fn look(&self, name: &str) -> Look;

    /// Gives a file that other programs may touch at any moment another name in the folder.
    ///
    /// # Errors
    /// [`io::ErrorKind::AlreadyExists`] when there is a file under that name: nothing is ever replaced.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;

    /// Removes a name.
    fn unlink(&self, name: &str) -> io::Result<()>;

    /// Makes the names durable, as far as the file system knows such a thing.
    fn sync(&self) -> io::Result<()>;
}

/// Removes `name` for good, if it still is exactly what `expected` says.
pub(crate) fn remove(folder: &impl Folder, name: &str, expected: &Sighting) -> Result<Removal, RemoveError> {
    let io_error = |error| RemoveError::Io { name: name.to_owned(), error };
    let changed = |found| RemoveError::Changed { name: name.to_owned(), found };
    match folder.look(name) {
        Look::Absent => return Ok(Removal::Absent),
        Look::Seen(sighting, _) if sighting.difference(expected).is_some() => {
            return Err(changed(Found::Seen(sighting)));
        }
        Look::Seen(sighting, _) if sighting.writer == Writer::Held => {
            return Err(RemoveError::InUse { name: name.to_owned() });
        }
        Look::Seen(..) => {}
        Look::NotAFile(kind) => return Err(changed(Found::NotAFile(kind))),
        Look::Busy(error) | Look::Unreadable(error) | Look::NoFolder(error) => return Err(io_error(error)),
    }
    match folder.unlink(name) {
        // Somebody else removed it, a share's answer got lost, or the share is away just now.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Removal::Absent),
        unlinked => unlinked.map_err(io_error)?,
    }
    // A name that comes back after a power cut is removed once more from the ledger's knowledge, so a
    // folder that cannot be synchronised is no reason to fail.
    let _ = folder.sync();
    Ok(Removal::Removed)
}
