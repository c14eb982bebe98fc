//! Rows taken out of a file are read as they were.

use proptest::prelude::*;

use super::*;
use crate::{Column, ColumnFrom, Limits, Reader, Row, Trailer};

/// A file of customers: number, amount, name.
#[derive(Debug, Clone)]
struct Made {
    format: Format,
    /// What stands above the rows, with a line of each kind that the format passes over.
    above: String,
    rows: Vec<String>,
    below: String,
    line_end: &'static str,
}

impl Made {
    fn bytes(&self) -> Vec<u8> {
        let rows: String = self.rows.iter().map(|row| format!("{row}\n")).collect();
        let text = format!("{}{rows}{}", self.above, self.below).replace('\n', self.line_end);
        self.format.encoding.encode(&text).unwrap()
    }
}

fn cents(cents: i64, decimal: char) -> String {
    let minus = if cents < 0 { "-" } else { "" };
    format!("{minus}{}{decimal}{:02}", cents.abs() / 100, cents.abs() % 100)
}

type Row3 = (u32, i64, String);

fn delimited() -> impl Strategy<Value = Made> {
    let rows = prop::collection::vec((0..99_999_u32, -999_999..999_999_i64, "[A-Za-z æØ;,\"]{0,8}"), 1..9);
    let line_ends = prop::sample::select(&["\n", "\r\n", "\r"][..]);
    let encodings = prop::sample::select(&["utf-8", "windows-1252", "utf-16le", "cp850"][..]);
    let starts = prop::sample::select(&["SLUT", "SLUT;", "\"SLUT\"", "\"SLUT", "SLUT;2026"][..]);
    let shape = (0..3_u32, 0..2_u32, any::<[bool; 4]>());
    let delimiter = prop::sample::select(&[(";", ','), (",", ','), ("\t", '.'), ("||", ',')][..]);
    (rows, line_ends, encodings, starts, shape, delimiter).prop_map(
        |(
            rows,
            line_end,
            encoding,
            starts,
            (skip, below, [header, total, section, first]),
            (delimiter, decimal),
        )| {
            let starts = starts.replace(';', delimiter);
            // The cells of the trailer: count and total stand behind what it begins with, in any order.
            let cell = u32::try_from(starts.matches(delimiter).count()).unwrap() + 2;
            let (count, sum) = if first { (cell, cell + 1) } else { (cell + 1, cell) };
            let names = ["Nr", "Saldo", "Navn"];
            let from = |at: usize| match header {
                true => ColumnFrom::Name(names[at].into()),
                false => ColumnFrom::Position(u32::try_from(at).unwrap() + 1),
            };
            let format = Format {
                encoding: encoding.parse().unwrap(),
                delimiter: delimiter.into(),
                decimal_separator: if decimal == ',' {
                    crate::DecimalSeparator::Comma
                } else {
                    crate::DecimalSeparator::Point
                },
                skip_lines: skip,
                header_lines: u32::from(header),
                lines_below_header: if header { below } else { 0 },
                section: if section { "[Kunder]".into() } else { String::new() },
                trailer: Some(Trailer {
                    starts_with: starts.clone(),
                    row_count: Some(count),
                    total: total.then_some(sum),
                    total_of: total.then(|| from(1)),
                }),
                columns: (0..3).map(|at| Column::new(from(at), ["number", "balance", "name"][at])).collect(),
                ..Format::default()
            };
            let line = |cells: [&str; 3]| {
                cells.map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).join(delimiter)
            };
            let mut above = "Udtræk\n".repeat(usize::try_from(skip).unwrap());
            if section {
                above.push_str("[Varer]\nnoget andet\n[Kunder]\n");
            }
            if header {
                above.push_str(&format!("{}\n", line(names)));
                above.push_str(
                    &format!("{}\n", line(["-", "kr", "-"]))
                        .repeat(usize::try_from(format.lines_below_header).unwrap()),
                );
            }
            let written =
                |(number, amount, name): &Row3| line([&number.to_string(), &cents(*amount, decimal), name]);
            let all: i64 = rows.iter().map(|(_, amount, _)| amount).sum();
            let closed = starts.matches('"').count() % 2 == 0;
            let mut below = vec![if closed { starts } else { format!("{starts} 2026\"") }];
            let (rows_said, sum_said) = (rows.len().to_string(), format!("\"{}\"", cents(all, decimal)));
            below.extend(if first { [rows_said, sum_said] } else { [sum_said, rows_said] });
            let below = format!("{}\n", below.join(delimiter));
            Made { format, above, rows: rows.iter().map(written).collect(), below, line_end }
        },
    )
}

