//! The last steps of a delivery: its bytes go to the archive or the refused folder, durable and verified, and only then
//! is the source removed.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use register::imports::{self, Import, NewImport, ProblemFilter, State, Step};
use register::settings::AfterImport;

use super::claimed::Identity;
use super::watch::{Stage, Watch};
use super::{Later, marker};
use crate::app::{App, Effective};
use crate::exchange::archive::{self, Delivery};
use crate::exchange::disk;
use crate::exchange::place::{self, Found, Look, Place, RemoveError};
use crate::exchange::spool::{self, SpoolError, SpoolFile};
use crate::folders::create_private;

/// Problems that the report beside a refused file lists.
const REPORTED: u32 = 1000;

/// Puts a delivery away whose outcome is in the ledger.
pub(super) fn put_away(app: &App, entry: &Import, watch: &dyn Watch) -> Result<(), Later> {
    watch.stage(entry.id, Stage::PuttingAway);
    let settings = app.settings().map_err(|error| Later::Failing(format!("{error:#}")))?;
    let identity = entry.identity.as_deref().and_then(Identity::parse);
    // A file of the exchange folder that was not claimed stays where it is: `after-import = "leave"`.
    let claimed = identity.as_ref().filter(|identity| identity.claimed);
    let leave = identity.is_some() && claimed.is_none();
    let removable = match keep(app, entry, &settings, leave, claimed)? {
        Kept::At(path) => {
            app.db.write(|c| imports::set_kept_path(c, entry.id, Some(&as_noted(app, &path))))?;
            true
        }
        Kept::NotAsked => true,
        Kept::NoCopy => false,
    };
    watch.stage(entry.id, Stage::Removing);
    match claimed {
        Some(identity) if removable => {
            remove_source(app, entry, identity)?;
            marker::remove(identity)?;
        }
        Some(identity) if still_there(identity) => tracing::warn!(
            import = entry.id,
            "there is no copy of {} to keep, so it stays in the exchange folder as {}",
            entry.file,
            identity.name
        ),
        Some(_) | None => {}
    }
    Ok(app.db.write(|c| imports::set_step(c, entry.id, Step::Finished))?)
}

/// A path as the ledger has it: inside the data folder without that, so that the data folder can be moved.
fn as_noted(app: &App, path: &Path) -> String {
    path.strip_prefix(app.folder.path()).unwrap_or(path).display().to_string()
}

fn still_there(identity: &Identity) -> bool {
    place::place(&identity.folder).is_some_and(|place| !matches!(place.look(&identity.name), Look::Absent))
}

/// What became of a delivery's bytes.
enum Kept {
    /// They lie here, durable and verified.
    At(PathBuf),
    /// Nobody wants them kept.
    NotAsked,
    /// They should be kept, and there is no copy of them.
    NoCopy,
}

/// Brings the spool file to where it is kept. Only what is kept, or was not to be kept, may be removed.
fn keep(
    app: &App,
    entry: &Import,
    settings: &Effective,
    leave: bool,
    claimed: Option<&Identity>,
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
    create_private(folder)
        .map_err(|error| Later::failing(&format!("{} cannot be used", folder.display()), error))?;
    let bring = |spool: SpoolFile| {
        if noted.as_ref() != Some(folder) {
            app.db.write(|c| imports::set_kept_in(c, entry.id, &as_noted(app, folder)))?;
        }
        archive::archive(&spool, folder, delivery).map_err(failing)
    };
    let path = match spool {
        Some(spool) => bring(spool)?,
        // An earlier try got this far, or the copy is lost.
        None => match archive::archived(folder, delivery, &sha256).map_err(failing)? {
            Some(path) => path,
            None => match copy_again(app, entry, claimed)? {
                Some(spool) => bring(spool)?,
                None => return Ok(Kept::NoCopy),
            },
        },
    };
    if refused {
        archive::write_report(folder, &path, &report(app, entry)?).map_err(failing)?;
    }
    Ok(Kept::At(path))
}

