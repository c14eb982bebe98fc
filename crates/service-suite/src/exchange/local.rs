//! A folder of this machine, or one that it has mounted.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use rustix::fs::AtFlags;

use super::check::Check;
use super::claim::{self, Claim, ClaimError, ClaimedName};
use super::folder::{self, Folder};
use super::ground::{FolderIdentity, Ground};
use super::place::{FileTime, Listing, Look, OpenFile, Place, Removal, RemoveError, Sighting, Source};
use super::selftest;
use super::{marker, os};

/// Takes every address as the path of a folder.
pub(super) fn place(address: &str) -> Option<Arc<dyn Place>> {
    (!address.is_empty()).then(|| Arc::new(LocalFolder::new(address)) as Arc<dyn Place>)
}

/// A folder, by its path. It is opened anew for each call: the folder may go, come back, or be another.
#[derive(Clone, Debug)]
pub(crate) struct LocalFolder {
    path: PathBuf,
}

impl LocalFolder {
    /// The folder at a path, whether it exists now or not.
    pub(crate) fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }
}

impl Place for LocalFolder {
    fn identity(&self) -> io::Result<FolderIdentity> {
        let folder = os::open_folder(&self.path)?;
        let found = rustix::fs::fstat(&folder)?;
        let inode = if os::file_system(&folder).numbers_files() { found.st_ino } else { 0 };
        Ok(FolderIdentity { device: found.st_dev, inode })
    }

    fn list(&self, wanted: &dyn Fn(&str) -> bool) -> io::Result<Listing> {
        let folder = os::open_folder(&self.path)?;
        let mut names = Vec::new();
        let mut undecodable = Vec::new();
        for entry in rustix::fs::Dir::read_from(&folder)? {
            let entry = entry?;
            match entry.file_name().to_str() {
                Ok("." | "..") => {}
                Ok(name) if wanted(name) => names.push((modified(&folder, name), name.to_owned())),
                Ok(_) => {}
                Err(_) => undecodable.push(entry.file_name().to_string_lossy().into_owned()),
            }
        }
        names.sort();
        undecodable.sort();
        Ok(Listing { names: names.into_iter().map(|(_, name)| name).collect(), undecodable })
    }

    fn ground(&self) -> io::Result<Ground> {
        let folder = os::open_folder(&self.path)?;
        let on = os::file_system(&folder);
        let mounted = os::is_mount_point(&folder)?;
        Ok(Ground { mounted, may_be_remote: on.may_be_remote(), file_system: on.name.into_owned() })
    }

    fn look(&self, name: &str) -> Look {
        // A share's server may have replaced the file or the folder under a handle that we got a moment
        // ago; a second try starts from the folder's path.
        match self.look_once(name) {
            Look::Unreadable(error) | Look::NoFolder(error) if is_stale(&error) => self.look_once(name),
            look => look,
        }
    }

    fn lists(&self, name: &str) -> io::Result<bool> {
        os::lists(os::open_folder(&self.path)?, name)
    }

    fn claim(&self, name: &str, import_id: i64, expected: &Sighting) -> Result<Claim, ClaimError> {
        let folder = os::open_folder(&self.path).map_err(|error| ClaimError::Io {
            name: name.to_owned(),
            claimed: false,
            error,
        })?;
        claim::claim(&folder, name, import_id, expected)
    }

    fn claim_marker(&self, name: &str, import_id: i64, expected: &Sighting) -> io::Result<Option<Claim>> {
        marker::claim_marker(&os::open_folder(&self.path)?, name, import_id, expected)
    }

    fn make_durable(&self) -> io::Result<()> {
        os::sync_folder(os::open_folder(&self.path)?)
    }

    fn claims(&self) -> io::Result<Vec<ClaimedName>> {
        claim::claims(&self.path)
    }

    fn remove(&self, name: &str, expected: &Sighting) -> Result<Removal, RemoveError> {
        let folder =
            os::open_folder(&self.path).map_err(|error| RemoveError::Io { name: name.to_owned(), error })?;
        folder::remove(&folder, name, expected)
    }

    fn self_test(&self, now: &dyn Fn() -> Timestamp, leave: bool) -> Vec<Check> {
        selftest::self_test(&self.path, now, leave)
    }
}

impl LocalFolder {
    fn look_once(&self, name: &str) -> Look {
        match os::open_folder(&self.path) {
            Ok(folder) => folder.look(name),
            Err(error) => Look::NoFolder(error),
        }
    }
}

impl Folder for OwnedFd {
    fn look(&self, name: &str) -> Look {
        look_in(self, name)
    }

    fn lists(&self, name: &str) -> io::Result<bool> {
        os::lists(self, name)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        os::rename_away(self, from, to)
    }

    fn unlink(&self, name: &str) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(self, name, AtFlags::empty())?)
    }

    fn sync(&self) -> io::Result<()> {
        os::sync_folder(self)
    }
}

