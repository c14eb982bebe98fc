//! After a failed fsync a second one may succeed without the data: the system may have dropped what it could not write.
//! So what was written before a failed fsync counts as lost until it is written anew.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::trace::{Call, Outcome, Trace};

/// What is written to a file and not known to be durable.
#[derive(Debug, Default)]
struct Unsynced {
    /// Offsets written since the last fsync; appending writes count as offset 0.
    written: Vec<u64>,
    /// Offsets that a failed fsync may have lost.
    lost: Vec<u64>,
}

/// The first file, if any, of which an fsync was believed after one had failed, although what had been written before
/// was not written anew.
///
/// Folders are left out: their names are kept by the file system's journal, which drops nothing without failing for
/// good.
pub(crate) fn trusted_after_a_failed_fsync(trace: &Trace) -> Option<PathBuf> {
    let mut files: HashMap<&Path, Unsynced> = HashMap::new();
    for call in &trace.0 {
        let failed = matches!(call.outcome, Outcome::Failed | Outcome::Injected);
        match call.name.as_str() {
            "write" | "pwrite64" | "writev" if !failed => {
                let file = files.entry(&call.path).or_default();
                let offset = call.offset.unwrap_or(0);
                file.written.push(offset);
                file.lost.retain(|lost| *lost != offset);
            }
            "fsync" | "fdatasync" => {
                let Some(file) = files.get_mut(call.path.as_path()) else { continue };
                if failed {
                    file.lost.append(&mut file.written);
                } else if still_needed(call, file) {
                    return Some(call.path.clone());
                } else {
                    file.written.clear();
                    file.lost.clear();
                }
            }
            "ftruncate" if !failed => {
                let file = files.entry(&call.path).or_default();
                let kept = |offset: &u64| *offset < call.offset.unwrap_or(0);
                file.written.retain(kept);
                file.lost.retain(kept);
            }
            // Another file has the name from now on.
            "unlink" | "unlinkat" | "rename" | "renameat" | "renameat2" if !failed => {
                let moved = call.from.as_deref().and_then(|from| files.remove(from));
                files.remove(call.path.as_path());
                if let Some(moved) = moved {
                    files.insert(&call.path, moved);
                }
            }
            _ if call.makes && !failed => {
                files.remove(call.path.as_path());
            }
            _ => {}
        }
    }
    None
}

/// Of the write-ahead log of a database only what belongs to whole transactions is ever read. What a failed transaction
/// left is needed only if something that was written later comes behind it.
fn still_needed(call: &Call, file: &Unsynced) -> bool {
    let log = call.path.extension().is_some_and(|extension| extension == "db-wal");
    let end = file.written.iter().max().copied();
    file.lost.iter().any(|lost| !log || end.is_some_and(|end| *lost < end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(name: &str, path: &str, offset: Option<u64>, outcome: Outcome) -> Call {
        Call {
            name: name.to_owned(),
            path: path.into(),
            from: None,
            by_path: true,
            changes: true,
            makes: name == "openat",
            offset,
            outcome,
        }
    }

    #[test]
    fn an_fsync_after_a_failed_one_is_believed_only_of_what_was_written_anew() {
        use Outcome::{Injected, Worked};
        let write = |offset| call("pwrite64", "x.db-wal", Some(offset), Worked);
        let fsync = |outcome| call("fsync", "x.db-wal", None, outcome);
        let page = call("pwrite64", "x.db", Some(4096), Worked);
        let fsync_pages = |outcome| call("fsync", "x.db", None, outcome);
        let cut = call("ftruncate", "x.db", Some(0), Worked);
        for (what, calls, trusted) in [
            ("pages, again", vec![page.clone(), fsync_pages(Injected), fsync_pages(Worked)], true),
            ("pages, cut away", vec![page, fsync_pages(Injected), cut, fsync_pages(Worked)], false),
            ("given up", vec![write(0), fsync(Injected), fsync(Worked)], false),
            ("something else", vec![write(0), fsync(Injected), write(4096), fsync(Worked)], true),
            ("the same again", vec![write(0), fsync(Injected), write(0), fsync(Worked)], false),
            ("shorter", vec![write(0), write(9), fsync(Injected), write(0), fsync(Worked)], false),
            ("nothing failed", vec![write(0), fsync(Worked), fsync(Worked)], false),
            ("nothing was written", vec![fsync(Injected), fsync(Worked)], false),
        ] {
            assert_eq!(trusted_after_a_failed_fsync(&Trace(calls)).is_some(), trusted, "{what}");
        }
        let on = |name: &str, outcome| call(name, "spool/1.partial", None, outcome);
        let begun = || vec![on("openat", Worked), on("write", Worked), on("fsync", Injected)];
        let mut anew = begun();
        anew.extend([on("unlink", Worked), on("openat", Worked), on("write", Worked), on("fsync", Worked)]);
        assert_eq!(trusted_after_a_failed_fsync(&Trace(anew)), None);
        let mut renamed = begun();
        renamed.push(Call {
            from: Some("spool/1.partial".into()),
            ..call("renameat2", "archive/1", None, Worked)
        });
        renamed.push(call("fsync", "archive/1", None, Worked));
        assert_eq!(trusted_after_a_failed_fsync(&Trace(renamed)), Some("archive/1".into()));
    }
}
