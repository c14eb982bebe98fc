//! Records written as a format's own files, so that importing them changes nothing.
//!
//! Whatever a format can say, what counts is what it makes of the file: it is compared with the register by that very format
//! before anybody gets it.

mod line;
mod parts;

use std::fs::File;
use std::io::{BufWriter, Seek, Write};
use std::ops::ControlFlow;

use erpfile::{
    Apply, Blank, Column, ColumnFrom, Content, FieldChecks, Format, Layout, Level, Limits, Missing,
    OtherCodes, Owner, Part, Repeated,
};
use jiff::civil::Date;

use crate::compare::compare;
use crate::contacts::Contact;
use crate::date::DateFormat;
use crate::db::Database;
use crate::field::{Kind, shown};
use crate::frames::Scratch;
use crate::job::{Job, Report, Stop};
use crate::prepare::Anew;
use crate::records::{self, Query, Record};
use crate::{Register, history, mapping};
use parts::Parts;

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum NotWritten {
    /// The format's files cannot be made, or cannot hold a value; the sentence says which.
    #[error("{0}")]
    Unfit(String),
    /// A file or the database failed.
    #[error(transparent)]
    Stop(#[from] Stop),
}

/// How often a file is made whose records are changed before it is compared with them.
const TRIES: usize = 3;

/// The records that `query` asks for as a file of `format`, and how many there are.
///
/// # Errors
/// [`NotWritten::Unfit`] when the format's layout or encoding cannot hold them, and when they are changed again and again
/// meanwhile.
pub fn export(
    db: &Database,
    register: &'static Register,
    format: &Format,
    query: &Query,
    limits: Limits,
    scratch: &dyn Scratch,
    report: Report<'_>,
) -> Result<(File, u64), NotWritten> {
    let layout = FileLayout::new(register, format).map_err(NotWritten::Unfit)?;
    let strict = strict(format);
    for _ in 0..TRIES {
        let written = layout.write(db, query, scratch)?;
        let size = written.file.metadata().map_err(Stop::Scratch)?.len();
        if written.rows == 0 && size == 0 {
            return Err(empty(register, format));
        }
        let copy = written.file.try_clone().and_then(Anew::new).map_err(Stop::Scratch)?;
        let job = Job { register, format: &strict, limits, spool: &copy, scratch };
        let Some(what) = difference(db, &job, written.rows, report)? else {
            let mut file = written.file;
            file.rewind().map_err(Stop::Scratch)?;
            return Ok((file, written.records));
        };
        if db.read(history::last).map_err(Stop::Db)? == written.newest {
            return Err(unlike(format, &what));
        }
    }
    Err(NotWritten::Unfit(format!(
        "{} are being changed all the while, so that what was written could not be compared with them; try again later",
        register.title.to_lowercase()
    )))
}

/// Records written to a file, which nobody has compared with them yet.
struct Written {
    file: File,
    records: u64,
    /// As many as the records, or more where each line is a contact.
    rows: u64,
    /// The newest change of the register as it was written.
    newest: i64,
}

/// What would not be read as it is in the register.
fn difference(
    db: &Database,
    job: &Job<'_>,
    written: u64,
    report: Report<'_>,
) -> Result<Option<String>, NotWritten> {
    let set = match compare(db, job, report) {
        Ok(set) => set,
        Err(Stop::Damage(problem)) => return Ok(Some(problem.to_string())),
        Err(stop) => return Err(stop.into()),
    };
    let mut told = None;
    set.problems(job, &mut |problem, _| {
        told.get_or_insert_with(|| problem.to_string());
    })?;
    if told.is_some() {
        return Ok(told);
    }
    if let Some(change) = set.preview(job, 1)?.first() {
        let fields: Vec<&str> = change.changes.iter().map(|(field, ..)| field.as_str()).collect();
        return Ok(Some(format!("{} {}: {}", job.register.singular, change.number, fields.join(", "))));
    }
    let all = set.counts.read == written && set.counts.unchanged == written;
    Ok((!all).then(|| format!("{} of {written} rows would be read", set.counts.read)))
}

/// Nothing was found, and the format has no header: the file would be one of no bytes.
fn empty(register: &Register, format: &Format) -> NotWritten {
    NotWritten::Unfit(format!(
        "no {} were found, and without a header a file of the format \"{}\" would be empty, which no import takes; nothing \
         was written",
        register.title.to_lowercase(),
        format.name
    ))
}

/// What was written would not be read as it is here.
fn unlike(format: &Format, what: &str) -> NotWritten {
    NotWritten::Unfit(format!(
        "a file of the format \"{}\" cannot hold every value ({what}); nothing was written; export to CSV instead, or \
         change the format",
        format.name
    ))
}

/// The format that takes every value as it is read: nothing that its rules would leave out is left out.
fn strict(format: &Format) -> Format {
    let columns = format.columns.iter().cloned();
    let mut checks = format.checks;
    for (key, _) in FieldChecks::ALL {
        // What is only warned of is imported.
        if checks.get(key) == Some(Level::Warn) {
            checks.set(key, Level::Off);
        }
    }
    Format {
        checks,
        apply: Apply::CreateAndUpdate,
        ignore_in_key: Vec::new(),
        blank: Blank::Clear,
        content: Content::Changes,
        missing: Missing::Leave,
        repeated: match format.repeated {
            Repeated::Contacts => Repeated::Contacts,
            _ => Repeated::Refuse,
        },
        columns: columns.map(|column| Column { owner: Owner::Erp, blank: None, ..column }).collect(),
        ..format.clone()
    }
}

/// Where the values of a record go in a file.
struct FileLayout<'f> {
    register: &'static Register,
    format: &'f Format,
    /// What each cell of a row is; nothing when the format does not read it.
    cells: Vec<Option<Cell<'f>>>,
    /// The columns of contacts.
    parts: Parts,
}