/// Looks at a name in an open folder.
fn look_in(folder: impl AsFd, name: &str) -> Look {
    let file = match os::open_beneath(folder, name) {
        Ok(os::Opened::File(file)) => LocalFile(file),
        Ok(os::Opened::Other(kind)) => return Look::NotAFile(kind),
        Err(error) => {
            return match error.raw_os_error() {
                Some(libc::ENOENT) => Look::Absent,
                // A file server's lease on Linux; a sharing violation on a mounted Windows share.
                Some(libc::EAGAIN | libc::EBUSY | libc::ETXTBSY) => Look::Busy(error),
                _ => Look::Unreadable(error),
            };
        }
    };
    match file.sight() {
        Ok(sighting) => Look::Seen(sighting, Box::new(file) as OpenFile),
        Err(error) => Look::Unreadable(error),
    }
}

/// An open file of a local folder.
#[derive(Debug)]
struct LocalFile(File);

impl Source for LocalFile {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.0.read_at(buffer, offset) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => return result,
            }
        }
    }

    fn sight(&self) -> io::Result<Sighting> {
        let (writer, metadata, on) = os::look_without_writers(&self.0, File::metadata);
        let metadata = metadata?;
        let time = |seconds, nanoseconds: i64| FileTime {
            seconds,
            nanoseconds: u32::try_from(nanoseconds).unwrap_or_default(),
        };
        Ok(Sighting {
            size: metadata.size(),
            modified: time(metadata.mtime(), metadata.mtime_nsec()),
            changed: time(metadata.ctime(), metadata.ctime_nsec()),
            device: metadata.dev(),
            inode: if on.numbers_files() { metadata.ino() } else { 0 },
            writer,
        })
    }
}

/// For sorting only, so a name that has just gone may come anywhere.
fn modified(folder: &OwnedFd, name: &str) -> FileTime {
    match rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) => FileTime {
            seconds: stat.st_mtime,
            nanoseconds: u32::try_from(stat.st_mtime_nsec).unwrap_or_default(),
        },
        Err(_) => FileTime { seconds: i64::MAX, nanoseconds: 0 },
    }
}

