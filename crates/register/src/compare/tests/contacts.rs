//! Files whose lines are contacts, and files with several contacts on a line.

use proptest::prelude::*;

use super::*;
use crate::contacts::{self, Contact};

fn with_columns(columns: &[(&str, &str)], repeated: Repeated, blank: Blank) -> Format {
    let columns = columns.iter().map(|(from, field)| Column::new(ColumnFrom::Name((*from).into()), *field));
    Format { columns: columns.collect(), repeated, blank, ..format() }
}

const LINES: [(&str, &str); 4] =
    [("Kundenr", "number"), ("Navn", "name"), ("Person", "contact.name"), ("Mail", "contact.email")];

fn a_line_each(blank: Blank) -> Format {
    with_columns(&LINES, Repeated::Contacts, blank)
}

/// Names and contacts by number.
type Content = BTreeMap<String, (Option<String>, Vec<String>)>;

fn content(world: &World) -> Content {
    let mut content = Content::new();
    let mut each = |record: &Record| {
        let value = |name: &str| record.value(&CUSTOMERS, name).map(str::to_owned);
        let contacts = contacts::list(value("contacts").as_deref()).iter().map(Contact::line).collect();
        content.insert(value("number").unwrap(), (value("name"), contacts));
        ControlFlow::Continue(())
    };
    world.db.read(|c| records::each(c, &CUSTOMERS, &Query::default(), &mut each)).unwrap();
    content
}

fn of(world: &World, number: &str) -> Vec<String> {
    content(world).remove(number).unwrap().1
}

#[test]
fn each_line_is_a_contact_and_one_of_them_carries_the_outcome() {
    let mut world = World::new(Means::default());
    let file = "Kundenr;Navn;Person;Mail\n1;Bager;Anna;a@b.example\n2;Murer;;\n1;Bager;Bo;\n1;Bager;Anna;a@b.example\n";
    let counts = world.import(&a_line_each(Blank::Keep), file);
    assert_eq!((counts.created, counts.unchanged, counts.refused), (2, 2, 0));
    assert_eq!(of(&world, "1"), ["Anna, a@b.example", "Bo"]);
    assert_eq!(of(&world, "2"), Vec::<String>::new());
    let counts = world.import(&a_line_each(Blank::Keep), file);
    assert_eq!((counts.unchanged, counts.updated), (4, 0));
    // Bo has left, and the customer is called otherwise: one change with two fields.
    let later = "Kundenr;Navn;Person;Mail\n1;Bageren;Anna;a@b.example\n1;Bageren;Carl;c@b.example\n";
    let counts = world.import(&a_line_each(Blank::Keep), later);
    assert_eq!((counts.updated, counts.unchanged), (1, 1));
    assert_eq!(of(&world, "1"), ["Anna, a@b.example", "Carl, c@b.example"]);
    let told: Vec<_> = world.history("1").into_iter().filter_map(|change| change.field).collect();
    assert_eq!(told, ["name", "contacts"]);
    undo::undo(&world.db, world.imports, "Anna", Timestamp::UNIX_EPOCH, &mut go).unwrap();
    assert_eq!(of(&world, "1"), ["Anna, a@b.example", "Bo"]);
}

