//! Where the cells of a record lie in its text.

use memchr::{memchr, memchr_iter};

use crate::fixed_width::Cutter;
use crate::row::{Row, Span};
use crate::{Format, Layout, Limits};

/// Splits a record's text into cells, a physical line at a time.
///
/// A quote counts only as the first character of a cell; anywhere else it is text.
#[derive(Clone, Debug)]
pub(super) struct Splitter {
    /// Cuts at fixed positions instead.
    cutter: Option<Cutter>,
    delimiter: char,
    quote: Option<u8>,
    limits: Limits,
    /// Where the cell that is being read begins: behind its quote if it has one.
    start: usize,
    /// How far the text has been read.
    at: usize,
    quoted: bool,
    /// The physical line of the last opening quote.
    opened: u64,
    /// Whether the cell that is being read holds doubled quotes.
    doubled: bool,
    /// The cells that hold doubled quotes.
    rewrite: Vec<usize>,
    stray: Option<Stray>,
}

/// A quote that is not where one belongs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stray {
    /// The cell, 0-based.
    pub(super) cell: usize,
    /// Whether text follows the closing quote; otherwise there is no closing quote.
    pub(super) closed: bool,
}

/// Which limit a record exceeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exceeded {
    Cells,
    CellLength,
    /// A cell whose quote is still open.
    OpenCellLength,
}

impl Splitter {
    pub(super) fn new(format: &Format, limits: Limits) -> Self {
        Self {
            cutter: (format.layout == Layout::FixedWidth).then(|| Cutter::new(format)),
            delimiter: format.delimiter.chars().next().unwrap_or(';'),
            quote: format.quote.bytes().next(),
            limits,
            start: 0,
            at: 0,
            quoted: false,
            opened: 0,
            doubled: false,
            rewrite: Vec::new(),
            stray: None,
        }
    }

    pub(super) fn delimiter(&self) -> char {
        self.delimiter
    }

    pub(super) fn quote(&self) -> Option<char> {
        self.quote.map(char::from)
    }

    /// Forgets the last record.
    pub(super) fn clear(&mut self) {
        self.start = 0;
        self.at = 0;
        self.quoted = false;
        self.doubled = false;
        self.rewrite.clear();
        self.stray = None;
    }

    /// Whether the record goes on in the next line, since a quote is open.
    pub(super) fn open(&self) -> bool {
        self.quoted
    }

    /// The physical line on which the open quote stands.
    pub(super) fn opened(&self) -> u64 {
        self.opened
    }

    pub(super) fn stray(&self) -> Option<Stray> {
        self.stray
    }

    /// Takes the text that was added to the row, which is the rest of physical line `line`.
    pub(super) fn line(&mut self, row: &mut Row, line: u64) -> Result<(), Exceeded> {
        let Row { text, cells, .. } = row;
        if let Some(cutter) = &mut self.cutter {
            cells.clear();
            cutter.cut(text, cells);
            return self.check_cells(cells);
        }
        if !self.quoted && self.delimiter.is_ascii() && !self.has_quote(&text[self.at..]) {
            return self.plain(text, cells);
        }
        while self.at <= text.len() {
            if self.quoted {
                match memchr(self.quote.unwrap_or_default(), &text.as_bytes()[self.at..]) {
                    Some(found) => self.close(text, cells, self.at + found)?,
                    None => return self.leave_open(text, cells),
                }
            } else {
                self.begin_cell(text, line);
                if !self.quoted {
                    self.unquoted(text, cells)?;
                }
            }
        }
        Ok(())
    }

    /// What cuts at fixed positions, if anything does.
    pub(super) fn cutter(&self) -> Option<&Cutter> {
        self.cutter.as_ref()
    }

    fn check_cells(&self, cells: &[Span]) -> Result<(), Exceeded> {
        match cells.iter().any(|cell| cell.end - cell.start > self.limits.field) {
            true => Err(Exceeded::CellLength),
            false => Ok(()),
        }
    }

