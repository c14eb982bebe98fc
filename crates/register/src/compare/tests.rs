//! Random sequences of files against a model, and the stories that deserve a name.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use erpfile::{Blank, Column, ColumnFrom, DecimalSeparator, Format, Limits, Repeated};
use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::db::DbError;
use crate::frames::tests::Temporary;
use crate::records::Query;
use crate::{CUSTOMERS, commit, field, history};

/// Columns of the test files and their fields.
const COLUMNS: [(&str, &str); 4] =
    [("Kundenr", "number"), ("Navn", "name"), ("Kreditmax", "credit_limit"), ("Spærret", "blocked")];

fn format() -> Format {
    Format {
        name: "ERP customers".into(),
        register: "customers".into(),
        decimal_separator: DecimalSeparator::Comma,
        columns: COLUMNS
            .iter()
            .map(|(from, field)| Column { from: ColumnFrom::Name((*from).into()), field: (*field).into() })
            .collect(),
        ..Format::default()
    }
}

fn go(_: Progress) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// A register in a database of its own.
struct World {
    db: Database,
    _folder: tempfile::TempDir,
    scratch: Temporary,
    imports: i64,
    means: Means,
}

impl World {
    fn new(means: Means) -> World {
        let folder = tempfile::tempdir().unwrap();
        let db = crate::open(&folder.path().join("service-suite.db")).unwrap();
        World { db, _folder: folder, scratch: Temporary::default(), imports: 0, means }
    }

    fn job<'a>(&'a self, format: &'a Format, file: &'a Vec<u8>) -> Job<'a> {
        Job { register: &CUSTOMERS, format, limits: Limits::default(), spool: file, scratch: &self.scratch }
    }

    fn compare(&self, format: &Format, file: &Vec<u8>) -> Result<ChangeSet, Stop> {
        compare_by(&self.db, &self.job(format, file), self.means, &mut go)
    }

    fn commit(&mut self, format: &Format, file: &Vec<u8>, set: &mut ChangeSet) -> Result<Counts, Stop> {
        self.imports += 1;
        let id = self.imports;
        let new_import =
            "INSERT INTO imports (id, company_id, register, file, started_by, state, step, format,
             format_version, format_mark, started_at)
             VALUES (?1, 1, 'customers', 'customers.txt', 'test', 'importing', 'claimed', '', 1, '', '')";
        self.db.write(|c| c.execute(new_import, &[id.into()])).unwrap();
        let at: Timestamp = Timestamp::from_second(1_800_000_000 + id).unwrap();
        commit::commit(&self.db, &self.job(format, file), set, id, at, &mut |_, _| Ok(()), &mut go)
    }

    fn import(&mut self, format: &Format, file: &str) -> Counts {
        let file = file.as_bytes().to_vec();
        let mut set = self.compare(format, &file).unwrap();
        let counts = self.commit(format, &file, &mut set).unwrap();
        assert_eq!(counts, set.counts);
        counts
    }

    /// The lines, codes and columns of the last import's problems.
    fn problems(&self) -> Vec<(u64, String)> {
        let sql = "SELECT line, code FROM problems WHERE import_id = ?1 ORDER BY seq";
        let map = |row: &crate::db::Row<'_>| Ok((row.count(0)?, row.text(1)?));
        self.db.read(|c| c.all(sql, &[self.imports.into()], map)).unwrap()
    }

    fn refused_rows(&self) -> Vec<(u64, Vec<u8>)> {
        let sql = "SELECT line, raw FROM refused_rows WHERE import_id = ?1 ORDER BY line";
        let map =
            |row: &crate::db::Row<'_>| Ok((row.count(0)?, row.blob_ref(1)?.unwrap_or_default().to_vec()));
        self.db.read(|c| c.all(sql, &[self.imports.into()], map)).unwrap()
    }

    fn content(&self) -> Customers {
        let mut content = Customers::new();
        self.db
            .read(|c| {
                records::each(c, &CUSTOMERS, &Query::default(), &mut |record| {
                    let value = |name: &str| record.value(&CUSTOMERS, name).map(str::to_owned);
                    let fields = [value("name"), value("credit_limit"), value("blocked")];
                    content.insert(value("number").unwrap(), fields);
                    ControlFlow::Continue(())
                })
            })
            .unwrap();
        assert_eq!(self.db.read(|c| records::count(c, &CUSTOMERS)).unwrap(), content.len() as u64);
        content
    }

    /// All changes of fields, the newest first, and how many creations come last.
    fn history(&self, number: &str) -> Vec<history::Change> {
        self.db
            .read(|c| {
                let record = records::find(c, &CUSTOMERS, number)?.unwrap();
                history::for_record(c, &CUSTOMERS, record.id, 1000)
            })
            .unwrap()
    }
}

