//! Rows that are passed over, since a file before had them.

use std::collections::HashSet;

use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::{Layout, Shape, Step, TableEnds};

/// Lines of which some are rows wherever they stand, and others say something of those around them.
const LINES: [&str; 20] = [
    "10;Bager Ølund;8000",
    "11;Smed;2100",
    "12;\"Maler; Søn\";8000",
    "13;\"Two",
    "lines\";1",
    "14;Murer",
    "15;Murer;1;2",
    "16;Murer;1;;",
    "No;digit;here",
    "",
    " ",
    "nr;navn;by",
    "Levnr;Navn",
    "Total;2;",
    "A title",
    "17;a \"quote\";3",
    "18;\"a \"quote\"\";3",
    "19;never \"closed;3",
    "20     A           8000",
    "21     B           21",
];

/// What the reading of a file tells, row by row, and what it came to.
#[derive(Debug, PartialEq)]
struct Told {
    rows: Vec<(u64, u64, Option<String>)>,
    end: Result<Vec<Problem>, String>,
}

/// Reads a file, passing over what is in `known`; with every row of it that is one by itself.
fn read(file: &[u8], format: &Format, known: &HashSet<Vec<u8>>) -> Option<(Told, HashSet<Vec<u8>>, String)> {
    let shapes = [Shape::Key, Shape::Any, Shape::Postcode];
    let shapes = shapes.get(..format.columns.len())?;
    let mut reader = crate::Reader::with_shapes(file, format, Limits::default(), shapes).ok()?;
    let conditions = reader.conditions();
    let (mut row, mut alone, mut rows) = (Row::default(), HashSet::new(), Vec::new());
    let end = loop {
        match reader.read_unless(&mut row, &mut |raw| known.contains(raw)) {
            Ok(Step::End) => break Ok(reader.notes()),
            Ok(Step::Known) => rows.push((row.line, row.offset, None)),
            Ok(Step::Row) => {
                let cells: Vec<&str> = row.cells().collect();
                let text = format!("{:?} {cells:?} {:?} {:?}", row.raw(), row.problems, row.notes);
                rows.push((row.line, row.offset, Some(text)));
                if row.alone && row.notes.is_empty() {
                    alone.insert(row.raw().to_vec());
                }
            }
            Err(error) => break Err(error.to_string()),
        }
    };
    Some((Told { rows, end }, alone, conditions))
}

fn format_of(number: usize) -> Format {
    let columns = ["nr", "navn", "by"].map(|name| Column::new(ColumnFrom::Name(name.into()), name));
    let named = Format { columns: columns.into(), ..format() };
    match number {
        0 => named,
        1 => Format { table_ends: TableEnds::BlankLine, encoding: "windows-1252".parse().unwrap(), ..named },
        2 => Format { table_ends: TableEnds::SecondTable, footer: vec!["Total".into()], ..named },
        3 => Format { quote: String::new(), encoding: "utf-16le".parse().unwrap(), ..named },
        _ => Format {
            layout: Layout::FixedWidth,
            header_lines: 0,
            cells: ["1-7", "8-19", "20-23"].map(|cell| cell.parse().unwrap()).into(),
            columns: vec![Column::new(ColumnFrom::Position(1), "nr")],
            ..format()
        },
    }
}

fn write(lines: &[&str], end: &str, ended: bool, format: &Format) -> Vec<u8> {
    let header = (format.header_lines > 0).then_some("nr;navn;by");
    let mut text = header.into_iter().chain(lines.iter().copied()).collect::<Vec<_>>().join(end);
    if ended {
        text.push_str(end);
    }
    format.encoding.encode(&text).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn what_is_passed_over_was_a_good_row_and_changes_nothing_of_the_others(
        before in prop::collection::vec(select(&LINES[..]), 1..12),
        now in prop::collection::vec(select(&LINES[..]), 1..12),
        end in select(&["\n", "\r\n"][..]),
        ended in any::<[bool; 2]>(),
        number in 0..5usize,
    ) {
        let format = format_of(number);
        let nothing = HashSet::new();
        let Some((_, known, conditions)) = read(&write(&before, end, ended[0], &format), &format, &nothing) else {
            return Ok(());
        };
        let file = write(&now, end, ended[1], &format);
        let Some((plain, alone, here)) = read(&file, &format, &nothing) else { return Ok(()) };
        prop_assume!(here == conditions);
        let (passed, ..) = read(&file, &format, &known).unwrap();
        prop_assert_eq!(plain.rows.len(), passed.rows.len());
        prop_assert_eq!(&plain.end, &passed.end);
        for (plain, passed) in plain.rows.iter().zip(&passed.rows) {
            prop_assert_eq!((plain.0, plain.1), (passed.0, passed.1));
            match (&plain.2, &passed.2) {
                (Some(text), None) => prop_assert!(text.ends_with(" [] []"), "{}", text),
                (read, again) => prop_assert_eq!(read, again),
            }
        }
        // What is a row by itself is so in the same file again.
        let (again, ..) = read(&file, &format, &alone).unwrap();
        prop_assert_eq!(plain.rows.len(), again.rows.len());
        prop_assert_eq!(plain.end, again.end);
    }
}

#[test]
fn a_row_without_digits_is_always_read_since_it_could_name_the_columns_of_another_table() {
    let format = Format { table_ends: TableEnds::SecondTable, ..format_of(0) };
    let before = b"nr;navn;by\n10;Bager;Ribe\nNo;digit;here\n";
    let (told, known, _) = read(before, &format, &HashSet::new()).unwrap();
    assert_eq!(told.rows.len(), 2);
    assert_eq!(known, HashSet::from([b"10;Bager;Ribe".to_vec()]));
    // The same line below a blank one is none of the rows, and what stands below it neither.
    let now = b"nr;navn;by\n10;Bager;Ribe\n\nNo;digit;here\n1;2;3\n";
    let (told, ..) = read(now, &format, &known).unwrap();
    assert_eq!(told.rows, [(2, 11, None)]);
    let notes = told.end.unwrap();
    assert_eq!(notes.iter().map(|note| &*note.code).collect::<Vec<_>>(), ["left-out"]);
}
