//! What is exported and imported again changes nothing.

use std::io::Read;

use erpfile::DecimalSeparator;
use proptest::prelude::*;

use super::*;
use crate::CUSTOMERS;
use crate::compare::Means;
use crate::compare::tests::{World, go};
use crate::contacts::{self, Contact};
use crate::db::Conn;
use crate::edit;
use crate::job::Progress;
use crate::own_fields::tests::{KINDS, customers, declare, field};

/// Five that every installation has, all contacts in one, and own ones of every kind.
const FIELDS: [&str; 12] = [
    "number",
    "name",
    "credit_limit",
    "created_on",
    "blocked",
    "country",
    "contacts",
    "route",
    "visits",
    "since",
    "vip",
    "area",
];

fn taken(world: &World, format: &Format) -> Result<Vec<u8>, String> {
    let scratch = crate::frames::tests::Temporary::default();
    let query = Query::default();
    let taken = export(&world.db, customers(world), format, &query, Limits::default(), &scratch, &mut go);
    let (mut file, _) = taken.map_err(|error| error.to_string())?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).unwrap();
    Ok(bytes)
}

fn any_format() -> impl Strategy<Value = Format> {
    let word = |words: &'static [&'static str]| prop::sample::select(words);
    (
        word(&["utf-8", "windows-1252", "cp850", "iso-8859-1"]),
        word(&[";", "\t", ",", "||", ", "]),
        word(&["\"", "'", ""]),
        word(&["%d-%m-%Y", "%Y%m%d", "%d.%m.%y", "excel", "%d/%m/%Y %H:%M"]),
        word(&["", "\\"]),
        0..3_u32,
        (
            any::<[bool; 5]>(),
            prop::sample::select(&[Contacts::InOne, Contacts::OnALine, Contacts::ALineEach][..]),
        ),
    )
        .prop_map(|(encoding, delimiter, quote, date_format, escape, skip_lines, (flags, contacts))| {
            let column = |(at, field): (u32, &&str)| {
                let from = if flags[0] || flags[1] {
                    ColumnFrom::Position(if flags[2] { 15 - at } else { at + 1 })
                } else {
                    ColumnFrom::Name(format!("Felt {field}"))
                };
                let mut column = Column::new(from, *field);
                if *field == "country" && flags[3] {
                    column.codes =
                        [("45".to_owned(), "DK".to_owned()), ("46".to_owned(), "SE".to_owned())].into();
                    column.other_codes = OtherCodes::Keep;
                }
                column
            };
            let fields = FIELDS.iter().flat_map(|field| match (*field, contacts) {
                ("contacts", Contacts::OnALine) => {
                    vec!["contact.1.name", "contact.1.email", "contact.3.name", "contact.3.email"]
                }
                ("contacts", Contacts::ALineEach) => vec!["contact.name", "contact.email"],
                (field, _) => vec![field],
            });
            let fields: Vec<&str> = fields.collect();
            let fixed = flags[1];
            let cells =
                (0..22).map(|at| format!("{}-{}", at * 40 + 1, at * 40 + 38)).chain(["881-".to_owned()]);
            Format {
                name: "Out".into(),
                register: "customers".into(),
                layout: if fixed { Layout::FixedWidth } else { Layout::Delimited },
                cells: if fixed { cells.map(|range| range.parse().unwrap()).collect() } else { Vec::new() },
                header_lines: u32::from(!flags[0] && !fixed),
                skip_lines,
                encoding: encoding.parse().unwrap(),
                delimiter: delimiter.into(),
                quote: quote.into(),
                escape: if fixed { String::new() } else { escape.into() },
                date_format: date_format.into(),
                decimal_separator: if flags[4] { DecimalSeparator::Comma } else { DecimalSeparator::Point },
                columns: (0..).zip(&fields).map(column).collect(),
                repeated: if contacts == Contacts::ALineEach { Repeated::Contacts } else { Repeated::Refuse },
                ..Format::default()
            }
        })
}

/// How a format has contacts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Contacts {
    InOne,
    OnALine,
    ALineEach,
}