/// A new private copy of a claimed file whose copy is lost, for the archive; `None` when the file is gone too, or is
/// not what was imported.
fn copy_again(app: &App, entry: &Import, claimed: Option<&Identity>) -> Result<Option<SpoolFile>, Later> {
    let Some(identity) = claimed else { return Ok(None) };
    let Some(place) = place::place(&identity.folder) else { return Ok(None) };
    let spool = app.folder.spool();
    let go_on = &mut |_, _| ControlFlow::Continue(());
    match spool::copy(place.as_ref(), &identity.name, &identity.sighting(), &spool, entry.id, go_on) {
        Ok((copy, _)) if entry.sha256.as_deref().is_none_or(|known| known == copy.sha256()) => Ok(Some(copy)),
        Ok(_) | Err(SpoolError::Changed { .. }) => Ok(None),
        Err(error) => Err(Later::Failing(error.to_string())),
    }
}

/// Why the file was refused, as the text beside it.
fn report(app: &App, entry: &Import) -> Result<String, Later> {
    let filter = ProblemFilter { code: None, limit: REPORTED, cursor: None };
    let problems = app.db.read(|c| imports::problems(c, entry.id, &filter))?;
    let mut text = format!(
        "{} was refused (import {}, {}). Nothing of it was imported.\r\n",
        entry.file,
        entry.id,
        register::time::to_text(entry.started_at)
    );
    for problem in problems.items {
        text.push_str(&format!("\r\n{}\r\n{}\r\n", problem.message, problem.hint));
    }
    Ok(text)
}

/// Makes sure that the claimed file is not only out of sight: a share that is not mounted looks like an empty folder, and
/// a file that is still there when it comes back would stay for ever. A share that is mounted anew is another device, too;
/// what is missing there is gone.
fn is_gone(place: &dyn Place, identity: &Identity) -> Result<(), Later> {
    let unreachable =
        |error| Later::failing(&format!("the exchange folder {} cannot be reached", identity.folder), error);
    let is_another = place.device().map_err(unreachable)? != identity.device();
    if is_another
        && !place.ground().map_err(unreachable)?.is_a_mount()
        && place.list(&|_| true).map_err(unreachable)?.names.is_empty()
    {
        let folder = &identity.folder;
        return Err(Later::Failing(format!(
            "the exchange folder {folder} is another one than before; is the share mounted?"
        )));
    }
    match place.look(&identity.name) {
        Look::Seen(..) => Err(Later::Failing(format!(
            "the exchange folder {} went and came back while {} was removed from it",
            identity.folder, identity.name
        ))),
        _ => Ok(()),
    }
}

/// Removes the claimed file. Should somebody have written to it after it was read, what it holds now is a delivery of
/// its own: it stays under its claimed name, settles there, and is imported next.
fn remove_source(app: &App, entry: &Import, identity: &Identity) -> Result<(), Later> {
    let Some(place) = place::place(&identity.folder) else { return Ok(()) };
    let sha256 = entry.sha256.as_deref().unwrap_or_default();
    match archive::remove_source(place.as_ref(), &identity.name, Some(&identity.sighting()), sha256) {
        Ok(()) | Err(RemoveError::Changed { found: Found::Absent, .. }) => is_gone(place.as_ref(), identity),
        Err(RemoveError::Changed { found: Found::Seen(now), name }) => {
            // This import ends here, and with it what is known of its marker.
            marker::remove(identity)?;
            let new = NewImport {
                size: Some(now.size),
                modified_at: now.modified.timestamp(),
                ..NewImport::next_of(entry, app.clock.now())
            };
            let seen = Identity::unsettled(&identity.folder, &name, &now).text();
            let id = app.db.write(|c| {
                let id = imports::begin(c, &new)?;
                imports::set_claimed(c, id, &seen)?;
                imports::set_step(c, entry.id, Step::Finished)?;
                Ok::<_, register::db::DbError>(id)
            })?;
            tracing::warn!(
                import = entry.id,
                next = id,
                file = entry.file,
                "written to after it was read; taken again"
            );
            Ok(())
        }
        Err(RemoveError::Changed { name, .. }) => {
            tracing::warn!(
                import = entry.id,
                "{name} in the exchange folder is not the file that was taken; it stays"
            );
            Ok(())
        }
        Err(error) => Err(Later::Failing(error.to_string())),
    }
}
