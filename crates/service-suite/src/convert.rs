//! What a file holds as CSV (RFC 4180): UTF-8, commas, the names of the columns first, and every value as it was read.
//!
//! A file is read to its end before anything is written: what cannot be told for certain is a reason not to write.

use std::fs::File;
use std::io::{BufReader, Seek, Write};
use std::path::Path;

use anyhow::{Context, bail};
use erpfile::suggest::Question;
use erpfile::{DecimalSeparator, Format, Limits, Problem, Reader, Row, Shape, code};
use register::settings::Settings;

use crate::suggest::{self, Stopped};

/// The keys whose questions are about reading: the others are about what the values mean, which nobody asks for here.
const ABOUT_READING: &[&str] = &["encoding", "layout", "delimiter", "quote", "records", "comment"];

/// Problems that are told one by one.
const TOLD: usize = 20;

/// Why a file that could be read a moment ago cannot be written.
const CHANGED: &str = "the file was changed while it was read; try again once it is finished";

/// A file that can be converted, read to its end once.
pub(crate) struct Convertible {
    file: File,
    limits: Limits,
    shapes: Vec<Shape>,
    /// How it is read.
    pub(crate) format: Format,
    /// The names of its columns.
    pub(crate) columns: Vec<String>,
    /// How many rows it has.
    pub(crate) rows: u64,
    /// What was left out, or put right, that somebody may want to look at.
    pub(crate) notes: Vec<Problem>,
}

/// Why nothing is written.
pub(crate) enum Refused {
    /// It is not certain how the file is to be read.
    Unsure(Vec<Question>),
    /// Rows, or the whole file, cannot be read: the first problems, and how many there are.
    Problems(Vec<Problem>, u64),
    /// The file is none, or cannot be read, or nothing can be said of it.
    Other(anyhow::Error),
}

impl From<anyhow::Error> for Refused {
    fn from(error: anyhow::Error) -> Self {
        Refused::Other(error)
    }
}

impl From<Stopped> for Refused {
    fn from(stopped: Stopped) -> Self {
        match stopped {
            Stopped::Damage(damage) => Refused::Problems(vec![*damage], 1),
            Stopped::Other(error) => Refused::Other(error),
        }
    }
}

impl Convertible {
    /// Reads the file at `path` to its end by `format`, or by what can be told from the file itself.
    ///
    /// # Errors
    /// Whatever speaks against writing it.
    pub(crate) fn open(path: &Path, format: Option<Format>, settings: &Settings) -> Result<Self, Refused> {
        let limits = settings.limits.reading();
        let told = format.is_some();
        let mut file = suggest::open(path)?;
        let format = match format {
            Some(format) => format,
            None => {
                let mut proposal = suggest::sampled(&mut file, path, limits)?;
                proposal.questions.retain(|question| ABOUT_READING.contains(&question.key));
                if !proposal.questions.is_empty() {
                    return Err(Refused::Unsure(proposal.questions));
                }
                // The numbers of a workbook are written here, and not in the file.
                Format { decimal_separator: DecimalSeparator::Point, ..proposal.format }
            }
        };
        let shapes = suggest::shapes(&format, &settings.own_fields);
        let file = suggest::readable(file, &format, limits)?;
        let mut convertible =
            Self { file, limits, shapes, format, columns: Vec::new(), rows: 0, notes: Vec::new() };
        convertible.look_through()?;
        if !told && !convertible.format.records.is_empty() {
            convertible.notes.push(other_lines(&convertible.format.records));
        }
        Ok(convertible)
    }

    fn reader(&self) -> Result<Reader<BufReader<&File>>, Stopped> {
        (&self.file).rewind()?;
        Ok(Reader::with_shapes(BufReader::new(&self.file), &self.format, self.limits, &self.shapes)?)
    }

    /// Reads the whole file: is every row certain, and which columns are there?
    fn look_through(&mut self) -> Result<(), Refused> {
        let (mut problems, mut all) = (Vec::new(), 0);
        let (mut notes, mut rows, mut width) = (Vec::new(), 0, 0);
        let mut reader = self.reader()?;
        let mut row = Row::default();
        while reader.read(&mut row).map_err(Stopped::from)? {
            rows += 1;
            all += row.problems.len() as u64;
            problems.append(&mut row.problems);
            problems.truncate(TOLD);
            notes.append(&mut row.notes);
            notes.truncate(TOLD);
            let is_used = |cell: &str| reader.header().is_empty() || !cell.is_empty();
            let used = (0..row.len()).rev().find(|&at| row.cell(at).is_some_and(is_used));
            width = width.max(used.map_or(0, |last| last + 1));
        }
        if all > 0 {
            return Err(Refused::Problems(problems, all));
        }
        notes.extend(reader.notes());
        // Lines that end with a delimiter have no column behind it.
        let named = reader.header().iter().rposition(|name| !name.trim().is_empty());
        let mut columns: Vec<String> = reader.header().to_vec();
        columns.resize(width.max(named.map_or(0, |last| last + 1)), String::new());
        for (at, name) in columns.iter_mut().enumerate().filter(|(_, name)| name.trim().is_empty()) {
            *name = format!("Column {}", at + 1);
        }
        drop(reader);
        (self.columns, self.rows, self.notes) = (columns, rows, notes);
        Ok(())
    }

    /// Writes all of it.
    ///
    /// # Errors
    /// When `out` cannot be written to, or the file is no longer what it was.
    pub(crate) fn write(&self, out: impl Write) -> anyhow::Result<()> {
        let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
        writer.write_record(&self.columns)?;
        let mut reader = self.reader().map_err(changed)?;
        let mut row = Row::default();
        let mut rows = 0;
        while reader.read(&mut row).map_err(|error| changed(error.into()))? {
            let surplus = row.cells().skip(self.columns.len()).any(|cell| !cell.is_empty());
            if !row.problems.is_empty() || surplus {
                bail!(CHANGED);
            }
            writer.write_record((0..self.columns.len()).map(|at| row.cell(at).unwrap_or_default()))?;
            rows += 1;
        }
        if rows != self.rows {
            bail!(CHANGED);
        }
        writer.flush().context("what was read cannot be written")
    }
}

/// Says that a file has lines that are not written, since they are of another kind than its records.
fn other_lines(records: &str) -> Problem {
    Problem::new(
        code::LEFT_OUT,
        format!("Only the lines that begin with {records} are written: the file has lines of other kinds."),
        "If you want those of another kind, make a format that says so, and convert with it.",
    )
}

/// It could be read a moment ago.
fn changed(stopped: Stopped) -> anyhow::Error {
    match stopped {
        Stopped::Damage(_) => anyhow::anyhow!(CHANGED),
        Stopped::Other(error) => error,
    }
}

#[cfg(test)]
mod tests;
