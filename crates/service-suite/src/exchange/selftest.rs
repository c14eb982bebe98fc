//! What is right and wrong with an exchange folder, in sentences: the test button of the ERP-system page.

mod reach;

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use notify::{RecommendedWatcher, RecursiveMode, Watcher};

use super::check::{Check, Outcome};
use super::ground::{Ground, ask_for_share};
use super::local::LocalFolder;
use super::os;
use super::place::{Place, Writer};

/// The folder exists and is one.
pub(crate) const EXISTS: &str = "folder";
/// Files can be created, renamed and deleted in it.
pub(crate) const CHANGES: &str = "create, rename and delete";
/// What it lies on.
pub(crate) const FILE_SYSTEM: &str = "file system";
/// Whether hints come.
pub(crate) const NOTIFICATIONS: &str = "change notifications";
/// Whether the folder's server has the same time.
pub(crate) const CLOCK: &str = "clock";
/// How much room there is.
pub(crate) const SPACE: &str = "free space";
/// Whether it can be proved that nobody writes.
pub(crate) const WRITERS: &str = "open for writing";
/// Whether programs of other users can put files there.
pub(crate) const REACH: &str = "programs of other users";

/// Whether the share that was there is there.
pub(crate) const MOUNTED: &str = "mounted share";

/// How long a change notification may take before it is taken for not coming.
const NOTIFICATION_WAIT: Duration = Duration::from_secs(2);

/// A difference of clocks up to this many milliseconds is none: some shares keep times to two seconds.
const CLOCK_TOLERANCE: i64 = 2_000;

/// Less than this is too little for an ordinary export.
const LITTLE_SPACE: u64 = 64 << 20;

/// Tests a folder. `now` reads the wall clock; `leave` says that files stay in it after their import. Makes and removes two hidden files of unique names; takes up
/// to two seconds where notifications do not come.
pub(crate) fn self_test(folder: &Path, now: &dyn Fn() -> Timestamp, leave: bool) -> Vec<Check> {
    let shown = folder.display();
    let open = match os::open_folder(folder) {
        Ok(open) => open,
        Err(error) => {
            let what = match error.kind() {
                io::ErrorKind::NotFound => format!("{shown} does not exist; create it or correct the path"),
                io::ErrorKind::NotADirectory => format!("{shown} is not a folder"),
                io::ErrorKind::PermissionDenied => {
                    format!("{shown} may not be opened by this program's user; give it read permission")
                }
                _ => format!("{shown} cannot be opened: {error}"),
            };
            return vec![Check::failed(EXISTS, what)];
        }
    };
    let on = os::file_system(&open);
    let events = watch(folder);
    let before = now();
    let probe = Probe::new(folder, before);
    let (changes, found) = probe.run(leave);
    let after = now();
    let mut checks = vec![
        Check::passed(EXISTS, format!("{shown} is a folder")),
        changes,
        Check::passed(FILE_SYSTEM, format!("{shown} lies on {}", on.name)),
        notifications(events, &probe, found.is_some(), &on),
    ];
    checks.push(match &found {
        Some(found) => clock(found.modified, before, after),
        None => Check::unknown(CLOCK, "no file could be made whose time would tell"),
    });
    checks.push(free_space(folder));
    checks.push(match found {
        Some(found) => writers(found.writer),
        None => Check::unknown(WRITERS, "no file could be made to ask about"),
    });
    checks.push(reach::check(folder));
    checks
}

/// What to say of a folder that stood on something else `before`, when a share seems not to be mounted.
pub(crate) fn still_mounted(folder: &Path, before: Option<&Ground>) -> Option<Check> {
    let now = LocalFolder::new(folder).ground().ok()?;
    let lost = now.lost_since(before?)?;
    Some(Check::failed(MOUNTED, ask_for_share(&folder.display().to_string(), &lost)))
}

/// Whether a folder can be used at all, by the checks that must not fail for that.
pub(crate) fn is_usable(checks: &[Check]) -> bool {
    [EXISTS, CHANGES]
        .iter()
        .all(|name| checks.iter().any(|check| check.check == *name && check.result != Outcome::Failed))
}

/// A file made to see what can be done.
struct Probe {
    folder: PathBuf,
    name: String,
}

/// What the probe file told.
struct Found {
    modified: Timestamp,
    writer: Writer,
}

impl Probe {
    fn new(folder: &Path, now: Timestamp) -> Self {
        let name = format!(".service-suite-test-{}-{}", std::process::id(), now.as_nanosecond());
        Self { folder: folder.to_owned(), name }
    }

