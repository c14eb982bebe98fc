//! Which cells of an .xls sheet have a number format that shows zeros, since what reads their values does not tell.
//!
//! A workbook of this kind is a stream of records, each a type, a length and its bytes, as [MS-XLS] describes them: first
//! those of the whole workbook, among them the number formats, the styles that use them and where each sheet begins; then
//! those of each sheet.
//!
//! [MS-XLS]: https://learn.microsoft.com/en-us/openspecs/office_file_formats/ms-xls/

use std::collections::HashMap;
use std::io::{Read, Seek};

use cfb::CompoundFile;

use super::StageError;
use super::excel::damaged_book;
use super::number_format::Zeros;

// The types of the records that are looked at.
const EOF: u16 = 0x000A;
const BOUNDSHEET: u16 = 0x0085;
const FORMAT: u16 = 0x041E;
const XF: u16 = 0x00E0;
const FORMULA: u16 = 0x0006;
const NUMBER: u16 = 0x0203;
const RK: u16 = 0x027E;
const MULRK: u16 = 0x00BD;
const BOF: u16 = 0x0809;

/// The version that the first record of workbooks since Excel 97 names.
const BIFF8: u16 = 0x0600;

/// The cells of one sheet whose numbers are shown with zeros.
pub(super) struct ShownZeros {
    /// For each style the zeros that it shows.
    styles: Vec<Option<Zeros>>,
    /// The style of each cell that has one of those, by row and column, both from 0.
    cells: HashMap<(u16, u16), u16>,
}

impl ShownZeros {
    /// How a cell shows its number; `None` where that is as it stands.
    pub(super) fn of(&self, row: u32, column: u32) -> Option<&Zeros> {
        let place = (u16::try_from(row).ok()?, u16::try_from(column).ok()?);
        self.style(*self.cells.get(&place)?)
    }

    fn style(&self, style: u16) -> Option<&Zeros> {
        self.styles.get(usize::from(style))?.as_ref()
    }

    fn cell(&mut self, row: u16, column: u16, style: u16) {
        if self.style(style).is_some() {
            self.cells.insert((row, column), style);
        }
    }
}

/// Those of the sheet at a place among all sheets, from 0.
///
/// # Errors
/// When the workbook is damaged.
pub(super) fn of_sheet<R: Read + Seek>(source: R, place: usize) -> Result<ShownZeros, StageError> {
    let damaged = |error: std::io::Error| StageError::from(damaged_book(&error.to_string()));
    let mut file = CompoundFile::open(source).map_err(damaged)?;
    let name = ["/Workbook", "/Book"].into_iter().find(|name| file.is_stream(name));
    let Some(name) = name else { return Err(damaged_book("it has no part that is called Workbook").into()) };
    let mut stream = Vec::new();
    file.open_stream(name).and_then(|mut part| part.read_to_end(&mut stream)).map_err(damaged)?;
    let (styles, sheet) = whole(&stream, place);
    let mut shown = ShownZeros { styles, cells: HashMap::new() };
    if shown.styles.iter().any(Option::is_some) {
        let Some(sheet) = sheet else { return Err(damaged_book("a sheet of it is nowhere").into()) };
        for (kind, record) in Records(stream.get(sheet..).unwrap_or_default()) {
            cells(&mut shown, kind, record);
        }
    }
    Ok(shown)
}

/// What the records of the whole workbook say: the zeros of each style, and where the sheet begins.
fn whole(stream: &[u8], place: usize) -> (Vec<Option<Zeros>>, Option<usize>) {
    let (mut formats, mut styles, mut sheets) = (HashMap::new(), Vec::new(), Vec::new());
    let mut wide = true;
    for (kind, record) in Records(stream) {
        match kind {
            BOF => wide = number(record, 0) == Some(BIFF8),
            FORMAT => {
                let zeros =
                    text(record.get(2..).unwrap_or_default(), wide).and_then(|code| Zeros::new(&code));
                if let (Some(format), Some(zeros)) = (number(record, 0), zeros) {
                    formats.insert(format, zeros);
                }
            }
            XF => styles.push(number(record, 2)),
            BOUNDSHEET => {
                sheets.push(record.get(..4).map(|at| u32::from_le_bytes([at[0], at[1], at[2], at[3]])))
            }
            _ => {}
        }
    }
    let styles = styles.into_iter().map(|format| formats.get(&format?).cloned()).collect();
    let sheet = sheets.get(place).copied().flatten().and_then(|at| usize::try_from(at).ok());
    (styles, sheet)
}