fn fixed() -> impl Strategy<Value = Made> {
    let rows = prop::collection::vec((0..99_999_u32, -999_999..999_999_i64, "[A-Za-z æØ]{0,8}"), 1..9);
    let encodings = prop::sample::select(&["utf-8", "windows-1252", "utf-16be"][..]);
    let starts = prop::sample::select(&["99", "SLUT", "ØEND "][..]);
    (rows, encodings, starts, any::<bool>()).prop_map(|(rows, encoding, starts, total)| {
        let format = Format {
            layout: Layout::FixedWidth,
            encoding: encoding.parse().unwrap(),
            header_lines: 0,
            cells: ["1-6", "7-18", "19-"].map(|range| range.parse().unwrap()).to_vec(),
            trailer: Some(Trailer {
                starts_with: starts.into(),
                row_count: Some(if total { 3 } else { 2 }),
                total: total.then_some(2),
                total_of: total.then_some(ColumnFrom::Position(2)),
            }),
            columns: ["number", "balance", "name"]
                .iter()
                .zip(1..)
                .map(|(field, at)| Column::new(ColumnFrom::Position(at), *field))
                .collect(),
            ..Format::default()
        };
        let line = |(number, amount, name): &Row3| {
            format!("{:>6}{:>12}{name}", format!("1{number:04}"), cents(*amount, ','))
        };
        let all: i64 = rows.iter().map(|(_, amount, _)| amount).sum();
        let below = match total {
            true => format!("{starts:<6}{:>12}{:06}\n", cents(all, ','), rows.len()),
            false => format!("{starts:<6}{:>12}\n", rows.len()),
        };
        Made { format, above: String::new(), rows: rows.iter().map(line).collect(), below, line_end: "\n" }
    })
}

/// The header, the raw bytes of all rows, where the first one stands, and the least that must stand above them.
type Taken = (Vec<String>, Vec<Vec<u8>>, usize, Vec<u8>);

fn read(format: &Format, file: &[u8]) -> Result<Taken, crate::ReadError> {
    let bytes = crate::stage::prepare(file.to_vec(), format, Limits::default()).unwrap();
    let mut reader = Reader::new(bytes.as_slice(), format, Limits::default())?;
    let (mut row, mut raws, mut first) = (Row::default(), Vec::new(), None);
    while reader.read(&mut row)? {
        first.get_or_insert(usize::try_from(row.offset).unwrap());
        assert!(row.problems.is_empty(), "{:?}", row.problems);
        raws.push(row.raw().to_vec());
    }
    Ok((reader.header().to_vec(), raws, first.unwrap_or(file.len()), reader.least_head()))
}

proptest! {
    #[test]
    fn any_rows_of_a_file_with_a_trailer_are_read_again_as_they_are(
        made in prop_oneof![delimited(), fixed()], chosen in any::<u16>(),
    ) {
        let file = made.bytes();
        let (header, raws, first, least) = read(&made.format, &file).map_err(|error| TestCaseError::fail(format!("{error}")))?;
        prop_assert_eq!(raws.len(), made.rows.len());
        let chosen: Vec<&Vec<u8>> =
            raws.iter().enumerate().filter(|(at, _)| *at == 0 || chosen & (1 << at) != 0).map(|(_, raw)| raw).collect();
        let line_end = made.format.encoding.encode(made.line_end).unwrap();
        for head in [&file[..first], &least] {
            let mut again = Again::new(&made.format, &header, head, &line_end, &[]);
            let mut written = again.begin();
            chosen.iter().for_each(|raw| written.extend(again.row(raw)));
            written.extend(again.end());
            let told = || made.format.encoding.decode_lossy(&written);
            let (header_again, raws_again, ..) =
                read(&made.format, &written).map_err(|error| TestCaseError::fail(format!("{error}: {}", told())))?;
            prop_assert_eq!(&header_again, &header);
            prop_assert_eq!(raws_again.iter().collect::<Vec<_>>(), chosen.clone());
        }
    }
}

