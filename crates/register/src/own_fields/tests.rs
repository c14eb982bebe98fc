//! Own fields from their declaration to their end.

use std::collections::BTreeMap;

use erpfile::{Blank, Column, ColumnFrom};
use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::compare::Means;
use crate::compare::tests::{World, format as plain_format, go};
use crate::records::{self, Query, Record};
use crate::settings::{SaveError, StoredFormat};
use crate::{CUSTOMERS, edit, undo};

pub(crate) fn field(name: &str, kind: OwnKind) -> OwnField {
    let choices =
        if kind == OwnKind::Choice { vec!["North".to_owned(), "South & West".to_owned()] } else { vec![] };
    OwnField { register: "customers".into(), name: name.into(), label: format!("My {name}"), kind, choices }
}

/// Makes these the own fields; what is wrong with them, as places and sentences.
pub(crate) fn declare(world: &World, own: &[OwnField]) -> Result<(), Vec<String>> {
    let saved = world.db.write(|c| {
        let settings = settings::Settings { own_fields: own.to_vec(), ..settings::load(c)? };
        settings::save(c, &settings, "Anna", Timestamp::UNIX_EPOCH)
    });
    match saved {
        Ok(_) => Ok(()),
        Err(SaveError::Complaints(list)) => Err(list.iter().map(ToString::to_string).collect()),
        Err(SaveError::Db(error)) => panic!("{error}"),
    }
}

fn with_columns(columns: &[(&str, &str)], blank: Blank) -> Format {
    let columns = columns.iter().map(|(from, field)| Column::new(ColumnFrom::Name((*from).into()), *field));
    Format { columns: columns.collect(), blank, date_format: "%d-%m-%Y".into(), ..plain_format() }
}

pub(crate) fn customers(world: &World) -> &'static Register {
    world.db.read(|c| in_effect(c, &CUSTOMERS)).unwrap()
}

fn customer(world: &World, number: &str) -> Record {
    world.db.read(|c| records::find(c, customers(world), number)).unwrap().unwrap()
}

fn value(world: &World, number: &str, field: &str) -> Option<String> {
    customer(world, number).value(customers(world), field).map(str::to_owned)
}

fn found(world: &World, text: &str) -> Vec<String> {
    let query = Query { text: text.into(), limit: 10, ..Query::default() };
    let of = customers(world);
    let page = world.db.read(|c| records::list(c, of, &query)).unwrap();
    page.items.iter().map(|record| record.value(of, "number").unwrap().to_owned()).collect()
}

/// What the index alone knows, which large registers are searched by.
fn indexed(world: &World, word: &str) -> Vec<String> {
    let sql = "SELECT number FROM customers WHERE id IN (SELECT rowid FROM customers_words WHERE customers_words MATCH ?1)
               ORDER BY number";
    let question = format!("\"{word}\"*");
    world.db.read(|c| c.all(sql, &[question.as_str().into()], |row| row.text(0))).unwrap()
}

pub(crate) const KINDS: [(&str, OwnKind); 5] = [
    ("route", OwnKind::Text),
    ("visits", OwnKind::Number),
    ("since", OwnKind::Date),
    ("vip", OwnKind::YesNo),
    ("area", OwnKind::Choice),
];

#[test]
fn values_of_every_kind_are_imported_edited_found_told_and_taken_back() {
    let mut world = World::new(Means::default());
    declare(&world, &KINDS.map(|(name, kind)| field(name, kind))).unwrap();
    let columns = ["route", "visits", "since", "vip", "area"].map(|name| (name, name));
    let format = with_columns(&[&[("Nr", "number")], &columns[..]].concat(), Blank::Clear);
    let header = "Nr;route;visits;since;vip;area\n";
    let counts = world.import(
        &format,
        &format!("{header}1;Rute Ølund;1.250,50;31-12-2026;ja;south & west\n2;;;;;\n3;x;a lot;;maybe;East\n"),
    );
    assert_eq!((counts.created, counts.refused), (2, 1));
    let codes: Vec<_> = world.problems().into_iter().map(|(_, code)| code).collect();
    assert_eq!(codes, ["not-a-number", "not-yes-or-no", "not-a-choice"]);
    let json = customer(&world, "1").json(customers(&world));
    let expected = serde_json::json!(["Rute Ølund", "1250.50", "2026-12-31", true, "South & West"]);
    assert_eq!(KINDS.iter().map(|(name, _)| json[*name].clone()).collect::<serde_json::Value>(), expected);
    assert!(customer(&world, "2").json(customers(&world))["vip"].is_null());
    assert_eq!(
        (found(&world, "rute olu"), found(&world, "south")),
        (vec!["1".to_owned()], vec!["1".to_owned()])
    );

    let set = |field: &str, value: &str| {
        world.db.write(|c| {
            let of = in_effect(c, &CUSTOMERS)?;
            let version = records::find(c, of, "2")?.unwrap().version;
            edit::edit(c, of, "2", version, &[(field, Some(value))], "Anna", Timestamp::UNIX_EPOCH)
        })
    };
    set("area", "North").unwrap();
    set("vip", "no").unwrap();
    assert!(matches!(set("area", "East"), Err(edit::EditError::Values(_))));
    assert_eq!(
        (value(&world, "2", "area").as_deref(), value(&world, "2", "vip").as_deref()),
        (Some("North"), Some("0"))
    );
    assert_eq!(found(&world, "north"), ["2"]);

    let counts = world.import(&format, &format!("{header}1;Rute 7;1250,5;;nej;North\n"));
    assert_eq!(counts.updated, 1);
    let told: Vec<_> = world.history("1").into_iter().filter_map(|change| change.field).collect();
    assert_eq!(told, ["route", "since", "vip", "area"], "1250,5 is the same number");
    undo::undo(&world.db, world.imports, "Anna", Timestamp::UNIX_EPOCH, &mut go).unwrap();
    assert_eq!(customer(&world, "1").json(customers(&world)), json);
}