type Customers = BTreeMap<String, [Option<String>; 3]>;

/// A cell as it is written, and what it means: a value, nothing, or something that cannot be read.
type Cell = (&'static str, Option<Option<&'static str>>);

const NAMES: [Cell; 5] = [
    ("", Some(None)),
    ("Bager Ølund", Some(Some("Bager Ølund"))),
    (" 'Murer'; DROP", None),
    ("=cmd|' /C calc'!A0", Some(Some("=cmd|' /C calc'!A0"))),
    ("\u{7}", None),
];
const LIMITS: [Cell; 6] = [
    ("", Some(None)),
    ("1,5", Some(Some("1.5"))),
    ("1,50", Some(Some("1.50"))),
    ("1.500,00", Some(Some("1500.00"))),
    ("1.500", None),
    ("x", None),
];
const FLAGS: [Cell; 4] = [(" ", Some(None)), ("J", Some(Some("1"))), ("nej", Some(Some("0"))), ("?", None)];
const KEYS: [&str; 6] = ["", "1", "10", "2", "Ø3", " 4"];

/// A row: the places of its key and cells in the tables above; the third name breaks the row into five cells.
type Line = (usize, usize, usize, usize);

fn text(line: Line) -> String {
    [KEYS[line.0], NAMES[line.1].0, LIMITS[line.2].0, FLAGS[line.3].0].join(";")
}

/// The same import done the simplest way.
fn model(content: &mut Customers, lines: &[Line], clear: bool, last: bool) -> Counts {
    let mut counts = Counts { read: lines.len() as u64, ..Counts::default() };
    let mut groups: BTreeMap<&str, Vec<Line>> = BTreeMap::new();
    let broken = |line: &Line| line.1 == 2;
    let bad =
        |line: &Line| NAMES[line.1].1.is_none() || LIMITS[line.2].1.is_none() || FLAGS[line.3].1.is_none();
    for line in lines {
        if broken(line) || KEYS[line.0].is_empty() {
            counts.refused += 1;
        } else {
            groups.entry(KEYS[line.0]).or_default().push(*line);
        }
    }
    for (key, lines) in groups {
        let alike = lines.iter().all(|line| text(*line) == text(lines[0]));
        let bad_ones = lines.iter().filter(|line| bad(line)).count() as u64;
        let size = lines.len() as u64;
        let counted = *lines.last().unwrap();
        if bad(&counted) || (!alike && !last) {
            counts.refused += size;
            continue;
        }
        counts.refused += bad_ones;
        counts.unchanged += size - 1 - bad_ones;
        let given = [NAMES[counted.1].1, LIMITS[counted.2].1, FLAGS[counted.3].1].map(Option::flatten);
        match content.get_mut(key) {
            None => {
                counts.created += 1;
                content.insert(key.to_owned(), given.map(|value| value.map(str::to_owned)));
            }
            Some(stored) => {
                let mut changed = false;
                for (at, new) in given.into_iter().enumerate() {
                    let same = match (stored[at].as_deref(), new) {
                        (_, None) if !clear => true,
                        (Some("1.5" | "1.50"), Some("1.5" | "1.50")) => true,
                        (old, new) => old == new,
                    };
                    if !same {
                        changed = true;
                        stored[at] = new.map(str::to_owned);
                    }
                }
                if changed { counts.updated += 1 } else { counts.unchanged += 1 }
            }
        }
    }
    counts
}

