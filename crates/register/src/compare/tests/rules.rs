//! What files may change, by the rules of their format: against a simple model.

use std::collections::BTreeMap;

use erpfile::{Apply, IgnoredInKey, Level, Missing, Owner, Problem};
use proptest::prelude::*;

use super::*;
use crate::imports::{ProblemFilter, problems};

/// Spellings of keys; several are the same under one rule or another.
const KEYS: [&str; 8] = ["7", "07", "007", "k 7", "K7", "k7", "70", "0"];
const NAMES: [&str; 3] = ["", "Bager", "Smed"];
const LIMITS: [&str; 3] = ["", "1,5", "2"];

/// Places in the tables above.
type Line = (usize, usize, usize);

#[derive(Debug, Clone)]
struct Rules {
    apply: Apply,
    ignored: Vec<IgnoredInKey>,
    owners: [Owner; 2],
    blanks: [Option<Blank>; 2],
    blank: Blank,
    last: bool,
    deactivate: bool,
}

impl Rules {
    fn format(&self) -> Format {
        let mut format = Format {
            apply: self.apply,
            ignore_in_key: self.ignored.clone(),
            blank: self.blank,
            repeated: if self.last { Repeated::Last } else { Repeated::Refuse },
            ..format()
        };
        if self.deactivate && self.apply != Apply::Create {
            (format.content, format.missing) = (Content::Full, Missing::Deactivate);
        }
        format.columns.truncate(3);
        for at in 0..2 {
            format.columns[at + 1].owner = self.owners[at];
            format.columns[at + 1].blank = self.blanks[at];
        }
        format
    }

    /// What counts of a key, written without the program's own rule.
    fn counts(&self, key: &str) -> String {
        let mut key = key.to_owned();
        if self.ignored.contains(&IgnoredInKey::Blanks) {
            key = key.replace(' ', "");
        }
        if self.ignored.contains(&IgnoredInKey::Zeros) {
            while key.len() > 1 && key.starts_with('0') {
                key.remove(0);
            }
        }
        if self.ignored.contains(&IgnoredInKey::Case) {
            key = key.to_ascii_lowercase();
        }
        key
    }
}

/// Name, credit limit, and whether the record was deactivated.
type Known = BTreeMap<String, ([Option<String>; 2], bool)>;

/// The counts, and how many rows are told to be left out by a rule.
fn model(known: &mut Known, lines: &[Line], rules: &Rules) -> (Counts, usize) {
    let mut counts = Counts { read: lines.len() as u64, ..Counts::default() };
    let mut told = 0;
    let mut groups: BTreeMap<String, Vec<Line>> = BTreeMap::new();
    for line in lines {
        groups.entry(rules.counts(KEYS[line.0])).or_default().push(*line);
    }
    let full = rules.deactivate && rules.apply != Apply::Create;
    if full {
        for (key, (_, inactive)) in known.iter_mut() {
            if !groups.contains_key(&rules.counts(key)) && !*inactive {
                *inactive = true;
                counts.missing += 1;
            }
        }
    }
    for (key, lines) in groups {
        let size = lines.len() as u64;
        let same: Vec<String> = known.keys().filter(|other| rules.counts(other) == key).cloned().collect();
        let alike = lines.iter().all(|line| *line == lines[0]);
        if same.len() > 1 || (!alike && !rules.last) {
            counts.refused += size;
            continue;
        }
        let line = *lines.last().unwrap();
        counts.unchanged += size - 1;
        let cells = [NAMES[line.1], LIMITS[line.2]];
        let Some(number) = same.first() else {
            if rules.apply == Apply::Update {
                counts.unchanged += 1;
                told += 1;
                continue;
            }
            counts.created += 1;
            let stored = |cell: &str| (!cell.is_empty()).then(|| cell.replace(',', "."));
            known.insert(KEYS[line.0].to_owned(), (cells.map(stored), false));
            continue;
        };
        let before = known[number].clone();
        let mut after = before.clone();
        for (at, cell) in cells.into_iter().enumerate() {
            let clears = rules.blanks[at].unwrap_or(rules.blank) == Blank::Clear;
            let takes = match rules.owners[at] {
                Owner::Erp => true,
                Owner::WhenEmpty => before.0[at].is_none(),
                Owner::AtCreation => false,
            };
            if takes && (clears || !cell.is_empty()) {
                after.0[at] = (!cell.is_empty()).then(|| cell.replace(',', "."));
            }
        }
        if full {
            after.1 = false;
        }
        if after == before {
            counts.unchanged += 1;
        } else if rules.apply == Apply::Create {
            counts.unchanged += 1;
            told += 1;
        } else {
            counts.updated += 1;
            known.insert(number.clone(), after);
        }
    }
    (counts, told)
}