fn is_stale(error: &io::Error) -> bool {
    error.raw_os_error() == Some(libc::ESTALE)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{FileTypeExt, symlink};
    use std::os::unix::net::UnixListener;

    use super::*;
    use crate::exchange::place::{Found, Kind, Writer};
    use crate::exchange::testing::{as_nobody, mode, open_to_all};

    #[test]
    fn a_name_that_is_no_regular_file_is_named_and_left_alone() {
        let temp = tempfile::tempdir().unwrap();
        let path = |name| temp.path().join(name);
        let secret = tempfile::NamedTempFile::new().unwrap();
        fs::create_dir(path("directory")).unwrap();
        symlink(secret.path(), path("link")).unwrap();
        symlink("nowhere", path("dangling")).unwrap();
        rustix::fs::mknodat(
            rustix::fs::CWD,
            path("fifo"),
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
            0,
        )
        .unwrap();
        let _listener = UnixListener::bind(path("socket")).unwrap();
        let folder = LocalFolder::new(temp.path());
        for (name, kind) in [
            ("directory", Kind::Directory),
            ("link", Kind::SymbolicLink),
            ("dangling", Kind::SymbolicLink),
            ("fifo", Kind::Fifo),
            ("socket", Kind::Socket),
        ] {
            assert_eq!(folder.look(name).found(), Found::NotAFile(kind), "{name}");
        }
        assert!(fs::symlink_metadata(path("fifo")).unwrap().file_type().is_fifo());
        assert_eq!(LocalFolder::new("/dev").look("null").found(), Found::NotAFile(Kind::Device));
        assert_eq!(folder.look("customers.txt").found(), Found::Absent);
    }

    #[test]
    fn a_missing_folder_is_not_a_missing_file() {
        let folder = LocalFolder::new("/nowhere/at/all");
        assert!(matches!(folder.look("customers.txt"), Look::NoFolder(_)));
        assert!(folder.list(&|_| true).is_err());
        let temp = tempfile::NamedTempFile::new().unwrap();
        assert!(matches!(LocalFolder::new(temp.path()).look("customers.txt"), Look::NoFolder(_)), "a file");
    }

    #[test]
    fn a_file_without_read_permission_is_unreadable() {
        let temp = tempfile::tempdir().unwrap();
        open_to_all(temp.path());
        let file = temp.path().join("customers.txt");
        fs::write(&file, "x").unwrap();
        mode(&file, 0o000);
        let look = as_nobody(|| LocalFolder::new(temp.path()).look("customers.txt").found());
        assert!(matches!(&look, Found::Unreadable(why) if why.contains("Permission denied")), "{look:?}");
    }

    #[test]
    fn a_sighting_follows_what_happens_to_the_file() {
        let temp = tempfile::tempdir().unwrap();
        let folder = LocalFolder::new(temp.path());
        let path = temp.path().join("customers.txt");
        fs::write(&path, "number;name\n").unwrap();
        let Look::Seen(first, file) = folder.look("customers.txt") else { panic!() };
        assert_eq!((first.size, first.writer.clone()), (12, Writer::None));
        let mut buffer = [0; 64];
        assert_eq!(file.read_at(7, &mut buffer).unwrap(), 5);
        assert_eq!(&buffer[..5], b"name\n");
        assert_eq!(file.read_at(12, &mut buffer).unwrap(), 0);

        fs::write(temp.path().join("new"), "other").unwrap();
        rustix::fs::rename(temp.path().join("new"), &path).unwrap();
        let Look::Seen(second, _) = folder.look("customers.txt") else { panic!() };
        assert_ne!(second.inode, first.inode);
        assert_eq!(file.sight().unwrap().inode, first.inode, "the open file stays the same file");
    }

    #[test]
    fn names_come_oldest_first_then_by_name() {
        let temp = tempfile::tempdir().unwrap();
        for (name, age) in [("b.txt", 10), ("a.txt", 10), ("c.txt", 20), ("d.txt", 5), ("e.csv", 50)] {
            let file = File::create(temp.path().join(name)).unwrap();
            let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000 - age);
            file.set_modified(time).unwrap();
        }
        use std::os::unix::ffi::OsStrExt;
        File::create(temp.path().join(std::ffi::OsStr::from_bytes(b"kunder-\xD8.txt"))).unwrap();
        let listing = LocalFolder::new(temp.path()).list(&|name| name.ends_with(".txt")).unwrap();
        assert_eq!(listing.names, ["c.txt", "a.txt", "b.txt", "d.txt"]);
        assert_eq!(listing.undecodable, ["kunder-\u{FFFD}.txt"]);
    }

    #[test]
    fn only_the_file_that_is_meant_is_removed() {
        let temp = tempfile::tempdir().unwrap();
        let folder = LocalFolder::new(temp.path());
        let path = temp.path().join(".customers.txt.7");
        fs::write(&path, "x").unwrap();
        let Look::Seen(seen, _) = folder.look(".customers.txt.7") else { panic!() };
        fs::OpenOptions::new()
            .append(true)
            .open(&path)
            .and_then(|mut f| io::Write::write_all(&mut f, b"y"))
            .unwrap();
        assert!(matches!(folder.remove(".customers.txt.7", &seen), Err(RemoveError::Changed { .. })));
        assert!(path.exists());
        let Look::Seen(seen, _) = folder.look(".customers.txt.7") else { panic!() };
        let writer = fs::OpenOptions::new().append(true).open(&path).unwrap();
        assert!(matches!(folder.remove(".customers.txt.7", &seen), Err(RemoveError::InUse { .. })));
        drop(writer);
        assert_eq!(folder.remove(".customers.txt.7", &seen).unwrap(), Removal::Removed);
        assert!(!path.exists());
        assert_eq!(folder.remove(".customers.txt.7", &seen).unwrap(), Removal::Absent);
    }

    #[test]
    fn a_name_swapped_between_looks_never_leads_out_of_the_folder() {
        let temp = tempfile::tempdir().unwrap();
        let outside = tempfile::tempdir().unwrap();
        let (name, other) = (temp.path().join("customers.txt"), temp.path().join("other"));
        fs::write(&name, "inside").unwrap();
        let secret = outside.path().join("secret");
        fs::write(&secret, "the secret of another").unwrap();
        symlink(&secret, &other).unwrap();
        let stop = std::sync::atomic::AtomicBool::new(false);
        /// Ends the other thread even if an assertion fails.
        struct Stop<'a>(&'a std::sync::atomic::AtomicBool);
        impl Drop for Stop<'_> {
            fn drop(&mut self) {
                self.0.store(true, std::sync::atomic::Ordering::Relaxed);
            }
        }
        let folder = LocalFolder::new(temp.path());
        let mut seen = 0;
        std::thread::scope(|scope| {
            scope.spawn(|| {
                use rustix::fs::{CWD, RenameFlags, renameat_with};
                while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                    renameat_with(CWD, &name, CWD, &other, RenameFlags::EXCHANGE).unwrap();
                }
            });
            let _stop = Stop(&stop);
            for _ in 0..5_000 {
                match folder.look("customers.txt") {
                    Look::Seen(sighting, _) => {
                        assert_eq!(sighting.size, 6);
                        seen += 1;
                    }
                    Look::NotAFile(Kind::SymbolicLink) => {}
                    other => panic!("{other:?}"),
                }
            }
        });
        assert!(seen > 0);
    }
}