fn lines() -> impl Strategy<Value = Vec<Line>> {
    // Good rows are more likely than all the ways to be bad.
    let line = (0..KEYS.len(), 0..9usize, 0..12usize, 0..8usize).prop_map(|(key, name, limit, flag)| {
        (
            key,
            if name < 5 { name } else { 1 },
            if limit < 6 { limit } else { limit % 4 },
            if flag < 4 { flag } else { 1 + flag % 2 },
        )
    });
    prop::collection::vec(line, 0..9)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    /// Whatever files come in whatever order: the register holds what the model says, every row is accounted for, the
    /// history tells every change, and the ways that are only faster change nothing.
    #[test]
    fn imports_do_what_the_model_says(
        pool in prop::collection::vec((lines(), any::<bool>(), any::<bool>(), any::<bool>()), 1..4),
        order in prop::collection::vec(any::<prop::sample::Index>(), 1..7),
    ) {
        // Few files in any order, so that X comes again after Y.
        let plain = Means { marks: false, look_up: u64::MAX, ..Means::default() };
        let tight = Means { marks: true, look_up: 1, entries_memory: 100, problems_memory: 100 };
        let mut worlds = [World::new(Means::default()), World::new(plain), World::new(tight)];
        let mut content = Customers::new();
        let mut updates: BTreeMap<String, usize> = BTreeMap::new();
        for (lines, clear, last, again) in order.iter().map(|at| at.get(&pool)) {
            let format = Format {
                blank: if *clear { Blank::Clear } else { Blank::Keep },
                repeated: if *last { Repeated::Last } else { Repeated::Refuse },
                ..format()
            };
            let mut file = "Kundenr;Navn;Kreditmax;Spærret\r\n".to_owned();
            for line in lines {
                file.push_str(&text(*line));
                file.push_str("\r\n");
            }
            let before = content.clone();
            let expected = model(&mut content, lines, *clear, *last);
            for (key, fields) in &before {
                let changed = fields.iter().zip(&content[key]).filter(|(old, new)| old != new).count();
                *updates.entry(key.clone()).or_default() += changed;
            }
            for world in &mut worlds {
                let counts = world.import(&format, &file);
                prop_assert_eq!(counts, expected);
                prop_assert!(counts.add_up());
                prop_assert_eq!(&world.content(), &content);
                let refused = world.refused_rows();
                prop_assert_eq!(refused.len() as u64, counts.refused);
                let problems = world.problems();
                prop_assert!(problems.iter().all(|(line, _)| refused.iter().any(|(other, _)| other == line)));
                prop_assert!(problems.windows(2).all(|pair| pair[0].0 <= pair[1].0));
                for (line, raw) in &refused {
                    let written = text(lines[usize::try_from(*line).unwrap() - 2]);
                    prop_assert_eq!(written.as_bytes(), &raw[..]);
                }
                if *again {
                    let counts = world.import(&format, &file);
                    prop_assert_eq!((counts.created, counts.updated, counts.refused), (0, 0, expected.refused));
                }
            }
        }
        for world in &worlds {
            for (number, fields) in &content {
                let told = world.history(number);
                let (creation, changes) = told.split_last().unwrap();
                prop_assert_eq!(creation.field.as_deref(), None);
                prop_assert_eq!(changes.len(), updates.get(number).copied().unwrap_or(0));
                for (at, name) in ["name", "credit_limit", "blocked"].into_iter().enumerate() {
                    let mut value = &fields[at];
                    for change in changes.iter().filter(|change| change.field.as_deref() == Some(name)) {
                        prop_assert_eq!(&change.new, value);
                        value = &change.old;
                    }
                }
            }
        }
    }
}

