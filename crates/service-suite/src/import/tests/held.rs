//! Imports that are held for a long time.

use std::fs;

use register::imports::{self, State, Step};

use super::{Exchange, Office, names};
use crate::import::{Silent, carry_on, put_away, recover};

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
