//! Files that stay in the exchange folder, and what makes them new deliveries.

use std::fs::{self, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use register::db::Conn;
use register::imports::{self, Spooled, State, Step};

use register::CUSTOMERS;

use super::Exchange;
use crate::exchange::archive::hash_source;
use crate::exchange::disk::trial::{self, Call};
use crate::exchange::spool::COPY;
use crate::import::{
    Known, Silent, again_now, begin_to_copy, carry_on, copy_ahead, is_left, is_left_by_content, next_to_copy,
    put_away, refuse_after_faults,
};

const AUTOMATION: &str = "customers-from-erp";
const MONDAY: &str = "Kundenr;Navn;By\n1;Alfa;Ribe\n";
const OTHER: &str = "Kundenr;Navn;By\n1;Beta;Ribe\n";

struct Left(Exchange);

impl Left {
    fn new() -> Left {
        Left(Exchange::new("after-import = \"leave\""))
    }

    fn path(&self) -> PathBuf {
        self.0.path("customers.txt")
    }

    /// Writes the file as dated.
    fn write(&self, text: &str, modified: SystemTime) {
        fs::write(self.path(), text).unwrap();
        OpenOptions::new().append(true).open(self.path()).unwrap().set_modified(modified).unwrap();
    }

    /// Takes the file as it lies there, and imports it.
    fn import(&self) {
        let app = &self.0.office.app;
        let id = self.0.take(None, true);
        assert_eq!(carry_on(app, id, &Silent).unwrap().unwrap().state, State::Done);
        put_away(app, id, &Silent).unwrap();
    }

    /// Whether the file is known at once, and whether it is by its content.
    fn known(&self) -> (bool, bool) {
        let (identity, file) = (self.0.identity("customers.txt"), self.0.look("customers.txt").1);
        let app = &self.0.office.app;
        let at_once = is_left(app, AUTOMATION, &identity).unwrap() == Known::Left;
        (at_once, is_left_by_content(app, AUTOMATION, &identity, &file).unwrap() == Known::Left)
    }
}

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_700_000_000 + seconds)
}

#[test]
fn a_file_that_was_left_is_imported_again_from_where_it_lies() {
    let left = Left::new();
    left.write(MONDAY, at(0));
    left.import();
    let app = &left.0.office.app;
    let again = again_now(app, 1, &Silent).unwrap();
    assert_eq!((again.state, again.again_of, again.counts.unchanged), (State::Done, Some(1), 1));
    assert!(again.proof[0].detail.contains("file in the exchange folder"), "{:?}", again.proof);
    left.write(OTHER, at(0));
    let changed = again_now(app, 1, &Silent).unwrap_err().to_string();
    assert!(changed.contains("is not what was imported") && changed.contains("customers.txt"), "{changed}");
    fs::remove_file(left.path()).unwrap();
    let away = again_now(app, 1, &Silent).unwrap_err().to_string();
    assert!(away.contains("customers.txt cannot be read"), "{away}");
}

#[test]
fn what_only_numbers_the_file_anew_makes_no_new_delivery() {
    let left = Left::new();
    left.write(MONDAY, at(0));
    assert_eq!(left.known(), (false, false));
    left.import();
    assert!(left.known().0);
    fs::set_permissions(left.path(), Permissions::from_mode(0o640)).unwrap();
    assert_eq!(left.known(), (false, true), "the change time has moved");
    assert!(left.known().0, "and is remembered");
    fs::remove_file(left.path()).unwrap();
    left.write(MONDAY, at(0));
    assert_eq!(
        left.known(),
        (false, true),
        "another file of the same content and time, as after a new mount"
    );
    assert!(left.known().0);
}

