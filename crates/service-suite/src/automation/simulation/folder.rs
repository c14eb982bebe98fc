//! The exchange folder of the simulation: a [`Place`] over [`Files`](super::files::Files) with everything that can fail
//! in a folder or share. Claims and removals go by the program's own rules, call by call.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::client::Seen;
use super::world::{At, Fault, Inside, World};
use crate::exchange::check::Check;
use crate::exchange::claim::{self, Claim, ClaimError, ClaimedName, parse_claimed_name};
use crate::exchange::folder::{self, Folder};
use crate::exchange::ground::{FolderIdentity, Ground};
use crate::exchange::marker;
use crate::exchange::place::{Listing, Look, OpenFile, Place, Removal, RemoveError, Sighting, Source};

/// The address of the exchange folder.
pub(super) const ADDRESS: &str = "/simulated/exchange";

/// The folder below the share, which is there when that is not mounted.
const MOUNT_POINT: FolderIdentity = FolderIdentity { device: 3, inode: 77 };

/// The exchange folder; also the same once it is open.
#[derive(Clone)]
pub(super) struct VirtualFolder(pub(super) Arc<World>);

impl fmt::Debug for VirtualFolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(ADDRESS)
    }
}

fn os(code: i32) -> io::Error {
    io::Error::from_raw_os_error(code)
}

impl VirtualFolder {
    /// One call of the program into the folder: time passes, other threads may run, the program may end; then the call
    /// fails, or happens at one moment.
    fn call<T>(
        &self,
        what: impl Fn() -> String,
        happen: impl FnOnce(&mut Inside) -> io::Result<T>,
    ) -> io::Result<T> {
        self.call_at(At::Folder, what, happen)
    }

    fn call_at<T>(
        &self,
        at: At,
        what: impl Fn() -> String,
        happen: impl FnOnce(&mut Inside) -> io::Result<T>,
    ) -> io::Result<T> {
        self.0.point(at, || format!("before {}", what()))?;
        super::program::others();
        let result = self.0.with(|world| {
            if world.fails(Fault::FolderIo) {
                return Err(os(libc::EIO));
            }
            if world.fails(Fault::FolderStale) {
                return Err(os(libc::ESTALE));
            }
            happen(world)
        });
        self.0.point(at, || format!("after {}", what()))?;
        result
    }

    /// Whether the folder is reached; when the share is not mounted, what is reached is an empty one.
    fn open(&self) -> io::Result<()> {
        self.0.with(|world| if world.fails(Fault::FolderGone) { Err(os(libc::ENOENT)) } else { Ok(()) })
    }
}

/// How often a look fails that finds nothing wrong with the folder itself.
fn look_in(world: &mut Inside, name: &str) -> io::Result<(Sighting, u64)> {
    if world.fails(Fault::FolderUnmounted) {
        return Err(os(libc::ENOENT));
    }
    let inode = world.client.find(&world.files, name).ok_or_else(|| os(libc::ENOENT))?;
    if world.fails(Fault::FolderDenied) {
        return Err(os(libc::EACCES));
    }
    if world.fails(Fault::FolderBusy) {
        return Err(os(libc::EBUSY));
    }
    if world.client.memory > Duration::ZERO && world.files.inodes[&inode].links == 0 {
        // What is remembered of the name is not there any more.
        world.client.forget(name);
        return Err(os(libc::ESTALE));
    }
    Ok((see(world, inode).sighting, inode))
}

fn see(world: &mut Inside, inode: u64) -> Seen {
    let seen = world.client.see(&world.files, inode, world.writers_known);
    world.files.inodes.get_mut(&inode).unwrap().looked = seen.at;
    seen
}

/// Whether the answer to a call that was carried out is an error.
fn answer(world: &mut Inside) -> io::Result<()> {
    if world.writers_known || !world.fails(Fault::FolderAnswerLost) {
        return Ok(());
    }
    Err(os([libc::ENOENT, libc::EIO][world.rng.usize(0..2)]))
}

/// Whether the folder can be changed now, and the name is in it.
fn changeable(world: &mut Inside, name: &str) -> io::Result<()> {
    if world.fails(Fault::FolderUnmounted) || !world.files.names.contains_key(name) {
        return Err(os(libc::ENOENT));
    }
    if world.fails(Fault::FolderReadOnly) {
        return Err(os(libc::EROFS));
    }
    Ok(())
}

impl Folder for VirtualFolder {
    fn look(&self, name: &str) -> Look {
        match self.call(|| format!("looking at {name}"), |world| look_in(world, name)) {
            Ok((sighting, inode)) => {
                Look::Seen(sighting, Box::new(VirtualFile { folder: self.clone(), inode }) as OpenFile)
            }
            Err(error) => match error.raw_os_error() {
                Some(libc::ENOENT) => Look::Absent,
                Some(libc::EBUSY) => Look::Busy(error),
                _ => Look::Unreadable(error),
            },
        }
    }

    fn lists(&self, name: &str) -> io::Result<bool> {
        self.call(
            || format!("looking for {name} in the folder"),
            |world| Ok(!world.fails(Fault::FolderUnmounted) && world.files.names.contains_key(name)),
        )
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.call(
            || format!("renaming {from} to {to}"),
            |world| {
                changeable(world, from)?;
                if world.fails(Fault::FolderFull) {
                    return Err(os(libc::ENOSPC));
                }
                if world.files.names.contains_key(to) {
                    return Err(os(libc::EEXIST));
                }
                world.tell(|| format!("the program renames {from} to {to}"));
                world.files.rename(from, to, false);
                let (now, inode) = (world.now, world.files.names[to]);
                world.files.inodes.get_mut(&inode).unwrap().claimed = Some(now);
                let answer = answer(world);
                // Without an answer the client goes on believing what it did; told that there is no such file, it asks anew.
                let failed = answer.as_ref().err().and_then(io::Error::raw_os_error);
                if failed != Some(libc::EIO) {
                    world.client.forget(from);
                }
                if failed.is_none() {
                    world.client.forget(to);
                }
                answer
            },
        )
    }