/// The values of [`FIELDS`].
fn any_record() -> impl Strategy<Value = Vec<Option<String>>> {
    let text = || prop::option::of("[a-zæøÅ;,|\"'\\\\]{1,3}[ a-z;,\"'\n\\\\|]{0,4}[a-zøł]");
    let number = || prop::option::of("[1-9][0-9]{0,4}(\\.([0-9]{1,2}|[0-9]{3}0))?");
    let one =
        |of: &'static [&'static str]| prop::option::of(prop::sample::select(of).prop_map(str::to_owned));
    let day = move || one(&["2020-12-31", "1999-02-01", "2068-01-01"]);
    let contact = (text(), one(&["anna@example.com"])).prop_map(|(name, email)| Contact {
        name,
        email,
        ..Contact::default()
    });
    let contacts = prop::collection::vec(contact, 0..3).prop_map(|list| contacts::text(&list));
    let usual = (
        "[A-Z0-9ø]{1,6}".prop_map(Some),
        text(),
        number(),
        day(),
        one(&["0", "1"]),
        one(&["DK", "SE", "NO"]),
    );
    let own = (text(), number(), day(), one(&["0", "1"]), one(&["North", "South & West"]));
    (usual, contacts, own).prop_map(|((a, b, c, d, e, f), contacts, (g, h, i, j, k))| {
        vec![a, b, c, d, e, f, contacts, g, h, i, j, k]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    /// Whatever the customers and the format: either the file is refused with a reason, or importing it changes nothing and
    /// tells nothing, and into an empty register it brings the same customers.
    #[test]
    fn an_export_in_a_formats_layout_is_imported_again_without_a_change(
        format in any_format(),
        records in prop::collection::vec(any_record(), 0..6),
    ) {
        let world = World::new(Means::default());
        declare(&world, &KINDS.map(|(name, kind)| field(name, kind))).unwrap();
        for record in &records {
            let written: Vec<_> = FIELDS.into_iter().zip(record.iter().map(Option::as_deref)).collect();
            let create =
                |c: &Conn| edit::create(c, customers(&world), &written, "ann", jiff::Timestamp::UNIX_EPOCH);
            match world.db.write(create) {
                Ok(_) | Err(edit::EditError::There { .. }) => {}
                Err(other) => panic!("{other}"),
            }
        }
        let content = world.content();
        let taken = taken(&world, &format);
        let holds_all = format.layout == Layout::Delimited
            && format.encoding.label() == "utf-8"
            && !format.quote.is_empty()
            && format.date_format != "%d.%m.%y";
        if content.is_empty() && format.header_lines == 0 && format.skip_lines == 0 {
            prop_assert!(taken.unwrap_err().contains("would be empty"));
            return Ok(());
        }
        prop_assert!(taken.is_ok() || !holds_all, "{:?}", taken);
        let Ok(bytes) = taken else { return Ok(()) };
        let format = strict(&format);
        let set = world.compare(&format, &bytes).unwrap();
        prop_assert!(set.counts.read == content.len() as u64 || format.repeated == Repeated::Contacts);
        prop_assert_eq!(set.counts.unchanged, set.counts.read);
        let mut empty = World::new(Means::default());
        declare(&empty, &KINDS.map(|(name, kind)| field(name, kind))).unwrap();
        let counts = empty.import_bytes(&format, &bytes);
        prop_assert_eq!(counts.created, content.len() as u64);
        let values = |world: &World| -> Vec<Vec<Option<String>>> {
            let mut all = Vec::new();
            let mut each = |record: &Record| {
                let of = customers(world);
                all.push(FIELDS.map(|field| record.value(of, field).map(str::to_owned)).to_vec());
                ControlFlow::Continue(())
            };
            world.db.read(|c| records::each(c, customers(world), &Query::default(), &mut each)).unwrap();
            all
        };
        prop_assert_eq!(values(&empty), values(&world));
    }
}

#[test]
fn nothing_is_a_file_with_a_header_and_none_without() {
    let world = World::new(Means::default());
    let with = Format { encoding: "utf-8".parse().unwrap(), ..crate::compare::tests::format() };
    let columns = with.columns.iter().zip(1..);
    let columns = columns.map(|(column, at)| Column::new(ColumnFrom::Position(at), column.field.clone()));
    let without = Format { header_lines: 0, columns: columns.collect(), ..with.clone() };
    assert_eq!(String::from_utf8(taken(&world, &with).unwrap()).unwrap().lines().count(), 1);
    let said = taken(&world, &without).unwrap_err();
    assert!(
        said.contains("no customers were found, and without a header") && said.contains("empty"),
        "{said}"
    );
}

#[test]
fn what_the_layout_or_the_encoding_cannot_hold_is_said() {
    let world = World::new(Means::default());
    let name = "Łódź; \"Sp\" z o.o.";
    let written = [("number", Some("1")), ("name", Some(name)), ("created_on", Some("1860-01-31"))];
    world
        .db
        .write(|c| edit::create(c, &CUSTOMERS, &written, "ann", jiff::Timestamp::UNIX_EPOCH).map(drop))
        .unwrap();
    let columns = |fields: &[&str]| -> Vec<Column> {
        fields.iter().map(|field| Column::new(ColumnFrom::Name((*field).to_owned()), *field)).collect()
    };
    let format = Format {
        name: "Out".into(),
        register: "customers".into(),
        columns: columns(&["number", "name"]),
        ..Format::default()
    };
    let written = String::from_utf8(taken(&world, &format).unwrap()).unwrap();
    assert_eq!(written, "number;name\r\n1;\"Łódź; \"\"Sp\"\" z o.o.\"\r\n");
    let two_digits = Format {
        columns: columns(&["number", "created_on"]),
        date_format: "%d.%m.%y".into(),
        ..format.clone()
    };
    let old = Format { columns: columns(&["number", "created_on"]), ..format.clone() };
    assert!(taken(&world, &old).is_ok(), "what is only warned of is exported");
    let latin = Format { encoding: "windows-1252".parse().unwrap(), ..format.clone() };
    let bare = Format { quote: String::new(), ..format.clone() };
    let narrow = Format {
        layout: Layout::FixedWidth,
        cells: vec!["1-6".parse().unwrap(), "7-16".parse().unwrap()],
        ..format.clone()
    };
    let trailer = Format { section: "@Kunder".into(), ..format };
    for (format, why) in [
        (latin, "customer \"1\": Name has \"Ł\", which the encoding windows-1252 does not have"),
        (bare, "customer \"1\": Name has the delimiter"),
        (narrow, "customer \"1\": Name is 17 long, and its cell has room for 10"),
        (two_digits, "customer 1: created_on"),
        (trailer, "cannot be exported"),
    ] {
        let error = taken(&world, &format).unwrap_err();
        assert!(error.contains(why), "{error}");
    }
}

#[test]
fn an_edit_meanwhile_is_no_fault_of_the_format() {
    let world = World::new(Means::default());
    let create = |number: i32| {
        let number = number.to_string();
        let written = [("number", Some(number.as_str())), ("name", Some("Bager"))];
        let at = jiff::Timestamp::UNIX_EPOCH;
        world.db.write(|c| edit::create(c, &CUSTOMERS, &written, "ann", at).map(drop)).unwrap();
    };
    let rename = |name: &str| {
        let at = jiff::Timestamp::UNIX_EPOCH;
        let written = [("name", Some(name))];
        let version = world.db.read(|c| records::find(c, &CUSTOMERS, "1")).unwrap().unwrap().version;
        world.db.write(|c| edit::edit(c, &CUSTOMERS, "1", version, &written, "ann", at).map(drop)).unwrap();
    };
    create(1);
    let column = |field: &str| Column::new(ColumnFrom::Name(field.to_owned()), field);
    let format = Format {
        name: "Out".into(),
        register: "customers".into(),
        columns: vec![column("number"), column("name")],
        ..Format::default()
    };
    let scratch = crate::frames::tests::Temporary::default();
    let exported = |edits: usize| {
        let mut reports = 0..edits;
        let mut report = |_: Progress| {
            if let Some(edit) = reports.next() {
                rename(&format!("Bager {edits} {edit}"));
            }
            ControlFlow::Continue(())
        };
        let query = Query::default();
        export(&world.db, &CUSTOMERS, &format, &query, Limits::default(), &scratch, &mut report)
    };
    let (mut file, rows) = exported(1).unwrap();
    let mut text = String::new();
    file.read_to_string(&mut text).unwrap();
    assert_eq!((rows, text.as_str()), (1, "number;name\r\n1;Bager 1 0\r\n"));
    let error = exported(usize::MAX).unwrap_err().to_string();
    assert!(error.contains("customers are being changed all the while"), "{error}");
}
