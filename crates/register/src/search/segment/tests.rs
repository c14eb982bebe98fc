//! The segment against FTS5 itself: it must find the same, go on from it, and find nothing wrong with it.

use proptest::prelude::*;

use super::*;
use crate::db::Database;
use crate::frames::tests::Temporary;

const MATCH: &str = "SELECT rowid FROM customers_words WHERE customers_words MATCH ?1";

fn database() -> (Database, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let db = crate::open(&folder.path().join("service-suite.db")).unwrap();
    (db, folder)
}

fn insert(c: &Conn, id: i64, line: &str) {
    c.execute("INSERT INTO customers_words (rowid, words) VALUES (?1, ?2)", &[id.into(), line.into()])
        .unwrap();
}

/// The same words in two databases: gathered and stored at once, and told to FTS5 record by record.
fn both(lines: &[String], first: i64, most: usize) -> [(Database, tempfile::TempDir); 2] {
    let (ours, theirs) = (database(), database());
    let last = first + i64::try_from(lines.len()).unwrap() - 1;
    let scratch = Temporary::default();
    let mut gathering = Gathering { scratch: &scratch, postings: Postings::within(&scratch, most) };
    for (id, line) in (first..).zip(lines) {
        gathering.add(id, line).unwrap();
    }
    let segment = gathering.finish().unwrap();
    ours.0.write(|c| segment.store(c, "customers", first, last)).unwrap();
    theirs
        .0
        .write(|c| {
            (first..).zip(lines).for_each(|(id, line)| insert(c, id, line));
            Ok::<_, DbError>(())
        })
        .unwrap();
    [ours, theirs]
}

fn check(db: &Database) {
    db.write(|c| {
        c.execute("INSERT INTO customers_words (customers_words, rank) VALUES ('integrity-check', 0)", &[])
    })
    .unwrap();
}

fn found(db: &Database, question: &str) -> Vec<i64> {
    db.read(|c| c.all(MATCH, &[question.into()], |row| row.int(0))).unwrap()
}

fn compare(dbs: &[(Database, tempfile::TempDir); 2], lines: &[String]) {
    check(&dbs[0].0);
    let words = lines.iter().flat_map(|line| line.split_whitespace());
    let beginnings = words.flat_map(|word| {
        let two = word.char_indices().nth(2).map_or(word.len(), |(at, _)| at);
        [format!("\"{word}\""), format!("\"{word}\"*"), format!("\"{}\"*", &word[..two])]
    });
    let mut questions: Vec<String> = beginnings.collect();
    questions.sort_unstable();
    questions.dedup();
    questions.push("\"nothing\"*".to_owned());
    questions.push("(\"a\"* AND \"b\"*) OR \"1\"*".to_owned());
    for question in questions {
        assert_eq!(found(&dbs[0].0, &question), found(&dbs[1].0, &question), "{question}");
    }
}

/// Removes one record, changes another and adds a third, as imports do, and merges everything.
fn go_on(db: &Database, lines: usize, first: i64) {
    let lines = i64::try_from(lines).unwrap();
    let remove =
        |c: &Conn, id: i64| c.execute("DELETE FROM customers_words WHERE rowid = ?1", &[id.into()]).unwrap();
    db.write(|c| {
        remove(c, first);
        remove(c, first + lines / 2);
        insert(c, first + lines / 2, " changed a1");
        insert(c, first + lines, " added b1");
        Ok::<_, DbError>(())
    })
    .unwrap();
    check(db);
    db.write(|c| c.execute("INSERT INTO customers_words (customers_words) VALUES ('optimize')", &[]))
        .unwrap();
    check(db);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_at_once_finds_what_is_told_record_by_record(
        lines in prop::collection::vec("( [ab1-3]{1,3}){0,8}( [a-c0-9ωé東]{1,12}){0,4}", 1..80),
        first in prop::sample::select(vec![1i64, 100, 1 << 33, (1 << 60) + 5]),
        most in prop::sample::select(vec![1usize, 2000, 1 << 20]),
    ) {
        let dbs = both(&lines, first, most);
        compare(&dbs, &lines);
        for (db, _) in &dbs {
            go_on(db, lines.len(), first);
        }
        compare(&dbs, &lines);
    }
}

#[test]
fn records_without_any_word_are_stored_and_can_go_on() {
    let lines = ["".to_owned(), "".to_owned()];
    let dbs = both(&lines, 1, 1);
    compare(&dbs, &lines);
    for (db, _) in &dbs {
        go_on(db, lines.len(), 1);
    }
    compare(&dbs, &[" changed added".to_owned()]);
}

#[test]
fn words_that_fill_pages_and_lists_that_go_over_pages_are_found() {
    let long = |letter: char, length: usize| letter.to_string().repeat(length);
    let lines: Vec<String> = (0..9000)
        .map(|n: usize| match n {
            17 => format!(" all {} {}", long('x', 5000), long('y', 40_000)),
            18 => format!(" all {}1 {}", long('x', 5000), long('x', 4040)),
            _ if n.is_multiple_of(3) => format!(" all third {n}"),
            _ => format!(" all {} {n:020}", n * 7919 % 9001),
        })
        .collect();
    for (most, first) in [(100_000, 1), (16 << 20, 200)] {
        let dbs = both(&lines, first, most);
        check(&dbs[0].0);
        for question in
            ["\"all\"*", "\"all\"", "\"third\"", "\"third\"* AND \"2\"*", "\"x\"*", "\"1\"*", "\"000\"*"]
        {
            assert_eq!(found(&dbs[0].0, question), found(&dbs[1].0, question), "{question}");
        }
        assert_eq!(found(&dbs[0].0, "\"all\"").len(), lines.len());
        let longest = format!("\"{}\"*", long('y', 39_000));
        assert_eq!(found(&dbs[0].0, &longest), [first + 17]);
        go_on(&dbs[0].0, lines.len(), first);
        assert_eq!(found(&dbs[0].0, "\"all\"").len(), lines.len() - 2);
    }
}

#[test]
fn the_connection_that_stored_the_words_finds_them_and_forgets_them_when_the_transaction_fails() {
    let (db, _folder) = database();
    let scratch = Temporary::default();
    let segment = |word: &str| {
        let mut gathering = Gathering::new(&scratch);
        gathering.add(1, word).unwrap();
        gathering.finish().unwrap()
    };
    let seen = |c: &Conn, word: &str| c.all(MATCH, &[word.into()], |row| row.int(0));
    db.write(|c| {
        insert(c, 9, " before");
        assert_eq!(seen(c, "before")?, [9]);
        segment(" ours").store(c, "customers", 1, 1)?;
        assert_eq!((seen(c, "before")?, seen(c, "ours")?), (vec![], vec![1]));
        Ok::<_, Stop>(())
    })
    .unwrap();
    let failed = db.write(|c| {
        assert_eq!(seen(c, "ours")?, [1]);
        segment(" other").store(c, "customers", 1, 1)?;
        assert_eq!(seen(c, "other")?, [1]);
        Err::<(), _>(Stop::Cancelled)
    });
    assert!(matches!(failed, Err(Stop::Cancelled)));
    db.write(|c| {
        assert_eq!((seen(c, "ours")?, seen(c, "other")?), (vec![1], vec![]));
        insert(c, 2, " ours");
        Ok::<_, DbError>(())
    })
    .unwrap();
    check(&db);
    assert_eq!(found(&db, "ours"), [1, 2]);
}
