//! Physical lines of a source, in a window of bounded size.

use std::io::{self, Read};
use std::ops::Range;

use memchr::{memchr, memchr2};

use crate::encoding::Decoder;

/// How much of the beginning decides about line ends and encoding.
pub(super) const HEAD: usize = 64 << 10;

/// How much is asked of the source at once.
const CHUNK: usize = 128 << 10;

/// The longest line end: CR LF in UTF-16.
const LONGEST_END: usize = 4;

/// A physical line; its places count from the start of the record it belongs to.
#[derive(Clone, Debug)]
pub(super) struct Line {
    /// The bytes of the line without its end.
    pub(super) content: Range<usize>,
    /// Where the next line begins.
    pub(super) next: usize,
    /// Whether it has a line end; only the last line of a file may have none.
    pub(super) ended: bool,
}

/// What comes next in the source.
pub(super) enum Next {
    Line(Line),
    End,
    /// The record grew beyond the limit before its line ended.
    TooLong,
}

/// With which DOS and CP/M fill up the end of a text.
const END_MARK: u8 = 0x1A;

/// How bytes make the characters CR and LF.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Byte,
    Little,
    Big,
}

impl Unit {
    /// That of an encoding.
    pub(super) fn of(decoder: &Decoder) -> Self {
        match decoder {
            Decoder::Utf16Le => Self::Little,
            Decoder::Utf16Be => Self::Big,
            Decoder::Utf8 | Decoder::Single(_) => Self::Byte,
        }
    }

    fn width(self) -> usize {
        match self {
            Self::Byte => 1,
            Self::Little | Self::Big => 2,
        }
    }

    /// Which byte of a unit holds an ASCII character.
    fn low(self) -> usize {
        usize::from(self == Self::Big)
    }
}

/// Gives out the physical lines of a source and remembers those of the current record.
///
/// A line ends with LF or CR LF; where the head of the file has no LF at all, or the format says so, with CR as well.
pub(super) struct Lines<R> {
    input: R,
    window: Vec<u8>,
    /// How much of `window` is read bytes.
    filled: usize,
    /// Where in the source `window` begins.
    base: u64,
    /// Where in `window` the current record begins.
    start: usize,
    /// Where in `window` the next line begins.
    next: usize,
    ended: bool,
    unit: Unit,
    /// Whether a CR alone ends a line.
    lone_cr: bool,
    limit: usize,
}

impl<R: Read> Lines<R> {
    /// Reads the head of the source. `limit` is the longest record in bytes.
    pub(super) fn new(input: R, limit: usize) -> io::Result<Self> {
        let mut lines = Self {
            input,
            window: vec![0; CHUNK],
            filled: 0,
            base: 0,
            start: 0,
            next: 0,
            ended: false,
            unit: Unit::Byte,
            lone_cr: false,
            limit,
        };
        while lines.filled < HEAD && !lines.ended {
            lines.fill()?;
        }
        Ok(lines)
    }

    /// The first bytes of the source, at most [`HEAD`].
    pub(super) fn head(&self) -> &[u8] {
        &self.window[..self.filled.min(HEAD)]
    }

    /// Settles where the text begins and how its line ends are written; to be called once, before any line.
    /// `any` makes a CR alone end a line wherever it stands.
    pub(super) fn begin(&mut self, mark: usize, unit: Unit, any: bool) {
        self.next = mark;
        self.start = mark;
        self.unit = unit;
        let head = self.filled.min(HEAD);
        let has = |byte| {
            self.window[mark..head].chunks_exact(unit.width()).any(|bytes| is_ascii(bytes, unit, byte))
        };
        self.lone_cr = any || !has(b'\n') && has(b'\r');
    }

    /// Whether a CR alone ends a line.
    pub(super) fn lone_cr(&self) -> bool {
        self.lone_cr
    }

    /// What has been read of the source and not been given out.
    pub(super) fn ahead(&self) -> &[u8] {
        &self.window[self.next..self.filled]
    }

    /// The next line that is given out begins a record.
    pub(super) fn begin_record(&mut self) {
        self.start = self.next;
    }

    /// Goes back to `place` of the current record, as if the lines after it had not been given out.
    pub(super) fn rewind(&mut self, place: usize) {
        self.next = self.start + place;
    }

    /// Where in the source the current record begins.
    pub(super) fn offset(&self) -> u64 {
        self.base + self.start as u64
    }

    /// How much of the source has been given out.
    pub(super) fn position(&self) -> u64 {
        self.base + self.next as u64
    }

