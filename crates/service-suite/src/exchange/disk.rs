//! The program's own files: private copies, archived and refused deliveries, reports. Whatever is found under the name
//! of one is whole and durable, also after a crash or a power cut, since it only gets its name then.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::os;

/// A file in the making, readable by this user alone. Dropped before it has its name, it leaves nothing behind.
#[derive(Debug)]
pub(super) struct Draft {
    file: File,
    partial: Partial,
}

impl Draft {
    /// Begins a file under the name `partial` of a folder, in place of whatever an earlier try has left there.
    pub(super) fn create(folder: &Path, partial: &str) -> io::Result<Self> {
        let path = folder.join(partial);
        remove(&path)?;
        #[cfg(test)]
        trial::before(&trial::Call::Create(&path))?;
        let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&path)?;
        Ok(Self { file, partial: Partial { folder: folder.to_owned(), name: Some(partial.to_owned()) } })
    }

    /// The same, locked, which tells whoever cleans up that it is in use for as long as this process has it open. Who cleans
    /// up between the creation and the lock has removed it: then it is created again.
    pub(super) fn create_locked(folder: &Path, partial: &str) -> io::Result<Self> {
        loop {
            let draft = Self::create(folder, partial)?;
            draft.file.lock()?;
            let created = draft.file.metadata()?;
            match fs::symlink_metadata(folder.join(partial)) {
                Ok(there) if (there.dev(), there.ino()) == (created.dev(), created.ino()) => {
                    return Ok(draft);
                }
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
    }

    /// The open file.
    pub(super) fn file(&self) -> &File {
        &self.file
    }

    /// Makes the bytes durable. It takes the draft because nobody may ask twice: after a failed fsync a second one may
    /// succeed without the data.
    pub(super) fn make_durable(self) -> io::Result<Durable> {
        sync(&self.file)?;
        Ok(Durable { file: self.file, partial: self.partial })
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        #[cfg(test)]
        trial::before(&trial::Call::Write)?;
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// A file whose bytes are durable and that has no name yet. Dropped, it leaves nothing behind.
#[derive(Debug)]
pub(super) struct Durable {
    file: File,
    partial: Partial,
}

impl Durable {
    /// The open file.
    pub(super) fn file(&self) -> &File {
        &self.file
    }

    /// Gives the file its name, durably, and never in place of another.
    pub(super) fn name(mut self, name: &str) -> io::Result<File> {
        let dir = os::open_folder(&self.partial.folder)?;
        if let Some(partial) = &self.partial.name {
            rename((&dir, partial), (&dir, name))?;
        }
        self.partial.name = Some(name.to_owned());
        // Should this fail, nobody knows whether the name lasts: it goes, and the next try begins anew.
        sync_folder(&dir)?;
        self.partial.name = None;
        Ok(self.file)
    }

    /// The same in place of an older file of this program's own, which is there until this one is.
    pub(super) fn replace(mut self, name: &str) -> io::Result<File> {
        let dir = os::open_folder(&self.partial.folder)?;
        if let Some(partial) = &self.partial.name {
            #[cfg(test)]
            trial::before(&trial::Call::Rename { from: (&dir, partial), to: (&dir, name) })?;
            rustix::fs::renameat(&dir, partial, &dir, name)?;
        }
        // Should the next call fail, the name is that of one of the two; without it there would be neither.
        self.partial.name = None;
        sync_folder(&dir)?;
        Ok(self.file)
    }
}

/// Removes an unfinished file when it is dropped.
#[derive(Debug)]
struct Partial {
    folder: PathBuf,
    /// `None` once the file is finished.
    name: Option<String>,
}

impl Drop for Partial {
    fn drop(&mut self) {
        if let Some(name) = &self.name {
            // If even this fails, the next try or the clean-up at start removes it.
            let _ = remove(&self.folder.join(name));
        }
    }
}

/// Opens a finished file for reading; `None` if there is none. Anything else that somebody has put in its place, such as
/// a symbolic link or a FIFO, is an error and stays untouched.
pub(super) fn open(path: &Path) -> io::Result<Option<File>> {
    #[cfg(test)]
    trial::before(&trial::Call::Open(path))?;
    let name = path.file_name().and_then(OsStr::to_str);
    let (Some(folder), Some(name)) = (path.parent(), name) else {
        return Err(io::ErrorKind::InvalidFilename.into());
    };
    match os::open_folder(folder).and_then(|folder| os::open_beneath(folder, name)) {
        Ok(os::Opened::File(file)) => Ok(Some(file)),
        Ok(os::Opened::Other(kind)) => Err(io::Error::other(format!("in its place there is {kind}"))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Reads at a byte offset; 0 at the end of the file. May give less than asked for.
pub(super) fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    #[cfg(test)]
    trial::before(&trial::Call::Read)?;
    loop {
        match file.read_at(buffer, offset) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            read => return read,
        }
    }
}

/// Renames a finished file, never in place of another; not yet durable.
pub(super) fn rename(from: (&OwnedFd, &str), to: (&OwnedFd, &str)) -> io::Result<()> {
    #[cfg(test)]
    trial::before(&trial::Call::Rename { from, to })?;
    os::rename_no_replace(from, to)
}

/// Removes a file. Finding nothing is success.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    #[cfg(test)]
    trial::before(&trial::Call::Remove(path))?;
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Makes the name of a file or folder durable.
pub(crate) fn make_name_durable(path: &Path) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if folder.as_os_str().is_empty() => Path::new("."),
        Some(folder) => folder,
        None => Path::new("/"),
    };
    sync_folder(&os::open_folder(folder)?)
}

/// Makes the names of a folder durable.
pub(super) fn sync_folder(folder: &OwnedFd) -> io::Result<()> {
    #[cfg(test)]
    trial::before(&trial::Call::SyncFolder(folder))?;
    os::sync_folder(folder)
}

fn sync(file: &File) -> io::Result<()> {
    #[cfg(test)]
    trial::before(&trial::Call::Sync(file))?;
    file.sync_all()
}

/// What tests do to the disk: they are asked before every call, and may let it fail or end the program there.
#[cfg(test)]
pub(crate) mod trial {
    use std::cell::RefCell;
    use std::fs::File;
    use std::io;
    use std::os::fd::OwnedFd;
    use std::path::Path;
    use std::rc::Rc;

    /// A call that is about to be made.
    pub(crate) enum Call<'a> {
        Create(&'a Path),
        Open(&'a Path),
        Read,
        Write,
        Sync(&'a File),
        Rename { from: (&'a OwnedFd, &'a str), to: (&'a OwnedFd, &'a str) },
        SyncFolder(&'a OwnedFd),
        Remove(&'a Path),
    }

    /// Says of each call whether it fails.
    pub(crate) type Trial = Rc<dyn Fn(&Call<'_>) -> io::Result<()>>;

    thread_local! {
        static TRIAL: RefCell<Option<Trial>> = const { RefCell::new(None) };
    }

    /// From now on `trial` is asked before each call of this thread; `None` ends that.
    pub(crate) fn set(trial: Option<Trial>) {
        TRIAL.with(|current| *current.borrow_mut() = trial);
    }

    pub(super) fn before(call: &Call<'_>) -> io::Result<()> {
        let trial = TRIAL.with(|current| current.borrow().clone());
        trial.map_or(Ok(()), |trial| trial(call))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Makes the calls of one kind fail that come after so many others of that kind.
    fn failing(is_kind: fn(&trial::Call<'_>) -> bool, after: u32) {
        let left = std::cell::Cell::new(after);
        trial::set(Some(std::rc::Rc::new(move |call: &trial::Call<'_>| {
            if !is_kind(call) {
                return Ok(());
            }
            let failing = left.get() == 0;
            left.set(left.get().wrapping_sub(1));
            if failing { Err(io::Error::from_raw_os_error(libc::EIO)) } else { Ok(()) }
        })));
    }

    fn write(folder: &Path, replacing: bool) -> io::Result<File> {
        let mut draft = Draft::create(folder, "17.partial")?;
        draft.write_all(b"new")?;
        let durable = draft.make_durable()?;
        if replacing { durable.replace("17") } else { durable.name("17") }
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_file_that_did_not_become_durable_is_gone_and_the_next_try_begins_anew() {
        type Kind = fn(&trial::Call<'_>) -> bool;
        let kinds: [Kind; 5] = [
            |call| matches!(call, trial::Call::Create(_)),
            |call| matches!(call, trial::Call::Write),
            |call| matches!(call, trial::Call::Sync(_)),
            |call| matches!(call, trial::Call::Rename { .. }),
            |call| matches!(call, trial::Call::SyncFolder(_)),
        ];
        for kind in kinds {
            let folder = tempfile::tempdir().unwrap();
            failing(kind, 0);
            write(folder.path(), false).unwrap_err();
            trial::set(None);
            assert!(names(folder.path()).is_empty(), "{:?}", names(folder.path()));
            write(folder.path(), false).unwrap();
            assert_eq!(names(folder.path()), ["17"]);
        }
    }

    #[test]
    fn what_is_to_be_replaced_is_there_until_the_other_one_is() {
        type Kind = fn(&trial::Call<'_>) -> bool;
        let kinds: [(Kind, &[u8]); 5] = [
            (|call| matches!(call, trial::Call::Create(_)), b"old"),
            (|call| matches!(call, trial::Call::Write), b"old"),
            (|call| matches!(call, trial::Call::Sync(_)), b"old"),
            (|call| matches!(call, trial::Call::Rename { .. }), b"old"),
            (|call| matches!(call, trial::Call::SyncFolder(_)), b"new"),
        ];
        for (kind, left) in kinds {
            let folder = tempfile::tempdir().unwrap();
            fs::write(folder.path().join("17"), "old").unwrap();
            failing(kind, 0);
            write(folder.path(), true).unwrap_err();
            trial::set(None);
            assert_eq!(names(folder.path()), ["17"]);
            assert_eq!(fs::read(folder.path().join("17")).unwrap(), left);
        }
    }

    #[test]
    fn only_a_file_of_the_same_kind_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("17"), "old").unwrap();
        assert_eq!(write(folder.path(), false).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(folder.path().join("17")).unwrap(), b"old");
        write(folder.path(), true).unwrap();
        assert_eq!(fs::read(folder.path().join("17")).unwrap(), b"new");
        assert_eq!(names(folder.path()), ["17"]);
    }
}
