//! Which files the share's client knows, and what it believes of them.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::fs::{File, Metadata, OpenOptions};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use fuser::{Errno, FileAttr, FileType, INodeNo};

use super::behaviour::Behaviour;

/// A file of the server that the client has a handle of.
#[derive(Debug)]
struct Node {
    /// The server's file, whatever its name is by now.
    file: File,
    name: OsString,
    /// The server's identity of the file: its own device and inode, and which run of the server gave the handle.
    identity: (u64, u64, u64),
    /// What the client believes, since when.
    believed: FileAttr,
    since: Instant,
    /// How often the kernel was told of it and has not forgotten it.
    known: u64,
}

/// All that the client knows.
#[derive(Debug)]
pub(super) struct Nodes {
    backing: PathBuf,
    nodes: HashMap<u64, Node>,
    by_identity: HashMap<(u64, u64, u64), u64>,
    /// Names as last looked up: the file, or that there is none.
    names: HashMap<OsString, (Option<u64>, Instant)>,
    /// Handles given by an earlier run of the server are stale.
    run: u64,
    next: u64,
    lookups: u64,
}

impl Nodes {
    pub(super) fn new(backing: &Path) -> Self {
        Self {
            backing: backing.to_owned(),
            nodes: HashMap::new(),
            by_identity: HashMap::new(),
            names: HashMap::new(),
            run: 0,
            next: INodeNo::ROOT.0 + 1,
            lookups: 0,
        }
    }

    /// The server was started anew: every handle of it is stale.
    pub(super) fn server_restarted(&mut self) {
        self.run += 1;
        self.names.clear();
        self.by_identity.clear();
    }

    /// The file that a name stands for, as the client believes.
    pub(super) fn look_up(&mut self, name: &OsStr, behaviour: &Behaviour) -> Result<FileAttr, Errno> {
        self.lookups += 1;
        let remembered = self.names.get(name).filter(|(_, at)| at.elapsed() < behaviour.stale_names);
        let number = match remembered {
            Some((Some(number), _)) if self.nodes.contains_key(number) => *number,
            Some((None, _)) => return Err(Errno::ENOENT),
            _ => {
                let found = match self.ask_server(name, behaviour) {
                    Err(error) if error.code() != libc::ENOENT => return Err(error),
                    found => found.ok(),
                };
                self.names.insert(name.to_owned(), (found, Instant::now()));
                found.ok_or(Errno::ENOENT)?
            }
        };
        let rounds = self.lookups.checked_div(behaviour.new_numbers_every);
        if let (Some(rounds), Some(node)) = (rounds, self.nodes.get_mut(&number)) {
            node.believed.ino = INodeNo(1_000_000 * rounds + number);
        }
        let believed = self.attributes(number, false, behaviour)?;
        if let Some(node) = self.nodes.get_mut(&number) {
            node.known += 1;
        }
        // The kernel addresses a file by the number given here. The one that people see comes with the attributes.
        Ok(FileAttr { ino: INodeNo(number), ..believed })
    }

