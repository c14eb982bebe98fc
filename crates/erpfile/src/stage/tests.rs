//! Documents that ERP systems write, and what their records are.

use std::io::{Cursor, Read, Write};

use proptest::prelude::*;
use rust_xlsxwriter::{ExcelDateTime, Format as Style, Workbook};
use zip::ZipArchive;

use super::{StageError, is_packed, is_staged, stage, unpack};
use crate::problem::code;
use crate::{Column, ColumnFrom, Damage, Encoding, Format, Layout, Limits, ReadError, Reader, Row};

fn format(layout: Layout, record: &str) -> Format {
    Format { layout, record: record.into(), date_format: "%d-%m-%Y".into(), ..Format::default() }
}

fn staged_with(bytes: &[u8], format: &Format, limits: Limits) -> Result<Vec<u8>, Damage> {
    let mut out = Vec::new();
    match stage(Cursor::new(bytes), format, limits, &mut out) {
        Ok(()) => Ok(out),
        Err(StageError::Read(ReadError::Damage(damage))) => Err(damage),
        Err(other) => panic!("{other}"),
    }
}

/// Header and rows as text, with `|` between cells and the line before each row; or the code and line of the damage.
fn read_with(bytes: &[u8], format: &Format, limits: Limits) -> Result<Vec<String>, (String, Option<u64>)> {
    let told = |damage: Damage| (damage.0.code.to_string(), damage.0.line);
    let staged = staged_with(bytes, format, limits).map_err(told)?;
    let mut reader = match Reader::new(staged.as_slice(), format, limits) {
        Ok(reader) => reader,
        Err(ReadError::Damage(damage)) => return Err(told(damage)),
        Err(other) => panic!("{other}"),
    };
    let mut lines = vec![reader.header().join("|")];
    let mut parser = reader.record_parser();
    let (mut row, mut again) = (Row::default(), Row::default());
    while reader.read(&mut row).unwrap() {
        let problems: String = row.problems.iter().map(|problem| format!(" !{}", problem.code)).collect();
        lines.push(format!("{}: {}{problems}", row.line, row.cells().collect::<Vec<_>>().join("|")));
        let raw = &staged[usize::try_from(row.offset).unwrap()..][..row.raw().len()];
        assert_eq!(raw, row.raw(), "the bytes lie where the row says");
        parser.parse(raw, row.line, &mut again).unwrap();
        assert!(
            again.cells().eq(row.cells()) && again.problems == row.problems,
            "parsed again it is the same"
        );
    }
    Ok(lines)
}

fn read(bytes: &[u8], format: &Format) -> Result<Vec<String>, (String, Option<u64>)> {
    read_with(bytes, format, Limits::default())
}

fn refused(code: &str, line: Option<u64>) -> Result<Vec<String>, (String, Option<u64>)> {
    Err((code.to_owned(), line))
}

#[test]
fn xml_records_are_found_by_their_path() {
    let text = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<!-- nightly -->\n<GBACX10>\n <CUSTOMERLIST>\n  <CUSTOMER>\n   \
                <CONTID>10</CONTID><CONTNAME>Bager &amp; S&#248;n</CONTNAME><DATA1 >3</DATA1 ></CUSTOMER>\n  \
                <CUSTOMER no=\"11\"><CONTNAME><![CDATA[<Smith>]]></CONTNAME><PHONE>1</PHONE><PHONE>2</PHONE>\n\
                <ADDRESS type='post'><ZIP>8000</ZIP></ADDRESS></CUSTOMER>\n </CUSTOMERLIST>\n</GBACX10>\n";
    let expected = Ok(vec![
        "CONTID|CONTNAME|DATA1|@no|PHONE|PHONE[2]|ADDRESS/@type|ADDRESS/ZIP".to_owned(),
        "5: 10|Bager & Søn|3|||||".to_owned(),
        "7: |<Smith>||11|1|2|post|8000".to_owned(),
    ]);
    for record in ["/GBACX10/CUSTOMERLIST/CUSTOMER", "CUSTOMER", "CUSTOMERLIST/CUSTOMER", "//CUSTOMER"] {
        assert_eq!(read(text.as_bytes(), &format(Layout::Xml, record)), expected, "{record}");
    }
}