#[test]
fn an_undo_gives_no_field_a_value_of_the_kind_that_it_had_once() {
    let mut world = World::new(Means::default());
    let format = with_columns(&[("Nr", "number"), ("Sko", "shoe"), ("By", "city")], Blank::Clear);
    declare(&world, &[field("shoe", OwnKind::Text)]).unwrap();
    world.import(&format, "Nr;Sko;By\n1;abc;Ribe\n2;43;Ribe\n3;43,5;Ribe\n");
    world.import(&format, "Nr;Sko;By\n1;;Ribe\n2;;Ribe\n3;;Ribe\n");
    declare(&world, &[field("shoe", OwnKind::Number)]).unwrap();
    let undone =
        undo::undo(&world.db, world.imports, "Anna", Timestamp::UNIX_EPOCH, &mut go).unwrap().undone.unwrap();
    // 43,5 is a text that would have to be written as 43.5.
    assert_eq!((undone.restored, undone.left), (1, 2));
    let shoes = ["1", "2", "3"].map(|number| value(&world, number, "shoe"));
    assert_eq!(shoes, [None, Some("43".to_owned()), None]);
    let import = world.db.read(|c| crate::imports::find(c, world.imports)).unwrap().unwrap();
    let left = world.db.read(|c| undo::left(c, &import, 10, None)).unwrap().items;
    assert_eq!(
        left.iter().map(|left| left.fields[0].before.as_deref()).collect::<Vec<_>>(),
        [Some("abc"), Some("43,5")]
    );
}

#[test]
fn a_choice_that_was_taken_away_stays_where_it_was_chosen_and_refuses_nothing() {
    let mut world = World::new(Means::default());
    let format = with_columns(&[("Nr", "number"), ("Område", "area"), ("By", "city")], Blank::Clear);
    declare(&world, &[field("area", OwnKind::Choice)]).unwrap();
    world.import(&format, "Nr;Område;By\n1;North;Ribe\n2;South & West;Ribe\n");
    let fewer = OwnField { choices: vec!["South & West".into()], ..field("area", OwnKind::Choice) };
    declare(&world, &[fewer]).unwrap();
    let counts = world.import(&format, "Nr;Område;By\n1;North;Vejle\n2;North;Vejle\n3;North;Vejle\n");
    assert_eq!((counts.updated, counts.refused), (1, 2), "who did not have it cannot get it");
    assert_eq!(value(&world, "1", "area").as_deref(), Some("North"));
    assert_eq!(value(&world, "1", "city").as_deref(), Some("Vejle"));
    let (scratch, query) = (crate::frames::tests::Temporary::default(), Query::default());
    let limits = erpfile::Limits::default();
    let taken =
        crate::export::export(&world.db, customers(&world), &format, &query, limits, &scratch, &mut go);
    assert_eq!(taken.map(|(_, rows)| rows).unwrap(), 2);
}

