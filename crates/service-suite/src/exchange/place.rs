//! A place from which deliveries come. The way of a file only speaks to this trait.
//!
//! A new kind of place (SFTP, S3) is one new file that implements [`Place`] and one line in [`PLACES`].

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::check::Check;
use super::claim::{Claim, ClaimError, ClaimedName};
use super::ground::{FolderIdentity, Ground};
pub(crate) use super::sighting::{Difference, FileTime, Sighting, Writer};

/// Reads a monotonic clock: the time since some fixed moment, never going back, deaf to changes of the
/// wall clock.
pub(crate) type Clock<'a> = &'a dyn Fn() -> Duration;

/// Makes the place at an address, if the address is one of its kind.
type KindOfPlace = fn(&str) -> Option<Arc<dyn Place>>;

/// Every kind of place. The last one takes any path.
const PLACES: &[KindOfPlace] = &[
    #[cfg(test)]
    super::testing::place,
    super::local::place,
];

/// The place at an address as written in the settings; today that is the path of a folder.
/// `None` when no kind of place knows such an address.
pub(crate) fn place(address: &str) -> Option<Arc<dyn Place>> {
    PLACES.iter().find_map(|kind| kind(address))
}

/// A folder from which deliveries come. All calls may block for as long as the place needs to answer.
pub(crate) trait Place: fmt::Debug + Send + Sync {
    /// The names that `wanted` accepts, oldest first and then by name. Nothing is opened; what a name
    /// stands for is for [`Place::look`] to say.
    fn list(&self, wanted: &dyn Fn(&str) -> bool) -> io::Result<Listing>;

    /// Which folder the place is now: a share that is not mounted, or a folder put in its place, is another one, and what
    /// is missing there is not gone.
    fn identity(&self) -> io::Result<FolderIdentity>;

    /// What the place stands on: a share that is not mounted looks like an empty folder otherwise.
    fn ground(&self) -> io::Result<Ground>;

    /// Looks at one name: opens it and asks the open file for its size, times and identity.
    fn look(&self, name: &str) -> Look;

    /// Whether the name is in the place, by reading it anew: what a share's client remembers of single names does not
    /// count, as it does for [`Place::look`].
    ///
    /// # Errors
    /// When the place cannot be read.
    fn lists(&self, name: &str) -> io::Result<bool>;

    /// Takes the delivery `name`, last seen as `expected`, for one import. See [`super::claim`].
    fn claim(&self, name: &str, import_id: i64, expected: &Sighting) -> Result<Claim, ClaimError>;

    /// Takes the marker `name` of a delivery along with it. `None` when it is gone, or another marker has its name. See
    /// [`super::marker`].
    ///
    /// # Errors
    /// When nobody can tell now; the call is to be made again.
    fn claim_marker(&self, name: &str, import_id: i64, expected: &Sighting) -> io::Result<Option<Claim>>;

    /// Makes the names in the place outlast a power cut, those of claims above all. A place whose server sees to that by
    /// itself says that it worked.
    ///
    /// # Errors
    /// When the file system fails; the names may come and go as they were until a later call works.
    fn make_durable(&self) -> io::Result<()>;

    /// All claims in the place, in the order of their import ids; some may belong to other installations.
    fn claims(&self) -> io::Result<Vec<ClaimedName>>;

    /// Removes `name` for good, if it still is exactly what `expected` says.
    fn remove(&self, name: &str, expected: &Sighting) -> Result<Removal, RemoveError>;

    /// What is right and wrong with the place, in sentences. `now` reads the wall clock; with `leave`, files stay there
    /// after their import, so nothing needs to be changed in it.
    fn self_test(&self, now: &dyn Fn() -> Timestamp, leave: bool) -> Vec<Check>;
}

/// The names in a place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Listing {
    /// The wanted names, oldest first (by modification time), then by name.
    pub(crate) names: Vec<String>,
    /// Names that are not UTF-8, made readable; they cannot be taken and should be reported.
    pub(crate) undecodable: Vec<String>,
}

/// What stands under a name instead of a regular file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A directory.
    Directory,
    /// A symbolic link, to whatever.
    SymbolicLink,
    /// A named pipe.
    Fifo,
    /// A Unix socket.
    Socket,
    /// A block or character device.
    Device,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Directory => "a directory",
            Self::SymbolicLink => "a symbolic link",
            Self::Fifo => "a FIFO (named pipe)",
            Self::Socket => "a socket",
            Self::Device => "a device",
        })
    }
}

/// An open file of a place. It stays the same file whatever happens to its name.
pub(crate) trait Source: fmt::Debug + Send {
    /// Reads at a byte offset; 0 at the end of the file. May give less than asked for.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;
    /// Looks at the open file again.
    fn sight(&self) -> io::Result<Sighting>;
}

/// An open file of any place.
pub(crate) type OpenFile = Box<dyn Source>;

/// Reads an open file from its start, for instance as a sample for a preview. What is imported is read from
/// the spool instead.
#[derive(Debug)]
pub(crate) struct SourceReader {
    file: OpenFile,
    position: u64,
}

impl SourceReader {
    /// From the first byte on.
    pub(crate) fn new(file: OpenFile) -> Self {
        Self { file, position: 0 }
    }
}

impl io::Read for SourceReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read_at(self.position, buffer)?;
        self.position += count as u64;
        Ok(count)
    }
}

