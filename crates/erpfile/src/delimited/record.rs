//! One record: its bytes to cells, and what is wrong with it.

use std::ops::RangeInclusive;

use memchr::memchr;

use super::damage;
use super::lines::Unit;
use super::realign::Columns;
use super::split::{Exceeded, Splitter, StrayKind};
use super::width::{Width, broken_line};
use crate::encoding::{self, Decoder};
use crate::fixed_width::Cutter;
use crate::problem::{Damage, Problem, code};
use crate::{Encoding, Format, Limits, Row, Undecodable};

/// Parses one record again from its raw bytes: a reference into a file is enough to have its cells back.
///
/// Made by [`crate::Reader::record_parser`], for records that this reader (or one of the same bytes and
/// format) has given.
#[derive(Clone, Debug)]
pub(crate) struct RecordParser {
    encoding: Encoding,
    decoder: Decoder,
    pub(super) splitter: Splitter,
    pub(super) width: Option<Width>,
    /// What is known of the columns.
    pub(super) columns: Columns,
    /// How many empty cells the rows usually have behind the last column; a range where that is not clear.
    pub(super) usual_surplus: RangeInclusive<usize>,
    /// Whether a record is parsed whole, so that line ends in its text show that it was put together.
    whole: bool,
    /// Whether a CR alone ends a line.
    pub(super) lone_cr: bool,
    /// Whether bytes that mean nothing refuse their row only.
    refuse_row: bool,
    /// What is wrong with the bytes of the record, and where in its text.
    pub(super) unfit: Option<Box<(usize, Problem)>>,
    limits: Limits,
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
    pub(super) fn new(format: &Format, decoder: Decoder, lone_cr: bool, limits: Limits) -> Self {
        let splitter = Splitter::new(format, limits);
        let refuse_row = format.undecodable == Undecodable::RefuseRow;
        Self {
            encoding: format.encoding,
            decoder,
            splitter,
            width: None,
            columns: Columns::default(),
            usual_surplus: 0..=0,
            whole: false,
            lone_cr,
            refuse_row,
            unfit: None,
            limits,
        }
    }

    /// Parses `raw`, which begins on physical line `line`, into `row`: its line, bytes, cells and problems
    /// are those that the reader gave. [`Row::offset`] is 0, since a record does not know its place.
    ///
    /// # Errors
    /// Only for bytes that no reader of this format gave as a record.
    pub(crate) fn parse(&mut self, raw: &[u8], line: u64, row: &mut Row) -> Result<(), Damage> {
        self.begin(row);
        row.line = line;
        self.whole = true;
        self.take(raw, Place { line, offset: None, last: false }, row)?;
        if self.open() {
            self.give_up(row)?;
        }
        self.finish(row);
        row.raw.extend_from_slice(raw);
        Ok(())
    }

    /// Says what is known of the columns, and how many empty cells the rows usually have behind them.
    pub(super) fn set_columns(&mut self, columns: Columns, usual_surplus: RangeInclusive<usize>) {
        self.columns = columns;
        self.usual_surplus = usual_surplus;
    }

    /// Whether a CR alone ends a line.
    pub(super) fn lone_cr(&self) -> bool {
        self.lone_cr
    }

    /// How the bytes make line ends.
    pub(super) fn unit(&self) -> Unit {
        Unit::of(&self.decoder)
    }

    /// What decides, besides a record's bytes and the format, how they are read.
    pub(super) fn conditions(&self) -> String {
        let Self { decoder, width, columns, usual_surplus, lone_cr, limits, .. } = self;
        let limits = (limits.line, limits.field, limits.columns);
        format!("{decoder:?} {width:?} {columns:?} {usual_surplus:?} {lone_cr} {limits:?}")
    }

    /// How many characters a line has; `None` where its bytes do not tell without being decoded.
    pub(super) fn characters(&self, bytes: &[u8]) -> Option<usize> {
        match self.decoder {
            Decoder::Utf8 => Some(bytes.iter().filter(|byte| (**byte).cast_signed() >= -64).count()),
            Decoder::Single(_) => Some(bytes.len()),
            Decoder::Utf16Le | Decoder::Utf16Be => None,
        }
    }

