//! Renaming that never replaces a file.

use std::io;
use std::os::fd::AsFd;

use rustix::fs::{AtFlags, Mode, OFlags};
use rustix::io::Errno;

/// Renames a file that nobody else touches (a file of the spool, a finished copy). If `to` exists,
/// [`io::ErrorKind::AlreadyExists`] and nothing is changed. Where the file system cannot rename without
/// replacing, the file is linked under its new name and then loses the old one; a crash between the two
/// leaves both names, which callers must take for done.
pub(crate) fn rename_no_replace(from: (impl AsFd, &str), to: (impl AsFd, &str)) -> io::Result<()> {
    match exclusive_rename(&from.0, from.1, &to.0, to.1) {
        Err(error) if lacks_exclusive_rename(error) => link_then_unlink(&from.0, from.1, &to.0, to.1),
        other => Ok(other?),
    }
}

/// Renames a file that other programs may replace at any moment (the ERP system's file), within one
/// folder. If `to` exists, [`io::ErrorKind::AlreadyExists`] and nothing is changed. Where the file system
/// cannot rename without replacing, the new name is first taken by an empty file of our own, which the
/// rename then replaces: unlike linking and unlinking, this cannot remove a file that took the old name
/// in between. A crash between the two leaves the empty file, which the next try under that name reuses.
pub(crate) fn rename_away(folder: impl AsFd, from: &str, to: &str) -> io::Result<()> {
    match exclusive_rename(&folder, from, &folder, to) {
        Err(error) if lacks_exclusive_rename(error) => reserve_then_rename(&folder, from, to),
        other => Ok(other?),
    }
}

/// The file system or the kernel does not know renaming without replacing.
fn lacks_exclusive_rename(error: Errno) -> bool {
    matches!(error, Errno::INVAL | Errno::NOSYS | Errno::NOTSUP)
}

#[cfg(any(target_os = "linux", target_vendor = "apple"))]
fn exclusive_rename(from_dir: impl AsFd, from: &str, to_dir: impl AsFd, to: &str) -> Result<(), Errno> {
    use rustix::fs::RenameFlags;
    rustix::io::retry_on_intr(|| {
        rustix::fs::renameat_with(&from_dir, from, &to_dir, to, RenameFlags::NOREPLACE)
    })
}

#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
fn exclusive_rename(_: impl AsFd, _: &str, _: impl AsFd, _: &str) -> Result<(), Errno> {
    Err(Errno::NOSYS)
}

fn link_then_unlink(from_dir: impl AsFd, from: &str, to_dir: impl AsFd, to: &str) -> io::Result<()> {
    match rustix::fs::linkat(&from_dir, from, &to_dir, to, AtFlags::empty()) {
        Ok(()) => Ok(rustix::fs::unlinkat(&from_dir, from, AtFlags::empty())?),
        // A file system without hard links.
        Err(Errno::PERM | Errno::NOTSUP | Errno::NOSYS | Errno::MLINK) => {
            reserve_then_rename_between(from_dir, from, to_dir, to)
        }
        Err(error) => Err(error.into()),
    }
}

fn reserve_then_rename(folder: impl AsFd, from: &str, to: &str) -> io::Result<()> {
    reserve_then_rename_between(&folder, from, &folder, to)
}

fn reserve_then_rename_between(
    from_dir: impl AsFd,
    from: &str,
    to_dir: impl AsFd,
    to: &str,
) -> io::Result<()> {
    // Nothing to rename: say so before a name is taken for it.
    rustix::fs::statat(&from_dir, from, AtFlags::SYMLINK_NOFOLLOW)?;
    let how = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let reserved = match rustix::fs::openat(&to_dir, to, how, Mode::RUSR | Mode::WUSR) {
        Ok(fd) => rustix::fs::fstat(&fd)?,
        Err(Errno::EXIST) => {
            let there = rustix::fs::statat(&to_dir, to, AtFlags::SYMLINK_NOFOLLOW)?;
            let is_file = rustix::fs::FileType::from_raw_mode(there.st_mode as _).is_file();
            if !is_file || there.st_size != 0 {
                return Err(Errno::EXIST.into());
            }
            there
        }
        Err(error) => return Err(error.into()),
    };
    let renamed = rustix::fs::renameat(&from_dir, from, &to_dir, to);
    if renamed.is_err()
        && let Ok(there) = rustix::fs::statat(&to_dir, to, AtFlags::SYMLINK_NOFOLLOW)
        && (there.st_dev, there.st_ino, there.st_size) == (reserved.st_dev, reserved.st_ino, 0)
    {
        // The rename's error is the one to tell; an empty file left behind harms nothing.
        let _ = rustix::fs::unlinkat(&to_dir, to, AtFlags::empty());
    }
    Ok(renamed?)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::fd::OwnedFd;

    use super::*;
    use crate::exchange::os::open_folder;

    type Rename = fn(&OwnedFd, &str, &str) -> io::Result<()>;

    const WAYS: [(&str, Rename); 4] = [
        ("exclusive, private", |folder, from, to| rename_no_replace((folder, from), (folder, to))),
        ("exclusive, shared", |folder, from, to| rename_away(folder, from, to)),
        ("link", |folder, from, to| link_then_unlink(folder, from, folder, to)),
        ("reserve", |folder, from, to| reserve_then_rename(folder, from, to)),
    ];

    #[test]
    fn no_way_of_renaming_replaces_a_file() {
        for (way, rename) in WAYS {
            let folder = tempfile::tempdir().unwrap();
            let (a, b) = (folder.path().join("a"), folder.path().join("b"));
            let fd = open_folder(folder.path()).unwrap();
            assert_eq!(rename(&fd, "a", "b").unwrap_err().kind(), io::ErrorKind::NotFound, "{way}");
            assert!(!b.exists(), "{way}: nothing is left of a rename that failed");

            fs::write(&a, "first").unwrap();
            rename(&fd, "a", "b").unwrap();
            assert!(!a.exists(), "{way}");
            assert_eq!(fs::read(&b).unwrap(), b"first", "{way}");

            fs::write(&a, "second").unwrap();
            assert_eq!(rename(&fd, "a", "b").unwrap_err().kind(), io::ErrorKind::AlreadyExists, "{way}");
            assert_eq!(fs::read(&a).unwrap(), b"second", "{way}");
            assert_eq!(fs::read(&b).unwrap(), b"first", "{way}");
        }
    }

    #[test]
    fn an_empty_file_left_by_a_crash_is_reused() {
        let folder = tempfile::tempdir().unwrap();
        let fd = open_folder(folder.path()).unwrap();
        fs::write(folder.path().join("a"), "first").unwrap();
        fs::write(folder.path().join("b"), "").unwrap();
        reserve_then_rename(&fd, "a", "b").unwrap();
        assert_eq!(fs::read(folder.path().join("b")).unwrap(), b"first");
    }
}