    fn ask_server(&mut self, name: &OsStr, behaviour: &Behaviour) -> Result<u64, Errno> {
        let real = self.real_name(name, behaviour);
        let file = OpenOptions::new()
            .read(true)
            .custom_flags(rustix::fs::OFlags::NOFOLLOW.bits() as i32)
            .open(self.backing.join(&real))?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(Errno::ENOENT);
        }
        let identity = (metadata.dev(), metadata.ino(), self.run);
        if let Some(&number) = self.by_identity.get(&identity) {
            if let Some(node) = self.nodes.get_mut(&number) {
                node.name = real;
            }
            return Ok(number);
        }
        let number = self.next;
        self.next += 1;
        let believed = attributes(INodeNo(metadata.ino()), &metadata, behaviour);
        let node = Node { file, name: real, identity, believed, since: Instant::now(), known: 0 };
        self.nodes.insert(number, node);
        self.by_identity.insert(identity, number);
        Ok(number)
    }

    /// The name as the server has it, which on some servers differs in case.
    pub(super) fn real_name(&self, name: &OsStr, behaviour: &Behaviour) -> OsString {
        if behaviour.ignores_case && !self.backing.join(name).exists() {
            let entries = std::fs::read_dir(&self.backing).into_iter().flatten().flatten();
            let mut names = entries.map(|entry| entry.file_name());
            if let Some(same) = names.find(|there| there.eq_ignore_ascii_case(name)) {
                return same;
            }
        }
        name.to_owned()
    }

    /// What the client believes of a file; with `ask` it asks the server first.
    pub(super) fn attributes(
        &mut self,
        number: u64,
        ask: bool,
        behaviour: &Behaviour,
    ) -> Result<FileAttr, Errno> {
        let run = self.run;
        let node = self.nodes.get_mut(&number).ok_or(Errno::ESTALE)?;
        if ask || node.since.elapsed() >= behaviour.stale {
            let metadata = node.file.metadata()?;
            if metadata.nlink() == 0 || node.identity.2 != run {
                // The server has no such file any more: the handle is stale, and the name is asked for anew.
                let name = node.name.clone();
                self.names.remove(&name);
                return Err(Errno::ESTALE);
            }
            let number = node.believed.ino;
            node.believed = attributes(number, &metadata, behaviour);
            node.since = Instant::now();
        }
        Ok(node.believed)
    }

    /// The server's file and its name there.
    pub(super) fn file(&self, number: u64) -> Result<(File, OsString), Errno> {
        let node = self.nodes.get(&number).ok_or(Errno::ESTALE)?;
        if node.identity.2 != self.run {
            return Err(Errno::ESTALE);
        }
        Ok((node.file.try_clone()?, node.name.clone()))
    }

    pub(super) fn name(&self, number: u64) -> OsString {
        self.nodes.get(&number).map(|node| node.name.clone()).unwrap_or_default()
    }

    /// The server has given a file another name.
    pub(super) fn renamed(&mut self, from: &OsStr, to: &OsStr) {
        for node in self.nodes.values_mut().filter(|node| node.name == from) {
            node.name = to.to_owned();
        }
    }

    /// The client itself has changed what this name stands for.
    pub(super) fn removed(&mut self, name: &OsStr) {
        self.names.remove(name);
    }

    /// The kernel forgets that it was told of a file so many times.
    pub(super) fn forget(&mut self, number: u64, times: u64) {
        let Some(node) = self.nodes.get_mut(&number) else { return };
        node.known = node.known.saturating_sub(times);
        if node.known == 0
            && let Some(node) = self.nodes.remove(&number)
            && self.by_identity.get(&node.identity) == Some(&number)
        {
            self.by_identity.remove(&node.identity);
        }
    }
}

/// Attributes as the server tells them.
pub(super) fn attributes(number: INodeNo, metadata: &Metadata, behaviour: &Behaviour) -> FileAttr {
    let time = |seconds, nanoseconds| time(seconds, nanoseconds, behaviour.time_step);
    FileAttr {
        ino: number,
        size: metadata.size(),
        blocks: metadata.blocks(),
        atime: time(metadata.atime(), metadata.atime_nsec()),
        mtime: time(metadata.mtime(), metadata.mtime_nsec()),
        ctime: time(metadata.ctime(), metadata.ctime_nsec()),
        crtime: UNIX_EPOCH,
        kind: if metadata.is_dir() { FileType::Directory } else { FileType::RegularFile },
        perm: (metadata.mode() & 0o7777) as u16,
        nlink: metadata.nlink() as u32,
        uid: metadata.uid(),
        gid: metadata.gid(),
        rdev: 0,
        blksize: 4096,
        flags: 0,
    }
}

fn time(seconds: i64, nanoseconds: i64, step: u64) -> SystemTime {
    let (seconds, nanoseconds) = (seconds.unsigned_abs(), nanoseconds.unsigned_abs());
    UNIX_EPOCH
        + match step {
            0 => Duration::from_secs(seconds) + Duration::from_nanos(nanoseconds),
            step => Duration::from_secs(seconds - seconds % step),
        }
}
