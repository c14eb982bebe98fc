//! The first load of a register, and what comes after it.

use proptest::prelude::*;

use super::seen::{everything, import};
use super::*;
use crate::search::Needle;

const WORDS: [&str; 12] =
    ["Bager", "Ølund", "bag", "ÅRHUS", "Zoo", "4711", "47", "86 12 34 56", "x-1", "Straße", "o", "東京"];

fn file(rows: &[(u16, Vec<usize>)]) -> String {
    let mut file = "Kundenr;Navn;Kreditmax;Spærret\n".to_owned();
    let mut seen = std::collections::BTreeSet::new();
    for (number, words) in rows.iter().filter(|(number, _)| seen.insert(*number)) {
        let words: Vec<&str> = words.iter().map(|at| WORDS[*at]).collect();
        file.push_str(&format!("{number};{};;\n", words.join(" ")));
    }
    file
}

/// What the index of words finds, and what looking at every record finds.
fn both(world: &World, text: &str) -> [Vec<i64>; 2] {
    let needle = Needle::new(text).unwrap();
    let question = needle.question(&(0..needle.len()).collect::<Vec<_>>());
    let sql = "SELECT rowid FROM customers_words WHERE customers_words MATCH ?1 ORDER BY rowid";
    let indexed = world.db.read(|c| c.all(sql, &[question.as_str().into()], |row| row.int(0))).unwrap();
    let (mut looked, query) = (Vec::new(), Query { text: text.to_owned(), ..Query::default() });
    let mut each = |record: &Record| {
        looked.push(record.id);
        ControlFlow::Continue(())
    };
    world.db.read(|c| records::each(c, &CUSTOMERS, &query, &mut each)).unwrap();
    looked.sort_unstable();
    [indexed, looked]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn the_index_finds_what_looking_at_every_record_finds(
        nights in prop::collection::vec(
            prop::collection::vec((0u16..900, prop::collection::vec(0..WORDS.len(), 0..4)), 1..400),
            1..4,
        ),
    ) {
        let mut world = World::new(Means::default());
        for night in nights {
            world.import(&format(), &file(&night));
            for text in WORDS.iter().copied().chain(["ba", "ol b", "1", "4", "8612", "zoo bag", "nothing"]) {
                let [indexed, looked] = both(&world, text);
                prop_assert_eq!(indexed, looked, "{}", text);
            }
        }
        let check = "INSERT INTO customers_words (customers_words, rank) VALUES ('integrity-check', 0)";
        world.db.write(|c| c.execute(check, &[])).unwrap();
    }
}

/// A line of a file, of which some are good.
fn line((number, kind): (u16, u8)) -> String {
    match kind {
        0 => format!("{number};Bad;x;\n"),
        1 => format!(";No key {number};1;\n"),
        2 => format!("{number};few\n"),
        3 => format!("{number};\"Two\nlines\";1;\n"),
        4 => format!("{number};\"stray\" quote;1;\n"),
        5 => format!("{number};{};1;\n", "Long ".repeat(20_000)),
        _ => format!("{number};Navn {kind};{kind},5;N\n"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    /// Whatever stands in the first file: it is told and done by two threads as by one.
    #[test]
    fn checking_on_a_second_thread_changes_nothing(
        lines in prop::collection::vec((0u16..400, prop_oneof![1 => 0u8..6, 12 => 6u8..100]), 0..200),
        last in any::<bool>(),
    ) {
        let repeated = if last { Repeated::Last } else { Repeated::Refuse };
        let format = Format { repeated, ..format() };
        let file: String = lines.into_iter().map(line).collect();
        let file = format!("Kundenr;Navn;Kreditmax;Spærret\n{file}").into_bytes();
        let [one, two] = [u64::MAX, 0].map(|aside| {
            let mut world = World::new(Means { aside, ..Means::default() });
            (import(&mut world, &format, &file), everything(&world))
        });
        prop_assert_eq!(one, two);
    }
}

#[test]
fn whoever_stops_a_first_load_is_not_kept_waiting_by_the_thread_that_checks() {
    let world = World::new(Means { aside: 0, ..Means::default() });
    let file = format!("Kundenr;Navn;Kreditmax;Spærret\n{}", "1;Navn;1,5;N\n".repeat(20_000)).into_bytes();
    let (format, mut told) = (format(), 0);
    let mut stop = |progress: Progress| {
        told += u32::from(progress.phase == Phase::Reading);
        if told == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let done = compare_by(&world.db, &world.job(&format, &file), world.means, &mut stop);
    assert!(matches!(done, Err(Stop::Cancelled)));
    assert_eq!(told, 3);
}

#[test]
fn an_import_that_changes_many_records_writes_their_words_down_at_once() {
    let mut world = World::new(Means::default());
    // So few of all that FTS5 does not merge what is there with what is new.
    let night = |changed: u32, rows: u32| {
        let row = |number: u32| {
            format!("{number};{} {number};;\n", if number < changed { "Smed" } else { "Bager" })
        };
        format!("Kundenr;Navn;Kreditmax;Spærret\n{}", (0..rows).map(row).collect::<String>())
    };
    let parts = |world: &World| {
        // A segment of FTS5 is the part of an id above its lower 37 bits; lower ids are no segment's.
        let sql = "SELECT count(DISTINCT (id >> 37) & 65535) FROM customers_words_data WHERE id > 10";
        world.db.read(|c| c.first(sql, &[], |row| row.int(0))).unwrap()
    };
    world.import(&format(), &night(0, 2000));
    assert_eq!(parts(&world), Some(1));
    let counts = world.import(&format(), &night(20, 2010));
    assert_eq!((counts.updated, counts.created), (20, 10));
    assert_eq!(parts(&world), Some(2));
    undo::undo(&world.db, 2, "Anna", Timestamp::now(), &mut go).unwrap();
    assert_eq!(parts(&world), Some(3));
}

#[test]
fn every_record_of_a_first_load_tells_from_which_line_it_came_and_the_next_night_goes_on_from_it() {
    let mut world = World::new(Means::default());
    let row = |number: usize| format!("{number:04};Navn {number};{},5;N\n", number % 7);
    let header = "Kundenr;Navn;Kreditmax;Spærret\n";
    // Not in the order of the numbers, and with a row that is refused and one that stands there twice.
    let order: Vec<usize> = (0..1000).map(|line| line * 617 % 1000).collect();
    let first: String = order.iter().map(|number| row(*number)).collect();
    let counts = world.import(&format(), &format!("{header}{first}5000;Navn;x;N\n{}", row(order[3])));
    let expected = Counts { read: 1002, created: 1000, unchanged: 1, refused: 1, ..Counts::default() };
    assert_eq!(counts, expected);
    for line in [0, 1, 255, 256, 511, 512, 998, 999] {
        let history = world.history(&format!("{:04}", order[line]));
        let created: Vec<_> =
            history.iter().map(|change| (change.line, change.import, &change.field)).collect();
        assert_eq!(created, [(Some(line as u64 + 2), Some(1), &None)], "line {line}");
    }
    assert_eq!(world.content()["0999"], [Some("Navn 999".into()), Some("5.5".into()), Some("0".into())]);
    let again = world.import(&format(), &format!("{header}{first}{}", row(1000)));
    assert_eq!((again.unchanged, again.created), (1000, 1));
    let nineties: Vec<i64> = std::iter::once(100).chain(991..=1000).collect();
    assert_eq!(both(&world, "navn 99"), [nineties.clone(), nineties]);
}
