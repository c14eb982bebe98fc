//! Reads what [`crate::stage()`] has written: one record a line, its cells as a JSON array.

use std::io::{BufRead, BufReader, Read};

use crate::delimited;
use crate::problem::{Damage, Problem, ReadError, code};
use crate::row::Span;
use crate::stage::{ERROR_MARK, parse_cells};
use crate::trailer::TrailerCheck;
use crate::{Format, Layout, Limits, Row};

/// Bytes read at a time.
const BLOCK: usize = 128 << 10;

/// Reads staged records one after the other.
pub(crate) struct Reader<R> {
    input: BufReader<R>,
    parser: RecordParser,
    header: Vec<String>,
    columns: Vec<usize>,
    position: u64,
    buffer: Vec<u8>,
    /// What the last row must say, if anything.
    trailer: Option<TrailerCheck>,
    /// The row that was read to learn how many cells there are, and is given out first.
    first: Option<Row>,
    damage: Option<Damage>,
}

/// Parses one staged record again from its cells.
#[derive(Clone, Debug, Default)]
pub(crate) struct RecordParser {
    /// How many columns the header has; a cell beyond them must be empty.
    columns: Option<usize>,
}

impl<R: Read> Reader<R> {
    /// Reads what stands above the first record and finds the mapped columns.
    pub(crate) fn new(input: R, format: &Format, _limits: Limits) -> Result<Self, ReadError> {
        let mut reader = Self {
            input: BufReader::with_capacity(BLOCK, input),
            parser: RecordParser::default(),
            header: Vec::new(),
            columns: Vec::new(),
            position: 0,
            buffer: Vec::new(),
            trailer: None,
            first: None,
            damage: None,
        };
        let mut row = Row::default();
        let is_sheet = format.layout == Layout::Excel;
        if is_sheet {
            let mut skipped = row.line;
            // The rows above the header, of which a sheet leaves out the empty ones.
            while reader.record(&mut row)? && row.line <= u64::from(format.skip_lines) {
                skipped = row.line;
            }
            if row.line <= skipped && row.is_empty() {
                return Err(nothing(format).into());
            }
        } else if !reader.record(&mut row)? {
            return Err(nothing(format).into());
        }
        let cells: Vec<String> = row.cells().map(str::to_owned).collect();
        let places = delimited::resolve(format, &cells, row.line.max(1))?;
        reader.columns = places.columns;
        reader.trailer = TrailerCheck::new(format, places.total);
        if is_sheet && format.header_lines == 0 {
            reader.first = Some(row);
        } else {
            // A sheet leaves out the empty cells at the end of a row, so any number up to the header's is right.
            reader.parser.columns = Some(cells.len());
            reader.header = cells;
        }
        Ok(reader)
    }

    pub(crate) fn header(&self) -> &[String] {
        &self.header
    }

    pub(crate) fn columns(&self) -> &[usize] {
        &self.columns
    }

    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    pub(crate) fn record_parser(&self) -> RecordParser {
        self.parser.clone()
    }

    pub(crate) fn trailer(&self) -> Option<&str> {
        self.trailer.as_ref().map(TrailerCheck::proof)
    }

    /// Reads the next record that is a row into `row`; `false` at the end. Damage is told again on every further call.
    pub(crate) fn read(&mut self, row: &mut Row) -> Result<bool, ReadError> {
        if let Some(damage) = &self.damage {
            return Err(damage.clone().into());
        }
        let result = self.next(row);
        if let Err(ReadError::Damage(damage)) = &result {
            self.damage = Some(damage.clone());
        }
        result
    }

    fn next(&mut self, row: &mut Row) -> Result<bool, ReadError> {
        loop {
            let before = row.line;
            let more = match self.first.take() {
                Some(first) => {
                    *row = first;
                    true
                }
                None => self.record(row)?,
            };
            let Some(trailer) = &mut self.trailer else { return Ok(more) };
            if !more {
                trailer.end(before)?;
                return Ok(false);
            }
            if trailer.take(row)? {
                return Ok(true);
            }
        }
    }

    fn record(&mut self, row: &mut Row) -> Result<bool, ReadError> {
        // What was read of a line before the source failed stays for the next try.
        self.input.read_until(b'\n', &mut self.buffer)?;
        if self.buffer.is_empty() {
            return Ok(false);
        }
        let line = self.buffer.strip_suffix(b"\n").ok_or_else(not_staged)?;
        let tab = memchr::memchr(b'\t', line).ok_or_else(not_staged)?;
        let (number, cells) = (&line[..tab], &line[tab + 1..]);
        let number = std::str::from_utf8(number).ok().and_then(|number| number.parse().ok());
        self.parser.parse(cells, number.ok_or_else(not_staged)?, row)?;
        row.offset = self.position + tab as u64 + 1;
        self.position += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(true)
    }
}

impl RecordParser {
    /// Parses the cells `raw` of the record on `line` into `row`.
    pub(crate) fn parse(&mut self, raw: &[u8], line: u64, row: &mut Row) -> Result<(), Damage> {
        row.clear();
        row.line = line;
        let text = std::str::from_utf8(raw).map_err(|_| not_staged())?;
        for cell in parse_cells(text).ok_or_else(not_staged)? {
            let start = row.text.len();
            if let Some(error) = cell.strip_prefix(ERROR_MARK) {
                row.text.push_str(error);
                row.problems.push(cell_error(line, row.cells.len(), error));
            } else {
                row.text.push_str(&cell);
            }
            row.cells.push(Span { start, end: row.text.len() });
        }
        row.raw.extend_from_slice(raw);
        if let Some(columns) = self.columns
            && let Some(surplus) = (columns..row.len()).find(|&index| row.cell(index) != Some(""))
        {
            row.problems.push(surplus_cell(row, surplus, columns));
        }
        Ok(())
    }
}

fn cell_error(line: u64, cell: usize, error: &str) -> Problem {
    let message = format!("Column {} holds the error {error} instead of a value.", cell + 1);
    let hint = "Mend the formula in the workbook, or let the ERP system write values instead of formulas.";
    let problem = Problem::new(code::CELL_ERROR, message, hint).at_line(line).with_value(error);
    in_column(problem, cell)
}

fn surplus_cell(row: &Row, cell: usize, columns: usize) -> Problem {
    let message = format!("The row has a value in column {}, the header has {columns} columns.", cell + 1);
    let hint = "Delete what stands beside the table in the sheet, or give its column a name.";
    let problem = Problem::new(code::TOO_MANY_CELLS, message, hint).at_line(row.line);
    in_column(problem.with_value(row.cell(cell).unwrap_or_default()), cell)
}

fn in_column(problem: Problem, cell: usize) -> Problem {
    match u32::try_from(cell + 1) {
        Ok(column) => problem.in_column(column),
        Err(_) => problem,
    }
}

fn nothing(format: &Format) -> Damage {
    let message = if format.layout == Layout::Excel && format.skip_lines > 0 {
        format!("The sheet has nothing below its first {} rows.", format.skip_lines)
    } else {
        "The file holds no records, and nothing that names their columns.".to_owned()
    };
    let hint =
        "Check the format's sheet and its lines to skip, and that the ERP system wrote the whole file.";
    Damage::from(Problem::new(code::HEADER_MISSING, message, hint))
}

/// The bytes are no staged records: the program itself is at fault, or the disk.
fn not_staged() -> Damage {
    let message = "The prepared copy of the file cannot be read.";
    Damage::from(Problem::new(code::MALFORMED, message, "Import the file again."))
}
