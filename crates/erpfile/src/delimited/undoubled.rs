//! Reads a record whose quotes in quoted cells are not doubled, where only one reading fits the columns.
//!
//! Some programs put quotes around a value and leave those in it as they are: `7;"Bar "Nord" og kiosk; havnen";8000`. A quote then
//! ends its cell only where a delimiter or the end of the record follows. That is not what quotes mean elsewhere, so it
//! is tried only for a record that cannot be read otherwise, and taken only if what is known of the columns speaks for it.

use super::record::{RecordParser, problem_in};
use super::split::StrayKind;
use crate::Row;
use crate::problem::{Problem, code};
use crate::row::Span;

impl RecordParser {
    /// Reads a record in which text follows a closing quote once more; whether that succeeded.
    pub(super) fn read_undoubled(&mut self, row: &mut Row) -> bool {
        let splitter = self.splitter();
        let Some(stray) = splitter.stray().filter(|stray| stray.kind == StrayKind::TextAfterQuote) else {
            return false;
        };
        let one_line = !row.text.contains(['\n', '\r']);
        let Some(width) = self.width().filter(|_| one_line && self.columns().are_known()) else {
            return false;
        };
        if !splitter.escape().is_empty() || self.unfit.is_some() {
            return false;
        }
        let Some(cells) = cells(&row.text, splitter.delimiter(), splitter.quote()) else { return false };
        let values = cells.iter().map(|cell| &row.text[cell.start..cell.end]);
        let fits = (width.least..=width.most).contains(&cells.len())
            && self.columns().evidence(values, 0).is_some_and(|evidence| evidence > 0);
        if fits {
            row.cells = cells;
            row.notes.push(undoubled(row, stray.cell, splitter.quote()));
            self.splitter.clear();
        }
        fits
    }
}

/// The cells of a text; `None` where a doubled quote makes it doubtful what the others are.
fn cells(text: &str, delimiter: &str, quote: &str) -> Option<Vec<Span>> {
    let mut cells = Vec::new();
    let mut at = 0;
    loop {
        let rest = &text[at..];
        let (cell, next) = match rest.strip_prefix(quote).and_then(|inner| quoted(inner, delimiter, quote)) {
            Some(length) => {
                let start = at + quote.len();
                (Span { start, end: start + length }, start + length + quote.len())
            }
            None => {
                let end = at + rest.find(delimiter).unwrap_or(rest.len());
                (Span { start: at, end }, end)
            }
        };
        if text[cell.start..cell.end].contains(&quote.repeat(2)) {
            return None;
        }
        cells.push(cell);
        if next >= text.len() {
            return Some(cells);
        }
        at = next + delimiter.len();
    }
}

/// The length of a cell up to the first quote behind which it can end.
fn quoted(inner: &str, delimiter: &str, quote: &str) -> Option<usize> {
    inner.match_indices(quote).map(|(at, _)| at).find(|at| {
        let behind = &inner[at + quote.len()..];
        behind.is_empty() || behind.starts_with(delimiter)
    })
}

fn undoubled(row: &Row, cell: usize, quote: &str) -> Problem {
    let message = format!(
        "The quotes ({quote}) in column {} are not doubled: it was read as {}, since only so the other columns hold what \
         they should.",
        cell + 1,
        row.cell(cell).unwrap_or_default()
    );
    let hint = "Look whether that is right, and let the ERP system double the quotes in its values.";
    problem_in(code::REALIGNED, message, hint.to_owned(), row, cell)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_ends_its_cell_only_where_a_cell_can_end() {
        let read = |text: &str| {
            let cells = cells(text, ";", "\"")?;
            Some(cells.iter().map(|cell| text[cell.start..cell.end].to_owned()).collect::<Vec<_>>())
        };
        let some = |cells: &[&str]| Some(cells.iter().map(|cell| (*cell).to_owned()).collect());
        assert_eq!(read(r#"7;"Bar "Nord"; Havn";8000"#), some(&["7", "Bar \"Nord", " Havn\"", "8000"]));
        assert_eq!(read(r#"7;"Bar "Nord" ; Havn";8000"#), some(&["7", "Bar \"Nord\" ; Havn", "8000"]));
        assert_eq!(read(r#""a "b" c";"#), some(&["a \"b\" c", ""]));
        assert_eq!(read(r#""a "b" ""c""#), None);
        assert_eq!(read(r#"5" pipe;"open"#), some(&["5\" pipe", "\"open"]));
    }
}
