//! Stories about the queue.

use super::*;
use crate::{PRODUCTS, Register};

impl Ledger {
    pub(super) fn next(&self, register: &Register) -> Option<i64> {
        self.database.read(|c| next(c, register)).unwrap().map(|import| import.id)
    }

    fn to_put_away(&self, register: &Register, after: i64) -> Option<i64> {
        self.database.read(|c| to_put_away(c, register, after)).unwrap().map(|import| import.id)
    }

    fn begin_in(&self, register: &Register, format: &str) -> i64 {
        let new = NewImport { register: register.name.into(), format: format.into(), ..new("file.txt") };
        self.write(|c| begin(c, &new))
    }
}

#[test]
fn the_oldest_import_goes_first_and_later_ones_wait_behind_a_held_one() {
    let ledger = Ledger::new();
    assert_eq!(ledger.next(&CUSTOMERS), None);
    let [first, second] = [0; 2].map(|_| ledger.begin_in(&CUSTOMERS, "A"));
    let other = ledger.begin_in(&PRODUCTS, "B");
    assert_eq!((ledger.next(&CUSTOMERS), ledger.next(&PRODUCTS)), (Some(first), Some(other)));
    ledger.write(|c| hold(c, first, &odd(false)));
    assert_eq!((ledger.next(&CUSTOMERS), ledger.next(&PRODUCTS)), (None, Some(other)));
    // Somebody approves it.
    ledger.write(|c| decided(approve(c, first, "Anna", noon(1))));
    assert_eq!(ledger.next(&CUSTOMERS), Some(first));
    ledger.write(|c| finish_done(c, first, &Finish::default(), noon(1)));
    assert_eq!(ledger.next(&CUSTOMERS), Some(second), "its file need not have been put away");
    // Somebody discards a held one.
    ledger.write(|c| hold(c, second, &odd(false)));
    ledger.write(|c| decided(discard(c, second, "Anna", noon(2))));
    assert_eq!(ledger.next(&CUSTOMERS), None);
}

#[test]
fn whoever_puts_files_away_comes_round_to_each_even_while_one_cannot_be() {
    let ledger = Ledger::new();
    assert_eq!(ledger.to_put_away(&CUSTOMERS, 0), None);
    let ids = [0; 4].map(|_| ledger.begin_in(&CUSTOMERS, "A"));
    let other = ledger.begin_in(&PRODUCTS, "B");
    for id in [ids[0], ids[1], ids[3], other] {
        ledger.write(|c| finish_done(c, id, &Finish::default(), noon(1)));
    }
    let mut asked = vec![0];
    for _ in 0..4 {
        asked.push(ledger.to_put_away(&CUSTOMERS, asked[asked.len() - 1]).unwrap());
    }
    assert_eq!(asked[1..], [ids[0], ids[1], ids[3], ids[0]]);
    ledger.write(|c| set_step(c, ids[1], Step::Finished));
    assert_eq!(ledger.to_put_away(&CUSTOMERS, ids[0]), Some(ids[3]));
    assert_eq!(ledger.to_put_away(&PRODUCTS, ids[3]), Some(other));
    for id in [ids[0], ids[3]] {
        ledger.write(|c| set_step(c, id, Step::Finished));
    }
    assert_eq!(ledger.to_put_away(&CUSTOMERS, ids[3]), None);
}

#[test]
fn a_renamed_format_takes_the_waiting_imports_along_and_leaves_the_finished_ones() {
    let ledger = Ledger::new();
    let waiting = |name: &str| ledger.database.read(|c| waiting_for_format(c, name)).unwrap();
    let done = ledger.begin_in(&CUSTOMERS, "A");
    ledger.write(|c| finish_done(c, done, &Finish::default(), noon(1)));
    let held = ledger.begin_in(&CUSTOMERS, "A");
    ledger.write(|c| hold(c, held, &odd(false)));
    let queued = ledger.begin_in(&CUSTOMERS, "A");
    let other = ledger.begin_in(&CUSTOMERS, "B");
    assert_eq!((waiting("A"), waiting("B"), waiting("Å")), (2, 1, 0));
    ledger.write(|c| rename_format(c, "A", "Å"));
    assert_eq!((waiting("A"), waiting("B"), waiting("Å")), (0, 1, 2));
    let names = [done, held, queued, other].map(|id| ledger.find(id).format);
    assert_eq!(names, ["A", "Å", "Å", "B"]);
}

#[test]
fn the_queue_is_asked_through_its_indexes() {
    let ledger = Ledger::new();
    for (condition, index) in [
        ("step IN ('claiming', 'claimed', 'spooled')", "imports_to_do"),
        ("step = 'committed'", "imports_to_put_away"),
    ] {
        let sql = format!(
            "EXPLAIN QUERY PLAN SELECT * FROM imports WHERE company_id = ?1 AND register = ?2 AND {condition} \
             AND id > ?3 ORDER BY id LIMIT 1"
        );
        let params = [COMPANY.into(), "customers".into(), 0_i64.into()];
        let plan = ledger.database.read(|c| c.all(&sql, &params, |row| row.text(3))).unwrap();
        assert!(plan.len() == 1 && plan[0].contains(index), "{plan:?}");
    }
}
