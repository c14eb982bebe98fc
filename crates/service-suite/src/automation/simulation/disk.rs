//! The data disk of the simulation: real files in memory, whose every call can fail, and of which a power cut leaves
//! only what was made durable, or more.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::world::{At, Fault, World};
use crate::exchange::disk::trial::Call;
use crate::secrets::hex;

/// What would be left after a power cut.
#[derive(Debug, Default)]
pub(super) struct Durable {
    /// Durable bytes by inode.
    bytes: BTreeMap<u64, Vec<u8>>,
    /// Durable names by folder.
    names: BTreeMap<PathBuf, BTreeMap<String, u64>>,
    /// Files of which an fsync failed: nobody may ask again or believe their bytes.
    failed: BTreeSet<u64>,
}

/// The data disk.
pub(super) struct Disk {
    pub(super) world: Arc<World>,
    /// The folders of spool, archive and refused files.
    pub(super) folders: Vec<PathBuf>,
    /// Whether the archive is on another file system than the spool.
    pub(super) archive_elsewhere: bool,
    pub(super) durable: Mutex<Durable>,
}

impl Disk {
    /// Asked before each call of the program: whether it fails.
    pub(super) fn before(&self, call: &Call<'_>) -> io::Result<()> {
        self.world.point(At::Disk, || format!("before {}", self.words(call)))?;
        let fails = |fault, code| {
            let fails = self.world.with(|world| world.fails(fault));
            if fails { Err(io::Error::from_raw_os_error(code)) } else { Ok(()) }
        };
        match call {
            Call::Sync(file) => self.sync(file)?,
            Call::SyncFolder(folder) => {
                fails(Fault::DiskSync, libc::EIO)?;
                let path = self.path(folder);
                let names = names(&path)?;
                let mut durable = self.durable.lock().unwrap();
                if path != self.folders[0] {
                    let there = names.values().filter_map(|inode| durable.bytes.get(inode));
                    let hashes: Vec<String> = there.map(|bytes| hex(&Sha256::digest(bytes))).collect();
                    self.world.with(|world| world.kept.extend(hashes));
                }
                durable.names.insert(path, names);
                return Ok(());
            }
            Call::Create(_) | Call::Write => fails(Fault::DiskFull, libc::ENOSPC)?,
            Call::Rename { from, to } => {
                if self.archive_elsewhere && self.path(from.0) != self.path(to.0) {
                    return Err(io::Error::from_raw_os_error(libc::EXDEV));
                }
                let spool = &self.folders[0];
                if let (true, Ok(import)) = (self.path(to.0) == *spool, to.1.parse()) {
                    self.world.with(|world| world.spooled.insert(import, world.now));
                }
            }
            Call::Remove(path) => {
                if let Ok(file) = fs::metadata(path) {
                    // Its number may be given to another file.
                    self.durable.lock().unwrap().failed.remove(&file.ino());
                }
            }
            Call::Open(path) if path.parent() == Some(self.folders[0].as_path()) => {
                let lasts = self.world.with(|world| match world.lasts.as_secs() {
                    most if most > 0 && world.now < world.calm => world.people.u64(0..most),
                    _ => 0,
                });
                super::program::linger(&self.world, Duration::from_secs(lasts));
            }
            Call::Open(_) | Call::Read => {}
        }
        fails(Fault::DiskIo, libc::EIO)
    }

    fn sync(&self, file: &File) -> io::Result<()> {
        let inode = file.metadata()?.ino();
        let fails = self.world.with(|world| world.fails(Fault::DiskSync));
        let mut durable = self.durable.lock().unwrap();
        if durable.failed.contains(&inode) {
            self.world.with(|world| world.broken("a failed fsync was tried again".to_owned()));
        }
        if fails {
            durable.failed.insert(inode);
            return Err(io::Error::from_raw_os_error(libc::EIO));
        }
        durable.bytes.insert(inode, read(file)?);
        Ok(())
    }