/// What a row says: the names and values of its cells that are not empty.
fn said(header: &[String], raw: &[u8]) -> Vec<(String, String)> {
    let cells = raw_cells(raw).unwrap();
    header.iter().cloned().zip(cells).filter(|(_, value)| !value.is_empty()).collect()
}

#[test]
fn documents_say_the_same_again_in_any_encoding() {
    let xml = "<list><k id='1'><n>Ægir &amp; \"søn\" &lt;x&gt;</n><t>1</t><t>2</t><a x='y'><c> By </c></a></k>\
               <k id='2'><n>B</n><t/><t>4</t>løs</k></list>";
    let json = r#"{"data":{"list":[{"@id":"1","n":"Ægir \"søn\" \\ \ud83d\ude00","t":["1",2.5],"a":{"c":" By "}},
                   {"n":"B","t":["",4],"a":[{"c":"x"},{"c":"y"}],"b":null}]}}"#;
    for (layout, record, text) in
        [(Layout::Xml, "/list/k", xml), (Layout::Xml, "k", xml), (Layout::Json, "data/list", json)]
    {
        for encoding in ["utf-8", "utf-16le", "windows-1252"] {
            let format = Format {
                layout,
                record: record.into(),
                encoding: encoding.parse().unwrap(),
                columns: vec![Column::new(ColumnFrom::Name("n".into()), "number")],
                ..Format::default()
            };
            let source = Format { encoding: "utf-8".parse().unwrap(), ..format.clone() };
            let (header, raws, ..) = read(&source, text.as_bytes()).unwrap();
            let mut again = Again::new(&format, &header, b"", b"", &[]);
            let mut file = again.begin();
            raws.iter().for_each(|raw| file.extend(again.row(raw)));
            file.extend(again.end());
            let (header_again, raws_again, ..) = read(&format, &file).unwrap();
            let all = |header: &[String], raws: &[Vec<u8>]| -> Vec<Vec<(String, String)>> {
                raws.iter()
                    .map(|raw| {
                        let mut said = said(header, raw);
                        said.sort();
                        said
                    })
                    .collect()
            };
            assert_eq!(
                all(&header_again, &raws_again),
                all(&header, &raws),
                "{layout:?} {record} {encoding}"
            );
        }
    }
}

#[test]
fn text_stands_there_as_it_did_below_what_stood_above_it() {
    let format = Format {
        skip_lines: 1,
        trailer: Some(crate::Trailer {
            starts_with: "SLUT".into(),
            row_count: Some(2),
            total: None,
            total_of: None,
        }),
        columns: vec![Column::new(ColumnFrom::Name("Nr".into()), "number")],
        ..Format::default()
    };
    let file = b"\xef\xbb\xbfExport of today\r\nNr;Navn\r\n1;\"A\r\nB\"\r\n2;C\r\nSLUT;2\r\n";
    let (header, raws, first, _) = read(&format, file).unwrap();
    let head = &file[..first];
    let mut again = Again::new(&format, &header, head, b"\r\n", &[]);
    let mut written = again.begin();
    written.extend(again.row(&raws[0]));
    written.extend(again.end());
    assert_eq!(written, b"\xef\xbb\xbfExport of today\r\nNr;Navn\r\n1;\"A\r\nB\"\r\nSLUT;1\r\n");
    assert_eq!(read(&format, &written).unwrap().1, raws[..1]);
}