#[test]
fn xml_that_is_wrong_is_refused_with_its_line() {
    let cases: &[(&str, &str, &str, Option<u64>)] = &[
        ("cut off in a record", "<a>\n<c><n>1</n></c>\n<c><n>2", code::INCOMPLETE_RECORD, Some(3)),
        ("cut off between records", "<a>\n<c><n>1</n></c>\n", code::INCOMPLETE_RECORD, Some(3)),
        ("crossed elements", "<a><c><n>1</c></n></a>", code::MALFORMED, Some(1)),
        ("an unknown entity", "<a>\n<c><n>&big;</n></c></a>", code::MALFORMED, Some(2)),
        ("another document", "<a><b><n>1</n></b></a>", code::RECORD_MISSING, None),
        ("no document", "number;name\n10;x\n", code::RECORD_MISSING, None),
        (
            "an unknown encoding",
            "<?xml version='1.0' encoding='klingon'?><a/>",
            code::WRONG_ENCODING,
            Some(1),
        ),
        ("an attribute without quotes", "<a><c n=1/></a>", code::MALFORMED, Some(1)),
    ];
    for (what, text, code, line) in cases {
        assert_eq!(read(text.as_bytes(), &format(Layout::Xml, "c")), refused(code, *line), "{what}");
    }
    let bomb = format!("<!DOCTYPE a [<!ENTITY b \"{}\">]><a><c>&b;</c></a>", "x".repeat(100));
    assert_eq!(read(bomb.as_bytes(), &format(Layout::Xml, "c")), refused(code::MALFORMED, Some(1)));
    let deep = format!("<a><c>{}{}</c></a>", "<d>".repeat(300), "</d>".repeat(300));
    assert_eq!(read(deep.as_bytes(), &format(Layout::Xml, "c")), refused(code::MALFORMED, Some(1)));
}

#[test]
fn xml_is_read_in_the_encoding_that_it_names() {
    let text =
        |label: &str| format!("<?xml version=\"1.0\" encoding=\"{label}\"?><a><c><n>Bager Ølund</n></c></a>");
    for label in ["utf-8", "iso-8859-1", "windows-1252", "cp850", "UTF-16"] {
        let encoding: Encoding = if label == "UTF-16" { "utf-16le" } else { label }.parse().unwrap();
        let mut bytes = if label == "UTF-16" { vec![0xFF, 0xFE] } else { Vec::new() };
        bytes.extend(encoding.encode(&text(label)).unwrap());
        assert_eq!(read(&bytes, &format(Layout::Xml, "c")).unwrap()[1], "1: Bager Ølund", "{label}");
    }
    let latin = Encoding::from_str_or_default("iso-8859-1").encode(&text("utf-8")).unwrap();
    assert_eq!(read(&latin, &format(Layout::Xml, "c")), refused(code::UNDECODABLE, Some(1)));
}

#[test]
fn json_records_are_found_by_their_keys() {
    let object = r#"{"next":null,"data":{"customers":[
        {"number":"0010","name":"Bager Ølund","credit":12.50,"active":true,"address":{"zip":8000}},
        {"name":null,"phones":["1","2"],"number":"11"}]}}"#;
    let expected = |line: u64| {
        Ok(vec![
            "number|name|credit|active|address/zip|phones|phones[2]".to_owned(),
            format!("{line}: 0010|Bager Ølund|12,50|true|8000||"),
            format!("{}: 11|||||1|2", line + 1),
        ])
    };
    assert_eq!(read(object.as_bytes(), &format(Layout::Json, "data/customers")), expected(2));
    let list = r#"[{"number":"0010","name":"Bager Ølund","credit":12.50,"active":true,"address":{"zip":8000}},
        {"name":null,"phones":["1","2"],"number":"11"}]"#;
    assert_eq!(read(list.as_bytes(), &format(Layout::Json, "")), expected(1));
    let lines = list.trim_matches(['[', ']']).replace("},\n", "}\n");
    assert_eq!(read(lines.as_bytes(), &format(Layout::Json, "")), expected(1));
    let with_mark = [b"\xEF\xBB\xBF", list.as_bytes()].concat();
    assert_eq!(read(&with_mark, &format(Layout::Json, "")), expected(1));
}