/// Notes the cells of a record that have a number.
fn cells(shown: &mut ShownZeros, kind: u16, record: &[u8]) {
    let (Some(row), Some(first)) = (number(record, 0), number(record, 2)) else { return };
    match kind {
        NUMBER | RK | FORMULA => {
            if let Some(style) = number(record, 4) {
                shown.cell(row, first, style);
            }
        }
        MULRK => {
            // Each cell has a style and four bytes of number; behind them is the number of the last column.
            let each = record.get(4..record.len().saturating_sub(2)).unwrap_or_default().chunks_exact(6);
            for (column, cell) in (first..).zip(each) {
                shown.cell(row, column, u16::from_le_bytes([cell[0], cell[1]]));
            }
        }
        _ => {}
    }
}

/// A text behind its length: since Excel 97 a byte then says whether each character has two bytes.
fn text(record: &[u8], wide: bool) -> Option<String> {
    if !wide {
        let length = usize::from(*record.first()?);
        return Some(record.get(1..1 + length)?.iter().copied().map(char::from).collect());
    }
    let length = usize::from(number(record, 0)?);
    match record.get(2)? & 1 {
        0 => Some(record.get(3..3 + length)?.iter().copied().map(char::from).collect()),
        _ => {
            let units = record
                .get(3..3 + 2 * length)?
                .chunks_exact(2)
                .map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
            Some(char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect())
        }
    }
}

fn number(record: &[u8], at: usize) -> Option<u16> {
    record.get(at..at + 2).map(|bytes| u16::from_le_bytes([bytes[0], bytes[1]]))
}

/// The records of a part of the stream, up to its end mark, each with its type.
struct Records<'a>(&'a [u8]);

impl<'a> Iterator for Records<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (kind, length) = (number(self.0, 0)?, usize::from(number(self.0, 2)?));
        let record = self.0.get(4..4 + length)?;
        self.0 = &self.0[4 + length..];
        (kind != EOF).then_some((kind, record))
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use super::*;

    fn record(kind: u16, parts: &[&[u8]]) -> Vec<u8> {
        let bytes = parts.concat();
        let length = u16::try_from(bytes.len()).unwrap();
        [&kind.to_le_bytes()[..], &length.to_le_bytes(), &bytes].concat()
    }

    fn words(words: &[u16]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    /// A workbook of two sheets whose second one has numbers in these records.
    fn book(version: u16, cells: &[Vec<u8>]) -> Vec<u8> {
        let code: &[u8] = if version == BIFF8 { b"\x04\x00\x000000" } else { b"\x040000" };
        let begin = record(BOF, &[&words(&[version, 5, 0, 0, 0, 0, 0, 0])]);
        let styles = [
            record(FORMAT, &[&words(&[164]), code]),
            record(XF, &[&words(&[0, 0, 0])]),
            record(XF, &[&words(&[0, 164, 0])]),
        ]
        .concat();
        let bound =
            |at: usize| record(BOUNDSHEET, &[&u32::try_from(at).unwrap().to_le_bytes(), &[0, 0, 1, 0, b'A']]);
        let first = begin.len() + styles.len() + 2 * bound(0).len() + 4;
        let sheet = [begin.clone(), record(EOF, &[])].concat();
        let whole =
            [begin.clone(), styles, bound(first), bound(first + sheet.len()), record(EOF, &[])].concat();
        let stream = [whole, sheet, begin, cells.concat(), record(EOF, &[])].concat();
        let mut file = CompoundFile::create(Cursor::new(Vec::new())).unwrap();
        let name = if version == BIFF8 { "/Workbook" } else { "/Book" };
        file.create_stream(name).unwrap().write_all(&stream).unwrap();
        file.into_inner().into_inner()
    }

    #[test]
    fn cells_are_shown_with_zeros_whatever_record_they_are_in() {
        let cells = [
            record(NUMBER, &[&words(&[1, 0, 1]), &155.0_f64.to_le_bytes()]),
            record(RK, &[&words(&[2, 3, 1]), &[0; 4]]),
            record(RK, &[&words(&[2, 4, 0]), &[0; 4]]),
            record(MULRK, &[&words(&[5, 1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 3])]),
            record(FORMULA, &[&words(&[7, 2, 1]), &[0; 14]]),
        ];
        for version in [BIFF8, 0x0500] {
            let shown = of_sheet(Cursor::new(book(version, &cells)), 1).unwrap();
            let mut places: Vec<(u16, u16)> = shown.cells.keys().copied().collect();
            places.sort_unstable();
            assert_eq!(places, [(1, 0), (2, 3), (5, 1), (5, 3), (7, 2)], "{version:x}");
            assert_eq!(shown.of(1, 0).and_then(|zeros| zeros.text(155.0)).as_deref(), Some("0155"));
            assert!(shown.of(2, 4).is_none());
            assert!(of_sheet(Cursor::new(book(version, &cells)), 0).unwrap().cells.is_empty());
        }
        assert!(of_sheet(Cursor::new(book(BIFF8, &cells)), 2).is_err());
        assert!(of_sheet(Cursor::new(b"\xD0\xCF\x11\xE0 and no more".to_vec()), 0).is_err());
    }
}
