//! The trailer of rows that are written again: what it says must be true of these rows.

use crate::fixed_width::Cutter;
use crate::reader::{Reader, RecordParser};
use crate::trailer::TrailerCheck;
use crate::{ColumnFrom, Format, Layout, Limits, Row, Shape, Trailer, delimited, is_staged};

/// Counts and adds up rows, and writes the trailer that a file of them must have.
#[derive(Debug)]
pub struct Closing<'f> {
    format: &'f Format,
    header: &'f [String],
    head: &'f [u8],
    line_end: &'f [u8],
    shapes: &'f [Shape],
    check: Option<TrailerCheck>,
    /// Made with the first row; `None` as well when no row so far can stand first.
    parser: Option<RecordParser>,
    row: Row,
}

impl<'f> Closing<'f> {
    /// For a file as [`super::Again::new`] takes it.
    pub fn new(
        format: &'f Format,
        header: &'f [String],
        head: &'f [u8],
        line_end: &'f [u8],
        shapes: &'f [Shape],
    ) -> Self {
        let check = TrailerCheck::new(format, summed(format, header));
        Self { format, header, head, line_end, shapes, check, parser: None, row: Row::default() }
    }

    /// Takes a row into account, by its raw bytes.
    pub fn row(&mut self, raw: &[u8]) {
        if self.check.is_none() {
            return;
        }
        self.row.clear();
        if self.parser.is_none() {
            self.parser = self.parser_for(raw);
        }
        if let Some(parser) = &mut self.parser {
            // A row that cannot be parsed again is an empty one, which adds nothing.
            let _ = parser.parse(raw, 1, &mut self.row);
        }
        if let Some(check) = &mut self.check {
            check.add_row(&self.row);
        }
    }

    /// The parser that a file of the rows has; `raw` is the first of them.
    fn parser_for(&self, raw: &[u8]) -> Option<RecordParser> {
        if is_staged(self.format.layout) {
            return Some(RecordParser::staged());
        }
        let mut file = self.head.to_vec();
        if self.header.is_empty() {
            file.extend_from_slice(raw);
            file.extend_from_slice(self.line_end);
        }
        let reader =
            Reader::with_shapes(file.as_slice(), self.format, Limits::default(), self.shapes).ok()?;
        Some(reader.record_parser())
    }

    /// What stands in which cell of the trailer, 0-based and in their order; `None` when the format has none.
    pub fn cells(&self) -> Option<Vec<(u16, String)>> {
        let (trailer, check) = (self.format.trailer.as_ref()?, self.check.as_ref()?);
        let mut cells = vec![(0, trailer.starts_with.clone())];
        for (place, text) in numbers(trailer, check) {
            match u16::try_from(place) {
                Ok(0) => cells[0].1.push_str(&text),
                Ok(place) => cells.push((place, text)),
                Err(_) => {}
            }
        }
        Some(cells)
    }

    /// The line of the trailer, without its end; `None` when the format has none.
    pub(super) fn line(&self) -> Option<String> {
        let (trailer, check) = (self.format.trailer.as_ref()?, self.check.as_ref()?);
        let numbers = numbers(trailer, check);
        Some(match self.format.layout {
            Layout::FixedWidth => at_positions(self.format, trailer, &numbers),
            _ => delimited(self.format, trailer, &numbers),
        })
    }
}

/// The 0-based cell of each row that is added up.
fn summed(format: &Format, header: &[String]) -> Option<usize> {
    match format.trailer.as_ref()?.total_of.as_ref()? {
        ColumnFrom::Position(position) => usize::try_from(*position).ok()?.checked_sub(1),
        ColumnFrom::Name(_) => delimited::resolve(format, header, 1).ok()?.total,
    }
}

/// The numbers of a trailer with their 0-based cells, in the order of the cells.
fn numbers(trailer: &Trailer, check: &TrailerCheck) -> Vec<(usize, String)> {
    let (rows, total) = check.found();
    let mut numbers: Vec<(usize, String)> = [(trailer.row_count, rows), (trailer.total, total)]
        .into_iter()
        .filter_map(|(place, text)| Some((usize::try_from(place?).ok()?.checked_sub(1)?, text)))
        .collect();
    numbers.sort_unstable();
    numbers
}

fn delimited(format: &Format, trailer: &Trailer, numbers: &[(usize, String)]) -> String {
    let (delimiter, quote) = (format.delimiter.as_str(), format.quote.as_str());
    let mut line = trailer.starts_with.clone();
    let is_open = |line: &str| !quote.is_empty() && line.matches(quote).count() % 2 == 1;
    let mut cell = line.matches(delimiter).count();
    for (place, text) in numbers {
        while cell < *place {
            if is_open(&line) {
                line.push_str(quote);
            }
            line.push_str(delimiter);
            cell += 1;
        }
        if text.contains(delimiter) && !is_open(&line) {
            line.extend([quote, text, quote]);
        } else {
            line.push_str(text);
        }
    }
    if is_open(&line) {
        line.push_str(quote);
    }
    line
}

/// At fixed positions numbers stand at the right of their cells.
fn at_positions(format: &Format, trailer: &Trailer, numbers: &[(usize, String)]) -> String {
    let mut line = trailer.starts_with.clone();
    let mut cutter = Cutter::new(format);
    let mut ranges: Vec<_> =
        numbers.iter().filter_map(|(place, text)| Some((format.cells.get(*place)?, text))).collect();
    ranges.sort_unstable_by_key(|(range, _)| range.first);
    for (range, text) in ranges {
        cutter.cut(&line, &mut Vec::new());
        let (first, length) = (range.first as usize - 1, cutter.length());
        let end = range.last.map_or(0, |last| last as usize);
        let blanks = first.max(end.saturating_sub(text.len())).saturating_sub(length);
        line.extend(std::iter::repeat_n(' ', blanks));
        line.push_str(text);
    }
    line
}
