//! A file system in memory with the semantics that matter here: inodes and names, hard links, handles that outlive
//! names, three times, renames that replace or refuse to. It remembers every content that a file ever had.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::exchange::place::{FileTime, Sighting, Writer};
use crate::secrets::hex;

/// The server's clock when the simulation begins, in seconds since 1970; nobody sets it.
const EPOCH: i64 = 1_780_000_000;

/// The number of the file system when the simulation begins.
const DEVICE: u64 = 7;

/// How the names of markers end.
pub(super) const MARKER: &str = ".done";

/// One content of one file, from when until when.
#[derive(Clone, Debug)]
pub(super) struct Version {
    pub(super) inode: u64,
    pub(super) bytes: Arc<[u8]>,
    pub(super) sha256: Arc<str>,
    pub(super) from: Duration,
    /// When the ERP system itself wrote over it or removed it.
    pub(super) destroyed: Option<Duration>,
    /// Written through a handle after the file had been taken and removed: nobody can see it any more.
    pub(super) unseen: bool,
    /// How often its modification time was set: a file that is left where it is counts as written again then.
    pub(super) retimed: usize,
    /// How often the same was written over it, which counts likewise.
    pub(super) rewritten: usize,
}

#[derive(Clone, Debug)]
pub(super) struct Inode {
    pub(super) bytes: Vec<u8>,
    pub(super) modified: FileTime,
    pub(super) changed: FileTime,
    pub(super) links: u32,
    pub(super) writers: u32,
    /// Since when somebody has had it open for writing without a break.
    pub(super) held_since: Option<Duration>,
    /// When the program last looked at it.
    pub(super) looked: Duration,
    /// When it got its claimed name.
    pub(super) claimed: Option<Duration>,
    /// When it got the name under which it is waited for, and whether by being renamed.
    pub(super) named: Option<(Duration, bool)>,
    /// The name that it got as a marker.
    pub(super) marker: Option<String>,
    version: Option<usize>,
}

/// The files of the exchange folder.
#[derive(Debug)]
pub(super) struct Files {
    pub(super) now: Duration,
    /// The number of the file system; another one when it is mounted anew.
    pub(super) device: u64,
    /// Times are cut to this many nanoseconds.
    pub(super) granularity: u64,
    pub(super) names: BTreeMap<String, u64>,
    pub(super) inodes: BTreeMap<u64, Inode>,
    pub(super) versions: Vec<Version>,
    /// Which files were opened for writing, or written to even if that changed no byte, and when.
    pub(super) touched: Vec<(u64, Duration)>,
    /// Which markers were written, and when.
    pub(super) marked: Vec<(String, Duration)>,
    last: u64,
}

impl Files {
    pub(super) fn new() -> Files {
        Files {
            now: Duration::ZERO,
            device: DEVICE,
            granularity: 1,
            names: BTreeMap::new(),
            inodes: BTreeMap::new(),
            versions: Vec::new(),
            touched: Vec::new(),
            marked: Vec::new(),
            last: 0,
        }
    }