#[test]
fn the_same_folder_under_another_path_has_no_new_deliveries() {
    let mut left = Left::new();
    left.write(MONDAY, at(0));
    left.import();
    let moved = left.0.office.path("moved");
    rustix::fs::rename(&left.0.address, &moved).unwrap();
    let link = left.0.office.path("link");
    std::os::unix::fs::symlink(&moved, &link).unwrap();
    for folder in [moved, link] {
        left.0.address = folder.display().to_string();
        assert_eq!(left.known(), (false, true), "{}", folder.display());
        assert!(left.known().0, "and is remembered");
    }
    // A share's protocol may tell the time less exactly than the file system does.
    let exact = at(0) + Duration::from_nanos(123_456_789);
    left.write(OTHER, exact);
    assert_eq!(left.known(), (false, false), "another file");
    left.import();
    left.write(OTHER, at(0) + Duration::from_nanos(123_456_700));
    assert_eq!(left.known(), (false, true));
}

#[test]
fn other_content_and_another_time_make_new_deliveries() {
    let left = Left::new();
    left.write(MONDAY, at(0));
    left.import();
    left.write(MONDAY, at(1));
    assert_eq!(left.known(), (false, false), "written once more");
    left.write(OTHER, at(0));
    assert_eq!(left.known(), (false, false), "of the same size and time");
    left.import();
    // Monday's file comes back as it was, after another one was imported: its values are to be current again.
    left.write(MONDAY, at(0));
    assert_eq!(left.known(), (false, false));
}

#[test]
fn a_file_that_is_only_opened_for_writing_before_it_is_read_waits_and_is_imported() {
    let left = Left::new();
    left.write(MONDAY, at(0));
    let (app, id) = (&left.0.office.app, left.0.take(None, true));
    let open = OpenOptions::new().append(true).open(left.path()).unwrap();
    let why = carry_on(app, id, &Silent).unwrap_err().to_string();
    assert!(why.contains("customers.txt") && why.contains("open for writing in another program"), "{why}");
    assert_eq!(left.0.office.entry(id).step, Step::Claimed);
    drop(open);
    assert_eq!(carry_on(app, id, &Silent).unwrap().unwrap().state, State::Done);
    assert!(left.known().0);
}

#[test]
fn a_file_that_was_refused_unread_is_taken_again_when_it_is_as_it_was() {
    let left = Left::new();
    left.write(MONDAY, at(0));
    let (app, id) = (&left.0.office.app, left.0.take(None, true));
    let identity = left.0.identity("customers.txt");
    // Somebody takes it away for a moment; the import finds nothing. A rename may leave the change time as it is.
    fs::remove_file(left.path()).unwrap();
    assert_eq!(carry_on(app, id, &Silent).unwrap().unwrap().state, State::Refused);
    put_away(app, id, &Silent).unwrap();
    assert_eq!(is_left(app, AUTOMATION, &identity).unwrap(), Known::No);
}

#[test]
fn a_private_copy_that_could_not_be_read_for_a_while_is_used_though_the_file_is_gone() {
    for good in [true, false] {
        let exchange = Exchange::new("after-import = \"leave\"");
        let app = &exchange.office.app;
        fs::write(exchange.path("customers.txt"), MONDAY).unwrap();
        let id = exchange.take(None, true);
        // As it stands when the copy was made, a failing disk made it be given up, and the ERP system tidied up.
        let sha256 = hash_source(&exchange.look("customers.txt").1).unwrap();
        fs::write(app.folder.spool().join(id.to_string()), if good { MONDAY } else { OTHER }).unwrap();
        let copy = Spooled { sha256, size: MONDAY.len() as u64, modified_at: None, proof: Vec::new() };
        let stood = |c: &Conn| {
            imports::set_spooled(c, id, &copy)?;
            imports::requeue(c, id, Step::Claimed, None)
        };
        app.db.write(stood).unwrap();
        fs::remove_file(exchange.path("customers.txt")).unwrap();
        let import = carry_on(app, id, &Silent).unwrap().unwrap();
        assert_eq!(import.state, if good { State::Done } else { State::Refused }, "{import:?}");
    }
}

