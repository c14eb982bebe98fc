//! Rows that have another number of cells than the columns: which of them can be read all the same, and what is wrong
//! with the others.

use memchr::memchr;

use super::damage;
use super::record::{RecordParser, problem_in};
use crate::problem::{Problem, code};
use crate::row::{Row, Span};

/// How many cells every record should have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Width {
    pub(super) least: usize,
    /// More than these must be empty.
    pub(super) most: usize,
    /// What says so: `header` or `first row`.
    pub(super) by: &'static str,
}

impl RecordParser {
    /// Whether a row has fewer cells than it should, and nothing else is wrong with it.
    pub(super) fn is_too_narrow(&self, row: &Row) -> bool {
        self.width.is_some_and(|width| row.len() < width.least)
            && self.splitter.cutter().is_none()
            && !self.stray()
            && self.unfit.is_none()
    }

    /// Takes a row with a wrong number of cells if there is one clear way to read it, and says what is wrong otherwise.
    pub(super) fn realign(&self, row: &mut Row, width: Width) {
        let found = row.len();
        if self.splitter.cutter().is_none() && found > width.most {
            let bare = row.cells().rev().take_while(|cell| cell.is_empty()).count();
            let straight = bare >= found - width.most;
            if straight && (found - width.least <= *self.usual_surplus.start() || !self.columns.are_known()) {
                return;
            }
            let parts = found - bare.min(*self.usual_surplus.start());
            let delimiter = self.splitter.delimiter().len();
            if self.columns.are_known()
                && let Some(reading) = self.columns.reading(row, parts, width.least, delimiter, straight)
            {
                if !reading.joined.is_empty() {
                    row.cells = reading.cells;
                    row.notes.push(realigned(row, &reading.joined, found, width));
                }
                return;
            }
        }
        if self.splitter.cutter().is_none()
            && self.columns.are_known()
            && let Some(gap) = self.columns.gap(row, width.least)
        {
            let start = row.cells.get(gap).map_or(row.text.len(), |cell| cell.start);
            row.cells.insert(gap, Span { start, end: start });
            row.notes.push(read_as_empty(row, gap, found, width));
            return;
        }
        let problem = self.wrong_width(row, width);
        row.problems.push(problem);
    }

    /// Whether a row ends earlier than the others do, and not only at its end: where each ends with a delimiter, one that
    /// is lost further ahead leaves the right number of cells, in the wrong columns.
    pub(super) fn has_lost_a_cell(&self, row: &Row, width: Width) -> bool {
        row.len() < width.least + *self.usual_surplus.end()
            && self.splitter.cutter().is_none()
            && !self.columns.end_tells(row)
    }

    pub(super) fn lost_cell(&self, row: &Row, width: Width) -> Problem {
        let message = format!(
            "The row has {}, the other rows have {}.",
            damage::count(row.len(), "cell"),
            width.least + *self.usual_surplus.end()
        );
        let hint = "A delimiter is probably missing, so that the values stand in the wrong columns.";
        Problem::new(code::TOO_FEW_CELLS, message, hint).at_line(row.line)
    }

    /// The first cell without quotes that holds a line end, which is a break in the middle of a value.
    pub(super) fn broken_cell(&self, row: &Row) -> Option<usize> {
        let end =
            |text: &str| memchr(b'\n', text.as_bytes()).is_some() || self.lone_cr && text.contains('\r');
        if !self.splitter.escape().is_empty() || !end(&row.text) {
            return None;
        }
        let quote = self.splitter.quote();
        row.cells.iter().position(|cell| {
            let quoted = !quote.is_empty() && row.text[..cell.start].ends_with(quote);
            !quoted && end(&row.text[cell.start..cell.end])
        })
    }

    pub(super) fn wrong_width(&self, row: &Row, width: Width) -> Problem {
        if self.splitter.cutter().is_some() {
            return beyond_last_cell(row, width.most);
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
            return Problem::new(code::TOO_FEW_CELLS, message, hint).at_line(row.line);
        }
        let surplus = (wanted..found).find(|&index| row.cell(index) != Some("")).unwrap_or(wanted);
        problem_in(code::TOO_MANY_CELLS, message, hint, row, surplus)
    }
}

/// What was done with a row of `found` cells.
fn realigned(row: &Row, joined: &[usize], found: usize, width: Width) -> Problem {
    let columns: Vec<String> = joined.iter().map(|column| format!("{}", column + 1)).collect();
    let values: Vec<String> =
        joined.iter().map(|&column| format!("\"{}\"", row.cell(column).unwrap_or_default())).collect();
    let message = format!(
        "The row has {}, the {} has {}: column {} was read as {}, since only so the other columns hold what they \
         should.",
        damage::count(found, "cell"),
        width.by,
        width.least,
        columns.join(" and "),
        values.join(" and ")
    );
    let hint = "Look whether that is right, and let the ERP system put quotes around values that hold the delimiter.";
    problem_in(code::REALIGNED, message, hint.to_owned(), row, joined.first().copied().unwrap_or_default())
}

/// What was done with a row of `found` cells that has nothing in one column.
fn read_as_empty(row: &Row, gap: usize, found: usize, width: Width) -> Problem {
    let message = format!(
        "The row has {}, the {} has {}: column {} was read as empty, since only so the other columns hold what they \
         should.",
        damage::count(found, "cell"),
        width.by,
        width.least,
        gap + 1
    );
    let hint = "Look whether that is right, and let the ERP system write a delimiter for empty values, too.";
    problem_in(code::REALIGNED, message, hint.to_owned(), row, gap)
}

/// What was done with a row that goes on behind a line break in a cell without quotes.
pub(super) fn broken_line(row: &Row, cell: usize, last_line: u64) -> Problem {
    let message = format!(
        "Lines {} to {last_line} were read as one row, with a line break in column {}, since only so the other columns \
         hold what they should.",
        row.line,
        cell + 1
    );
    let hint =
        "Look whether that is right, and let the ERP system put quotes around values that hold line breaks.";
    problem_in(code::REALIGNED, message, hint.to_owned(), row, cell)
}

fn beyond_last_cell(row: &Row, cells: usize) -> Problem {
    let message = "The line goes on behind the last cell of the format.".to_owned();
    let hint = "Correct the positions of the cells in the format; one of them may be too short.".to_owned();
    problem_in(code::TOO_MANY_CELLS, message, hint, row, cells)
}
