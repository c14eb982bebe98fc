//! Puts a record together again that a line break inside a cell without quotes has cut into several lines.

use std::io::Read;
use std::ops::RangeInclusive;

use super::lines::{Line, Lines, Next};
use super::realign::Columns;
use super::record::{Place, RecordParser};
use super::{Reader, is_blank};
use crate::{ReadError, Row};

/// The most lines that one record is put together from.
const MOST_LINES: usize = 20;

/// The most empty cells behind the last column that can be usual.
const MOST_SURPLUS: usize = 64;

/// How many of the first records show what is usual in a file.
const LOOKED_AT: usize = 200;

impl<R: Read> Reader<R> {
    /// Adds the lines that follow to a row that is too short, if only so each column holds what it should. Otherwise the
    /// row is as it was, and the lines after it are read by themselves. Gives the last line of the row and its number.
    pub(super) fn mend(&mut self, first: Line, line: u64, row: &mut Row) -> Result<(Line, u64), ReadError> {
        let escape = self.parser.splitter().escape();
        if !self.parser.columns().are_known() || line != row.line || !escape.is_empty() {
            return Ok((first, line));
        }
        let mended = self.mended(row);
        if let Ok(Some(mended)) = mended {
            return Ok(mended);
        }
        // A limit that is exceeded further down is told when its turn comes.
        if let Err(error @ ReadError::Io(_)) = mended {
            return Err(error);
        }
        self.lines.rewind(first.next);
        self.begin(row);
        self.take(&first, row.line, row)?;
        Ok((first, line))
    }

    fn mended(&mut self, row: &mut Row) -> Result<Option<(Line, u64)>, ReadError> {
        let Some(width) = self.parser.width() else { return Ok(None) };
        let start = row.line;
        let before = row.len();
        let kind = kind_of(row.cell(0).unwrap_or_default());
        let mut parser = self.parser.clone();
        let mut alone = Row::default();
        for number in start + 1..=start + MOST_LINES as u64 {
            let Next::Line(next) = self.lines.next_line()? else { return Ok(None) };
            parser.begin(&mut alone);
            alone.line = number;
            let place = Place { line: number, offset: None, last: !next.ended };
            parser.take(self.lines.bytes(next.content.clone()), place, &mut alone)?;
            let first = alone.cell(0).unwrap_or_default();
            // What could be a record, or begin as one does, is left alone.
            if parser.open()
                || parser.stray()
                || alone.len() >= width.least
                || alone.len() > 1 && kind_of(first) == kind
                || is_blank(&alone.text, &parser, next.ended)
                || self.trailer.as_ref().is_some_and(|trailer| trailer.is(&alone))
                || !self.table.may_continue(&alone)
            {
                return Ok(None);
            }
            self.parser.begin_whole(row);
            row.line = start;
            row.offset = self.lines.offset();
            let place = Place { line: start, offset: Some(row.offset), last: false };
            self.parser.take(self.lines.bytes(0..next.content.end), place, row)?;
            if row.len() > width.most {
                return Ok(None);
            }
            if row.len() >= width.least {
                let tells = self.parser.columns().evidence(row.cells(), before);
                return Ok(tells.filter(|tells| *tells > 0).map(|_| (next, number)));
            }
        }
        Ok(None)
    }

    /// How many empty cells the rows at the beginning of the file usually have behind the last column; a range where
    /// several numbers are equally usual.
    pub(super) fn usual_surplus(&self, columns: &Columns) -> RangeInclusive<usize> {
        let Some(width) = self.parser.width().filter(|_| self.parser.splitter().cutter().is_none()) else {
            return 0..=0;
        };
        let ahead = self.lines.ahead();
        let mut parser = self.parser.clone();
        let Ok(mut lines) = Lines::new(ahead, ahead.len()) else { return 0..=0 };
        lines.begin(0, parser.unit(), self.lines.lone_cr());
        let mut row = Row::default();
        // How often each number of cells was there: in rows whose values show that they are in the right columns, and
        // in those whose values only do not contradict it.
        let mut counts = vec![(0_usize, 0_usize); 1];
        for _ in 0..LOOKED_AT {
            lines.begin_record();
            let Ok(Next::Line(line)) = lines.next_line() else { break };
            let place = Place { line: 1, offset: None, last: !line.ended };
            parser.begin(&mut row);
            let taken = parser.take(lines.bytes(line.content), place, &mut row);
            let surplus = row.len().saturating_sub(width.least);
            let bare = row.cells().skip(width.least).all(str::is_empty);
            if taken.is_err() || parser.open() || row.len() < width.least || !bare || surplus > MOST_SURPLUS {
                continue;
            }
            let Some(evidence) = columns.evidence(row.cells().take(width.least), 0) else { continue };
            counts.resize(counts.len().max(surplus + 1), (0, 0));
            counts[surplus].0 += usize::from(evidence > 0);
            counts[surplus].1 += 1;
        }
        let most = counts.iter().max().copied().unwrap_or_default();
        let usual = |surplus: &usize| counts[*surplus] == most;
        let (first, last) = ((0..counts.len()).find(usual), (0..counts.len()).rfind(usual));
        first.unwrap_or_default()..=last.unwrap_or_default()
    }
}

impl RecordParser {
    /// Whether each line of a text that a quote holds together is a record of its own, all of whose values are in the
    /// right columns: then the quote is a stray one.
    pub(super) fn are_records(&self, text: &str) -> bool {
        let Some(width) = self.width().filter(|_| self.columns().are_known()) else { return false };
        let delimiter = self.splitter().delimiter();
        let ends = if self.lone_cr() { &['\n', '\r'][..] } else { &['\n'] };
        text.split(ends).map(|line| line.trim_end_matches('\r')).filter(|line| !line.is_empty()).all(|line| {
            let cells = line.split(delimiter).count();
            (width.least..=width.most).contains(&cells)
                && self.columns().evidence(line.split(delimiter), 0).is_some_and(|evidence| evidence > 0)
        })
    }
}

/// How a value is made, by letters, digits and signs: a number that follows on the next line begins as the first does.
fn kind_of(value: &str) -> String {
    let mut kind = String::new();
    for c in value.trim().chars() {
        let class = match c {
            _ if c.is_ascii_digit() => '9',
            _ if c.is_alphabetic() => 'a',
            other => other,
        };
        if !kind.ends_with(class) {
            kind.push(class);
        }
    }
    kind
}
