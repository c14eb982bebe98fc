//! The reader of delimited files: whatever the bytes, it gives rows that lie where it says, or damage in words; the
//! same ones however the bytes come; and nothing of the file is passed over in silence.

use std::cell::Cell;
use std::io::{self, Read};

use erpfile::{
    Column, ColumnFrom, Damage, Encoding, Format, Limits, LineEnds, Problem, ReadError, Reader, RecordParser,
    Row, TableEnds, Undecodable, code, is_staged,
};

use crate::bytes::Choices;
use crate::words;

const DELIMITERS: &[&str] = &[";", ",", "\t", "|", ":", " ", "¤", "~", "\u{1f}", ", ", "||"];
const QUOTES: &[&str] = &["\"", "", "'", "«"];
const NAMES: &[&str] = &["a", "b", "Kundenr", "Navn", "By", ""];

/// With which DOS fills up the end of a text.
const END_MARK: u8 = 0x1A;

/// How much of the beginning of a file decides about its line ends.
const HEAD: usize = 64 << 10;

/// Six bytes choose the format, one the size of the pieces in which the file comes, one the limits; the rest is the
/// file.
pub fn check(input: &[u8]) {
    let mut choices = Choices(input);
    let (format, limits) = (format(&mut choices), limits(&mut choices));
    let piece = 1 + usize::from(choices.byte() % 16);
    let file = choices.0;
    let whole = read_every_way(file, &format, limits, piece);
    whole.check_places(file, limits);
    whole.check(file, &format, limits);
}

/// Reads a file at once, in pieces, and from a source that fails at times: all the same.
pub(crate) fn read_every_way(file: &[u8], format: &Format, limits: Limits, piece: usize) -> Outcome {
    let whole = read(file, format, limits);
    let pieces = Pieces { bytes: file, piece, failing: None, calls: 0 };
    assert_eq!(read(pieces, format, limits), whole, "read in pieces of {piece}");
    let failing = Cell::new(false);
    let flaky = Pieces { bytes: file, piece: piece * 7, failing: Some(&failing), calls: 0 };
    let read = read_with(flaky, format, limits, Some(&failing));
    assert_eq!(read, whole, "read from a source that fails at times");
    whole
}

fn format(choices: &mut Choices<'_>) -> Format {
    let encoding = choices.one(Encoding::ALL);
    let delimiter = choices.one(DELIMITERS).to_owned();
    let quote = choices.one(QUOTES).to_owned();
    let lines = choices.byte();
    let columns = choices.below(4);
    let names = choices.byte();
    let columns = (0..columns).map(|index| {
        let choice = usize::from(names >> (2 * index));
        let from = if names & 0x80 == 0 {
            ColumnFrom::Name(NAMES[choice % NAMES.len()].to_owned())
        } else {
            ColumnFrom::Position(1 + (choice % 4) as u32)
        };
        Column::new(from, format!("field{index}"))
    });
    Format {
        name: "any".to_owned(),
        register: "customers".to_owned(),
        encoding,
        delimiter,
        quote,
        escape: if lines & 8 == 0 { String::new() } else { "\\".to_owned() },
        line_ends: if lines & 16 == 0 { LineEnds::Auto } else { LineEnds::Any },
        undecodable: if lines & 32 == 0 { Undecodable::RefuseFile } else { Undecodable::RefuseRow },
        // So that every line is a row, but for a repeated header.
        table_ends: TableEnds::File,
        header_lines: u32::from(lines & 1),
        skip_lines: u32::from(lines >> 1) % 4,
        columns: columns.collect(),
        ..Format::default()
    }
}

fn limits(choices: &mut Choices<'_>) -> Limits {
    match usize::from(choices.byte()) {
        0..128 => Limits::default(),
        size => Limits { line: size - 120, field: size / 8, columns: 1 + size % 16, ..Limits::default() },
    }
}

