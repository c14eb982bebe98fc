//! Delimited text: a record a line, or more where a quoted cell holds line ends.

mod damage;
mod header;
mod lines;
mod record;
mod split;
#[cfg(test)]
mod tests;

use std::io::Read;

use self::lines::{Lines, Next, Unit};
use self::record::{Place, Width};
use crate::encoding::{self, Decoder};
use crate::{Damage, Format, Limits, ReadError, Row};

pub use self::record::RecordParser;

/// Reads the records of a delimited file one after the other, however long it is.
///
/// A line ends with LF or CR LF, or with CR alone where the first 64 KiB have no LF. Lines that hold
/// nothing but blanks are passed over, but counted. A record whose quote is left open goes on in the next
/// line; if it turns out that the quote was a stray one, its line alone is refused and reading goes on with
/// the line after it, so that it never takes the next record with it.
pub struct Reader<R> {
    lines: Lines<R>,
    parser: RecordParser,
    limits: Limits,
    header: Vec<String>,
    columns: Vec<usize>,
    /// The physical lines that have been read.
    line: u64,
    damage: Option<Damage>,
}

impl<R: Read> Reader<R> {
    /// Reads what stands above the first record and finds the mapped columns.
    ///
    /// A file with a header and nothing else is fine, and has no rows.
    ///
    /// # Errors
    /// Damage that shows at once: an empty or binary file, another encoding, no header, a mapped column
    /// that is missing or named twice, a wrong delimiter, or a format that cannot be used for reading
    /// (its other complaints do not matter here).
    pub fn new(input: R, format: &Format, limits: Limits) -> Result<Self, ReadError> {
        if let Some(damage) = damage::unreadable(format) {
            return Err(damage.into());
        }
        let mut lines = Lines::new(input, limits.line)?;
        let head = lines.head();
        damage::refuse_empty(head)?;
        damage::refuse_known_binary(head)?;
        let (decoder, mark) = encoding::start(format.encoding, head)?;
        damage::refuse_empty(&head[mark..])?;
        let unit = unit(&decoder);
        if unit == Unit::Byte {
            damage::refuse_control_codes(head, &format.delimiter)?;
        }
        lines.begin(mark, unit);
        let parser = RecordParser::new(format, decoder, lines.line_end(), limits);
        let (header, columns) = (Vec::new(), Vec::new());
        let mut reader = Self { lines, parser, limits, header, columns, line: 0, damage: None };
        reader.skip(format.skip_lines)?;
        if format.header_lines == 0 {
            reader.look_at_first_row(format)?;
        } else {
            reader.read_header(format)?;
        }
        Ok(reader)
    }

    /// The names of the columns as they stand in the file; empty when the format says that there are none.
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// For each of the format's columns the 0-based index of its cell.
    pub fn columns(&self) -> &[usize] {
        &self.columns
    }

    /// Reads the next record into `row`; `false` at the end of the file.
    ///
    /// A row that cannot be taken has [`Row::problems`]; its cells are then a best guess for showing.
    ///
    /// # Errors
    /// Damage to the structure of the file (the same again on every further call), or a failing source
    /// (which may be tried again).
    pub fn read(&mut self, row: &mut Row) -> Result<bool, ReadError> {
        if let Some(damage) = &self.damage {
            return Err(damage.clone().into());
        }
        let result = self.record(row);
        match &result {
            Err(ReadError::Damage(damage)) => self.damage = Some(damage.clone()),
            Err(ReadError::Io(_)) => self.lines.rewind(0),
            Ok(_) => {}
        }
        result
    }

    /// How many bytes of the source have been read as rows, for progress.
    pub fn position(&self) -> u64 {
        self.lines.position()
    }

    /// A parser that reads single records of this file again.
    pub fn record_parser(&self) -> RecordParser {
        self.parser.clone()
    }

    fn skip(&mut self, count: u32) -> Result<(), ReadError> {
        for _ in 0..count {
            self.lines.begin_record();
            match self.lines.next_line()? {
                Next::Line(_) => self.line += 1,
                Next::End => return Err(damage::header_missing(self.line, count).into()),
                Next::TooLong => return Err(damage::line_too_long(&self.limits, self.line + 1).into()),
            }
        }
        Ok(())
    }

