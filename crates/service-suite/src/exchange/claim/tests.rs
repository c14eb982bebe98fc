use std::fs::{self, File, OpenOptions};
use std::os::fd::OwnedFd;

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
            race.into_iter().map(|thread| thread.join().unwrap()).filter(|won| *won).count()
        });
        assert_eq!(taken, 1);
    }
    assert_eq!(folder.names().len(), 200);
}

/// A share or a failing disk: what it does is done, and then answered with an error.
struct LosesAnswers {
    folder: OwnedFd,
    renames: bool,
    answer: i32,
    looks: std::cell::Cell<usize>,
    looks_that_work: usize,
    /// A name that is remembered as it was: as the file that has another name by now, or as missing.
    remembered: Option<(&'static str, Option<&'static str>)>,
}

impl LosesAnswers {
    fn over(folder: &Temporary, renames: bool, answer: i32) -> Self {
        let folder = os::open_folder(folder.0.path()).unwrap();
        Self { folder, renames, answer, looks: 0.into(), looks_that_work: usize::MAX, remembered: None }
    }
}

impl Folder for LosesAnswers {
    fn look(&self, name: &str) -> Look {
        self.looks.set(self.looks.get() + 1);
        if self.looks.get() > self.looks_that_work {
            return Look::Unreadable(io::Error::from_raw_os_error(libc::EIO));
        }
        match (self.folder.look(name), self.remembered) {
            (Look::Absent, Some((before, Some(now)))) if name == before => self.folder.look(now),
            (_, Some((before, None))) if name == before => Look::Absent,
            (look, _) => look,
        }
    }

    fn lists(&self, name: &str) -> io::Result<bool> {
        self.folder.lists(name)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        if self.renames {
            self.folder.rename(from, to)?;
        }
        Err(io::Error::from_raw_os_error(self.answer))
    }

    fn unlink(&self, name: &str) -> io::Result<()> {
        self.folder.unlink(name)
    }

    fn sync(&self) -> io::Result<()> {
        self.folder.sync()
    }
}

#[test]
fn a_rename_that_was_done_counts_whatever_is_answered() {
    for answer in [libc::ENOENT, libc::EEXIST, libc::EIO, libc::EACCES, libc::ETIMEDOUT] {
        let folder = Temporary::new();
        folder.write("customers.txt", "one");
        let settled = folder.sight("customers.txt");
        let share = LosesAnswers::over(&folder, true, answer);
        assert_eq!(claim(&share, "customers.txt", 1, &settled).unwrap().name, ".customers.txt.1", "{answer}");

        folder.write("customers.txt", "two");
        let settled = folder.sight("customers.txt");
        let share = LosesAnswers::over(&folder, false, answer);
        let error = claim(&share, "customers.txt", 2, &settled).unwrap_err();
        let refused = ![libc::EIO, libc::ETIMEDOUT].contains(&answer);
        assert_eq!(!matches!(error, ClaimError::Io { claimed: true, .. }), refused, "{answer}: {error:?}");
        assert_eq!(folder.names(), [".customers.txt.1", "customers.txt"], "{answer}: not renamed");
    }
}

#[test]
fn a_rename_of_which_nobody_knows_whether_it_was_done_is_not_forgotten() {
    let folder = Temporary::new();
    folder.write("customers.txt", "one");
    let settled = folder.sight("customers.txt");
    let share = LosesAnswers { looks_that_work: 1, ..LosesAnswers::over(&folder, true, libc::EIO) };
    let error = claim(&share, "customers.txt", 1, &settled).unwrap_err();
    assert!(matches!(error, ClaimError::Io { claimed: true, .. }), "{error:?}");
}

#[test]
fn a_rename_after_which_the_old_name_is_still_remembered_is_not_forgotten() {
    let folder = Temporary::new();
    folder.write("customers.txt", "one");
    let settled = folder.sight("customers.txt");
    let remembered = Some(("customers.txt", Some(".customers.txt.1")));
    let share = LosesAnswers { remembered, ..LosesAnswers::over(&folder, true, libc::EIO) };
    let error = claim(&share, "customers.txt", 1, &settled).unwrap_err();
    assert!(matches!(error, ClaimError::Io { claimed: true, .. }), "{error:?}");
}

#[test]
fn a_rename_whose_new_name_is_remembered_as_missing_is_not_forgotten() {
    for answer in [libc::ENOENT, libc::EIO, libc::ETIMEDOUT, libc::ESTALE] {
        let folder = Temporary::new();
        folder.write("customers.txt", "one");
        let settled = folder.sight("customers.txt");
        let remembered = Some((".customers.txt.1", None));
        let share = LosesAnswers { remembered, ..LosesAnswers::over(&folder, true, answer) };
        let error = claim(&share, "customers.txt", 1, &settled).unwrap_err();
        assert!(matches!(error, ClaimError::Io { claimed: true, .. }), "{answer}: {error:?}");
    }
}

#[test]
fn the_file_of_another_installation_is_not_taken_for_a_rename_that_was_done() {
    for text in ["of another installation", "one"] {
        let folder = Temporary::new();
        folder.write("customers.txt", "one");
        let settled = folder.sight("customers.txt");
        let other = File::create(folder.path(".customers.txt.1")).unwrap();
        io::Write::write_all(&mut &other, text.as_bytes()).unwrap();
        // Even one that looks alike: the settled file is still where it was.
        let modified = fs::metadata(folder.path("customers.txt")).unwrap().modified().unwrap();
        other.set_modified(modified).unwrap();
        let share = LosesAnswers::over(&folder, false, libc::EEXIST);
        let error = claim(&share, "customers.txt", 1, &settled).unwrap_err();
        assert!(matches!(error, ClaimError::NameTaken { .. }), "{text}: {error:?}");
    }
}
