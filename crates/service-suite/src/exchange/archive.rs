//! Where the bytes of finished and refused deliveries go, never overwriting; and removing the source.
//!
//! The order is what keeps a delivery from being lost: its copy is put in place, read through again and made
//! durable; only then is the source removed. Every step can be repeated after a crash and finds itself done.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use super::claim::cut;
use super::disk::{self, Draft};
use super::hashing::Hashing;
use super::os;
use super::place::{Found, Look, OpenFile, Place, Removal, RemoveError, Sighting};
use super::read_back::was_read_back;
use super::spool::{SpoolFile, hash};
use jiff::Timestamp;

/// Why a delivery is not in the archive. The source must stay.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ArchiveError {
    /// The folder cannot be used.
    #[error("the folder {} cannot be used: {error}. It must exist and be writable for this program", folder.display())]
    Folder {
        /// The archive or refused folder.
        folder: PathBuf,
        /// What the file system said.
        error: io::Error,
    },
    /// A file cannot be written there, or not be made durable.
    #[error("{} cannot be written: {error}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the file system said.
        error: io::Error,
    },
    /// There is no room.
    #[error("no room for {}: {needed} bytes are needed, and {left}; make room there", path.display())]
    NoRoom {
        /// The file.
        path: PathBuf,
        /// Bytes needed.
        needed: u64,
        /// What is left.
        left: String,
    },
    /// What was written reads back as something else.
    #[error("{} does not read back as it was written; the disk may be failing", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
    },
}

/// A delivery, for its name in the archive.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Delivery<'a> {
    /// The name that the ERP system gave: `customers.txt`.
    pub(crate) name: &'a str,
    /// The import.
    pub(crate) import_id: i64,
    /// When the import began.
    pub(crate) at: Timestamp,
}

impl Delivery<'_> {
    /// `customers.20261122-190741.17.txt`, in UTC. A higher `copy` is for a name that is taken.
    fn file_name(&self, copy: u32) -> String {
        let (stem, extension) = match self.name.rsplit_once('.') {
            Some((stem, extension)) if !stem.is_empty() => (stem, format!(".{}", cut(extension, 32))),
            _ => (self.name, String::new()),
        };
        let number = if copy == 1 { String::new() } else { format!("-{copy}") };
        let end = format!(".{}.{}{number}{extension}", self.at.strftime("%Y%m%d-%H%M%S"), self.import_id);
        // Leaving room for what is put around it: ".partial" and ".report.txt".
        format!("{}{end}", cut(stem, 230_usize.saturating_sub(end.len())))
    }
}

impl Delivery<'_> {
    /// Whether a path is one under which it may have been put away.
    pub(crate) fn names(&self, path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or_default();
        (1..=COPIES).any(|copy| self.file_name(copy) == name)
    }
}

/// More files of other content under the name of one import are not a coincidence.
const COPIES: u32 = 100;

/// Moves a spool file into the archive folder and gives its path there. When it returns, the copy is
/// durable and verified, and the spool file is gone.
pub(crate) fn archive(
    spool: &SpoolFile,
    folder: &Path,
    delivery: Delivery<'_>,
) -> Result<PathBuf, ArchiveError> {
    let dir = open(folder)?;
    let (path, place) = free_name(folder, delivery, spool.sha256())?;
    if place == InFolder::Free {
        let name = file_name_of(&path);
        // Read through before it gets its name, so that nothing in the archive is unverified.
        if !was_read_back(spool.file()) {
            verify(spool.file(), spool.path(), spool.sha256())?;
        }
        if !moved_there(spool, &dir, &path)? {
            copy_there(spool, folder, &name)?;
        }
    } else {
        keep_name(&dir, &path)?;
    }
    // Gone already if it was moved.
    disk::remove(spool.path())
        .map_err(|error| ArchiveError::Write { path: spool.path().to_owned(), error })?;
    Ok(path)
}

/// Where a delivery already is, if an earlier try brought it there: for recovery, when its spool file is
/// gone.
pub(crate) fn archived(
    folder: &Path,
    delivery: Delivery<'_>,
    sha256: &str,
) -> Result<Option<PathBuf>, ArchiveError> {
    let (path, place) = free_name(folder, delivery, sha256)?;
    if place == InFolder::Free {
        return Ok(None);
    }
    keep_name(&open(folder)?, &path)?;
    Ok(Some(path))
}

/// Writes `<its name>.report.txt` beside a delivery in the refused folder: the text that tells why it was refused. A report of an earlier try is replaced: it is
/// this program's own, and tells of the same import.
pub(crate) fn write_report(folder: &Path, refused: &Path, report: &str) -> Result<PathBuf, ArchiveError> {
    let name = format!("{}.report.txt", file_name_of(refused));
    let path = folder.join(&name);
    let failed = |error| write_error(folder, &path, report.len() as u64, error);
    let write = || {
        let mut draft = Draft::create(folder, &partial_name(&name))?;
        draft.write_all(report.as_bytes())?;
        draft.make_durable()?.replace(&name)
    };
    write().map_err(failed)?;
    Ok(path)
}

/// How often a file is looked at anew whose name or mode changes while it is being removed.
const LOOKS: u32 = 3;

