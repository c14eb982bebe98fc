//! What is held for a person.

use erpfile::{Format, IgnoredInKey, Missing};

use super::*;
use crate::compare::Means;
use crate::compare::tests::{World, format, go};
use crate::{CUSTOMERS, undo};

const HEADER: &str = "Kundenr;Navn;Kreditmax;Spærret\n";

fn full() -> Format {
    Format { content: Content::Full, ..format() }
}

/// A file of the customers of these numbers, each called by `name`.
fn file(numbers: std::ops::Range<u64>, name: impl Fn(u64) -> &'static str) -> String {
    let rows: String = numbers.map(|number| format!("{number:06};{};;\n", name(number))).collect();
    format!("{HEADER}{rows}")
}

impl World {
    /// The codes of what is odd about importing a file now, and the sentences.
    fn odd(
        &self,
        format: &Format,
        file: &str,
        guards: &Guards,
        modified_at: Option<Timestamp>,
    ) -> Vec<Reason> {
        let file = file.as_bytes().to_vec();
        let set = self.compare(format, &file).unwrap();
        let delivery = Delivery { register: &CUSTOMERS, format, modified_at, drift: None };
        self.db.read(|c| judge(c, delivery, &set, guards)).unwrap()
    }

    fn codes(&self, format: &Format, file: &str) -> Vec<String> {
        self.odd(format, file, &Guards::default(), None).into_iter().map(|reason| reason.code).collect()
    }
}

#[test]
fn a_full_export_that_lost_most_of_its_rows_is_held() {
    let mut world = World::new(Means::default());
    let all = |_| "A";
    assert_eq!(world.codes(&full(), &file(0..10, all)), [""; 0], "there was none before");
    world.import(&full(), &file(0..2000, all));
    let table: [(std::ops::Range<u64>, &[&str]); 5] = [
        (0..2000, &[]),
        (0..1600, &[]),
        (0..1599, &[code::FEWER_ROWS]),
        (0..0, &[code::EMPTY]),
        (500..2500, &[]),
    ];
    for (rows, codes) in table {
        assert_eq!(world.codes(&full(), &file(rows.clone(), all)), codes, "{rows:?}");
    }
    assert_eq!(world.codes(&format(), &file(0..3, all)), [""; 0], "changes are few as a rule");
    let off = Guards { least_rows: 0, ..Guards::default() };
    assert_eq!(world.odd(&full(), &file(0..10, all), &off, None), []);
    let told = world.odd(&full(), &file(0..412, all), &Guards::default(), None);
    let one = world.odd(&full(), &file(0..1, all), &Guards::default(), None);
    assert!(one[0].message.starts_with("It has 1 row, and"), "{}", one[0].message);
    assert_eq!(told[0].message, "It has 412 rows, and the last export (import 1) had 2000: fewer than 80 %.");
    // Another system writes a smaller export of its own, by a format of its own.
    let other = Format { name: "Norway".into(), ..full() };
    world.import(&other, &file(5000..5100, all));
    for (id, name) in [(1, full().name), (2, other.name.clone())] {
        let sql = "UPDATE imports SET format = ?2 WHERE id = ?1";
        world.db.write(|c| c.execute(sql, &[i64::from(id).into(), name.as_str().into()])).unwrap();
    }
    assert_eq!(world.odd(&other, &file(5000..5090, all), &Guards::default(), None), []);
    assert_eq!(world.odd(&full(), &file(0..2000, all), &Guards::default(), None), []);
    let told = world.odd(&full(), &file(0..412, all), &Guards::default(), None);
    assert!(told[0].message.contains("(import 1) had 2000"), "{told:?}");
    undo::undo(&world.db, 2, "Anna", Timestamp::UNIX_EPOCH, &mut go).unwrap();
    // An import that was undone is none to compare with.
    undo::undo(&world.db, 1, "Anna", Timestamp::UNIX_EPOCH, &mut go).unwrap();
    let off = Guards { undone: false, ..Guards::default() };
    assert_eq!(world.odd(&full(), &file(0..10, all), &off, None), []);
}

