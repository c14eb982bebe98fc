//! Imports that are taken back.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use proptest::prelude::*;

use super::*;
use crate::compare::tests::{Customers, World, format, go};
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

/// What happens to the register, in the property below.
#[derive(Debug, Clone)]
enum Event {
    /// Rows of (key, name, credit limit).
    Import(Vec<(u8, u8, u8)>),
    /// A person gives a field of a customer a value.
    Edit(u8, bool, u8),
    /// The import is undone: one of those before, or one that is not there.
    Undo(prop::sample::Index),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => prop::collection::vec((0..5u8, 0..4u8, 0..4u8), 0..5).prop_map(Event::Import),
        2 => (0..5u8, any::<bool>(), 0..4u8).prop_map(|(key, name, value)| Event::Edit(key, name, value)),
        3 => any::<prop::sample::Index>().prop_map(Event::Undo),
    ]
}

/// Who changed what: the import (0 for a person), whether it created the record, and the fields with their old values.
type Write = (i64, bool, Vec<(usize, u8)>);

/// A register that remembers every change of every field, the simplest way.
#[derive(Default)]
struct Model {
    records: BTreeMap<u8, [u8; 2]>,
    /// For each record that is there, in order.
    log: BTreeMap<u8, Vec<Write>>,
}

impl Model {
    fn write(&mut self, by: i64, key: u8, values: [u8; 2]) {
        let log = self.log.entry(key).or_default();
        match self.records.insert(key, values) {
            None => *log = vec![(by, true, Vec::new())],
            Some(before) => {
                let changed: Vec<_> =
                    (0..2).filter(|at| before[*at] != values[*at]).map(|at| (at, before[at])).collect();
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

    fn content(&self) -> Customers {
        let name = |value: u8| Some(format!("N{value}"));
        let limit = |value: u8| Some(value.to_string());
        self.records.iter().map(|(key, [n, l])| (key.to_string(), [name(*n), limit(*l), None])).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Whatever imports, edits and undos come in whatever order: an undo does what the model says, and undoing all
    /// imports that are left, the newest first, brings back each register that was there before them.
    #[test]
    fn undoing_brings_back_what_was_there(events in prop::collection::vec(event(), 1..14)) {
        let mut world = World::new(crate::compare::Means::default());
        let mut model = Model::default();
        let mut applied = Vec::new();
        for event in events {
            match event {
                Event::Import(rows) => {
                    let rows: BTreeMap<u8, [u8; 2]> =
                        rows.into_iter().map(|(key, name, limit)| (key, [name, limit])).collect();
                    let mut file = HEADER.to_owned();
                    for (key, [name, limit]) in &rows {
                        file.push_str(&format!("{key};N{name};{limit};\n"));
                    }
                    world.import(&format(), &file);
                    applied.push(world.imports);
                    for (key, values) in rows {
                        model.write(world.imports, key, values);
                    }
                }
                Event::Edit(key, name, value) => {
                    if let Some(mut values) = model.records.get(&key).copied() {
                        values[usize::from(!name)] = value;
                        model.write(0, key, values);
                        let (field, text) =
                            if name { ("name", format!("N{value}")) } else { ("credit_limit", value.to_string()) };
                        world.edit(&key.to_string(), field, Some(&text));
                    }
                }
                Event::Undo(at) if applied.is_empty() => {
                    prop_assert!(world.undo(at.index(9) as i64 + 100).is_err());
                }
                Event::Undo(at) => {
                    let id = applied.remove(at.index(applied.len()));
                    let Undone { restored, removed, left, .. } = world.undo(id).unwrap().undone.unwrap();
                    prop_assert_eq!(Outlook { restored, removed, left }, model.undo(id));
                    prop_assert!(world.undo(id).is_err());
                    let stored = world.db.read(|c| imports::find(c, id)).unwrap().unwrap();
                    let listed = world.db.read(|c| super::left(c, &stored, 100, None)).unwrap().items.len();
                    prop_assert_eq!(listed as u64, left);
                }
            }
            prop_assert_eq!(world.content(), model.content());
        }
        // Three imports more, and back again.
        let mut before = Vec::new();
        for round in 0..3_u8 {
            before.push((world.imports + 1, world.content()));
            let row = |key: u8| format!("{key};N{};{};\n", (key + round) % 4, round);
            let file: String = (0..6).filter(|key| key % 3 != round).map(row).collect();
            world.import(&format(), &format!("{HEADER}{file}"));
        }
        while let Some((id, content)) = before.pop() {
            prop_assert_eq!(world.undo(id).unwrap().undone.unwrap().left, 0);
            prop_assert_eq!(world.content(), content);
        }
    }
}
