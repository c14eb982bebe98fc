//! Importing the kept bytes of an earlier import once more, because a person asks for it: a new import with an entry of
//! its own, compared with the register in full. The exchange folder is not touched.

use std::path::{Path, PathBuf};

use erpfile::{Content, Format, Missing};
use register::Register;
use register::db::{Conn, DbError, DbResult};
use register::imports::{self, Import, NewImport, ProofItem, ProofResult, State, Step};
use register::settings::{self, StoredFormat};

use super::Later;
use super::by_hand::take;
use super::identity::Identity;
use super::now::{COMMAND_LINE, now};
use super::put_away::is_kept_whole;
use super::take::new_entry;
use super::watch::Watch;
use crate::app::App;
use crate::exchange::place::Sighting;
use crate::exchange::spool::SpoolFile;

/// What a person should know before an import is made again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outlook {
    /// With which format, in a sentence; or why it cannot be made again.
    pub(crate) format: Result<String, String>,
    /// The newest import that already was this one again.
    pub(crate) last: Option<i64>,
}

/// Why an import was not made again. Nothing was imported.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotAgain {
    /// There is no such import.
    #[error("there is no import {0}; see them with: service-suite imports list")]
    Unknown(i64),
    /// It cannot be done, for the reason in the sentence.
    #[error("{0}")]
    Because(String),
    /// Somebody was faster.
    #[error("import {of} was made again meanwhile, as import {as_import}; nothing more was done")]
    Meanwhile {
        /// The earlier import.
        of: i64,
        /// The import that is the same once more.
        as_import: i64,
    },
    /// The surroundings failed.
    #[error(transparent)]
    Later(#[from] Later),
}

impl From<DbError> for NotAgain {
    fn from(error: DbError) -> Self {
        NotAgain::Later(error.into())
    }
}

/// What is to be known before the import of this entry is made again.
///
/// # Errors
/// When the database cannot be read.
pub(crate) fn outlook(c: &Conn, entry: &Import) -> DbResult<Outlook> {
    let last = imports::last_again(c, entry.id)?.map(|again| again.id);
    let format = match hindrance(entry) {
        Some(why) => Err(why),
        None => format(c, entry)?.map(|(_, sentence)| sentence),
    };
    Ok(Outlook { format, last })
}

/// Makes the import `of` once more, later on, as a new import whose number is given. `last` is the newest one that the
/// person knew of: a form that is sent twice imports once.
///
/// # Errors
/// [`NotAgain`]
pub(crate) fn again(
    app: &App,
    of: i64,
    last: Option<i64>,
    by: &str,
    watch: &dyn Watch,
) -> Result<i64, NotAgain> {
    let entry = app.db.read(|c| imports::find(c, of))?.ok_or(NotAgain::Unknown(of))?;
    if let Some(why) = hindrance(&entry) {
        return Err(NotAgain::Because(why));
    }
    let register = register_of(&entry)?;
    let begin = |c: &Conn, copy: &SpoolFile, seen: &Sighting| {
        if let Some(newer) = imports::last_again(c, of)?.filter(|newer| Some(newer.id) > last) {
            return Err(NotAgain::Meanwhile { of, as_import: newer.id });
        }
        if entry.sha256.as_deref() != Some(copy.sha256()) {
            return Err(NotAgain::Because(format!(
                "{} of import {of} is not what was imported: the SHA-256 of {} is {} now and was {}. Nothing was \
                 imported.",
                if is_left(&entry) { "What lies under the file name" } else { "What is kept" },
                kept_path(app, &entry).display(),
                copy.sha256(),
                entry.sha256.as_deref().unwrap_or("never known"),
            )));
        }
        let (format, _) = format(c, &entry)?.map_err(NotAgain::Because)?;
        let new = NewImport {
            again_of: Some(of),
            changes_only: entry.changes_only,
            modified_at: entry.modified_at,
            ..new_entry(app, register, &entry.file, by, &format, seen)
        };
        Ok((new, vec![same_bytes(&entry)]))
    };
    let id = take(app, &kept_path(app, &entry), begin, watch)?;
    tracing::info!(import = id, again_of = of, file = entry.file, by, "made again");
    Ok(id)
}

fn register_of(entry: &Import) -> Result<&'static Register, NotAgain> {
    register::register(&entry.register).ok_or_else(|| {
        NotAgain::Because(format!(
            "There is no register \"{}\" in this version of the program.",
            entry.register
        ))
    })
}

