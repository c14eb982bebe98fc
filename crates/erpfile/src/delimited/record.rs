//! One record: its bytes to cells, and what is wrong with it.

use memchr::memchr;

use super::damage;
use super::split::{Exceeded, Splitter};
use crate::encoding::Decoder;
use crate::fixed_width::Cutter;
use crate::problem::{Damage, Problem, code};
use crate::{Encoding, Format, Limits, Row};

/// Parses one record again from its raw bytes: a reference into a file is enough to have its cells back.
///
/// Made by [`crate::Reader::record_parser`], for records that this reader (or one of the same bytes and
/// format) has given.
#[derive(Clone, Debug)]
pub(crate) struct RecordParser {
    encoding: Encoding,
    decoder: Decoder,
    splitter: Splitter,
    width: Option<Width>,
    /// The last character of every line end.
    line_end: char,
    limits: Limits,
}

/// How many cells every record should have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Width {
    pub(super) least: usize,
    /// More than these must be empty.
    pub(super) most: usize,
    /// What says so: `header` or `first row`.
    pub(super) by: &'static str,
}

/// Where a piece of a record lies.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// Its physical line.
    pub(super) line: u64,
    /// Its place in the source; unknown when a record is parsed by itself.
    pub(super) offset: Option<u64>,
    /// Whether it is at the end of the file, without a line end.
    pub(super) last: bool,
}

impl RecordParser {
    pub(super) fn new(format: &Format, decoder: Decoder, line_end: char, limits: Limits) -> Self {
        let splitter = Splitter::new(format, limits);
        Self { encoding: format.encoding, decoder, splitter, width: None, line_end, limits }
    }

    /// Parses `raw`, which begins on physical line `line`, into `row`: its line, bytes, cells and problems
    /// are those that the reader gave. [`Row::offset`] is 0, since a record does not know its place.
    ///
    /// # Errors
    /// Only for bytes that no reader of this format gave as a record.
    pub(crate) fn parse(&mut self, raw: &[u8], line: u64, row: &mut Row) -> Result<(), Damage> {
        self.begin(row);
        row.line = line;
        self.take(raw, Place { line, offset: None, last: false }, row)?;
        if self.open() {
            self.give_up(row)?;
        }
        self.finish(row);
        row.raw.extend_from_slice(raw);
        Ok(())
    }

    pub(super) fn set_width(&mut self, width: Width) {
        self.width = Some(width);
    }

    pub(super) fn width(&self) -> Option<Width> {
        self.width
    }

    pub(super) fn splitter(&self) -> &Splitter {
        &self.splitter
    }

    pub(super) fn begin(&mut self, row: &mut Row) {
        row.clear();
        self.splitter.clear();
    }

    /// Whether a quote is open, so that the record goes on in the next line.
    pub(super) fn open(&self) -> bool {
        self.splitter.open()
    }

    /// Whether text follows a closing quote.
    pub(super) fn stray(&self) -> bool {
        self.splitter.stray().is_some()
    }

    /// Takes the content of the next physical line of the record.
    pub(super) fn take(&mut self, bytes: &[u8], place: Place, row: &mut Row) -> Result<(), Damage> {
        let before = row.text.len();
        let decoded = self.decoder.decode(bytes, &mut row.text);
        if let Some(nul) = memchr(0, &row.text.as_bytes()[before..]) {
            row.text.truncate(before + nul);
            let at = self.decoder.encoded_len(&row.text[before..]);
            let column = self.column_at_end(row, place.line);
            return Err(damage::nul(bytes, at, place, column));
        }
        if let Err(undecodable) = decoded {
            let column = self.column_at_end(row, place.line);
            let start = row.cells.last().map_or(0, |cell| cell.start);
            let seen = row.text.get(start..).unwrap_or_default();
            return Err(damage::undecodable(self.encoding, bytes, &undecodable, place, column, seen));
        }
        self.splitter.line(row, place.line).map_err(|exceeded| self.exceeded(exceeded, row, place))
    }

    /// Takes the line end between two physical lines of the record.
    pub(super) fn take_line_end(&mut self, bytes: &[u8], row: &mut Row) {
        // CR and LF are in every encoding.
        let _ = self.decoder.decode(bytes, &mut row.text);
    }

    /// Takes the quote that is open for text: its line is refused alone.
    pub(super) fn give_up(&mut self, row: &mut Row) -> Result<(), Damage> {
        let place = Place { line: row.line, offset: None, last: false };
        self.splitter.give_up(row).map_err(|exceeded| self.exceeded(exceeded, row, place))
    }

