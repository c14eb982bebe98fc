//! Stories about delimited files, and what they have in common.

mod damaged;
mod memory;
mod passed;
mod properties;
mod realigned;
mod rows;
mod trailer;

use std::io::{self, Read};

use crate::{Column, ColumnFrom, Format, Limits, Problem, ReadError, Reader, Row};

/// All that reading a file gave.
#[derive(Debug, Default, PartialEq)]
struct Outcome {
    header: Vec<String>,
    columns: Vec<usize>,
    rows: Vec<Read1>,
    damage: Option<Problem>,
}

/// What one row was.
#[derive(Clone, Debug, PartialEq)]
struct Read1 {
    line: u64,
    offset: u64,
    raw: Vec<u8>,
    cells: Vec<String>,
    problems: Vec<Problem>,
}

impl Read1 {
    fn of(row: &Row) -> Self {
        assert_eq!(row.cells().count(), row.len());
        Self {
            line: row.line,
            offset: row.offset,
            raw: row.raw().to_vec(),
            cells: row.cells().map(str::to_owned).collect(),
            problems: row.problems.clone(),
        }
    }
}

impl Outcome {
    fn cells(&self) -> Vec<Vec<&str>> {
        self.rows.iter().map(|row| row.cells.iter().map(String::as_str).collect()).collect()
    }

    fn lines(&self) -> Vec<u64> {
        self.rows.iter().map(|row| row.line).collect()
    }

    /// `(line, column, code)` of the problems of all rows.
    fn problems(&self) -> Vec<(u64, u32, &str)> {
        self.rows
            .iter()
            .flat_map(|row| &row.problems)
            .map(|p| (p.line.unwrap_or(0), p.column.unwrap_or(0), p.code.as_ref()))
            .collect()
    }
}

/// A source that gives at most so many bytes at once, and is interrupted before each.
struct Chunks<'a> {
    bytes: &'a [u8],
    most: usize,
    interrupted: bool,
}

impl<'a> Chunks<'a> {
    fn new(bytes: &'a [u8], most: usize) -> Self {
        Self { bytes, most, interrupted: false }
    }
}

impl Read for Chunks<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.interrupted = !self.interrupted;
        if self.interrupted {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let count = self.most.min(buffer.len());
        self.bytes.read(&mut buffer[..count])
    }
}

fn read(bytes: &[u8], format: &Format) -> Outcome {
    read_with(bytes, format, Limits::default())
}

fn read_with(bytes: &[u8], format: &Format, limits: Limits) -> Outcome {
    read_from(bytes, format, limits)
}

/// Reads a source to its end or its damage, and has each record parsed again on the way.
fn read_from(source: impl Read, format: &Format, limits: Limits) -> Outcome {
    let mut outcome = Outcome::default();
    match read_into(source, format, limits, &mut outcome) {
        Ok(()) => {}
        Err(ReadError::Damage(damage)) => outcome.damage = Some(damage.into()),
        Err(ReadError::Io(error)) => panic!("{error}"),
    }
    outcome
}

fn read_into(
    source: impl Read,
    format: &Format,
    limits: Limits,
    outcome: &mut Outcome,
) -> Result<(), ReadError> {
    let mut reader = Reader::new(source, format, limits)?;
    outcome.header = reader.header().to_vec();
    outcome.columns = reader.columns().concat();
    let mut parser = reader.record_parser();
    let (mut row, mut again) = (Row::default(), Row::default());
    loop {
        match reader.read(&mut row) {
            Ok(true) => {}
            Ok(false) => return Ok(()),
            Err(ReadError::Damage(damage)) => {
                assert!(matches!(reader.read(&mut row), Err(ReadError::Damage(again)) if again == damage));
                return Err(damage.into());
            }
            Err(error) => return Err(error),
        }
        parser.parse(row.raw(), row.line, &mut again).expect("a record that was read is read again");
        again.offset = row.offset;
        assert_eq!(Read1::of(&again), Read1::of(&row));
        outcome.rows.push(Read1::of(&row));
    }
}

/// Semicolons, quotes, a header; no column is mapped.
fn format() -> Format {
    Format { name: "ERP customers".into(), register: "customers".into(), ..Format::default() }
}

fn encoded(label: &str) -> Format {
    Format { encoding: label.parse().expect("a known encoding"), ..format() }
}

fn headless() -> Format {
    Format { header_lines: 0, ..format() }
}

fn mapping(names: &[&str]) -> Format {
    let columns = names
        .iter()
        .enumerate()
        .map(|(index, name)| Column::new(ColumnFrom::Name((*name).to_owned()), format!("field{index}")));
    Format { columns: columns.collect(), ..format() }
}

fn positions(positions: &[u32]) -> Format {
    let columns = positions
        .iter()
        .enumerate()
        .map(|(index, position)| Column::new(ColumnFrom::Position(*position), format!("field{index}")));
    Format { columns: columns.collect(), ..format() }
}
