//! Taking a delivery so that exactly one machine imports it.
//!
//! The file is renamed inside its folder to `.customers.txt.<import id>`, never replacing anything. From
//! then on a new `customers.txt` is simply the next delivery. If the renamed file turns out not to be the
//! settled one, it stays under its claimed name and settles there: it is never renamed back, since by
//! then the old name may belong to another file.

use std::io;
use std::path::Path;

use super::folder::Folder;
use super::os;
use super::place::{Found, Look, Sighting, Writer};

/// A delivery that this installation has taken.
#[derive(Debug)]
pub(crate) struct Claim {
    /// Its name in the folder now.
    pub(crate) name: String,
    /// How it looks under that name; renaming has moved its change time.
    pub(crate) sighting: Sighting,
}

/// Why a delivery could not be taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClaimError {
    /// It is not there any more: the ERP system or another installation took it away.
    #[error("{name} is gone from the exchange folder")]
    Gone {
        /// The name that was to be taken.
        name: String,
    },
    /// The claimed name exists: what another installation that uses the same folder left there.
    #[error(
        "{claimed_name} already exists in the exchange folder; another installation uses this folder, or a \
         restored database counts its imports anew. Remove that file, or give each installation a folder of its own"
    )]
    NameTaken {
        /// The name that was to be given.
        claimed_name: String,
    },
    /// The folder does not let this program rename its files.
    #[error(
        "the exchange folder does not allow renaming {name} ({error}). Give this program's user write \
         permission to the folder, or choose \"left where it is\" under Settings > ERP-system"
    )]
    NotPermitted {
        /// The name that was to be taken.
        name: String,
        /// What the folder said.
        error: io::Error,
    },
    /// It is not what was settled. Let it settle again under the name given here.
    #[error("{name} changed while it was being taken")]
    Changed {
        /// Where it is now: the old name if nothing was renamed, otherwise the claimed name.
        name: String,
        /// Whether it is renamed, and so this installation's.
        claimed: bool,
        /// What is there.
        found: Found,
    },
    /// The file system failed.
    #[error("{name} cannot be taken: {error}")]
    Io {
        /// Where it is now, as far as is known.
        name: String,
        /// Whether it is renamed already, or may be.
        claimed: bool,
        /// What failed.
        error: io::Error,
    },
}

/// Takes the file `name` of a folder for one import. `expected` is the sighting that settled.
pub(crate) fn claim(
    folder: &impl Folder,
    name: &str,
    import_id: i64,
    expected: &Sighting,
) -> Result<Claim, ClaimError> {
    // The last look under the old name: renaming moves the change time, so this is the last moment at
    // which all of the sighting can be compared.
    match folder.look(name) {
        Look::Seen(sighting, _)
            if sighting.difference(expected).is_none() && sighting.writer != Writer::Held => {}
        Look::Absent => return Err(ClaimError::Gone { name: name.to_owned() }),
        Look::NoFolder(error) => {
            return Err(ClaimError::Io { name: name.to_owned(), claimed: false, error });
        }
        other => {
            return Err(ClaimError::Changed { name: name.to_owned(), claimed: false, found: other.found() });
        }
    }
    take(folder, name, claimed_name(name, import_id), expected)
}

/// Renames, makes that durable, and looks whether it was the settled file that was renamed.
fn take(
    folder: &impl Folder,
    name: &str,
    claimed_name: String,
    expected: &Sighting,
) -> Result<Claim, ClaimError> {
    if let Err(error) = folder.rename(name, &claimed_name) {
        match was_renamed_all_the_same(folder, name, &claimed_name, expected) {
            Ok(true) => {}
            Ok(false) => return Err(rename_error(folder, name, claimed_name, error)),
            // Nobody can tell now. Forgetting the claim would lose a file that was renamed.
            Err(unknown) => {
                return Err(ClaimError::Io { name: claimed_name, claimed: true, error: unknown });
            }
        }
    }
    // Without this, a power cut after the import could bring the delivery back under its old name, and it
    // would be imported once more.
    if let Err(error) = folder.sync() {
        return Err(ClaimError::Io { name: claimed_name, claimed: true, error });
    }
    match folder.look(&claimed_name) {
        Look::Seen(sighting, _)
            if sighting.difference_but_for_a_rename(expected).is_none()
                && sighting.writer != Writer::Held =>
        {
            Ok(Claim { name: claimed_name, sighting })
        }
        other => Err(ClaimError::Changed { name: claimed_name, claimed: true, found: other.found() }),
    }
}

