//! Renaming that never replaces a file.

use std::io;
use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{AtFlags, Mode, OFlags, Stat};
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
/// in between. A crash between the two leaves the empty file, which the next try under that name reuses; so does an
/// error after which nobody knows what was done, since what bears the new name then may be the file itself.
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
    let rename = || rustix::fs::renameat(&from_dir, from, &to_dir, to);
    reserve_then(&from_dir, from, &to_dir, to, rename)
}

/// Takes the name `to` by an empty file, which `rename` then replaces by `from`.
fn reserve_then(
    from_dir: impl AsFd,
    from: &str,
    to_dir: impl AsFd,
    to: &str,
    rename: impl FnOnce() -> Result<(), Errno>,
) -> io::Result<()> {
    // Nothing to rename: say so before a name is taken for it.
    let before = rustix::fs::statat(&from_dir, from, AtFlags::SYMLINK_NOFOLLOW)?;
    let how = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let reserved = match rustix::fs::openat(&to_dir, to, how, Mode::RUSR | Mode::WUSR) {
        Ok(fd) => Some(fd),
        Err(Errno::EXIST) => {
            let there = rustix::fs::statat(&to_dir, to, AtFlags::SYMLINK_NOFOLLOW)?;
            let is_file = rustix::fs::FileType::from_raw_mode(there.st_mode as _).is_file();
            if !is_file || there.st_size != 0 {
                return Err(Errno::EXIST.into());
            }
            None
        }
        Err(error) => return Err(error.into()),
    };
    let renamed = rename();
    if renamed.is_err()
        && let Some(reserved) = reserved
        && is_still(&from_dir, from, &before)
        && is_empty(&to_dir, to, &reserved)
    {
        // The rename's error is the one to tell; an empty file left behind harms nothing.
        let _ = rustix::fs::unlinkat(&to_dir, to, AtFlags::empty());
    }
    Ok(renamed?)
}

/// Whether the file under this name, opened anew, is the one that it was. On a share a rename may have been done although it
/// came back with an error, and what a mere name is said to stand for may be what it stood for before; opening asks the
/// server. Whatever cannot be opened counts as another file.
fn is_still(folder: impl AsFd, name: &str, before: &Stat) -> bool {
    let how = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let opened = rustix::fs::openat(folder, name, how, Mode::empty());
    opened.and_then(rustix::fs::fstat).is_ok_and(|now| {
        (now.st_dev, now.st_ino, now.st_size, now.st_mtime, now.st_mtime_nsec)
            == (before.st_dev, before.st_ino, before.st_size, before.st_mtime, before.st_mtime_nsec)
    })
}

/// Whether the name, opened anew, stands for the empty file that was made for it.
fn is_empty(folder: impl AsFd, name: &str, reserved: &OwnedFd) -> bool {
    let Ok(made) = rustix::fs::fstat(reserved) else { return false };
    has_a_name(reserved) && made.st_size == 0 && is_still(folder, name, &made)
}

/// Whether an open file still has a name, by what the server says now.
#[cfg(target_os = "linux")]
fn has_a_name(file: &OwnedFd) -> bool {
    use rustix::fs::{StatxFlags, statx};
    statx(file, "", AtFlags::EMPTY_PATH | AtFlags::STATX_FORCE_SYNC, StatxFlags::NLINK)
        .is_ok_and(|found| found.stx_nlink > 0)
}

#[cfg(not(target_os = "linux"))]
fn has_a_name(file: &OwnedFd) -> bool {
    rustix::fs::fstat(file).is_ok_and(|found| found.st_nlink > 0)
}

#[cfg(test)]
mod tests {
    use std::fs;

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

    #[test]
    fn an_empty_file_is_removed_only_when_nothing_was_renamed() {
        let folder = tempfile::tempdir().unwrap();
        let fd = open_folder(folder.path()).unwrap();
        let path = |name| folder.path().join(name);
        fs::write(path("a"), "first").unwrap();
        let refused = reserve_then(&fd, "a", &fd, "b", || Err(Errno::ACCESS)).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::PermissionDenied);
        assert!(path("a").exists() && !path("b").exists());
        // The server renamed the file, and what this machine remembers of the new name is the empty file still: here the
        // file is elsewhere in its place. Removing the name would remove the file.
        for lost in [Errno::NOENT, Errno::IO] {
            fs::write(path("a"), "first").unwrap();
            let answer = || {
                rustix::fs::rename(path("a"), path("elsewhere")).unwrap();
                Err(lost)
            };
            assert!(reserve_then(&fd, "a", &fd, "b", answer).is_err());
            assert!(path("b").exists(), "after {lost}");
            // Nor when the next file has the old name by then.
            fs::write(path("a"), "first").unwrap();
            let answer = || {
                rustix::fs::rename(path("a"), path("elsewhere")).unwrap();
                fs::write(path("a"), "second").unwrap();
                Err(lost)
            };
            fs::remove_file(path("b")).unwrap();
            assert!(reserve_then(&fd, "a", &fd, "b", answer).is_err());
            assert!(path("b").exists(), "after {lost}, and another file came");
            fs::remove_file(path("b")).unwrap();
        }
    }
}
