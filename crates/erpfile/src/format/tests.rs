//! Stories about formats.

mod mistakes;

use serde::{Deserialize, Serialize};

use super::*;

/// A settings file, as far as formats are concerned.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Settings {
    formats: Vec<Format>,
}

const FULL: &str = r#"
[[formats]]
name = "ERP customers"
register = "customers"
default = true
filename = "customers.txt"
layout = "delimited"
encoding = "windows-1252"
delimiter = ";"
quote = '"'
skip-lines = 0
header-lines = 1
decimal-separator = ","
date-format = "%d-%m-%Y"
blank = "keep"
content = "changes"
missing = "leave"
repeated = "refuse"

[[formats.columns]]
from = "Kundenr"
field = "number"

[[formats.columns]]
from = 2
field = "name"
"#;

fn trailer() -> Trailer {
    let total_of = Some(ColumnFrom::Position(3));
    Trailer { starts_with: "SLUT".into(), row_count: Some(2), total: Some(3), total_of }
}

fn usable() -> Format {
    let settings: Settings = toml::from_str(FULL).unwrap();
    settings.formats.into_iter().next().unwrap()
}

#[test]
fn a_settings_file_says_everything_and_shown_again_says_the_same() {
    let format = usable();
    assert_eq!((format.encoding.label(), format.date_format.as_str()), ("windows-1252", "%d-%m-%Y"));
    assert_eq!(format.columns[0].from, [ColumnFrom::Name("Kundenr".into())]);
    assert_eq!(format.columns[1].from, [ColumnFrom::Position(2)]);
    assert_eq!(format.complaints(), []);

    let shown = toml::to_string(&Settings { formats: vec![format.clone()] }).unwrap();
    assert_eq!(toml::from_str::<Settings>(&shown).unwrap().formats, [format]);
    let keys = |text: &str| -> Vec<String> {
        text.lines().filter_map(|line| Some(line.split_once(" = ")?.0.to_owned())).collect()
    };
    assert_eq!(keys(&shown), keys(FULL));
}

#[test]
fn what_is_not_said_is_the_default() {
    let said = "[[formats]]\nname = \"x\"\nregister = \"customers\"\n";
    let settings: Settings = toml::from_str(said).unwrap();
    let format = Format { name: "x".into(), register: "customers".into(), ..Format::default() };
    assert_eq!(settings.formats, [format]);
    let format = Format::default();
    assert_eq!((format.delimiter.as_str(), format.quote.as_str(), format.header_lines), (";", "\"", 1));
    assert_eq!((format.encoding.label(), format.decimal_separator.char()), ("utf-8", ','));
    assert_eq!((format.date_format.as_str(), format.blank), ("%Y-%m-%d", Blank::Keep));
}

#[test]
fn how_one_knows_that_a_file_is_finished_is_shown_only_where_it_is_said() {
    let said = "name = \"x\"\nregister = \"customers\"\nmarker = \"customers.done\"\nsettle = \"0s\"\n\
                minimum-age = \"5m\"\narrival = \"renamed\"\n\
                trailer = { starts-with = \"SLUT\", row-count = 2, total = 3, total-of = \"Saldo\" }\n";
    let format: Format = toml::from_str(said).unwrap();
    assert_eq!((format.settle, format.minimum_age), (Some(Duration::ZERO), Some(Duration::from_secs(300))));
    assert_eq!(format.trailer.as_ref().unwrap().total_of, Some(ColumnFrom::Name("Saldo".into())));
    let shown = toml::to_string(&format).unwrap();
    assert_eq!(toml::from_str::<Format>(&shown).unwrap(), format, "{shown}");
    let plain = toml::to_string(&Format { name: "x".into(), ..Format::default() }).unwrap();
    for key in ["marker", "settle", "minimum-age", "arrival", "trailer"] {
        assert!(shown.contains(key) && !plain.contains(key), "{key}: {shown}\n{plain}");
    }
}