#[test]
fn json_that_is_wrong_is_refused_with_its_line() {
    let cases: &[(&str, &str, &str, &str, Option<u64>)] = &[
        ("cut off", "", "[{\"a\":1},\n{\"a\"", code::INCOMPLETE_RECORD, Some(2)),
        ("a missing comma", "", "[{\"a\":1}\n{\"a\":2}]", code::MALFORMED, Some(2)),
        ("numbers for records", "", "[1,2]", code::MALFORMED, Some(1)),
        ("another document", "customers", "{\"items\":[]}", code::RECORD_MISSING, None),
        ("no JSON", "", "number;name", code::MALFORMED, Some(1)),
        ("nothing", "", "", code::INCOMPLETE_RECORD, Some(1)),
        ("text behind it", "x", "{\"x\":[]}\nmore", code::MALFORMED, Some(2)),
    ];
    for (what, record, text, code, line) in cases {
        assert_eq!(read(text.as_bytes(), &format(Layout::Json, record)), refused(code, *line), "{what}");
    }
    let deep = format!("[{{\"a\":{}1{}}}]", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(read(deep.as_bytes(), &format(Layout::Json, "")), refused(code::MALFORMED, Some(1)));
}

#[test]
fn an_empty_list_has_no_rows_and_no_columns() {
    assert_eq!(read(b"[]", &format(Layout::Json, "")), Ok(vec![String::new()]));
}

#[test]
fn a_record_larger_than_the_limit_is_refused_before_it_fills_the_memory() {
    let limits = Limits { line: 1000, field: 100, columns: 5, ..Limits::default() };
    let long = "x".repeat(1_000_000);
    let refused = |text: String, layout, record: &str| {
        read_with(text.as_bytes(), &format(layout, record), limits).unwrap_err().0
    };
    for value in ["x".repeat(101), long] {
        let code = if value.len() > 1000 { code::LINE_TOO_LONG } else { code::CELL_TOO_LONG };
        assert_eq!(refused(format!("<a><c><n>{value}</n></c></a>"), Layout::Xml, "c"), code);
        assert_eq!(refused(format!("[{{\"n\":\"{value}\"}}]"), Layout::Json, ""), code);
    }
    let name = "n".repeat(900);
    let nested = format!("{{\"{name}\":{{\"{name}\":1}}}}");
    let wide = Limits { line: 10_000, ..limits };
    let told = read_with(format!("[{nested}]").as_bytes(), &format(Layout::Json, ""), wide).unwrap_err();
    assert_eq!(told.0, code::CELL_TOO_LONG, "names add up");
    let nested = format!("<a><c><{name}><{name}>1</{name}></{name}></c></a>");
    let told = read_with(nested.as_bytes(), &format(Layout::Xml, "c"), wide).unwrap_err();
    assert_eq!(told.0, code::CELL_TOO_LONG, "names add up");
    let many: String = (0..6).map(|n| format!("<n{n}>1</n{n}>")).collect();
    assert_eq!(refused(format!("<a><c>{many}</c></a>"), Layout::Xml, "c"), code::TOO_MANY_COLUMNS);
}

fn workbook() -> Vec<u8> {
    let mut book = Workbook::new();
    book.add_worksheet().set_name("Om").unwrap().write(0, 0, "nothing here").unwrap();
    let sheet = book.add_worksheet().set_name("Kunder").unwrap();
    sheet.write(0, 0, "Customers of 22 November").unwrap();
    for (column, name) in ["Kundenr", "Navn", "Kredit", "Oprettet", "Aktiv"].into_iter().enumerate() {
        sheet.write(2, u16::try_from(column).unwrap(), name).unwrap();
    }
    sheet.write(3, 0, "0010").unwrap().write(3, 1, "Bager Ølund").unwrap().write(3, 2, 1250.5).unwrap();
    let date = Style::new().set_num_format("dd-mm-yyyy");
    sheet.write_with_format(3, 3, ExcelDateTime::from_ymd(2026, 11, 22).unwrap(), &date).unwrap();
    sheet.write(3, 4, true).unwrap();
    sheet.write_with_format(5, 0, 12, &Style::new().set_num_format("0000")).unwrap();
    sheet.write(5, 2, 0.1 + 0.2).unwrap().write(5, 4, false).unwrap();
    sheet.write(6, 0, "13").unwrap().write(6, 7, "beside the table").unwrap();
    sheet.write_formula(7, 0, rust_xlsxwriter::Formula::new("=NA()").set_result("#N/A")).unwrap();
    book.save_to_buffer().unwrap()
}

#[test]
fn a_sheet_is_read_as_a_person_sees_it() {
    let book = workbook();
    let expected = vec![
        "Kundenr|Navn|Kredit|Oprettet|Aktiv".to_owned(),
        "4: 0010|Bager Ølund|1250,5|22-11-2026|TRUE".to_owned(),
        "6: 0012||0,3||FALSE".to_owned(),
        "7: 13|||||||beside the table !too-many-cells".to_owned(),
        "8: #N/A !cell-error".to_owned(),
    ];
    for sheet in ["Kunder", "kunder", "2"] {
        let format = Format { sheet: sheet.into(), skip_lines: 2, ..format(Layout::Excel, "") };
        assert_eq!(read(&book, &format), Ok(expected.clone()), "{sheet}");
    }
    let missing = Format { sheet: "Varer".into(), ..format(Layout::Excel, "") };
    assert_eq!(read(&book, &missing), refused(code::SHEET_MISSING, None));
    assert_eq!(read(&book, &format(Layout::Excel, "")), Ok(vec!["nothing here".to_owned()]));
    let positions = Format {
        sheet: "2".into(),
        skip_lines: 3,
        header_lines: 0,
        columns: vec![Column::new(ColumnFrom::Position(2), "name")],
        ..format(Layout::Excel, "")
    };
    assert_eq!(read(&book, &positions).unwrap()[1], expected[1]);
}

/// A workbook as programs write it that do not calculate: without the results of its formulas.
fn without_results(book: &[u8]) -> Vec<u8> {
    let mut parts = ZipArchive::new(Cursor::new(book)).unwrap();
    let names: Vec<String> = parts.file_names().map(|name| name.unwrap().into_owned()).collect();
    let contents: Vec<(String, Vec<u8>)> = names
        .into_iter()
        .map(|name| {
            let mut content = Vec::new();
            parts.by_name(&name).unwrap().read_to_end(&mut content).unwrap();
            let text = String::from_utf8(content).unwrap().replace("</f><v>0</v>", "</f>");
            // An empty text is a result, and written so by Excel.
            let text = text.replace("<v>x</v>", "<v></v>");
            (name, text.into_bytes())
        })
        .collect();
    archive(&contents.iter().map(|(name, content)| (name.as_str(), content.as_slice())).collect::<Vec<_>>())
}

#[test]
fn a_formula_without_a_result_refuses_its_row_and_is_no_empty_cell() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write(0, 0, "Kundenr").unwrap().write(0, 1, "Navn").unwrap();
    sheet.write(1, 0, "10").unwrap().write(1, 1, "Bager").unwrap();
    sheet.write(2, 0, "11").unwrap().write_formula(2, 1, "=CONCAT(A2,A3)").unwrap();
    let empty = rust_xlsxwriter::Formula::new("=IF(A4=13,A4,\"\")").set_result("x");
    sheet.write(3, 0, "12").unwrap().write_formula(3, 1, empty).unwrap();
    let book = without_results(&book.save_to_buffer().unwrap());
    let rows = read(&book, &format(Layout::Excel, "")).unwrap();
    assert_eq!(rows, ["Kundenr|Navn", "2: 10|Bager", "3: 11|#FORMULA !cell-error", "4: 12"]);
}

