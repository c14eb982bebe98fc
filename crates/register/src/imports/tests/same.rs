//! Stories about bytes that were applied already.

use super::*;

impl Ledger {
    fn same_as(&self, sha256: &str, mark: &str) -> Option<i64> {
        let found =
            self.database.read(|c| same_as(c, "customers-from-erp", "customers", sha256, mark)).unwrap();
        found.map(|import| import.id)
    }

    /// A file with these bytes whose turn has come, read by the rules of this mark.
    fn importing(&self, sha256: &str, mark: &str) -> i64 {
        let id = self.begin("customers.txt");
        self.write(|c| {
            set_claimed(c, id, "{}")?;
            set_spooled(c, id, &spooled(sha256))?;
            set_importing(c, id)?;
            set_format(c, id, 2, mark)?;
            Ok(id)
        })
    }
}

/// A change of a customer, by an import or by a person.
pub(super) fn change(c: &Conn, import: Option<i64>, person: Option<&str>) -> DbResult<()> {
    c.execute(
        "INSERT INTO history (company_id, register, record_id, at, import_id, person, kind) \
         VALUES (1, 'customers', 1, '2026-11-03T12:00:00.000Z', ?1, ?2, 'updated')",
        &[import.into(), person.into()],
    )?;
    Ok(())
}

#[test]
fn bytes_that_were_applied_last_need_no_reading_until_something_changed() {
    let ledger = Ledger::new();
    assert_eq!(ledger.same_as("x", "mark"), None);
    let x = ledger.apply("x", counts(1, 0));
    assert_eq!(ledger.same_as("x", "mark"), Some(x));
    assert_eq!(ledger.same_as("x", "other rules"), None);
    assert_eq!(ledger.same_as("y", "mark"), None);
    // The same again, and again: each is the last applied one for the next.
    let again = ledger.apply("x", counts(0, 1));
    assert_eq!(ledger.same_as("x", "mark"), Some(again));
    // X, then Y, then X.
    let y = ledger.apply("y", counts(1, 0));
    assert_eq!(ledger.same_as("x", "mark"), None);
    assert_eq!(ledger.same_as("y", "mark"), Some(y));
    // Somebody edits a customer.
    ledger.write(|c| change(c, None, Some("Ada")));
    assert_eq!(ledger.same_as("y", "mark"), None);
    // The next delivery brings it back in line, and counts as the last one.
    let y = ledger.apply("y", counts(1, 0));
    assert_eq!(ledger.same_as("y", "mark"), Some(y));
    // An import by hand, begun earlier or later, changes the register.
    ledger.write(|c| {
        let id = begin(c, &NewImport { automation: None, step: Step::Spooled, ..new("by-hand.csv") })?;
        change(c, Some(id), None)?;
        finish_done(c, id, &Finish { counts: counts(1, 0), ..Finish::default() }, noon(-999))
    });
    assert_eq!(ledger.same_as("y", "mark"), None);
}

#[test]
fn the_same_bytes_are_finished_with_the_counts_of_the_earlier_import_and_all_else_is_left_to_be_read() {
    let ledger = Ledger::new();
    let finish = |id: i64| {
        let earlier = ledger.write(|c| finish_if_same(c, id, noon(30)));
        earlier.map(|import| import.id)
    };
    let first = ledger.importing("x", "mark");
    assert_eq!(finish(first), None, "nothing was applied before");
    let counts = Counts { read: 5, created: 2, unchanged: 1, refused: 2, ..Counts::default() };
    ledger.write(|c| finish_done(c, first, &Finish { counts, ..Finish::default() }, noon(12)));

    for (sha256, mark) in [("y", "mark"), ("x", "other rules")] {
        let other = ledger.importing(sha256, mark);
        let before = ledger.find(other);
        assert_eq!(finish(other), None);
        assert_eq!(ledger.find(other), before);
        ledger.write(|c| refuse(c, other, "discarded", None, noon(20)));
    }

    let again = ledger.importing("x", "mark");
    assert_eq!(finish(again), Some(first));
    let import = ledger.find(again);
    assert_eq!((import.state, import.step, import.same_as), (State::Done, Step::Committed, Some(first)));
    assert_eq!(import.counts, Counts { read: 5, unchanged: 3, refused: 2, ..Counts::default() });
    assert_eq!(import.proof, spooled("x").proof, "what was checked stays noted");
    assert!(import.reason.unwrap().contains(&format!("import {first};")));
    assert_eq!(import.finished_at, Some(noon(30)));
    assert!(ledger.database.write(|c| finish_if_same(c, again, noon(31))).is_err(), "an outcome is final");

    ledger.write(|c| change(c, None, Some("Ada")));
    let edited = ledger.importing("x", "mark");
    assert_eq!(finish(edited), None, "somebody edited a customer");
    assert!(ledger.database.write(|c| finish_if_same(c, 99, noon(31))).is_err());
}

#[test]
fn a_file_given_by_hand_is_always_read() {
    let ledger = Ledger::new();
    ledger.apply("x", counts(1, 0));
    let id = ledger.write(|c| {
        let id = begin(c, &NewImport { automation: None, ..new("customers.txt") })?;
        set_spooled(c, id, &spooled("x"))?;
        Ok(id)
    });
    assert_eq!(ledger.write(|c| finish_if_same(c, id, noon(30))), None);
    assert_eq!(ledger.find(id).state, State::Waiting);
}
