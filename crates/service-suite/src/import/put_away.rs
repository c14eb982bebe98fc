//! The last steps of a delivery: its bytes go to the archive or the refused folder, durable and verified, and only then
//! is the source removed.

use std::path::{Path, PathBuf};

use register::db::DbError;
use register::imports::{self, Import, ProblemFilter, State, Step};
use register::settings::AfterImport;

use super::identity::Identity;
use super::source::Source;
use super::watch::{Stage, Watch};
use super::{Later, kept_folder};
use crate::app::{App, Effective};
use crate::exchange::archive::{self, ArchiveError, Delivery};
use crate::exchange::disk;
use crate::exchange::spool::SpoolFile;

/// Problems that the report beside a refused file lists.
const REPORTED: u32 = 1000;

/// Puts a delivery away whose outcome is in the ledger.
pub(super) fn put_away(app: &App, entry: &Import, watch: &dyn Watch) -> Result<(), Later> {
    watch.stage(entry.id, Stage::PuttingAway);
    let settings = app.settings().map_err(|error| Later::Failing(format!("{error:#}")))?;
    let identity = Identity::of_entry(app.folder.path(), entry);
    // A file of the exchange folder that was not claimed stays where it is: `after-import = "leave"`.
    let claimed = identity.as_ref().filter(|identity| identity.claimed);
    let source = claimed.and_then(|identity| Source::of(app, entry, identity));
    let leave = identity.is_some() && claimed.is_none();
    let removable = match keep(app, entry, &settings, leave, source.as_ref())? {
        Kept::At(path) => {
            app.db.write(|c| imports::set_kept_path(c, entry.id, Some(&as_noted(app, &path))))?;
            true
        }
        Kept::NotAsked => true,
        Kept::Damaged(path) => {
            app.db.write(|c| imports::set_kept_path(c, entry.id, Some(&as_noted(app, &path))))?;
            false
        }
        Kept::NoCopy => {
            app.db.write(|c| imports::set_kept_in(c, entry.id, None))?;
            false
        }
    };
    watch.stage(entry.id, Stage::Removing);
    match source {
        Some(source) if removable => source.remove()?,
        Some(source) => source.leave()?,
        None => {}
    }
    Ok(app.db.write(|c| imports::set_step(c, entry.id, Step::Finished))?)
}

/// A path as the ledger has it: inside the data folder without that, so that the data folder can be moved.
fn as_noted(app: &App, path: &Path) -> String {
    path.strip_prefix(app.folder.path()).unwrap_or(path).display().to_string()
}

/// What became of a delivery's bytes.
enum Kept {
    /// They lie here, durable and verified.
    At(PathBuf),
    /// Nobody wants them kept.
    NotAsked,
    /// The only copy there is was damaged; what is left of it lies here.
    Damaged(PathBuf),
    /// They should be kept, and there is no copy of them.
    NoCopy,
}

/// Brings the spool file to where it is kept. Only what is kept, or was not to be kept, may be removed.
fn keep(
    app: &App,
    entry: &Import,
    settings: &Effective,
    leave: bool,
    source: Option<&Source<'_>>,
) -> Result<Kept, Later> {
    let refused = matches!(entry.state, State::Refused | State::Superseded);
    let sha256 = entry.sha256.clone().unwrap_or_default();
    let spool = SpoolFile::open(&app.folder.spool(), entry.id, sha256.clone())
        .map_err(|error| Later::failing("the private copy of the file cannot be opened", error))?;
    let delivery = Delivery { name: &entry.file, import_id: entry.id, at: entry.started_at };
    let failing = |error: archive::ArchiveError| Later::Failing(error.to_string());
    // An earlier try may have brought it to where it was to go then, whatever the settings say now.
    let noted = entry.kept_in.as_deref().map(|folder| app.folder.path().join(folder));
    let there = match noted.as_deref().map(|folder| archive::archived(folder, delivery, &sha256)) {
        Some(Ok(found)) => found.is_some(),
        Some(Err(error)) if spool.is_none() => return Err(failing(error)),
        Some(Err(_)) | None => false,
    };
    if !there && !refused && (leave || settings.after_import() == AfterImport::Delete) {
        if let Some(spool) = spool {
            disk::remove(spool.path())
                .map_err(|error| Later::failing("the private copy of the file cannot be removed", error))?;
        }
        return Ok(Kept::NotAsked);
    }
    let folder = match (&noted, refused) {
        (Some(noted), _) if there => noted,
        (_, true) => &settings.refused,
        (_, false) => &settings.archive,
    };
    kept_folder::ready(app, folder).map_err(Later::Failing)?;
    let bring = |spool: &SpoolFile| {
        if noted.as_ref() != Some(folder) {
            app.db.write(|c| imports::set_kept_in(c, entry.id, Some(&as_noted(app, folder))))?;
        }
        archive::archive(spool, folder, delivery).map_err(BringError::Archive)
    };
    let brought = match spool {
        Some(spool) => match bring(&spool) {
            Err(BringError::Archive(error)) if is_of_spool(&error, &spool) => {
                tracing::warn!(import = entry.id, file = entry.file, "{error}");
                None
            }
            brought => Some(brought?),
        },
        // An earlier try got this far, or the copy is lost.
        None => archive::archived(folder, delivery, &sha256).map_err(failing)?,
    };
    let again = match (&brought, source) {
        (None, Some(source)) => source.copy()?,
        _ => None,
    };
    let path = match (brought, again) {
        (Some(path), _) => path,
        (None, Some(spool)) => bring(&spool)?,
        (None, None) => {
            let Some(path) = keep_damaged(app, entry, folder)? else { return Ok(Kept::NoCopy) };
            if refused {
                archive::write_report(folder, &path, &report(app, entry)?).map_err(failing)?;
            }
            return Ok(Kept::Damaged(path));
        }
    };
    if refused {
        archive::write_report(folder, &path, &report(app, entry)?).map_err(failing)?;
    }
    Ok(Kept::At(path))
}

