//! Opening names in a folder without following links, without waiting, and without touching devices.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use rustix::fs::{AtFlags, FileType, Mode, OFlags};
use rustix::io::Errno;

use crate::exchange::place::Kind;

/// What stands under a name.
#[derive(Debug)]
pub(crate) enum Opened {
    /// A regular file, open for reading.
    File(File),
    /// Something else, untouched.
    Other(Kind),
}

/// Opens a folder, so that all that follows happens in this very folder even if its path comes to mean
/// another. Links in the folder's own path are followed: the administrator chose them.
pub(crate) fn open_folder(path: &Path) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NOCTTY;
    Ok(rustix::io::retry_on_intr(|| rustix::fs::open(path, flags, Mode::empty()))?)
}

/// Opens the regular file `name` of a folder for reading. Never follows a symbolic link, never leaves the
/// folder, never waits for the other end of a FIFO, never opens a device.
pub(crate) fn open_beneath(folder: impl AsFd, name: &str) -> io::Result<Opened> {
    if !is_plain_name(name) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not the name of a file in a folder"));
    }
    // Looked at before it is opened, since opening a FIFO wakes its writer and opening a device may act.
    // An answer of "no such name" is not believed: network file systems remember it too long.
    if let Ok(stat) = rustix::fs::statat(&folder, name, AtFlags::SYMLINK_NOFOLLOW)
        && let Some(kind) = kind_of(FileType::from_raw_mode(stat.st_mode as rustix::fs::RawMode))
    {
        return Ok(Opened::Other(kind));
    }
    let fd = match open_no_links(&folder, name) {
        Ok(fd) => fd,
        // What was a file at the look before can be a link or a socket by now.
        Err(Errno::LOOP) => return Ok(Opened::Other(Kind::SymbolicLink)),
        Err(Errno::NXIO) => return Ok(Opened::Other(Kind::Socket)),
        Err(error) => return Err(error.into()),
    };
    let stat = rustix::fs::fstat(&fd)?;
    match kind_of(FileType::from_raw_mode(stat.st_mode as rustix::fs::RawMode)) {
        Some(kind) => Ok(Opened::Other(kind)),
        None => Ok(Opened::File(File::from(fd))),
    }
}

/// A name that is one component: nothing that leads to another folder.
fn is_plain_name(name: &str) -> bool {
    !name.is_empty() && name != "." && name != ".." && !name.contains(['/', '\0'])
}

const HOW: OFlags = OFlags::RDONLY
    .union(OFlags::NONBLOCK)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC)
    .union(OFlags::NOCTTY);

#[cfg(target_os = "linux")]
fn open_no_links(folder: impl AsFd, name: &str) -> Result<OwnedFd, Errno> {
    use rustix::fs::ResolveFlags;
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    match rustix::io::retry_on_intr(|| rustix::fs::openat2(&folder, name, HOW, Mode::empty(), resolve)) {
        // Kernels before 5.6, and containers whose filter does not know the call. A file that truly may
        // not be opened answers the same to the portable call.
        Err(Errno::NOSYS | Errno::PERM) => open_no_follow(folder, name),
        other => other,
    }
}

#[cfg(not(target_os = "linux"))]
fn open_no_links(folder: impl AsFd, name: &str) -> Result<OwnedFd, Errno> {
    open_no_follow(folder, name)
}

/// The portable way. A plain name has one component, so refusing a link there refuses all links.
fn open_no_follow(folder: impl AsFd, name: &str) -> Result<OwnedFd, Errno> {
    rustix::io::retry_on_intr(|| rustix::fs::openat(&folder, name, HOW, Mode::empty()))
}

/// What kind of thing this is, if it is not a regular file.
fn kind_of(file_type: FileType) -> Option<Kind> {
    match file_type {
        FileType::RegularFile => None,
        FileType::Directory => Some(Kind::Directory),
        FileType::Symlink => Some(Kind::SymbolicLink),
        FileType::Fifo => Some(Kind::Fifo),
        FileType::Socket => Some(Kind::Socket),
        _ => Some(Kind::Device),
    }
}

/// Makes the names of a folder durable, as far as its file system knows such a thing. A failure is never
/// tried again: after a failed fsync nobody knows what reached the disk.
pub(crate) fn sync_folder(folder: impl AsFd) -> io::Result<()> {
    match rustix::fs::fsync(folder) {
        // Several network and FUSE file systems have no fsync for folders; their server orders names.
        Ok(()) | Err(Errno::INVAL | Errno::NOTSUP | Errno::NOSYS | Errno::BADF) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn names_that_lead_elsewhere_are_not_names() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("sub")).unwrap();
        fs::write(folder.path().join("sub/inner.txt"), "x").unwrap();
        let fd = open_folder(folder.path()).unwrap();
        for name in ["", ".", "..", "sub/inner.txt", "/etc/passwd", "../x", "a\0b"] {
            assert_eq!(open_beneath(&fd, name).unwrap_err().kind(), io::ErrorKind::InvalidInput, "{name:?}");
        }
    }

    #[test]
    fn a_fifo_that_slips_in_before_the_open_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let mode = Mode::RUSR | Mode::WUSR;
        rustix::fs::mknodat(rustix::fs::CWD, folder.path().join("customers.txt"), FileType::Fifo, mode, 0)
            .unwrap();
        let fd = open_folder(folder.path()).unwrap();
        let (sender, opened) = std::sync::mpsc::channel();
        std::thread::spawn(move || sender.send(open_no_links(&fd, "customers.txt").is_ok()));
        assert_eq!(opened.recv_timeout(std::time::Duration::from_secs(10)), Ok(true), "nobody writes to it");
    }

    #[test]
    fn a_link_is_refused_by_both_ways_of_opening() {
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/etc/passwd", folder.path().join("customers.txt")).unwrap();
        let fd = open_folder(folder.path()).unwrap();
        assert_eq!(open_no_links(&fd, "customers.txt").unwrap_err(), Errno::LOOP);
        assert_eq!(open_no_follow(&fd, "customers.txt").unwrap_err(), Errno::LOOP);
    }
}