#[test]
fn what_is_no_workbook_is_told() {
    let excel = format(Layout::Excel, "");
    for bytes in [&b"number;name\n10;x\n"[..], b"<html><table>", b"\x00\x01\x02\x03"] {
        assert_eq!(read(bytes, &excel), refused(code::BINARY, None));
    }
    let book = workbook();
    assert_eq!(read(&book[..book.len() / 2], &excel), refused(code::ARCHIVE, None));
    assert_eq!(read(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 cut", &excel).unwrap_err().0, code::MALFORMED);
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        let options =
            zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
        archive.start_file(*name, options).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn unpacked(bytes: &[u8], limits: Limits) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    match unpack(Cursor::new(bytes), limits, &mut out) {
        Ok(()) => Ok(out),
        Err(StageError::Read(ReadError::Damage(damage))) => Err(damage.0.message),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn a_compressed_file_is_what_was_compressed() {
    let limits = Limits::default();
    let text: &[u8] = b"number;name\n10;x\n";
    assert_eq!(unpacked(&gzip(text), limits), Ok(text.to_vec()));
    assert_eq!(unpacked(&[gzip(text), gzip(text)].concat(), limits), Ok([text, text].concat()));
    // Tapes, and some file servers, fill a file up with zeros.
    assert_eq!(unpacked(&[gzip(text), vec![0; 1000]].concat(), limits), Ok(text.to_vec()));
    let with_litter = archive(&[("__MACOSX/x", b"."), ("out/.DS_Store", b"."), ("out/customers.csv", text)]);
    assert_eq!(unpacked(&with_litter, limits), Ok(text.to_vec()));
    for (packed, word) in [
        (archive(&[]), "no file"),
        ([gzip(text), b"\0\0and more".to_vec()].concat(), "something else stands behind the end"),
        (archive(&[("mimetype", b"application/x"), ("content.xml", b"<x/>")]), "OpenDocument spreadsheet"),
        (archive(&[("a.csv", text), ("b.csv", text)]), "2 files (a.csv, b.csv)"),
        (gzip(text)[..20].to_vec(), "cut off"),
        (with_litter[..60].to_vec(), "cut off"),
    ] {
        let message = unpacked(&packed, limits).unwrap_err();
        assert!(message.contains(word), "{message}");
    }
    let zeros = vec![0; 40 << 20];
    for bomb in [gzip(&zeros), archive(&[("zeros", &zeros)])] {
        assert!(unpacked(&bomb, limits).unwrap_err().contains("200 times"));
        let small = Limits { unpacked: 1 << 20, ..limits };
        assert!(unpacked(&bomb, small).unwrap_err().contains("more than 1 MiB"));
    }
}

#[test]
fn a_workbook_is_no_archive_to_unpack() {
    assert!(is_packed(&archive(&[("a", b"x")]), Layout::Delimited) && is_packed(&gzip(b"x"), Layout::Excel));
    assert!(!is_packed(&workbook(), Layout::Excel) && !is_packed(b"number", Layout::Delimited));
    assert!(is_staged(Layout::Excel) && !is_staged(Layout::Delimited));
    // A workbook in an archive is unpacked like any file.
    let packed = archive(&[("out/Customers.XLSX", &workbook())]);
    assert!(is_packed(&packed[..crate::PACKED_HEAD], Layout::Excel));
    assert_eq!(unpacked(&packed, Limits::default()), Ok(workbook()));
}

impl Encoding {
    fn from_str_or_default(label: &str) -> Encoding {
        label.parse().unwrap_or_default()
    }
}

proptest! {
    #[test]
    fn every_value_comes_back_from_json_and_xml(
        rows in prop::collection::vec(prop::collection::vec("[ -~æøåßÉ€\\n\\t]{0,12}", 3), 1..8)
    ) {
        let json: Vec<_> = rows
            .iter()
            .map(|row| serde_json::json!({"a": row[0], "b": row[1], "c": row[2]}))
            .collect();
        let json = serde_json::to_string_pretty(&json).unwrap();
        let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let xml: String = rows
            .iter()
            .map(|row| format!("<c><a>{}</a><b>{}</b><c>{}</c></c>", escape(&row[0]), escape(&row[1]), escape(&row[2])))
            .collect();
        for (text, layout, record) in [(json, Layout::Json, ""), (format!("<l>{xml}</l>"), Layout::Xml, "/l/c")] {
            let format = format(layout, record);
            let staged = staged_with(text.as_bytes(), &format, Limits::default()).unwrap();
            let mut reader = Reader::new(staged.as_slice(), &format, Limits::default()).unwrap();
            let mut row = Row::default();
            for expected in &rows {
                prop_assert!(reader.read(&mut row).unwrap());
                prop_assert_eq!(row.cells().collect::<Vec<_>>(), expected.iter().map(String::as_str).collect::<Vec<_>>());
            }
            prop_assert!(!reader.read(&mut row).unwrap());
        }
    }

    #[test]
    fn no_bytes_make_the_program_fault(bytes in prop::collection::vec(any::<u8>(), 0..300), layout in 0..3_usize) {
        let layout = [Layout::Xml, Layout::Json, Layout::Excel][layout];
        let _ = read(&bytes, &format(layout, "c"));
        let mut out = Vec::new();
        let _ = unpack(Cursor::new(&bytes), Limits::default(), &mut out);
    }
}

/// Gives a byte at a time, and fails before each.
struct Failing<'a>(&'a [u8], bool);

impl std::io::Read for Failing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.1 = !self.1;
        if self.1 { self.0.read(&mut buffer[..1]) } else { Err(std::io::Error::other("not now")) }
    }
}

#[test]
fn a_source_that_failed_is_read_on_where_it_was() {
    let format = format(Layout::Json, "");
    let staged = staged_with(b"[{\"a\":1},{\"a\":\"two\"},{\"a\":3}]", &format, Limits::default()).unwrap();
    let head = staged.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    let source = std::io::Read::chain(&staged[..head], Failing(&staged[head..], false));
    let mut reader = Reader::new(source, &format, Limits::default()).unwrap();
    let (mut row, mut cells, mut failed) = (Row::default(), Vec::new(), 0);
    loop {
        match reader.read(&mut row) {
            Ok(true) => cells.push(row.cell(0).unwrap().to_owned()),
            Ok(false) => break,
            Err(ReadError::Io(_)) => failed += 1,
            Err(damage) => panic!("{damage}"),
        }
    }
    assert_eq!(cells, ["1", "two", "3"]);
    assert!(failed > 3);
}

#[test]
fn a_workbook_whose_cells_lie_beyond_all_bounds_is_refused() {
    for reference in ["ZZZZZZZZZZZZ1", "A99999999999999999999", "A4294967296", "A0"] {
        let mut book = zip::ZipArchive::new(Cursor::new(workbook())).unwrap();
        let mut hostile = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for index in 0..book.len() {
            let mut part = book.by_index(index).unwrap();
            hostile.start_file(part.name().unwrap(), zip::write::SimpleFileOptions::default()).unwrap();
            let text = std::io::read_to_string(&mut part).unwrap();
            let text = text.replace("r=\"A1\"", &format!("r=\"{reference}\""));
            hostile.write_all(text.as_bytes()).unwrap();
        }
        let bytes = hostile.finish().unwrap().into_inner();
        let outcome = read(&bytes, &Format { sheet: "Kunder".into(), ..format(Layout::Excel, "") });
        let (code, _) = outcome.expect_err(reference);
        assert!([code::MALFORMED, code::TOO_MANY_COLUMNS].contains(&code.as_str()), "{reference}: {code}");
    }
}