/// What the names of damaged copies end with.
const DAMAGED: &str = ".damaged";

/// Whether what is kept of an import is its whole file, and not what is left of a damaged copy.
pub(crate) fn is_kept_whole(entry: &Import) -> bool {
    // The file itself may be called so.
    let is_damaged =
        |path: &str| path.ends_with(DAMAGED) && of_damaged(entry, &damaged_name(entry)).names(path);
    entry.kept_path.as_ref().is_some_and(|path| !is_damaged(path))
}

fn damaged_name(entry: &Import) -> String {
    format!("{}{DAMAGED}", entry.file)
}

fn of_damaged<'n>(entry: &Import, name: &'n str) -> Delivery<'n> {
    Delivery { name, import_id: entry.id, at: entry.started_at }
}

/// Keeps what is left of a damaged private copy of which there is no other, for whoever can make something of it. `None`
/// when it cannot be read at all, or reads differently each time.
fn keep_damaged(app: &App, entry: &Import, folder: &Path) -> Result<Option<PathBuf>, Later> {
    let Ok(Some(copy)) = SpoolFile::reopen(&app.folder.spool(), entry.id) else { return Ok(None) };
    match archive::archive(&copy, folder, of_damaged(entry, &damaged_name(entry))) {
        Ok(path) => {
            tracing::error!(
                import = entry.id,
                file = entry.file,
                path = %path.display(),
                "the only copy of the file was damaged; what is left of it is kept"
            );
            Ok(Some(path))
        }
        Err(error) if is_of_spool(&error, &copy) => Ok(None),
        Err(error) => Err(Later::Failing(error.to_string())),
    }
}

/// Why a private copy was not brought to where it is kept.
enum BringError {
    Archive(ArchiveError),
    Ledger(DbError),
}

impl From<DbError> for BringError {
    fn from(error: DbError) -> Self {
        BringError::Ledger(error)
    }
}

impl From<BringError> for Later {
    fn from(error: BringError) -> Self {
        match error {
            BringError::Archive(error) => Later::Failing(error.to_string()),
            BringError::Ledger(error) => error.into(),
        }
    }
}

/// Whether it is the private copy itself that is damaged.
fn is_of_spool(error: &ArchiveError, spool: &SpoolFile) -> bool {
    matches!(error, ArchiveError::Damaged { path } if path == spool.path())
}

/// Why the file was refused, as the text beside it.
fn report(app: &App, entry: &Import) -> Result<String, Later> {
    let filter = ProblemFilter { code: None, limit: REPORTED, cursor: None };
    let problems = app.db.read(|c| imports::problems(c, entry.id, &filter))?;
    let mut text = format!(
        "{} was {} (import {}, {}). Nothing of it was imported.\r\n",
        entry.file,
        entry.state,
        entry.id,
        register::time::to_text(entry.started_at)
    );
    if let (Some(reason), true) = (&entry.reason, problems.items.is_empty()) {
        text.push_str(&format!("\r\n{reason}\r\n"));
    }
    for problem in &problems.items {
        text.push_str(&format!("\r\n{}\r\n{}\r\n", problem.message, problem.hint));
    }
    if problems.next.is_some() {
        text.push_str(&format!(
            "\r\nThere are more. All of them: service-suite imports problems {}\r\n",
            entry.id
        ));
    }
    if !entry.proof.is_empty() {
        text.push_str("\r\nProof that the file was complete:\r\n");
    }
    for item in &entry.proof {
        text.push_str(&format!("  {}: {} ({})\r\n", item.check, item.result, item.detail));
    }
    Ok(text)
}