#[test]
fn what_is_made_of_columns_is_shown_only_where_it_is_said() {
    let said = "name = \"x\"\nregister = \"customers\"\npivot-year = 30\nouter-blanks = \"end\"\n\
                apostrophe = \"remove\"\nthousands = \"always\"\ncolumns = [\n\
                { from = [\"Nr\", 2], field = \"number\" },\n\
                { from = [\"Fornavn\", \"Efternavn\"], join = \" \", field = \"name\" },\n\
                { from = \"By\", field = \"city\", part = \"city\", line-break = \"<br>\" },\n\
                { from = \"Gr\", field = \"group\", codes = { \"3\" = \"Retail\" }, other-codes = \"keep\" },\n\
                { from = \"Dato\", field = \"created_on\", date-format = \"excel\", decimal-separator = \".\" },\n\
                { field = \"country\", value = \"DK\" },\n]\n";
    let format: Format = toml::from_str(said).unwrap();
    assert_eq!(format.complaints(), []);
    assert_eq!((format.pivot_year, format.outer_blanks), (30, OuterBlanks::End));
    assert_eq!(format.columns[0].from, [ColumnFrom::Name("Nr".into()), ColumnFrom::Position(2)]);
    assert_eq!(format.columns[1].join.as_deref(), Some(" "));
    assert_eq!((format.columns[2].part, format.columns[2].line_break.as_str()), (Part::City, "<br>"));
    assert_eq!(format.columns[3].codes["3"], "Retail");
    assert!(format.columns[5].from.is_empty());
    let shown = toml::to_string(&format).unwrap();
    assert_eq!(toml::from_str::<Format>(&shown).unwrap(), format, "{shown}");
    let plain = toml::to_string(&usable()).unwrap();
    for key in [
        "pivot-year",
        "outer-blanks",
        "apostrophe",
        "thousands",
        "join",
        "part",
        "line-break",
        "codes",
        "other-codes",
        "value",
    ] {
        let key = format!("{key} = ");
        assert!(shown.contains(&key) || key == "codes = ", "{key}: {shown}");
        assert!(!plain.contains(&key), "{key}: {plain}");
    }
    for (said, complaint) in [
        ("columns = [{ from = [1, true], field = \"name\" }]", "from: invalid type: boolean `true`"),
        ("columns = [{ from = 1, field = \"name\", part = \"half\" }]", "part: unknown variant `half`"),
        ("columns = [{ from = 1, field = \"name\", codes = 3 }]", "codes: invalid type"),
    ] {
        let error =
            toml::from_str::<Format>(&format!("name = \"x\"\nregister = \"y\"\n{said}\n")).unwrap_err();
        assert!(error.to_string().contains(complaint), "{error}");
    }
}

#[test]
fn what_a_file_has_besides_its_records_is_shown_only_where_it_is_said() {
    let said = "name = \"x\"\nregister = \"customers\"\ndelimiter = \", \"\nescape = '\\'\nline-ends = \"any\"\n\
                comment = \"#\"\nheader-lines = 2\nheader-marker = \"!CUST\"\nlines-below-header = 1\n\
                section = \"@Actor\"\nrecords = \"CUST*\"\nfooter = [\"Total*\", \"I alt\"]\n\
                table-ends = \"blank-line\"\nundecodable = \"refuse-row\"\n";
    let format: Format = toml::from_str(said).unwrap();
    assert_eq!((format.escape.as_str(), format.line_ends), ("\\", LineEnds::Any));
    assert_eq!((format.footer.len(), format.table_ends), (2, TableEnds::BlankLine));
    let shown = toml::to_string(&format).unwrap();
    assert_eq!(toml::from_str::<Format>(&shown).unwrap(), format, "{shown}");
    let plain = toml::to_string(&Format { name: "x".into(), ..Format::default() }).unwrap();
    for key in [
        "escape",
        "line-ends",
        "comment",
        "header-marker",
        "lines-below-header",
        "section",
        "records",
        "footer",
        "table-ends",
        "undecodable",
    ] {
        assert!(shown.contains(&format!("{key} =")) && !plain.contains(key), "{key}: {shown}\n{plain}");
    }
}

#[test]
fn a_marker_has_the_name_that_its_file_says() {
    for (filename, marker, file, expected) in [
        ("customers.txt", Some("customers.done"), "customers.txt", Some("customers.done")),
        (
            "customers-*.txt",
            Some("customers-*.done"),
            "customers-2026-11-22.txt",
            Some("customers-2026-11-22.done"),
        ),
        ("*", Some("*.ok"), "a*b", Some("a*b.ok")),
        ("customers.txt", None, "customers.txt", None),
    ] {
        let marker = marker.map(str::to_owned);
        let format = Format { filename: filename.into(), marker, ..Format::default() };
        assert_eq!(format.marker_of(file).as_deref(), expected, "{filename}");
    }
}

#[test]
fn every_choice_has_a_word_and_a_title() {
    assert_eq!(Layout::from_word("fixed-width"), Some(Layout::FixedWidth));
    assert_eq!(Blank::from_word("drop"), None);
    for choice in Content::ALL {
        assert_eq!(Content::from_word(choice.word()), Some(*choice));
        assert!(!choice.title().is_empty());
    }
}

