//! Where the bytes of finished and refused deliveries go, never overwriting; and removing the source.
//!
//! The order is what keeps a delivery from being lost: its copy is put in place, read through again and made
//! durable; only then is the source removed. Every step can be repeated after a crash and finds itself done.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::claim::cut;
use super::os;
use super::place::{Found, Look, OpenFile, Place, RemoveError, Sighting, Writer};
use super::spool::{SpoolFile, hash};
use crate::secrets::hex;

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
    #[error("no room for {}: {needed} bytes are needed and {free} bytes are free", path.display())]
    NoRoom {
        /// The file.
        path: PathBuf,
        /// Bytes needed.
        needed: u64,
        /// Bytes free.
        free: u64,
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
        verify(spool.file(), spool.path(), spool.sha256())?;
        if move_there(spool, &dir, &name).is_err() {
            copy_there(spool, folder, &dir, &name)?;
        }
    }
    name_durably(&dir, &path)?;
    // Gone already if it was moved. A copy that stays in the spool harms nobody; the clean-up at start
    // removes it.
    let _ = fs::remove_file(spool.path());
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
    name_durably(&open(folder)?, &path)?;
    Ok(Some(path))
}

/// Writes `<its name>.report.txt` beside a delivery in the refused folder: the text that tells why it was refused. A report of an earlier try is replaced: it is
/// this program's own, and tells of the same import.
pub(crate) fn write_report(folder: &Path, refused: &Path, report: &str) -> Result<PathBuf, ArchiveError> {
    let dir = open(folder)?;
    let name = format!("{}.report.txt", file_name_of(refused));
    let path = folder.join(&name);
    let failed = |error| write_error(folder, &path, report.len() as u64, error);
    let partial = create_partial(&folder.join(partial_name(&name))).map_err(failed)?;
    partial.write_all_at(report.as_bytes(), 0).and_then(|()| partial.sync_all()).map_err(failed)?;
    rustix::fs::renameat(&dir, partial_name(&name), &dir, &name).map_err(|error| failed(error.into()))?;
    os::sync_folder(&dir).map_err(failed)?;
    Ok(path)
}

/// Removes the source of a delivery that is archived, refused or not to be kept. It must still be the file
/// that was read: the one that `expected` describes, or (after a restart, or if only its name or mode
/// changed) one of the same content. A file that is gone is removed; any other stays and is the error.
pub(crate) fn remove_source(
    place: &dyn Place,
    name: &str,
    expected: Option<&Sighting>,
    sha256: &str,
) -> Result<(), RemoveError> {
    let changed = |found| RemoveError::Changed { name: name.to_owned(), found };
    let io_error = |error| RemoveError::Io { name: name.to_owned(), error };
    match place.look(name) {
        Look::Absent => Ok(()),
        Look::Seen(sighting, source) => {
            let known = expected.is_some_and(|expected| sighting.difference(expected).is_none());
            let same = known || hash_source(&source).map_err(io_error)? == sha256;
            if same && sighting.writer != Writer::Held {
                place.remove(name, &sighting)
            } else {
                Err(changed(Found::Seen(sighting)))
            }
        }
        Look::NotAFile(kind) => Err(changed(Found::NotAFile(kind))),
        Look::Busy(error) | Look::Unreadable(error) | Look::NoFolder(error) => Err(io_error(error)),
    }
}

fn hash_source(source: &OpenFile) -> io::Result<String> {
    let mut hasher = Sha256::new();
    let mut block = vec![0; 256 * 1024];
    let mut offset = 0;
    loop {
        let count = source.read_at(offset, &mut block)?;
        if count == 0 {
            return Ok(hex(&hasher.finalize()));
        }
        hasher.update(&block[..count]);
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

/// Makes the name durable, which an earlier try may have failed to do. The content is: a file only gets a name here after
/// its one fsync, and a second one after a failure would prove nothing.
fn name_durably(dir: &OwnedFd, path: &Path) -> Result<(), ArchiveError> {
    os::sync_folder(dir).map_err(|error| ArchiveError::Write { path: path.to_owned(), error })
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
                let found = File::open(&path).and_then(|file| hash(&file));
                match found {
                    Ok((_, found)) if found == sha256 => return Ok((path, InFolder::Done)),
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

/// Renames the spool file into the folder, which only works on one file system.
fn move_there(spool: &SpoolFile, dir: &OwnedFd, name: &str) -> io::Result<()> {
    let from = spool.path().parent().ok_or(io::ErrorKind::InvalidInput)?;
    let from = os::open_folder(from)?;
    os::rename_no_replace((&from, &file_name_of(spool.path())), (dir, name))?;
    // The spool's name must not come back after a power cut.
    let _ = os::sync_folder(&from);
    Ok(())
}

fn copy_there(spool: &SpoolFile, folder: &Path, dir: &OwnedFd, name: &str) -> Result<(), ArchiveError> {
    let path = folder.join(name);
    let partial = folder.join(partial_name(name));
    let failed = |error| write_error(folder, &path, spool.len(), error);
    let mut copy = create_partial(&partial).map_err(failed)?;
    let written = io::copy(&mut spool.reader(), &mut copy)
        // Once, whatever it says: after a failed fsync a second one may succeed without the data.
        .and_then(|_| copy.sync_all())
        .map_err(failed)
        .and_then(|()| verify(&copy, &partial, spool.sha256()))
        .and_then(|()| os::rename_no_replace((dir, &partial_name(name)), (dir, name)).map_err(failed));
    if written.is_err() {
        let _ = fs::remove_file(&partial);
    }
    written
}

/// The name is this program's own, so what an earlier try left there can go.
fn create_partial(partial: &Path) -> io::Result<File> {
    match fs::remove_file(partial) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(partial)
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
            let free = os::space(folder).map_or(0, |space| space.free);
            ArchiveError::NoRoom { path: path.to_owned(), needed, free }
        }
        _ => ArchiveError::Write { path: path.to_owned(), error },
    }
}

#[cfg(test)]
mod tests;
