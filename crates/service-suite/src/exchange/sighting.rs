//! What an open file says of itself at one look, and how two looks differ.

use jiff::Timestamp;

/// A point in time as a file system gives it: seconds since 1970 (negative before), and nanoseconds.
/// Not a [`Timestamp`], since file systems give times that lie beyond any calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct FileTime {
    /// Whole seconds since 1970-01-01T00:00:00Z.
    pub(crate) seconds: i64,
    /// Nanoseconds within the second, 0 to 999,999,999.
    pub(crate) nanoseconds: u32,
}

impl FileTime {
    /// The same moment in the calendar, where the calendar reaches it.
    pub(crate) fn timestamp(self) -> Option<Timestamp> {
        Timestamp::new(self.seconds, i32::try_from(self.nanoseconds).ok()?).ok()
    }
}

/// Whether a program of this machine has the file open for writing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Writer {
    /// Proved: no program of this machine has.
    None,
    /// At least one has.
    Held,
    /// It cannot be known here, for this reason.
    Unknown(String),
}

/// What an open file says of itself at one look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sighting {
    /// Bytes.
    pub(crate) size: u64,
    /// Modification time; any program may set it to anything.
    pub(crate) modified: FileTime,
    /// Change time: the file system's own, moved by every change of content, name or mode.
    pub(crate) changed: FileTime,
    /// The file system's number.
    pub(crate) device: u64,
    /// The file's number in its file system; 0 where that may give it another one at the next look.
    pub(crate) inode: u64,
    /// Whether somebody writes.
    pub(crate) writer: Writer,
}

/// How two sightings of one name differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Difference {
    /// Another file has taken the name.
    Replaced,
    /// Another number of bytes.
    Size,
    /// Another modification or change time.
    Time,
}

impl Sighting {
    /// The first difference from an earlier sighting, the most telling one first. Who writes is no
    /// difference: opening a file changes nothing in it.
    pub(crate) fn difference(&self, earlier: &Self) -> Option<Difference> {
        self.difference_but_for_a_rename(earlier)
            .or_else(|| (self.changed != earlier.changed).then_some(Difference::Time))
    }

    /// Whether this is the file of another sighting in the same folder, whatever happened to it in between. File systems
    /// get their numbers anew when a machine starts or a share is mounted; files keep theirs. Where files are numbered
    /// anew, too, size and time together are as good as a number.
    pub(crate) fn is_same_file(&self, other: &Self) -> bool {
        self.inode != 0 && self.inode == other.inode
            || (self.size, self.modified) == (other.size, other.modified)
    }

    /// Whether all that differs from an earlier sighting is the number of the file system, which was mounted anew.
    pub(crate) fn is_on_a_renumbered_device(&self, earlier: &Self) -> bool {
        let there = Self { device: self.device, ..earlier.clone() };
        self.device != earlier.device && self.difference(&there).is_none()
    }

    /// Like [`Sighting::difference`] across a rename, which moves the change time and nothing else.
    pub(crate) fn difference_but_for_a_rename(&self, earlier: &Self) -> Option<Difference> {
        if (self.device, self.inode) != (earlier.device, earlier.inode) {
            Some(Difference::Replaced)
        } else if self.size != earlier.size {
            Some(Difference::Size)
        } else if self.modified != earlier.modified {
            Some(Difference::Time)
        } else {
            None
        }
    }
}
