//! Delimited text: a record a line, or more where a quoted cell holds line ends.

mod damage;
mod header;
mod lines;
mod mend;
mod realign;
mod record;
mod sign;
mod split;
#[cfg(test)]
mod tests;
mod undoubled;
mod width;

use std::io::Read;

use self::damage::OpenEnd;
use self::lines::{Line, Lines, Next, Unit};
use self::realign::Columns;
use self::record::Place;
use self::width::Width;
use crate::encoding;
use crate::fixed_width::Cutter;
use crate::reader::{Known, Step};
use crate::table::Table;
use crate::trailer::TrailerCheck;
use crate::{Damage, Format, Layout, Limits, LineEnds, Problem, ReadError, Row, Shape};

pub(crate) use self::damage::{name_delimiter, undecodable_at, unreadable};
pub use self::header::plain_column_name;
pub(crate) use self::header::{join, resolve};
pub(crate) use self::record::RecordParser;

/// Reads the records of a delimited file one after the other, however long it is.
///
/// A line ends with LF or CR LF, or with CR alone where the first 64 KiB have no LF or the format says so. Lines that
/// hold nothing but blanks are passed over, but counted. A record whose quote is left open goes on in the next
/// line; if it turns out that the quote was a stray one, its line alone is refused and reading goes on with
/// the line after it, so that it never takes the next record with it.
pub(crate) struct Reader<R> {
    lines: Lines<R>,
    parser: RecordParser,
    limits: Limits,
    header: Vec<String>,
    columns: Vec<Vec<usize>>,
    /// The physical lines that have been read.
    line: u64,
    /// The number of cells of the row before, which shows whether the rows end with a delimiter.
    usual: Option<usize>,
    /// Which records are rows.
    table: Table,
    /// What the last line must say, if anything.
    trailer: Option<TrailerCheck>,
    /// At fixed positions: the length that all lines so far have, in positions, if they have one length.
    steady: Option<usize>,
    /// The row before when it was passed over unread; empty when it was read.
    passed: Vec<u8>,
    /// See [`crate::Reader::least_head`].
    head: Vec<u8>,
    /// Lines below the header that are in `head`.
    below: u32,
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
    pub(crate) fn new(
        input: R,
        format: &Format,
        limits: Limits,
        shapes: &[Shape],
    ) -> Result<Self, ReadError> {
        if let Some(damage) = damage::unreadable(format) {
            return Err(damage.into());
        }
        let mut lines = Lines::new(input, limits.line)?;
        let head = lines.head();
        damage::refuse_empty(head)?;
        damage::refuse_known_binary(head)?;
        let (decoder, mark) = encoding::start(format.encoding, head)?;
        damage::refuse_empty(&head[mark..])?;
        let unit = Unit::of(&decoder);
        if unit == Unit::Byte {
            damage::refuse_control_codes(head, &format.delimiter)?;
        }
        let least = head[..mark].to_vec();
        lines.begin(mark, unit, format.line_ends == LineEnds::Any);
        let parser = RecordParser::new(format, decoder, lines.lone_cr(), limits);
        let (header, columns, table) = (Vec::new(), Vec::new(), Table::new(format));
        let (usual, trailer, steady, damage) = (None, None, None, None);
        let mut reader = Self {
            lines,
            parser,
            limits,
            header,
            columns,
            line: 0,
            usual,
            table,
            trailer,
            steady,
            passed: Vec::new(),
            head: least,
            below: 0,
            damage,
        };
        reader.skip(format.skip_lines)?;
        if !format.section.is_empty() {
            let end = if reader.lines.lone_cr() { "\r" } else { "\n" };
            let line = format.encoding.encode(&format!("{}{end}", format.section));
            reader.head.extend_from_slice(&line.unwrap_or_default());
        }
        if format.header_lines == 0 {
            reader.look_at_first_row(format)?;
        } else {
            reader.read_header(format)?;
        }
        let columns = Columns::new(&reader.columns, shapes);
        if columns.are_known() {
            let usual_surplus = reader.usual_surplus(&columns);
            reader.parser.set_columns(columns, usual_surplus);
        }
        Ok(reader)
    }

    /// The names of the columns as they stand in the file; empty when the format says that there are none.
    pub(crate) fn header(&self) -> &[String] {
        &self.header
    }

    /// For each of the format's columns the 0-based indexes of its cells.
    pub(crate) fn columns(&self) -> &[Vec<usize>] {
        &self.columns
    }

