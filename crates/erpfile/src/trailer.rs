//! The trailer of a file: its last line, which says how many rows there are and what a column adds up to.
//!
//! A file that has no trailer though its format says so was cut off, even where it ends between two rows.

use crate::number::Exact;
use crate::problem::{Damage, Problem, code};
use crate::{Format, Number, NumberError, Row, Thousands, Trailer};

/// What to do about a file that is not what its trailer says.
const WRITE_AGAIN: &str = "Let the ERP system write the whole file again.";

/// Counts and adds up the rows of one file, and verifies its trailer.
#[derive(Clone, Debug)]
pub(crate) struct TrailerCheck {
    trailer: Trailer,
    decimal: char,
    thousands: Thousands,
    /// The 0-based cell of each row that is added up.
    summed: Option<usize>,
    rows: u64,
    sum: Exact,
    /// The first value that could not be added.
    unsummed: Option<Unsummed>,
    /// The line of the trailer, once it has been read.
    found: Option<u64>,
    proof: String,
}

#[derive(Clone, Debug)]
struct Unsummed {
    line: u64,
    value: String,
}

impl TrailerCheck {
    /// The check that a format asks for; `summed` is the 0-based cell of the column that is added up.
    pub(crate) fn new(format: &Format, summed: Option<usize>) -> Option<Self> {
        let trailer = format.trailer.clone()?;
        let (decimal, thousands) = (format.decimal_separator.char(), format.thousands);
        let (sum, proof) = (Exact::default(), String::new());
        Some(Self { trailer, decimal, thousands, summed, rows: 0, sum, unsummed: None, found: None, proof })
    }

    /// Whether a record is for [`Self::take`] to judge, and not for whoever tells rows from other lines: the trailer, and
    /// whatever follows it.
    pub(crate) fn judges(&self, row: &Row) -> bool {
        self.found.is_some() || self.is(row)
    }

    /// Whether a record is the trailer, by how its line or its first cell begins.
    pub(crate) fn is(&self, row: &Row) -> bool {
        let start = self.trailer.starts_with.as_str();
        !start.is_empty()
            && (row.text.starts_with(start) || row.cell(0).is_some_and(|cell| cell.starts_with(start)))
    }

    /// How many cells the trailer must have for the format to find what it looks for.
    pub(crate) fn cells(&self) -> usize {
        let last = self.trailer.row_count.max(self.trailer.total);
        last.map_or(1, |last| usize::try_from(last).unwrap_or(usize::MAX))
    }

    /// Takes the next record into account; gives whether it is a row. The trailer is none.
    ///
    /// # Errors
    /// A trailer that is not the last record, or says something else than the rows.
    pub(crate) fn take(&mut self, row: &Row) -> Result<bool, Damage> {
        if let Some(line) = self.found {
            let message = format!(
                "Line {line} begins with \"{}\" as the trailer does, but more follows it on line {}.",
                self.trailer.starts_with, row.line
            );
            let hint = "Two files may have been joined, or a row begins as the trailer does: correct \"The last line \
                        begins with\" in the format.";
            return Err(Damage::from(Problem::new(code::TRAILER_MISPLACED, message, hint).at_line(line)));
        }
        if self.is(row) {
            self.proof = self.verify(row)?;
            self.found = Some(row.line);
            return Ok(false);
        }
        self.add_row(row);
        Ok(true)
    }

    /// Counts and adds up a row.
    pub(crate) fn add_row(&mut self, row: &Row) {
        self.rows += 1;
        if let Some(cell) = self.summed
            && self.unsummed.is_none()
        {
            let value = row.cell(cell).unwrap_or_default().trim();
            match self.add(value) {
                Some(sum) => self.sum = sum,
                None => self.unsummed = Some(Unsummed { line: row.line, value: value.to_owned() }),
            }
        }
    }

    /// How many rows there were and what they add up to, as a trailer says it.
    pub(crate) fn found(&self) -> (String, String) {
        (self.rows.to_string(), self.sum.text(self.decimal))
    }

