//! The layout's fingerprint: what the columns of a format's files are like, so that a delivery with other columns is told
//! and not imported by guess.
//!
//! It is noted with each applied import, and counts for the format as it was then: whoever changes how the format reads
//! says anew what its files are like.

mod drift;
mod rewrite;
#[cfg(test)]
mod tests;

use erpfile::suggest::{Kind, kind};
use erpfile::{Format, Layout as FileLayout, Reader, Row};
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_128;

use crate::COMPANY;
use crate::changes::ChangeSet;
use crate::compare;
use crate::db::{Conn, Database, DbError, DbResult};
use crate::job::{Job, Report, Stop};

pub use drift::{ColumnDrift, Drift, Place, What};

/// Rows whose values are looked at.
const ROWS: usize = 200;

/// Rows that show that a column is empty.
const MANY: usize = 20;

/// What the columns of a file are like.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    /// Of a workbook: the names of its sheets, first the one that is read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sheets: Vec<String>,
    /// Their names in their order; empty when the file names none.
    pub header: Vec<String>,
    /// Without names: how many columns there are; 0 when rows may have any number.
    pub width: usize,
    /// Without names: what each column holds, where it can be told.
    pub holds: Vec<Option<Holds>>,
    /// Of lines with cells at fixed positions: how many characters each has; 0 where they differ.
    #[serde(default)]
    pub line: usize,
    /// Without names: the first row, where it reads like names of columns.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub first: Vec<String>,
}

/// What nearly all values of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Holds {
    /// E-mail addresses.
    Emails,
    /// Days, written with something between day, month and year.
    Dates,
    /// Numbers, or digits.
    Numbers,
    /// Words.
    Words,
    /// Nothing, in many rows.
    Nothing,
}

impl Holds {
    fn of(value: &str) -> Option<Holds> {
        if value.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some(Holds::Numbers);
        }
        match kind(value) {
            Kind::Email => Some(Holds::Emails),
            Kind::Date => Some(Holds::Dates),
            Kind::Integer | Kind::Decimal => Some(Holds::Numbers),
            Kind::Word | Kind::Text => Some(Holds::Words),
            _ => None,
        }
    }

    /// In a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Holds::Emails => "e-mail addresses",
            Holds::Dates => "dates",
            Holds::Numbers => "numbers",
            Holds::Words => "words",
            Holds::Nothing => "nothing",
        }
    }
}

/// Learns the layout of a file while it is read.
pub(crate) struct Learning {
    layout: Layout,
    rows: usize,
    /// For each column of a file without names, how many values hold what.
    counts: Vec<[usize; 5]>,
    /// The fewest and the most characters of a line.
    lines: Option<(usize, usize)>,
}

const KINDS: [Holds; 4] = [Holds::Emails, Holds::Dates, Holds::Numbers, Holds::Words];

impl Learning {
    pub(crate) fn new(header: &[String], sheets: &[String]) -> Learning {
        let layout = Layout { sheets: sheets.to_vec(), header: header.to_vec(), ..Layout::default() };
        Learning { layout, rows: 0, counts: Vec::new(), lines: None }
    }

    /// Whether no further row is looked at.
    pub(crate) fn is_done(&self) -> bool {
        !self.layout.header.is_empty() || self.rows >= ROWS
    }

    /// Looks at a row that can be taken.
    pub(crate) fn row(&mut self, row: &Row) {
        if self.is_done() {
            return;
        }
        self.rows += 1;
        if self.rows == 1 && reads_like_names(row) {
            self.layout.first = row.cells().map(str::to_owned).collect();
        }
        let length = row.characters();
        let (least, most) = self.lines.unwrap_or((length, length));
        self.lines = Some((least.min(length), most.max(length)));
        self.counts.resize(self.counts.len().max(row.len()), [0; 5]);
        for (cell, counts) in row.cells().zip(&mut self.counts) {
            let value = cell.trim();
            if !value.is_empty() {
                let at = Holds::of(value).and_then(|holds| KINDS.iter().position(|kind| *kind == holds));
                counts[at.unwrap_or(KINDS.len())] += 1;
            }
        }
    }