    /// Bytes of the current record.
    pub(super) fn bytes(&self, range: Range<usize>) -> &[u8] {
        &self.window[self.start + range.start..self.start + range.end]
    }

    /// The next physical line, with the lines since [`Self::begin_record`] kept.
    pub(super) fn next_line(&mut self) -> io::Result<Next> {
        // How much of the line is known to hold no line end.
        let mut searched = 0;
        loop {
            match self.find_end(self.next + searched) {
                Ok((end, next)) => return Ok(self.give(end, next, true)),
                Err(at) => searched = at - self.next,
            }
            if self.filled - self.start > self.limit + LONGEST_END {
                return Ok(Next::TooLong);
            }
            if self.ended {
                return Ok(self.last_line());
            }
            self.fill()?;
        }
    }

    fn give(&mut self, end: usize, next: usize, ended: bool) -> Next {
        if end - self.start > self.limit {
            return Next::TooLong;
        }
        let content = self.next - self.start..end - self.start;
        self.next = next;
        Next::Line(Line { content, next: next - self.start, ended })
    }

    /// What remains after the last line end. An end mark of DOS (Ctrl-Z) ends the line, and is no part of it.
    fn last_line(&mut self) -> Next {
        if self.next == self.filled {
            return Next::End;
        }
        let mut marked = self.filled;
        while marked > self.next && self.unit == Unit::Byte && self.window[marked - 1] == END_MARK {
            marked -= 1;
        }
        // A CR here is half of the line end that the others have.
        let end = self.without_cr(marked);
        self.give(end, self.filled, marked < self.filled)
    }

    /// The end of the line's content and the start of the next line; or where to search on.
    fn find_end(&self, from: usize) -> Result<(usize, usize), usize> {
        let width = self.unit.width();
        let known = self.filled - (self.filled - self.start) % width;
        let Some(hit) = self.find_unit(from, known) else { return Err(known.max(from)) };
        let after = hit + width;
        if self.is(hit, b'\n') {
            return Ok((self.without_cr(hit), after));
        }
        if after < known && self.is(after, b'\n') {
            Ok((hit, after + width))
        } else if after < known || self.ended {
            Ok((hit, after))
        } else {
            // Whether LF follows is not known yet.
            Err(hit)
        }
    }

    /// `end`, or the place of the CR right before it in the same line.
    fn without_cr(&self, end: usize) -> usize {
        match end.checked_sub(self.unit.width()) {
            Some(before) if before >= self.next && self.is(before, b'\r') => before,
            _ => end,
        }
    }

    fn is(&self, at: usize, byte: u8) -> bool {
        is_ascii(&self.window[at..at + self.unit.width()], self.unit, byte)
    }

    /// The first unit in `from..to` that may end a line.
    fn find_unit(&self, from: usize, to: usize) -> Option<usize> {
        let mut at = from;
        while at < to {
            let rest = &self.window[at..to];
            let found = if self.lone_cr { memchr2(b'\n', b'\r', rest) } else { memchr(b'\n', rest) };
            let byte = at + found?;
            let width = self.unit.width();
            let unit = byte - (byte - self.start) % width;
            if byte - unit == self.unit.low() && self.is(unit, self.window[byte]) {
                return Some(unit);
            }
            // A byte of another character, as of U+0A0D in UTF-16: go on behind it.
            at = byte + 1;
        }
        None
    }

    /// Reads once more, making room first; at the end of the source `ended` is set.
    fn fill(&mut self) -> io::Result<()> {
        if self.filled == self.window.len() {
            self.window.copy_within(self.start..self.filled, 0);
            self.base += self.start as u64;
            self.next -= self.start;
            self.filled -= self.start;
            self.start = 0;
        }
        if self.filled == self.window.len() {
            // The record alone fills the window. It may not grow beyond the limit, nor need the window.
            let size = (self.window.len() * 2).min(self.limit.saturating_add(CHUNK)).max(self.filled + 1);
            self.window.resize(size, 0);
        }
        loop {
            match self.input.read(&mut self.window[self.filled..]) {
                Ok(0) => self.ended = true,
                Ok(count) => self.filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            }
            return Ok(());
        }
    }
}

fn is_ascii(unit_bytes: &[u8], unit: Unit, byte: u8) -> bool {
    match (unit, unit_bytes) {
        (Unit::Byte, [only]) => *only == byte,
        (Unit::Little, [low, 0]) | (Unit::Big, [0, low]) => *low == byte,
        _ => false,
    }
}