#[test]
fn a_file_name_is_taken_exactly_or_by_its_pattern() {
    let table: &[(&str, &[&str], &[&str])] = &[
        ("customers.txt", &["customers.txt"], &["Customers.txt", "customers.txt.1", "xcustomers.txt", ""]),
        (
            "customers-*.txt",
            &["customers-1.txt", "customers-.txt", "customers-2026-11-22 a.txt.txt"],
            &[
                "customers.txt",
                "customers-1.txt.part",
                "Customers-1.txt",
                "x-customers-1.txt",
                "customers-1/x.txt",
            ],
        ),
        (
            "*",
            &["x", "kunder.csv"],
            &[
                "x\ny",
                "x\u{1b}[2K",
                ".x",
                "._x",
                "x~",
                "~$x.csv",
                "x.part",
                "x.filepart",
                "x.TMP",
                "x.crdownload",
                "a/b",
                "",
            ],
        ),
        ("a*b*c", &["abc", "a1b2c", "abbcc", "abcbc"], &["ac", "acb", "ab", "abcd"]),
        ("*.txt", &["a.txt"], &[".txt", "a.txt~", ".customers.txt.17"]),
        ("a*a", &["aa", "aba"], &["a"]),
        ("**", &["x"], &[".x"]),
        // An exact name means what it says.
        ("customers.tmp", &["customers.tmp"], &["customers"]),
        ("", &[], &["", "x"]),
    ];
    for (pattern, taken, left) in table {
        let format = Format { filename: (*pattern).into(), ..Format::default() };
        for name in *taken {
            assert!(format.takes(name), "{pattern} takes {name}");
        }
        for name in *left {
            assert!(!format.takes(name), "{pattern} leaves {name}");
        }
    }
}

#[test]
fn the_canonical_form_tells_formats_apart_that_read_differently() {
    let format = usable();
    let same = Format {
        name: "other".into(),
        filename: "x".into(),
        default: false,
        marker: Some("x.done".into()),
        settle: Some(Duration::ZERO),
        minimum_age: Some(Duration::from_secs(1)),
        arrival: Arriving::Renamed,
        ..usable()
    };
    assert_eq!(format.canonical_bytes(), same.canonical_bytes());
    let changes: &[fn(&mut Format)] = &[
        |f| f.encoding = Encoding::default(),
        |f| f.delimiter = ",".into(),
        |f| f.quote.clear(),
        |f| f.skip_lines = 1,
        |f| f.escape = "\\".into(),
        |f| f.line_ends = LineEnds::Any,
        |f| f.comment = "#".into(),
        |f| f.header_marker = "!CUST".into(),
        |f| f.lines_below_header = 1,
        |f| f.section = "@Actor".into(),
        |f| f.records = "CUST".into(),
        |f| f.footer = vec!["Total".into()],
        |f| f.table_ends = TableEnds::File,
        |f| f.undecodable = Undecodable::RefuseRow,
        |f| f.header_lines = 0,
        |f| f.decimal_separator = DecimalSeparator::Point,
        |f| f.thousands = Thousands::Always,
        |f| f.date_format = "%Y".into(),
        |f| f.pivot_year = 30,
        |f| f.outer_blanks = OuterBlanks::End,
        |f| f.apostrophe = Apostrophe::Remove,
        |f| f.columns[1].from.push(ColumnFrom::Position(3)),
        |f| f.columns[1].join = Some(String::new()),
        |f| f.columns[1].part = Part::City,
        |f| f.columns[1].value = "DK".into(),
        |f| f.columns[1].date_format = "excel".into(),
        |f| f.columns[1].decimal_separator = Some(DecimalSeparator::Comma),
        |f| f.columns[1].line_break = ":".into(),
        |f| f.columns[1].other_codes = OtherCodes::Keep,
        |f| f.columns[1].codes = [("3".into(), "Retail".into())].into(),
        |f| f.blank = Blank::Clear,
        |f| f.repeated = Repeated::Last,
        |f| f.checks.phone = Level::Warn,
        |f| f.columns[0].field = "name2".into(),
        |f| f.columns[1].from = vec![ColumnFrom::Name("2".into())],
        |f| f.columns.truncate(1),
        |f| f.trailer = Some(trailer()),
    ];
    for (index, change) in changes.iter().enumerate() {
        let mut changed = usable();
        change(&mut changed);
        assert_ne!(changed.canonical_bytes(), format.canonical_bytes(), "case {index}");
    }
}
