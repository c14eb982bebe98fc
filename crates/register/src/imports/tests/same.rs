//! Stories about bytes that were applied already.

use erpfile::{Format, Missing};

use super::*;

impl Ledger {
    fn same_as(&self, sha256: &str, mark: &str) -> Option<i64> {
        let delivered = Some("customers-from-erp".to_owned());
        let text = |text: &str| text.to_owned();
        self.database
            .write(|c| {
                let new =
                    NewImport { automation: delivered, format_mark: text(mark), ..new("customers.txt") };
                let id = begin(c, &new)?;
                let entry = Import { sha256: Some(text(sha256)), ..find(c, id)?.unwrap() };
                forget(c, id)?;
                same_as(c, &entry)
            })
            .unwrap()
            .map(|import| import.id)
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
         VALUES (1, 1, 1, 1793707200000, ?1, ?2, 2)",
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
        let earlier = ledger.write(|c| finish_if_same(c, id, &Format::default(), noon(30)));
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
    assert!(
        ledger.database.write(|c| finish_if_same(c, again, &Format::default(), noon(31))).is_err(),
        "an outcome is final"
    );

    ledger.write(|c| change(c, None, Some("Ada")));
    let edited = ledger.importing("x", "mark");
    assert_eq!(finish(edited), None, "somebody edited a customer");
    assert!(ledger.database.write(|c| finish_if_same(c, 99, &Format::default(), noon(31))).is_err());
}

#[test]
fn records_that_are_not_in_the_file_are_told_once_more_unless_they_were_made_inactive() {
    for (missing, told) in [(Missing::Leave, 3), (Missing::List, 3), (Missing::Deactivate, 0)] {
        let ledger = Ledger::new();
        let first = ledger.importing("x", "mark");
        let counts = Counts { read: 5, unchanged: 5, missing: 3, ..Counts::default() };
        ledger.write(|c| finish_done(c, first, &Finish { counts, ..Finish::default() }, noon(12)));
        let again = ledger.importing("x", "mark");
        let format = Format { missing, ..Format::default() };
        assert!(ledger.write(|c| finish_if_same(c, again, &format, noon(30))).is_some());
        assert_eq!(ledger.find(again).counts.missing, told, "{missing:?}");
    }
}

#[test]
fn a_file_given_by_hand_is_the_same_as_the_last_one_of_its_register() {
    let ledger = Ledger::new();
    let delivered = ledger.apply("x", counts(1, 0));
    let by_hand = |changes_only, again_of| {
        let new = NewImport { automation: None, changes_only, again_of, ..new("export of today.txt") };
        ledger.write(|c| {
            let id = begin(c, &NewImport { step: Step::Spooled, ..new })?;
            set_spooled(c, id, &spooled("x"))?;
            let earlier = finish_if_same(c, id, &Format::default(), noon(30))?;
            if earlier.is_none() {
                refuse(c, id, "discarded", None, noon(31))?;
            }
            Ok(earlier.map(|import| import.id))
        })
    };
    assert_eq!(by_hand(true, None), None, "others are missing now");
    assert_eq!(by_hand(false, Some(delivered)), None, "a person wants it compared");
    assert_eq!(by_hand(false, None), Some(delivered));
    ledger.write(|c| change(c, None, Some("Ada")));
    assert_eq!(by_hand(false, None), None, "somebody edited a customer");
}
