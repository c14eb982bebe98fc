//! Mistakes in a settings file, and what is said of them.

use super::*;

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
