//! Putting away what has its outcome, when the claimed file is not as it was.

use std::fs::{self, OpenOptions};
use std::io::Write;

use register::imports::{Import, State, Step};

use super::{Exchange, names};
use crate::import::{Silent, again_now, carry_on, put_away};

const MONDAY: &str = "Kundenr;Navn;By\n1;Alfa;Ribe\n";
const TUESDAY: &str = "Kundenr;Navn;By\n1;Beta;Ribe\n";

/// Delivers this; gives the import, whose file is still to be put away.
fn imported(exchange: &Exchange, text: &str) -> Import {
    fs::write(exchange.path("customers.txt"), text).unwrap();
    let id = exchange.take(None, false);
    let done = carry_on(&exchange.office.app, id, &Silent).unwrap().unwrap();
    assert_eq!(done.state, State::Done);
    done
}

#[test]
fn a_claimed_file_that_is_only_opened_for_writing_is_no_new_delivery() {
    let exchange = Exchange::new("");
    let app = &exchange.office.app;
    let monday = imported(&exchange, MONDAY);
    let tuesday = imported(&exchange, TUESDAY);
    let path = exchange.path(&format!(".customers.txt.{}", monday.id));
    for writes in [false, true] {
        let mut open = OpenOptions::new().append(true).open(&path).unwrap();
        let why = put_away(app, monday.id, &Silent).unwrap_err().to_string();
        assert!(why.contains("open for writing in another program"), "{why}");
        assert_eq!(exchange.office.entry(monday.id).step, Step::Committed);
        assert_eq!(exchange.office.entries(), 2, "Monday's file would overwrite Tuesday's");
        if writes {
            open.write_all(b"2;Gamma;Ribe\n").unwrap();
        }
    }
    // What was written is a delivery of its own.
    put_away(app, monday.id, &Silent).unwrap();
    put_away(app, tuesday.id, &Silent).unwrap();
    assert_eq!(exchange.office.entry(monday.id).step, Step::Finished);
    let next = carry_on(app, tuesday.id + 1, &Silent).unwrap().unwrap();
    assert_eq!((next.state, next.counts.read), (State::Held, 2), "but none that is newer than Tuesday's");
}

/// A failing disk gives back something else than was written.
fn damage_copy(exchange: &Exchange, id: i64) {
    fs::write(exchange.office.app.folder.spool().join(id.to_string()), "Kundenr;Navn;By\n1;A?fa;Ribe\n")
        .unwrap();
}

#[test]
fn a_damaged_private_copy_is_made_again_from_the_claimed_file() {
    let exchange = Exchange::new("");
    let id = imported(&exchange, MONDAY).id;
    damage_copy(&exchange, id);
    put_away(&exchange.office.app, id, &Silent).unwrap();
    let kept = exchange.office.app.folder.path().join(exchange.office.entry(id).kept_path.unwrap());
    assert_eq!(fs::read_to_string(kept).unwrap(), MONDAY);
    assert!(!exchange.path(".customers.txt.1").exists());
    assert_eq!(exchange.office.copies(), 0);
}

#[test]
fn a_damaged_private_copy_holds_nothing_up_when_the_claimed_file_is_no_help() {
    for gone in [true, false] {
        let exchange = Exchange::new("");
        let app = &exchange.office.app;
        let id = imported(&exchange, MONDAY).id;
        damage_copy(&exchange, id);
        match gone {
            true => fs::remove_file(exchange.path(".customers.txt.1")).unwrap(),
            false => fs::write(exchange.path(".customers.txt.1"), TUESDAY).unwrap(),
        }
        put_away(app, id, &Silent).unwrap();
        let entry = exchange.office.entry(id);
        // What is left of it is kept under a name that says so, and is not taken for the file.
        let left = names(&app.folder.path().join("archive"));
        assert!(left.len() == 1 && left[0].ends_with(&format!(".{id}.damaged")), "{left:?}");
        assert_eq!((entry.step, entry.kept_path), (Step::Finished, Some(format!("archive/{}", left[0]))));
        let again = again_now(app, id, &Silent).unwrap_err().to_string();
        assert!(again.contains("the only copy of it was damaged"), "{again}");
        if !gone {
            let next = carry_on(app, id + 1, &Silent).unwrap().unwrap();
            assert_eq!((next.state, next.counts.updated), (State::Done, 1), "written to after it was read");
        }
    }
}
