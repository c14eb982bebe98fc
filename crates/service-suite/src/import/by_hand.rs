//! Taking a file that a person names: the file itself is only read, and its private copy goes the same way as any other.

use std::path::{Path, PathBuf};

use erpfile::Problem;
use register::Register;
use register::db::DbError;
use register::imports::{self, Import, NewImport, State, Step};
use register::settings::StoredFormat;

use super::Later;
use super::apply::refuse;
use super::claimed::{new_entry, proof_item};
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
    /// Where it lies.
    pub(crate) path: &'a Path,
    /// What it is called, for people.
    pub(crate) file: &'a str,
    /// Who wants it.
    pub(crate) by: &'a str,
}

/// Who starts an import from the command line: it lasts no longer than the command.
pub(crate) const COMMAND_LINE: &str = "command line";

/// Imports a file while the caller waits: its turn comes first, then everything that was taken before it, then itself.
/// When it cannot be done now, it is not done later behind the caller's back.
///
/// # Errors
/// [`Later`] when it cannot be done now; nothing was imported then.
pub(crate) fn import_now(app: &App, given: &ByHand<'_>, watch: &dyn Watch) -> Result<Import, Later> {
    let _turn = super::turn(app, given.register.name, 0, watch)?;
    let older = app.db.read(imports::unfinished)?;
    for entry in older.iter().filter(|entry| entry.register == given.register.name) {
        if was_abandoned(entry) {
            refuse(app, entry, &abandoned(&entry.file))?;
        } else if matches!(entry.step, Step::Claimed | Step::Spooled) && entry.state != State::Held {
            super::run(app, entry.id, watch).map_err(|later| match later {
                Later::Failing(why) => Later::Failing(format!(
                    "import {} was taken before and cannot be done now: {why}",
                    entry.id
                )),
                Later::Stopping => Later::Stopping,
            })?;
        }
    }
    let id = take_by_hand(app, given, watch)?;
    let done = super::run(app, id, watch);
    if let Err(later) = &done {
        let entry = super::find(app, id)?;
        if entry.step < Step::Committed {
            let problem = match later {
                Later::Failing(why) => failed(&entry.file, why),
                Later::Stopping => abandoned(&entry.file),
            };
            refuse(app, &entry, &problem)?;
        }
    }
    let entry = done?.ok_or_else(|| Later::Failing("the import is no longer in the ledger".to_owned()))?;
    match super::put_away::put_away(app, &super::find(app, id)?, watch) {
        Ok(()) => Ok(super::find(app, id)?),
        Err(later) => {
            tracing::warn!(
                import = id,
                "the import is done; its file is archived by the next serve: {later}"
            );
            Ok(entry)
        }
    }
}

/// Whether an import was begun by a command that ended before the import was done.
pub(super) fn was_abandoned(entry: &Import) -> bool {
    // Whoever asks has the register's turn, and the command keeps that for as long as it lives.
    entry.automation.is_none() && entry.started_by == COMMAND_LINE && entry.step < Step::Committed
}

/// What is said of an import that could not be done while its command waited.
fn failed(file: &str, why: &str) -> Problem {
    Problem::new(
        "failed",
        format!("{file} could not be imported: {why}. Nothing of it was imported."),
        "Mend what is said, and import the file again.",
    )
}

/// What is said of an import whose command ended before it was done.
pub(super) fn abandoned(file: &str) -> Problem {
    Problem::new(
        "abandoned",
        format!(
            "The command that imported {file} ended before the import was done. Nothing of it was imported."
        ),
        "Import the file again.",
    )
}

/// Copies the file into the spool under a new entry of the ledger; gives the import's id.
///
/// # Errors
/// [`Later`] when the file cannot be read or copied; nothing was taken then.
pub(crate) fn take_by_hand(app: &App, given: &ByHand<'_>, watch: &dyn Watch) -> Result<i64, Later> {
    let (place, name, sighting) = open(given.path)?;
    let spool = app.folder.spool();
    // Until the ledger knows of it, the copy has a number that no import has.
    let unborn = -i64::from(app.chance() as u32) - 1;
    let (file, check) = copy(place.as_ref(), &name, &sighting, &spool, unborn, watch)?;
    let new = NewImport {
        step: Step::Spooled,
        ..new_entry(app, given.register, given.file, given.by, given.format, &sighting)
    };
    let spooled = imports::Spooled {
        sha256: file.sha256().to_owned(),
        size: file.len(),
        modified_at: sighting.modified.timestamp(),
        proof: vec![proof_item(&check)],
    };
    let taken = app.db.write(|c| {
        let id = imports::begin(c, &new)?;
        imports::set_spooled(c, id, &spooled)?;
        // Before the commit: an entry whose copy is missing would be a lost file, a copy without entry is a leftover.
        spool::rename(&spool, unborn, id).map_err(|error| DbError::Invalid(error.to_string()))?;
        Ok::<_, DbError>(id)
    });
    if taken.is_err() {
        // What stays behind is removed at the next start.
        let _ = spool::discard(&spool, unborn);
    }
    Ok(taken?)
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
    Ok(CheckCopy { file, _folder: folder })
}

/// See [`spool_for_check`].
pub(crate) struct CheckCopy {
    /// The copy.
    pub(crate) file: SpoolFile,
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