    fn unlink(&self, name: &str) -> io::Result<()> {
        self.call(
            || format!("removing {name}"),
            |world| {
                changeable(world, name)?;
                world.tell(|| format!("the program removes {name}"));
                let inode = world.files.names[name];
                let file = &world.files.inodes[&inode];
                let written = world.files.current(inode).is_some_and(|version| version.from > file.looked);
                // Who opens it between the look and the removal has not written yet.
                let held = file.held_since.is_some_and(|since| since < file.looked);
                if world.writers_known && (held || written) {
                    world.broken(format!("{name} was removed while somebody wrote to it"));
                }
                let hash = world.files.current(inode).map(|version| version.sha256.clone());
                let kept = hash.is_none_or(|hash| world.kept.contains(&*hash));
                if world.keeps_all && !written && !kept {
                    world.broken(format!("LOST: {name} was removed before it was kept"));
                }
                if written {
                    // A writer of another machine, between the look and the removal: nobody can tell.
                    world.files.end_version(inode);
                }
                world.files.unlink(name, false);
                world.client.forget(name);
                answer(world)
            },
        )
    }

    fn sync(&self) -> io::Result<()> {
        self.call(|| "making the exchange folder durable".to_owned(), |_| Ok(()))
    }
}

impl Place for VirtualFolder {
    fn list(&self, wanted: &dyn Fn(&str) -> bool) -> io::Result<Listing> {
        self.open()?;
        self.call(
            || "listing".to_owned(),
            |world| {
                if world.fails(Fault::FolderUnmounted) {
                    return Ok(Listing::default());
                }
                let files = &world.files;
                let mut names: Vec<&String> = files.names.keys().filter(|name| wanted(name)).collect();
                names.sort_by_key(|name| (files.get(name).map(|file| file.modified), name.as_str()));
                Ok(Listing { names: names.into_iter().cloned().collect(), undecodable: Vec::new() })
            },
        )
    }

    fn identity(&self) -> io::Result<FolderIdentity> {
        self.open()?;
        let identity = |world: &mut Inside| {
            let unmounted = world.fails(Fault::FolderUnmounted);
            Ok(if unmounted { MOUNT_POINT } else { FolderIdentity { device: world.files.device, inode: 2 } })
        };
        self.call(|| "asking which folder it is".to_owned(), identity)
    }

    fn ground(&self) -> io::Result<Ground> {
        self.open()?;
        let ground = |world: &mut Inside| {
            let mounted = !world.fails(Fault::FolderUnmounted);
            let file_system = if mounted { "NFS" } else { "ext4" }.to_owned();
            Ok(Ground { mounted, file_system, may_be_remote: mounted })
        };
        self.call(|| "asking what the folder stands on".to_owned(), ground)
    }

    fn look(&self, name: &str) -> Look {
        match self.open() {
            Ok(()) => Folder::look(self, name),
            Err(error) => Look::NoFolder(error),
        }
    }

    fn lists(&self, name: &str) -> io::Result<bool> {
        self.open()?;
        Folder::lists(self, name)
    }

    fn claim(&self, name: &str, import_id: i64, expected: &Sighting) -> Result<Claim, ClaimError> {
        self.open().map_err(|error| ClaimError::Io { name: name.to_owned(), claimed: false, error })?;
        self.0.with(|world| world.claiming = true);
        let claimed = claim::claim(self, name, import_id, expected);
        self.0.with(|world| world.claiming = false);
        claimed
    }

    fn claim_marker(&self, name: &str, import_id: i64, expected: &Sighting) -> io::Result<Option<Claim>> {
        self.open()?;
        marker::claim_marker(self, name, import_id, expected)
    }

    fn make_durable(&self) -> io::Result<()> {
        self.open()?;
        self.sync()
    }

    fn claims(&self) -> io::Result<Vec<ClaimedName>> {
        self.open()?;
        self.call(
            || "looking for claims".to_owned(),
            |world| Ok(world.files.names.keys().filter_map(|name| parse_claimed_name(name)).collect()),
        )
    }

    fn remove(&self, name: &str, expected: &Sighting) -> Result<Removal, RemoveError> {
        self.open().map_err(|error| RemoveError::Io { name: name.to_owned(), error })?;
        folder::remove(self, name, expected)
    }

    fn self_test(&self, _: &dyn Fn() -> Timestamp, _: bool) -> Vec<Check> {
        Vec::new()
    }
}

/// An open file of the exchange folder.
#[derive(Debug)]
struct VirtualFile {
    folder: VirtualFolder,
    inode: u64,
}

impl Source for VirtualFile {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.folder.call_at(
            At::Copying,
            || "reading the source".to_owned(),
            |world| {
                let bytes = world.client.see(&world.files, self.inode, world.writers_known).bytes;
                let rest = bytes.get(usize::try_from(offset).unwrap()..).unwrap_or_default();
                let most = rest.len().min(buffer.len());
                // A share gives what it has at hand.
                let count = if most > 1 && world.rng.bool() { world.rng.usize(1..most) } else { most };
                buffer[..count].copy_from_slice(&rest[..count]);
                Ok(count)
            },
        )
    }

    fn sight(&self) -> io::Result<Sighting> {
        self.folder.call(|| "asking the open file".to_owned(), |world| Ok(see(world, self.inode).sighting))
    }
}