#[test]
fn hostile_values_are_stored_as_written() {
    let mut world = World::new(Means::default());
    let hostile =
        ["=cmd|' /C calc'!A0", "<script>alert(1)</script>", "'; DROP TABLE customers; --", "%s%n\\u0000"];
    let mut file = "Kundenr;Navn;Kreditmax;Spærret\n".to_owned();
    for (number, name) in hostile.iter().enumerate() {
        file.push_str(&format!("{number};\"{}\";;\n", name.replace('"', "\"\"")));
    }
    assert_eq!(world.import(&format(), &file).created, hostile.len() as u64);
    let content = world.content();
    for (number, name) in hostile.iter().enumerate() {
        assert_eq!(content[&number.to_string()][0].as_deref(), Some(*name));
    }
}

#[test]
fn rows_that_contradict_each_other_name_each_others_lines_and_a_preview_says_what_would_happen() {
    let mut world = World::new(Means::default());
    world.import(&format(), "Kundenr;Navn;Kreditmax;Spærret\n10;Old;1,5;N\n30;Same;;\n");
    let file = b"Kundenr;Navn;Kreditmax;Sp\xc3\xa6rret\n10;New;1,50;J\n20;A;;\n20;B;;\n20;C;;x?\n30;Same;;\n40;D;7;\n40;D;7;\n"
        .to_vec();
    let format = format();
    let set = world.compare(&format, &file).unwrap();
    let expected = Counts { read: 7, created: 1, updated: 1, unchanged: 2, refused: 3, missing: 0 };
    assert_eq!(set.counts, expected);
    let mut told = Vec::new();
    set.problems(&world.job(&format, &file), &mut |problem, raw| {
        told.push((problem.line.unwrap(), problem.code.to_string(), problem.message.clone(), raw.to_vec()));
    })
    .unwrap();
    let codes: Vec<_> = told.iter().map(|(line, code, ..)| (*line, code.as_str())).collect();
    let duplicate = field::code::DUPLICATE_KEY;
    assert_eq!(codes, [(3, duplicate), (4, duplicate), (5, field::code::NOT_YES_OR_NO), (5, duplicate)]);
    assert_eq!(told[0].2, "Kundenr: \"20\" stands also on lines 4 and 5, with other content.");
    assert_eq!(told[1].3, b"20;B;;");
    let preview = set.preview(&world.job(&format, &file), 10).unwrap();
    let owned = |text: &str| Some(text.to_owned());
    assert_eq!(preview.len(), 2);
    assert_eq!(
        (preview[0].line, preview[0].number.as_str(), preview[0].kind),
        (2, "10", PreviewKind::Updated)
    );
    assert_eq!(
        preview[0].changes,
        [("name", owned("Old"), owned("New")), ("blocked", owned("0"), owned("1"))]
    );
    assert_eq!(
        (preview[1].line, preview[1].number.as_str(), preview[1].kind),
        (7, "40", PreviewKind::Created)
    );
    assert_eq!(preview[1].changes[1], ("name", None, owned("D")));
    assert_eq!(world.content().len(), 2, "looking changes nothing");
}

#[test]
fn a_record_that_changes_between_comparing_and_committing_sends_the_file_back() {
    let format = format();
    let (old, new) =
        ("Kundenr;Navn;Kreditmax;Spærret\n1;A;;\n", "Kundenr;Navn;Kreditmax;Spærret\n1;B;;\n2;C;;\n");
    let new_file = new.as_bytes().to_vec();
    for interfering in ["Kundenr;Navn;Kreditmax;Spærret\n1;Z;;\n", "Kundenr;Navn;Kreditmax;Spærret\n2;Z;;\n"]
    {
        let mut world = World::new(Means::default());
        world.import(&format, old);
        let mut set = world.compare(&format, &new_file).unwrap();
        world.import(&format, interfering);
        let before = world.content();
        assert!(matches!(world.commit(&format, &new_file, &mut set), Err(Stop::Stale)));
        assert_eq!(world.content(), before, "nothing of it may stay");
        world.import(&format, new);
        assert_eq!(world.content()["1"][0].as_deref(), Some("B"));
        assert_eq!(world.content()["2"][0].as_deref(), Some("C"));
    }
}

