//! The few calls into an open folder on which taking a delivery and removing it rest.

use std::io;

use super::place::{Found, Look, Removal, RemoveError, Sighting, Writer};

/// A folder that is open: it stays the same folder whatever happens to its path. Names are single components.
pub(crate) trait Folder {
    /// Looks at one name: opens it and asks the open file.
    fn look(&self, name: &str) -> Look;

    /// Whether the name is in the folder, by reading the folder anew. A share's client may remember for a minute that a
    /// name did not exist, and answers a look from that.
    fn lists(&self, name: &str) -> io::Result<bool>;

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
    folder.sync().map_err(io_error)?;
    Ok(Removal::Removed)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::fd::OwnedFd;

    use super::*;
    use crate::exchange::os;

    /// A folder of which nobody knows whether its names last.
    struct Unsteady(OwnedFd);

    impl Folder for Unsteady {
        fn look(&self, name: &str) -> Look {
            self.0.look(name)
        }

        fn lists(&self, name: &str) -> io::Result<bool> {
            self.0.lists(name)
        }

        fn rename(&self, from: &str, to: &str) -> io::Result<()> {
            self.0.rename(from, to)
        }

        fn unlink(&self, name: &str) -> io::Result<()> {
            self.0.unlink(name)
        }

        fn sync(&self) -> io::Result<()> {
            Err(io::Error::from_raw_os_error(libc::EIO))
        }
    }

    #[test]
    fn a_removal_that_may_not_last_is_told() {
        let temp = tempfile::tempdir().unwrap();
        fs::write(temp.path().join(".customers.txt.7"), "x").unwrap();
        let folder = Unsteady(os::open_folder(temp.path()).unwrap());
        let Look::Seen(seen, _) = folder.look(".customers.txt.7") else { panic!() };
        let error = remove(&folder, ".customers.txt.7", &seen).unwrap_err();
        assert!(matches!(error, RemoveError::Io { .. }), "{error:?}");
        assert_eq!(remove(&folder, ".customers.txt.7", &seen).unwrap(), Removal::Absent, "the next try");
    }
}