/// A cell of a row.
#[derive(Clone)]
struct Cell<'f> {
    column: &'f Column,
    /// The place of its field.
    at: usize,
    /// The part of a contact that it is, if it is one: which of those on a line, and which part.
    part: Option<(usize, usize)>,
    dates: DateFormat,
}

impl<'f> FileLayout<'f> {
    fn new(register: &'static Register, format: &'f Format) -> Result<Self, String> {
        let cannot = |what: &str| {
            Err(format!(
                "files of the format \"{}\" cannot be exported: {what}; export to CSV instead",
                format.name
            ))
        };
        if !matches!(format.layout, Layout::Delimited | Layout::FixedWidth) {
            return cannot("only delimited and fixed-width ones can");
        }
        let more = !format.section.is_empty()
            || !format.records.is_empty()
            || !format.header_marker.is_empty()
            || format.trailer.is_some()
            || format.header_lines > 1
            || format.lines_below_header > 0;
        if more {
            return cannot("they have more than one header line and rows");
        }
        let mut cells: Vec<Option<Cell<'_>>> = vec![None; format.cells.len()];
        let mut named = Vec::new();
        let parts = Parts::new(register, format);
        for column in &format.columns {
            let Some(from) = column.from.first() else { continue };
            let part = parts.of(register, format, &column.field);
            let at = match part {
                Some(_) => mapping::contacts_place(register),
                None => register.index(&column.field),
            };
            let Some(at) = at else {
                return cannot(&format!("there is no field {}", column.field));
            };
            if column.join.is_some() || column.part != Part::Whole {
                return cannot(&format!("{} is made of parts of cells", register.fields[at].label));
            }
            let own = Some(&column.date_format).filter(|own| !own.is_empty());
            let Some(dates) = DateFormat::new(own.unwrap_or(&format.date_format)) else {
                return cannot("it does not say how dates are written");
            };
            let cell = Cell { column, at, part, dates };
            match from {
                ColumnFrom::Name(_) => named.push(cell),
                ColumnFrom::Position(position) => {
                    let place = usize::try_from(position.saturating_sub(1)).unwrap_or_default();
                    if cells.len() <= place {
                        cells.resize(place + 1, None);
                    }
                    if cells[place].replace(cell).is_some() {
                        return cannot("two fields come from one column");
                    }
                }
            }
        }
        let mut free = 0;
        for (at, cell) in named.iter().enumerate() {
            if named[..at].iter().any(|other| other.column.from.first() == cell.column.from.first()) {
                return cannot("two fields come from one column");
            }
            while cells.get(free).is_some_and(Option::is_some) {
                free += 1;
            }
            if cells.len() <= free {
                cells.push(None);
            }
            cells[free] = Some(cell.clone());
        }
        if format.layout == Layout::FixedWidth && cells.len() > format.cells.len() {
            return cannot("there are more columns than positions for cells");
        }
        Ok(Self { register, format, cells, parts })
    }

    fn write(&self, db: &Database, query: &Query, scratch: &dyn Scratch) -> Result<Written, NotWritten> {
        let mut out = BufWriter::new(scratch.file().map_err(Stop::Scratch)?);
        out.write_all(&self.begin().map_err(NotWritten::Unfit)?).map_err(Stop::Scratch)?;
        let (mut written, mut rows, mut failed) = (0, 0, None);
        let newest = db.read(|c| {
            records::each(c, self.register, query, &mut |record| {
                let lines = self.lines(record).map_err(NotWritten::Unfit);
                let outcome = lines.and_then(|(lines, count)| {
                    written += 1;
                    rows += count;
                    Ok(out.write_all(&lines).map_err(Stop::Scratch)?)
                });
                failed = outcome.err();
                if failed.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })?;
            history::last(c)
        });
        let newest = newest.map_err(Stop::Db)?;
        match failed {
            Some(failed) => Err(failed),
            None => {
                let file = out.into_inner().map_err(|error| Stop::Scratch(error.into_error()))?;
                Ok(Written { file, records: written, rows, newest })
            }
        }
    }