fn stored(world: &World) -> Known {
    let mut known = Known::new();
    let mut each = |record: &Record| {
        let value = |name: &str| record.value(&CUSTOMERS, name).map(str::to_owned);
        let fields = [value("name"), value("credit_limit")];
        known.insert(value("number").unwrap(), (fields, value("inactive").as_deref() == Some("1")));
        ControlFlow::Continue(())
    };
    world.db.read(|c| records::each(c, &CUSTOMERS, &Query::default(), &mut each)).unwrap();
    known
}

fn rules() -> impl Strategy<Value = Rules> {
    let owner = || prop::sample::select(Owner::ALL);
    let blank = || prop::option::of(prop::sample::select(Blank::ALL));
    (
        prop::sample::select(Apply::ALL),
        prop::sample::subsequence(IgnoredInKey::ALL, 0..=3),
        [owner(), owner()],
        [blank(), blank()],
        prop::sample::select(Blank::ALL),
        any::<[bool; 2]>(),
    )
        .prop_map(|(apply, ignored, owners, blanks, blank, [last, deactivate])| Rules {
            apply,
            ignored,
            owners,
            blanks,
            blank,
            last,
            deactivate,
        })
}

/// A file under its rules, or what a person writes into a record: its key, and the name.
#[derive(Debug, Clone)]
enum Event {
    File(Vec<Line>, Rules, bool),
    Edit(usize, usize),
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let lines = || prop::collection::vec((0..KEYS.len(), 0..NAMES.len(), 0..LIMITS.len()), 0..7);
    let event = prop_oneof![
        4 => (lines(), rules(), any::<bool>()).prop_map(|(lines, rules, again)| Event::File(lines, rules, again)),
        1 => (0..KEYS.len(), 0..NAMES.len()).prop_map(|(key, name)| Event::Edit(key, name)),
    ];
    prop::collection::vec(event, 1..7)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    /// Whatever stands in the register and in the files, and whatever their rules: the register holds what the model
    /// says, every row is accounted for, and what a rule left out is told.
    #[test]
    fn imports_keep_to_the_rules_of_their_format(events in events()) {
        let tight = Means { entries_memory: 100, problems_memory: 100, look_up: 1, aside: 0, ..Means::default() };
        let plain = Means { marks: false, ..Means::default() };
        let mut worlds = [World::new(Means::default()), World::new(plain), World::new(tight)];
        let mut known = Known::new();
        for event in &events {
            match event {
                Event::Edit(key, name) => {
                    let Some(record) = known.get_mut(KEYS[*key]) else { continue };
                    record.0[0] = Some(NAMES[*name].to_owned()).filter(|name| !name.is_empty());
                    for world in &worlds {
                        world.db.write(|c| {
                            let number = KEYS[*key];
                            let version = records::find(c, &CUSTOMERS, number).unwrap().unwrap().version;
                            let written = [("name", Some(NAMES[*name]))];
                            edit::edit(c, &CUSTOMERS, number, version, &written, "ann", Timestamp::UNIX_EPOCH)
                                .map(drop)
                        }).unwrap();
                    }
                }
                Event::File(lines, rules, again) => {
                    let mut file = "Kundenr;Navn;Kreditmax\n".to_owned();
                    for line in lines {
                        file.push_str(&[KEYS[line.0], NAMES[line.1], LIMITS[line.2]].join(";"));
                        file.push('\n');
                    }
                    for _ in 0..=usize::from(*again) {
                        let (expected, told) = model(&mut known, lines, rules);
                        for world in &mut worlds {
                            let counts = world.import(&rules.format(), &file);
                            prop_assert_eq!(counts, expected);
                            prop_assert!(counts.add_up());
                            prop_assert_eq!(&stored(world), &known);
                            let notes = left_out(world);
                            prop_assert!(notes.len() <= 1, "one note for all: {:?}", notes);
                            prop_assert_eq!(notes.iter().map(rows_of).sum::<usize>(), told);
                            prop_assert_eq!(world.refused_rows().len() as u64, counts.refused);
                        }
                    }
                }
            }
        }
    }
}