    fn path(&self, folder: &OwnedFd) -> PathBuf {
        let number = rustix::fs::fstat(folder.as_fd()).unwrap().st_ino;
        let is_it = |path: &&PathBuf| fs::metadata(path).is_ok_and(|found| found.ino() == number);
        self.folders.iter().find(is_it).cloned().unwrap_or_default()
    }

    fn words(&self, call: &Call<'_>) -> String {
        let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        match call {
            Call::Create(path) => format!("creating {}", name(path)),
            Call::Open(path) => format!("opening {}", name(path)),
            Call::Read => "reading a copy".to_owned(),
            Call::Write => "writing a copy".to_owned(),
            Call::Sync(_) => "making a copy durable".to_owned(),
            Call::Rename { from, to } => {
                format!("renaming {} to {} ({})", from.1, to.1, name(&self.path(to.0)))
            }
            Call::SyncFolder(folder) => format!("making {} durable", name(&self.path(folder))),
            Call::Remove(path) => format!("removing {}", name(path)),
        }
    }

    /// The power goes while the program is down: of what was not made durable, any part may be lost.
    pub(super) fn power_cut(&self) {
        let mut durable = self.durable.lock().unwrap();
        let now: BTreeMap<PathBuf, BTreeMap<String, u64>> =
            self.folders.iter().map(|path| (path.clone(), names(path).unwrap_or_default())).collect();
        let mut bytes: BTreeMap<u64, Vec<u8>> = BTreeMap::new();
        for (folder, names) in &now {
            for (name, inode) in names {
                bytes.insert(*inode, fs::read(folder.join(name)).unwrap());
            }
        }
        // A file with all its names is as it is now or as it was: renaming is one step for a file system.
        let all: BTreeSet<u64> =
            now.values().chain(durable.names.values()).flat_map(|names| names.values().copied()).collect();
        let mut left: BTreeMap<PathBuf, BTreeMap<String, Vec<u8>>> = BTreeMap::new();
        for inode in all {
            let (lost, mangled) = self.world.with(|world| (world.rng.bool(), world.rng.u8(0..4)));
            let names = if lost { &durable.names } else { &now };
            let saved = durable.bytes.get(&inode);
            let content = match (saved, bytes.get(&inode)) {
                (saved, Some(current)) if saved != Some(current) => match mangled {
                    0 => current.clone(),
                    1 => vec![0; current.len()],
                    2 => current[..current.len() / 2].to_vec(),
                    _ => saved.cloned().unwrap_or_default(),
                },
                (Some(saved), _) => saved.clone(),
                (None, current) => current.cloned().unwrap_or_default(),
            };
            for (folder, names) in names {
                for name in names.iter().filter(|(_, number)| **number == inode).map(|(name, _)| name) {
                    left.entry(folder.clone()).or_default().insert(name.clone(), content.clone());
                }
            }
        }
        *durable = Durable::default();
        for folder in &self.folders {
            for name in names(folder).unwrap_or_default().keys() {
                fs::remove_file(folder.join(name)).unwrap();
            }
            for (name, content) in left.get(folder).into_iter().flatten() {
                fs::write(folder.join(name), content).unwrap();
                let file = File::open(folder.join(name)).unwrap();
                durable.bytes.insert(file.metadata().unwrap().ino(), content.clone());
            }
            durable.names.insert(folder.clone(), names(folder).unwrap_or_default());
        }
        self.world.with(|world| {
            world.happened.power_cuts += 1;
            world.tell(|| {
                format!(
                    "the power goes; left are {:?}",
                    left.values().map(BTreeMap::keys).collect::<Vec<_>>()
                )
            });
        });
    }
}

fn names(folder: &Path) -> io::Result<BTreeMap<String, u64>> {
    let mut names = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        names.insert(entry.file_name().to_string_lossy().into_owned(), entry.metadata()?.ino());
    }
    Ok(names)
}

fn read(file: &File) -> io::Result<Vec<u8>> {
    use std::os::unix::fs::FileExt;
    let mut bytes = vec![0; usize::try_from(file.metadata()?.len()).unwrap()];
    file.read_exact_at(&mut bytes, 0)?;
    Ok(bytes)
}
