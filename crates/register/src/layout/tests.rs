//! What is told of columns that have changed, and how a format follows them.

use erpfile::{
    Apostrophe, Apply, Blank, Column, ColumnFrom, Content, Format, IgnoredInKey, Level, OuterBlanks,
};

use super::*;
use crate::CUSTOMERS;

fn names(header: &str) -> Vec<String> {
    if header.is_empty() { Vec::new() } else { header.split(';').map(str::to_owned).collect() }
}

fn layout(header: &str) -> Layout {
    Layout { header: names(header), ..Layout::default() }
}

const OLD: &str = "Kundenr;Navn;Adresse;Postnr;By;E-mail;Telefon";

/// A format whose columns are `number=Kundenr` or `number=#1`.
fn format(columns: &str) -> Format {
    let column = |text: &str| {
        let (field, from) = text.split_once('=').unwrap();
        let from = match from.strip_prefix('#') {
            Some(position) => ColumnFrom::Position(position.parse().unwrap()),
            None => ColumnFrom::Name(from.to_owned()),
        };
        Column::new(from, field)
    };
    Format { columns: columns.split(' ').map(column).collect(), ..Format::default() }
}

fn drift(format: &Format, new: &str) -> Option<Drift> {
    let known = Known::new(layout(OLD), Some(12), format);
    Drift::between(&known, &layout(new), &CUSTOMERS, format, false)
}

fn told(columns: &str, new: &str) -> String {
    drift(&format(columns), new).map(|drift| drift.sentence()).unwrap_or_default()
}

#[test]
fn what_has_changed_is_told_by_position_and_name() {
    let by_name = "number=Kundenr name=Navn city=By phone=Telefon";
    for (new, wanted) in [
        // The same columns, however they are decorated, and columns behind them.
        (OLD, ""),
        ("KUNDENR;*Navn; Adresse ;Post nr;By;E-mail;Telefon;", ""),
        ("Kundenr;Navn;Adresse;Postnr;By;E-mail;Telefon;Fax;Land", ""),
        ("Kundenr;Navn;Adresse;Postnr;By;E-mail;Telefonnr.", "column 7 was \"Telefon\", is \"Telefonnr.\""),
        ("Kundenr;Navn;Land;Adresse;Postnr;By;E-mail;Telefon", "column 3 \"Land\" is new"),
        ("Kundenr;Navn;Postnr;By;E-mail;Telefon", "column 3 \"Adresse\" is missing"),
        ("Kundenr;Navn;Adresse;Postnr;E-mail;Telefon;By", "\"By\" was column 5, is column 7"),
        (
            "Kundenr;Filial;Adresse;Navn;Postnr;By;E-mail;Telefon",
            "column 2 \"Filial\" is new; \"Adresse\" is column 3 still, but the columns around it have changed places",
        ),
        (
            "Id;Kundenr;Navn;Adresse;Postnr;By;E-mail;Telefonnr.",
            "column 1 \"Id\" is new; column 7 was \"Telefon\", is \"Telefonnr.\" as column 8",
        ),
    ] {
        let wanted = match wanted {
            "" => String::new(),
            wanted => format!("The columns are not those of import 12: {wanted}."),
        };
        let found = told(by_name, new);
        assert_eq!(found.split(" When it").next().unwrap(), wanted, "{new}");
    }
}

#[test]
fn the_columns_stay_known_while_a_format_finds_them_in_the_same_way() {
    type Edit = fn(&mut Format);
    let elsewhere: [(&str, Edit); 9] = [
        ("name", |format| format.name = "Nightly".into()),
        ("checks", |format| format.checks.set("phone", Level::Warn)),
        ("apply", |format| format.apply = Apply::Create),
        ("ignore-in-key", |format| format.ignore_in_key = vec![IgnoredInKey::Case]),
        ("outer-blanks", |format| format.outer_blanks = OuterBlanks::End),
        ("apostrophe", |format| format.apostrophe = Apostrophe::Remove),
        ("pivot-year", |format| format.pivot_year = 30),
        ("blank", |format| format.blank = Blank::Clear),
        ("content", |format| format.content = Content::Full),
    ];
    let before = format("number=Kundenr name=Navn");
    for (key, edit) in elsewhere {
        let mut after = before.clone();
        edit(&mut after);
        assert_ne!(after, before, "{key}");
        assert_eq!(fingerprint(&after), fingerprint(&before), "{key}");
    }
    let columns: [(&str, Edit); 4] = [
        ("delimiter", |format| format.delimiter = ",".into()),
        ("header-lines", |format| format.header_lines = 2),
        ("columns", |format| format.columns[1].from = vec![ColumnFrom::Position(3)]),
        ("sheet", |format| format.sheet = "2".into()),
    ];
    for (key, edit) in columns {
        let mut after = before.clone();
        edit(&mut after);
        assert_ne!(fingerprint(&after), fingerprint(&before), "{key}");
    }
}