/// A source that gives a few bytes at once; when it may fail, every third read does.
struct Pieces<'a> {
    bytes: &'a [u8],
    piece: usize,
    failing: Option<&'a Cell<bool>>,
    calls: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.calls += 1;
        if self.calls.is_multiple_of(3) && self.failing.is_some_and(Cell::get) {
            return Err(io::Error::other("not now"));
        }
        let count = self.piece.min(buffer.len());
        self.bytes.read(&mut buffer[..count])
    }
}

/// All that reading a file gave.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Outcome {
    header: Vec<String>,
    columns: Vec<Vec<usize>>,
    rows: Vec<OneRow>,
    /// How far the source has been given out after each row.
    positions: Vec<usize>,
    damage: Option<Problem>,
}

/// All of one row.
#[derive(Debug, PartialEq)]
struct OneRow {
    line: u64,
    offset: u64,
    raw: Vec<u8>,
    cells: Vec<String>,
    problems: Vec<Problem>,
}

impl OneRow {
    fn of(row: &Row) -> Self {
        assert_eq!(row.cells().count(), row.len());
        assert_eq!(row.cell(row.len()), None);
        Self {
            line: row.line,
            offset: row.offset,
            raw: row.raw().to_vec(),
            cells: row.cells().map(str::to_owned).collect(),
            problems: row.problems.clone(),
        }
    }

    fn end(&self) -> usize {
        place(self.offset) + self.raw.len()
    }
}

fn place(offset: u64) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}

fn read(source: impl Read, format: &Format, limits: Limits) -> Outcome {
    read_with(source, format, limits, None)
}

/// Reads a source to its end or damage, trying again what failed once there are rows, and has each row parsed again
/// from its bytes.
fn read_with(source: impl Read, format: &Format, limits: Limits, failing: Option<&Cell<bool>>) -> Outcome {
    let mut outcome = Outcome::default();
    let mut reader = match Reader::new(source, format, limits) {
        Ok(reader) => reader,
        Err(error) => {
            outcome.damage = damage(error);
            assert!(outcome.damage.is_some(), "the source does not fail before there is a reader");
            return outcome;
        }
    };
    outcome.header = reader.header().to_vec();
    outcome.columns = reader.columns().to_vec();
    failing.inspect(|failing| failing.set(true));
    let mut parser = reader.record_parser();
    let (mut row, mut position) = (Row::default(), reader.position());
    loop {
        match reader.read(&mut row) {
            Ok(true) => {}
            Ok(false) => return outcome,
            Err(error) => match damage(error) {
                None => continue,
                Some(problem) => {
                    let again = reader.read(&mut row).err().and_then(damage);
                    assert_eq!(again.as_ref(), Some(&problem), "damage stays");
                    outcome.damage = Some(problem);
                    return outcome;
                }
            },
        }
        let one = OneRow::of(&row);
        // What was written anew is read ahead by a row.
        if !is_staged(format.layout) {
            assert!(reader.position() > position, "reading moves on");
            position = reader.position();
            assert!(place(position) >= one.end(), "beyond its end");
        }
        outcome.positions.push(place(position));
        parse_again(&mut parser, &one);
        outcome.rows.push(one);
    }
}

fn damage(error: ReadError) -> Option<Problem> {
    match error {
        ReadError::Damage(Damage(problem)) => Some(*problem),
        ReadError::Io(_) => None,
    }
}

fn parse_again(parser: &mut RecordParser, one: &OneRow) {
    let mut again = Row::default();
    let parsed = parser.parse(&one.raw, one.line, &mut again);
    assert!(parsed.is_ok(), "{parsed:?}");
    again.offset = one.offset;
    assert_eq!(OneRow::of(&again), *one);
}

impl Outcome {
    /// Each row lies where it says, behind the one before, and keeps to the limits; what is wrong is said in words.
    pub(crate) fn check_places(&self, file: &[u8], limits: Limits) {
        let (mut end, mut line) = (0, 0);
        for row in &self.rows {
            assert!(row.line >= line.max(1) && place(row.offset) >= end, "{row:?}");
            (end, line) = (row.end(), row.line);
            let raw = file.get(place(row.offset)..end);
            assert_eq!(raw, Some(row.raw.as_slice()), "it lies where it says");
            assert!(row.cells.len() <= limits.columns, "{limits:?} {row:?}");
            // A stray quote counts with its cell.
            assert!(row.cells.iter().all(|cell| cell.len() <= limits.field + 1), "{limits:?} {row:?}");
            for problem in &row.problems {
                words::check(problem);
                assert_eq!(problem.line, Some(row.line));
                assert!(
                    problem.column.is_none_or(|column| column as usize <= row.cells.len()),
                    "{problem:?}"
                );
            }
        }
        self.damage.iter().for_each(words::check);
    }

