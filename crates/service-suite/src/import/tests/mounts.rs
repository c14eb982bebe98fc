//! A share that is not mounted for a moment looks like an empty folder, and nothing in it is gone.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use jiff::Timestamp;
use register::imports::{State, Step};
use register::settings;

use super::{Exchange, Office};
use crate::app::App;
use crate::exchange::check::Check;
use crate::exchange::claim::{Claim, ClaimError, ClaimedName};
use crate::exchange::ground::{FolderIdentity, Ground};
use crate::exchange::local::LocalFolder;
use crate::exchange::place::{Listing, Look, Place, Removal, RemoveError, Sighting};
use crate::exchange::testing::put_place;
use crate::import::{Known, Silent, accept_folder, carry_on, is_left_by_content, put_away};

/// A folder whose share is not mounted for the next looks, so many as `blind` says, or was mounted `anew`.
#[derive(Debug)]
struct Share {
    folder: LocalFolder,
    blind: AtomicU32,
    anew: AtomicBool,
    /// Whether its folders and files have numbers that outlast a mount.
    numbered: bool,
}

impl Share {
    /// Takes the place of the exchange folder.
    fn mount(exchange: &Exchange, numbered: bool) -> Arc<Share> {
        let folder = LocalFolder::new(&exchange.address);
        let (blind, anew) = (AtomicU32::new(0), AtomicBool::new(false));
        let share = Arc::new(Share { folder, blind, anew, numbered });
        put_place(&exchange.address, share.clone());
        share
    }

    fn mount_anew(&self) {
        self.anew.store(true, Ordering::SeqCst);
    }

    /// Whether it stays away for longer than one look.
    fn is_away(&self) -> bool {
        self.blind.load(Ordering::SeqCst) > 1
    }

    fn is_blind(&self) -> bool {
        self.blind.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |looks| looks.checked_sub(1)).is_ok()
    }

    fn device(&self, device: u64) -> u64 {
        device + u64::from(self.anew.load(Ordering::SeqCst)) * 1_000_000
    }

    /// What the file's numbers are here.
    fn shown(&self, seen: Sighting) -> Sighting {
        let inode = if self.numbered { seen.inode } else { 0 };
        Sighting { device: self.device(seen.device), inode, ..seen }
    }

    /// The same with the numbers that it has in the folder below.
    fn meant(&self, name: &str, expected: &Sighting) -> Sighting {
        match self.folder.look(name) {
            Look::Seen(now, _) => Sighting { device: now.device, inode: now.inode, ..expected.clone() },
            _ => expected.clone(),
        }
    }
}

impl Place for Share {
    fn list(&self, wanted: &dyn Fn(&str) -> bool) -> io::Result<Listing> {
        if self.is_away() { Ok(Listing::default()) } else { self.folder.list(wanted) }
    }

    fn identity(&self) -> io::Result<FolderIdentity> {
        let FolderIdentity { device, inode } = self.folder.identity()?;
        Ok(match self.is_away() {
            true => FolderIdentity { device: device + 1, inode: inode + 1 },
            false => {
                FolderIdentity { device: self.device(device), inode: if self.numbered { inode } else { 0 } }
            }
        })
    }

    fn ground(&self) -> io::Result<Ground> {
        let there = !self.is_away();
        Ok(Ground { mounted: there, may_be_remote: there, ..self.folder.ground()? })
    }

    fn look(&self, name: &str) -> Look {
        if self.is_blind() {
            return Look::Absent;
        }
        match self.folder.look(name) {
            Look::Seen(seen, file) => Look::Seen(self.shown(seen), file),
            look => look,
        }
    }

    fn lists(&self, name: &str) -> io::Result<bool> {
        if self.is_away() { Ok(false) } else { self.folder.lists(name) }
    }

    fn claim(&self, name: &str, import_id: i64, expected: &Sighting) -> Result<Claim, ClaimError> {
        let claim = self.folder.claim(name, import_id, &self.meant(name, expected))?;
        Ok(Claim { sighting: self.shown(claim.sighting), ..claim })
    }