    pub(crate) fn layout(self, format: &Format) -> Layout {
        let rows = self.rows;
        let holds = |counts: &[usize; 5]| {
            let all: usize = counts.iter().sum();
            if all == 0 && rows >= MANY {
                return Some(Holds::Nothing);
            }
            let most = (0..KINDS.len()).max_by_key(|at| counts[*at])?;
            (all >= 3 && counts[most] * 10 >= all * 9).then_some(KINDS[most])
        };
        let mut layout = self.layout;
        layout.holds = self.counts.iter().map(holds).collect();
        // A sheet leaves out the empty cells at the end of a row, and lines of fixed width may be short.
        let same = self.lines.filter(|(least, most)| least == most && rows > 2).map(|(length, _)| length);
        layout.line = same.filter(|_| format.layout == FileLayout::FixedWidth).unwrap_or(0);
        layout.width = if format.layout == FileLayout::Delimited { self.counts.len() } else { 0 };
        layout
    }
}

/// Whether a row has the names of columns: words, most of which are known as such.
fn reads_like_names(row: &Row) -> bool {
    let cells: Vec<&str> = row.cells().map(str::trim).filter(|cell| !cell.is_empty()).collect();
    let known = cells.iter().filter(|cell| crate::suggest::is_column_name(cell)).count();
    cells.len() > 1
        && known * 2 > cells.len()
        && !cells.iter().any(|cell| cell.contains('@') || cell.contains(|c: char| c.is_ascii_digit()))
}

/// The layout that a format's files are known to have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// The layout.
    pub layout: Layout,
    /// The import that had it, or that it was accepted with; `None` for a sample.
    pub import: Option<i64>,
    /// The fingerprint of the format under which it was seen.
    format: String,
}

impl Known {
    /// What an import, or a sample when there is none, showed of the files of `format`.
    pub fn new(layout: Layout, import: Option<i64>, format: &Format) -> Known {
        Known { layout, import, format: fingerprint(format) }
    }
}

/// Tells apart formats that find columns in other ways. What does not matter for that is as in any format.
fn fingerprint(format: &Format) -> String {
    // Without "..": whoever adds a key says here whether columns are found by it.
    let (format, any) = (format.clone(), Format::default());
    let reading = Format {
        name: any.name,
        register: format.register,
        default: any.default,
        filename: any.filename,
        layout: format.layout,
        encoding: format.encoding,
        undecodable: format.undecodable,
        delimiter: format.delimiter,
        quote: format.quote,
        escape: format.escape,
        line_ends: format.line_ends,
        comment: format.comment,
        skip_lines: format.skip_lines,
        header_lines: format.header_lines,
        header_marker: format.header_marker,
        lines_below_header: format.lines_below_header,
        section: format.section,
        records: format.records,
        footer: format.footer,
        table_ends: format.table_ends,
        decimal_separator: format.decimal_separator,
        thousands: any.thousands,
        date_format: format.date_format,
        pivot_year: any.pivot_year,
        outer_blanks: any.outer_blanks,
        apostrophe: any.apostrophe,
        blank: any.blank,
        apply: any.apply,
        ignore_in_key: any.ignore_in_key,
        content: any.content,
        missing: any.missing,
        repeated: any.repeated,
        marker: any.marker,
        settle: any.settle,
        minimum_age: any.minimum_age,
        arrival: any.arrival,
        trailer: format.trailer,
        cells: format.cells,
        positions_in: format.positions_in,
        record: format.record,
        sheet: format.sheet,
        checks: any.checks,
        columns: format.columns,
    };
    // Not by the names of fields in the program, which a later version may add to.
    let text = serde_json::to_string(&reading).unwrap_or_default();
    format!("{:032x}", xxh3_128(text.as_bytes()))
}

