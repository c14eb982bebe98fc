//! What a command finds in front of its own file.

use std::sync::{Arc, Mutex};
use std::time::Duration;
use std::{fs, io};

use jiff::Timestamp;
use register::CUSTOMERS;
use register::imports::State;

use super::Exchange;
use crate::clock::{Clock, SystemClock};
use crate::import::{ByHand, Silent, import_now, take_by_hand};

/// A clock that passes whenever somebody waits.
#[derive(Default)]
struct Impatient(Mutex<Duration>);

impl Clock for Impatient {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn monotonic(&self) -> Duration {
        *self.0.lock().unwrap()
    }

    fn pause(&self, time: Duration) {
        *self.0.lock().unwrap() += time;
    }

    fn random(&self, bytes: &mut [u8]) -> io::Result<()> {
        SystemClock::new().random(bytes)
    }
}

#[test]
fn a_command_overtakes_neither_what_is_being_taken_nor_what_waits_behind_it() {
    let mut exchange = Exchange::new("");
    exchange.office.app.clock = Arc::new(Impatient::default());
    let office = &exchange.office;
    // The program ended when it had begun to take a file; then somebody imported one on a page.
    fs::write(exchange.path("customers.txt"), "Kundenr;Navn\n1;Alfa\n").unwrap();
    let being_taken = exchange.begin(None);
    let (format, path) = (exchange.format(), office.path("by-hand.txt"));
    let given = ByHand {
        register: &CUSTOMERS,
        format: &format,
        changes_only: false,
        path: &path,
        file: "by-hand.txt",
        by: "Ida",
    };
    fs::write(&path, "Kundenr;Navn\n1;Beta\n").unwrap();
    let waiting = take_by_hand(&office.app, &given, &Silent).unwrap();
    fs::write(&path, "Kundenr;Navn\n1;Gamma\n").unwrap();

    let served = office.app.folder.lock_serve().unwrap();
    let why = import_now(&office.app, &given, &Silent).unwrap_err().to_string();
    assert!(why.contains("import 1 of customers.txt comes first and is still being taken"), "{why}");
    assert_eq!((office.entries(), office.entry(waiting).state), (2, State::Waiting), "nothing was done");

    // Where nobody serves, nobody else takes it: the file was still there, so it is the next delivery.
    drop(served);
    let own = import_now(&office.app, &given, &Silent).unwrap();
    assert_eq!((own.state, own.counts.updated), (State::Done, 1));
    assert_eq!((office.entry(waiting).state, office.entry(waiting).counts.created), (State::Done, 1));
    assert_eq!(office.entries(), 2, "import {being_taken} was never claimed");
}