    fn claim_marker(&self, name: &str, import_id: i64, expected: &Sighting) -> io::Result<Option<Claim>> {
        self.folder.claim_marker(name, import_id, expected)
    }

    fn make_durable(&self) -> io::Result<()> {
        self.folder.make_durable()
    }

    fn claims(&self) -> io::Result<Vec<ClaimedName>> {
        self.folder.claims()
    }

    fn remove(&self, name: &str, expected: &Sighting) -> Result<Removal, RemoveError> {
        match self.is_blind() {
            true => Ok(Removal::Absent),
            false => self.folder.remove(name, &self.meant(name, expected)),
        }
    }

    fn self_test(&self, now: &dyn Fn() -> Timestamp, leave: bool) -> Vec<Check> {
        self.folder.self_test(now, leave)
    }
}

const MONDAY: &str = "Kundenr;Navn;By\n1;Alfa;Ribe\n";

/// A share with a file that is waiting to be taken.
fn waiting(numbered: bool) -> (Exchange, Arc<Share>) {
    let exchange = Exchange::new("settle = \"50ms\"");
    fs::write(exchange.path("customers.txt"), MONDAY).unwrap();
    let share = Share::mount(&exchange, numbered);
    let stands_on = serde_json::to_string(&share.ground().unwrap()).unwrap();
    exchange.office.app.db.write(|c| settings::set_stands_on(c, &exchange.address, &stands_on)).unwrap();
    (exchange, share)
}

fn taken() -> (Exchange, Arc<Share>, i64) {
    let (exchange, share) = waiting(true);
    let id = exchange.take(None, false);
    (exchange, share, id)
}

/// Saves the settings with the folder as it is.
fn accept(exchange: &Exchange) {
    let app = &exchange.office.app;
    accept_folder(&app.db, app.folder.path(), Path::new(&exchange.address)).unwrap();
}

/// Names another exchange folder.
fn elsewhere(exchange: &Exchange) {
    let other = exchange.office.path("other");
    fs::create_dir(&other).unwrap();
    exchange.office.settings(&format!("exchange-folder = \"{}\"", other.display()));
}

#[test]
fn a_taken_file_that_one_look_does_not_find_is_not_refused() {
    let (exchange, share, id) = taken();
    let app = &exchange.office.app;
    // The share goes after it was found mounted, and just before the file is opened.
    share.blind.store(1, Ordering::SeqCst);
    assert_eq!(carry_on(app, id, &Silent).unwrap().unwrap().state, State::Done);
}

#[test]
fn a_file_out_of_sight_is_removed_when_its_share_is_back() {
    let (exchange, share, id) = taken();
    let app = &exchange.office.app;
    assert_eq!(carry_on(app, id, &Silent).unwrap().unwrap().state, State::Done);
    share.blind.store(1_000, Ordering::SeqCst);
    let why = put_away(app, id, &Silent).unwrap_err().to_string();
    assert!(why.contains("is the share mounted?"), "{why}");
    // It comes back after the removal, which found nothing.
    share.blind.store(1, Ordering::SeqCst);
    let why = put_away(app, id, &Silent).unwrap_err().to_string();
    assert!(why.contains("went and came back"), "{why}");
    assert!(exchange.path(".customers.txt.1").exists());
    put_away(app, id, &Silent).unwrap();
    assert!(!exchange.path(".customers.txt.1").exists());
    assert_eq!(exchange.office.entry(id).step, Step::Finished);
}

