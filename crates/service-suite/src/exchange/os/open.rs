//! Opening names in a folder without following links, without waiting, and without touching devices.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use rustix::fs::{FileType, Mode, OFlags};
use rustix::io::Errno;

use super::file_system;
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

/// Whether a folder, read anew, has this name.
pub(crate) fn lists(folder: impl AsFd, name: &str) -> io::Result<bool> {
    ask_server(&folder);
    for entry in rustix::fs::Dir::read_from(&folder)? {
        if entry?.file_name().to_bytes() == name.as_bytes() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Lets the client of a share ask its server about the folder, so that it does not answer from an older reading of it.
#[cfg(target_os = "linux")]
fn ask_server(folder: impl AsFd) {
    use rustix::fs::{AtFlags, StatxFlags, statx};
    let now = AtFlags::EMPTY_PATH | AtFlags::STATX_FORCE_SYNC;
    // A kernel that does not know this call has no newer answer to give; reading the folder tells what fails.
    let _ = statx(folder, "", now, StatxFlags::BASIC_STATS);
}

#[cfg(not(target_os = "linux"))]
fn ask_server(_: impl AsFd) {}

/// Opens the regular file `name` of a folder for reading. Never follows a symbolic link, never leaves the
/// folder, never waits for the other end of a FIFO, never opens a device.
pub(crate) fn open_beneath(folder: impl AsFd, name: &str) -> io::Result<Opened> {
    if !is_plain_name(name) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not the name of a file in a folder"));
    }
    look_then_open(folder.as_fd(), name)
}

/// Holds what stands under the name without opening it, looks what it is, and opens what it holds: whatever is swapped
/// for it meanwhile, nothing but a regular file is opened. Opening a FIFO would wake its writer, opening a device may
/// act.
#[cfg(target_os = "linux")]
fn look_then_open(folder: BorrowedFd<'_>, name: &str) -> io::Result<Opened> {
    // With this flag a symbolic link is held itself.
    match open_no_links(folder, name, OFlags::PATH) {
        Ok(held) => match kind(&held)? {
            Some(kind) => Ok(Opened::Other(kind)),
            None => open_held(folder, name, &held),
        },
        // An answer of "no such name" is not believed here: network file systems remember it too long, and ask
        // their server when they open.
        Err(Errno::NOENT) if file_system(folder).may_be_remote() => open_by_name(folder, name),
        Err(error) => Err(error.into()),
    }
}

/// Opens the very file that is held, by the link that the kernel has for it.
#[cfg(target_os = "linux")]
fn open_held(folder: BorrowedFd<'_>, name: &str, held: &OwnedFd) -> io::Result<Opened> {
    use std::os::fd::AsRawFd;
    let link = format!("/proc/self/fd/{}", held.as_raw_fd());
    let flags = FOR_READING | OFlags::CLOEXEC;
    match rustix::io::retry_on_intr(|| rustix::fs::open(link.as_str(), flags, Mode::empty())) {
        Ok(fd) => Ok(Opened::File(File::from(fd))),
        // A system without /proc, or a container that hides it.
        Err(Errno::NOENT | Errno::NOTDIR) => open_by_name(folder, name),
        Err(error) => Err(error.into()),
    }
}

/// Looks by the name, then opens by the name: what is swapped between the two is opened, and closed again.
#[cfg(not(target_os = "linux"))]
fn look_then_open(folder: BorrowedFd<'_>, name: &str) -> io::Result<Opened> {
    if let Ok(stat) = rustix::fs::statat(folder, name, rustix::fs::AtFlags::SYMLINK_NOFOLLOW)
        && let Some(kind) = kind_of(&stat)
    {
        return Ok(Opened::Other(kind));
    }
    open_by_name(folder, name)
}

/// Opens what stands under a name, and only then looks what it is.
fn open_by_name(folder: impl AsFd, name: &str) -> io::Result<Opened> {
    let fd = match open_no_links(&folder, name, FOR_READING) {
        Ok(fd) => fd,
        Err(Errno::LOOP) => return Ok(Opened::Other(Kind::SymbolicLink)),
        Err(Errno::NXIO) => return Ok(Opened::Other(Kind::Socket)),
        Err(error) => return Err(error.into()),
    };
    Ok(match kind(&fd)? {
        Some(kind) => Opened::Other(kind),
        None => Opened::File(File::from(fd)),
    })
}

/// A name that is one component: nothing that leads to another folder.
fn is_plain_name(name: &str) -> bool {
    !name.is_empty() && name != "." && name != ".." && !name.contains(['/', '\0'])
}

/// For regular files "without waiting" means nothing; for a FIFO it is what keeps a reader from hanging.
const FOR_READING: OFlags = OFlags::RDONLY.union(OFlags::NONBLOCK).union(OFlags::NOCTTY);

#[cfg(target_os = "linux")]
fn open_no_links(folder: impl AsFd, name: &str, how: OFlags) -> Result<OwnedFd, Errno> {
    use rustix::fs::ResolveFlags;
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    let flags = how | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    match rustix::io::retry_on_intr(|| rustix::fs::openat2(&folder, name, flags, Mode::empty(), resolve)) {
        // Kernels before 5.6, and containers whose filter does not know the call. A file that truly may
        // not be opened answers the same to the portable call. "Another file system" means that what was found was
        // moved out of the folder at this very moment: whatever has the name now is asked for.
        Err(Errno::NOSYS | Errno::PERM | Errno::XDEV) => open_no_follow(folder, name, how),
        other => other,
    }
}

#[cfg(not(target_os = "linux"))]
fn open_no_links(folder: impl AsFd, name: &str, how: OFlags) -> Result<OwnedFd, Errno> {
    open_no_follow(folder, name, how)
}

/// The portable way. A plain name has one component, so refusing a link there refuses all links.
fn open_no_follow(folder: impl AsFd, name: &str, how: OFlags) -> Result<OwnedFd, Errno> {
    let flags = how | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    rustix::io::retry_on_intr(|| rustix::fs::openat(&folder, name, flags, Mode::empty()))
}

/// What kind of thing an open file is, if it is not a regular file.
fn kind(fd: impl AsFd) -> io::Result<Option<Kind>> {
    Ok(kind_of(&rustix::fs::fstat(fd)?))
}

fn kind_of(stat: &rustix::fs::Stat) -> Option<Kind> {
    match FileType::from_raw_mode(stat.st_mode as rustix::fs::RawMode) {
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
    use std::fs;

    use super::*;
    use crate::exchange::testing::without_openat2;

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

    fn held(kind: FileType) -> (tempfile::TempDir, OwnedFd) {
        let folder = tempfile::tempdir().unwrap();
        let mode = Mode::RUSR | Mode::WUSR;
        rustix::fs::mknodat(rustix::fs::CWD, folder.path().join("customers.txt"), kind, mode, 0).unwrap();
        let fd = open_folder(folder.path()).unwrap();
        (folder, fd)
    }

    #[test]
    fn what_was_looked_at_is_what_is_opened() {
        let (folder, fd) = held(FileType::RegularFile);
        let held = open_no_links(&fd, "customers.txt", OFlags::PATH).unwrap();
        fs::write(folder.path().join("customers.txt"), "as it was").unwrap();
        rustix::fs::renameat(&fd, "customers.txt", &fd, "away").unwrap();
        std::os::unix::fs::symlink("/etc/passwd", folder.path().join("customers.txt")).unwrap();
        let Opened::File(file) = open_held(fd.as_fd(), "customers.txt", &held).unwrap() else { panic!() };
        assert_eq!(io::read_to_string(file).unwrap(), "as it was");
    }

    #[test]
    fn a_fifo_has_no_reader_while_it_is_looked_at() {
        let (folder, fd) = held(FileType::Fifo);
        let held = open_no_links(&fd, "customers.txt", OFlags::PATH).unwrap();
        assert_eq!(kind(&held).unwrap(), Some(Kind::Fifo));
        let how = OFlags::WRONLY | OFlags::NONBLOCK;
        let writer = rustix::fs::open(folder.path().join("customers.txt"), how, Mode::empty());
        assert_eq!(writer.unwrap_err(), Errno::NXIO, "nobody reads");
    }

    #[test]
    fn a_fifo_is_not_waited_for_where_names_are_opened_before_they_are_looked_at() {
        let (_folder, fd) = held(FileType::Fifo);
        let (sender, opened) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            sender.send(matches!(open_by_name(&fd, "customers.txt"), Ok(Opened::Other(Kind::Fifo))))
        });
        assert_eq!(opened.recv_timeout(std::time::Duration::from_secs(10)), Ok(true), "nobody writes to it");
    }

    #[test]
    fn a_link_is_refused_by_every_way_of_opening() {
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/etc/passwd", folder.path().join("customers.txt")).unwrap();
        let fd = open_folder(folder.path()).unwrap();
        assert_eq!(open_no_links(&fd, "customers.txt", FOR_READING).unwrap_err(), Errno::LOOP);
        assert_eq!(open_no_follow(&fd, "customers.txt", FOR_READING).unwrap_err(), Errno::LOOP);
        let link = |opened| matches!(opened, Ok(Opened::Other(Kind::SymbolicLink)));
        assert!(link(open_beneath(&fd, "customers.txt")));
        assert!(link(open_by_name(&fd, "customers.txt")));
        for error in [libc::ENOSYS, libc::EPERM] {
            assert!(without_openat2(error, || link(open_beneath(&fd, "customers.txt"))));
        }
    }
}