    /// Gives up on the quote that is open at the end of the text: it belongs to the text.
    pub(super) fn give_up(&mut self, row: &mut Row) -> Result<(), Exceeded> {
        let cell = row.cells.len();
        self.stray.get_or_insert(Stray { cell, closed: false });
        self.start -= 1;
        self.quoted = false;
        self.push(&mut row.cells, row.text.len())
    }

    /// Rewrites the cells that hold doubled quotes; to be called once, when the record is whole.
    pub(super) fn finish(&mut self, row: &mut Row) {
        let Some(quote) = self.quote else { return };
        for &index in &self.rewrite {
            let Some(Span { mut start, end }) = row.cells.get(index).copied() else { continue };
            let begin = row.text.len();
            while let Some(found) = memchr(quote, &row.text.as_bytes()[start..end]) {
                // The first quote of the pair stays.
                row.text.extend_from_within(start..start + found + 1);
                start += found + 2;
            }
            row.text.extend_from_within(start..end);
            row.cells[index] = Span { start: begin, end: row.text.len() };
        }
    }

    fn has_quote(&self, text: &str) -> bool {
        self.quote.is_some_and(|quote| memchr(quote, text.as_bytes()).is_some())
    }

    /// A line without any quote: the usual case, and the fast one.
    fn plain(&mut self, text: &str, cells: &mut Vec<Span>) -> Result<(), Exceeded> {
        let from = self.at;
        self.start = from;
        for found in memchr_iter(self.delimiter as u8, &text.as_bytes()[from..]) {
            self.push(cells, from + found)?;
            self.start = from + found + 1;
        }
        self.push(cells, text.len())?;
        self.at = text.len() + 1;
        Ok(())
    }

    fn begin_cell(&mut self, text: &str, line: u64) {
        self.doubled = false;
        self.quoted = self.quote.is_some() && text.as_bytes().get(self.at) == self.quote.as_ref();
        if self.quoted {
            self.at += 1;
            self.opened = line;
        }
        self.start = self.at;
    }

    /// Reads on to the next delimiter or the end of the line.
    fn unquoted(&mut self, text: &str, cells: &mut Vec<Span>) -> Result<(), Exceeded> {
        let end = text[self.at..].find(self.delimiter).map_or(text.len(), |found| self.at + found);
        self.push(cells, end)?;
        self.at = if end == text.len() { end + 1 } else { end + self.delimiter.len_utf8() };
        Ok(())
    }

    /// Reads what follows a quote inside a quoted cell.
    fn close(&mut self, text: &str, cells: &mut Vec<Span>, end: usize) -> Result<(), Exceeded> {
        let rest = &text[end + 1..];
        if rest.as_bytes().first() == self.quote.as_ref() {
            self.doubled = true;
            self.at = end + 2;
            return Ok(());
        }
        self.quoted = false;
        if rest.is_empty() || rest.starts_with(self.delimiter) {
            if self.doubled {
                self.rewrite.push(cells.len());
            }
            self.push(cells, end)?;
            self.at = end + 1 + if rest.is_empty() { 1 } else { self.delimiter.len_utf8() };
            return Ok(());
        }
        // The quotes belong to the text, as far as that can be told.
        self.stray.get_or_insert(Stray { cell: cells.len(), closed: true });
        self.start -= 1;
        self.at = end + 1;
        self.unquoted(text, cells)
    }

    fn leave_open(&mut self, text: &str, cells: &mut Vec<Span>) -> Result<(), Exceeded> {
        self.at = text.len();
        if self.stray.is_some() {
            // The row is refused anyway, and must not take the next line with it.
            self.start -= 1;
            self.quoted = false;
            self.at += 1;
            return self.push(cells, text.len());
        }
        if text.len() - self.start > self.limits.field { Err(Exceeded::OpenCellLength) } else { Ok(()) }
    }

    fn push(&mut self, cells: &mut Vec<Span>, end: usize) -> Result<(), Exceeded> {
        if end - self.start > self.limits.field {
            return Err(Exceeded::CellLength);
        }
        if cells.len() >= self.limits.columns {
            return Err(Exceeded::Cells);
        }
        cells.push(Span { start: self.start, end });
        Ok(())
    }
}