/// The result of one look at one name.
#[derive(Debug)]
pub(crate) enum Look {
    /// No such name.
    Absent,
    /// Something that is never opened.
    NotAFile(Kind),
    /// A file that another program, such as a file server, keeps to itself just now.
    Busy(io::Error),
    /// A file that cannot be opened.
    Unreadable(io::Error),
    /// The folder itself cannot be reached, so nothing is known of the name.
    NoFolder(io::Error),
    /// A regular file, open.
    Seen(Sighting, OpenFile),
}

impl Look {
    /// The same without the open file, for the arrival.
    pub(crate) fn found(&self) -> Found {
        match self {
            Self::Absent => Found::Absent,
            Self::NotAFile(kind) => Found::NotAFile(*kind),
            Self::Busy(_) => Found::Busy,
            Self::Unreadable(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                Found::Unreadable(format!("{error}; give this program's user permission to read it"))
            }
            Self::Unreadable(error) => {
                Found::Unreadable(format!("{error}; it is tried again; look after the disk or the share"))
            }
            Self::NoFolder(error) => Found::NoFolder(error.to_string()),
            Self::Seen(sighting, _) => Found::Seen(sighting.clone()),
        }
    }
}

/// What a look found, as a plain value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// No such name.
    Absent,
    /// Something that is never opened.
    NotAFile(Kind),
    /// Another program keeps the file to itself.
    Busy,
    /// The file cannot be opened: why, and what to do.
    Unreadable(String),
    /// The folder cannot be reached: why.
    NoFolder(String),
    /// A regular file.
    Seen(Sighting),
}

/// A look with the moments between which it happened. A look into a slow share takes seconds, and the
/// quiet time between two looks counts from the end of the first to the beginning of the second.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Observation {
    /// The monotonic clock before the look.
    pub(crate) began: Duration,
    /// The monotonic clock after the look.
    pub(crate) ended: Duration,
    /// What was found.
    pub(crate) found: Found,
}

/// Looks at a name and notes when. The look comes with the open file, if there is one.
pub(crate) fn observe(place: &dyn Place, name: &str, clock: Clock<'_>) -> (Observation, Look) {
    let began = clock();
    let look = place.look(name);
    let ended = clock();
    (Observation { began, ended, found: look.found() }, look)
}

/// What became of a file that was to be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Removal {
    /// It was there, and is removed.
    Removed,
    /// There was nothing to remove.
    Absent,
}

/// Why a file was not removed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RemoveError {
    /// The name stands for something else by now, or the file has changed.
    #[error("{name} has changed since it was read, so it stays where it is; it is taken as a new delivery")]
    Changed {
        /// The name in the place.
        name: String,
        /// What is there now.
        found: Found,
    },
    /// Somebody has the unchanged file open for writing; what is written shows later.
    #[error("{name} is open for writing in another program; it is removed when that program has closed it")]
    InUse {
        /// The name in the place.
        name: String,
    },
    /// The place said no.
    #[error("{name} cannot be removed from the exchange folder: {error}")]
    Io {
        /// The name in the place.
        name: String,
        /// What the place said.
        error: io::Error,
    },
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;
    use crate::exchange::testing::sighting;

    #[test]
    fn an_address_is_a_folder_s_path() {
        assert!(place("/srv/exchange").is_some());
        assert!(place("").is_none());
    }

    #[test]
    fn only_who_lacks_a_permission_is_told_to_give_it() {
        for (error, advice) in [(libc::EACCES, "permission"), (libc::EIO, "disk"), (libc::ESTALE, "share")] {
            let found = Look::Unreadable(io::Error::from_raw_os_error(error)).found();
            assert!(matches!(&found, Found::Unreadable(why) if why.contains(advice)), "{found:?}");
        }
    }

    #[test]
    fn a_sample_is_read_from_the_start() {
        let temp = tempfile::tempdir().unwrap();
        std::fs::write(temp.path().join("customers.txt"), "number;name\n").unwrap();
        let place = place(&temp.path().display().to_string()).unwrap();
        let Look::Seen(_, file) = place.look("customers.txt") else { panic!() };
        let mut text = String::new();
        SourceReader::new(file).read_to_string(&mut text).unwrap();
        assert_eq!(text, "number;name\n");
    }

    #[test]
    fn the_most_telling_difference_comes_first() {
        let before = sighting(5);
        let mut now = before.clone();
        assert_eq!(now.difference(&before), None);
        now.writer = Writer::Held;
        assert_eq!(now.difference(&before), None, "opening a file changes nothing in it");
        now.changed.nanoseconds += 1;
        assert_eq!(now.difference(&before), Some(Difference::Time));
        assert_eq!(now.difference_but_for_a_rename(&before), None);
        now.size += 1;
        assert_eq!(now.difference(&before), Some(Difference::Size));
        now.inode += 1;
        assert_eq!(now.difference(&before), Some(Difference::Replaced));
    }

    #[test]
    fn times_beyond_the_calendar_are_times_all_the_same() {
        let in_1969 = FileTime { seconds: -1, nanoseconds: 500_000_000 };
        assert_eq!(in_1969.timestamp().unwrap().to_string(), "1969-12-31T23:59:59.5Z");
        assert_eq!(FileTime { seconds: i64::MAX, nanoseconds: 0 }.timestamp(), None);
    }
}