#[test]
fn fields_are_declared_with_good_names_and_kinds() {
    let world = World::new(Means::default());
    let text = |name: &str| field(name, OwnKind::Text);
    let labelled = |name: &str, label: &str| OwnField { label: label.into(), ..text(name) };
    for (own, part) in [
        (vec![text("")], "A field needs a name."),
        (vec![text("Region")], "\"Region\" cannot be the name of a field."),
        (vec![text("a-b")], "cannot be the name"),
        (vec![text("x\"; DROP TABLE customers; --")], "cannot be the name"),
        (vec![text("city")], "Every customer has \"city\" already."),
        (vec![text("contacts")], "already"),
        (vec![text("history")], "already"),
        (vec![text("a"), labelled("a", "Other")], "There are two own fields \"a\"."),
        (vec![text("a"), labelled("b", "MY A")], "There is another field called \"MY A\"."),
        (vec![labelled("a", "city")], "There is another field called \"city\"."),
        (vec![labelled("a", " ")], "nothing but blanks"),
        (vec![OwnField { register: "coffee".into(), ..text("a") }], "There is no register \"coffee\"."),
        (vec![OwnField { choices: vec!["x".into()], ..text("a") }], "has no choices"),
        (vec![OwnField { choices: vec![], ..field("a", OwnKind::Choice) }], "something to choose from"),
        (
            vec![OwnField { choices: vec!["x".into(), "X".into()], ..field("a", OwnKind::Choice) }],
            "stands there twice",
        ),
    ] {
        let wrong = declare(&world, &own).unwrap_err();
        assert!(wrong.iter().any(|sentence| sentence.contains(part)), "{part}: {wrong:?}");
    }
    // Another register may have a field of the same name.
    declare(&world, &[text("a"), OwnField { register: "products".into(), ..text("a") }]).unwrap();
    for (label, name) in [
        ("Region code", "region_code"),
        ("  Kørsel, 2. rute ", "korsel_2_rute"),
        ("2 dage", "dage"),
        ("東京", ""),
    ] {
        assert_eq!(name_of(label), name);
    }
}

#[test]
fn a_kind_changes_only_where_no_value_speaks_against_it() {
    let mut world = World::new(Means::default());
    declare(&world, &[field("visits", OwnKind::Number)]).unwrap();
    declare(&world, &[field("visits", OwnKind::Date)]).unwrap();
    declare(&world, &[field("visits", OwnKind::Number)]).unwrap();
    world.import(&with_columns(&[("Nr", "number"), ("B", "visits")], Blank::Keep), "Nr;B\n1;12\n2;\n");
    let wrong = declare(&world, &[field("visits", OwnKind::Date)]).unwrap_err();
    assert!(wrong[0].contains("1 customer has a value of the kind number, which is no date."), "{wrong:?}");
    // Neither by taking it back and declaring it anew.
    declare(&world, &[]).unwrap();
    assert!(declare(&world, &[field("visits", OwnKind::YesNo)]).is_err());
    declare(&world, &[field("visits", OwnKind::Text)]).unwrap();
    assert_eq!(value(&world, "1", "visits").as_deref(), Some("12"));
    assert_eq!(world.db.read(|c| held(c, &CUSTOMERS, "visits")).unwrap(), 1);
}

#[test]
fn a_field_that_a_format_maps_cannot_be_taken_away() {
    let world = World::new(Means::default());
    let own = [field("route", OwnKind::Text)];
    declare(&world, &own).unwrap();
    let format = with_columns(&[("Nr", "number"), ("Rute", "route")], Blank::Keep);
    let format = Format { name: "ERP <1>".into(), ..format };
    world.db.write(|c| settings::save_format(c, None, format, "Anna", Timestamp::UNIX_EPOCH)).unwrap();
    let wrong = declare(&world, &[]).unwrap_err();
    assert!(wrong[0].contains("ERP <1>") && wrong[0].contains("\"route\""), "{wrong:?}");
    assert!(customers(&world).field("route").is_some());
    // Other labels and choices change nothing of what is read from the same bytes; other kinds and choices do.
    let stored = || world.db.read(|c| settings::format(c, "ERP <1>")).unwrap().unwrap();
    let before: StoredFormat = stored();
    declare(&world, &[OwnField { label: "Tour".into(), ..own[0].clone() }, field("area", OwnKind::Choice)])
        .unwrap();
    assert_eq!(stored(), before);
    declare(&world, &[field("route", OwnKind::Choice)]).unwrap();
    assert_ne!(stored().mark, before.mark);
}

#[test]
fn a_declaration_that_changes_between_compare_and_commit_sends_the_import_back() {
    let mut world = World::new(Means::default());
    let own = [field("route", OwnKind::Text)];
    declare(&world, &own).unwrap();
    let format = with_columns(&[("Nr", "number"), ("Rute", "route")], Blank::Keep);
    let file = b"Nr;Rute\n1;A\n".to_vec();
    let before = customers(&world);
    let mut set = world.compare(&format, &file).unwrap();
    declare(&world, &[own[0].clone(), field("area", OwnKind::Choice)]).unwrap();
    assert!(!std::ptr::eq(before, customers(&world)));
    let stopped = world.commit_as(before, &format, &file, &mut set);
    assert!(matches!(stopped, Err(crate::compare::Stop::Stale)), "{stopped:?}");
    declare(&world, &own).unwrap();
    assert!(std::ptr::eq(before, customers(&world)), "the same declarations are the same register");
    world.commit_as(before, &format, &file, &mut set).unwrap();
    assert_eq!(value(&world, "1", "route").as_deref(), Some("A"));
}

