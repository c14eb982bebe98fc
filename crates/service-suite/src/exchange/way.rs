//! The whole way of a file through this module, with a clock that the story turns.

use std::fs;
use std::io::Write;
use std::ops::ControlFlow;
use std::time::Duration;

use super::archive::{self, Delivery};
use super::arrival::{Arrival, Verdict};
use super::claim::ClaimError;
use super::local::LocalFolder;
use super::place::{Found, Place, RemoveError, observe};
use super::spool::{self, SpoolError};

const SETTLE: Duration = Duration::from_secs(10);

struct Story {
    temp: tempfile::TempDir,
    place: LocalFolder,
    now: Duration,
}

impl Story {
    fn new() -> Self {
        let temp = tempfile::tempdir().unwrap();
        for folder in ["exchange", "spool", "archive"] {
            fs::create_dir(temp.path().join(folder)).unwrap();
        }
        let place = LocalFolder::new(temp.path().join("exchange"));
        Self { temp, place, now: Duration::ZERO }
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.temp.path().join(name)
    }

    fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(folder)).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Looks as the verdicts say until the name settles; gives how it looked then.
    fn settle(&mut self, name: &str) -> super::place::Sighting {
        let mut arrival = Arrival::new(SETTLE);
        for _ in 0..1_000 {
            let now = self.now;
            let (observation, _) = observe(&self.place, name, &|| now);
            let found = observation.found.clone();
            let verdict = arrival.see(observation);
            match (verdict.look_again_at(), found) {
                (None, Found::Seen(sighting)) if matches!(verdict, Verdict::Settled(_)) => return sighting,
                (Some(at), _) => self.now = at,
                other => panic!("{name}: {verdict:?} {other:?}"),
            }
        }
        panic!("{name} never settles")
    }

    fn spool(
        &self,
        name: &str,
        expected: &super::place::Sighting,
        id: i64,
    ) -> Result<spool::SpoolFile, SpoolError> {
        let report = &mut |_, _| ControlFlow::Continue(());
        spool::copy(&self.place, name, expected, &self.path("spool"), id, report).map(|(copy, _)| copy)
    }
}

fn delivery(import_id: i64) -> Delivery<'static> {
    Delivery { name: "customers.txt", import_id, at: "2026-11-22T19:07:41Z".parse().unwrap() }
}

#[test]
fn a_file_goes_the_whole_way_while_the_next_one_arrives() {
    let mut story = Story::new();
    fs::write(story.path("exchange/customers.txt"), "monday").unwrap();
    let settled = story.settle("customers.txt");
    assert_eq!(story.now, SETTLE);
    let claim = story.place.claim("customers.txt", 1, &settled).unwrap();
    fs::write(story.path("exchange/customers.txt"), "tuesday").unwrap();
    let copy = story.spool(&claim.name, &claim.sighting, 1).unwrap();
    let archived = archive::archive(&copy, &story.path("archive"), delivery(1)).unwrap();
    archive::remove_source(&story.place, &claim.name, Some(&claim.sighting), copy.sha256()).unwrap();
    assert_eq!(fs::read(archived).unwrap(), b"monday");
    assert_eq!(story.names("exchange"), ["customers.txt"]);
    assert_eq!(fs::read(story.path("exchange/customers.txt")).unwrap(), b"tuesday");
    assert!(story.names("spool").is_empty());
}

#[test]
fn a_writer_that_kept_the_claimed_file_open_is_waited_for_under_the_claimed_name() {
    let mut story = Story::new();
    let name = story.path("exchange/customers.txt");
    fs::write(&name, "first half, ").unwrap();
    let settled = story.settle("customers.txt");
    // A program may know the file by its handle or its new name; either way it comes after the last look.
    let claim = story.place.claim("customers.txt", 1, &settled).unwrap();
    let mut writer =
        fs::OpenOptions::new().append(true).open(story.path("exchange/.customers.txt.1")).unwrap();
    let error = story.spool(&claim.name, &claim.sighting, 1).unwrap_err();
    assert!(matches!(error, SpoolError::Changed { .. }), "{error:?}");
    writer.write_all(b"second half").unwrap();
    drop(writer);
    let settled = story.settle(&claim.name);
    let copy = story.spool(&claim.name, &settled, 1).unwrap();
    assert_eq!(fs::read(copy.path()).unwrap(), b"first half, second half");
    assert!(matches!(story.place.claim("customers.txt", 2, &settled), Err(ClaimError::Gone { .. })));
}

#[test]
fn bytes_that_come_after_the_copy_are_never_removed_with_the_source() {
    let mut story = Story::new();
    fs::write(story.path("exchange/customers.txt"), "all").unwrap();
    let settled = story.settle("customers.txt");
    let claim = story.place.claim("customers.txt", 1, &settled).unwrap();
    let copy = story.spool(&claim.name, &claim.sighting, 1).unwrap();
    fs::write(story.path("exchange/.customers.txt.1"), "all, and more").unwrap();
    archive::archive(&copy, &story.path("archive"), delivery(1)).unwrap();
    let removed = archive::remove_source(&story.place, &claim.name, Some(&claim.sighting), copy.sha256());
    assert!(matches!(removed, Err(RemoveError::Changed { .. })), "{removed:?}");
    assert_eq!(story.names("exchange"), [".customers.txt.1"]);
}

#[test]
fn after_a_crash_at_any_step_the_step_can_be_repeated() {
    for crash in 0..4 {
        let mut story = Story::new();
        fs::write(story.path("exchange/customers.txt"), "x").unwrap();
        let settled = story.settle("customers.txt");
        let claim = story.place.claim("customers.txt", 1, &settled).unwrap();
        let copy = (crash >= 1).then(|| story.spool(&claim.name, &claim.sighting, 1).unwrap());
        if let Some(copy) = copy.as_ref().filter(|_| crash >= 2) {
            archive::archive(copy, &story.path("archive"), delivery(1)).unwrap();
        }
        if let Some(copy) = copy.as_ref().filter(|_| crash >= 3) {
            archive::remove_source(&story.place, &claim.name, None, copy.sha256()).unwrap();
        }
        drop(copy);

        // What a restart knows: the ledger's id, name and (once spooled) hash, and the folders.
        let claims = story.place.claims().unwrap();
        assert_eq!(claims.len(), usize::from(crash < 3));
        let hash = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881";
        if archive::archived(&story.path("archive"), delivery(1), hash).unwrap().is_none() {
            let copy = match spool::SpoolFile::reopen(&story.path("spool"), 1).unwrap() {
                Some(copy) => copy,
                None => {
                    let settled = story.settle(&claims[0].name);
                    story.spool(&claims[0].name, &settled, 1).unwrap()
                }
            };
            archive::archive(&copy, &story.path("archive"), delivery(1)).unwrap();
        }
        archive::remove_source(&story.place, ".customers.txt.1", None, hash).unwrap();
        assert_eq!(story.names("archive"), ["customers.20261122-190741.1.txt"], "crash {crash}");
        assert!(story.names("exchange").is_empty() && story.names("spool").is_empty(), "crash {crash}");
    }
}
