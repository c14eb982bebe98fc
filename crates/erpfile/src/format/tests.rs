//! Stories about formats.

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

/// A line of a settings file, and what the error must name.
#[test]
fn a_mistake_in_the_settings_is_an_error_that_names_the_key() {
    let table = [
        ("colour = 1", "colour"),
        ("skip_lines = 1", "skip_lines"),
        ("skip-lines = \"two\"", "skip-lines: invalid type: string \"two\""),
        ("skip-lines = -1", "skip-lines: "),
        ("default = \"yes\"", "default: invalid type"),
        ("encoding = \"ebcdic\"", "encoding: The encoding \"ebcdic\" is not known. Use utf-8"),
        ("encoding = 8", "encoding: invalid type"),
        ("layout = \"csv\"", "layout: unknown variant `csv`"),
        ("blank = \"drop\"", "blank: unknown variant `drop`, expected `keep` or `clear`"),
        ("decimal-separator = \";\"", "decimal-separator: unknown variant `;`"),
        ("delimiter = 1", "delimiter: invalid type"),
        ("columns = 1", "columns: invalid type"),
        ("settle = \"soon\"", "settle: \"soon\" is no duration"),
        ("minimum-age = 5", "minimum-age: invalid type"),
        ("arrival = \"moved\"", "arrival: unknown variant `moved`, expected `any` or `renamed`"),
        ("marker = true", "marker: invalid type"),
        ("trailer = \"SLUT\"", "trailer: invalid type"),
        ("trailer = { row-count = 2 }", "missing field `starts-with`"),
        ("trailer = { starts-with = \"SLUT\", row-count = \"2\" }", "trailer.row-count: invalid type"),
        ("trailer = { starts-with = \"SLUT\", rows = 2 }", "unknown field `rows`"),
        (
            "columns = [{ from = true, field = \"name\" }]",
            "from: invalid type: boolean `true`, expected a header name",
        ),
        ("columns = [{ from = -1, field = \"name\" }]", "from: invalid value: integer `-1`"),
        ("columns = [{ from = 1 }]", "missing field `field`"),
        ("columns = [{ from = 1, field = \"name\", to = 2 }]", "unknown field `to`"),
    ];
    for (line, named) in table {
        let text = format!("name = \"x\"\nregister = \"y\"\n{line}\n");
        let error = toml::from_str::<Format>(&text).unwrap_err();
        assert!(error.message().contains(named), "{line}: {}", error.message());
    }
    let error = toml::from_str::<Format>("register = \"y\"").unwrap_err();
    assert!(error.message().contains("missing field `name`"), "{error}");
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

/// What is changed in a usable format, and the keys that are then complained of.
#[test]
fn complaints_name_the_key_and_the_way_out() {
    type Change = fn(&mut Format);
    let table: &[(Change, &[&str])] = &[
        (|f| f.name = " ".into(), &["name"]),
        (|f| f.register.clear(), &["register"]),
        (|f| f.filename.clear(), &[]),
        (|f| f.filename = "customers-*.txt".into(), &[]),
        (|f| f.filename = "in/customers.txt".into(), &["filename"]),
        (|f| f.filename = "in\\customers.txt".into(), &["filename"]),
        (|f| f.filename = ".customers.txt".into(), &["filename"]),
        (|f| f.filename = "../customers.txt".into(), &["filename", "filename"]),
        (|f| f.filename = "customers.txt ".into(), &["filename"]),
        (|f| f.filename = "customers\n.txt".into(), &["filename"]),
        (|f| f.layout = Layout::Excel, &[]),
        (|f| f.layout = Layout::Xml, &["record"]),
        (|f| f.layout = Layout::FixedWidth, &["cells"]),
        (|f| f.delimiter.clear(), &["delimiter"]),
        (|f| f.delimiter = "||".into(), &[]),
        (|f| f.delimiter = ", ".into(), &[]),
        (|f| f.delimiter = "|||".into(), &["delimiter"]),
        (|f| f.delimiter = "tab".into(), &["delimiter", "delimiter"]),
        (|f| f.delimiter = ";x".into(), &["delimiter"]),
        (|f| f.delimiter = ";\"".into(), &["delimiter"]),
        (|f| (f.delimiter, f.escape) = (";\\".into(), "\\".into()), &["delimiter"]),
        (|f| f.delimiter = "\t".into(), &[]),
        (|f| f.delimiter = "¤".into(), &[]),
        (|f| f.delimiter = "a".into(), &["delimiter"]),
        (|f| f.delimiter = "\n".into(), &["delimiter"]),
        (|f| f.delimiter = "\"".into(), &["delimiter"]),
        (|f| f.quote.clear(), &[]),
        (|f| f.quote = "'".into(), &[]),
        (|f| f.quote = "\"\"".into(), &["quote"]),
        (|f| f.quote = "x".into(), &["quote"]),
        (|f| f.quote = "«".into(), &[]),
        (|f| f.quote = " ".into(), &["quote"]),
        (|f| f.escape = "\\".into(), &[]),
        (|f| f.escape = "\"".into(), &["escape"]),
        (|f| f.escape = "\\\\".into(), &["escape"]),
        (|f| f.escape = "e".into(), &["escape"]),
        (|f| f.comment = "#".into(), &[]),
        (|f| f.comment = " #".into(), &["comment"]),
        (|f| f.comment = "#\n".into(), &["comment"]),
        (|f| f.header_marker = "!CUST".into(), &[]),
        (|f| (f.header_marker, f.header_lines, f.columns) = ("!CUST".into(), 0, vec![]), &["header-marker"]),
        (|f| f.lines_below_header = 1, &[]),
        (|f| f.lines_below_header = 11, &["lines-below-header"]),
        (|f| f.section = "@Actor".into(), &[]),
        (|f| f.section = "Actor".into(), &["section"]),
        (|f| f.records = "GBAC*".into(), &[]),
        (|f| f.footer = vec!["Total*".into(), "* rows".into()], &[]),
        (|f| f.footer = vec!["Total*".into(), "*".into()], &["footer[2]"]),
        (|f| f.footer = vec!["Total".into(); 21], &["footer"]),
        (|f| f.table_ends = TableEnds::BlankLine, &[]),
        (|f| (f.layout, f.record, f.records) = (Layout::Xml, "customer".into(), "CUST".into()), &["records"]),
        (|f| f.skip_lines = 1000, &[]),
        (|f| f.skip_lines = 1001, &["skip-lines"]),
        (|f| f.header_lines = 2, &[]),
        (|f| f.header_lines = 11, &["header-lines"]),
        (|f| f.header_lines = 0, &["columns[1].from"]),
        (|f| f.columns[1].from = vec![ColumnFrom::Position(0)], &["columns[2].from"]),
        (|f| f.columns[0].from = vec![ColumnFrom::Name("".into())], &["columns[1].from"]),
        (|f| f.columns[1].field = "number".into(), &["columns[2].field"]),
        (|f| f.columns[1].field.clear(), &["columns[2].field"]),
        (|f| f.columns.clear(), &[]),
        (|f| f.date_format = "%d.%m.%y".into(), &[]),
        (|f| f.date_format = "%Y%m%d %H:%M:%S".into(), &[]),
        (|f| f.date_format = "%d-%b-%Y".into(), &["date-format"]),
        (|f| f.date_format = "%d-%m".into(), &["date-format"]),
        (|f| f.date_format = "%d-%m-%Y %y".into(), &["date-format"]),
        (|f| f.date_format = "%d-%m-%Y%".into(), &["date-format"]),
        (|f| f.date_format = "dd-mm-yyyy".into(), &["date-format"]),
        (|f| f.date_format.clear(), &["date-format"]),
        (|f| f.date_format = "excel".into(), &[]),
        (|f| f.pivot_year = 100, &[]),
        (|f| f.pivot_year = 101, &["pivot-year"]),
        (|f| f.columns[1].date_format = "excel-1904".into(), &[]),
        (|f| f.columns[1].date_format = "dd.mm.yyyy".into(), &["columns[2].date-format"]),
        (
            |f| (f.layout, f.columns[1].date_format) = (Layout::Excel, "%d.%m.%Y".into()),
            &["columns[2].date-format"],
        ),
        (|f| (f.layout, f.columns[1].date_format) = (Layout::Excel, "excel".into()), &[]),
        (|f| f.columns[1].from.clear(), &["columns[2].from"]),
        (|f| (f.columns[1].from, f.columns[1].value) = (vec![], "DK".into()), &[]),
        (|f| f.columns[1].join = Some(" ".into()), &["columns[2].join"]),
        (
            |f| f.columns[1].from = vec![ColumnFrom::Position(1), ColumnFrom::Position(0)],
            &["columns[2].from"],
        ),
        (|f| f.columns[1].from = vec![ColumnFrom::Position(1); 21], &["columns[2].from"]),
        (|f| f.columns[1].codes = [("3".into(), "Retail".into())].into(), &[]),
        (|f| f.columns[1].codes = [(" 3".into(), "Retail".into())].into(), &["columns[2].codes"]),
        (|f| f.columns[1].other_codes = OtherCodes::Keep, &["columns[2].other-codes"]),
        (|f| f.content = Content::Full, &[]),
        (|f| f.missing = Missing::Deactivate, &["missing"]),
        (|f| f.repeated = Repeated::Contacts, &[]),
        (|f| f.repeated = Repeated::Last, &[]),
        (|f| f.marker = Some("customers.done".into()), &[]),
        (|f| f.marker = Some("customers.txt".into()), &["marker"]),
        (|f| f.marker = Some("".into()), &["marker"]),
        (|f| f.marker = Some("in/customers.done".into()), &["marker"]),
        (|f| f.marker = Some(".customers.done".into()), &["marker"]),
        (|f| f.marker = Some("customers-*.done".into()), &["marker"]),
        (|f| (f.filename, f.marker) = ("c-*.txt".into(), Some("c-*.done".into())), &[]),
        (|f| (f.filename, f.marker) = ("c-*.txt".into(), Some("c.done".into())), &["marker"]),
        (|f| (f.filename, f.marker) = ("c-*".into(), Some("c-*.done".into())), &["marker"]),
        (|f| (f.filename, f.marker) = ("*-*.txt".into(), Some("*-*.done".into())), &["marker"]),
        (|f| f.settle = Some(Duration::from_secs(60)), &[]),
        (|f| f.settle = Some(Duration::ZERO), &["settle"]),
        (|f| (f.settle, f.marker) = (Some(Duration::ZERO), Some("customers.done".into())), &[]),
        (|f| f.settle = Some(Duration::from_nanos(1)), &["settle"]),
        (|f| f.settle = Some(Duration::from_secs(86_401)), &["settle"]),
        (|f| f.minimum_age = Some(Duration::from_secs(300)), &[]),
        (|f| f.minimum_age = Some(Duration::ZERO), &["minimum-age"]),
        (|f| f.minimum_age = Some(Duration::from_secs(86_401)), &["minimum-age"]),
        (|f| f.arrival = Arriving::Renamed, &[]),
        (|f| f.trailer = Some(trailer()), &[]),
        (|f| f.trailer = Some(Trailer { starts_with: " ".into(), ..trailer() }), &["trailer.starts-with"]),
        (|f| f.trailer = Some(Trailer { row_count: None, ..trailer() }), &[]),
        (|f| f.trailer = Some(Trailer { row_count: Some(0), ..trailer() }), &["trailer.row-count"]),
        (|f| f.trailer = Some(Trailer { row_count: Some(3), ..trailer() }), &["trailer.total"]),
        (|f| f.trailer = Some(Trailer { total: None, ..trailer() }), &["trailer.total-of"]),
        (|f| f.trailer = Some(Trailer { total_of: None, ..trailer() }), &["trailer.total-of"]),
        (|f| f.trailer = Some(Trailer { total: None, total_of: None, ..trailer() }), &[]),
        (
            |f| f.trailer = Some(Trailer { row_count: None, total: None, total_of: None, ..trailer() }),
            &["trailer.row-count"],
        ),
        (
            |f| f.trailer = Some(Trailer { total_of: Some(ColumnFrom::Position(0)), ..trailer() }),
            &["trailer.total-of"],
        ),
    ];
    for (index, (change, expected)) in table.iter().enumerate() {
        let mut format = usable();
        change(&mut format);
        let complaints = format.complaints();
        let keys: Vec<&str> = complaints.iter().map(|c| c.key.as_str()).collect();
        assert_eq!(keys, *expected, "case {index}: {complaints:?}");
        assert!(
            complaints.iter().all(|c| c.message.ends_with('.') && c.hint.ends_with('.')),
            "{complaints:?}"
        );
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