/// What happens to the own fields and their values.
#[derive(Clone, Debug)]
enum Step {
    /// These fields of the three are declared from now on, with labels of this number.
    Declare([bool; 3], u8),
    /// A file gives a customer a value.
    Import { field: usize, customer: usize, value: &'static str },
    /// A person does.
    Edit { field: usize, customer: usize, value: &'static str },
    /// The last import is taken back.
    Undo,
}

const FIELDS: [&str; 3] = ["alpha", "beta", "gamma"];
const VALUES: [&str; 4] = ["", "Ølund", "Århus 7", "x"];

fn any_step() -> impl Strategy<Value = Step> {
    let value = || proptest::sample::select(&VALUES[..]);
    prop_oneof![
        (any::<[bool; 3]>(), any::<u8>()).prop_map(|(on, label)| Step::Declare(on, label)),
        (0usize..3, 0usize..3, value()).prop_map(|(field, customer, value)| Step::Import {
            field,
            customer,
            value
        }),
        (0usize..3, 0usize..3, value()).prop_map(|(field, customer, value)| Step::Edit {
            field,
            customer,
            value
        }),
        Just(Step::Undo),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn no_declaration_loses_a_value_and_what_is_declared_is_found(steps in prop::collection::vec(any_step(), 1..14)) {
        let mut world = World::new(Means::default());
        world.import(&with_columns(&[("Nr", "number")], Blank::Clear), "Nr\n0\n1\n2\n");
        let mut declared = [false; 3];
        // Values by customer and field, those out of sight among them.
        let mut model: BTreeMap<(usize, usize), &'static str> = BTreeMap::new();
        // The last import: its number, what it changed, and what that was.
        let mut last = None;
        for step in steps {
            match step {
                Step::Declare(on, label) => {
                    let own: Vec<OwnField> = (0..3)
                        .filter(|at| on[*at])
                        .map(|at| OwnField { label: format!("L{label} {at}"), ..field(FIELDS[at], OwnKind::Text) })
                        .collect();
                    declare(&world, &own).unwrap();
                    declared = on;
                }
                Step::Import { field, customer, value } if declared[field] => {
                    let format = with_columns(&[("Nr", "number"), ("V", FIELDS[field])], Blank::Clear);
                    let before = model.insert((customer, field), value).unwrap_or_default();
                    let counts = world.import(&format, &format!("Nr;V\n{customer};{value}\n"));
                    prop_assert_eq!(counts.updated, u64::from(before != value));
                    last = Some((world.imports, (customer, field), before));
                }
                Step::Edit { field, customer, value } if declared[field] => {
                    world.db.write(|c| {
                        let of = in_effect(c, &CUSTOMERS)?;
                        let number = customer.to_string();
                        let version = records::find(c, of, &number)?.unwrap().version;
                        edit::edit(c, of, &number, version, &[(FIELDS[field], Some(value))], "Anna", Timestamp::UNIX_EPOCH)
                    }).unwrap();
                    let before = model.insert((customer, field), value).unwrap_or_default();
                    if before != value {
                        // What a person wrote behind an import may keep its undo from that record.
                        last = None;
                    }
                }
                Step::Undo => {
                    if let Some((import, place, before)) = last.take() {
                        undo::undo(&world.db, import, "Anna", Timestamp::UNIX_EPOCH, &mut go).unwrap();
                        // A field that is out of sight is left as it is.
                        if declared[place.1] {
                            model.insert(place, before);
                        }
                    }
                }
                Step::Import { .. } | Step::Edit { .. } => {}
            }
            for customer in 0..3 {
                for (at, name) in FIELDS.iter().enumerate() {
                    let expected = model.get(&(customer, at)).copied().filter(|value| declared[at] && !value.is_empty());
                    let stored = value(&world, &customer.to_string(), name);
                    prop_assert_eq!(stored.as_deref(), expected);
                }
            }
            for word in ["olund", "aarh", "arhus", "7"] {
                let has = |customer: &usize| (0..3).any(|at| {
                    declared[at] && match model.get(&(*customer, at)) {
                        Some(&"Ølund") => word == "olund",
                        Some(&"Århus 7") => word == "arhus" || word == "7",
                        _ => false,
                    }
                });
                let expected: Vec<String> = (0..3).filter(has).map(|customer| customer.to_string()).collect();
                prop_assert_eq!(&found(&world, word), &expected, "{}", word);
                prop_assert_eq!(indexed(&world, word), expected, "the index, {}", word);
            }
        }
    }
}
