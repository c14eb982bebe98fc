//! Where the cells of a record lie in its text.

use memchr::memchr_iter;

use super::sign::Sign;
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
    /// One or two characters.
    delimiter: Sign,
    /// One character, or nothing.
    quote: Sign,
    /// One character, or nothing.
    escape: Sign,
    limits: Limits,
    /// Where the cell that is being read begins: behind its quote if it has one.
    start: usize,
    /// How far the text has been read.
    at: usize,
    quoted: bool,
    /// Whether the line ends with an escape, so that an unquoted cell goes on in the next one.
    escaped_end: bool,
    /// Whether an earlier line of the record did.
    was_escaped: bool,
    /// The physical line of the last opening quote.
    opened: u64,
    /// Whether the cell that is being read holds doubled quotes or escapes.
    rewritten: bool,
    /// The cells that hold doubled quotes or escapes, and whether they are quoted.
    rewrite: Vec<(usize, bool)>,
    stray: Option<Stray>,
}

/// A quote or an escape that is not where one belongs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stray {
    /// The cell, 0-based.
    pub(super) cell: usize,
    pub(super) kind: StrayKind,
}

/// What is wrong with a quote or an escape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StrayKind {
    /// Text follows the closing quote.
    TextAfterQuote,
    /// No quote ends the cell.
    NotClosed,
    /// The line ends with an escape, and what follows is not the rest of its cell.
    EscapedEnd,
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
            delimiter: Sign::new(&format.delimiter),
            quote: Sign::new(&format.quote),
            escape: Sign::new(&format.escape),
            limits,
            start: 0,
            at: 0,
            quoted: false,
            escaped_end: false,
            was_escaped: false,
            opened: 0,
            rewritten: false,
            rewrite: Vec::new(),
            stray: None,
        }
    }

    pub(super) fn delimiter(&self) -> &str {
        &self.delimiter.text
    }

    /// The quote; empty when there is none.
    pub(super) fn quote(&self) -> &str {
        &self.quote.text
    }

    /// The escape; empty when there is none.
    pub(super) fn escape(&self) -> &str {
        &self.escape.text
    }

    /// Forgets the last record.
    pub(super) fn clear(&mut self) {
        self.start = 0;
        self.at = 0;
        self.quoted = false;
        self.escaped_end = false;
        self.was_escaped = false;
        self.rewritten = false;
        self.rewrite.clear();
        self.stray = None;
    }

    /// Whether the record goes on in the next line, since a quote is open or the line end is escaped.
    pub(super) fn open(&self) -> bool {
        self.quoted || self.escaped_end
    }

    /// Whether the record was continued since a line end outside quotes is escaped.
    pub(super) fn was_escaped(&self) -> bool {
        self.was_escaped
    }

    /// Whether a quote is open.
    pub(super) fn quote_open(&self) -> bool {
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
        if self.delimiter.len() == 1 && !self.open() && !self.has_signs(&text[self.at..]) {
            return self.plain(self.delimiter.first, text, cells);
        }
        if std::mem::take(&mut self.escaped_end) {
            self.was_escaped = true;
            self.unquoted(text, cells)?;
        }
        while self.at <= text.len() && !self.escaped_end {
            if self.quoted {
                match self.find_quote(text) {
                    Some(found) => self.close(text, cells, found)?,
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
        if self.cutter.as_ref().is_some_and(|cutter| cutter.cells() > self.limits.columns) {
            return Err(Exceeded::Cells);
        }
        match cells.iter().any(|cell| cell.end - cell.start > self.limits.field) {
            true => Err(Exceeded::CellLength),
            false => Ok(()),
        }
    }

    /// Gives up on the quote that is open at the end of the text, or on the escape that ends it: it belongs to the text.
    pub(super) fn give_up(&mut self, row: &mut Row) -> Result<(), Exceeded> {
        let cell = row.cells.len();
        let kind = if self.quoted { StrayKind::NotClosed } else { StrayKind::EscapedEnd };
        self.stray.get_or_insert(Stray { cell, kind });
        if self.quoted {
            self.start -= self.quote.len();
        }
        self.quoted = false;
        self.escaped_end = false;
        self.push(&mut row.cells, row.text.len())
    }

    /// Rewrites the cells that hold doubled quotes or escapes; to be called once, when the record is whole.
    pub(super) fn finish(&mut self, row: &mut Row) {
        for &(index, quoted) in &self.rewrite {
            let Some(Span { mut start, end }) = row.cells.get(index).copied() else { continue };
            let begin = row.text.len();
            while self.escape.len() == 0
                && let Some(found) = self.quote.find(&row.text[start..end])
            {
                // The first quote of the pair stays.
                row.text.extend_from_within(start..start + found + self.quote.len());
                start += found + 2 * self.quote.len();
            }
            while let Some(found) = self.find_sign(&row.text[start..end], quoted) {
                let (found, sign) = (start + found.at, found.sign);
                // The sign goes, what it stands before stays.
                row.text.extend_from_within(start..found);
                start = found + sign;
                let next = row.text[start..end].chars().next().map_or(0, char::len_utf8);
                row.text.extend_from_within(start..start + next);
                start += next;
            }
            row.text.extend_from_within(start..end);
            row.cells[index] = Span { start: begin, end: row.text.len() };
        }
    }

    /// Whether there may be more in a text than cells and single delimiters between them.
    fn has_signs(&self, text: &str) -> bool {
        self.quote.find(text).is_some() || self.escape.find(text).is_some()
    }

    /// A line without any quote or escape: the usual case, and the fast one.
    fn plain(&mut self, delimiter: u8, text: &str, cells: &mut Vec<Span>) -> Result<(), Exceeded> {
        let from = self.at;
        self.start = from;
        for found in memchr_iter(delimiter, &text.as_bytes()[from..]) {
            self.push(cells, from + found)?;
            self.start = from + found + 1;
        }
        self.push(cells, text.len())?;
        self.at = text.len() + 1;
        Ok(())
    }

    fn begin_cell(&mut self, text: &str, line: u64) {
        self.rewritten = false;
        self.quoted = self.quote.begins(&text[self.at..]);
        if self.quoted {
            self.at += self.quote.len();
            self.opened = line;
        }
        self.start = self.at;
    }

    /// Reads on to the next delimiter or the end of the line.
    fn unquoted(&mut self, text: &str, cells: &mut Vec<Span>) -> Result<(), Exceeded> {
        if self.escape.len() == 0 {
            let end = self.delimiter.find(&text[self.at..]).map_or(text.len(), |found| self.at + found);
            self.at = if end == text.len() { end + 1 } else { end + self.delimiter.len() };
            return self.push(cells, end);
        }
        let end = loop {
            let rest = &text[self.at..];
            let delimiter = self.delimiter.find(rest).unwrap_or(rest.len());
            match self.find_escape(&rest[..delimiter], rest) {
                Some(found) if found.next == 0 => {
                    self.at = text.len();
                    self.rewritten = true;
                    self.escaped_end = true;
                    return Ok(());
                }
                Some(found) => {
                    self.rewritten = true;
                    self.at += found.at + found.sign + found.next;
                }
                None => break self.at + delimiter,
            }
        };
        self.push_rewritten(cells, end, false)?;
        self.at = if end == text.len() { end + 1 } else { end + self.delimiter.len() };
        Ok(())
    }

    /// The next quote of a quoted cell that is not escaped.
    #[inline]
    fn find_quote(&mut self, text: &str) -> Option<usize> {
        if self.escape.len() == 0 {
            return self.quote.find(&text[self.at..]).map(|found| self.at + found);
        }
        loop {
            let rest = &text[self.at..];
            let quote = self.quote.find(rest).unwrap_or(rest.len());
            match self.find_escape(&rest[..quote], rest) {
                Some(found) => {
                    self.rewritten = true;
                    self.at += found.at + found.sign + found.next;
                }
                None => return (quote < rest.len()).then_some(self.at + quote),
            }
        }
    }

    /// Reads what follows a quote inside a quoted cell.
    #[inline]
    fn close(&mut self, text: &str, cells: &mut Vec<Span>, end: usize) -> Result<(), Exceeded> {
        let rest = &text[end + self.quote.len()..];
        if self.quote.begins(rest) {
            self.rewritten = true;
            self.at = end + 2 * self.quote.len();
            return Ok(());
        }
        self.quoted = false;
        if rest.is_empty() || self.delimiter.begins(rest) {
            self.push_rewritten(cells, end, true)?;
            let behind = end + self.quote.len();
            self.at = behind + if rest.is_empty() { 1 } else { self.delimiter.len() };
            return Ok(());
        }
        // The quotes belong to the text, as far as that can be told.
        self.stray.get_or_insert(Stray { cell: cells.len(), kind: StrayKind::TextAfterQuote });
        self.rewritten = false;
        self.start -= self.quote.len();
        self.at = end + self.quote.len();
        self.unquoted(text, cells)
    }

    fn leave_open(&mut self, text: &str, cells: &mut Vec<Span>) -> Result<(), Exceeded> {
        self.at = text.len();
        if self.stray.is_some() {
            // The row is refused anyway, and must not take the next line with it.
            self.start -= self.quote.len();
            self.quoted = false;
            self.at += 1;
            return self.push(cells, text.len());
        }
        if text.len() - self.start > self.limits.field { Err(Exceeded::OpenCellLength) } else { Ok(()) }
    }

    /// The first escape in `part` that makes plain text of what follows it in `rest`, which begins with `part`.
    fn find_escape(&self, part: &str, rest: &str) -> Option<Marked> {
        let mut from = 0;
        loop {
            let at = from + self.escape.find(&part[from..])?;
            let behind = &rest[at + self.escape.len()..];
            let Some(next) = behind.chars().next() else {
                return Some(Marked { at, sign: self.escape.len(), next: 0 });
            };
            let meant = self.escape.begins(behind)
                || self.delimiter.text.starts_with(next)
                || self.quote.begins(behind)
                || matches!(next, '\r' | '\n');
            if meant {
                return Some(Marked { at, sign: self.escape.len(), next: next.len_utf8() });
            }
            // Before anything else it is text.
            from = at + self.escape.len();
        }
    }

    /// The first escape or doubled quote in a cell.
    fn find_sign(&self, cell: &str, quoted: bool) -> Option<Marked> {
        let escape = match self.escape.len() {
            0 => None,
            _ => self.find_escape(cell, cell).filter(|escape| escape.next > 0),
        };
        let doubled = quoted.then(|| self.quote.find(cell)).flatten().map(|at| Marked {
            at,
            sign: self.quote.len(),
            next: self.quote.len(),
        });
        match (escape, doubled) {
            (Some(escape), Some(doubled)) => Some(if escape.at < doubled.at { escape } else { doubled }),
            (escape, doubled) => escape.or(doubled),
        }
    }

    #[inline]
    fn push_rewritten(&mut self, cells: &mut Vec<Span>, end: usize, quoted: bool) -> Result<(), Exceeded> {
        if std::mem::take(&mut self.rewritten) {
            self.rewrite.push((cells.len(), quoted));
        }
        self.push(cells, end)
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

/// A sign that makes plain text of what follows it: where it is, its length and that of the next character, in bytes.
struct Marked {
    at: usize,
    sign: usize,
    /// 0 at the end of the text.
    next: usize,
}