/// The layout that the files of a format are known to have; `None` before one was imported, and after the format was
/// changed.
pub fn known(c: &Conn, format: &Format) -> DbResult<Option<Known>> {
    let stored = c.first(
        "SELECT layout FROM formats WHERE company_id = ?1 AND name = ?2",
        &[COMPANY.into(), format.name.as_str().into()],
        |row| row.opt_text(0),
    )?;
    let known = stored.flatten().map(|text| serde_json::from_str::<Known>(&text)).transpose();
    let known =
        known.map_err(|error| DbError::Invalid(format!("a stored layout cannot be read: {error}")))?;
    Ok(known.filter(|known| known.format == fingerprint(format)))
}

/// Notes what the files of the format of this name are like.
pub fn note(c: &Conn, name: &str, known: &Known) -> DbResult<()> {
    let text = serde_json::to_string(known)
        .map_err(|error| DbError::Invalid(format!("a layout cannot be noted: {error}")))?;
    c.execute(
        "UPDATE formats SET layout = ?3 WHERE company_id = ?1 AND name = ?2",
        &[COMPANY.into(), name.into(), text.as_str().into()],
    )?;
    Ok(())
}

/// What a file comes to, and what has changed in its columns.
#[derive(Debug)]
pub struct Compared {
    /// What it would do, read as [`Drift::rewritten`] says where it says something.
    pub changes: ChangeSet,
    /// What has changed, when a person must look.
    pub drift: Option<Drift>,
    /// What has changed in the columns that nobody has to look at, as a sentence: columns behind all others that are new, or
    /// parts that no record of a document has.
    pub told: Option<String>,
}

/// Compares a file with its register, minding whether its columns are those that are known.
///
/// # Errors
/// As [`compare::compare`]; [`Stop::Damage`] also when what a mapped column was read from is nowhere in the file.
pub fn compare(
    db: &Database,
    job: &Job<'_>,
    known: Option<&Known>,
    report: Report<'_>,
) -> Result<Compared, Stop> {
    let read = compare::compare(db, job, &mut *report);
    let Some(known) = known else {
        return Ok(Compared { changes: read?, drift: None, told: None });
    };
    let now = match &read {
        Ok(changes) => changes.layout.clone(),
        Err(Stop::Damage(problem)) if problem.code == erpfile::code::COLUMN_MISSING => match header(job)? {
            Some(layout) => layout,
            None => return Ok(Compared { changes: read?, drift: None, told: None }),
        },
        Err(_) => return Ok(Compared { changes: read?, drift: None, told: None }),
    };
    if read.is_err()
        && let Some((format, told)) = drift::without_absent(known, &now, job.register, job.format)
    {
        let mut changes = compare::compare(db, &Job { format: &format, ..*job }, report)?;
        // What is not there today may be there tomorrow, or have another name then.
        let header = &mut changes.layout.header;
        let absent = known.layout.header.iter().filter(|name| !header.contains(name));
        header.extend(absent.cloned().collect::<Vec<_>>());
        return Ok(Compared { changes, drift: None, told: Some(told) });
    }
    let Some(mut drift) = Drift::between(known, &now, job.register, job.format, read.is_err()) else {
        return Ok(Compared { changes: read?, drift: None, told: drift::added(known, &now, job.format) });
    };
    let changes = match (&drift.rewritten, read) {
        (Some(columns), _) => {
            let format = Format { columns: columns.clone(), ..job.format.clone() };
            compare::compare(db, &Job { format: &format, ..*job }, report)?
        }
        (None, read) => match drift.lost() {
            Some(problem) => return Err(Stop::Damage(Box::new(problem))),
            None => read?,
        },
    };
    drift.now = changes.layout.clone();
    Ok(Compared { changes, drift: Some(drift), told: None })
}

/// The names of the columns of a file in which a mapped one is missing.
fn header(job: &Job<'_>) -> Result<Option<Layout>, Stop> {
    let format = Format { columns: Vec::new(), trailer: None, ..job.format.clone() };
    match Reader::new(job.spool.reader()?, &format, job.limits) {
        Ok(reader) if reader.header().is_empty() => Ok(None),
        Ok(reader) => Ok(Some(Learning::new(reader.header(), reader.sheets()).layout)),
        Err(_) => Ok(None),
    }
}