/// What the last import told of rows that a rule left out.
fn left_out(world: &World) -> Vec<Problem> {
    let filter = ProblemFilter { limit: 100, ..ProblemFilter::default() };
    let problems = world.db.read(|c| problems(c, world.imports, &filter)).unwrap().items;
    let notes = [field::code::NOT_CREATED, field::code::NOT_UPDATED];
    problems.into_iter().filter(|problem| notes.contains(&problem.code.as_ref())).collect()
}

/// How many rows a note is about: it names its line when it is one.
fn rows_of(note: &Problem) -> usize {
    match note.line {
        Some(_) => 1,
        None => note.message.split_once(" rows ").unwrap().0.parse().unwrap(),
    }
}

#[test]
fn what_a_rule_leaves_out_every_night_is_one_note_with_the_first_lines() {
    let mut world = World::new(Means::default());
    let header = "Kundenr;Navn;Kreditmax;Spærret\n";
    let file = |rows: std::ops::Range<u32>, name: &str| {
        rows.fold(header.to_owned(), |file, row| file + &format!("{};{name};;\n", 9000 - row))
    };
    let only = |apply| Format { apply, ..format() };
    let told = |world: &World| {
        let notes = left_out(world);
        assert_eq!(notes.len(), 1, "{notes:?}");
        (notes[0].line, notes[0].message.clone())
    };
    let counts = world.import(&only(Apply::Update), &file(0..5000, "A"));
    assert_eq!((counts.unchanged, counts.created), (5000, 0));
    let all = "5000 rows are of customers that are not there, and the format creates none: lines 2, 3, 4 and 4997 more.";
    assert_eq!(told(&world), (None, all.to_owned()));
    assert!(world.refused_rows().is_empty());
    world.import(&only(Apply::Update), &file(0..1, "A"));
    assert_eq!(
        told(&world),
        (Some(2), "Kundenr: There is no customer \"9000\", and the format creates none.".to_owned())
    );
    world.import(&only(Apply::Create), &file(0..2, "A"));
    world.import(&only(Apply::Create), &file(0..2, "B"));
    let all = "2 rows would change their customers, and the format only creates: lines 2 and 3.";
    assert_eq!(told(&world), (None, all.to_owned()));
}

#[test]
fn a_key_that_can_be_several_records_is_refused_and_names_them() {
    let mut world = World::new(Means::default());
    world.import(&format(), "Kundenr;Navn;Kreditmax;Spærret\n42;A;;\n0042;B;;\n7;C;;\n");
    let zeros = Format { ignore_in_key: vec![IgnoredInKey::Zeros], ..format() };
    let file = b"Kundenr;Navn;Kreditmax;Sp\xc3\xa6rret\n042;D;;\n07;E;;\n".to_vec();
    let set = world.compare(&zeros, &file).unwrap();
    assert_eq!((set.counts.updated, set.counts.refused), (1, 1));
    let mut told = Vec::new();
    set.problems(&world.job(&zeros, &file), &mut |problem, _| told.push(problem.message.clone())).unwrap();
    assert_eq!(told.len(), 1);
    assert!(told[0].contains("\"042\" can be several customers: \"0042\" and \"42\""), "{told:?}");
}

