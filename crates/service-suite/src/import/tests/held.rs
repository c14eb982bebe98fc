//! Imports that are held for a long time.

use std::fs;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use register::CUSTOMERS;
use register::imports::{self, State, Step};
use register::settings;

use super::{Exchange, Office, names};
use crate::import::{ByHand, Silent, carry_on, put_away, recover, take_by_hand};

/// A file of changes with so many rows that are refused that a person is asked.
fn odd() -> String {
    let bad: String = (0..30).map(|_| ";nobody;Ribe\n").collect();
    format!("Kundenr;Navn;By\n1;Alfa;Ribe\n{bad}")
}

/// While it is held, a failing disk gives back something else than was written; then somebody approves it.
fn damage_and_approve(office: &Office, id: i64) {
    let copy = office.app.folder.spool().join(id.to_string());
    fs::write(&copy, fs::read_to_string(&copy).unwrap().replace("Alfa", "A?fa")).unwrap();
    recover(&office.app).unwrap();
    assert_eq!(office.entry(id).state, State::Held, "a start changes nothing about it");
    let at = office.app.clock.now();
    office.app.db.write(|c| imports::approve(c, id, "Anna", at)).unwrap();
}

#[test]
fn a_private_copy_that_was_damaged_while_its_import_was_held_is_made_again() {
    let exchange = Exchange::new("");
    let app = &exchange.office.app;
    fs::write(exchange.path("customers.txt"), odd()).unwrap();
    let id = exchange.take(None, false);
    assert_eq!(carry_on(app, id, &Silent).unwrap().unwrap().state, State::Held);
    damage_and_approve(&exchange.office, id);
    let done = carry_on(app, id, &Silent).unwrap().unwrap();
    assert_eq!((done.state, done.counts.created, done.reason), (State::Done, 1, None));
    put_away(app, id, &Silent).unwrap();
    let kept = app.folder.path().join(exchange.office.entry(id).kept_path.unwrap());
    assert_eq!(fs::read_to_string(kept).unwrap(), odd());
}

#[test]
fn the_only_copy_that_was_damaged_while_its_import_was_held_is_not_imported_and_not_thrown_away() {
    let office = Office::new();
    let held = office.import(&odd());
    assert_eq!(held.state, State::Held);
    damage_and_approve(&office, held.id);
    let refused = carry_on(&office.app, held.id, &Silent).unwrap().unwrap();
    assert!(refused.state == State::Refused && refused.reason.unwrap().contains("is damaged"));
    put_away(&office.app, held.id, &Silent).unwrap();
    let kept = names(&office.app.folder.path().join("refused"));
    assert!(kept[0].ends_with(".damaged") && kept[1].ends_with(".damaged.report.txt"), "{kept:?}");
    assert_eq!((office.entry(held.id).step, office.copies()), (Step::Finished, 0));
}

/// Stops a thread when it goes.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

#[test]
fn a_start_leaves_the_private_copies_alone_that_commands_make_meanwhile() {
    let office = Office::new();
    // Copies that others are reading make a start take its time.
    let spool = office.app.folder.spool();
    let others: Vec<fs::File> = (1000..1300)
        .map(|number| {
            let file = fs::File::create(spool.join(number.to_string())).unwrap();
            file.lock().unwrap();
            file
        })
        .collect();
    let (starts, stop) = (AtomicU32::new(0), AtomicBool::new(false));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::SeqCst) {
                recover(&office.app).unwrap();
                starts.fetch_add(1, Ordering::SeqCst);
            }
        });
        // Whatever fails here stops the other thread, for which the scope would wait for ever.
        let _stop = Stop(&stop);
        let held = office.import(&odd());
        let (now, deadline) = (starts.load(Ordering::SeqCst), Instant::now() + Duration::from_secs(60));
        while starts.load(Ordering::SeqCst) < now + 2 && Instant::now() < deadline {
            std::thread::yield_now();
        }
        let there = spool.join(held.id.to_string()).exists();
        assert_eq!(held.state, State::Held);
        assert!(there, "the copy of an import that a command had begun was taken for a leftover");
    });
    drop(others);
}

#[test]
fn an_export_whose_format_becomes_one_of_changes_no_longer_overtakes_what_is_held() {
    let office = Office::new();
    let held = office.import(&odd());
    assert_eq!(held.state, State::Held);
    // As when its turn had come while it was an export of every record.
    let path = office.path("next.txt");
    fs::write(&path, "Kundenr;Navn;By\n2;Beta;Ribe\n").unwrap();
    let stored = office.app.db.read(|c| settings::default_format(c, "customers")).unwrap().unwrap();
    let given = ByHand {
        register: &CUSTOMERS,
        format: &stored,
        changes_only: false,
        path: &path,
        file: "next.txt",
        by: "Anna",
    };
    let next = take_by_hand(&office.app, &given, &Silent).unwrap();
    let why = carry_on(&office.app, next, &Silent).unwrap_err().to_string();
    assert!(why.contains(&format!("import {} came before import {next} and is held", held.id)), "{why}");
    let at = office.app.clock.now();
    office.app.db.write(|c| imports::discard(c, held.id, "Anna", at)).unwrap();
    assert_eq!(carry_on(&office.app, next, &Silent).unwrap().unwrap().state, State::Done);
}