    /// Reads the next record into `row`; `false` at the end of the file.
    ///
    /// A row that cannot be taken has [`Row::problems`]; its cells are then a best guess for showing.
    ///
    /// # Errors
    /// Damage to the structure of the file (the same again on every further call), or a failing source
    /// (which may be tried again).
    pub(crate) fn read(&mut self, row: &mut Row, known: Option<Known<'_>>) -> Result<Step, ReadError> {
        if let Some(damage) = &self.damage {
            return Err(damage.clone().into());
        }
        let result = self.next(row, known);
        match &result {
            Err(ReadError::Damage(damage)) => self.damage = Some(damage.clone()),
            Err(ReadError::Io(_)) => self.lines.rewind(0),
            Ok(_) => {}
        }
        result
    }

    /// What of the file, besides its rows, decides how they are read.
    pub(crate) fn conditions(&self) -> String {
        format!("{:?} {:?} {}", self.header, self.columns, self.parser.conditions())
    }

    /// What the trailer has proved of the file that has been read to its end; `None` when its format has no trailer.
    pub(crate) fn trailer(&self) -> Option<&str> {
        self.trailer.as_ref().map(TrailerCheck::proof)
    }

    /// What of the file was left out, as far as it has been read.
    pub(crate) fn notes(&self) -> Vec<Problem> {
        self.table.notes()
    }

    /// The least that must stand above the rows, as far as the file has been read.
    pub(crate) fn least_head(&self) -> Vec<u8> {
        self.head.clone()
    }

    /// How many bytes of the source have been read as rows, for progress.
    pub(crate) fn position(&self) -> u64 {
        self.lines.position()
    }

    /// A parser that reads single records of this file again.
    pub(crate) fn record_parser(&self) -> RecordParser {
        self.parser.clone()
    }

    fn skip(&mut self, count: u32) -> Result<(), ReadError> {
        for _ in 0..count {
            self.lines.begin_record();
            match self.lines.next_line()? {
                Next::Line(line) => {
                    self.head.extend_from_slice(self.lines.bytes(line.content.end..line.next));
                    self.line += 1;
                }
                Next::End => return Err(damage::header_missing(self.line, count).into()),
                Next::TooLong => return Err(damage::line_too_long(&self.limits, self.line + 1).into()),
            }
        }
        Ok(())
    }

    /// Reads the records that name the columns, and joins what stands in one column.
    fn read_header(&mut self, format: &Format) -> Result<(), ReadError> {
        let mut row = Row::default();
        let mut first_line = 0;
        for number in 0..format.header_lines {
            let Some(last) = self.record(&mut row)? else {
                self.table.finish()?;
                return Err(damage::header_missing(self.line, format.skip_lines).into());
            };
            self.refuse_incomplete(&row, &last)?;
            if let Some(problem) = row.problems.pop() {
                return Err(Damage::from(problem).into());
            }
            self.table.header_line(&row);
            self.head.extend_from_slice(self.lines.bytes(0..last.next));
            let cells = cells_of(&row, format);
            if number == 0 {
                (self.header, first_line) = (cells, row.line);
            } else {
                join(&mut self.header, cells);
            }
        }
        self.table.header_ends();
        let places = header::resolve(format, &self.header, first_line)?;
        self.columns = places.columns;
        self.trailer = TrailerCheck::new(format, places.total);
        // Some systems end each line with a delimiter, some only the header, and some leave out empty cells
        // at the end: columns without a name may be absent unless they are mapped.
        let named = self.header.iter().rposition(|name| !name.is_empty());
        let needed = self.columns.iter().flatten().copied().chain(named).max().map_or(0, |last| last + 1);
        self.set_width(needed, self.header.len(), "header");
        Ok(())
    }

    /// Without a header the first row says how many cells each should have.
    fn look_at_first_row(&mut self, format: &Format) -> Result<(), ReadError> {
        let mut row = Row::default();
        self.trailer = TrailerCheck::new(format, None);
        let any = self.record(&mut row)?.is_some();
        if any {
            self.lines.rewind(0);
            self.line = row.line - 1;
        }
        if !any || self.trailer.as_ref().is_some_and(|trailer| trailer.is(&row)) {
            // There is nothing that could have the columns.
            self.columns = format.columns.iter().map(|column| vec![0; column.from.len().min(1)]).collect();
            self.trailer = TrailerCheck::new(format, Some(0));
            return Ok(());
        }
        let cells = cells_of(&row, format);
        let places = header::resolve(format, &cells, row.line)?;
        self.columns = places.columns;
        self.trailer = TrailerCheck::new(format, places.total);
        self.set_width(cells.len(), cells.len(), "first row");
        Ok(())
    }