    /// What only delimited text lets be checked: lines, what lies between rows, and cells.
    fn check(&self, file: &[u8], format: &Format, limits: Limits) {
        let text = Text::of(file, format);
        let mut end = None;
        for (row, position) in self.rows.iter().zip(&self.positions) {
            let behind = file.get(row.end()..*position).unwrap_or_default();
            let marks = behind.iter().rev().take_while(|byte| **byte == END_MARK).count();
            assert!(behind.len() - marks <= 4, "up to its line end");
            assert!(row.raw.len() <= limits.line, "{limits:?} {row:?}");
            assert_eq!(row.line, 1 + text.lines_before(place(row.offset)), "{row:?}");
            if let Some(end) = end {
                text.check_gap(end, place(row.offset), format, &self.header);
            }
            end = Some(row.end());
            text.check_row(row, format);
        }
        if let (Some(end), None) = (end, &self.damage) {
            text.check_gap(end, file.len(), format, &self.header);
        }
        let lines = 1 + text.lines_before(file.len());
        if let Some(problem) = &self.damage {
            assert!(problem.line.is_none_or(|line| line <= lines + 1), "{lines} lines: {problem:?}");
        } else {
            assert_eq!(self.columns.len(), format.columns.len());
        }
    }
}

/// The file as its format says it is to be read.
struct Text<'a> {
    file: &'a [u8],
    /// UTF-16 with its byte order settled.
    encoding: Encoding,
    /// For each pair of bytes, or each byte, whether it is CR, LF or neither.
    width: usize,
    low: usize,
    mark: usize,
    /// Whether a CR alone ends a line.
    lone_cr: bool,
}

impl<'a> Text<'a> {
    fn of(file: &'a [u8], format: &Format) -> Self {
        let big = file.starts_with(b"\xFE\xFF");
        let label = match format.encoding.label() {
            "utf-16" if big => "utf-16be",
            "utf-16" => "utf-16le",
            other => other,
        };
        let (width, low) = match label {
            "utf-16le" => (2, 0),
            "utf-16be" => (2, 1),
            _ => (1, 0),
        };
        let mark = match label {
            "utf-8" if file.starts_with(b"\xEF\xBB\xBF") => 3,
            "utf-16le" if file.starts_with(b"\xFF\xFE") => 2,
            "utf-16be" if big => 2,
            _ => 0,
        };
        let encoding = label.parse().unwrap_or_default();
        let mut text = Self { file, encoding, width, low, mark, lone_cr: false };
        let ends = text.ends(file.len().min(HEAD));
        text.lone_cr =
            format.line_ends == LineEnds::Any || !ends.contains(&Some('\n')) && ends.contains(&Some('\r'));
        text
    }

    /// The line ends among the characters before `end`.
    fn ends(&self, end: usize) -> Vec<Option<char>> {
        let characters = self.file.get(self.mark..end).unwrap_or_default().chunks_exact(self.width);
        let end = |bytes: &[u8]| match bytes[self.low] {
            _ if self.width == 2 && bytes[1 - self.low] != 0 => None,
            b'\r' => Some('\r'),
            b'\n' => Some('\n'),
            _ => None,
        };
        characters.map(end).collect()
    }

    fn lines_before(&self, end: usize) -> u64 {
        let ends = self.ends(end);
        let before = |index: usize| index.checked_sub(1).and_then(|before| ends[before]);
        let counts = |(index, end): (usize, &Option<char>)| match end {
            Some('\n') => !self.lone_cr || before(index) != Some('\r'),
            Some('\r') => self.lone_cr,
            _ => false,
        };
        ends.iter().enumerate().filter(|end| counts(*end)).count() as u64
    }