#[test]
fn what_is_missing_on_a_share_that_was_mounted_anew_is_gone_whatever_step_it_had_come_to() {
    for numbered in [true, false] {
        for step in [Step::Claiming, Step::Claimed, Step::Committed] {
            let (exchange, share) = waiting(numbered);
            let app = &exchange.office.app;
            let id = match step {
                Step::Claiming => exchange.begin(None),
                _ => exchange.take(None, false),
            };
            if step == Step::Committed {
                assert_eq!(carry_on(app, id, &Silent).unwrap().unwrap().state, State::Done);
            }
            let name = if step == Step::Claiming { "customers.txt" } else { ".customers.txt.1" };
            fs::remove_file(exchange.path(name)).unwrap();
            share.mount_anew();
            match step {
                Step::Claiming => assert!(carry_on(app, id, &Silent).unwrap().is_none(), "forgotten"),
                Step::Claimed => {
                    assert_eq!(carry_on(app, id, &Silent).unwrap().unwrap().state, State::Refused);
                }
                _ => {
                    put_away(app, id, &Silent).unwrap();
                    assert_eq!(exchange.office.entry(id).step, Step::Finished);
                }
            }
        }
    }
}

#[test]
fn a_claimed_file_that_the_share_remembers_as_missing_is_not_forgotten() {
    for numbered in [true, false] {
        let (exchange, share) = waiting(numbered);
        let app = &exchange.office.app;
        let id = exchange.begin(None);
        let path = |name: &str| std::path::Path::new(&exchange.address).join(name);
        rustix::fs::rename(path("customers.txt"), path(&format!(".customers.txt.{id}"))).unwrap();
        share.blind.store(1, Ordering::SeqCst);
        let later = carry_on(app, id, &Silent).unwrap_err().to_string();
        assert!(later.contains("does not show it yet"), "{later}");
        assert_eq!(carry_on(app, id, &Silent).unwrap().unwrap().state, State::Done);
    }
}

#[test]
fn a_file_that_was_not_claimed_yet_is_taken_anew_at_once_though_its_device_has_another_number() {
    for numbered in [true, false] {
        let (exchange, share) = waiting(numbered);
        let app = &exchange.office.app;
        let id = exchange.begin(None);
        share.mount_anew();
        assert!(carry_on(app, id, &Silent).unwrap().is_none(), "forgotten");
        let id = exchange.take(None, false);
        assert_eq!(carry_on(app, id, &Silent).unwrap().unwrap().state, State::Done);
    }
}

#[test]
fn a_claimed_file_is_found_and_read_though_its_device_has_another_number() {
    for numbered in [true, false] {
        for written in [true, false] {
            let (exchange, share) = waiting(numbered);
            let app = &exchange.office.app;
            let (id, settled) = (exchange.begin(None), exchange.look("customers.txt").0);
            exchange.place().claim("customers.txt", id, &settled).unwrap();
            // The program ends here, the machine starts anew, and meanwhile the writer may have gone on.
            if written {
                let mut file =
                    OpenOptions::new().append(true).open(exchange.path(".customers.txt.1")).unwrap();
                file.write_all(b"2;Beta;Vejle\n").unwrap();
            }
            share.mount_anew();
            let done = carry_on(app, id, &Silent).unwrap().unwrap();
            assert_eq!((done.state, done.counts.read), (State::Done, if written { 2 } else { 1 }));
            put_away(app, id, &Silent).unwrap();
            assert!(!exchange.path(".customers.txt.1").exists());
        }
    }
}

#[test]
fn a_file_that_is_left_where_it_is_is_read_though_its_device_has_another_number() {
    let (exchange, share) = waiting(true);
    let id = exchange.take(None, true);
    share.mount_anew();
    let (identity, file) = (exchange.identity("customers.txt"), exchange.look("customers.txt").1);
    let known = is_left_by_content(&exchange.office.app, "customers-from-erp", &identity, &file).unwrap();
    assert_eq!(known, Known::Perhaps, "the look-out does not take it once more");
    let done = carry_on(&exchange.office.app, id, &Silent).unwrap().unwrap();
    assert_eq!(done.state, State::Done, "{:?}", done.reason);
}

