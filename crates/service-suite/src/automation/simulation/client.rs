//! What the client of a share remembers: for a while it answers from that instead of asking its server. So names, times
//! and content are as they were a moment ago; but always as they were together at one moment.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::files::Files;
use crate::exchange::place::Sighting;

/// A file as it was at one moment.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) at: Duration,
    pub(super) sighting: Sighting,
    pub(super) bytes: Arc<[u8]>,
}

#[derive(Debug, Default)]
pub(super) struct Client {
    /// For how long it remembers; zero when it asks each time.
    pub(super) memory: Duration,
    files: BTreeMap<u64, Seen>,
    /// What each name stood for, if anything, and when.
    names: BTreeMap<String, (Duration, Option<u64>)>,
}

impl Client {
    /// The file of a name.
    pub(super) fn find(&mut self, files: &Files, name: &str) -> Option<u64> {
        let remembered = self.names.get(name).filter(|(at, _)| files.now < *at + self.memory);
        if let Some((_, inode)) = remembered {
            return *inode;
        }
        let inode = files.names.get(name).copied();
        self.names.insert(name.to_owned(), (files.now, inode));
        inode
    }

    /// What is in a file.
    pub(super) fn see(&mut self, files: &Files, inode: u64, writers_known: bool) -> Seen {
        if let Some(seen) = self.files.get(&inode).filter(|seen| files.now < seen.at + self.memory) {
            return seen.clone();
        }
        let bytes = files.inodes[&inode].bytes.as_slice().into();
        let seen = Seen { at: files.now, sighting: files.sight(inode, writers_known), bytes };
        self.files.insert(inode, seen.clone());
        seen
    }

    /// What the program itself does to a name is known at once; after an error the server is asked anew.
    pub(super) fn forget(&mut self, name: &str) {
        if let Some((_, Some(inode))) = self.names.remove(name) {
            self.files.remove(&inode);
        }
    }

    pub(super) fn forget_all(&mut self) {
        self.files.clear();
        self.names.clear();
    }
}