    /// Nothing but blanks, line ends and the header once more lies between two rows, or behind the last one.
    fn check_gap(&self, from: usize, to: usize, format: &Format, header: &[String]) {
        let gap = self.file.get(from..to);
        assert!(gap.is_some(), "rows overlap: {from} {to}");
        let text = self.encoding.decode_lossy(gap.unwrap_or_default());
        let text = if to == self.file.len() { text.trim_end_matches('\u{1a}') } else { &text };
        let blank = |c| matches!(c, '\r' | '\n' | ' ') || c == '\t' && !format.delimiter.contains('\t');
        if header.iter().any(|name| name.contains(['\r', '\n'])) {
            return;
        }
        for line in text.split(['\r', '\n']).filter(|line| !line.chars().all(blank)) {
            assert_eq!(cells(line, format).as_deref(), Some(header), "passed over at {from}: {text:?}");
        }
    }

    /// The bytes of a row are its characters, none made up or left out; and its cells are what a plain reading of its
    /// quotes gives.
    fn check_row(&self, row: &OneRow, format: &Format) {
        let text = self.encoding.decode_lossy(&row.raw);
        let has = |wanted: &str| row.problems.iter().any(|problem| problem.code == wanted);
        let expected = cells(&text, format);
        if has(code::UNDECODABLE) {
            assert_eq!(format.undecodable, Undecodable::RefuseRow);
        } else {
            assert_eq!(self.encoding.encode(&text).as_deref(), Ok(row.raw.as_slice()));
            let stray = has(code::STRAY_QUOTE) || has(code::STRAY_ESCAPE);
            assert!(stray || expected.is_some(), "{row:?}");
            // Quotes that can be read as text may tell that a delimiter is missing before a value in quotes.
            let as_text = expected.iter().flatten().filter(|cell| cell.contains(&*format.quote)).count() > 1;
            assert!(!stray || expected.is_none() || as_text && !format.quote.is_empty(), "{row:?}");
        }
        if let Some(expected) = expected {
            assert_eq!(row.cells, expected);
        }
    }
}

/// The cells of one record by RFC 4180 and the format's escape; `None` when a quote or an escape is not where one
/// belongs.
fn cells(text: &str, format: &Format) -> Option<Vec<String>> {
    let (delimiter, quote) = (format.delimiter.as_str(), format.quote.as_str());
    let quoted_at = |rest: &str| !quote.is_empty() && rest.starts_with(quote);
    // What an escape at the beginning of `rest` stands before; an error where that is the end.
    let escaped = |rest: &str| {
        let behind = rest.strip_prefix(format.escape.as_str()).filter(|_| !format.escape.is_empty())?;
        let next = behind.chars().next();
        let meant = next.is_none_or(|next| matches!(next, '\r' | '\n'))
            || behind.starts_with(&format.escape)
            || next.is_some_and(|next| delimiter.starts_with(next))
            || quoted_at(behind);
        meant.then_some(next)
    };
    let (mut cells, mut rest) = (Vec::new(), text);
    loop {
        let mut cell = String::new();
        let quoted = quoted_at(rest);
        if quoted {
            rest = &rest[quote.len()..];
        }
        loop {
            if let Some(next) = escaped(rest) {
                let next = next?;
                cell.push(next);
                rest = &rest[format.escape.len() + next.len_utf8()..];
            } else if quoted && quoted_at(rest) {
                rest = &rest[quote.len()..];
                if !quoted_at(rest) {
                    break;
                }
                cell.push_str(quote);
                rest = &rest[quote.len()..];
            } else if !quoted && rest.starts_with(delimiter) {
                break;
            } else if let Some(next) = rest.chars().next() {
                cell.push(next);
                rest = &rest[next.len_utf8()..];
            } else if quoted {
                return None;
            } else {
                break;
            }
        }
        cells.push(cell);
        if rest.is_empty() {
            return Some(cells);
        }
        rest = rest.strip_prefix(delimiter)?;
    }
}
