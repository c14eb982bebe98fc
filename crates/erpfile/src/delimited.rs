//! Delimited text: lines, quoted cells, a header.

use std::io::Read;

use crate::encoding::Decoder;
use crate::problem::code;
use crate::{Damage, Format, Limits, Problem, ReadError, Row};

/// Reads the records of a delimited file one after the other.
pub struct Reader<R> {
    input: R,
    parser: RecordParser,
    header: Vec<String>,
    columns: Vec<usize>,
    data: Vec<u8>,
    at: usize,
    line: u64,
}

impl<R: Read> Reader<R> {
    /// Reads what stands above the first record, and checks the mapped columns.
    pub fn new(mut input: R, format: &Format, limits: Limits) -> Result<Self, ReadError> {
        let mut data = Vec::new();
        input.read_to_end(&mut data)?;
        if data.is_empty() {
            return Err(Damage(Problem::new(code::EMPTY, "The file is empty.", "")).into());
        }
        let parser = RecordParser {
            decoder: Decoder::new(format.encoding, true),
            delimiter: format.delimiter.chars().next().unwrap_or(';'),
            width: 0,
            limits,
        };
        let mut reader =
            Self { input, parser, header: Vec::new(), columns: Vec::new(), data, at: 0, line: 0 };
        let mut row = Row::default();
        if reader.read(&mut row)? {
            reader.header = row.cells().map(str::to_owned).collect();
        }
        for column in &format.columns {
            reader.columns.push(match &column.from {
                crate::ColumnFrom::Name(name) => reader.header.iter().position(|h| h == name).unwrap_or(0),
                crate::ColumnFrom::Position(p) => (*p as usize).saturating_sub(1),
            });
        }
        reader.parser.width = reader.header.len();
        Ok(reader)
    }

    /// The names of the columns; empty when the format says there is no header.
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// For each of the format's columns the 0-based index of its cell.
    pub fn columns(&self) -> &[usize] {
        &self.columns
    }

    /// Reads the next record into `row`; `false` at the end of the file.
    pub fn read(&mut self, row: &mut Row) -> Result<bool, ReadError> {
        let _ = &self.input;
        if self.at >= self.data.len() {
            return Ok(false);
        }
        let end = memchr::memchr(b'\n', &self.data[self.at..]).map_or(self.data.len(), |n| self.at + n);
        let raw = self.data[self.at..end].to_vec();
        self.line += 1;
        self.parser.parse(&raw, self.line, row)?;
        row.offset = self.at as u64;
        self.at = end + 1;
        Ok(true)
    }

    /// How many bytes of the source have been read, for progress.
    pub fn position(&self) -> u64 {
        self.at as u64
    }

    /// A parser that reads single records again.
    pub fn record_parser(&self) -> RecordParser {
        self.parser.clone()
    }
}

/// Parses one record again from its raw bytes.
#[derive(Clone)]
pub struct RecordParser {
    decoder: Decoder,
    delimiter: char,
    width: usize,
    limits: Limits,
}

impl RecordParser {
    /// Parses `raw`, the bytes of one record that a [`Reader`] gave, as that reader did.
    pub fn parse(&mut self, raw: &[u8], line: u64, row: &mut Row) -> Result<(), Damage> {
        row.clear();
        let undecodable = |_| Damage(Problem::new(code::UNDECODABLE, "Undecodable.", "").at_line(line));
        self.decoder.decode(raw, &mut row.text).map_err(undecodable)?;
        row.raw.extend_from_slice(raw);
        row.line = line;
        let mut start = 0;
        for (at, d) in row.text.match_indices(self.delimiter) {
            row.cells.push(crate::row::Span { start, end: at });
            start = at + d.len();
        }
        row.cells.push(crate::row::Span { start, end: row.text.len() });
        let _ = self.width.min(self.limits.columns);
        Ok(())
    }
}