#[test]
fn a_customer_is_found_by_the_words_of_its_contacts() {
    let mut world = World::new(Means::default());
    let columns = [("Kundenr", "number"), ("Person", "contact.name"), ("Tlf", "contact.phone")];
    let format = with_columns(&columns, Repeated::Contacts, Blank::Keep);
    world.import(&format, "Kundenr;Person;Tlf\n1;Åse Ølund;\n1;Bo;86 12 34 56\n2;Carl;\n");
    let found = |text: &str| {
        let query = Query { text: text.into(), limit: 10, ..Query::default() };
        let page = world.db.read(|c| records::list(c, &CUSTOMERS, &query)).unwrap();
        page.items.iter().map(|r| r.value(&CUSTOMERS, "number").unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(found("ase olu"), ["1"]);
    assert_eq!(found("86123456"), ["1"]);
    assert_eq!(found("carl"), ["2"]);
}

#[test]
fn lines_that_contradict_each_other_or_are_refused_take_the_customer_with_them() {
    let mut world = World::new(Means::default());
    let file =
        "Kundenr;Navn;Person;Mail\n1;A;Anna;\n1;B;Bo;\n2;C;Carl;carl\n2;C;Dorte;\n3;;Eva;\n3;E;Finn;\n";
    let counts = world.import(&a_line_each(Blank::Keep), file);
    assert_eq!((counts.created, counts.unchanged, counts.refused), (1, 1, 4));
    let told: Vec<_> = world.problems();
    let expected =
        [(2, "lines-disagree"), (3, "lines-disagree"), (4, "not-an-email"), (5, "other-line-refused")];
    assert_eq!(told, expected.map(|(line, code)| (line, code.to_owned())));
    assert_eq!(of(&world, "3"), ["Eva", "Finn"]);
    let sentence = "SELECT message FROM problems WHERE line = 2";
    let sentence = world.db.read(|c| c.first(sentence, &[], |row| row.text(0))).unwrap().unwrap();
    for part in ["Lines 2 and 3", "Name", "\"A\"", "\"B\""] {
        assert!(sentence.contains(part), "{sentence}");
    }
    // Where an empty cell empties the field, it says something else than a name.
    let counts = world.import(&a_line_each(Blank::Clear), "Kundenr;Navn;Person;Mail\n3;;Eva;\n3;E;Finn;\n");
    assert_eq!(counts.refused, 2);
}

#[test]
fn a_line_with_too_many_cells_takes_the_other_contacts_of_its_customer_along() {
    let mut world = World::new(Means::default());
    let good = "Kundenr;Navn;Person;Mail\n1;A;Anna;\n1;A;Bo;\n2;B;Carl;\n";
    world.import(&a_line_each(Blank::Keep), good);
    let broken =
        "Kundenr;Navn;Person;Mail\n1;A;Anna;\n1;A;Bo;b;o;x;y\n2;B;Dorte;\n3;C;Eva;e;v;a\n;D;Finn;f;i;n\n";
    let counts = world.import(&a_line_each(Blank::Keep), broken);
    assert_eq!((counts.read, counts.updated, counts.created, counts.refused), (5, 1, 0, 4));
    assert_eq!(of(&world, "1"), ["Anna", "Bo"], "Bo is still there, though his line cannot be read");
    assert_eq!(of(&world, "2"), ["Dorte"]);
    let codes: Vec<_> = world.problems();
    assert_eq!(codes[0], (2, "other-line-refused".to_owned()));
    assert_eq!(codes.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 3, 5, 6]);
}

#[test]
fn a_customer_cannot_have_any_number_of_contacts() {
    let mut world = World::new(Means::default());
    let lines = |count: usize| {
        let lines: String = (0..count).map(|n| format!("1;A;P{n};\n")).collect();
        format!("Kundenr;Navn;Person;Mail\n{lines}2;B;;\n")
    };
    let counts = world.import(&a_line_each(Blank::Keep), &lines(contacts::MOST + 1));
    assert_eq!((counts.created, counts.refused), (1, contacts::MOST as u64 + 1));
    assert_eq!(world.problems()[0].1, field::code::TOO_MANY_CONTACTS);
    let counts = world.import(&a_line_each(Blank::Keep), &lines(contacts::MOST));
    assert_eq!((counts.created, counts.refused), (1, 0));
    assert_eq!(of(&world, "1").len(), contacts::MOST);
}

#[test]
fn several_contacts_stand_on_one_line() {
    let mut world = World::new(Means::default());
    let columns = [
        ("Nr", "number"),
        ("P2", "contact.2.name"),
        ("P1", "contact.1.name"),
        ("M1", "contact.1.email"),
        ("P10", "contact.10.name"),
    ];
    let format = |blank| with_columns(&columns, Repeated::Refuse, blank);
    world.import(&format(Blank::Keep), "Nr;P2;P1;M1;P10\n1;Bo;Anna;a@b.example;Carl\n2;;;;\n3;;;;Carl\n");
    assert_eq!(of(&world, "1"), ["Anna, a@b.example", "Bo", "Carl"]);
    assert_eq!(of(&world, "3"), ["Carl"]);
    // Empty cells keep what is there, or empty it; one contact is enough to say that there are no others.
    world.import(&format(Blank::Keep), "Nr;P2;P1;M1;P10\n1;;;;\n3;Bo;;;\n");
    assert_eq!((of(&world, "1").len(), of(&world, "3")), (3, vec!["Bo".to_owned()]));
    let counts = world.import(&format(Blank::Clear), "Nr;P2;P1;M1;P10\n1;;;;\n3;Bo;;;\n");
    assert_eq!((counts.updated, counts.unchanged, of(&world, "1").len()), (1, 1, 0));
}

#[test]
fn the_columns_of_one_contact_are_those_of_many_where_each_line_is_a_contact() {
    let mut world = World::new(Means::default());
    let columns =
        [("Nr", "number"), ("Kontakt", "contact"), ("Mail", "contact_email"), ("Tlf", "contact_phone")];
    let format = |repeated| with_columns(&columns, repeated, Blank::Keep);
    world
        .import(&format(Repeated::Contacts), "Nr;Kontakt;Mail;Tlf\n1;Anna;a@b.example;\n1;Bo;;11 22 33 44\n");
    assert_eq!(of(&world, "1"), ["Anna, a@b.example", "Bo, 11 22 33 44"]);
    // The one contact of another file is that of the customer itself; in the list it stands once.
    world.import(&format(Repeated::Refuse), "Nr;Kontakt;Mail;Tlf\n1;Anna;;\n");
    let json = |world: &World| {
        let record = world.db.read(|c| records::find(c, &CUSTOMERS, "1")).unwrap().unwrap();
        record.json(&CUSTOMERS)["contacts"].clone()
    };
    assert_eq!(json(&world)[0]["email"], "a@b.example");
    assert_eq!(json(&world).as_array().unwrap().len(), 2);
    world.import(&format(Repeated::Refuse), "Nr;Kontakt;Mail;Tlf\n1;Carl;;\n");
    let all = json(&world);
    assert_eq!((all.as_array().unwrap().len(), &all[0]["name"]), (3, &serde_json::json!("Carl")));
}

#[test]
fn what_was_exported_in_one_column_comes_back_as_it_was() {
    let mut world = World::new(Means::default());
    world.import(&a_line_each(Blank::Keep), "Kundenr;Navn;Person;Mail\n1;A;Anna;a@b.example\n1;A;Bo;\n");
    let record = world.db.read(|c| records::find(c, &CUSTOMERS, "1")).unwrap().unwrap();
    let stored = record.value(&CUSTOMERS, "contacts").unwrap().replace('"', "\"\"");
    let columns = [("number", "number"), ("contacts", "contacts")];
    for repeated in [Repeated::Refuse, Repeated::Contacts] {
        let format = with_columns(&columns, repeated, Blank::Clear);
        let counts = world.import(&format, &format!("number;contacts\n1;\"{stored}\"\n"));
        assert_eq!((counts.unchanged, counts.updated), (1, 0));
    }
}

#[test]
fn a_format_says_contacts_in_one_way() {
    let complaints = |columns: &[(&str, &str)], repeated| {
        let format = with_columns(columns, repeated, Blank::Keep);
        mapping::complaints(&CUSTOMERS, &format).into_iter().map(|c| c.key).collect::<Vec<_>>()
    };
    let nr = ("Nr", "number");
    assert_eq!(
        complaints(&[nr, ("A", "contact.1.name"), ("B", "contacts")], Repeated::Refuse),
        ["columns[3].field"]
    );
    assert_eq!(complaints(&[nr, ("A", "contact.x.name")], Repeated::Refuse), ["columns[2].field"]);
    assert_eq!(complaints(&[nr, ("A", "name")], Repeated::Contacts), ["repeated"]);
    assert_eq!(complaints(&[nr, ("A", "contact")], Repeated::Contacts), Vec::<String>::new());
    let products = with_columns(&[("Nr", "number"), ("A", "contact.name")], Repeated::Contacts, Blank::Keep);
    let keys: Vec<_> = mapping::complaints(&crate::PRODUCTS, &products).into_iter().map(|c| c.key).collect();
    assert_eq!(keys, ["columns[2].field", "repeated"]);
}

/// A line of a random file: its customer, what it says of its name, the contact's name and e-mail.
type Line = (usize, usize, usize, usize);

const KEYS: [&str; 4] = ["1", "10", "2", "Ø"];
const NAMES: [&str; 3] = ["", "A", "B"];
const PEOPLE: [&str; 4] = ["", "Anna", "Bo", "Åse Ølund"];
/// The last one is refused.
const MAILS: [&str; 4] = ["", "a@b.example", "b@b.example", "nobody"];

fn text(line: &Line) -> String {
    format!("{};{};{};{}", KEYS[line.0], NAMES[line.1], PEOPLE[line.2], MAILS[line.3])
}

/// The same import done the simplest way.
fn model(content: &mut Content, lines: &[Line], clear: bool) -> Counts {
    let mut counts = Counts { read: lines.len() as u64, ..Counts::default() };
    for (key, number) in KEYS.iter().enumerate() {
        let own: Vec<&Line> = lines.iter().filter(|line| line.0 == key).collect();
        if own.is_empty() {
            continue;
        }
        let said: std::collections::BTreeSet<usize> =
            own.iter().map(|line| line.1).filter(|name| clear || *name > 0).collect();
        if own.iter().any(|line| line.3 == 3) || said.len() > 1 {
            counts.refused += own.len() as u64;
            continue;
        }
        let mut contacts: Vec<String> = Vec::new();
        for line in &own {
            let parts = [PEOPLE[line.2], MAILS[line.3]].into_iter().filter(|part| !part.is_empty());
            let contact = parts.collect::<Vec<_>>().join(", ");
            if !contact.is_empty() && !contacts.contains(&contact) {
                contacts.push(contact);
            }
        }
        let name = said.first().map(|name| Some(NAMES[*name].to_owned()).filter(|name| !name.is_empty()));
        let before = content.get(*number).cloned();
        let mut after = before.clone().unwrap_or_default();
        if let Some(name) = name {
            after.0 = name;
        }
        if clear || !contacts.is_empty() {
            after.1 = contacts;
        }
        counts.unchanged += own.len() as u64 - 1;
        match &before {
            None => counts.created += 1,
            Some(before) if *before == after => counts.unchanged += 1,
            Some(_) => counts.updated += 1,
        }
        content.insert((*number).to_owned(), after);
    }
    counts
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn any_files_give_the_contacts_that_the_simplest_reading_gives_and_undo_brings_each_state_back(
        files in prop::collection::vec((prop::collection::vec((0usize..4, 0usize..3, 0usize..4, 0usize..8), 0..14), any::<bool>()), 1..5),
        marks in any::<bool>(),
        entries_memory in prop_oneof![Just(1usize), Just(1 << 20)],
    ) {
        let mut world = World::new(Means { marks, entries_memory, ..Means::default() });
        let mut states = vec![Content::new()];
        for (lines, clear) in &files {
            // Most addresses are good.
            let lines: Vec<Line> = lines.iter().map(|line| (line.0, line.1, line.2, if line.3 > 3 { 1 } else { line.3 })).collect();
            let body: String = lines.iter().map(|line| text(line) + "\n").collect();
            let format = a_line_each(if *clear { Blank::Clear } else { Blank::Keep });
            let mut expected = states.last().unwrap().clone();
            let counts = model(&mut expected, &lines, *clear);
            let found = world.import(&format, &format!("Kundenr;Navn;Person;Mail\n{body}"));
            prop_assert_eq!(found, counts);
            prop_assert_eq!(&content(&world), &expected);
            states.push(expected);
        }
        for import in (1..=world.imports).rev() {
            states.pop();
            undo::undo(&world.db, import, "Anna", Timestamp::UNIX_EPOCH, &mut go).unwrap();
            prop_assert_eq!(&content(&world), states.last().unwrap());
        }
    }
}
