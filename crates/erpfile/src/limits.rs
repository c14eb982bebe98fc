//! How much a file may ask of this machine.

use crate::problem::{Damage, Problem, code, size};

/// Upper bounds while a file is read; exceeding one is [`crate::Damage`], never a silent cut.
///
/// They bound memory: a reader holds one record, its cells, and a read buffer of at most `line` bytes and
/// a little more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The longest record, in bytes as they lie in the file, without its line end. Default 1 MiB.
    pub line: usize,
    /// The longest cell, in bytes of UTF-8 between its quotes. Default 64 KiB.
    pub field: usize,
    /// The most cells in one record, the header included. Default 1,000.
    pub columns: usize,
    /// The most bytes of a file, as it lies in its folder. Default 16 GiB.
    pub file: u64,
    /// The most rows of a file. Default 100 million.
    pub rows: u64,
    /// The most bytes that are unpacked from one compressed file. Default 4 GiB.
    pub unpacked: u64,
    /// How many times its own size a compressed file may hold, once that is more than a few MiB. Default 200.
    pub ratio: u64,
    /// The most files in one archive, and parts of a workbook. Default 1,000.
    pub entries: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            line: 1 << 20,
            field: 64 << 10,
            columns: 1000,
            file: 16 << 30,
            rows: 100_000_000,
            unpacked: 4 << 30,
            ratio: 200,
            entries: 1000,
        }
    }
}

impl Limits {
    /// Refuses a file of `bytes` bytes that is larger than it may be.
    ///
    /// # Errors
    /// The damage that says so.
    pub fn check_file(&self, bytes: u64) -> Result<(), Damage> {
        if bytes <= self.file {
            return Ok(());
        }
        let limit = usize::try_from(self.file).map_or_else(|_| format!("{} bytes", self.file), size);
        let message = format!("The file has {bytes} bytes; the most that is read is {limit}.");
        let hint = raise("Check that it is the right file.", "file");
        Err(Damage::from(Problem::new(code::FILE_TOO_LARGE, message, hint)))
    }

    /// Refuses a file whose row number `rows`, on `line`, is one too many.
    pub(crate) fn check_rows(&self, rows: u64, line: u64) -> Result<(), Damage> {
        if rows <= self.rows {
            return Ok(());
        }
        let message = format!("The file has more than {} rows, the most that are read.", self.rows);
        let hint = raise("Check that it is the right file.", "rows");
        Err(Damage::from(Problem::new(code::TOO_MANY_ROWS, message, hint).at_line(line)))
    }
}

/// What to do where a limit was met: to check what is usually wrong then, or to raise it.
pub(crate) fn raise(check: &str, key: &str) -> String {
    format!("{check} If the file is as it should be, raise limits.{key} in the settings file.")
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use super::*;
    use crate::{CellRange, Format, Layout, ReadError, Reader, Row, prepare};

    /// Three columns and two rows in every layout.
    fn files() -> Vec<(Format, Vec<u8>)> {
        let text = b"number;name;notes\n1;Bager;abcdefghijklmnopqrstuvwxyz\n2;Smed;x\n";
        let wide = b"number  name    notes\n1       Bager   abcdefghijklmnopqrstuvwxyz\n2       Smed    x\n";
        let xml =
            b"<a>\n<b><number>1</number><name>Bager</name><notes>abcdefghijklmnopqrstuvwxyz</notes></b>\n\
                    <b><number>2</number><name>Smed</name><notes>x</notes></b>\n</a>";
        let json = b"[{\"number\":\"1\",\"name\":\"Bager\",\"notes\":\"abcdefghijklmnopqrstuvwxyz\"},\n\
                     {\"number\":\"2\",\"name\":\"Smed\",\"notes\":\"x\"}]";
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        for (row, line) in (0_u32..).zip(str::from_utf8(text).unwrap().lines()) {
            for (column, cell) in (0_u16..).zip(line.split(';')) {
                sheet.write_string(row, column, cell).unwrap();
            }
        }
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        gzip.write_all(text).unwrap();
        let of = |layout| Format { layout, ..Format::default() };
        let cells: Vec<CellRange> = ["1-8", "9-16", "17-"].map(|range| range.parse().unwrap()).to_vec();
        vec![
            (of(Layout::Delimited), text.to_vec()),
            (Format { cells, ..of(Layout::FixedWidth) }, wide.to_vec()),
            (Format { record: "b".to_owned(), ..of(Layout::Xml) }, xml.to_vec()),
            (of(Layout::Json), json.to_vec()),
            (of(Layout::Excel), book.save_to_buffer().unwrap()),
            (of(Layout::Delimited), gzip.finish().unwrap()),
        ]
    }

    fn read(bytes: &[u8], format: &Format, limits: Limits) -> Result<u64, Damage> {
        let damage = |error| match error {
            ReadError::Damage(damage) => damage,
            ReadError::Io(error) => panic!("{error}"),
        };
        let prepared = prepare(bytes.to_vec(), format, limits)?;
        let mut reader = Reader::new(Cursor::new(prepared), format, limits).map_err(damage)?;
        let mut row = Row::default();
        let mut rows = 0;
        while reader.read(&mut row).map_err(damage)? {
            assert!(row.problems.is_empty(), "{:?}", row.problems);
            rows += 1;
        }
        Ok(rows)
    }

    #[test]
    fn every_limit_holds_in_every_layout_and_is_called_by_its_key() {
        let usual = Limits::default();
        let small = [
            ("line", Limits { line: 20, ..usual }),
            ("field", Limits { field: 20, ..usual }),
            ("columns", Limits { columns: 2, ..usual }),
            ("file", Limits { file: 30, ..usual }),
            ("rows", Limits { rows: 1, ..usual }),
        ];
        for (format, bytes) in files() {
            let what = format.layout.word();
            assert_eq!(read(&bytes, &format, usual), Ok(2), "{what}");
            for (key, limits) in small {
                // The cells of a workbook are bounded by the two others; a document that is in memory is not bounded again.
                let by_lines = matches!(format.layout, Layout::Delimited | Layout::FixedWidth);
                if key == "line" && !by_lines {
                    continue;
                }
                let problem = read(&bytes, &format, limits).expect_err(key).0;
                assert!(problem.hint.contains(&format!("limits.{key} ")), "{what}, {key}: {problem}");
            }
        }
        let (format, packed) = files().pop().unwrap();
        let problem = read(&packed, &format, Limits { unpacked: 30, ..usual }).unwrap_err().0;
        assert!(problem.hint.contains("limits.unpacked "), "{problem}");
    }
}
