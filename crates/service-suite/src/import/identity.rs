//! Which file of the exchange folder an import has taken, as the ledger keeps it.

use std::path::Path;

use register::imports::Import;
use serde::{Deserialize, Serialize};

use crate::exchange::ground::FolderIdentity;
use crate::exchange::place::{FileTime, Sighting, Writer};

/// Which file of which folder an import has taken: kept in the ledger, so that a restart finds exactly that file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Identity {
    /// The folder's address; in the ledger, without the data folder if it is inside that.
    pub(crate) folder: String,
    /// The name that the file has there now.
    pub(crate) name: String,
    pub(super) size: u64,
    modified: (i64, u32),
    changed: (i64, u32),
    device: u64,
    inode: u64,
    /// Whether it has its claimed name; otherwise it stays under its own (`after-import = "leave"`).
    #[serde(default)]
    pub(crate) claimed: bool,
    /// Whether it was other than it had settled when it was taken, so that it must settle before it is read.
    #[serde(default)]
    pub(super) unsettled: bool,
    /// The folder in which it was claimed, so that another one in its place can be told from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    within: Option<FolderIdentity>,
    /// The marker that let it through: where it is, and how it looked there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) marker: Option<Box<Identity>>,
}

impl Identity {
    /// The identity of what was seen under a name.
    pub(crate) fn of(folder: &str, name: &str, seen: &Sighting) -> Identity {
        let pair = |time: FileTime| (time.seconds, time.nanoseconds);
        Identity {
            folder: folder.to_owned(),
            name: name.to_owned(),
            size: seen.size,
            modified: pair(seen.modified),
            changed: pair(seen.changed),
            device: seen.device,
            inode: seen.inode,
            claimed: false,
            unsettled: false,
            within: None,
            marker: None,
        }
    }

    /// The identity of a file under its claimed name.
    pub(crate) fn claimed(folder: &str, name: &str, seen: &Sighting) -> Identity {
        Identity { claimed: true, ..Identity::of(folder, name, seen) }
    }

    /// Whether both lie under the same name, unclaimed, with the same size and modification time: all that a file keeps
    /// when its file system is mounted anew, in another place perhaps, or when its folder is moved or reached by a link.
    pub(super) fn is_like(&self, other: &Identity) -> bool {
        !self.claimed
            && !other.claimed
            && (&self.name, self.size) == (&other.name, other.size)
            && is_same_time(self.modified, other.modified)
    }

    /// The same with the marker that let the file through.
    pub(crate) fn with_marker(self, marker: Option<Identity>) -> Identity {
        Identity { marker: marker.map(Box::new), ..self }
    }

    /// The same in this folder.
    pub(super) fn within(self, folder: FolderIdentity) -> Identity {
        Identity { within: Some(folder), ..self }
    }

    /// The folder in which the file was. Where that was not noted, all that is known is its file system's number, which is
    /// the file's.
    pub(super) fn folder_identity(&self) -> FolderIdentity {
        self.within.unwrap_or(FolderIdentity { device: self.device, inode: 0 })
    }

    /// The claimed file as it settled at last.
    pub(super) fn settled(self, seen: &Sighting) -> Identity {
        let Identity { within, marker, .. } = self;
        Identity { within, marker, ..Identity::claimed(&self.folder, &self.name, seen) }
    }

    /// The claimed file, which must settle again under its name.
    pub(super) fn still_changing(self, seen: &Sighting) -> Identity {
        Identity { unsettled: true, ..self.settled(seen) }
    }

    /// The same file, under another name.
    pub(super) fn named(&self, name: &str) -> Identity {
        Identity { name: name.to_owned(), ..self.clone() }
    }

    /// As the ledger keeps it; equal identities have equal texts. A folder inside the data folder is noted without that,
    /// so that the data folder can be moved.
    pub(crate) fn noted(&self, data: &Path) -> String {
        serde_json::to_string(&self.with_folders(|folder| folder.strip_prefix(data).unwrap_or(folder)))
            .unwrap_or_default()
    }

    /// What the ledger has noted of the file of an import.
    pub(crate) fn of_entry(data: &Path, entry: &Import) -> Option<Identity> {
        let noted: Identity = serde_json::from_str(entry.identity.as_deref()?).ok()?;
        Some(noted.with_folders(|folder| data.join(folder)))
    }

    /// The same with another address of its folder, and of its marker's.
    fn with_folders<'a, P: AsRef<Path>>(&'a self, of: impl Fn(&'a Path) -> P) -> Identity {
        let address = |folder: &'a str| of(Path::new(folder)).as_ref().display().to_string();
        let marker = self
            .marker
            .as_deref()
            .map(|marker| Box::new(Identity { folder: address(&marker.folder), ..marker.clone() }));
        Identity { folder: address(&self.folder), marker, ..self.clone() }
    }

    /// What must be seen under the name for it to be the same file, unchanged.
    pub(crate) fn sighting(&self) -> Sighting {
        let time = |(seconds, nanoseconds)| FileTime { seconds, nanoseconds };
        Sighting {
            size: self.size,
            modified: time(self.modified),
            changed: time(self.changed),
            device: self.device,
            inode: self.inode,
            writer: Writer::None,
        }
    }
}

/// Whether both are the same time, as two ways to one file system tell it: SMB keeps tenths of microseconds, SFTP seconds.
fn is_same_time(one: (i64, u32), other: (i64, u32)) -> bool {
    one.0 == other.0 && (one.1 / 100 == other.1 / 100 || one.1 == 0 || other.1 == 0)
}
