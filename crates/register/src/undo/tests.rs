//! Imports that are taken back.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use erpfile::{Blank, Column, ColumnFrom, Format};
use proptest::prelude::*;

use super::*;
use crate::compare::tests::{Customers, World, format, go};
use crate::contacts::{self, Contact};
use crate::job::Phase;
use crate::{CUSTOMERS, edit};

const HEADER: &str = "Kundenr;Navn;Kreditmax;Spærret\n";

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_900_000_000 + second).unwrap()
}

impl World {
    fn undo(&self, id: i64) -> Result<Import, UndoError> {
        let expected = self.db.read(|c| outlook(c, id, &mut go)).map_err(|error| error.to_string());
        let undone = undo(&self.db, id, "Anna", at(id), &mut go);
        let told = undone.as_ref().map(|import| {
            let Undone { restored, removed, left, .. } = import.undone.clone().unwrap();
            Outlook { restored, removed, left }
        });
        assert_eq!(told.map_err(ToString::to_string), expected, "the outlook tells what happens");
        undone
    }

    fn edit(&self, number: &str, field: &str, value: Option<&str>) {
        self.db
            .write(|c| {
                let version = records::find(c, &CUSTOMERS, number)?.unwrap().version;
                edit::edit(c, &CUSTOMERS, number, version, &[(field, value)], "Bent", at(0))
            })
            .unwrap();
    }
}

#[test]
fn an_import_is_taken_back_but_for_what_somebody_changed_since() {
    let mut world = World::new(crate::compare::Means::default());
    world.import(&format(), &format!("{HEADER}1;A;1;N\n2;B;2;N\n3;C;3;N\n"));
    world.import(&format(), &format!("{HEADER}1;A2;1;N\n2;B2;22;J\n4;D;4;N\n5;E;5;N\n"));
    world.edit("2", "credit_limit", Some("7"));
    world.edit("5", "name", Some("Eigil"));
    world.edit("1", "blocked", Some("1"));
    let undone = world.undo(2).unwrap();
    assert_eq!(undone.state, State::Undone);
    let stored = world.db.read(|c| imports::find(c, 2)).unwrap().unwrap();
    assert_eq!(stored.undone, undone.undone);
    assert_eq!(
        stored.reason.as_deref(),
        Some(
            "Undone by Anna: 1 customer has its earlier values again; 1 customer was removed; 2 customers were left, \
             since they were changed later."
        )
    );
    let text = |value: &str| Some(value.to_owned());
    let expected = Customers::from([
        ("1".into(), [text("A"), text("1"), text("1")]),
        ("2".into(), [text("B2"), text("7"), text("1")]),
        ("3".into(), [text("C"), text("3"), text("0")]),
        ("5".into(), [text("Eigil"), text("5"), text("0")]),
    ]);
    assert_eq!(world.content(), expected);
    let left = world.db.read(|c| left(c, &stored, 10, None)).unwrap().items;
    assert_eq!(left.iter().map(|left| left.number.as_deref().unwrap()).collect::<Vec<_>>(), ["2", "5"]);
    assert_eq!((left[0].created, left[1].created), (false, true));
    assert_eq!(left[0].by_person.as_deref(), Some("Bent"));
    let field = |field: &str, before: &str, imported: &str, now: &str| LeftField {
        field: field.into(),
        before: text(before),
        imported: text(imported),
        now: text(now),
    };
    assert_eq!(
        left[0].fields,
        [
            field("name", "B", "B2", "B2"),
            field("credit_limit", "2", "22", "7"),
            field("blocked", "0", "1", "1")
        ]
    );
    let told = &world.history("1")[0];
    assert_eq!((told.undo_of, told.import, told.user.as_deref()), (Some(2), None, Some("Anna")));
    assert_eq!((told.field.as_deref(), told.new.as_deref()), (Some("name"), Some("A")));
    let gone = world.db.read(|c| crate::removed::find(c, &CUSTOMERS, "4")).unwrap().unwrap();
    assert_eq!(
        (gone.by.as_str(), gone.undo_of, gone.record.value(&CUSTOMERS, "name")),
        ("Anna", Some(2), Some("D"))
    );
    assert_eq!(world.db.read(|c| crate::removed::find(c, &CUSTOMERS, "5")).unwrap(), None, "it was left");
    // What was taken back comes again with the same file: nothing is taken for unchanged.
    let again = world.import(&format(), &format!("{HEADER}1;A2;1;N\n2;B2;22;J\n4;D;4;N\n5;E;5;N\n"));
    assert_eq!((again.created, again.updated), (1, 3));
    let changed = world.db.read(|c| history::of_import(c, &CUSTOMERS, 3, 2, None)).unwrap();
    assert_eq!(changed.items[0].number.as_deref(), Some("1"));
    let rest = world.db.read(|c| history::of_import(c, &CUSTOMERS, 3, 9, changed.next.as_deref())).unwrap();
    assert_eq!((changed.items.len(), rest.items.len(), rest.next), (2, 2, None));
    assert_eq!((rest.items[0].number.as_deref(), rest.items[0].kind), (Some("4"), Kind::Created));
}