    /// The file has ended after `line`; gives what its trailer proves.
    ///
    /// # Errors
    /// There was no trailer.
    pub(crate) fn end(&self, line: u64) -> Result<&str, Damage> {
        if self.found.is_some() {
            return Ok(&self.proof);
        }
        let message = format!(
            "The file ends on line {line} without the trailer that begins with \"{}\": it was probably cut off after \
             {} rows.",
            self.trailer.starts_with, self.rows
        );
        Err(Damage::from(Problem::new(code::TRAILER_MISSING, message, WRITE_AGAIN).at_line(line.max(1))))
    }

    /// What the trailer proves.
    pub(crate) fn proof(&self) -> &str {
        &self.proof
    }

    fn add(&self, value: &str) -> Option<Exact> {
        if value.is_empty() {
            return Some(self.sum);
        }
        self.sum.plus(Exact::of(&Number::parse(value, self.decimal, self.thousands).ok()?)?)
    }

    fn verify(&self, row: &Row) -> Result<String, Damage> {
        let mut proved = Vec::new();
        if let Some(cell) = self.trailer.row_count {
            let said = self.number(row, cell, "number of rows", true)?;
            if said != Exact::whole(self.rows) {
                let message = format!(
                    "The trailer on line {} says {} rows, but the file has {}.",
                    row.line,
                    said.text(self.decimal),
                    self.rows
                );
                return Err(wrong(code::TRAILER_MISMATCH, message, row, cell));
            }
            proved.push(format!("{} rows", self.rows));
        }
        if let (Some(cell), Some(_), Some(column)) = (self.trailer.total, self.summed, &self.trailer.total_of)
        {
            if let Some(Unsummed { line, value }) = &self.unsummed {
                let message = format!(
                    "The total in the trailer cannot be verified: on line {line} the column {column} holds \"{value}\", \
                     which cannot be added up."
                );
                let hint = "Correct the value in the ERP system, or the decimal separator in the format.";
                let problem =
                    Problem::new(code::TRAILER_UNREADABLE, message, hint).at_line(*line).with_value(value);
                return Err(Damage::from(problem));
            }
            let said = self.number(row, cell, "total", false)?;
            if said != self.sum {
                let message = format!(
                    "The trailer on line {} says a total of {}, but the column {column} adds up to {}.",
                    row.line,
                    said.text(self.decimal),
                    self.sum.text(self.decimal)
                );
                return Err(wrong(code::TRAILER_MISMATCH, message, row, cell));
            }
            proved.push(format!("a total of {} in the column {column}", self.sum.text(self.decimal)));
        }
        Ok(format!("the trailer on line {} says {}, and so has the file", row.line, proved.join(" and ")))
    }

    /// What stands in a cell of the trailer. A whole number may be grouped in any way.
    fn number(&self, row: &Row, cell: u32, what: &str, whole: bool) -> Result<Exact, Damage> {
        let index = usize::try_from(cell).ok().and_then(|cell| cell.checked_sub(1));
        let text = index.and_then(|index| row.cell(index)).unwrap_or_default().trim();
        let value = match Number::parse(text, self.decimal, self.thousands) {
            Ok(number) => Exact::of(&number),
            Err(NumberError::Ambiguous(digits)) if whole => digits.parse().ok().map(Exact::whole),
            Err(_) => None,
        };
        value.ok_or_else(|| {
            let message = format!(
                "The trailer on line {} has no {what} in cell {cell}: \"{text}\" is not a number that can be read.",
                row.line
            );
            wrong(code::TRAILER_UNREADABLE, message, row, cell)
        })
    }
}

fn wrong(code: &'static str, message: String, row: &Row, cell: u32) -> Damage {
    let value =
        usize::try_from(cell).ok().and_then(|cell| row.cell(cell.checked_sub(1)?)).unwrap_or_default();
    let hint = match code {
        code::TRAILER_UNREADABLE => {
            "Correct the trailer's cells in the format, or let the ERP system write the number."
        }
        _ => WRITE_AGAIN,
    };
    Damage::from(Problem::new(code, message, hint).at_line(row.line).in_column(cell).with_value(value))
}
