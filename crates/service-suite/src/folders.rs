//! The data folder: what lies where, who may look into it, and which program has it.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};

use crate::exchange::disk;

/// The data folder of one installation. Everything in it is private to the user who runs the program (mode 0700).
#[derive(Clone, Debug)]
pub(crate) struct DataFolder(PathBuf);

impl DataFolder {
    /// Creates the folder and its rooms where they are missing, and makes it private. A `database` outside the folder
    /// belongs to the first data folder that uses it, since ledger and spool must not part.
    ///
    /// # Errors
    /// When the folder cannot be created or written to, or the database belongs to another data folder.
    pub(crate) fn open(path: &Path, database: &Path) -> anyhow::Result<DataFolder> {
        let folder = DataFolder(path.to_owned());
        let ours = path.join("locks").is_dir()
            || std::fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none());
        if ours {
            make_private(path)
                .with_context(|| format!("the data folder {} cannot be made private", path.display()))?;
        }
        for room in [path.to_owned(), folder.spool(), folder.locks(), folder.uploads(), folder.scratch().0] {
            create_private(&room)
                .with_context(|| format!("the data folder {} cannot be used", room.display()))?;
        }
        if !database.starts_with(path) {
            folder.claim_database(database)?;
        }
        Ok(folder)
    }

    fn claim_database(&self, database: &Path) -> anyhow::Result<()> {
        let mut mark = database.as_os_str().to_owned();
        mark.push(".data-folder");
        let mark = PathBuf::from(mark);
        match std::fs::read_to_string(&mark) {
            Ok(owner) if Path::new(owner.trim()) == self.0 => Ok(()),
            Ok(owner) => bail!(
                "the database {} belongs to the data folder {}; use that one, or another database. If the data folder \
                 was moved, correct {}",
                database.display(),
                owner.trim(),
                mark.display()
            ),
            Err(_) => crate::secrets::write_private(&mark, &self.0.display().to_string())
                .with_context(|| format!("{} cannot be written", mark.display())),
        }
    }

    /// The folder itself, absolute.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// The private copies that are read, one file per import.
    pub(crate) fn spool(&self) -> PathBuf {
        DataFolder::spool_in(&self.0)
    }

    /// The same of the data folder at this path.
    pub(crate) fn spool_in(data: &Path) -> PathBuf {
        data.join("spool")
    }

    /// Files uploaded in the browser that no import has taken yet.
    pub(crate) fn uploads(&self) -> PathBuf {
        self.0.join("uploads")
    }

    /// Files that a comparison works with; they have no names and go with the process.
    pub(crate) fn scratch(&self) -> ScratchFolder {
        DataFolder::scratch_in(&self.0)
    }

    /// The same of the data folder at this path.
    pub(crate) fn scratch_in(data: &Path) -> ScratchFolder {
        ScratchFolder(data.join("scratch"))
    }

    fn locks(&self) -> PathBuf {
        self.0.join("locks")
    }

    /// The file in which `serve` says under which address its pages are.
    pub(crate) fn address(&self) -> PathBuf {
        self.0.join("address")
    }

    /// The file that holds the one-time set-up link until the first administrator exists.
    pub(crate) fn set_up_link(&self) -> PathBuf {
        self.0.join("set-up-link")
    }

    /// The file that marks a data folder as the demo's.
    pub(crate) fn demo_mark(&self) -> PathBuf {
        self.0.join("demo")
    }

    /// Makes this process the one `serve` of the data folder until the file is dropped or the process ends, however.
    ///
    /// # Errors
    /// When another `serve` has it.
    pub(crate) fn lock_serve(&self) -> anyhow::Result<File> {
        let file = self.lock_file("serve")?;
        let mut tries = 0;
        let locked = loop {
            tries += 1;
            match file.try_lock() {
                // Somebody may only be asking whether a `serve` runs, which takes a moment.
                Err(TryLockError::WouldBlock) if tries < 20 => std::thread::sleep(Duration::from_millis(20)),
                locked => break locked,
            }
        };
        match locked {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => bail!(
                "another service-suite serve is already running on the data folder {}; stop it first, or name \
                 another folder with --data",
                self.0.display()
            ),
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("the data folder {} cannot be locked", self.0.display()))
            }
        }
    }

    /// Whether a `serve` runs on this data folder now.
    pub(crate) fn is_served(&self) -> anyhow::Result<bool> {
        Ok(matches!(self.lock_file("serve")?.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }

    /// Makes this the one process that imports into `register` until the file is dropped; `None` while another is.
    ///
    /// # Errors
    /// When the lock file cannot be opened or locked.
    pub(crate) fn try_lock_register(&self, register: &str) -> std::io::Result<Option<File>> {
        self.try_lock(register)
    }

    /// Makes this the one thread of one process that takes files for `register` from where they lie into the spool, until
    /// the file is dropped; `None` while another is.
    ///
    /// # Errors
    /// When the lock file cannot be opened or locked.
    pub(crate) fn try_lock_copies(&self, register: &str) -> std::io::Result<Option<File>> {
        self.try_lock(&format!("{register}-copies"))
    }

    fn try_lock(&self, name: &str) -> std::io::Result<Option<File>> {
        let file = self.lock_file(name)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    fn lock_file(&self, name: &str) -> std::io::Result<File> {
        OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(self.locks().join(format!("{name}.lock")))
    }
}

/// Where comparisons keep their working files.
#[derive(Clone, Debug)]
pub(crate) struct ScratchFolder(PathBuf);

impl register::compare::Scratch for ScratchFolder {
    fn file(&self) -> std::io::Result<File> {
        tempfile::tempfile_in(&self.0)
    }
}

/// A folder that somebody made for us is ours from now on, and nobody else looks into it.
fn make_private(path: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

/// Creates a folder and its parents, durably; the folder itself is readable by this user alone.
pub(crate) fn create_private(path: &Path) -> std::io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let made: Vec<&Path> = path.ancestors().take_while(|folder| !folder.is_dir()).collect();
    builder.create(path)?;
    made.into_iter().rev().try_for_each(disk::make_name_durable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_outside_belongs_to_one_data_folder() {
        let parent = tempfile::tempdir().unwrap();
        let (database, one, two) =
            (parent.path().join("x.db"), parent.path().join("one"), parent.path().join("two"));
        DataFolder::open(&one, &database).unwrap();
        DataFolder::open(&one, &database).unwrap();
        let refused = DataFolder::open(&two, &database).unwrap_err().to_string();
        assert!(refused.contains("belongs to the data folder"), "{refused}");
    }

    #[test]
    fn only_one_serve_has_a_data_folder_and_only_its_user_can_look_into_it() {
        let parent = tempfile::tempdir().unwrap();
        std::fs::create_dir(parent.path().join("data")).unwrap();
        let folder = DataFolder::open(&parent.path().join("data"), &parent.path().join("data/x.db")).unwrap();
        assert!(!folder.is_served().unwrap());
        let serve = folder.lock_serve().unwrap();
        assert!(folder.is_served().unwrap());
        assert!(folder.lock_serve().unwrap_err().to_string().contains("already running"));
        drop(serve);
        folder.lock_serve().unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(folder.path()).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o700);
        }
    }
}