#[test]
fn a_file_that_would_change_or_refuse_too_much_is_held() {
    let mut world = World::new(Means::default());
    world.import(&full(), &file(0..2000, |_| "A"));
    let changed = |below: u64| file(0..2000, move |number| if number < below { "B" } else { "A" });
    assert_eq!(world.codes(&full(), &changed(1000)), [""; 0]);
    assert_eq!(world.codes(&full(), &changed(1001)), [code::MANY_UPDATED]);
    assert_eq!(world.codes(&format(), &changed(1001)), [""; 0], "a file of changes holds nothing else");
    let deactivate = Format { missing: Missing::Deactivate, ..full() };
    assert_eq!(world.codes(&deactivate, &file(95..2000, |_| "A")), [""; 0]);
    assert_eq!(world.codes(&deactivate, &file(96..2000, |_| "A")), [code::MANY_DEACTIVATED]);
    let bad = |count: u64, of: u64| {
        let rows: String =
            (0..of).map(|n| format!("{n};A;{};\n", if n < count { "x" } else { "1" })).collect();
        format!("{HEADER}{rows}")
    };
    for (count, of, held) in [(20, 100, false), (21, 100, true), (21, 420, false), (21, 419, true)] {
        let codes: &[&str] = if held { &[code::MANY_REFUSED] } else { &[] };
        assert_eq!(world.codes(&format(), &bad(count, of)), codes, "{count} of {of}");
    }
}

#[test]
fn an_export_that_is_older_than_the_last_one_is_held_unless_its_time_means_nothing() {
    let mut world = World::new(Means::default());
    world.import(&full(), &file(0..5, |_| "A"));
    let sql = "UPDATE imports SET modified_at = '2026-11-22T20:00:00.000Z'";
    world.db.write(|c| c.execute(sql, &[])).unwrap();
    let odd = |format: &Format, at: &str, guards: Guards| {
        let at = Some(at.parse().unwrap());
        world
            .odd(format, &file(0..5, |_| "B"), &guards, at)
            .into_iter()
            .map(|reason| reason.code)
            .collect::<Vec<_>>()
    };
    let guards = Guards::default();
    assert_eq!(odd(&full(), "2026-11-22T19:59:59Z", guards), [code::OLDER]);
    assert_eq!(odd(&full(), "2026-11-22T20:00:00Z", guards), [""; 0]);
    assert_eq!(odd(&full(), "1980-01-01T00:00:00Z", guards), [""; 0]);
    assert_eq!(odd(&format(), "2026-11-22T19:59:59Z", guards), [""; 0]);
    assert_eq!(odd(&full(), "2026-11-22T19:59:59Z", Guards { older: false, ..guards }), [""; 0]);
}

#[test]
fn what_somebody_undid_does_not_come_back_unasked() {
    let mut world = World::new(Means::default());
    world.import(&format(), &format!("{HEADER}1;A;1;N\n2;B;2;N\n"));
    let bad = format!("{HEADER}1;A;9;N\n2;B;2;N\n3;C;3;N\n");
    world.import(&format(), &bad);
    undo::undo(&world.db, 2, "Anna", Timestamp::UNIX_EPOCH, &mut go).unwrap();
    let told = world.odd(&format(), &bad, &Guards::default(), None);
    assert_eq!(told.len(), 1);
    assert_eq!(
        told[0].message,
        "It would bring back what was undone (import 2, undone by Anna), for 2 customers, the first of them 1."
    );
    assert_eq!(world.odd(&format(), &bad, &Guards { undone: false, ..Guards::default() }, None), []);
    let other = format!("{HEADER}1;A;7;N\n2;B3;2;N\n");
    assert_eq!(world.codes(&format(), &other), [""; 0], "other values are no repetition");
    // Once somebody approved it, it is not held again.
    let bytes = bad.clone().into_bytes();
    let mut set = world.compare(&format(), &bytes).unwrap();
    let next = world.imports + 1;
    let approval =
        "INSERT INTO holds (import_id, reasons, digest, \"full\", deactivated, changes, problems, held_at,
                    approved_by, approved_at) VALUES (?1, '[]', '0', 0, 0, '[]', '[]', '', 'Anna', '')";
    world.commit_after(&format(), &bytes, &mut set, |c| c.execute(approval, &[next.into()]).map(drop));
    let count = "SELECT count(*) FROM undone_values";
    assert_eq!(world.db.read(|c| c.first(count, &[], |row| row.count(0))).unwrap(), Some(0));
    assert_eq!(world.content()["3"][0].as_deref(), Some("C"));
}

