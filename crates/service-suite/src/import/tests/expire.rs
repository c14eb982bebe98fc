//! What becomes of archived files when their time is over, and of what is to be archived where the archive is away.

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use register::imports::{State, Step};

use super::Exchange;
use crate::clock::{Clock, SystemClock};
use crate::import::{Expiry, Silent, carry_on, put_away};

const HOUR: Duration = Duration::from_secs(3600);
const MONDAY: &str = "Kundenr;Navn;By\n1;Alfa;Ribe\n";

/// A clock that is set by hand, and how long the program has run.
#[derive(Default)]
struct SetByHand(Mutex<(SignedDuration, Duration)>);

impl SetByHand {
    fn set(&self, by_hours: i64) {
        self.0.lock().unwrap().0 += SignedDuration::from_hours(by_hours);
    }
}

impl Clock for SetByHand {
    fn now(&self) -> Timestamp {
        let (set, ran) = *self.0.lock().unwrap();
        Timestamp::now() + set + SignedDuration::try_from(ran).unwrap()
    }

    fn monotonic(&self) -> Duration {
        self.0.lock().unwrap().1
    }

    fn pause(&self, time: Duration) {
        self.0.lock().unwrap().1 += time;
    }

    fn random(&self, bytes: &mut [u8]) -> std::io::Result<()> {
        SystemClock::new().random(bytes)
    }
}

struct Archive {
    exchange: Exchange,
    clock: Arc<SetByHand>,
    folder: PathBuf,
}

impl Archive {
    /// An archive outside the data folder, with one file that was just imported.
    fn with_one_file() -> Archive {
        let mut exchange = Exchange::new("");
        let clock = Arc::new(SetByHand::default());
        exchange.office.app.clock = clock.clone();
        let folder = exchange.office.path("share/archive");
        fs::create_dir_all(&folder).unwrap();
        exchange.office.settings(&format!("archive-folder = {folder:?}\nkeep-archive = 30"));
        let archive = Archive { exchange, clock, folder };
        assert_eq!(archive.import(), Ok(()));
        archive
    }

    /// Imports a file and puts it away; otherwise gives what is told.
    fn import(&self) -> Result<(), String> {
        let app = &self.exchange.office.app;
        fs::write(self.exchange.path("customers.txt"), MONDAY).unwrap();
        let id = self.exchange.take(None, false);
        assert_eq!(carry_on(app, id, &Silent).unwrap().unwrap().state, State::Done);
        put_away(app, id, &Silent).map(drop).map_err(|later| later.to_string())
    }

    fn files(&self) -> usize {
        fs::read_dir(&self.folder).map_or(0, |files| files.count())
    }

    /// The program runs for so long, and looks every hour.
    fn runs(&self, expiry: &mut Expiry, hours: u32) -> Result<(), String> {
        let app = &self.exchange.office.app;
        for _ in 0..hours {
            expiry.remove_expired(app).map_err(|later| later.to_string())?;
            self.clock.pause(HOUR);
        }
        Ok(())
    }

    fn is_noted(&self) -> bool {
        self.exchange.office.entry(1).kept_path.is_some()
    }
}

#[test]
fn a_file_past_its_time_goes_and_its_import_stays_in_the_list() {
    let archive = Archive::with_one_file();
    let mut expiry = Expiry::default();
    archive.runs(&mut expiry, 29 * 24).unwrap();
    assert_eq!((archive.files(), archive.is_noted()), (1, true));
    archive.runs(&mut expiry, 2 * 24).unwrap();
    assert_eq!((archive.files(), archive.is_noted()), (0, false));
    assert_eq!(archive.exchange.office.entry(1).state, State::Done);
}

#[test]
fn a_machine_that_runs_by_day_only_removes_them_too() {
    let archive = Archive::with_one_file();
    for _ in 0..40 {
        archive.runs(&mut Expiry::default(), 9).unwrap();
        archive.clock.set(15);
    }
    assert_eq!((archive.files(), archive.is_noted()), (0, false));
}

#[test]
fn a_clock_that_is_wrong_removes_nothing() {
    for wrong in [10 * 365 * 24, 31 * 24, -10 * 365 * 24] {
        let archive = Archive::with_one_file();
        archive.runs(&mut Expiry::default(), 48).unwrap();
        // The machine starts with a wrong clock, runs for most of a day, and starts again with the right one.
        archive.clock.set(wrong);
        archive.runs(&mut Expiry::default(), 20).unwrap();
        archive.clock.set(-wrong);
        archive.runs(&mut Expiry::default(), 48).unwrap();
        assert_eq!((archive.files(), archive.is_noted()), (1, true), "{wrong} hours");
    }
}

#[test]
fn what_was_imported_while_the_clock_was_behind_is_as_young_as_what_came_before_it() {
    let archive = Archive::with_one_file();
    archive.clock.set(-10 * 365 * 24);
    archive.import().unwrap();
    archive.clock.set(10 * 365 * 24);
    archive.runs(&mut Expiry::default(), 29 * 24).unwrap();
    assert_eq!(archive.files(), 2);
    archive.runs(&mut Expiry::default(), 4 * 24).unwrap();
    assert_eq!(archive.files(), 0);
}

#[test]
fn a_folder_is_made_when_it_is_named_unless_the_one_above_it_is_missing_too() {
    let exchange = Exchange::new("");
    let office = &exchange.office;
    for (name, is_made) in [("archive", true), ("share/archive", false)] {
        let folder = office.path(name);
        office.settings(&format!("archive-folder = {folder:?}"));
        assert_eq!(folder.is_dir(), is_made, "{name}");
    }
}

#[test]
fn while_the_archive_is_away_nothing_is_taken_for_removed_and_nothing_is_made_in_its_place() {
    let archive = Archive::with_one_file();
    let (share, away) = (archive.exchange.office.path("share"), archive.exchange.office.path("away"));
    let mut expiry = Expiry::default();
    archive.runs(&mut expiry, 24).unwrap();
    rustix::fs::rename(&share, &away).unwrap();
    // The machine is off over many a weekend.
    let mut told = Vec::new();
    for _ in 0..16 {
        archive.clock.set(2 * 24);
        told.extend(archive.runs(&mut expiry, 1).err());
    }
    assert!(!told.is_empty());
    let why = archive.runs(&mut expiry, 1).unwrap_err();
    assert!(why.contains("does not exist; is its share mounted?"), "{why}");
    assert!(archive.is_noted());
    let why = archive.import().unwrap_err();
    assert!(why.contains("does not exist; is its share mounted?"), "{why}");
    assert!(!share.exists());
    let waiting = archive.exchange.office.entry(2);
    assert_eq!(waiting.step, Step::Committed);
    assert!(archive.exchange.path(".customers.txt.2").exists(), "the file stays until it is archived");
    rustix::fs::rename(&away, &share).unwrap();
    let app = &archive.exchange.office.app;
    assert_eq!(put_away(app, 2, &Silent).unwrap().unwrap().step, Step::Finished);
    assert_eq!(archive.files(), 2);
    archive.runs(&mut expiry, 1).unwrap();
    assert!(!archive.is_noted());
}