#[test]
fn a_cancelled_import_and_one_whose_ledger_entry_fails_change_nothing() {
    let mut world = World::new(Means::default());
    let format = format();
    let mut file = "Kundenr;Navn;Kreditmax;Spærret\n".to_owned();
    for number in 0..9000 {
        file.push_str(&format!("{number};Navn {number};;\n"));
    }
    let bytes = file.clone().into_bytes();
    for phase in [Phase::Reading, Phase::Comparing] {
        let mut stop_at = |progress: Progress| match progress.phase == phase && progress.done > 0 {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        };
        let stopped = compare(&world.db, &world.job(&format, &bytes), &mut stop_at);
        assert!(matches!(stopped, Err(Stop::Cancelled)), "{phase:?}");
    }
    let mut set = world.compare(&format, &bytes).unwrap();
    let mut calls = 0;
    let mut third = |_: Progress| {
        calls += 1;
        if calls == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let (job, at) = (world.job(&format, &bytes), Timestamp::UNIX_EPOCH);
    let stopped = commit::commit(&world.db, &job, &mut set, 1, at, &mut |_, _| Ok(()), &mut third);
    assert!(matches!(stopped, Err(Stop::Cancelled)));
    let mut fail = |_: &Conn, _: &Counts| Err(DbError::Invalid("no entry".into()));
    let failed = commit::commit(&world.db, &job, &mut set, 1, at, &mut fail, &mut go);
    assert!(matches!(failed, Err(Stop::Db(_))));
    assert_eq!(world.content().len(), 0);
    assert_eq!(world.import(&format, &file).created, 9000);
}

#[test]
fn a_million_times_the_same_key_is_told_without_holding_the_rows() {
    let mut world = World::new(Means { entries_memory: 64 << 10, ..Means::default() });
    let mut file = "Kundenr;Navn;Kreditmax;Spærret\n".to_owned();
    for number in 0..3000 {
        file.push_str(&format!("1;Navn {number};;\n"));
    }
    let counts = world.import(&format(), &file);
    assert_eq!((counts.read, counts.refused), (3000, 3000));
    let bytes = file.into_bytes();
    let set = world.compare(&format(), &bytes).unwrap();
    let mut first = None;
    set.problems(&world.job(&format(), &bytes), &mut |problem, _| {
        first.get_or_insert_with(|| problem.message.clone());
    })
    .unwrap();
    let message = first.unwrap();
    assert!(message.contains("lines 3, 4, 5, 6, 7 and 2994 more"), "{message}");
}

#[test]
fn x_then_y_then_x_again_is_applied_each_time() {
    let mut world = World::new(Means::default());
    let x = "Kundenr;Navn;Kreditmax;Spærret\n1;A;;\n";
    let y = "Kundenr;Navn;Kreditmax;Spærret\n1;B;;\n";
    world.import(&format(), x);
    for (file, name) in [(y, "B"), (x, "A"), (y, "B")] {
        assert_eq!(world.import(&format(), file).updated, 1);
        assert_eq!(world.content()["1"][0].as_deref(), Some(name));
    }
    assert_eq!(world.import(&format(), y).unchanged, 1);
}

#[test]
fn the_same_bytes_under_another_header_are_read_anew() {
    let mut world = World::new(Means::default());
    world.import(&format(), "Kundenr;Navn;Kreditmax;Spærret\n1;2;3;0\n");
    let counts = world.import(&format(), "Kundenr;Kreditmax;Navn;Spærret\n1;2;3;0\n");
    assert_eq!(counts.updated, 1);
    assert_eq!(world.content()["1"][0].as_deref(), Some("3"));
}

#[test]
fn rows_are_found_again_in_every_encoding_and_with_every_line_end() {
    let text = "Kundenr;Navn;Kreditmax;Spærret\n10;\"Bager \"\"Ølund\"\"\nHjørnet; kl. 8\";1.234,50;J\n\n9;Ærø & Søn;;\n8;x;y;\n";
    let mut seen = Vec::new();
    for encoding in ["utf-8", "utf-16le", "utf-16be", "windows-1252", "iso-8859-1", "cp850", "cp865"] {
        for line_end in ["\n", "\r\n", "\r"] {
            let format = Format { encoding: encoding.parse().unwrap(), ..format() };
            let file = format.encoding.encode(&text.replace('\n', line_end)).unwrap();
            let mut world = World::new(Means::default());
            let mut set = world.compare(&format, &file).unwrap();
            let counts = world.commit(&format, &file, &mut set).unwrap();
            assert_eq!((counts.read, counts.created, counts.refused), (3, 2, 1), "{encoding} {line_end:?}");
            let name = world.content()["10"][0].clone().unwrap().replace(line_end, "\n");
            assert_eq!(name, "Bager \"Ølund\"\nHjørnet; kl. 8");
            assert_eq!(world.content()["9"][0].as_deref(), Some("Ærø & Søn"));
            assert_eq!(world.problems(), [(6, field::code::NOT_A_NUMBER.to_owned())]);
            assert_eq!(world.refused_rows()[0].1, format.encoding.encode("8;x;y;").unwrap());
            // Another record between makes the rows be read again from their places.
            let again =
                [file.clone(), format.encoding.encode(&format!("7;Ny;;{line_end}")).unwrap()].concat();
            let mut set = world.compare(&format, &again).unwrap();
            assert_eq!((set.counts.unchanged, set.counts.created), (2, 1));
            world.commit(&format, &again, &mut set).unwrap();
            assert_eq!(world.content()["7"][0].as_deref(), Some("Ny"));
            seen.push(world.content().len());
        }
    }
    assert_eq!(seen, [3; 21]);
}

#[test]
fn a_damaged_file_and_a_format_for_another_register_are_refused_whole() {
    let world = World::new(Means::default());
    let refused = |format: &Format, file: &str| match world.compare(format, &file.as_bytes().to_vec()) {
        Err(Stop::Damage(problem)) => problem.code.to_string(),
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(&format(), "Kundenr;Navn\n1;A\n"), erpfile::code::COLUMN_MISSING);
    let other = Format { columns: format().columns.split_off(1), ..format() };
    assert_eq!(refused(&other, "Kundenr;Navn;Kreditmax;Spærret\n1;A;;\n"), erpfile::code::FORMAT);
}

#[test]
fn a_header_without_rows_is_an_import_of_nothing_and_missing_records_count_only_in_a_full_export() {
    let mut world = World::new(Means::default());
    world.import(&format(), "Kundenr;Navn;Kreditmax;Spærret\n1;A;;\n2;B;;\n3;C;;\n");
    assert_eq!(world.import(&format(), "Kundenr;Navn;Kreditmax;Spærret\n"), Counts::default());
    let full = Format { content: Content::Full, ..format() };
    let counts = world.import(&full, "Kundenr;Navn;Kreditmax;Spærret\n2;B;;\n4;D;;\n");
    assert_eq!((counts.created, counts.missing), (1, 2));
}

#[test]
fn what_an_import_changes_is_found_by_the_search_at_once() {
    let mut world = World::new(Means::default());
    world.import(&format(), "Kundenr;Navn;Kreditmax;Spærret\n1;Bager Ølund;;\n2;Murer Jensen;;\n");
    world.import(&format(), "Kundenr;Navn;Kreditmax;Spærret\n1;Café Åberg;;\n");
    let found = |text: &str| {
        let query = Query { text: text.to_owned(), limit: 10, ..Query::default() };
        let page = world.db.read(|c| records::list(c, &CUSTOMERS, &query)).unwrap();
        page.items.iter().map(|r| r.value(&CUSTOMERS, "number").unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(found("cafe abe"), ["1"]);
    assert_eq!(found("olund"), Vec::<String>::new());
    assert_eq!(found("jens"), ["2"]);
    assert_eq!(found(""), ["1", "2"]);
}