#[test]
fn a_private_copy_that_cannot_be_read_is_waited_for_when_the_file_is_another_one_by_now() {
    let left = Left::new();
    let app = &left.0.office.app;
    left.write(MONDAY, at(0));
    let id = left.0.take(None, true);
    let sha256 = hash_source(&left.0.look("customers.txt").1).unwrap();
    let spooled = Spooled { sha256, size: MONDAY.len() as u64, modified_at: None, proof: Vec::new() };
    // A folder in its place cannot be read any more than a file on a failing disk.
    let copy = app.folder.spool().join(id.to_string());
    fs::create_dir(&copy).unwrap();
    let stood = |c: &Conn| {
        imports::set_spooled(c, id, &spooled)?;
        imports::requeue(c, id, Step::Claimed, None)
    };
    app.db.write(stood).unwrap();
    left.write(OTHER, at(1));
    let why = carry_on(app, id, &Silent).unwrap_err().to_string();
    assert!(why.contains("the private copy of the file cannot be read"), "{why}");
    fs::remove_dir(&copy).unwrap();
    fs::write(&copy, MONDAY).unwrap();
    assert_eq!(carry_on(app, id, &Silent).unwrap().unwrap().state, State::Done);
}

#[test]
fn the_first_private_copy_is_kept_until_a_newer_one_is_complete() {
    let left = Left::new();
    let app = &left.0.office.app;
    left.write(MONDAY, at(0));
    // An import before it cannot go on, so that it is copied and waits.
    let first = left.0.begin(None);
    let id = left.0.take(None, true);
    assert!(copy_ahead(app, id, &Silent).unwrap().is_none());
    assert_eq!(left.0.office.entry(id).step, Step::Spooled);
    app.db.write(|c| imports::forget(c, first)).unwrap();
    // For a while the disk can neither read the copy nor make a new one durable.
    app.db.write(|c| imports::requeue(c, id, Step::Claimed, None)).unwrap();
    for fails in [true, false] {
        trial::set(Some(Rc::new(move |call: &Call<'_>| match call {
            Call::Read | Call::Sync(_) if fails => Err(io::Error::from_raw_os_error(libc::EIO)),
            _ => Ok(()),
        })));
        let tried = carry_on(app, id, &Silent);
        trial::set(None);
        if fails {
            let why = tried.unwrap_err().to_string();
            assert!(why.contains("the private copy"), "{why}");
            left.write(OTHER, at(1));
        } else {
            assert_eq!(tried.unwrap().unwrap().state, State::Done);
        }
    }
    let name = app.db.read(|c| register::records::find(c, &CUSTOMERS, "1")).unwrap().unwrap();
    assert_eq!(name.value(&CUSTOMERS, "name"), Some("Alfa"));
}

#[test]
fn what_waits_behind_an_import_that_cannot_go_on_is_copied_before_it_is_overwritten() {
    let left = Left::new();
    let app = &left.0.office.app;
    left.write(MONDAY, at(0));
    let first = left.0.take(None, true);
    let open = OpenOptions::new().append(true).open(left.path()).unwrap();
    assert!(carry_on(app, first, &Silent).is_err(), "it is open for writing");
    assert!(next_to_copy(app, &CUSTOMERS, 0).unwrap().is_none(), "whose turn it is copies its file itself");
    drop(open);
    left.write(OTHER, at(1));
    let second = left.0.take(None, true);
    left.write(MONDAY, at(2));
    let third = left.0.take(None, true);
    let next = |behind| next_to_copy(app, &CUSTOMERS, behind).unwrap().map(|import| import.id);
    assert_eq!((next(0), next(second), next(third)), (Some(second), Some(third), Some(second)));
    // The second one was not copied in time, and its end is told at once; the third one was.
    assert_eq!(copy_ahead(app, second, &Silent).unwrap().unwrap().state, State::Refused);
    assert!(copy_ahead(app, third, &Silent).unwrap().is_none());
    assert_eq!(left.0.office.entry(third).step, Step::Spooled);
    assert_eq!(next(0), None);
    left.write(OTHER, at(3));
    assert_eq!(carry_on(app, first, &Silent).unwrap().unwrap().state, State::Refused);
    assert_eq!(carry_on(app, third, &Silent).unwrap().unwrap().state, State::Done);
}