    fn read_header(&mut self, format: &Format) -> Result<(), ReadError> {
        let mut row = Row::default();
        if !self.record(&mut row)? {
            return Err(damage::header_missing(self.line, format.skip_lines).into());
        }
        if let Some(problem) = row.problems.pop() {
            return Err(Damage::from(problem).into());
        }
        self.header = row.cells().map(str::to_owned).collect();
        // Some systems end each line with a delimiter, and some only the header or only the rows.
        let named = self.header.iter().rposition(|name| !name.is_empty()).map_or(0, |last| last + 1);
        self.columns = header::resolve(format, &self.header[..named], row.line)?;
        self.parser.set_width(Width { cells: named, by: "header" });
        Ok(())
    }

    /// Without a header the first row says how many cells each should have.
    fn look_at_first_row(&mut self, format: &Format) -> Result<(), ReadError> {
        let mut row = Row::default();
        if !self.record(&mut row)? {
            // There is nothing that could have the columns.
            self.columns = vec![0; format.columns.len()];
            return Ok(());
        }
        self.lines.rewind(0);
        self.line = row.line - 1;
        let cells: Vec<String> = row.cells().map(str::to_owned).collect();
        self.columns = header::resolve(format, &cells, row.line)?;
        self.parser.set_width(Width { cells: cells.len(), by: "first row" });
        Ok(())
    }

    fn record(&mut self, row: &mut Row) -> Result<bool, ReadError> {
        let Self { lines, parser, limits, line: lines_read, .. } = self;
        loop {
            lines.begin_record();
            let offset = lines.offset();
            let mut line = *lines_read + 1;
            parser.begin(row);
            (row.line, row.offset) = (line, offset);
            let first = match lines.next_line()? {
                Next::Line(first) => first,
                Next::End => return Ok(false),
                Next::TooLong => return Err(damage::line_too_long(limits, line).into()),
            };
            let place =
                |line, at: usize, ended: bool| Place { line, offset: Some(offset + at as u64), last: !ended };
            parser.take(lines.bytes(first.content.clone()), place(line, 0, first.ended), row)?;
            if is_blank(&row.text, parser, first.ended) {
                *lines_read = line;
                continue;
            }
            let mut last = first.clone();
            while parser.open() {
                parser.take_line_end(lines.bytes(last.content.end..last.next), row);
                last = match lines.next_line()? {
                    Next::Line(next) => next,
                    Next::End => {
                        let end = damage::OpenEnd::File;
                        return Err(damage::quote_not_closed(parser.splitter(), row.len(), end, line).into());
                    }
                    Next::TooLong => {
                        let end = damage::OpenEnd::RecordLimit(limits.line);
                        return Err(
                            damage::quote_not_closed(parser.splitter(), row.len(), end, line + 1).into()
                        );
                    }
                };
                line += 1;
                let content = last.content.clone();
                parser.take(lines.bytes(content.clone()), place(line, content.start, last.ended), row)?;
            }
            if parser.stray() && line > row.line {
                // The quote that joined these lines was a stray one: its line is a row by itself.
                lines.rewind(first.next);
                line = row.line;
                parser.begin(row);
                (row.line, row.offset) = (line, offset);
                parser.take(lines.bytes(first.content.clone()), place(line, 0, true), row)?;
                parser.give_up(row)?;
                last = first;
            }
            parser.finish(row);
            if let Some(width) = parser.width()
                && !last.ended
                && row.len() < width.cells
            {
                return Err(damage::incomplete_record(row.line, row.len(), width.cells).into());
            }
            row.raw.extend_from_slice(lines.bytes(0..last.content.end));
            *lines_read = line;
            return Ok(true);
        }
    }
}

/// Whether a line holds nothing: blanks, or at the end of the file the end mark of DOS (Ctrl-Z).
fn is_blank(text: &str, parser: &RecordParser, ended: bool) -> bool {
    let delimiter = parser.splitter().delimiter();
    (!ended && text == "\u{1A}") || text.chars().all(|c| c == ' ' || c == '\t' && delimiter != '\t')
}

fn unit(decoder: &Decoder) -> Unit {
    match decoder {
        Decoder::Utf16Le => Unit::Little,
        Decoder::Utf16Be => Unit::Big,
        Decoder::Utf8 | Decoder::Single(_) => Unit::Byte,
    }
}