#[test]
fn a_format_follows_its_columns_to_where_they_are() {
    for (columns, new, wanted) in [
        // By name: only a name that is gone is read from elsewhere.
        (
            "number=Kundenr phone=Telefon",
            "Kundenr;Navn;Adresse;Postnr;By;E-mail;Telefonnr.",
            "number=Kundenr phone=Telefonnr.",
        ),
        ("number=Kundenr phone=Telefon", "Kundenr;Navn;Adresse;Postnr;By;Telefon;E-mail", ""),
        // What the name means counts more than the place.
        (
            "number=Kundenr phone=Telefon",
            "Kundenr;Navn;Adresse;Postnr;By;Mobil tlf.;Tlf.",
            "number=Kundenr phone=Tlf.",
        ),
        (
            "email=E-mail phone=Telefon",
            "Kundenr;Navn;Adresse;Postnr;By;Tlf.;Mailadresse",
            "email=Mailadresse phone=Tlf.",
        ),
        // By position: a column that has moved is followed by its name.
        (
            "number=#1 city=#5 phone=#7",
            "Kundenr;Navn;Land;Adresse;Postnr;By;E-mail;Telefon",
            "number=#1 city=#6 phone=#8",
        ),
        ("number=#1 phone=#7", "Kundenr;Navn;Adresse;Postnr;By;E-mail;Telefonnr.", "number=#1 phone=#7"),
    ] {
        let drift = drift(&format(columns), new).unwrap();
        let wanted = Some(format(if wanted.is_empty() { columns } else { wanted }).columns);
        let found = drift.rewritten.clone().or_else(|| Some(format(columns).columns));
        assert_eq!(found, wanted, "{new}: {drift:?}");
        assert!(drift.lost().is_none());
    }
    // Nothing takes the place of a column that is gone: nobody is asked to approve that.
    for columns in ["number=Kundenr phone=Telefon", "number=#1 phone=#7"] {
        let drift = drift(&format(columns), "Kundenr;Navn;Adresse;Postnr;By;E-mail").unwrap();
        let problem = drift.lost().unwrap();
        assert!(problem.message.contains("no column for Phone any more"), "{problem:?}");
    }
}

fn learned(format: &Format, text: &str) -> Layout {
    let mut reader = Reader::new(text.as_bytes(), format, erpfile::Limits::default()).unwrap();
    let (mut learning, mut row) = (Learning::new(reader.header(), reader.sheets()), Row::default());
    while reader.read(&mut row).unwrap() {
        learning.row(&row);
    }
    learning.layout(format)
}

/// What is told of a file after one that was imported.
fn told_after(format: &Format, before: &str, after: &str) -> String {
    let known = Known::new(learned(format, before), Some(12), format);
    let drift = Drift::between(&known, &learned(format, after), &CUSTOMERS, format, false);
    drift.map(|drift| drift.sentence()).unwrap_or_default()
}

#[test]
fn a_file_without_names_that_has_some_now_or_an_empty_column_is_held() {
    let format = Format { header_lines: 0, ..format("number=#1 name=#2 email=#3") };
    let rows = "10;Bager Olsen;a@b.example;x\n".repeat(30);
    let first = "The columns are not those of import 12: the first line reads like their names, which the format says are \
                 not there: \"Nr\", \"Navn\", \"Mail\", \"Note\".";
    assert_eq!(told_after(&format, &rows, &format!("Nr;Navn;Mail;Note\n{rows}")), first);
    let empty = "10;Bager Olsen;;x\n";
    let held =
        "The columns are not those of import 12: column 3 (E-mail) held e-mail addresses, and holds nothing.";
    assert_eq!(told_after(&format, &rows, &empty.repeat(30)), held);
    // Few rows show nothing; and a column that is filled now is welcome.
    assert_eq!(told_after(&format, &rows, &empty.repeat(10)), "");
    assert_eq!(told_after(&format, &empty.repeat(30), &rows), "");
}