    /// Completes the cells and says what is wrong with the row.
    pub(super) fn finish(&mut self, row: &mut Row) {
        self.splitter.finish(row);
        if self.stray() {
            let problem = self.stray_quote(row);
            row.problems.push(problem);
        } else if let Some(cell) = self.splitter.cutter().and_then(Cutter::split) {
            row.problems.push(cut_character(row, cell));
        } else if let Some(width) = self.width
            && !(width.least..=width.most).contains(&row.len())
            && let Some(problem) = self.wrong_width(row, width)
        {
            row.problems.push(problem);
        }
    }

    fn stray_quote(&self, row: &Row) -> Problem {
        let quote = self.splitter.quote().unwrap_or('"');
        let cell = self.splitter.stray().map_or(0, |stray| stray.cell);
        let message = match self.splitter.stray() {
            Some(stray) if !stray.closed => format!(
                "Column {} begins with a quote ({quote}), but no quote ends it where the cell ends.",
                cell + 1
            ),
            _ => format!("In column {} text follows the closing quote ({quote}).", cell + 1),
        };
        let hint = format!(
            "A quote that belongs to the text must be doubled ({quote}{quote}) inside a quoted cell. If the \
             file has no quoted cells, set the format's quote to none."
        );
        problem_in(code::STRAY_QUOTE, message, hint, row, cell)
    }

    fn wrong_width(&self, row: &Row, width: Width) -> Option<Problem> {
        if self.splitter.cutter().is_some() {
            return Some(beyond_last_cell(row, width.most));
        }
        let (found, by) = (row.len(), width.by);
        let wanted = if found < width.least { width.least } else { width.most };
        let message = format!("The row has {}, the {by} has {wanted}.", damage::count(found, "cell"));
        let last_line = row.line + self.line_ends(row);
        let hint = if last_line > row.line {
            format!(
                "The row goes on to line {last_line}, since quotes hold it together: one of them may be \
                 missing or too many."
            )
        } else if found < wanted {
            "A line break inside a value may have cut the row in two, or a delimiter is missing.".to_owned()
        } else {
            let delimiter = damage::name_delimiter(self.splitter.delimiter());
            format!("A value probably contains the delimiter ({delimiter}) without quotes around the value.")
        };
        if found < wanted {
            return Some(Problem::new(code::TOO_FEW_CELLS, message, hint).at_line(row.line));
        }
        let surplus = (wanted..found).find(|&index| row.cell(index) != Some(""))?;
        Some(problem_in(code::TOO_MANY_CELLS, message, hint, row, surplus))
    }

    /// The line ends inside the cells of a row.
    fn line_ends(&self, row: &Row) -> u64 {
        row.cells().map(|cell| cell.matches(self.line_end).count() as u64).sum()
    }

    /// The 1-based cell in which the text ends, if that can be told.
    fn column_at_end(&mut self, row: &mut Row, line: u64) -> Option<u32> {
        self.splitter.line(row, line).ok()?;
        if self.open() {
            // Shown as the beginning of a cell, which is what it is.
            self.splitter.give_up(row).ok()?;
        }
        // At fixed positions a text that has just begun has no cell yet: it ends in the first.
        u32::try_from(row.cells.len().max(1)).ok()
    }

    fn exceeded(&self, exceeded: Exceeded, row: &Row, place: Place) -> Damage {
        let cell = row.cells.len();
        match exceeded {
            Exceeded::Cells => damage::too_many_columns(&self.limits, row.line, &self.splitter),
            Exceeded::CellLength => damage::cell_too_long(&self.limits, row.line, cell),
            Exceeded::OpenCellLength => {
                let end = damage::OpenEnd::CellLimit(self.limits.field);
                damage::quote_not_closed(&self.splitter, cell, end, place.line)
            }
        }
    }
}

fn cut_character(row: &Row, cell: usize) -> Problem {
    let message = format!("A border of cell {} lies in the middle of a character.", cell + 1);
    let hint = "Correct the positions of the cells in the format, or let them count characters.".to_owned();
    problem_in(code::CUT_CHARACTER, message, hint, row, cell)
}

fn beyond_last_cell(row: &Row, cells: usize) -> Problem {
    let message = "The line goes on behind the last cell of the format.".to_owned();
    let hint = "Correct the positions of the cells in the format; one of them may be too short.".to_owned();
    problem_in(code::TOO_MANY_CELLS, message, hint, row, cells)
}

fn problem_in(code: &'static str, message: String, hint: String, row: &Row, cell: usize) -> Problem {
    let problem =
        Problem::new(code, message, hint).at_line(row.line).with_value(row.cell(cell).unwrap_or_default());
    match u32::try_from(cell + 1) {
        Ok(column) => problem.in_column(column),
        Err(_) => problem,
    }
}
