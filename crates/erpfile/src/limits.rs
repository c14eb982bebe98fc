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
        files_with("abcdefghijklmnopqrstuvwxyz", "x")
    }

    /// The same with these notes on its rows.
    fn files_with(first: &str, second: &str) -> Vec<(Format, Vec<u8>)> {
        let text = format!("number;name;notes\n1;Bager;{first}\n2;Smed;{second}\n");
        let wide = format!("number  name    notes\n1       Bager   {first}\n2       Smed    {second}\n");
        let xml = format!(
            "<a>\n<b><number>1</number><name>Bager</name><notes>{first}</notes></b>\n\
             <b><number>2</number><name>Smed</name><notes>{second}</notes></b>\n</a>"
        );
        let json = format!(
            "[{{\"number\":\"1\",\"name\":\"Bager\",\"notes\":\"{first}\"}},\n\
             {{\"number\":\"2\",\"name\":\"Smed\",\"notes\":\"{second}\"}}]"
        );
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        for (row, line) in (0_u32..).zip(text.lines()) {
            for (column, cell) in (0_u16..).zip(line.split(';')) {
                sheet.write_string(row, column, cell).unwrap();
            }
        }
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        gzip.write_all(text.as_bytes()).unwrap();
        let of = |layout| Format { layout, ..Format::default() };
        let cells: Vec<CellRange> = ["1-8", "9-16", "17-"].map(|range| range.parse().unwrap()).to_vec();
        vec![
            (of(Layout::Delimited), text.into_bytes()),
            (Format { cells, ..of(Layout::FixedWidth) }, wide.into_bytes()),
            (Format { record: "b".to_owned(), ..of(Layout::Xml) }, xml.into_bytes()),
            (of(Layout::Json), json.into_bytes()),
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
                let problem = read(&bytes, &format, limits).expect_err(key).0;
                assert!(problem.hint.contains(&format!("limits.{key} ")), "{what}, {key}: {problem}");
            }
        }
        let (format, packed) = files().pop().unwrap();
        let problem = read(&packed, &format, Limits { unpacked: 30, ..usual }).unwrap_err().0;
        assert!(problem.hint.contains("limits.unpacked "), "{problem}");
        let (format, book) = files().swap_remove(4);
        let problem = read(&book, &format, Limits { entries: 3, ..usual }).unwrap_err().0;
        assert!(problem.hint.contains("limits.entries "), "{problem}");
    }

    #[test]
    fn a_record_may_be_exactly_as_long_as_the_limit() {
        // Of the second and longer record: its line, its place and its texts.
        let longest = |format: &Format, bytes: &[u8]| match format.layout {
            Layout::Excel => "2SmedabcdefghijklmnopqrstuvwxyzÆØ".len(),
            Layout::Xml => {
                bytes.windows(4).rposition(|end| end == b"</b>").unwrap() + 4 - at(bytes, b"<b>", 2)
            }
            Layout::Json => bytes.iter().rposition(|byte| *byte == b'}').unwrap() + 1 - at(bytes, b"{", 2),
            _ => bytes.split(|byte| *byte == b'\n').nth(2).unwrap().len(),
        };
        fn at(bytes: &[u8], start: &[u8], time: usize) -> usize {
            let mut found = bytes.windows(start.len()).enumerate().filter(|(_, part)| *part == start);
            found.nth(time - 1).unwrap().0
        }
        for (format, bytes) in files_with("x", "abcdefghijklmnopqrstuvwxyzÆØ").into_iter().take(5) {
            let what = format.layout.word();
            let line = longest(&format, &bytes);
            let limits = |line| Limits { line, ..Limits::default() };
            assert_eq!(read(&bytes, &format, limits(line)), Ok(2), "{what}");
            let problem = read(&bytes, &format, limits(line - 1)).expect_err(what).0;
            let row = if matches!(format.layout, Layout::Json) { 2 } else { 3 };
            assert_eq!((problem.code.as_ref(), problem.line), (code::LINE_TOO_LONG, Some(row)), "{what}");
        }
    }
}