#[test]
fn lines_of_another_length_are_told_where_cells_lie_at_fixed_positions() {
    let format: Format = toml::from_str(
        "name = \"ERP\"\nregister = \"customers\"\nlayout = \"fixed-width\"\nheader-lines = 0\n\
         cells = [\"1-4\", \"5-14\", \"15-18\", \"19-\"]\n\
         [[columns]]\nfrom = 1\nfield = \"number\"\n[[columns]]\nfrom = 3\nfield = \"postcode\"\n",
    )
    .unwrap();
    let rows = "1001Bager Bo  6760Ribe  \n1002Smed Ib   6800Varde \n1003Øl og Vin 6760Ribe  \n";
    let longer = "01001Bager Bo  6760Ribe  \n01002Smed Ib   6800Varde \n01003Øl og Vin 6760Ribe  \n";
    let wanted = "The columns are not those of import 12: each line has 25 characters, and had 24.";
    assert_eq!(told_after(&format, rows, longer), wanted);
    // Blanks at the end of lines may be missing.
    assert_eq!(told_after(&format, rows, &rows.replace("  \n", "\n")), "");
    assert_eq!(told_after(&format, rows, rows), "");
}

#[test]
fn a_file_without_names_is_known_by_the_number_and_the_looks_of_its_columns() {
    let format = Format { header_lines: 0, ..format("number=#1 name=#2 email=#3 created_on=#4") };
    let learned = |rows: &str| learned(&format, rows);
    let row = |cells: &str| format!("{cells}\n").repeat(4);
    let known = Known::new(learned(&row("10;Bager Olsen;a@b.example;2026-11-22;x")), None, &format);
    for (rows, wanted) in [
        ("11;Smed;c@d.example;2026-11-23;7", ""),
        ("11;Smed;;;", ""),
        ("11;Smed;c@d.example;2026-11-23;7;8", "there are 6 columns, and were 5"),
        (
            "11;Smed;2026-11-23;c@d.example;7",
            "column 3 (E-mail) held e-mail addresses, and holds dates; column 4 (Created on) held dates, and holds \
             e-mail addresses",
        ),
    ] {
        let found = Drift::between(&known, &learned(&row(rows)), &CUSTOMERS, &format, false);
        let wanted = match wanted {
            "" => None,
            wanted => Some(format!("The columns are not those of the sample: {wanted}.")),
        };
        assert_eq!(found.map(|drift| drift.sentence()), wanted, "{rows}");
    }
}

#[test]
fn columns_behind_all_others_are_told_and_a_document_is_known_by_what_is_read_of_it() {
    let by_name = format("number=Kundenr phone=Telefon");
    let known = Known::new(layout(OLD), Some(12), &by_name);
    let more = layout(&format!("{OLD};Fax"));
    assert_eq!(
        drift::added(&known, &more, &by_name).unwrap(),
        "Column \"Fax\" is new; nothing is read from it."
    );
    let document = Format { layout: FileLayout::Xml, ..by_name };
    let other = layout("Telefon;Kundenr;Land");
    assert_eq!(Drift::between(&known, &other, &CUSTOMERS, &document, false), None);
    let renamed = layout("Kundenr;Navn;Telefonnr");
    let drift = Drift::between(&known, &renamed, &CUSTOMERS, &document, true).unwrap();
    assert!(drift.sentence().contains("was \"Telefon\", is \"Telefonnr\""), "{}", drift.sentence());
}