    fn next(&mut self, row: &mut Row, known: Option<Known<'_>>) -> Result<Step, ReadError> {
        if let Some(known) = known
            && self.pass(row, known)?
        {
            return Ok(Step::Known);
        }
        Ok(if self.row(row)? { Step::Row } else { Step::End })
    }

    /// Passes over the next line if it is known to be a row by itself; whether it was.
    fn pass(&mut self, row: &mut Row, known: Known<'_>) -> Result<bool, ReadError> {
        if self.trailer.is_some() || !self.table.is_among_rows() {
            return Ok(false);
        }
        self.lines.begin_record();
        let line = match self.lines.next_line()? {
            Next::Line(line) if line.ended => line,
            _ => {
                self.lines.rewind(0);
                return Ok(false);
            }
        };
        let bytes = self.lines.bytes(line.content);
        let mut steady = None;
        if let Some(cutter) = self.parser.splitter().cutter() {
            let positions = |characters| cutter.positions(bytes.len(), characters);
            steady = self.parser.characters(bytes).and_then(positions);
            if steady.is_none() {
                self.lines.rewind(0);
                return Ok(false);
            }
        }
        if !known(bytes) {
            self.lines.rewind(0);
            return Ok(false);
        }
        row.clear();
        row.line = self.line + 1;
        row.offset = self.lines.offset();
        self.passed.clear();
        self.passed.extend_from_slice(bytes);
        if let Some(length) = steady {
            self.note_length(length);
            // Known rows have no problems, and so a number of cells: see `refuse_incomplete`.
            self.usual = Some(0);
        }
        self.line += 1;
        self.table.passed();
        Ok(true)
    }

    /// At fixed positions: whether all lines have one length.
    fn note_length(&mut self, length: usize) {
        self.steady = match self.usual {
            None => Some(length),
            Some(_) => self.steady.filter(|steady| *steady == length),
        };
    }

    /// Reads the next record that is a row.
    fn row(&mut self, row: &mut Row) -> Result<bool, ReadError> {
        loop {
            let Some(last) = self.record(row)? else {
                self.table.finish()?;
                if let Some(trailer) = &mut self.trailer {
                    trailer.end(self.line)?;
                }
                return Ok(false);
            };
            let judged = self.trailer.as_ref().is_some_and(|trailer| trailer.judges(row));
            let below = self.table.is_below_header() && self.below < self.table.lines_below_header();
            if !judged && !self.table.takes(row)? {
                if below {
                    self.below += 1;
                    self.head.extend_from_slice(self.lines.bytes(0..last.next));
                }
                continue;
            }
            self.refuse_incomplete(row, &last)?;
            self.passed.clear();
            let Some(trailer) = &mut self.trailer else { return Ok(true) };
            if trailer.take(row)? {
                return Ok(true);
            }
        }
    }

    /// At fixed positions cells at the end may be left out, and what stands behind the last one is too much.
    fn set_width(&mut self, least: usize, most: usize, by: &'static str) {
        let least = if self.parser.splitter().cutter().is_some() { 0 } else { least };
        self.parser.set_width(Width { least, most, by });
    }

    /// Reads the next record that is not passed over; gives its last line.
    fn record(&mut self, row: &mut Row) -> Result<Option<Line>, ReadError> {
        loop {
            self.lines.begin_record();
            self.begin(row);
            let first = match self.lines.next_line()? {
                Next::Line(first) => first,
                Next::End => return Ok(None),
                Next::TooLong => return Err(damage::line_too_long(&self.limits, row.line).into()),
            };
            self.take(&first, row.line, row)?;
            if is_blank(&row.text, &self.parser, first.ended) {
                self.table.blank();
                self.line = row.line;
                continue;
            }
            let is_trailer = self.trailer.as_ref().is_some_and(|trailer| trailer.is(row));
            if !is_trailer && !self.table.selects(row) {
                self.line = row.line;
                continue;
            }
            let alone =
                first.ended && !self.parser.open() && !self.parser.stray() && !self.parser.is_too_narrow(row);
            let (last, last_line) =
                if self.parser.open() { self.join(first, row)? } else { (first, row.line) };
            let (last, last_line) = if self.parser.is_too_narrow(row) {
                self.mend(last, last_line, row)?
            } else {
                (last, last_line)
            };
            self.parser.finish(row);
            // One without a digit says something of the rows below, too: see `Table`.
            row.alone =
                alone && row.problems.is_empty() && row.text.bytes().any(|byte| byte.is_ascii_digit());
            row.raw.extend_from_slice(self.lines.bytes(0..last.content.end));
            self.line = last_line;
            return Ok(Some(last));
        }
    }

