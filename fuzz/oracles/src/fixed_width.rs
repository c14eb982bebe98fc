//! Fixed width: whatever the bytes, each cell is what stands at its positions, without the blanks around it.

use erpfile::{
    CellRange, Column, ColumnFrom, Format, Layout, Limits, PositionsIn, ReadError, Reader, Row, code,
};

use crate::bytes::Choices;
use crate::words;

/// Nine bytes choose the cells and what positions count; the rest is a file in UTF-8.
pub fn check(input: &[u8]) {
    let mut choices = Choices(input);
    let cells: Vec<CellRange> = (0..1 + choices.below(3))
        .map(|_| {
            let first = 1 + u32::from(choices.byte() % 12);
            let length = u32::from(choices.byte() % 9);
            CellRange { first, last: length.checked_sub(1).map(|more| first + more) }
        })
        .collect();
    let positions_in = choices.one(PositionsIn::ALL);
    let format = Format {
        name: "any".to_owned(),
        register: "customers".to_owned(),
        layout: Layout::FixedWidth,
        header_lines: 0,
        columns: vec![Column::new(ColumnFrom::Position(1), "number")],
        cells,
        positions_in,
        ..Format::default()
    };
    let file = choices.0;
    let mut reader = match Reader::new(file, &format, Limits::default()) {
        Ok(reader) => reader,
        Err(ReadError::Damage(damage)) => return words::check(&damage.0),
        Err(ReadError::Io(error)) => unreachable!("bytes in memory can be read: {error}"),
    };
    let mut parser = reader.record_parser();
    let (mut row, mut again) = (Row::default(), Row::default());
    loop {
        match reader.read(&mut row) {
            Ok(true) => {}
            Ok(false) => return,
            Err(ReadError::Damage(damage)) => return words::check(&damage.0),
            Err(ReadError::Io(error)) => unreachable!("bytes in memory can be read: {error}"),
        }
        let start = usize::try_from(row.offset).unwrap_or(usize::MAX);
        assert_eq!(file.get(start..start + row.raw().len()), Some(row.raw()), "it lies where it says");
        row.problems.iter().for_each(words::check);
        let whole = row.problems.iter().all(|problem| problem.code != code::CUT_CHARACTER);
        for (index, range) in format.cells.iter().enumerate().filter(|_| whole) {
            let expected = plain(row.raw(), *range, positions_in);
            assert_eq!(row.cell(index).unwrap_or_default(), expected, "cell {index} of {row:?}");
        }
        let parsed = parser.parse(row.raw(), row.line, &mut again);
        assert!(parsed.is_ok(), "{parsed:?}");
        assert!(again.cells().eq(row.cells()) && again.problems == row.problems, "{row:?} {again:?}");
    }
}

/// A second, plain reading: the characters that begin at the positions, however many bytes they have.
fn plain(raw: &[u8], range: CellRange, positions_in: PositionsIn) -> String {
    let text = String::from_utf8_lossy(raw);
    let last = range.last.unwrap_or(u32::MAX) as usize;
    let mut position = 1;
    let mut cell = String::new();
    for c in text.chars() {
        let size = if positions_in == PositionsIn::Bytes { c.len_utf8() } else { 1 };
        if position >= range.first as usize && position <= last {
            cell.push(c);
        }
        position += size;
    }
    cell.trim_matches(' ').to_owned()
}
