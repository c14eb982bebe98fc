//! Exchange, archive, refused and data folders never contain one another, but for the defaults inside the
//! data folder: an archive inside the exchange folder would feed itself, and an exchange folder over the
//! data folder would show the spool to everybody.

use std::fmt;
use std::path::{Path, PathBuf};

/// The folders of an installation, all as [`resolve`] gives them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Folders<'a> {
    /// The program's own folder.
    pub(crate) data: &'a Path,
    /// Where the ERP system puts its files.
    pub(crate) exchange: &'a Path,
    /// Where finished deliveries go.
    pub(crate) archive: &'a Path,
    /// Where refused deliveries go.
    pub(crate) refused: &'a Path,
}

/// Two folders of which one is or contains the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Overlap {
    /// The settings key of the folder to change: `exchange-folder`.
    pub(crate) key: &'static str,
    inner: &'static str,
    outer: &'static str,
    same: bool,
}

impl fmt::Display for Overlap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let how = if self.same { "is also" } else { "lies inside" };
        write!(f, "the {} {how} the {}; choose another {}", self.inner, self.outer, self.name_to_change())
    }
}

impl Overlap {
    fn name_to_change(&self) -> &'static str {
        if self.inner == "data folder" { self.outer } else { self.inner }
    }
}

/// Every overlap that is not allowed. Pure: paths are compared as they are.
pub(crate) fn overlaps(folders: Folders<'_>) -> Vec<Overlap> {
    let Folders { data, exchange, archive, refused } = folders;
    let movable = [
        ("exchange folder", "exchange-folder", exchange, "exchange"),
        ("archive folder", "archive-folder", archive, "archive"),
        ("refused folder", "refused-folder", refused, "refused"),
    ];
    let mut found = Vec::new();
    for (name, key, path, default) in movable {
        if data.starts_with(path) && data != path {
            found.push(Overlap { key, inner: "data folder", outer: name, same: false });
        } else if path.starts_with(data) && path != data.join(default) {
            found.push(Overlap { key, inner: name, outer: "data folder", same: path == data });
        }
    }
    for (at, (name, key, path, _)) in movable.iter().enumerate() {
        for (earlier_name, earlier_key, earlier, _) in &movable[..at] {
            if path.starts_with(earlier) {
                found.push(Overlap { key, inner: name, outer: earlier_name, same: path == earlier });
            } else if earlier.starts_with(path) {
                found.push(Overlap { key: earlier_key, inner: earlier_name, outer: name, same: false });
            }
        }
    }
    found
}

/// A path without links, `.` and `..`, absolute. Of a path that does not exist yet, the part that does is
/// resolved and the rest kept.
pub(crate) fn resolve(path: &Path) -> std::io::Result<PathBuf> {
    let path = std::path::absolute(path)?;
    let mut rest = Vec::new();
    let mut existing = path.as_path();
    loop {
        match existing.canonicalize() {
            Ok(found) => return Ok(rest.iter().rev().fold(found, |path, part| path.join(part))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                match (existing.parent(), existing.file_name()) {
                    (Some(parent), Some(name)) => {
                        rest.push(name);
                        existing = parent;
                    }
                    _ => return Err(error),
                }
            }
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(data: &str, exchange: &str, archive: &str, refused: &str) -> Vec<String> {
        let [data, exchange, archive, refused] = [data, exchange, archive, refused].map(Path::new);
        overlaps(Folders { data, exchange, archive, refused }).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_defaults_and_folders_apart_are_fine() {
        assert!(said("/data", "/data/exchange", "/data/archive", "/data/refused").is_empty());
        assert!(said("/data", "/srv/exchange", "/srv/archive", "/srv/refused").is_empty());
        assert!(said("/data", "/srv/x", "/srv/xy", "/srv/xyz").is_empty(), "names that begin alike");
    }

    #[test]
    fn each_overlap_is_named_with_what_to_change() {
        for (data, exchange, archive, refused, expected) in [
            (
                "/d",
                "/e",
                "/e/archive",
                "/r",
                "the archive folder lies inside the exchange folder; choose another archive folder",
            ),
            (
                "/d",
                "/a/e",
                "/a",
                "/r",
                "the exchange folder lies inside the archive folder; choose another exchange folder",
            ),
            (
                "/d",
                "/e",
                "/a",
                "/a",
                "the refused folder is also the archive folder; choose another refused folder",
            ),
            (
                "/srv/d",
                "/srv",
                "/a",
                "/r",
                "the data folder lies inside the exchange folder; choose another exchange folder",
            ),
            (
                "/d",
                "/d",
                "/a",
                "/r",
                "the exchange folder is also the data folder; choose another exchange folder",
            ),
            (
                "/d",
                "/d/spool",
                "/a",
                "/r",
                "the exchange folder lies inside the data folder; choose another exchange folder",
            ),
            (
                "/d",
                "/e",
                "/d/exchange",
                "/r",
                "the archive folder lies inside the data folder; choose another archive folder",
            ),
        ] {
            assert_eq!(said(data, exchange, archive, refused), [expected]);
        }
    }

    #[test]
    fn a_path_is_resolved_as_far_as_it_exists() {
        let temp = tempfile::tempdir().unwrap();
        let root = temp.path().canonicalize().unwrap();
        std::fs::create_dir(root.join("real")).unwrap();
        std::os::unix::fs::symlink(root.join("real"), root.join("link")).unwrap();
        assert_eq!(resolve(&root.join("link/new/er")).unwrap(), root.join("real/new/er"));
        assert_eq!(resolve(&root.join("link/../real/./x")).unwrap(), root.join("real/x"));
    }
}