/// Pairing is symmetric and complete: every column of either header stands in exactly one pair.
#[test]
fn every_column_is_paired_once() {
    use proptest::prelude::*;
    let header = || {
        proptest::collection::vec(proptest::sample::select(vec!["A", "B", "C", "a ", "", "D", "E"]), 1..12)
    };
    proptest!(|(old in header(), new in header())| {
        let by_name = format("number=#1");
        let (old, new) = (layout(&old.join(";")), layout(&new.join(";")));
        let known = Known::new(old.clone(), None, &by_name);
        if let Some(drift) = Drift::between(&known, &new, &CUSTOMERS, &by_name, false) {
            let positions = |side: fn(&ColumnDrift) -> Option<&Place>, header: &Layout| {
                let mut places: Vec<usize> = drift.columns.iter().filter_map(side).map(|place| place.position).collect();
                places.sort_unstable();
                let last = header.header.iter().rposition(|name| !name.trim().is_empty()).map_or(0, |last| last + 1);
                prop_assert_eq!(places, (1..=last).collect::<Vec<_>>());
                Ok(())
            };
            positions(|column| column.was.as_ref(), &old)?;
            positions(|column| column.is.as_ref(), &new)?;
        }
    });
}

#[test]
fn another_sheet_with_the_same_columns_is_asked_about() {
    let format = Format { layout: FileLayout::Excel, ..format("number=Kundenr name=Navn") };
    let layout = |sheets: &str| Layout { sheets: names(sheets), ..layout(OLD) };
    for (old, new, wanted) in [
        ("Kunder;Leverandører", "Kunder;Info;Leverandører", ""),
        ("Kunder 2026-11-22;Info", "Kunder 2026-11-23;Info", ""),
        ("November Kunder;Info", "Kunder december;Info", ""),
        // The only sheet is the one that is meant, whatever it is called; another kind of file knows of no sheets.
        ("Ark1", "Kunder", ""),
        ("Kunder;Info", "Sheet1", ""),
        ("Kunder;Info", "", ""),
        ("", "Kunder;Info", ""),
        (
            "Kunder",
            "Inaktive;Kunder",
            "The sheet \"Inaktive\" is read, and was \"Kunder\", which is still there. If that is the one to be read, \
             discard this import and name it in the format.",
        ),
        (
            "Kunder;Info",
            "Kunder 2;Kunder",
            "The sheet \"Kunder 2\" is read, and was \"Kunder\", which is still there. If that is the one to be read, \
             discard this import and name it in the format.",
        ),
        (
            "Kunder;Info",
            "Inaktive;Info",
            "The sheet \"Inaktive\" is read, and was \"Kunder\", which is not there any more.",
        ),
    ] {
        let known = Known::new(layout(old), Some(12), &format);
        let found = Drift::between(&known, &layout(new), &CUSTOMERS, &format, false);
        assert_eq!(found.map(|drift| drift.sentence()).unwrap_or_default(), wanted, "{old} {new}");
    }
    let known = Known::new(layout("Kunder"), None, &format);
    let new = Layout { header: names("Kundenr;Firma"), ..layout("Inaktive;Kunder") };
    let sentence = Drift::between(&known, &new, &CUSTOMERS, &format, false).unwrap().sentence();
    let both = "name it in the format. The columns are not those of the sample: ";
    assert!(sentence.contains(both), "{sentence}");
}

#[test]
fn a_part_that_no_record_of_a_document_has_is_nothing_unless_another_one_has_come() {
    let format = Format { layout: FileLayout::Xml, ..format("number=Kundenr name=Navn phone=Telefon") };
    let known = Known::new(layout("Kundenr;Navn;Telefon;Fax"), Some(12), &format);
    let read = |now: &str| drift::without_absent(&known, &layout(now), &CUSTOMERS, &format);
    let (without, told) = read("Kundenr;Navn;Fax").unwrap();
    let fields: Vec<&str> = without.columns.iter().map(|column| &*column.field).collect();
    assert_eq!(fields, ["number", "name"]);
    assert_eq!(told, "No record has \"Telefon\"; nothing is read for Phone.");
    // It may be called otherwise now; and without the number nothing can be read.
    assert!(read("Kundenr;Navn;Tlf").is_none() && read("Navn;Telefon").is_none());
    let text = Format { layout: FileLayout::Delimited, ..format.clone() };
    assert!(drift::without_absent(&known, &layout("Kundenr;Navn"), &CUSTOMERS, &text).is_none());
}
