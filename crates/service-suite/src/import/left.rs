//! Files that stay in the exchange folder after their import (`after-import = "leave"`): telling them from new ones.

use register::imports::{self, ProblemFilter, State, Step};

use super::identity::Identity;
use super::{Later, PROGRAM_FAULT};
use crate::app::App;
use crate::exchange::archive::hash_source;
use crate::exchange::place::OpenFile;

/// Whether a file is one that the automation has taken already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// It is not.
    No,
    /// It was read, and left here.
    Left,
    /// It is, or may be, the file of an import that has not read it yet: that one finds out. To be asked again.
    Perhaps,
}

/// Whether the automation has taken this very file already and left it here. One that was refused before anybody read
/// it has not been dealt with, unless it makes the program fault: it would do so for ever.
///
/// # Errors
/// [`Later`] when the ledger cannot be read.
pub(crate) fn is_left(app: &App, automation: &str, identity: &Identity) -> Result<Known, Later> {
    let identity = identity.noted(app.folder.path());
    Ok(app.db.read(|c| {
        let Some(import) = imports::with_identity(c, automation, &identity)? else { return Ok(Known::No) };
        if import.sha256.is_some() {
            return Ok(Known::Left);
        }
        if import.state != State::Refused {
            return Ok(Known::Perhaps);
        }
        let faults = ProblemFilter { code: Some(PROGRAM_FAULT.to_owned()), limit: 1, cursor: None };
        let faulted = !imports::problems(c, import.id, &faults)?.items.is_empty();
        Ok::<_, register::db::DbError>(if faulted { Known::Left } else { Known::No })
    })?)
}

/// The same of a settled file that the file system numbers otherwise than before, or whose change time has moved: a
/// share that was mounted anew and a change of mode do that. When name, size and modification time are those of the last
/// import under that name, its content decides, and its new identity is remembered.
///
/// # Errors
/// [`Later`] when the ledger cannot be read or written, or the file cannot be read.
pub(crate) fn is_left_by_content(
    app: &App,
    automation: &str,
    identity: &Identity,
    file: &OpenFile,
) -> Result<Known, Later> {
    let Some(last) = app.db.read(|c| imports::last_of_file(c, automation, &identity.name))? else {
        return Ok(Known::No);
    };
    let known = Identity::of_entry(app.folder.path(), &last);
    if !known.is_some_and(|known| known.is_like(identity)) {
        return Ok(Known::No);
    }
    if last.step < Step::Spooled {
        return Ok(Known::Perhaps);
    }
    let Some(sha256) = &last.sha256 else { return Ok(Known::No) };
    let unreadable =
        |error| Later::failing(&format!("{} in the exchange folder cannot be read", identity.name), error);
    if hash_source(file).map_err(unreadable)? != *sha256 {
        return Ok(Known::No);
    }
    let now = file.sight().map_err(unreadable)?;
    if now.difference(&identity.sighting()).is_some() {
        // It changes just now, so it has not settled at all: the next look tells.
        return Err(Later::Failing(format!("{} changed while it was being read", identity.name)));
    }
    app.db.write(|c| imports::set_identity(c, last.id, &identity.noted(app.folder.path())))?;
    tracing::info!(
        import = last.id,
        file = identity.name,
        "still the file that was imported, by its content"
    );
    Ok(Known::Left)
}