#[test]
fn only_what_was_applied_can_be_undone_and_only_once() {
    let mut world = World::new(crate::compare::Means::default());
    world.import(&format(), &format!("{HEADER}1;A;1;N\n"));
    assert_eq!(world.undo(7).unwrap_err().to_string(), "there is no import 7");
    world.undo(1).unwrap();
    assert_eq!(
        world.undo(1).unwrap_err().to_string(),
        "import 1 was undone already, by Anna on 2030-03-17 at 17:46 UTC; to have its changes again, import its file \
         again"
    );
    for (state, why) in [
        ("refused", "import 1 was not applied (refused), so there is nothing to undo"),
        ("held", "import 1 has not been applied yet: it is held"),
        ("importing", "import 1 has not been applied yet: it is importing"),
    ] {
        world.db.write(|c| c.execute("UPDATE imports SET state = ?1", &[state.into()])).unwrap();
        assert_eq!(world.undo(1).unwrap_err().to_string(), why);
    }
}

#[test]
fn an_undo_that_is_cancelled_changes_nothing() {
    let mut world = World::new(crate::compare::Means::default());
    let mut file = HEADER.to_owned();
    for number in 0..9000 {
        file.push_str(&format!("{number};Navn {number};;\n"));
    }
    world.import(&format(), &file);
    let before = world.content();
    let mut calls = 0;
    let mut third = |progress: crate::job::Progress| {
        assert_eq!((progress.phase, progress.total), (Phase::Undoing, 9000));
        calls += 1;
        if calls == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let stopped = undo(&world.db, 1, "Anna", at(0), &mut third);
    assert!(matches!(stopped, Err(UndoError::Stop(Stop::Cancelled))));
    assert_eq!(world.content(), before);
    assert_eq!(world.undo(1).unwrap().undone.unwrap().removed, 9000);
    assert_eq!(world.content().len(), 0);
}

/// How many fields the property below is about.
const FIELDS: usize = 8;

/// A field, and its values: as a file writes them, and as they are stored. The first one is empty; yes/no fields and choices
/// have the second one twice.
type Field = (&'static str, [(&'static str, &'static str); 4]);

/// Ordinary fields, contacts (two columns of the file), and an own field of each kind.
const TABLE: [Field; FIELDS] = [
    ("name", [("", ""), ("N1", "N1"), ("N2", "N2"), ("Æ;3", "Æ;3")]),
    ("credit_limit", [("", ""), ("1", "1"), ("2,5", "2.5"), ("-3", "-3")]),
    ("contacts", [("\";\"", ""), ("Anna\";\"", "Anna"), ("Anna\";\"Bo", "Anna|Bo"), ("Bo\";\"", "Bo")]),
    ("route", [("", ""), ("R1", "R1"), ("R2", "R2"), ("R3", "R3")]),
    ("visits", [("", ""), ("5", "5"), ("6,5", "6.5"), ("7", "7")]),
    (
        "since",
        [("", ""), ("01-02-2026", "2026-02-01"), ("28-02-2026", "2026-02-28"), ("31-12-2025", "2025-12-31")],
    ),
    ("vip", [("", ""), ("J", "1"), ("N", "0"), ("J", "1")]),
    ("area", [("", ""), ("North", "North"), ("South & West", "South & West"), ("North", "North")]),
];

/// The values of a customer, by their places in the table.
type Values = [u8; FIELDS];

fn entry(at: usize, value: u8) -> (&'static str, &'static str) {
    TABLE[at].1[usize::from(value)]
}

/// A line of the file.
fn line(key: u8, values: &Values) -> String {
    let cells: Vec<String> =
        values.iter().enumerate().map(|(at, value)| format!("\"{}\"", entry(at, *value).0)).collect();
    format!("{key};{}\n", cells.join(";"))
}

fn every_field() -> Format {
    let names = [
        "name",
        "credit_limit",
        "contact.1.name",
        "contact.2.name",
        "route",
        "visits",
        "since",
        "vip",
        "area",
    ];
    let columns =
        ["number"].iter().chain(&names).map(|name| Column::new(ColumnFrom::Name((*name).into()), *name));
    Format { columns: columns.collect(), blank: Blank::Clear, date_format: "%d-%m-%Y".into(), ..format() }
}

fn every_header() -> String {
    let names: Vec<String> = every_field().columns.iter().map(|column| column.field.clone()).collect();
    format!("{}\n", names.join(";"))
}

/// All customers with what is stored of each field; contacts by their names.
fn stored(world: &World) -> BTreeMap<String, [String; FIELDS]> {
    let of = own_fields::tests::customers(world);
    let mut all = BTreeMap::new();
    let mut each = |record: &records::Record| {
        let value = |at: usize| {
            let value = record.value(of, TABLE[at].0);
            match TABLE[at].0 {
                "contacts" => contacts::list(value).iter().map(Contact::line).collect::<Vec<_>>().join("|"),
                _ => value.unwrap_or_default().to_owned(),
            }
        };
        all.insert(record.value(of, "number").unwrap().to_owned(), std::array::from_fn(value));
        ControlFlow::Continue(())
    };
    world.db.read(|c| records::each(c, of, &records::Query::default(), &mut each)).unwrap();
    all
}

impl World {
    /// A person gives a field of a customer, who may be new, a value.
    fn write_by_hand(&self, key: u8, at: usize, value: u8) {
        let (of, number) = (own_fields::tests::customers(self), key.to_string());
        let (field, text) = (TABLE[at].0, entry(at, value).1);
        let list: Vec<Contact> = text
            .split('|')
            .filter(|name| field == "contacts" && !name.is_empty())
            .map(|name| Contact { name: Some(name.to_owned()), ..Contact::default() })
            .collect();
        let text =
            if field == "contacts" { contacts::text(&list).unwrap_or_default() } else { text.to_owned() };
        let written = Some(text.as_str()).filter(|text| !text.is_empty());
        self.db
            .write(|c| match records::find(c, of, &number)? {
                Some(record) => edit::edit(
                    c,
                    of,
                    &number,
                    record.version,
                    &[(field, written)],
                    "Bent",
                    Timestamp::UNIX_EPOCH,
                )
                .map(drop),
                None => {
                    let values = [("number", Some(number.as_str())), (field, written)];
                    edit::create(c, of, &values, "Bent", Timestamp::UNIX_EPOCH).map(drop)
                }
            })
            .unwrap();
    }
}

/// What happens to the register, in the property below.
#[derive(Debug, Clone)]
enum Event {
    /// Rows of keys and values.
    Import(Vec<(u8, Values)>),
    /// A person gives a field of a customer a value, or creates the customer with it.
    Edit(u8, usize, u8),
    /// The import is undone: one of those before, or one that is not there.
    Undo(prop::sample::Index),
}

/// Values that differ from others in few fields: so that changes of one import and of others overlap in part.
fn values() -> impl Strategy<Value = Values> {
    prop::collection::vec((0..FIELDS, 0..4u8), 0..4).prop_map(|changes| {
        let mut values = [1; FIELDS];
        changes.into_iter().for_each(|(at, value)| values[at] = same(at, value));
        values
    })
}

/// The first of the values that are the same.
fn same(at: usize, value: u8) -> u8 {
    let first = TABLE[at].1.iter().position(|other| other.1 == entry(at, value).1);
    first.map_or(value, |first| u8::try_from(first).unwrap())
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => prop::collection::vec((0..5u8, values()), 0..5).prop_map(Event::Import),
        2 => (0..5u8, 0..FIELDS, 0..4u8).prop_map(|(key, at, value)| Event::Edit(key, at, same(at, value))),
        3 => any::<prop::sample::Index>().prop_map(Event::Undo),
    ]
}

/// Who changed what: the import (0 for a person), whether it created the record, and the fields with their old values.
type Write = (i64, bool, Vec<(usize, u8)>);

/// A register that remembers every change of every field, the simplest way.
#[derive(Default)]
struct Model {
    records: BTreeMap<u8, Values>,
    /// For each record that is there, in order.
    log: BTreeMap<u8, Vec<Write>>,
}

impl Model {
    fn write(&mut self, by: i64, key: u8, values: Values) {
        let log = self.log.entry(key).or_default();
        match self.records.insert(key, values) {
            None => *log = vec![(by, true, Vec::new())],
            Some(before) => {
                let changed: Vec<_> =
                    (0..FIELDS).filter(|at| before[*at] != values[*at]).map(|at| (at, before[at])).collect();
                if !changed.is_empty() {
                    log.push((by, false, changed));
                }
            }
        }
    }

    fn undo(&mut self, import: i64) -> Outlook {
        let mut outlook = Outlook::default();
        for (key, log) in &mut self.log {
            let Some(place) = log.iter().position(|(by, ..)| *by == import) else { continue };
            let (_, created, fields) = log[place].clone();
            let touched =
                |at: &usize| log[place + 1..].iter().any(|(.., later)| later.iter().any(|(f, _)| f == at));
            if created && log.len() == place + 1 {
                self.records.remove(key);
                log.clear();
                outlook.removed += 1;
            } else if created || fields.iter().any(|(at, _)| touched(at)) {
                outlook.left += 1;
            } else {
                for (at, old) in fields {
                    self.records.get_mut(key).unwrap()[at] = old;
                }
                log.remove(place);
                outlook.restored += 1;
            }
        }
        outlook
    }

    fn stored(&self) -> BTreeMap<String, [String; FIELDS]> {
        let text = |values: &Values| std::array::from_fn(|at| entry(at, values[at]).1.to_owned());
        self.records.iter().map(|(key, values)| (key.to_string(), text(values))).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Whatever imports, edits and undos come in whatever order, of whatever kind the fields are: an undo does what the
    /// model says, and undoing all imports that are left, the newest first, brings back each register that was there
    /// before them.
    #[test]
    fn undoing_brings_back_what_was_there(events in prop::collection::vec(event(), 1..14)) {
        let mut world = World::new(crate::compare::Means::default());
        own_fields::tests::declare(
            &world,
            &own_fields::tests::KINDS.map(|(name, kind)| own_fields::tests::field(name, kind)),
        )
        .unwrap();
        let (format, header) = (every_field(), every_header());
        let mut model = Model::default();
        let mut applied = Vec::new();
        for event in events {
            match event {
                Event::Import(rows) => {
                    let rows: BTreeMap<u8, Values> = rows.into_iter().collect();
                    let lines: String = rows.iter().map(|(key, values)| line(*key, values)).collect();
                    let counts = world.import(&format, &format!("{header}{lines}"));
                    prop_assert_eq!(counts.refused, 0);
                    applied.push(world.imports);
                    for (key, values) in rows {
                        model.write(world.imports, key, values);
                    }
                }
                Event::Edit(key, at, value) => {
                    let mut values = model.records.get(&key).copied().unwrap_or_default();
                    values[at] = value;
                    model.write(0, key, values);
                    world.write_by_hand(key, at, value);
                }
                Event::Undo(at) if applied.is_empty() => {
                    prop_assert!(world.undo(at.index(9) as i64 + 100).is_err());
                }
                Event::Undo(at) => {
                    let id = applied.remove(at.index(applied.len()));
                    let Undone { restored, removed, left, .. } = world.undo(id).unwrap().undone.unwrap();
                    prop_assert_eq!(Outlook { restored, removed, left }, model.undo(id));
                    prop_assert!(world.undo(id).is_err());
                    let entry = world.db.read(|c| imports::find(c, id)).unwrap().unwrap();
                    let listed = world.db.read(|c| super::left(c, &entry, 100, None)).unwrap().items.len();
                    prop_assert_eq!(listed as u64, left);
                }
            }
            prop_assert_eq!(stored(&world), model.stored());
        }
        // Three imports more, and back again.
        let mut before = Vec::new();
        for round in 0..3_u8 {
            before.push((world.imports + 1, stored(&world)));
            let values = |key: u8| std::array::from_fn(|at| same(at, (key + round + u8::try_from(at).unwrap()) % 4));
            let lines: String = (0..6).filter(|key| key % 3 != round).map(|key| line(key, &values(key))).collect();
            world.import(&format, &format!("{header}{lines}"));
        }
        while let Some((id, content)) = before.pop() {
            prop_assert_eq!(world.undo(id).unwrap().undone.unwrap().left, 0);
            prop_assert_eq!(stored(&world), content);
        }
    }
}
