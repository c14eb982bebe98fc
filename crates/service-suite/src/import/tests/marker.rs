//! A delivery and its marker, when the program ends between any two steps.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::PathBuf;

use register::imports::{State, Step};

use super::{Exchange, format_of, names};
use crate::import::{Identity, Silent, carry_on, has_been_used, put_away};

const MONDAY: &str = "Kundenr;Navn;By\n1;Alfa;Ribe\n";
const HALF: &str = "Kundenr;Navn;By\n2;Be";

struct Marked(Exchange);

impl Marked {
    /// A delivery and its marker in the exchange folder.
    fn new() -> Marked {
        let marked = Marked(Exchange::new(""));
        fs::write(marked.0.path("customers.txt"), MONDAY).unwrap();
        fs::write(marked.0.path("customers.done"), "").unwrap();
        marked
    }

    fn names(&self) -> Vec<String> {
        names(&PathBuf::from(&self.0.address))
    }

    fn marker(&self) -> Identity {
        self.0.identity("customers.done")
    }

    fn take(&self) -> i64 {
        self.0.take(Some(self.marker()), false)
    }

    /// The entry of a delivery that is about to be claimed.
    fn begin(&self) -> i64 {
        self.0.begin(Some(self.marker()))
    }
}

#[test]
fn a_marker_goes_with_its_delivery_and_leaves_the_next_one_s_alone() {
    let marked = Marked::new();
    let id = marked.take();
    assert_eq!(marked.names(), [format!(".customers.done.{id}"), format!(".customers.txt.{id}")]);
    // The next delivery and its marker, while this one is imported.
    fs::write(marked.0.path("customers.txt"), MONDAY).unwrap();
    fs::write(marked.0.path("customers.done"), "").unwrap();
    let app = &marked.0.office.app;
    assert!(!has_been_used(app, &marked.marker()).unwrap());
    assert_eq!(carry_on(app, id, &Silent).unwrap().unwrap().state, State::Done);
    put_away(app, id, &Silent).unwrap();
    assert_eq!(marked.names(), ["customers.done", "customers.txt"]);
}

#[test]
fn after_a_crash_while_it_is_taken_the_marker_is_its_own_and_lets_nothing_else_through() {
    for claimed in 0..=2 {
        let marked = Marked::new();
        let (file, marker) = (marked.0.look("customers.txt").0, marked.0.look("customers.done").0);
        let known = marked.marker();
        let id = marked.begin();
        if claimed >= 1 {
            marked.0.place().claim("customers.txt", id, &file).unwrap();
            fs::write(marked.0.path("customers.txt"), HALF).unwrap();
        }
        if claimed >= 2 {
            marked.0.place().claim_marker("customers.done", id, &marker).unwrap().unwrap();
        }
        // Here the program ends.
        let app = &marked.0.office.app;
        assert!(has_been_used(app, &known).unwrap());
        let done = carry_on(app, id, &Silent).unwrap();
        if claimed == 0 {
            assert!(done.is_none(), "forgotten, to be taken again");
            assert_eq!(marked.names(), ["customers.done", "customers.txt"]);
            assert!(!has_been_used(app, &known).unwrap());
            continue;
        }
        assert_eq!(done.unwrap().state, State::Done);
        assert!(marked.0.path(&format!(".customers.done.{id}")).exists(), "taken along");
        put_away(app, id, &Silent).unwrap();
        assert_eq!(marked.names(), ["customers.txt"]);
        assert_eq!(fs::read_to_string(marked.0.path("customers.txt")).unwrap(), HALF);
    }
}

#[test]
fn a_marker_written_anew_before_the_restart_is_the_next_delivery_s() {
    let marked = Marked::new();
    let file = marked.0.look("customers.txt").0;
    let id = marked.begin();
    marked.0.place().claim("customers.txt", id, &file).unwrap();
    fs::write(marked.0.path("customers.txt"), MONDAY).unwrap();
    fs::write(marked.0.path("new"), "").unwrap();
    rustix::fs::rename(marked.0.path("new"), marked.0.path("customers.done")).unwrap();
    let app = &marked.0.office.app;
    assert!(!has_been_used(app, &marked.marker()).unwrap());
    carry_on(app, id, &Silent).unwrap();
    put_away(app, id, &Silent).unwrap();
    assert_eq!(marked.names(), ["customers.done", "customers.txt"]);
}

#[test]
fn the_marker_goes_though_the_program_ended_after_its_file_or_somebody_wrote_to_that() {
    for written in [false, true] {
        let marked = Marked::new();
        let id = marked.take();
        let app = &marked.0.office.app;
        carry_on(app, id, &Silent).unwrap();
        let claimed = marked.0.path(&format!(".customers.txt.{id}"));
        if written {
            OpenOptions::new().append(true).open(&claimed).unwrap().write_all(b"2;Beta;Vejle\n").unwrap();
        } else {
            fs::remove_file(&claimed).unwrap();
        }
        put_away(app, id, &Silent).unwrap();
        assert_eq!(marked.0.office.entry(id).step, Step::Finished);
        if written {
            // What was written is a delivery of its own, under the claimed name, without a marker.
            assert_eq!(marked.names(), [format!(".customers.txt.{id}")]);
            let next = Identity::of_entry(app.folder.path(), &marked.0.office.entry(id + 1)).unwrap();
            assert_eq!(next.marker, None);
        } else {
            assert_eq!(marked.names(), Vec::<String>::new());
        }
    }
}

#[test]
fn a_file_that_changes_once_it_is_taken_must_be_quiet_whatever_its_marker_says() {
    let marked = Marked::new();
    let at_once = "marker = \"customers.done\"\nsettle = \"0s\"\n";
    marked.0.office.save("settle = \"300ms\"", &(format_of("ERP customers", "Kundenr") + at_once));
    let id = marked.take();
    let claimed = marked.0.path(&format!(".customers.txt.{id}"));
    OpenOptions::new().append(true).open(&claimed).unwrap().write_all(b"2;Beta;Vejle\n").unwrap();
    let done = carry_on(&marked.0.office.app, id, &Silent).unwrap().unwrap();
    assert_eq!((done.state, done.counts.created), (State::Done, 2));
    let quiet = done.proof.iter().find(|item| item.check == "quiet").unwrap();
    assert!(quiet.detail.contains("for 0.3 s"), "{quiet:?}");
    assert!(done.proof.iter().all(|item| item.check != "marker"), "{:?}", done.proof);
}