#[test]
fn a_share_that_does_not_come_back_is_waited_for_until_an_administrator_says_otherwise() {
    type Say = fn(&Exchange);
    for (say, waits_for_the_next) in [(accept as Say, true), (elsewhere as Say, false)] {
        for step in [Step::Claiming, Step::Claimed, Step::Committed] {
            let (exchange, share) = waiting(true);
            let app = &exchange.office.app;
            let id = exchange.begin(None);
            if step > Step::Claiming {
                exchange.place().claim("customers.txt", id, &exchange.look("customers.txt").0).unwrap();
                carry_on_to(&exchange, id, step);
            }
            share.blind.store(1_000, Ordering::SeqCst);
            let go_on = || match step {
                Step::Committed => put_away(app, id, &Silent),
                _ => carry_on(app, id, &Silent),
            };
            let why = go_on().unwrap_err().to_string();
            assert!(why.contains("is the share mounted?") && why.contains("press Save"), "{why}");
            say(&exchange);
            let ended = go_on().unwrap().unwrap();
            let state = if step == Step::Committed { State::Done } else { State::Refused };
            assert_eq!(ended.state, state);
            put_away(app, id, &Silent).unwrap();
            assert_eq!(exchange.office.entry(id).step, Step::Finished);
            // What is taken from then on is waited for again.
            share.blind.store(0, Ordering::SeqCst);
            fs::write(exchange.path("customers.txt"), MONDAY).unwrap();
            let next = exchange.take(None, false);
            share.blind.store(1_000, Ordering::SeqCst);
            assert_eq!(carry_on(app, next, &Silent).is_err(), waits_for_the_next);
        }
    }
}

#[test]
fn saving_the_settings_while_the_share_is_there_accepts_nothing_that_comes_in_its_place() {
    for step in [Step::Claiming, Step::Claimed, Step::Committed] {
        let (exchange, share) = waiting(true);
        let app = &exchange.office.app;
        let id = exchange.begin(None);
        exchange.place().claim("customers.txt", id, &exchange.look("customers.txt").0).unwrap();
        if step > Step::Claiming {
            carry_on_to(&exchange, id, step);
        }
        let go_on = || match step {
            Step::Committed => put_away(app, id, &Silent),
            _ => carry_on(app, id, &Silent),
        };
        let away = |away: u32| share.blind.store(away, Ordering::SeqCst);
        accept(&exchange);
        away(1_000);
        let why = go_on().unwrap_err().to_string();
        assert!(why.contains("is the share mounted?"), "{step}: {why}");
        // What was accepted while it was away counts no more when the share is back and saved.
        accept(&exchange);
        away(0);
        accept(&exchange);
        away(1_000);
        assert!(go_on().is_err(), "{step}");
        // A share that was mounted anew is the same one.
        away(0);
        share.mount_anew();
        accept(&exchange);
        away(1_000);
        assert!(go_on().is_err(), "{step}");
        away(0);
        assert_eq!(go_on().unwrap().unwrap().state, State::Done);
        put_away(app, id, &Silent).unwrap();
        assert!(!exchange.path(".customers.txt.1").exists());
    }
}

#[test]
fn a_folder_that_cannot_be_looked_at_is_not_accepted_by_a_save() {
    let (exchange, share, id) = taken();
    let app = &exchange.office.app;
    let away = exchange.office.path("away");
    rustix::fs::rename(&exchange.address, &away).unwrap();
    accept(&exchange);
    assert!(carry_on(app, id, &Silent).is_err());
    fs::create_dir(&exchange.address).unwrap();
    share.blind.store(1_000, Ordering::SeqCst);
    let why = carry_on(app, id, &Silent).unwrap_err().to_string();
    assert!(why.contains("is the share mounted?"), "{why}");
    fs::remove_dir(&exchange.address).unwrap();
    rustix::fs::rename(&away, &exchange.address).unwrap();
    share.blind.store(0, Ordering::SeqCst);
    assert_eq!(carry_on(app, id, &Silent).unwrap().unwrap().state, State::Done);
}

/// As far as the step, on a share that is mounted.
fn carry_on_to(exchange: &Exchange, id: i64, step: Step) {
    let app = &exchange.office.app;
    match step {
        Step::Claimed => {
            assert!(crate::import::claiming::sort_out(app, &exchange.office.entry(id)).unwrap());
        }
        _ => assert_eq!(carry_on(app, id, &Silent).unwrap().unwrap().state, State::Done),
    }
}