#[test]
fn what_was_undone_is_known_by_its_key_as_the_format_reads_it() {
    let loose = Format { ignore_in_key: IgnoredInKey::ALL.to_vec(), ..format() };
    let zeros = Format { ignore_in_key: vec![IgnoredInKey::Zeros], ..format() };
    let table = [
        (&loose, "00 k42;C;3;N\n", true),
        (&zeros, "00K42;C;3;N\n", true),
        (&zeros, "00k42;C;3;N\n", false),
        (&format(), "00K42;C;3;N\n", false),
        (&format(), "K42;C;3;N\n", true),
    ];
    let plain = format();
    for (format, row, held) in table {
        let mut world = World::new(Means::default());
        world.import(&plain, &format!("{HEADER}A1;A;1;N\n"));
        world.import(&plain, &format!("{HEADER}A1;A;9;N\nK42;C;3;N\n"));
        undo::undo(&world.db, 2, "Anna", Timestamp::UNIX_EPOCH, &mut go).unwrap();
        let again = format!("{HEADER}{row}");
        let codes: &[&str] = if held { &[code::UNDONE] } else { &[] };
        assert_eq!(world.codes(format, &again), codes, "{row}");
        // Of an earlier version the exact number is known.
        world.db.write(|c| c.execute("UPDATE undone_values SET folded = NULL", &[])).unwrap();
        assert_eq!(world.codes(format, &again).len(), usize::from(row.starts_with("K42")), "{row}");
    }
    // The record has another spelling than the file, and the file has corrected the field.
    let mut world = World::new(Means::default());
    world.import(&format(), &format!("{HEADER}42;A;1;N\n"));
    let bad = format!("{HEADER}042;A;9;N\n");
    world.import(&zeros, &bad);
    undo::undo(&world.db, 2, "Anna", Timestamp::UNIX_EPOCH, &mut go).unwrap();
    assert_eq!(world.codes(&zeros, &bad), [code::UNDONE]);
    world.import(&zeros, &format!("{HEADER}0042;A;5;N\n"));
    assert_eq!(world.codes(&zeros, &bad), [""; 0]);
}

#[test]
fn a_first_full_export_cannot_empty_a_large_register_unseen() {
    let mut world = World::new(Means::default());
    world.import(&format(), &file(0..3000, |_| "A"));
    let deactivate = Format { missing: Missing::Deactivate, ..full() };
    assert_eq!(world.codes(&deactivate, &file(0..5, |_| "A")), [code::MANY_DEACTIVATED]);
    assert_eq!(world.codes(&deactivate, &file(0..2900, |_| "A")), [""; 0]);
}

#[test]
fn what_was_undone_is_asked_about_once_and_until_the_file_says_something_else() {
    let good = format!("{HEADER}1;A;1;N\n2;B;2;N\n");
    let bad = format!("{HEADER}1;A;9;N\n2;B;2;N\n");
    let after = |then: &dyn Fn(&mut World)| {
        let mut world = World::new(Means::default());
        world.import(&format(), &good);
        world.import(&format(), &bad);
        undo::undo(&world.db, 2, "Anna", Timestamp::UNIX_EPOCH, &mut go).unwrap();
        assert_eq!(world.codes(&format(), &bad), [code::UNDONE]);
        then(&mut world);
        world.codes(&format(), &bad)
    };
    let says = |file: &'static str| {
        move |world: &mut World| {
            world.import(&format(), &format!("{HEADER}{file}"));
        }
    };
    assert_eq!(after(&says("2;B2;2;N\n")), [code::UNDONE], "it says nothing of the record");
    assert_eq!(after(&says("1;A2;1;N\n")), [code::UNDONE], "it says nothing else of the field");
    assert_eq!(after(&says("1;A;5;N\n")), [""; 0], "it has corrected the field");
    assert_eq!(
        after(&|world| {
            world.import(&full(), &good);
        }),
        [""; 0],
        "it holds every record, and not that value"
    );
    // Somebody said what is to become of it.
    let held = after(&|world| {
        let reasons = world.odd(&format(), &bad, &Guards::default(), None);
        assert_eq!(reasons[0].imports, [2]);
        world.db.write(|c| forget_undone_of(c, &reasons[0].imports)).unwrap();
    });
    assert_eq!(held, [""; 0]);
}