/// The same while the caller waits, as a command does.
///
/// # Errors
/// [`NotAgain`]
pub(crate) fn again_now(app: &App, of: i64, watch: &dyn Watch) -> Result<Import, NotAgain> {
    let (entry, last) =
        app.db.read(|c| Ok::<_, DbError>((imports::find(c, of)?, imports::last_again(c, of)?)))?;
    let entry = entry.ok_or(NotAgain::Unknown(of))?;
    if let Some(why) = hindrance(&entry) {
        return Err(NotAgain::Because(why));
    }
    if let Some(running) = last.as_ref().filter(|last| last.step < Step::Committed) {
        return Err(NotAgain::Meanwhile { of, as_import: running.id });
    }
    let register = register_of(&entry)?;
    let take = || again(app, of, last.map(|last| last.id), COMMAND_LINE, watch);
    now(app, register, take, watch)
}

/// Where the bytes are to be found: where they are kept or, for a file that was left where it was, there.
fn kept_path(app: &App, entry: &Import) -> PathBuf {
    match left(app.folder.path(), entry).filter(|_| entry.kept_path.is_none()) {
        Some(identity) => Path::new(&identity.folder).join(&identity.name),
        None => app.folder.path().join(entry.kept_path.as_deref().unwrap_or_default()),
    }
}

/// Whether there is no copy, and the file was left in the exchange folder after it was read.
fn is_left(entry: &Import) -> bool {
    entry.kept_path.is_none() && entry.sha256.is_some() && left(Path::new(""), entry).is_some()
}

/// The file that was left where it was; `data` is the data folder.
fn left(data: &Path, entry: &Import) -> Option<Identity> {
    Identity::of_entry(data, entry).filter(|identity| !identity.claimed)
}

/// Why the import of this entry cannot be made again, by what the ledger knows.
fn hindrance(entry: &Import) -> Option<String> {
    let id = entry.id;
    match (entry.state, entry.step) {
        (State::Waiting | State::Importing, _) => Some(format!("Import {id} is still under way.")),
        (State::Held, _) => Some(format!("Import {id} is held, and a person has to decide about it first.")),
        (_, Step::Finished) if is_kept_whole(entry) || is_left(entry) => None,
        (_, Step::Finished) if entry.kept_path.is_some() => Some(format!(
            "The file of import {id} is no longer kept whole: the only copy of it was damaged, and what is left of it \
             lies beside the others."
        )),
        (_, Step::Finished) => {
            Some(format!("The file of import {id} is no longer kept: {}.", why_not_kept(entry)))
        }
        (..) => Some(format!("The file of import {id} is still to be put away. Try again in a moment.")),
    }
}

fn why_not_kept(entry: &Import) -> &'static str {
    if entry.kept_in.is_some() {
        "it was removed when its time in the archive was over"
    } else if entry.sha256.is_none() {
        "it was gone before it could be read"
    } else {
        "it was deleted after the import, its private copy was lost, or its time in the archive is over"
    }
}

/// The format in which the kept bytes are read now, and what there is to say about it; or why there is none.
fn format(c: &Conn, entry: &Import) -> DbResult<Result<(StoredFormat, String), String>> {
    let of_register = |stored: &StoredFormat| stored.format.register == entry.register;
    let named = imports::format(c, entry)?.filter(of_register);
    let (name, version) = (&entry.format, entry.format_version);
    if let Some(stored) = named {
        let said = if stored.mark == entry.format_mark {
            format!("It is read in the format \"{name}\", as before.")
        } else {
            format!(
                "It is read in the format \"{name}\" as it is now (version {}); import {} read it in version {version}.",
                stored.version, entry.id
            )
        };
        return Ok(Ok(with_deactivation(stored, said, entry)));
    }
    let changes_only = |stored: StoredFormat| if entry.changes_only { stored.changes_only() } else { stored };
    Ok(match settings::default_format(c, &entry.register)?.map(changes_only) {
        Some(stored) => {
            let said = format!(
                "The format \"{name}\" is gone; it is read in the default format \"{}\".",
                stored.format.name
            );
            Ok(with_deactivation(stored, said, entry))
        }
        None => Err(format!(
            "The format \"{name}\" is gone, and there is no default format for {}. Create one under Settings > \
             Formats.",
            entry.register
        )),
    })
}

/// The same, and what an old export of every record does besides: nobody is asked once more, since guards hold no import
/// that a person wants.
fn with_deactivation(stored: StoredFormat, said: String, entry: &Import) -> (StoredFormat, String) {
    let Format { content, missing, .. } = stored.format;
    if (content, missing) != (Content::Full, Missing::Deactivate) {
        return (stored, said);
    }
    let said = format!(
        "{said} It is taken for an export of every record: {} that are not in it become inactive, also those that came \
         later.",
        entry.register
    );
    (stored, said)
}

fn same_bytes(entry: &Import) -> ProofItem {
    let file = if is_left(entry) { "file in the exchange folder" } else { "kept file" };
    ProofItem {
        check: "kept bytes".to_owned(),
        result: ProofResult::Passed,
        detail: format!("The {file} still has the SHA-256 of import {}.", entry.id),
    }
}