#[test]
fn a_folder_that_is_gone_for_good_holds_nothing_up_once_the_settings_name_another() {
    for step in [Step::Claiming, Step::Claimed, Step::Committed] {
        let exchange = Exchange::new("");
        let app = &exchange.office.app;
        fs::write(exchange.path("customers.txt"), MONDAY).unwrap();
        let id = exchange.begin(None);
        if step > Step::Claiming {
            exchange.place().claim("customers.txt", id, &exchange.look("customers.txt").0).unwrap();
            carry_on_to(&exchange, id, step);
        }
        fs::remove_dir_all(&exchange.address).unwrap();
        let go_on = || match step {
            Step::Committed => put_away(app, id, &Silent),
            _ => carry_on(app, id, &Silent),
        };
        let why = go_on().unwrap_err().to_string();
        assert!(why.contains("cannot be reached"), "{why}");
        elsewhere(&exchange);
        go_on().unwrap();
        put_away(app, id, &Silent).unwrap();
        assert_eq!(exchange.office.entry(id).step, Step::Finished);
    }
}

#[test]
fn a_folder_that_another_one_replaces_on_the_same_disk_is_waited_for() {
    for step in [Step::Claiming, Step::Claimed, Step::Committed] {
        for comes_back in [true, false] {
            let exchange = Exchange::new("");
            let app = &exchange.office.app;
            fs::write(exchange.path("customers.txt"), MONDAY).unwrap();
            let id = exchange.begin(None);
            exchange.place().claim("customers.txt", id, &exchange.look("customers.txt").0).unwrap();
            if step > Step::Claiming {
                carry_on_to(&exchange, id, step);
            }
            let away = exchange.office.path("away");
            rustix::fs::rename(&exchange.address, &away).unwrap();
            fs::create_dir(&exchange.address).unwrap();
            let go_on = || match step {
                Step::Committed => put_away(app, id, &Silent),
                _ => carry_on(app, id, &Silent),
            };
            let why = go_on().unwrap_err().to_string();
            assert!(why.contains("is another one than before"), "{why}");
            if comes_back {
                fs::remove_dir(&exchange.address).unwrap();
                rustix::fs::rename(&away, &exchange.address).unwrap();
                assert_eq!(go_on().unwrap().unwrap().state, State::Done);
                put_away(app, id, &Silent).unwrap();
                assert!(!exchange.path(".customers.txt.1").exists());
                continue;
            }
            accept(&exchange);
            let ended = go_on().unwrap().unwrap();
            if step != Step::Committed {
                assert_eq!(ended.state, State::Refused);
                assert!(ended.reason.unwrap().contains("is not the exchange folder any more"));
            }
            put_away(app, id, &Silent).unwrap();
            assert_eq!(exchange.office.entry(id).step, Step::Finished);
            assert!(away.join(".customers.txt.1").exists(), "nothing there is touched");
        }
    }
}

#[test]
fn a_file_that_was_claimed_in_the_default_folder_is_found_though_the_data_folder_was_moved() {
    for step in [Step::Claiming, Step::Claimed, Step::Committed] {
        let exchange = Exchange::new("");
        fs::write(exchange.path("customers.txt"), MONDAY).unwrap();
        let id = exchange.begin(None);
        exchange.place().claim("customers.txt", id, &exchange.look("customers.txt").0).unwrap();
        if step > Step::Claiming {
            carry_on_to(&exchange, id, step);
        }
        let Exchange { office: Office { app, folder }, .. } = exchange;
        let data = app.folder.path().to_owned();
        drop(app);
        let moved = folder.path().join("moved");
        rustix::fs::rename(&data, &moved).unwrap();
        let app = App::on(&moved);
        if step < Step::Committed {
            assert_eq!(carry_on(&app, id, &Silent).unwrap().unwrap().state, State::Done, "{step}");
        }
        let done = put_away(&app, id, &Silent).unwrap().unwrap();
        assert_eq!(done.step, Step::Finished);
        assert!(!moved.join("exchange/.customers.txt.1").exists());
    }
}