/// Removes the source of a delivery that is archived, refused or not to be kept. It must still be the file
/// that was read: the one that `expected` describes, or (after a restart, or if only its name or mode
/// changed) one of the same content. Any other stays and is the error.
///
/// One of the same content that somebody has open for writing stays, too, and is no new delivery: nothing was written
/// yet, and what will be shows at the next try.
pub(crate) fn remove_source(
    place: &dyn Place,
    name: &str,
    expected: Option<&Sighting>,
    sha256: &str,
) -> Result<Removal, RemoveError> {
    let changed = |found| RemoveError::Changed { name: name.to_owned(), found };
    let io_error = |error| RemoveError::Io { name: name.to_owned(), error };
    for _ in 0..LOOKS {
        let (sighting, source) = match place.look(name) {
            Look::Absent => return Ok(Removal::Absent),
            Look::Seen(sighting, source) => (sighting, source),
            Look::NotAFile(kind) => return Err(changed(Found::NotAFile(kind))),
            Look::Busy(error) | Look::Unreadable(error) | Look::NoFolder(error) => {
                return Err(io_error(error));
            }
        };
        let known = expected.is_some_and(|expected| sighting.difference(expected).is_none());
        if !known && hash_source(&source).map_err(io_error)? != sha256 {
            return Err(changed(Found::Seen(sighting)));
        }
        match place.remove(name, &sighting) {
            // Between the two looks: whether its content is another one is for the next look to say.
            Err(RemoveError::Changed { .. }) => {}
            removed => return removed,
        }
    }
    Err(RemoveError::InUse { name: name.to_owned() })
}

/// The SHA-256 of an open file of a place.
pub(crate) fn hash_source(source: &OpenFile) -> io::Result<String> {
    let (mut hashing, mut block, mut offset) = (Hashing::default(), Hashing::block(), 0);
    loop {
        let count = source.read_at(offset, &mut block)?;
        if count == 0 {
            return hashing.finish();
        }
        block = hashing.add(block, count);
        offset += count as u64;
    }
}

fn verify(file: &File, path: &Path, sha256: &str) -> Result<(), ArchiveError> {
    let path = path.to_owned();
    match hash(file) {
        Ok((_, found)) if found == sha256 => Ok(()),
        Ok(_) => Err(ArchiveError::Damaged { path }),
        Err(error) => Err(ArchiveError::Write { path, error }),
    }
}

/// A file found from an earlier try is durable itself: it only got its name after its one fsync. The crash may have come
/// before its name was.
fn keep_name(dir: &OwnedFd, path: &Path) -> Result<(), ArchiveError> {
    disk::sync_folder(dir).map_err(|error| ArchiveError::Write { path: path.to_owned(), error })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum InFolder {
    /// The name is free.
    Free,
    /// The delivery itself is there.
    Done,
}

/// The first name of a delivery that is free or already holds its content.
fn free_name(
    folder: &Path,
    delivery: Delivery<'_>,
    sha256: &str,
) -> Result<(PathBuf, InFolder), ArchiveError> {
    let mut path = PathBuf::new();
    for copy in 1..=COPIES {
        path = folder.join(delivery.file_name(copy));
        let there = fs::symlink_metadata(&path);
        match there {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((path, InFolder::Free)),
            Err(error) => return Err(ArchiveError::Folder { folder: folder.to_owned(), error }),
            Ok(there) if there.is_file() => {
                let found = disk::open(&path).and_then(|file| file.map(|file| hash(&file)).transpose());
                match found {
                    Ok(Some((_, found))) if found == sha256 => return Ok((path, InFolder::Done)),
                    Ok(_) => {}
                    Err(error) => return Err(ArchiveError::Write { path, error }),
                }
            }
            Ok(_) => {}
        }
    }
    let error = io::Error::from(io::ErrorKind::AlreadyExists);
    Err(ArchiveError::Write { path, error })
}

/// Renames the spool file into the folder, durably, which only works on one file system: gives whether it did.
fn moved_there(spool: &SpoolFile, dir: &OwnedFd, path: &Path) -> Result<bool, ArchiveError> {
    let failed = |error| ArchiveError::Write { path: path.to_owned(), error };
    let parent = spool.path().parent().unwrap_or(Path::new("/"));
    let from = os::open_folder(parent).map_err(failed)?;
    let (old, new) = (file_name_of(spool.path()), file_name_of(path));
    if disk::rename((&from, &old), (dir, &new)).is_err() {
        return Ok(false);
    }
    if let Err(error) = disk::sync_folder(dir) {
        // Nobody knows whether the name lasts, and asking again proves nothing: the next try begins anew.
        let _ = disk::rename((dir, &new), (&from, &old));
        return Err(failed(error));
    }
    // The spool's name must not come back after a power cut.
    let _ = disk::sync_folder(&from);
    Ok(true)
}

fn copy_there(spool: &SpoolFile, folder: &Path, name: &str) -> Result<(), ArchiveError> {
    let path = folder.join(name);
    let failed = |error| write_error(folder, &path, spool.len(), error);
    let mut draft = Draft::create(folder, &partial_name(name)).map_err(failed)?;
    io::copy(&mut spool.reader(), &mut draft).map_err(failed)?;
    let whole = draft.make_durable().map_err(failed)?;
    verify(whole.file(), &path, spool.sha256())?;
    whole.name(name).map_err(failed)?;
    Ok(())
}

fn partial_name(name: &str) -> String {
    format!(".{name}.partial")
}

fn file_name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn open(folder: &Path) -> Result<OwnedFd, ArchiveError> {
    os::open_folder(folder).map_err(|error| ArchiveError::Folder { folder: folder.to_owned(), error })
}

fn write_error(folder: &Path, path: &Path, needed: u64, error: io::Error) -> ArchiveError {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            let left = os::space(folder).map_or_else(|error| error.to_string(), |space| space.left());
            ArchiveError::NoRoom { path: path.to_owned(), needed, left }
        }
        _ => ArchiveError::Write { path: path.to_owned(), error },
    }
}

#[cfg(test)]
mod tests;