    /// What is known of the columns.
    pub(super) fn columns(&self) -> &Columns {
        &self.columns
    }

    /// Begins a record of several lines, which is taken whole.
    pub(super) fn begin_whole(&mut self, row: &mut Row) {
        self.begin(row);
        self.whole = true;
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
        self.unfit = None;
        self.whole = false;
    }

    /// Whether a quote is open or the line end is escaped, so that the record goes on in the next line.
    pub(super) fn open(&self) -> bool {
        self.splitter.open()
    }

    /// Whether a quote or an escape is not where one belongs.
    pub(super) fn stray(&self) -> bool {
        self.splitter.stray().is_some()
    }

    /// Whether a quote is open.
    pub(super) fn quote_open(&self) -> bool {
        self.splitter.quote_open()
    }

    /// Whether the record was continued since a line end in it is escaped.
    pub(super) fn was_escaped(&self) -> bool {
        self.splitter.was_escaped()
    }

    /// Whether a record has more cells than it should.
    pub(super) fn is_too_wide(&self, row: &Row) -> bool {
        self.width.is_some_and(|width| row.len() > width.most)
    }

    /// Takes the content of the next physical line of the record.
    pub(super) fn take(&mut self, bytes: &[u8], place: Place, row: &mut Row) -> Result<(), Damage> {
        let before = row.text.len();
        let decoded = match self.decoder.decode(bytes, &mut row.text) {
            Err(unknown) if self.refuse_row && !(unknown.cut && place.last) => {
                self.decode_on(bytes, unknown, row);
                Ok(())
            }
            decoded => decoded,
        };
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

    /// Decodes what follows bytes that mean nothing, each of which is shown as U+FFFD: the row is refused for the first.
    fn decode_on(&mut self, bytes: &[u8], first: encoding::Undecodable, row: &mut Row) {
        let mut rest = bytes;
        let mut next = Err(first);
        while let Err(unknown) = next {
            let at = bytes.len() - rest.len() + unknown.at;
            let (bad, place) = (at..at + unknown.len, row.text.len());
            self.unfit
                .get_or_insert_with(|| Box::new((place, damage::undecodable_row(self.encoding, bytes, bad))));
            row.text.push(char::REPLACEMENT_CHARACTER);
            rest = &rest[unknown.at + unknown.len..];
            next = self.decoder.decode(rest, &mut row.text);
        }
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
        if self.stray() && self.read_undoubled(row) {
            return;
        }
        let unfit = self.unfit.take().map(|unfit| {
            let (at, problem) = *unfit;
            let cell = row.cells.iter().rposition(|cell| cell.start <= at).unwrap_or_default();
            (cell, problem)
        });
        let broken = if self.whole { self.broken_cell(row) } else { None };
        let torn = self.torn_cell(row);
        self.splitter.finish(row);
        if let Some((cell, problem)) = unfit {
            let value = row.cell(cell).unwrap_or_default().to_owned();
            row.problems.push(in_cell(problem.at_line(row.line).with_value(&value), cell));
        } else if self.stray() {
            let problem = self.stray_quote(row);
            row.problems.push(problem);
        } else if let Some(cell) = torn {
            let problem = self.torn_value(row, cell);
            row.problems.push(problem);
        } else if let Some(cell) = self.splitter.cutter().and_then(Cutter::split) {
            row.problems.push(cut_character(row, cell));
        } else if let Some(width) = self.width {
            if !(width.least..=width.most).contains(&row.len()) {
                self.realign(row, width);
            } else if *self.usual_surplus.end() > 0 && self.has_lost_a_cell(row, width) {
                let problem = self.lost_cell(row, width);
                row.problems.push(problem);
            }
        }
        if let Some(cell) = broken
            && row.problems.is_empty()
        {
            row.notes.push(broken_line(row, cell, row.line + self.line_ends(row)));
        }
    }

    /// The cell within which a quote opens that the next one ends with, as in `10"Smed; Maler";Aarhus`: the delimiter between
    /// them may be part of a value.
    fn torn_cell(&self, row: &Row) -> Option<usize> {
        let quote = self.splitter.quote();
        let sign = quote.chars().next()?;
        let at_positions = self.splitter.cutter().is_some();
        if at_positions || !self.splitter.escape().is_empty() || !row.text.contains(sign) {
            return None;
        }
        let odd = |at: usize| {
            let span = row.cells.get(at)?;
            let cell = row.text.get(span.start..span.end)?;
            let quoted = row.text.get(..span.start)?.ends_with(sign);
            (!quoted && cell.matches(sign).count() % 2 == 1).then_some(cell)
        };
        (0..row.len().saturating_sub(1)).find(|&at| {
            let opens = |cell: &str| {
                let behind = cell.rsplit(sign).next().unwrap_or_default();
                !cell.starts_with(sign) && behind.starts_with(char::is_alphanumeric)
            };
            let closes = |cell: &str| cell.len() > quote.len() && cell.ends_with(sign);
            odd(at).is_some_and(opens) && odd(at + 1).is_some_and(closes)
        })
    }

    fn torn_value(&self, row: &Row, cell: usize) -> Problem {
        let quote = self.splitter.quote();
        let message = format!(
            "In column {} a quote ({quote}) opens within the text, and column {} ends with one: a delimiter is probably \
             missing before it, and the one between them part of a value.",
            cell + 1,
            cell + 2
        );
        let hint = "Put the whole value in quotes in the ERP system. If the file has no quoted cells, set the format's quote \
                    to none.";
        problem_in(code::STRAY_QUOTE, message, hint.to_owned(), row, cell)
    }

    fn stray_quote(&self, row: &Row) -> Problem {
        let quote = self.splitter.quote();
        let stray = self.splitter.stray();
        let (cell, kind) = stray.map_or((0, StrayKind::TextAfterQuote), |stray| (stray.cell, stray.kind));
        let message = match kind {
            StrayKind::TextAfterQuote => {
                format!("In column {} text follows the closing quote ({quote}).", cell + 1)
            }
            StrayKind::NotClosed => format!(
                "Column {} begins with a quote ({quote}), but no quote ends it where the cell ends.",
                cell + 1
            ),
            StrayKind::EscapedEnd => {
                let message =
                    "The line ends with the escape, but the next one is not the rest of its last cell."
                        .to_owned();
                let hint =
                    "An escape that belongs to the text must be doubled. If the file has none, empty the \
                            format's escape."
                        .to_owned();
                return problem_in(code::STRAY_ESCAPE, message, hint, row, cell);
            }
        };
        let hint = format!(
            "A quote that belongs to the text must be doubled ({quote}{quote}) inside a quoted cell. If the \
             file has no quoted cells, set the format's quote to none."
        );
        problem_in(code::STRAY_QUOTE, message, hint, row, cell)
    }

    /// The line ends inside the cells of a row.
    pub(super) fn line_ends(&self, row: &Row) -> u64 {
        let ends = |cell: &str| {
            let feeds = cell.matches('\n').count();
            if self.lone_cr {
                feeds + cell.matches('\r').count() - cell.matches("\r\n").count()
            } else {
                feeds
            }
        };
        row.cells().map(|cell| ends(cell) as u64).sum()
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

pub(super) fn problem_in(
    code: &'static str,
    message: String,
    hint: String,
    row: &Row,
    cell: usize,
) -> Problem {
    let problem =
        Problem::new(code, message, hint).at_line(row.line).with_value(row.cell(cell).unwrap_or_default());
    in_cell(problem, cell)
}

fn in_cell(problem: Problem, cell: usize) -> Problem {
    match u32::try_from(cell + 1) {
        Ok(column) => problem.in_column(column),
        Err(_) => problem,
    }
}
