//! Stories about imports that wait for a person.

use erpfile::{Column, ColumnFrom, Content, Format};

use super::*;

impl Ledger {
    /// A delivery in the spool, to be read with the format of this name.
    fn spool(&self, format: &str) -> i64 {
        self.write(|c| {
            let id = begin(c, &NewImport { format: format.into(), ..new("customers.txt") })?;
            set_claimed(c, id, "{}")?;
            set_spooled(c, id, &spooled("abc"))?;
            set_importing(c, id)?;
            Ok(id)
        })
    }

    fn say(&self, decide: impl FnOnce(&Conn) -> Result<(), DecisionError>) -> String {
        match self.database.write(decide) {
            Ok(()) => "done".into(),
            Err(error) => error.to_string(),
        }
    }
}

/// The formats `full` and `changes`.
fn with_formats(ledger: &Ledger) {
    for (name, content) in [("full", Content::Full), ("changes", Content::Changes)] {
        let format = Format {
            name: name.into(),
            register: "customers".into(),
            content,
            columns: vec![Column::new(ColumnFrom::Position(1), "number")],
            ..Format::default()
        };
        ledger
            .database
            .write(|c| crate::settings::save_format(c, None, format.clone(), "Anna", noon(0)))
            .unwrap();
    }
}

#[test]
fn two_people_decide_at_once_and_one_of_them_is_told() {
    let ledger = Ledger::new();
    let id = ledger.spool("A");
    assert_eq!(
        ledger.say(|c| approve(c, id, "Anna", noon(6))),
        format!("import {id} is not held: it is importing")
    );
    ledger.write(|c| hold(c, id, &odd(false)));
    let entry = ledger.find(id);
    assert_eq!((entry.state, entry.reason.as_deref()), (State::Held, Some("It is odd.")));
    assert_eq!(ledger.say(|c| approve(c, id, "Anna", noon(6))), "done");
    let told = format!("import {id} is approved already, by Anna, and is waiting");
    assert_eq!(ledger.say(|c| approve(c, id, "Bent", noon(6))), told);
    assert_eq!(ledger.say(|c| discard(c, id, "Bent", noon(6))), told);
    let approved = ledger.database.read(|c| approval(c, id)).unwrap();
    let expected = Approval { by: "Anna".into(), digest: u128::MAX - 7, reasons: odd(false).reasons };
    assert_eq!(approved, Some(expected));
    // The preview was no longer true: it is held again, and the approval is gone.
    ledger.write(|c| set_importing(c, id));
    ledger.write(|c| hold(c, id, &odd(false)));
    assert_eq!(ledger.database.read(|c| approval(c, id)).unwrap(), None);
    assert_eq!(ledger.database.read(|c| held(c, &ledger.find(id))).unwrap(), Some(odd(false)));
    assert_eq!(ledger.say(|c| discard(c, id, "Bent", noon(7))), "done");
    let entry = ledger.find(id);
    assert_eq!((entry.state, entry.step), (State::Refused, Step::Committed));
    assert_eq!(
        ledger.say(|c| approve(c, id, "Anna", noon(8))),
        format!("import {id} is refused: Discarded by Bent. It had been held: It is odd.")
    );
    assert_eq!(ledger.say(|c| discard(c, 99, "Anna", noon(8))), "there is no import 99");
}

#[test]
fn only_a_newer_export_of_every_record_overtakes_a_held_one() {
    let ledger = Ledger::new();
    with_formats(&ledger);
    let first = ledger.spool("full");
    ledger.write(|c| hold(c, first, &odd(true)));
    let changes = ledger.spool("changes");
    assert_eq!(ledger.next(&CUSTOMERS), None, "what is only in the held one must come before the changes");
    ledger.write(|c| refuse(c, changes, "not wanted any more", None, noon(8)));
    let newer = ledger.spool("full");
    assert_eq!(ledger.next(&CUSTOMERS), Some(newer));
    ledger.write(|c| supersede(c, newer, &CUSTOMERS, noon(9)));
    let entry = ledger.find(first);
    assert_eq!((entry.state, entry.step), (State::Superseded, Step::Committed));
    assert_eq!(entry.reason, Some(format!("Superseded by import {newer}, a newer export of every record.")));
    assert_eq!(entry.counts, Counts::default(), "what would have become of its rows did not come to be");
    // One that was approved, and waits while the newer one is written, is overtaken, too.
    let late = ledger.spool("full");
    ledger.write(|c| hold(c, late, &odd(true)));
    let next = ledger.spool("full");
    assert_eq!(ledger.say(|c| approve(c, late, "Anna", noon(9))), "done");
    ledger.write(|c| supersede(c, next, &CUSTOMERS, noon(10)));
    assert_eq!(ledger.find(late).state, State::Superseded);
    ledger.write(|c| finish_done(c, next, &Finish::default(), noon(10)));
    // A held file of changes is never overtaken.
    ledger.write(|c| finish_done(c, newer, &Finish::default(), noon(10)));
    let held = ledger.spool("changes");
    ledger.write(|c| hold(c, held, &odd(false)));
    let full = ledger.spool("full");
    assert_eq!(ledger.next(&CUSTOMERS), None);
    ledger.write(|c| supersede(c, full, &CUSTOMERS, noon(11)));
    assert_eq!(ledger.find(held).state, State::Held);
}