#[test]
fn a_customer_created_meanwhile_whose_number_is_the_same_makes_the_file_be_compared_again() {
    let mut world = World::new(Means::default());
    let zeros = Format { ignore_in_key: vec![IgnoredInKey::Zeros], ..format() };
    let file = b"Kundenr;Navn;Kreditmax;Sp\xc3\xa6rret\n042;D;;\n".to_vec();
    let mut set = world.compare(&zeros, &file).unwrap();
    let written = [("number", Some("42")), ("name", Some("By hand"))];
    world
        .db
        .write(|c| edit::create(c, &CUSTOMERS, &written, "ann", Timestamp::UNIX_EPOCH).map(drop))
        .unwrap();
    assert!(matches!(world.commit(&zeros, &file, &mut set), Err(Stop::Stale)));
    let mut set = world.compare(&zeros, &file).unwrap();
    assert_eq!(world.commit(&zeros, &file, &mut set).unwrap().updated, 1);
    assert_eq!(world.content().keys().collect::<Vec<_>>(), ["42"], "the number stays as it was written here");
}

#[test]
fn contacts_are_filled_while_a_customer_has_none_and_left_then() {
    let columns = |owner| {
        let mut columns = vec![Column::new(ColumnFrom::Name("Nr".into()), "number")];
        for (from, field) in [("Person", "contact.name"), ("Mail", "contact.email")] {
            columns.push(Column { owner, ..Column::new(ColumnFrom::Name(from.into()), field) });
        }
        columns
    };
    let format = Format {
        repeated: Repeated::Contacts,
        ignore_in_key: vec![IgnoredInKey::Zeros],
        columns: columns(Owner::WhenEmpty),
        ..format()
    };
    let mut world = World::new(Means::default());
    assert_eq!(world.import(&format, "Nr;Person;Mail\n1;;\n").created, 1);
    assert_eq!(world.import(&format, "Nr;Person;Mail\n1;Ann;\n01;Bo;\n").updated, 1);
    assert_eq!(world.import(&format, "Nr;Person;Mail\n1;Eve;\n").unchanged, 1);
    let mut mixed = format.clone();
    mixed.columns[2].owner = Owner::Erp;
    let complaints = crate::mapping::complaints(&CUSTOMERS, &mixed);
    assert_eq!(complaints.len(), 1);
    assert_eq!(complaints[0].key, "columns[3].owner");
}

#[test]
fn a_value_that_is_not_taken_neither_refuses_its_row_nor_is_warned_of() {
    for owner in [Owner::AtCreation, Owner::WhenEmpty] {
        let mut format = Format { date_format: "%d-%m-%Y".into(), ..format() };
        format.columns.truncate(2);
        for (from, field) in [("Mail", "email"), ("Oprettet", "created_on"), ("CVR", "tax_number")] {
            format.columns.push(Column { owner, ..Column::new(ColumnFrom::Name(from.into()), field) });
        }
        format.checks.email = Level::Refuse;
        format.checks.tax_number = Level::Warn;
        let file = |rest: &str| format!("Kundenr;Navn;Mail;Oprettet;CVR\n{rest}\n");
        let mut world = World::new(Means::default());
        assert_eq!(world.import(&format, &file("7;Alfa;post@example.com;01-02-2026;DK13585628")).created, 1);
        assert_eq!(world.problems(), []);
        let broken = file("7;Beta;broken;someday;DK12345678");
        assert_eq!(world.import(&format, &broken).updated, 1, "{owner:?}");
        assert_eq!(world.problems(), []);
        assert_eq!(world.content()["7"][0].as_deref(), Some("Beta"));
        // Where it would be taken, it is judged.
        assert_eq!(world.import(&format, &broken.replace("7;", "8;")).refused, 1);
        let codes: Vec<String> = world.problems().into_iter().map(|(_, code)| code).collect();
        assert_eq!(codes, ["not-a-date", "not-an-email"]);
    }
}

