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
        /// Whether it is renamed already.
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
    folder.rename(name, &claimed_name).map_err(|error| rename_error(name, &claimed_name, error))?;
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

fn rename_error(name: &str, claimed_name: &str, error: io::Error) -> ClaimError {
    match error.kind() {
        io::ErrorKind::NotFound => ClaimError::Gone { name: name.to_owned() },
        io::ErrorKind::AlreadyExists => ClaimError::NameTaken { claimed_name: claimed_name.to_owned() },
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            ClaimError::NotPermitted { name: name.to_owned(), error }
        }
        _ => ClaimError::Io { name: name.to_owned(), claimed: false, error },
    }
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
mod tests {
    use std::fs::{self, OpenOptions};

    use super::*;
    use crate::exchange::testing::{as_nobody, mode, open_to_all};

    struct Temporary(tempfile::TempDir);

    impl Temporary {
        fn new() -> Self {
            Self(tempfile::tempdir().unwrap())
        }
        fn path(&self, name: &str) -> std::path::PathBuf {
            self.0.path().join(name)
        }
        fn write(&self, name: &str, text: &str) {
            fs::write(self.path(name), text).unwrap();
        }
        fn read(&self, name: &str) -> String {
            fs::read_to_string(self.path(name)).unwrap()
        }
        fn sight(&self, name: &str) -> Sighting {
            match os::open_folder(self.0.path()).unwrap().look(name) {
                Look::Seen(sighting, _) => sighting,
                other => panic!("{other:?}"),
            }
        }
        fn claim(&self, id: i64, expected: &Sighting) -> Result<Claim, ClaimError> {
            claim(&os::open_folder(self.0.path()).unwrap(), "customers.txt", id, expected)
        }
        fn names(&self) -> Vec<String> {
            let mut names: Vec<String> = fs::read_dir(self.0.path())
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            names.sort();
            names
        }
    }

    #[test]
    fn names_go_there_and_back() {
        assert_eq!(claimed_name("customers.txt", 17), ".customers.txt.17");
        let parsed = parse_claimed_name(".customers.txt.17").unwrap();
        assert_eq!((parsed.original.as_str(), parsed.import_id), ("customers.txt", 17));
        assert_eq!(parse_claimed_name(".kunder.9223372036854775807").unwrap().import_id, i64::MAX);
        for other in [
            "customers.txt",
            "customers.txt.17",
            ".customers.txt",
            ".customers.txt.",
            ".customers.txt.017",
            ".customers.txt.0",
            ".customers.txt.1x",
            ".customers.txt.-1",
            ".17",
            "..17",
            ".customers.txt.9223372036854775808",
        ] {
            assert_eq!(parse_claimed_name(other), None, "{other}");
        }
        let long = "Ø".repeat(127);
        let name = claimed_name(&long, 1234);
        assert!(name.len() <= 255 && name.ends_with(".1234"));
    }