    /// What stands above the rows.
    fn begin(&self) -> Result<Vec<u8>, String> {
        let mut lines = vec![String::new(); usize::try_from(self.format.skip_lines).unwrap_or_default()];
        if self.format.header_lines > 0 {
            let name = |(at, cell): (usize, &Option<Cell<'_>>)| match cell {
                Some(cell) => match cell.column.from.first() {
                    Some(ColumnFrom::Name(name)) => name.clone(),
                    _ => (at + 1).to_string(),
                },
                None => format!("Column {}", at + 1),
            };
            let names: Vec<String> = self.cells.iter().enumerate().map(name).collect();
            lines.push(
                self.line(&names).map_err(|(at, why)| format!("the column name \"{}\" {why}", names[at]))?,
            );
        }
        let mut out = Vec::new();
        for line in lines {
            let bytes = self.format.encoding.encode(&format!("{line}\r\n"));
            out.extend(bytes.map_err(|c| {
                format!("the name of a column has \"{c}\", which {} does not have", self.format.encoding)
            })?);
        }
        Ok(out)
    }

    /// The lines of a record, and how many they are: one, or several where each line is a contact.
    fn lines(&self, record: &Record) -> Result<(Vec<u8>, u64), String> {
        let (mut lines, mut count) = (Vec::new(), 0);
        for of_line in self.parts.lines(self.register, record)? {
            lines.extend(self.row(record, &of_line)?);
            count += 1;
        }
        Ok((lines, count))
    }

    fn row(&self, record: &Record, contacts: &[Contact]) -> Result<Vec<u8>, String> {
        let number = record.value(self.register, self.register.key).unwrap_or_default();
        let told = |at: Option<usize>, why: &str| {
            let field = at.map(|at| format!(": {}", self.register.fields[at].label)).unwrap_or_default();
            format!(
                "{} {}{field} {why}; nothing was written; export to CSV instead",
                self.register.singular,
                shown(number)
            )
        };
        let mut texts = Vec::with_capacity(self.cells.len());
        for cell in &self.cells {
            texts.push(match cell {
                None => String::new(),
                Some(cell) => {
                    let value = match cell.part {
                        Some((which, part)) => contacts.get(which).and_then(|contact| contact.parts()[part]),
                        None => record.values[cell.at].as_deref(),
                    };
                    let text = self.text(cell, value);
                    text.map_err(|why| told(Some(cell.at), &why))?
                }
            });
        }
        let place = |cell: usize| self.cells.get(cell)?.as_ref().map(|cell| cell.at);
        let line = self.line(&texts).map_err(|(cell, why)| told(place(cell), &why))?;
        self.format.encoding.encode(&format!("{line}\r\n")).map_err(|c| {
            let cell = texts.iter().position(|text| text.contains(c));
            let why = format!("has \"{c}\", which the encoding {} does not have", self.format.encoding);
            told(cell.and_then(place), &why)
        })
    }

    /// A value as the file writes it.
    fn text(&self, cell: &Cell<'_>, value: Option<&str>) -> Result<String, String> {
        let Some(value) = value else { return Ok(String::new()) };
        let column = cell.column;
        let mut text = match self.register.fields[cell.at].kind {
            Kind::Decimal { .. } => {
                let separator = column.decimal_separator.unwrap_or(self.format.decimal_separator);
                value.replace('.', separator.char().encode_utf8(&mut [0; 4]))
            }
            Kind::Date => {
                let day: Date = value.parse().map_err(|_| format!("is {}, which is no day", shown(value)))?;
                let text = cell.dates.write(day);
                text.ok_or_else(|| format!("is {}, for which the format has no number", shown(value)))?
            }
            _ => value.to_owned(),
        };
        if !column.codes.is_empty() {
            match column.codes.iter().find(|(_, meaning)| **meaning == text) {
                Some((code, _)) => text.clone_from(code),
                None if column.other_codes == OtherCodes::Keep => {}
                None => return Err(format!("is {}, for which the format has no code", shown(value))),
            }
        }
        if !column.line_break.is_empty() {
            text = text.replace("\r\n", "\n").replace('\n', &column.line_break);
        }
        Ok(text)
    }
}

#[cfg(test)]
mod tests;