#[test]
fn what_is_left_is_copied_while_its_register_is_busy_though_its_turn_has_come() {
    let left = Left::new();
    let app = &left.0.office.app;
    left.write(MONDAY, at(0));
    let id = left.0.take(None, true);
    assert_eq!(left_to_copy(&left.0), None, "whoever imports copies it at once");
    let busy = app.folder.try_lock_register("customers").unwrap();
    assert!(busy.is_some());
    assert_eq!(left_to_copy(&left.0), Some(id));
    let alone = begin_to_copy(app, &CUSTOMERS).unwrap();
    assert!(
        alone.is_some() && begin_to_copy(app, &CUSTOMERS).unwrap().is_none(),
        "two would be in each other's way"
    );
    assert!(copy_ahead(app, id, &Silent).unwrap().is_none());
    drop((alone, busy));
    left.write(OTHER, at(1));
    assert_eq!(carry_on(app, id, &Silent).unwrap().unwrap().state, State::Done);
}

#[test]
fn a_private_copy_that_could_not_be_noted_is_used_though_the_file_was_written_over() {
    for (copy, state) in [(MONDAY, State::Done), ("Kundenr;", State::Refused)] {
        let left = Left::new();
        let app = &left.0.office.app;
        left.write(MONDAY, at(0));
        let id = left.0.take(None, true);
        // As it stands when the program ends, or the ledger cannot be written, just after the copy got its name; what has
        // another length is no copy of this file.
        fs::write(app.folder.spool().join(id.to_string()), copy).unwrap();
        left.write(OTHER, at(1));
        let ended = carry_on(app, id, &Silent).unwrap().unwrap();
        assert_eq!(ended.state, state, "{ended:?}");
        assert!(
            state != State::Done || ended.proof.iter().any(|item| item.check == COPY),
            "{:?}",
            ended.proof
        );
    }
}

#[test]
fn a_claimed_file_that_still_changes_waits_for_its_turn_before_it_is_copied() {
    let exchange = Exchange::new("settle = \"50ms\"");
    let app = &exchange.office.app;
    let write = |text: &str| fs::write(exchange.path("customers.txt"), text).unwrap();
    write(MONDAY);
    let first = exchange.take(None, false);
    write(OTHER);
    let second = exchange.take(None, false);
    fs::write(exchange.path(&format!(".customers.txt.{second}")), format!("{OTHER}2;Gamma;Ribe\n")).unwrap();
    assert!(copy_ahead(app, second, &Silent).unwrap().is_none());
    assert_eq!(left_to_copy(&exchange), None);
    for (id, rows) in [(first, 1), (second, 2)] {
        let done = carry_on(app, id, &Silent).unwrap().unwrap();
        assert_eq!((done.state, done.counts.read), (State::Done, rows));
    }
}

fn left_to_copy(exchange: &Exchange) -> Option<i64> {
    next_to_copy(&exchange.office.app, &CUSTOMERS, 0).unwrap().map(|import| import.id)
}

#[test]
fn a_file_that_makes_the_program_fault_before_it_is_read_is_not_taken_for_ever() {
    let left = Left::new();
    left.write(MONDAY, at(0));
    let (app, id) = (&left.0.office.app, left.0.take(None, true));
    assert!(refuse_after_faults(app, &left.0.office.entry(id)).unwrap());
    put_away(app, id, &Silent).unwrap();
    assert!(left.known().0, "it was dealt with");
}