    fn run(&self, leave: bool) -> (Check, Option<Found>) {
        let first = self.folder.join(&self.name);
        let second = self.folder.join(self.second_name());
        let created =
            OpenOptions::new().write(true).create_new(true).mode(0o600).open(&first).and_then(|mut file| {
                io::Write::write_all(&mut file, b"This file tests the folder and can be deleted.\n")
            });
        let found = self.look(&first);
        let renamed = created.as_ref().ok().map(|()| {
            let folder = os::open_folder(&self.folder)?;
            os::rename_away(&folder, &self.name, &self.second_name())
        });
        let (_, deleted) = (remove(&first), remove(&second));
        let check = match (created, renamed, deleted) {
            (Err(error), ..) => Err(format!("no file can be created in the folder ({error})")),
            (_, Some(Err(error)), _) => Err(format!("a file in the folder cannot be renamed ({error})")),
            (.., Err(error)) => Err(format!(
                "a file in the folder cannot be deleted ({error}); remove {} by hand",
                second.display()
            )),
            _ => Ok(()),
        };
        let check = match check {
            Ok(()) => Check::passed(CHANGES, "files can be created, renamed and deleted in the folder"),
            Err(what) if leave => Check::unknown(
                CHANGES,
                format!("{what}; that is not needed, since files are left where they are after their import"),
            ),
            Err(what) => Check::failed(
                CHANGES,
                format!(
                    "{what}; give this program's user write permission to it, or choose \"left where it is\" under \
                     Settings > ERP-system, so that nothing in it needs to be changed"
                ),
            ),
        };
        (check, found)
    }

    fn second_name(&self) -> String {
        format!("{}-renamed", self.name)
    }

