//! Workbooks, documents and compressed files: whatever the bytes, they give rows that can be read again by their place,
//! within the limits, or damage in words.

use erpfile::{Column, ColumnFrom, Encoding, Format, Layout, Limits, ReadError, Reader, Row};

use crate::bytes::Choices;
use crate::words;

const LAYOUTS: &[Layout] = &[Layout::Xml, Layout::Json, Layout::Excel, Layout::Delimited];
const RECORDS: &[&str] = &["c", "/a/c", "a", "data/c", "", "//c"];

/// Six bytes choose the layout, the encoding, the record, the columns and the limits; the rest is the file.
pub fn check(input: &[u8]) {
    let mut choices = Choices(input);
    let layout = choices.one(LAYOUTS);
    let encoding = choices.one(Encoding::ALL);
    let record = choices.one(RECORDS).to_owned();
    let columns = match choices.below(3) {
        0 => Vec::new(),
        1 => vec![ColumnFrom::Name("n".to_owned())],
        _ => vec![ColumnFrom::Position(1)],
    };
    let columns = columns.into_iter().map(|from| Column::new(from, "number")).collect();
    let rows = choices.byte();
    let format = Format {
        name: "any".to_owned(),
        register: "customers".to_owned(),
        layout,
        encoding,
        record,
        columns,
        header_lines: u32::from(rows & 1),
        skip_lines: u32::from(rows >> 1) % 4,
        ..Format::default()
    };
    let small = Limits {
        line: 400,
        field: 60,
        columns: 8,
        unpacked: 4 << 20,
        ratio: 50,
        entries: 20,
        ..Limits::default()
    };
    let limits = if choices.byte() < 128 { small } else { Limits { unpacked: 4 << 20, ..Limits::default() } };
    match erpfile::prepare(choices.0.to_vec(), &format, limits) {
        Ok(prepared) => read(&prepared, &format, limits),
        Err(damage) => words::check(&damage.0),
    }
}

fn read(prepared: &[u8], format: &Format, limits: Limits) {
    assert!(prepared.len() as u64 <= 8 * limits.unpacked, "what is prepared stays within bounds");
    let mut reader = match Reader::new(prepared, format, limits) {
        Ok(reader) => reader,
        Err(ReadError::Damage(damage)) => return words::check(&damage.0),
        Err(ReadError::Io(error)) => unreachable!("bytes in memory can be read: {error}"),
    };
    let mut parser = reader.record_parser();
    let (mut row, mut again, mut line) = (Row::default(), Row::default(), 0);
    loop {
        match reader.read(&mut row) {
            Ok(true) => {}
            Ok(false) => return,
            Err(ReadError::Damage(damage)) => return words::check(&damage.0),
            Err(ReadError::Io(error)) => unreachable!("bytes in memory can be read: {error}"),
        }
        assert!(row.line >= line, "lines follow each other");
        line = row.line;
        let start = usize::try_from(row.offset).unwrap_or(usize::MAX);
        assert_eq!(prepared.get(start..start + row.raw().len()), Some(row.raw()), "it lies where it says");
        assert!(row.len() <= limits.columns, "{row:?}");
        let parsed = parser.parse(row.raw(), row.line, &mut again);
        assert!(parsed.is_ok(), "{parsed:?}");
        assert!(again.cells().eq(row.cells()) && again.problems == row.problems, "{row:?} {again:?}");
        row.problems.iter().for_each(words::check);
    }
}