    #[test]
    fn a_settled_file_is_taken_and_a_new_one_is_the_next_delivery() {
        let folder = Temporary::new();
        folder.write("customers.txt", "monday");
        let taken = folder.claim(1, &folder.sight("customers.txt")).unwrap();
        assert_eq!(taken.name, ".customers.txt.1");
        folder.write("customers.txt", "tuesday");
        folder.claim(2, &folder.sight("customers.txt")).unwrap();
        assert_eq!(folder.read(".customers.txt.1"), "monday");
        assert_eq!(folder.read(".customers.txt.2"), "tuesday");
        let claims = claims(folder.0.path()).unwrap();
        assert_eq!(claims.iter().map(|claim| claim.import_id).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(taken.sighting.size, 6);
    }

    #[test]
    fn nothing_is_ever_replaced() {
        let folder = Temporary::new();
        folder.write("customers.txt", "new");
        folder.write(".customers.txt.1", "of another installation");
        let error = folder.claim(1, &folder.sight("customers.txt")).unwrap_err();
        assert!(matches!(error, ClaimError::NameTaken { .. }), "{error:?}");
        assert_eq!(folder.read(".customers.txt.1"), "of another installation");
        assert_eq!(folder.read("customers.txt"), "new");
    }

    #[test]
    fn a_file_that_went_or_changed_before_the_rename_stays_where_it_is() {
        let folder = Temporary::new();
        folder.write("customers.txt", "one");
        let settled = folder.sight("customers.txt");
        folder.write("customers.txt", "one more line");
        let error = folder.claim(1, &settled).unwrap_err();
        assert!(matches!(error, ClaimError::Changed { claimed: false, .. }), "{error:?}");
        let settled = folder.sight("customers.txt");
        let writer = OpenOptions::new().append(true).open(folder.path("customers.txt")).unwrap();
        let error = folder.claim(1, &settled).unwrap_err();
        assert!(matches!(error, ClaimError::Changed { claimed: false, .. }), "{error:?}");
        drop(writer);
        assert_eq!(folder.names(), ["customers.txt"]);
        fs::remove_file(folder.path("customers.txt")).unwrap();
        assert!(matches!(folder.claim(1, &settled), Err(ClaimError::Gone { .. })));
        fs::create_dir(folder.path("customers.txt")).unwrap();
        let error = folder.claim(1, &settled).unwrap_err();
        assert!(matches!(error, ClaimError::Changed { found: Found::NotAFile(_), .. }), "{error:?}");
    }

    #[test]
    fn what_slips_in_just_before_the_rename_stays_claimed_and_is_told() {
        type Slip = fn(&Temporary) -> Option<fs::File>;
        let slips: [(&str, Slip); 4] = [
            ("another file", |folder| {
                folder.write("new", "one");
                rustix::fs::rename(folder.path("new"), folder.path("customers.txt")).unwrap();
                None
            }),
            ("more lines", |folder| {
                folder.write("customers.txt", "one more line");
                None
            }),
            ("a writer", |folder| {
                Some(OpenOptions::new().append(true).open(folder.path("customers.txt")).unwrap())
            }),
            ("a directory", |folder| {
                fs::remove_file(folder.path("customers.txt")).unwrap();
                fs::create_dir(folder.path("customers.txt")).unwrap();
                None
            }),
        ];
        for (what, slip) in slips {
            let folder = Temporary::new();
            folder.write("customers.txt", "one");
            let settled = folder.sight("customers.txt");
            let _open = slip(&folder);
            let dir = os::open_folder(folder.0.path()).unwrap();
            let error = take(&dir, "customers.txt", claimed_name("customers.txt", 1), &settled).unwrap_err();
            assert!(matches!(error, ClaimError::Changed { claimed: true, .. }), "{what}: {error:?}");
            assert_eq!(folder.names(), [".customers.txt.1"], "{what}: never renamed back");
        }
    }

    #[test]
    fn a_folder_that_forbids_renaming_says_so_to_an_unprivileged_program() {
        let folder = Temporary::new();
        folder.write("customers.txt", "one");
        mode(&folder.path("customers.txt"), 0o644);
        mode(folder.0.path(), 0o555);
        let error = as_nobody(|| folder.claim(1, &folder.sight("customers.txt")).unwrap_err());
        let ClaimError::NotPermitted { .. } = &error else { panic!("{error:?}") };
        assert!(error.to_string().contains("write permission"), "{error}");
        open_to_all(folder.0.path());
        as_nobody(|| folder.claim(1, &folder.sight("customers.txt")).unwrap());
    }

    #[test]
    fn two_machines_never_take_the_same_delivery() {
        let folder = Temporary::new();
        for round in 0..200 {
            folder.write("customers.txt", "x");
            let settled = folder.sight("customers.txt");
            let taken = std::thread::scope(|scope| {
                let race: Vec<_> = [2 * round + 1, 2 * round + 2]
                    .map(|id| {
                        let (folder, settled) = (&folder, &settled);
                        scope.spawn(move || folder.claim(id, settled).is_ok())
                    })
                    .into_iter()
                    .collect();
                race.into_iter()
                    .filter(|_| true)
                    .map(|thread| thread.join().unwrap())
                    .filter(|won| *won)
                    .count()
            });
            assert_eq!(taken, 1);
        }
        assert_eq!(folder.names().len(), 200);
    }
}