    fn begin(&mut self, row: &mut Row) {
        self.parser.begin(row);
        row.line = self.line + 1;
        row.offset = self.lines.offset();
    }

    fn take(&mut self, line: &Line, number: u64, row: &mut Row) -> Result<(), Damage> {
        let offset = self.lines.offset() + line.content.start as u64;
        let place = Place { line: number, offset: Some(offset), last: !line.ended };
        self.parser.take(self.lines.bytes(line.content.clone()), place, row)
    }

    /// Adds lines to the record until its quotes are closed; gives the last line and its number.
    fn join(&mut self, first: Line, row: &mut Row) -> Result<(Line, u64), ReadError> {
        let mut last = first.clone();
        let mut number = row.line;
        while self.parser.open() {
            self.parser.take_line_end(self.lines.bytes(last.content.end..last.next), row);
            let (end, number_there) = match self.lines.next_line()? {
                Next::Line(next) => {
                    number += 1;
                    self.take(&next, number, row)?;
                    last = next;
                    continue;
                }
                Next::End if !self.parser.quote_open() => return self.first_alone(first, row),
                Next::End => (OpenEnd::File, number),
                Next::TooLong if !self.parser.quote_open() => return self.first_alone(first, row),
                Next::TooLong => (OpenEnd::RecordLimit(self.limits.line), number + 1),
            };
            return Err(damage::quote_not_closed(self.parser.splitter(), row.len(), end, number_there).into());
        }
        // Too many cells show that an escape before a line end was a mere character; and lines that are all records of
        // their own, that a quote was.
        if self.parser.stray()
            || self.parser.was_escaped() && self.parser.is_too_wide(row)
            || self.parser.are_records(&row.text)
        {
            return self.first_alone(first, row);
        }
        Ok((last, number))
    }

    /// The quote or the escape that joined these lines was a stray one: its line is a row by itself.
    fn first_alone(&mut self, first: Line, row: &mut Row) -> Result<(Line, u64), ReadError> {
        self.lines.rewind(first.next);
        self.begin(row);
        self.take(&first, row.line, row)?;
        self.parser.give_up(row)?;
        Ok((first, row.line))
    }

    /// The number of cells of the row before.
    fn usual(&self) -> Result<Option<usize>, Damage> {
        if self.passed.is_empty() {
            return Ok(self.usual);
        }
        let mut row = Row::default();
        self.parser.clone().parse(&self.passed, self.line, &mut row)?;
        Ok(Some(row.len()))
    }

    /// Refuses a file that ends within a record.
    fn refuse_incomplete(&mut self, row: &Row, last: &Line) -> Result<(), Damage> {
        if let Some(trailer) = self.trailer.as_ref().filter(|trailer| trailer.is(row)) {
            return match last.ended || row.len() >= trailer.cells() {
                true => Ok(()),
                false => Err(damage::incomplete_record(row.line, row.len(), trailer.cells())),
            };
        }
        if let Some(width) = self.parser.width()
            && !last.ended
            && row.len() < self.usual()?.unwrap_or(width.most).clamp(width.least, width.most)
        {
            return Err(damage::incomplete_record(row.line, row.len(), width.most));
        }
        if let Some(length) = self.parser.splitter().cutter().map(Cutter::length) {
            // Lines that are all filled up to one length say how long the last one must be.
            if !last.ended && self.steady.is_some_and(|steady| length < steady) {
                return Err(damage::short_line(row.line, length, self.steady.unwrap_or_default()));
            }
            self.note_length(length);
        }
        if row.problems.is_empty() {
            self.usual = Some(row.len());
        }
        Ok(())
    }
}

/// The cells of a row; at fixed positions there are as many as the format has, however short the line is.
fn cells_of(row: &Row, format: &Format) -> Vec<String> {
    let mut cells: Vec<String> = row.cells().map(str::to_owned).collect();
    if format.layout == Layout::FixedWidth {
        cells.resize(format.cells.len(), String::new());
    }
    cells
}

/// Whether a line holds nothing: blanks, or at the end of the file the end mark of DOS (Ctrl-Z).
fn is_blank(text: &str, parser: &RecordParser, ended: bool) -> bool {
    let tab = || parser.splitter().delimiter().contains('\t');
    (!ended && text.trim_end_matches('\u{1A}').is_empty())
        || text.chars().all(|c| c == ' ' || c == '\t' && !tab())
}
