//! Which file waits to be imported, and where it lies now, for a look at what it would do. The delivery is not touched.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use register::Register;
use register::imports::{self, Step};
use register::settings::{self, StoredFormat};

use super::identity::Identity;
use super::{Later, by_hand};
use crate::app::App;
use crate::exchange::place::{self, Look};

/// A file that waits to be imported.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    /// What it is called.
    pub(crate) file: String,
    /// The import that has taken it; `None` while it lies untaken in the exchange folder.
    pub(crate) import: Option<i64>,
    /// The format in which it will be read.
    pub(crate) format: StoredFormat,
    /// Whether it is an earlier import once more, which no guard holds.
    pub(crate) again: bool,
    path: PathBuf,
    modified_at: Option<Timestamp>,
}

/// Why there is no file to look at.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NothingWaits {
    /// The sentence says why not.
    #[error("{0}")]
    Because(String),
    /// It could not be found out.
    #[error(transparent)]
    Later(#[from] Later),
}

impl From<register::db::DbError> for NothingWaits {
    fn from(error: register::db::DbError) -> Self {
        NothingWaits::Later(error.into())
    }
}

/// The file that a register's automation comes to next: what was taken and waits its turn, or else what lies in the
/// exchange folder, or else what is held.
///
/// # Errors
/// [`NothingWaits`]
pub(crate) fn waiting_for(app: &App, register: &'static Register) -> Result<Waiting, NothingWaits> {
    if let Some(next) = app.db.read(|c| imports::next(c, register))? {
        return taken(app, next.id);
    }
    let Some(format) = app.db.read(|c| settings::default_format(c, register.name))? else {
        return Err(NothingWaits::Because(format!(
            "There is no default format for {}, so no file is waited for. Make one under Settings > Formats.",
            register.name
        )));
    };
    let nothing = match in_folder(app, format)? {
        Ok(waiting) => return Ok(waiting),
        Err(why) => why,
    };
    match app.db.read(|c| imports::stands(c, register))? {
        Some((held, _)) => taken(app, held.id),
        None => Err(NothingWaits::Because(nothing)),
    }
}

/// The first file in the exchange folder that the format takes; or that there is none.
fn in_folder(app: &App, format: StoredFormat) -> Result<Result<Waiting, String>, Later> {
    let settings = app.settings().map_err(|error| Later::Failing(format!("{error:#}")))?;
    let folder = settings.exchange.display().to_string();
    let cannot = |why: &dyn std::fmt::Display| {
        Later::failing(&format!("the exchange folder {folder} cannot be read"), why)
    };
    let place = place::place(&folder).ok_or_else(|| cannot(&"it is no folder that this version can use"))?;
    let wanted = &format.format.filename;
    let file = if wanted.contains('*') {
        let names = place.list(&|name| format.format.takes(name)).map_err(|error| cannot(&error))?;
        names.names.into_iter().next()
    } else {
        (!wanted.is_empty() && !matches!(place.look(wanted), Look::Absent)).then(|| wanted.clone())
    };
    Ok(match file {
        Some(file) => Ok(Waiting {
            path: Path::new(&folder).join(&file),
            file,
            import: None,
            format,
            again: false,
            modified_at: None,
        }),
        None if wanted.is_empty() => {
            Err(format!("The format {} names no file to wait for.", format.format.name))
        }
        None => Err(format!("No file waits: there is no {wanted} in {folder} now.")),
    })
}

/// The file of an import that has no outcome yet, held or not.
///
/// # Errors
/// [`NothingWaits`]
pub(crate) fn taken(app: &App, id: i64) -> Result<Waiting, NothingWaits> {
    let Some(entry) = app.db.read(|c| imports::find(c, id))? else {
        return Err(NothingWaits::Because(format!("There is no import {id}.")));
    };
    if entry.step >= Step::Committed {
        return Err(NothingWaits::Because(format!(
            "Import {id} waits no more: it is {}. Its page shows what came of it.",
            entry.state.word()
        )));
    }
    let Some(format) = app.db.read(|c| imports::format(c, &entry))? else {
        return Err(NothingWaits::Because(format!(
            "The format \"{}\", in which import {id} is to be read, no longer exists.",
            entry.format
        )));
    };
    let path = match Identity::of_entry(app.folder.path(), &entry) {
        Some(file) if entry.step < Step::Spooled => Path::new(&file.folder).join(&file.name),
        _ => app.folder.spool().join(id.to_string()),
    };
    Ok(Waiting {
        file: entry.file,
        import: Some(id),
        format,
        again: entry.again_of.is_some(),
        path,
        modified_at: entry.modified_at,
    })
}

impl Waiting {
    /// Whether both lie under the same path.
    pub(crate) fn lies_where(&self, other: &Waiting) -> bool {
        self.path == other.path
    }

    /// A private copy of it as it is now.
    ///
    /// # Errors
    /// [`Later`] when it cannot be read or copied: it may be being written, or have been taken meanwhile.
    pub(crate) fn copy(&self, app: &App, watch: &dyn super::Watch) -> Result<by_hand::CheckCopy, Later> {
        let mut copy = by_hand::spool_for_check(app, &self.path, watch)?;
        copy.modified_at = self.modified_at.or(copy.modified_at);
        Ok(copy)
    }
}