    fn time(&self) -> FileTime {
        let nanoseconds = u64::try_from(self.now.as_nanos()).unwrap();
        let cut = nanoseconds - nanoseconds % self.granularity.max(1);
        FileTime {
            seconds: EPOCH + i64::try_from(cut / 1_000_000_000).unwrap(),
            nanoseconds: u32::try_from(cut % 1_000_000_000).unwrap(),
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&Inode> {
        self.inodes.get(self.names.get(name)?)
    }

    /// A file without a name, as `O_TMPFILE` makes it.
    pub(super) fn create(&mut self) -> u64 {
        self.last += 1;
        let time = self.time();
        let inode = Inode {
            bytes: Vec::new(),
            modified: time,
            changed: time,
            links: 0,
            writers: 0,
            held_since: None,
            looked: Duration::ZERO,
            claimed: None,
            named: None,
            marker: None,
            version: None,
        };
        self.inodes.insert(self.last, inode);
        self.last
    }

    /// The file of this name, made when there is none.
    pub(super) fn open(&mut self, name: &str) -> u64 {
        if let Some(inode) = self.names.get(name) {
            return *inode;
        }
        let inode = self.create();
        self.link(inode, name);
        inode
    }

    pub(super) fn link(&mut self, inode: u64, name: &str) {
        let (time, now) = (self.time(), self.now);
        let file = self.inodes.get_mut(&inode).unwrap();
        file.links += 1;
        file.changed = time;
        if is_wanted(name) {
            file.named = Some((now, false));
        }
        if name.ends_with(MARKER) {
            file.marker = Some(name.to_owned());
        }
        self.names.insert(name.to_owned(), inode);
    }

    /// Takes a name away; `by_erp` ends the content, too, when that was its last name.
    pub(super) fn unlink(&mut self, name: &str, by_erp: bool) {
        let Some(inode) = self.names.remove(name) else { return };
        let time = self.time();
        let file = self.inodes.get_mut(&inode).unwrap();
        file.links -= 1;
        file.changed = time;
        if by_erp && file.links == 0 {
            self.end_version(inode);
        }
    }

    pub(super) fn rename(&mut self, from: &str, to: &str, by_erp: bool) {
        let Some(inode) = self.names.get(from).copied() else { return };
        if from == to || self.names.get(to) == Some(&inode) {
            return;
        }
        self.unlink(to, by_erp);
        self.names.remove(from);
        self.names.insert(to.to_owned(), inode);
        let (time, now) = (self.time(), self.now);
        let file = self.inodes.get_mut(&inode).unwrap();
        file.changed = time;
        if is_wanted(to) {
            file.named = Some((now, true));
        }
    }

    pub(super) fn hold(&mut self, inode: u64) {
        let now = self.now;
        let file = self.inodes.get_mut(&inode).unwrap();
        file.writers += 1;
        file.held_since.get_or_insert(now);
        self.touched.push((inode, now));
    }

    pub(super) fn release(&mut self, inode: u64) {
        let file = self.inodes.get_mut(&inode).unwrap();
        file.writers -= 1;
        if file.writers == 0 {
            file.held_since = None;
        }
    }

    /// Changes the content, which moves both times and is another version from now on; but that of a marker, which tells
    /// nothing by its content.
    pub(super) fn write(&mut self, inode: u64, edit: impl FnOnce(&mut Vec<u8>)) {
        let time = self.time();
        self.touched.push((inode, self.now));
        let file = self.inodes.get_mut(&inode).unwrap();
        let before = file.bytes.clone();
        edit(&mut file.bytes);
        (file.modified, file.changed) = (time, time);
        if let Some(marker) = file.marker.clone() {
            self.marked.push((marker, self.now));
            return;
        }
        if file.bytes == before {
            if let Some(version) = file.version {
                self.versions[version].rewritten += 1;
            }
            return;
        }
        let unseen = file.links == 0 && file.claimed.is_some();
        let bytes: Arc<[u8]> = file.bytes.clone().into();
        self.end_version(inode);
        let sha256 = hex(&Sha256::digest(&bytes)).into();
        self.versions.push(Version {
            inode,
            bytes,
            sha256,
            from: self.now,
            destroyed: None,
            unseen,
            retimed: 0,
            rewritten: 0,
        });
        self.inodes.get_mut(&inode).unwrap().version = Some(self.versions.len() - 1);
    }

    pub(super) fn set_modified(&mut self, inode: u64, modified: FileTime) {
        let time = self.time();
        let file = self.inodes.get_mut(&inode).unwrap();
        (file.modified, file.changed) = (modified, time);
        if let Some(version) = file.version {
            self.versions[version].retimed += 1;
        }
    }

    pub(super) fn end_version(&mut self, inode: u64) {
        if let Some(version) = self.inodes[&inode].version {
            self.versions[version].destroyed.get_or_insert(self.now);
        }
    }

    pub(super) fn sight(&self, inode: u64, writers_known: bool) -> Sighting {
        let file = &self.inodes[&inode];
        Sighting {
            size: file.bytes.len() as u64,
            modified: file.modified,
            changed: file.changed,
            device: self.device,
            inode,
            writer: match (writers_known, file.writers) {
                (false, _) => Writer::Unknown("the folder is a share".to_owned()),
                (true, 0) => Writer::None,
                (true, _) => Writer::Held,
            },
        }
    }

    /// The newest content of a file that was not destroyed.
    pub(super) fn current(&self, inode: u64) -> Option<&Version> {
        let version = self.inodes.get(&inode)?.version?;
        Some(&self.versions[version])
    }
}

/// Whether a file of this name is waited for.
pub(super) fn is_wanted(name: &str) -> bool {
    name.starts_with("customers") && name.ends_with(".txt")
}
