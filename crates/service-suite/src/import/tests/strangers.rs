//! Claimed files that are found at the start.

use std::fs;

use register::imports::{State, Step};

use super::Exchange;
use crate::import::strangers::{Stranger, awaited, what_is};
use crate::import::{Silent, carry_on, look_through, put_away};

const MONDAY: &str = "Kundenr;Navn;By\n1;Alfa;Ribe\n";
const TUESDAY: &str = "Kundenr;Navn;By\n1;Beta;Ribe\n";

/// What the one claimed file is.
fn found(exchange: &Exchange) -> Stranger {
    let (app, place) = (&exchange.office.app, exchange.place());
    let claims = place.claims().unwrap();
    assert_eq!(claims.len(), 1);
    what_is(app, place.as_ref(), &claims[0], &awaited(app, &exchange.address).unwrap()).unwrap()
}

/// An import that is done, whose file has its claimed name again.
fn removed_in_vain(erp_system: &str) -> Exchange {
    let exchange = Exchange::new(erp_system);
    let app = &exchange.office.app;
    fs::write(exchange.path("customers.txt"), MONDAY).unwrap();
    let id = exchange.take(None, false);
    assert_eq!(carry_on(app, id, &Silent).unwrap().unwrap().state, State::Done);
    let claimed = exchange.path(".customers.txt.1");
    fs::hard_link(&claimed, exchange.path("before")).unwrap();
    put_away(app, id, &Silent).unwrap();
    assert_eq!(exchange.office.entry(id).step, Step::Finished);
    // A power cut takes the removal back.
    rustix::fs::rename(exchange.path("before"), claimed).unwrap();
    exchange
}

#[test]
fn what_a_power_cut_brought_back_is_removed() {
    for erp_system in ["", "after-import = \"delete\""] {
        let exchange = removed_in_vain(erp_system);
        assert!(matches!(found(&exchange), Stranger::Left(_)));
        look_through(&exchange.office.app).unwrap();
        assert!(!exchange.path(".customers.txt.1").exists());
    }
}

#[test]
fn what_is_not_the_file_of_the_import_stays() {
    let exchange = removed_in_vain("");
    fs::write(exchange.path(".customers.txt.1"), TUESDAY).unwrap();
    assert!(matches!(found(&exchange), Stranger::Unknown));
    look_through(&exchange.office.app).unwrap();
    assert!(exchange.path(".customers.txt.1").exists());
    // The ledger of this installation has not come so far.
    fs::remove_file(exchange.path(".customers.txt.1")).unwrap();
    fs::write(exchange.path(".customers.txt.99"), MONDAY).unwrap();
    assert!(matches!(found(&exchange), Stranger::Unknown));
}

#[test]
fn a_file_that_the_next_import_has_taken_over_is_awaited() {
    let exchange = Exchange::new("");
    let app = &exchange.office.app;
    fs::write(exchange.path("customers.txt"), MONDAY).unwrap();
    let id = exchange.take(None, false);
    assert!(matches!(found(&exchange), Stranger::Awaited));
    carry_on(app, id, &Silent).unwrap();
    fs::write(exchange.path(".customers.txt.1"), TUESDAY).unwrap();
    put_away(app, id, &Silent).unwrap();
    assert_eq!(exchange.office.entry(id).step, Step::Finished);
    assert!(matches!(found(&exchange), Stranger::Awaited), "by import {}", id + 1);
}

#[test]
fn what_a_power_cut_brought_back_of_what_was_written_to_a_claimed_file_is_removed() {
    let exchange = Exchange::new("");
    let app = &exchange.office.app;
    fs::write(exchange.path("customers.txt"), MONDAY).unwrap();
    let id = exchange.take(None, false);
    assert_eq!(carry_on(app, id, &Silent).unwrap().unwrap().state, State::Done);
    let claimed = exchange.path(&format!(".customers.txt.{id}"));
    fs::write(&claimed, TUESDAY).unwrap();
    put_away(app, id, &Silent).unwrap();
    assert_eq!(carry_on(app, id + 1, &Silent).unwrap().unwrap().counts.updated, 1);
    fs::hard_link(&claimed, exchange.path("before")).unwrap();
    put_away(app, id + 1, &Silent).unwrap();
    rustix::fs::rename(exchange.path("before"), &claimed).unwrap();
    assert!(matches!(found(&exchange), Stranger::Left(import) if import.id == id + 1));
}