    fn look(&self, path: &Path) -> Option<Found> {
        let file = fs::File::open(path).ok()?;
        let (writer, metadata, _) = os::look_without_writers(&file, fs::File::metadata);
        let metadata = metadata.ok()?;
        let modified = Timestamp::new(metadata.mtime(), i32::try_from(metadata.mtime_nsec()).ok()?).ok()?;
        Some(Found { modified, writer })
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

type Events = Receiver<notify::Result<notify::Event>>;

fn watch(folder: &Path) -> notify::Result<(RecommendedWatcher, Events)> {
    let (sender, events) = channel();
    let mut watcher = notify::recommended_watcher(sender)?;
    watcher.watch(folder, RecursiveMode::NonRecursive)?;
    Ok((watcher, events))
}

fn notifications(
    watch: notify::Result<(RecommendedWatcher, Events)>,
    probe: &Probe,
    made: bool,
    on: &os::FileSystem,
) -> Check {
    let scan = "the folder is looked through regularly all the same";
    let (_watcher, events) = match watch {
        Ok(watch) => watch,
        Err(error) => {
            return Check::failed(NOTIFICATIONS, format!("the folder cannot be watched ({error}); {scan}"));
        }
    };
    if !made {
        return Check::unknown(NOTIFICATIONS, format!("no file could be made to be told of; {scan}"));
    }
    let of_probe = |event: &notify::Event| {
        event.paths.iter().any(|path| path.file_name().is_some_and(|name| name == probe.name.as_str()))
    };
    let deadline = Instant::now() + NOTIFICATION_WAIT;
    let mut arrived = false;
    while let Ok(event) = events.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
        if event.as_ref().is_ok_and(of_probe) {
            arrived = true;
            break;
        }
    }
    if !arrived {
        Check::failed(NOTIFICATIONS, format!("no change notification came within 2 s; {scan}"))
    } else if on.may_be_remote() {
        Check::unknown(
            NOTIFICATIONS,
            format!(
                "changes by this machine are notified, those by other machines probably not ({}); {scan}",
                on.name
            ),
        )
    } else {
        Check::passed(NOTIFICATIONS, "change notifications arrive")
    }
}

fn clock(modified: Timestamp, before: Timestamp, after: Timestamp) -> Check {
    let milliseconds = if modified < before {
        modified.as_millisecond() - before.as_millisecond()
    } else {
        (modified.as_millisecond() - after.as_millisecond()).max(0)
    };
    if milliseconds.abs() <= CLOCK_TOLERANCE {
        let how = match milliseconds {
            0 => "agree".to_owned(),
            ahead => format!("differ by {} ms, which is within the exactness of file times", ahead.abs()),
        };
        return Check::passed(CLOCK, format!("the folder's clock and this machine's {how}"));
    }
    let (seconds, which) =
        (milliseconds.unsigned_abs() / 1_000, if milliseconds < 0 { "behind" } else { "ahead of" });
    Check::failed(
        CLOCK,
        format!(
            "the folder's clock is {seconds} s {which} this machine's. Settling does not depend on it, but file \
             times will look wrong; set both clocks by a time server"
        ),
    )
}

fn free_space(folder: &Path) -> Check {
    match os::space(folder) {
        Ok(space) => {
            let detail = format!("{} of {} are free", bytes(space.free), bytes(space.total));
            if space.free < LITTLE_SPACE {
                Check::failed(SPACE, format!("only {detail}; make room"))
            } else if space.free_files.is_some_and(|files| files < 100) {
                Check::failed(SPACE, format!("{detail}, but hardly any more files can be made; remove some"))
            } else {
                Check::passed(SPACE, detail)
            }
        }
        Err(error) => Check::unknown(SPACE, format!("the file system does not say ({error})")),
    }
}

fn writers(writer: Writer) -> Check {
    match writer {
        Writer::None if os::may_lease_files_of_others() => Check::passed(
            WRITERS,
            "it can be proved for every file that no local program has it open for writing",
        ),
        Writer::None => Check::unknown(
            WRITERS,
            "it can be proved that no local program has a file open for writing only if the file belongs to this \
             program's user; grant the capability CAP_LEASE for the files of others",
        ),
        // The test's own file was closed before: somebody else looks into new files, or the system is odd.
        Writer::Held => Check::unknown(WRITERS, "another program opened the test file; test again"),
        Writer::Unknown(why) => Check::unknown(WRITERS, why),
    }
}

/// A size for people, in decimal units.
fn bytes(count: u64) -> String {
    let units = ["kB", "MB", "GB", "TB", "PB"];
    let mut value = count as f64;
    let mut unit = "bytes";
    for next in units {
        if value < 1_000.0 {
            break;
        }
        value /= 1_000.0;
        unit = next;
    }
    if unit == "bytes" { format!("{count} bytes") } else { format!("{value:.1} {unit}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::testing::{as_nobody, mode, open_to_all};

    fn find<'a>(checks: &'a [Check], name: &str) -> &'a Check {
        checks.iter().find(|check| check.check == name).unwrap_or_else(|| panic!("{name} in {checks:#?}"))
    }

    /// The system's clock, by way of a new file: the wall clock itself is not for tests to read.
    fn now() -> Timestamp {
        let file = tempfile::tempfile().unwrap();
        Timestamp::try_from(file.metadata().unwrap().modified().unwrap()).unwrap()
    }

    #[test]
    fn a_good_folder_passes_and_is_left_as_it_was() {
        let temp = tempfile::tempdir().unwrap();
        let checks = self_test(temp.path(), &now, false);
        for name in [EXISTS, CHANGES, FILE_SYSTEM, NOTIFICATIONS, CLOCK] {
            assert_eq!(find(&checks, name).result, Outcome::Passed, "{checks:#?}");
        }
        assert!(is_usable(&checks));
        assert_eq!(fs::read_dir(temp.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_folder_that_is_none_is_told_apart() {
        let temp = tempfile::tempdir().unwrap();
        fs::write(temp.path().join("file"), "x").unwrap();
        fs::create_dir(temp.path().join("closed")).unwrap();
        mode(&temp.path().join("closed"), 0o000);
        open_to_all(temp.path());
        for (name, expected) in
            [("missing", "does not exist"), ("file", "is not a folder"), ("closed", "may not be opened")]
        {
            let checks = as_nobody(|| self_test(&temp.path().join(name), &now, true));
            assert_eq!(checks.len(), 1);
            assert!(checks[0].detail.contains(expected), "{checks:?}");
            assert!(!is_usable(&checks));
        }
    }

    #[test]
    fn a_folder_without_write_permission_is_told_to_an_unprivileged_program() {
        let temp = tempfile::tempdir().unwrap();
        mode(temp.path(), 0o555);
        let checks = as_nobody(|| self_test(temp.path(), &now, false));
        let check = find(&checks, CHANGES);
        assert_eq!(check.result, Outcome::Failed);
        assert!(
            check.detail.contains("no file can be created in the folder (Permission denied"),
            "{check:?}"
        );
        assert!(check.detail.contains("choose \"left where it is\""), "{check:?}");
        assert!(!is_usable(&checks));
        let checks = as_nobody(|| self_test(temp.path(), &now, true));
        let check = find(&checks, CHANGES);
        assert!(check.detail.contains("not needed") && is_usable(&checks), "{check:?}");
        open_to_all(temp.path());
        let checks = as_nobody(|| self_test(temp.path(), &now, false));
        assert!(is_usable(&checks));
        assert!(find(&checks, WRITERS).detail.contains("CAP_LEASE"), "{checks:?}");
    }

    #[test]
    fn a_wrong_clock_is_told_with_its_offset() {
        let at = |second: i64| Timestamp::from_second(1_000_000 + second).unwrap();
        assert_eq!(clock(at(0), at(0), at(5)).result, Outcome::Passed);
        assert_eq!(clock(at(5), at(0), at(5)).result, Outcome::Passed);
        assert_eq!(clock(at(-2), at(0), at(0)).result, Outcome::Passed);
        assert!(clock(at(-95), at(0), at(1)).detail.contains("95 s behind"));
        assert!(clock(at(3_600), at(0), at(0)).detail.contains("3600 s ahead of"));
    }

    #[test]
    fn sizes_for_people() {
        for (count, expected) in
            [(0, "0 bytes"), (999, "999 bytes"), (1_500, "1.5 kB"), (83_000_000_000, "83.0 GB")]
        {
            assert_eq!(bytes(count), expected);
        }
    }
}
