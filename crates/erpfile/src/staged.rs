//! Reads what [`crate::stage()`] has written: one record a line, its cells as a JSON array.

use std::io::{BufRead, BufReader, Read};

use crate::delimited;
use crate::problem::{Damage, Problem, ReadError, code};
use crate::row::Span;
use crate::stage::{ERROR_MARK, NO_RESULT, parse_cells};
use crate::table::Table;
use crate::trailer::TrailerCheck;
use crate::{Format, Layout, Limits, Row};

/// Bytes read at a time.
const BLOCK: usize = 128 << 10;

/// Reads staged records one after the other.
pub(crate) struct Reader<R> {
    input: BufReader<R>,
    parser: RecordParser,
    /// A workbook's sheets, first the one that is read.
    sheets: Vec<String>,
    header: Vec<String>,
    columns: Vec<Vec<usize>>,
    position: u64,
    buffer: Vec<u8>,
    /// Which rows of a sheet are rows of its table; documents have records only.
    table: Option<Table>,
    /// What the last row must say, if anything.
    trailer: Option<TrailerCheck>,
    /// The row that was read to learn how many cells there are, and is given out first.
    first: Option<Row>,
    /// How many rows of a sheet stand above its header.
    skipped: u64,
    /// The row of the sheet that was read last.
    line: u64,
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
        let is_sheet = format.layout == Layout::Excel;
        let mut reader = Self {
            input: BufReader::with_capacity(BLOCK, input),
            parser: RecordParser::default(),
            sheets: Vec::new(),
            header: Vec::new(),
            columns: Vec::new(),
            position: 0,
            buffer: Vec::new(),
            table: is_sheet.then(|| Table::new(format)),
            trailer: None,
            first: None,
            skipped: u64::from(format.skip_lines),
            line: u64::from(format.skip_lines),
            damage: None,
        };
        if is_sheet {
            reader.begin_sheet(format)?;
            return Ok(reader);
        }
        let mut row = Row::default();
        if !reader.record(&mut row)? {
            return Err(nothing(format).into());
        }
        reader.header = cells_of(&row);
        reader.resolve(format, row.line.max(1))?;
        reader.parser.columns = Some(reader.header.len());
        Ok(reader)
    }

    /// Reads what stands above the first row of a sheet.
    fn begin_sheet(&mut self, format: &Format) -> Result<(), ReadError> {
        let mut row = Row::default();
        if !self.record(&mut row)? {
            return Err(not_staged().into());
        }
        self.sheets = cells_of(&row);
        let mut first_line = 0;
        // Without a header the first row shows which columns there are, and is given out again.
        for number in 0..format.header_lines.max(1) {
            if !self.selected(&mut row)? {
                self.finish_table()?;
                return Err(nothing(format).into());
            }
            if number == 0 {
                (self.header, first_line) = (cells_of(&row), row.line);
            } else {
                delimited::join(&mut self.header, cells_of(&row));
            }
            if let Some(table) = &mut self.table
                && format.header_lines > 0
            {
                table.header_line(&row);
            }
        }
        self.resolve(format, first_line)?;
        if format.header_lines == 0 {
            self.header.clear();
            self.first = Some(row);
        } else {
            if let Some(table) = &mut self.table {
                table.header_ends();
            }
            // A sheet leaves out the empty cells at the end of a row, so any number up to the header's is right.
            self.parser.columns = Some(self.header.len());
        }
        Ok(())
    }

    fn resolve(&mut self, format: &Format, line: u64) -> Result<(), Damage> {
        let places = delimited::resolve(format, &self.header, line)?;
        self.columns = places.columns;
        self.trailer = TrailerCheck::new(format, places.total);
        Ok(())
    }

    pub(crate) fn sheets(&self) -> &[String] {
        &self.sheets
    }

    pub(crate) fn header(&self) -> &[String] {
        &self.header
    }

    pub(crate) fn columns(&self) -> &[Vec<usize>] {
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

    /// What of the file was left out, as far as it has been read.
    pub(crate) fn notes(&self) -> Vec<Problem> {
        self.table.as_ref().map(Table::notes).unwrap_or_default()
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
                None => self.selected(row)?,
            };
            if !more {
                self.finish_table()?;
                if let Some(trailer) = &mut self.trailer {
                    trailer.end(before)?;
                }
                return Ok(false);
            }
            let judged = self.trailer.as_ref().is_some_and(|trailer| trailer.judges(row));
            if let Some(table) = &mut self.table
                && !judged
                && !table.takes(row)?
            {
                continue;
            }
            let Some(trailer) = &mut self.trailer else { return Ok(true) };
            if trailer.take(row)? {
                return Ok(true);
            }
        }
    }

    /// Reads the next record that may be a row: a sheet leaves out the empty ones, which are only gaps in the numbers.
    fn selected(&mut self, row: &mut Row) -> Result<bool, ReadError> {
        while self.record(row)? {
            let is_trailer = self.trailer.as_ref().is_some_and(|trailer| trailer.is(row));
            let Some(table) = &mut self.table else { return Ok(true) };
            if row.line <= self.skipped {
                continue;
            }
            if row.line > self.line + 1 {
                table.blank();
            }
            self.line = row.line;
            if is_trailer || table.selects(row) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn finish_table(&self) -> Result<(), Damage> {
        self.table.as_ref().map_or(Ok(()), Table::finish)
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

fn cells_of(row: &Row) -> Vec<String> {
    row.cells().map(str::to_owned).collect()
}

fn cell_error(line: u64, cell: usize, error: &str) -> Problem {
    if error == NO_RESULT {
        let message =
            format!("Column {} holds a formula whose result is not stored in the workbook.", cell + 1);
        let hint =
            "Open the workbook in Excel and save it, or let the ERP system write values instead of formulas.";
        return in_column(Problem::new(code::CELL_ERROR, message, hint).at_line(line), cell);
    }
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