/// Whether a rename that came back with an error was done: on a share, or a failing disk, the answer may be all that failed.
/// Two installations
/// on one share whose imports have the same number cannot be told apart here; each should have a folder of its own.
fn was_renamed_all_the_same(
    folder: &impl Folder,
    name: &str,
    claimed_name: &str,
    expected: &Sighting,
) -> io::Result<bool> {
    let is_expected = |seen: &Sighting| seen.is_same_file(expected);
    let renamed = match folder.look(claimed_name) {
        // Without a number nobody can tell a file that was written to meanwhile from another one.
        Look::Seen(seen, _) if is_expected(&seen) || seen.inode == 0 => seen,
        Look::Busy(error) | Look::Unreadable(error) | Look::NoFolder(error) => return Err(error),
        _ => return Ok(false),
    };
    match folder.look(name) {
        // One file under both names: one of them is only remembered, and which one will show.
        Look::Seen(seen, _)
            if seen.inode != 0 && (seen.device, seen.inode) == (renamed.device, renamed.inode) =>
        {
            Err(io::Error::other(format!("the share tells that it is {claimed_name}, too")))
        }
        Look::Seen(seen, _) => Ok(!is_expected(&seen)),
        Look::Busy(error) | Look::Unreadable(error) | Look::NoFolder(error) => Err(error),
        Look::Absent | Look::NotAFile(_) => Ok(true),
    }
}

/// Why a rename failed that does not look done. Only a plain refusal says that it was not: after every other error it may
/// have been, or still be, while the client of a share remembers that the claimed name did not exist.
fn rename_error(folder: &impl Folder, name: &str, claimed_name: String, error: io::Error) -> ClaimError {
    use io::ErrorKind::{
        AlreadyExists, NotFound, PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull,
    };
    match error.kind() {
        // The same is answered when a request is sent once more that was carried out before.
        NotFound => match folder.lists(&claimed_name) {
            Ok(false) => ClaimError::Gone { name: name.to_owned() },
            Ok(true) => {
                let error = not_seen_yet(&claimed_name);
                ClaimError::Io { name: claimed_name, claimed: true, error }
            }
            Err(unknown) => ClaimError::Io { name: claimed_name, claimed: true, error: unknown },
        },
        AlreadyExists => ClaimError::NameTaken { claimed_name },
        PermissionDenied | ReadOnlyFilesystem => ClaimError::NotPermitted { name: name.to_owned(), error },
        StorageFull | QuotaExceeded => ClaimError::Io { name: name.to_owned(), claimed: false, error },
        _ => ClaimError::Io { name: claimed_name, claimed: true, error },
    }
}

/// The folder has the name, and a look at it does not find it.
pub(crate) fn not_seen_yet(name: &str) -> io::Error {
    io::Error::other(format!(
        "the folder lists {name}, but the share does not show it yet; it is looked at again"
    ))
}

/// A claim found in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ClaimedName {
    /// The name that the ERP system gave.
    pub(crate) original: String,
    /// The import that it was taken for, as counted by the installation that took it.
    pub(crate) import_id: i64,
    /// The name in the folder.
    pub(crate) name: String,
}

/// The name of a delivery that was taken for an import. Names too long for a file system are cut, which
/// no longer tells the original; the ledger does.
pub(crate) fn claimed_name(original: &str, import_id: i64) -> String {
    let id = import_id.to_string();
    // 255 bytes is the longest name of every file system in use; two are dots.
    let original = cut(original, 255 - 2 - id.len());
    format!(".{original}.{id}")
}

/// The first part of a name that has at most this many bytes, whole characters only.
pub(super) fn cut(name: &str, bytes: usize) -> &str {
    &name[..name.floor_char_boundary(bytes)]
}

/// Reads a claimed name back. `None` for every other name. Other programs can use such names too
/// (rsync's are alike), so ask the ledger about the import before believing it.
pub(crate) fn parse_claimed_name(name: &str) -> Option<ClaimedName> {
    let (original, id) = name.strip_prefix('.')?.rsplit_once('.')?;
    let is_number = id.bytes().all(|byte| byte.is_ascii_digit()) && !id.starts_with('0');
    if original.is_empty() || !is_number {
        return None;
    }
    let import_id = id.parse().ok()?;
    Some(ClaimedName { original: original.to_owned(), import_id, name: name.to_owned() })
}

/// All claims in a folder, in the order of their import ids. For recovery after a restart.
pub(crate) fn claims(folder: &Path) -> io::Result<Vec<ClaimedName>> {
    let dir = os::open_folder(folder)?;
    let mut claims = Vec::new();
    for entry in rustix::fs::Dir::read_from(&dir)? {
        claims.extend(entry?.file_name().to_str().ok().and_then(parse_claimed_name));
    }
    claims.sort_by(|a, b| (a.import_id, &a.name).cmp(&(b.import_id, &b.name)));
    Ok(claims)
}

#[cfg(test)]
mod tests;
