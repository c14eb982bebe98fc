//! Taking a file that a person names: the file itself is only read, and its private copy goes the same way as any other.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use register::Register;
use register::db::{Conn, DbError};
use register::imports::{self, NewImport, ProofItem, Step};
use register::settings::StoredFormat;

use super::Later;
use super::complete::proof_item;
use super::take::new_entry;
use super::watch::{Stage, Watch};
use crate::app::App;
use crate::exchange::place::{self, Look, Place, Sighting};
use crate::exchange::spool::{self, SpoolError, SpoolFile};

/// A file that a person wants imported.
pub(crate) struct ByHand<'a> {
    /// The register that it is for.
    pub(crate) register: &'static Register,
    /// The format that it is read with.
    pub(crate) format: &'a StoredFormat,
    /// Whether only some of the records are in it, whatever the format says.
    pub(crate) changes_only: bool,
    /// Where it lies.
    pub(crate) path: &'a Path,
    /// What it is called, for people.
    pub(crate) file: &'a str,
    /// Who wants it.
    pub(crate) by: &'a str,
}

/// Copies the file into the spool under a new entry of the ledger; gives the import's id.
///
/// # Errors
/// [`Later`] when the file cannot be read or copied; nothing was taken then.
pub(crate) fn take_by_hand(app: &App, given: &ByHand<'_>, watch: &dyn Watch) -> Result<i64, Later> {
    let entry = |_: &Conn, _: &SpoolFile, seen: &Sighting| {
        let new = new_entry(app, given.register, given.file, given.by, given.format, seen);
        Ok((NewImport { changes_only: given.changes_only, ..new }, Vec::new()))
    };
    take(app, given.path, entry, watch)
}

/// Copies a file into the spool under the new entry that `entry` gives, with what proves its completeness beside the
/// copying. `entry` is asked once the copy is made, in the transaction that begins the import; it may refuse.
pub(super) fn take<E: From<Later> + From<DbError>>(
    app: &App,
    path: &Path,
    entry: impl FnOnce(&Conn, &SpoolFile, &Sighting) -> Result<(NewImport, Vec<ProofItem>), E>,
    watch: &dyn Watch,
) -> Result<i64, E> {
    let (place, name, sighting) = open(path)?;
    let spool = app.folder.spool();
    // Until the ledger knows of it, the copy has a number that no import has.
    let unborn = -i64::from(app.chance() as u32) - 1;
    let (file, check) = copy(place.as_ref(), &name, &sighting, &spool, unborn, watch)?;
    let taken = app.db.write(|c| {
        let (new, mut proof) = entry(c, &file, &sighting)?;
        proof.push(proof_item(&check));
        let id = imports::begin(c, &NewImport { step: Step::Spooled, ..new })?;
        let (sha256, size) = (file.sha256().to_owned(), file.len());
        imports::set_spooled(c, id, &imports::Spooled { sha256, size, modified_at: None, proof })?;
        // Before the commit: an entry whose copy is missing would be a lost file, a copy without entry is a leftover.
        spool::rename(&spool, unborn, id).map_err(|error| DbError::Invalid(error.to_string()))?;
        Ok(id)
    });
    if taken.is_err() {
        // What stays behind is removed at the next start.
        let _ = spool::discard(&spool, unborn);
    }
    taken
}

/// A private copy of a file for looking at what it would do; it goes when it is dropped.
///
/// # Errors
/// [`Later`] when the file cannot be read or copied.
pub(crate) fn spool_for_check(app: &App, path: &Path, watch: &dyn Watch) -> Result<CheckCopy, Later> {
    let (place, name, sighting) = open(path)?;
    let folder = tempfile::tempdir_in(app.folder.uploads())
        .map_err(|error| Later::failing("the data folder cannot be written to", error))?;
    let (file, _) = copy(place.as_ref(), &name, &sighting, folder.path(), 0, watch)?;
    Ok(CheckCopy { file, modified_at: sighting.modified.timestamp(), _folder: folder })
}

/// See [`spool_for_check`].
pub(crate) struct CheckCopy {
    /// The copy.
    pub(crate) file: SpoolFile,
    /// When the file was last modified, by its own account.
    pub(crate) modified_at: Option<Timestamp>,
    _folder: tempfile::TempDir,
}

/// A person may name a file by a symbolic link; what counts is the file that it leads to.
fn open(path: &Path) -> Result<(std::sync::Arc<dyn Place>, String, Sighting), Later> {
    let named = path.display();
    let real: PathBuf =
        path.canonicalize().map_err(|error| Later::failing(&format!("{named} cannot be read"), error))?;
    let parts = real.parent().and_then(Path::to_str).zip(real.file_name().and_then(|name| name.to_str()));
    let Some((folder, name)) = parts else {
        return Err(Later::Failing(format!("{named} is no file with a readable name")));
    };
    let Some(place) = place::place(folder) else {
        return Err(Later::Failing(format!("{folder} is no folder that this version can use")));
    };
    match place.look(name) {
        Look::Seen(sighting, _) => Ok((place, name.to_owned(), sighting)),
        Look::Absent => Err(Later::Failing(format!("there is no file {named}"))),
        Look::NotAFile(kind) => Err(Later::Failing(format!("{named} is {kind}, not a file"))),
        Look::Busy(error) | Look::Unreadable(error) | Look::NoFolder(error) => {
            Err(Later::failing(&format!("{named} cannot be read"), error))
        }
    }
}

fn copy(
    place: &dyn Place,
    name: &str,
    sighting: &Sighting,
    folder: &Path,
    id: i64,
    watch: &dyn Watch,
) -> Result<(SpoolFile, crate::exchange::check::Check), Later> {
    let mut progress = |done, total| watch.tell(id, Stage::Copying(done, total));
    spool::copy(place, name, sighting, folder, id, &mut progress).map_err(|error| match error {
        SpoolError::Cancelled => Later::Stopping,
        SpoolError::Changed { .. } => {
            Later::Failing(format!("{error}; wait until the program that writes it has finished"))
        }
        error => Later::Failing(error.to_string()),
    })
}