#[test]
fn contacts_that_are_not_taken_refuse_nothing() {
    let column = |from: &str, field: &str, owner| Column {
        owner,
        ..Column::new(ColumnFrom::Name(from.into()), field)
    };
    for repeated in [Repeated::Refuse, Repeated::Contacts] {
        let columns = vec![
            column("Nr", "number", Owner::Erp),
            column("Navn", "name", Owner::Erp),
            column("Person", "contact.name", Owner::AtCreation),
            column("Mail", "contact.email", Owner::AtCreation),
        ];
        let format = Format { repeated, columns, ..format() };
        let mut world = World::new(Means::default());
        assert_eq!(world.import(&format, "Nr;Navn;Person;Mail\n1;Alfa;Ann;ann@example.com\n").created, 1);
        assert_eq!(
            world.import(&format, "Nr;Navn;Person;Mail\n1;Beta;Bo;broken\n").updated,
            1,
            "{repeated:?}"
        );
        assert_eq!(world.content()["1"][0].as_deref(), Some("Beta"));
        assert_eq!(world.import(&format, "Nr;Navn;Person;Mail\n2;Beta;Bo;broken\n").refused, 1);
    }
}

#[test]
fn a_full_export_lists_the_customers_that_it_does_not_mention() {
    let set_inactive = |world: &World, number: &str, value: &str| {
        let write = |c: &Conn| {
            let version = records::find(c, &CUSTOMERS, number)?.unwrap().version;
            edit::edit(
                c,
                &CUSTOMERS,
                number,
                version,
                &[("inactive", Some(value))],
                "Anna",
                Timestamp::UNIX_EPOCH,
            )
        };
        world.db.write(write).unwrap();
    };
    let list = Format { content: Content::Full, missing: Missing::List, ..format() };
    let zeros = Format { ignore_in_key: vec![IgnoredInKey::Zeros], ..list.clone() };
    for (format, means) in [
        (&list, Means::default()),
        (&list, Means { pass: None, ..Means::default() }),
        (&zeros, Means::default()),
    ] {
        let mut world = World::new(means);
        let header = "Kundenr;Navn;Kreditmax;Spærret\n";
        world.import(format, &format!("{header}1;A;;\n2;B;;\n3;C;;\n4;D;;\n"));
        set_inactive(&world, "4", "1");
        let made = [("number", Some("5")), ("name", Some("Made here"))];
        let create = |c: &Conn| edit::create(c, &CUSTOMERS, &made, "Anna", Timestamp::UNIX_EPOCH).map(drop);
        world.db.write(create).unwrap();
        let before = world.content();
        // Inactive ones, and those that people made here, are no news. A row that is refused for a value has its number.
        let counts = world.import(format, &format!("{header}2;B;many;\n"));
        assert_eq!((counts.refused, counts.missing), (1, 2));
        let sql = "SELECT line, code, value, message FROM problems WHERE import_id = ?1 ORDER BY seq";
        let told = |row: &crate::db::Row<'_>| Ok((row.int(0)?, row.text(1)?, row.opt_text(2)?, row.text(3)?));
        let told = world.db.read(|c| c.all(sql, &[world.imports.into()], told)).unwrap();
        let text = str::to_owned;
        assert_eq!(
            told[1..],
            [
                (0, text("not-in-file"), Some(text("1")), text("The customer 1 (A) is not in the file.")),
                (0, text("not-in-file"), Some(text("3")), text("The customer 3 (C) is not in the file.")),
            ]
        );
        assert_eq!((told[0].0, told[0].1.as_str()), (2, "not-a-number"));
        assert_eq!(world.content(), before, "nothing was changed");
        // A row that could not be read may be of any customer.
        let counts = world.import(format, &format!("{header}2;B;;;x;y\n"));
        assert_eq!((counts.refused, world.problems().len()), (1, 1));
    }
}
