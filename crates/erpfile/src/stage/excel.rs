//! Excel workbooks: .xlsx a row at a time, .xls as a whole.

use std::collections::HashSet;
use std::io::{BufReader, Read, Seek, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{Data, DataRef, ExcelDateTime, Reader as _, Style, Xls, XlsError, Xlsx, XlsxError};
use zip::ZipArchive;

use super::formulas::{self, NO_RESULT};
use super::number_format::Zeros;
use super::unpack::{self, Grown};
use super::{ERROR_MARK, StageError, rows, shown_zeros};
use crate::limits::raise;
use crate::problem::{Damage, Problem, ReadError, code, size};
use crate::{EXCEL_1904_DATES, EXCEL_DATES, Format, Limits};

/// The most bytes of a workbook's parts that are held in memory at once: its texts and styles, or a whole .xls file.
const IN_MEMORY: u64 = 256 << 20;

/// The significant digits of a number in Excel.
const DIGITS: usize = 15;

/// Writes the rows of the sheet that the format names, or of the first one.
pub(super) fn stage<R: Read + Seek>(
    source: R,
    format: &Format,
    limits: Limits,
    out: &mut dyn Write,
) -> Result<(), StageError> {
    // The library calculates with what the workbook says, which can be beyond all bounds: a workbook that makes it
    // falter is a damaged one, and must not take the import or the files behind it along.
    let staged = catch_unwind(AssertUnwindSafe(|| stage_book(source, format, limits, out)));
    staged.unwrap_or_else(|_| Err(damaged_book("what it says of its cells cannot be").into()))
}

/// The names of a workbook's sheets.
///
/// # Errors
/// Damage when it is no workbook, or a broken one.
pub(crate) fn sheets<R: Read + Seek>(source: R, limits: Limits) -> Result<Vec<String>, Damage> {
    let named = catch_unwind(AssertUnwindSafe(|| sheets_of_book(source, limits)));
    match named.unwrap_or_else(|_| Err(damaged_book("what it says of its sheets cannot be").into())) {
        Ok(names) => Ok(names),
        Err(StageError::Read(ReadError::Damage(damage))) => Err(damage),
        Err(StageError::Read(ReadError::Io(error)) | StageError::Write(error)) => {
            Err(damaged_book(&error.to_string()))
        }
    }
}

fn sheets_of_book<R: Read + Seek>(mut source: R, limits: Limits) -> Result<Vec<String>, StageError> {
    let length = unpack::length(&mut source)?;
    let mut head = [0; 8];
    let known = source.read(&mut head).map_err(ReadError::Io)?;
    source.rewind().map_err(ReadError::Io)?;
    if unpack::is_zip(&head[..known]) {
        check_parts(&mut source, limits)?;
        return Ok(Xlsx::new(BufReader::new(source)).map_err(xlsx_damage)?.sheet_names());
    }
    if length > IN_MEMORY {
        return Err(too_large("The workbook", length).into());
    }
    Ok(Xls::new(BufReader::new(source)).map_err(xls_damage)?.sheet_names())
}

fn stage_book<R: Read + Seek>(
    mut source: R,
    format: &Format,
    limits: Limits,
    out: &mut dyn Write,
) -> Result<(), StageError> {
    let length = unpack::length(&mut source)?;
    let mut head = [0; 8];
    let known = source.read(&mut head).map_err(ReadError::Io)?;
    source.rewind().map_err(ReadError::Io)?;
    let mut rows = Rows { out, format, limits, line: 0, cells: Vec::new(), bytes: 0 };
    if unpack::is_zip(&head[..known]) {
        let formulas = check_parts(&mut source, limits)?;
        let mut book = Xlsx::new(BufReader::new(source)).map_err(xlsx_damage)?;
        let sheet = rows.begin(&book.sheet_names())?;
        let unsolved = match formulas {
            true => formulas::without_result(&mut book, &sheet)?,
            false => HashSet::new(),
        };
        let mut cells = book.worksheet_cells_reader(&sheet).map_err(xlsx_damage)?;
        let shown = |style: &Style| Zeros::new(&style.number_format.as_ref()?.format_code);
        let zeros: Vec<Option<Zeros>> = cells.styles().iter().map(shown).collect();
        while let Some((cell, style)) = cells.next_cell_with_style_id().map_err(xlsx_damage)? {
            let (row, column) = cell.get_position();
            if unsolved.contains(&(row, column)) {
                let no_result = format!("{ERROR_MARK}{NO_RESULT}");
                rows.cell(row, column, &DataRef::String(no_result), None)?;
                continue;
            }
            rows.cell(row, column, cell.get_value(), zeros.get(style).and_then(Option::as_ref))?;
        }
    } else if head.starts_with(b"\xD0\xCF\x11\xE0") {
        if length > IN_MEMORY {
            return Err(too_large("The workbook", length).into());
        }
        let mut book = Xls::new(BufReader::new(&mut source)).map_err(xls_damage)?;
        let names = book.sheet_names();
        let sheet = rows.begin(&names)?;
        let range = book.worksheet_range(&sheet).map_err(xls_damage)?;
        drop(book);
        source.rewind().map_err(ReadError::Io)?;
        let place = names.iter().position(|name| *name == sheet).unwrap_or_default();
        let shown = shown_zeros::of_sheet(source, place)?;
        let (top, left) = range.start().unwrap_or_default();
        for (row, cells) in (top..).zip(range.rows()) {
            for (column, value) in (left..).zip(cells) {
                rows.cell(row, column, &borrowed(value), shown.of(row, column))?;
            }
        }
    } else {
        return Err(no_workbook(&head[..known]).into());
    }
    rows.flush()
}

/// Gathers the cells of a row.
struct Rows<'a> {
    out: &'a mut dyn Write,
    format: &'a Format,
    limits: Limits,
    /// The row of the sheet that the cells belong to, 1-based; 0 before the first.
    line: u64,
    cells: Vec<String>,
    /// The length of their texts.
    bytes: usize,
}

impl Rows<'_> {
    /// Writes which sheet is read, and which others there are; gives its name.
    fn begin(&mut self, names: &[String]) -> Result<String, StageError> {
        let read = sheet(self.format, names)?;
        let others = names.iter().filter(|name| **name != *read);
        let all: Vec<&String> = [read].into_iter().chain(others).collect();
        rows::write(self.out, 0, &all)?;
        Ok(read.clone())
    }

    fn cell(
        &mut self,
        row: u32,
        column: u32,
        value: &DataRef<'_>,
        zeros: Option<&Zeros>,
    ) -> Result<(), StageError> {
        let line = u64::from(row) + 1;
        if line < self.line {
            let message = format!("Row {line} of the sheet stands after row {}.", self.line);
            return Err(damaged_book(&message).into());
        }
        if line > self.line {
            self.flush()?;
            self.line = line;
        }
        let text = self.text(value, zeros);
        if text.is_empty() {
            return Ok(());
        }
        let column = column as usize;
        if column >= self.limits.columns {
            let message =
                format!("The row has more than {} columns, the most that are read.", self.limits.columns);
            let hint = raise("Delete what stands far to the right in the sheet.", "columns");
            return Err(
                Damage::from(Problem::new(code::TOO_MANY_COLUMNS, message, hint).at_line(line)).into()
            );
        }
        if text.len() > self.limits.field {
            let message =
                format!("The value in column {} is longer than {}.", column + 1, size(self.limits.field));
            let hint = raise("Check the value in the ERP system.", "field");
            return Err(Damage::from(Problem::new(code::CELL_TOO_LONG, message, hint).at_line(line)).into());
        }
        self.bytes += text.len();
        if self.bytes > self.limits.line {
            let most = size(self.limits.line);
            let message =
                format!("The texts of the row are longer than {most} together, the most that is read.");
            let hint = raise("Check that it is the right sheet.", "line");
            return Err(Damage::from(Problem::new(code::LINE_TOO_LONG, message, hint).at_line(line)).into());
        }
        if self.cells.len() <= column {
            self.cells.resize(column + 1, String::new());
        }
        self.cells[column] = text;
        Ok(())
    }

    fn flush(&mut self) -> Result<(), StageError> {
        if !self.cells.is_empty() {
            rows::write(self.out, self.line, &self.cells)?;
            self.cells.clear();
            self.bytes = 0;
        }
        Ok(())
    }

    /// A value as the format's other files would have it.
    fn text(&self, value: &DataRef<'_>, zeros: Option<&Zeros>) -> String {
        let number = match value {
            DataRef::Int(number) => *number as f64,
            DataRef::Float(number) => *number,
            _ => f64::NAN,
        };
        if let Some(text) = zeros.and_then(|zeros| zeros.text(number)) {
            return text;
        }
        match value {
            DataRef::Empty => String::new(),
            DataRef::String(text) => text.clone(),
            DataRef::SharedString(text) => (*text).to_owned(),
            DataRef::Int(number) => number.to_string(),
            DataRef::Float(number) => number_text(*number, self.format.decimal_separator.char()),
            DataRef::Bool(true) => "TRUE".to_owned(),
            DataRef::Bool(false) => "FALSE".to_owned(),
            DataRef::DateTime(date) => date_text(date, self.format),
            DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
            DataRef::Error(error) => format!("{ERROR_MARK}{error}"),
        }
    }
}

/// A number as Excel shows it without a number format: 15 significant digits, no exponent.
fn number_text(number: f64, decimal: char) -> String {
    let rounded: f64 = format!("{number:.*e}", DIGITS - 1).parse().unwrap_or(number);
    rounded.to_string().replace('.', decimal.encode_utf8(&mut [0; 4]))
}

/// A date in the format's form of dates; a duration or a time without a day as the number that it is.
fn date_text(date: &ExcelDateTime, format: &Format) -> String {
    if date.is_duration() || date.as_f64() < 1.0 {
        return number_text(date.as_f64(), format.decimal_separator.char());
    }
    let (year, month, day, hour, minute, second, _) = date.to_ymd_hms_milli();
    match format.date_format.as_str() {
        EXCEL_DATES => {
            let days = days(year, month, day) - days(1899, 12, 30);
            // Excel counts a 29 February in 1900, which there was not.
            return if days < 61 { days - 1 } else { days }.to_string();
        }
        EXCEL_1904_DATES => return (days(year, month, day) - days(1904, 1, 1)).to_string(),
        _ => {}
    }
    let mut text = String::new();
    let mut chars = format.date_format.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            text.push(c);
            continue;
        }
        match chars.next() {
            Some('d') => text.push_str(&format!("{day:02}")),
            Some('m') => text.push_str(&format!("{month:02}")),
            Some('Y') => text.push_str(&format!("{year:04}")),
            Some('y') => text.push_str(&format!("{:02}", year % 100)),
            Some('H') => text.push_str(&format!("{hour:02}")),
            Some('M') => text.push_str(&format!("{minute:02}")),
            Some('S') => text.push_str(&format!("{second:02}")),
            _ => {}
        }
    }
    text
}

/// Days from some day before all dates of Excel to this one.
fn days(year: u16, month: u8, day: u8) -> i64 {
    // Years begin in March, so that the leap day is the last of its year.
    let months = i64::from(year) * 12 + i64::from(month) - 3;
    let (year, month) = (months.div_euclid(12), months.rem_euclid(12));
    year * 365 + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + i64::from(day)
}

fn borrowed(value: &Data) -> DataRef<'_> {
    match value {
        Data::Empty => DataRef::Empty,
        Data::String(text) => DataRef::SharedString(text),
        Data::Int(number) => DataRef::Int(*number),
        Data::Float(number) => DataRef::Float(*number),
        Data::Bool(is) => DataRef::Bool(*is),
        Data::DateTime(date) => DataRef::DateTime(*date),
        Data::DateTimeIso(text) => DataRef::DateTimeIso(text.clone()),
        Data::DurationIso(text) => DataRef::DurationIso(text.clone()),
        Data::Error(error) => DataRef::Error(error.clone()),
    }
}

/// The name of the sheet that the format asks for, by its name or number.
fn sheet<'n>(format: &Format, names: &'n [String]) -> Result<&'n String, Damage> {
    let wanted = format.sheet.trim();
    let numbered = || wanted.parse::<usize>().ok().and_then(|number| names.get(number.checked_sub(1)?));
    let found = match wanted {
        "" => names.first(),
        _ => names.iter().find(|name| name.trim().eq_ignore_ascii_case(wanted)).or_else(numbered),
    };
    found.ok_or_else(|| {
        let message = format!("The workbook has no sheet \"{wanted}\".");
        let hint = format!("Set the format's sheet to one of: {}.", names.join(", "));
        Damage::from(Problem::new(code::SHEET_MISSING, message, hint))
    })
}

/// Refuses a workbook whose parts grow beyond the limits, before anything holds them in memory; tells whether its sheets
/// seem to have formulas.
fn check_parts<R: Read + Seek>(source: &mut R, limits: Limits) -> Result<bool, StageError> {
    let mut archive = ZipArchive::new(&mut *source).map_err(unpack::broken)?;
    if archive.len() > limits.entries {
        let message =
            format!("The workbook has {} parts; at most {} are read.", archive.len(), limits.entries);
        let hint = raise("Let the ERP system write a workbook with fewer sheets.", "entries");
        return Err(Damage::from(Problem::new(code::ARCHIVE, message, hint)).into());
    }
    let mut formulas = false;
    for place in 0..archive.len() {
        let part = archive.by_index(place).map_err(unpack::broken)?;
        let packed = part.compressed_size();
        let is_sheet = part.name().map_err(unpack::broken)?.contains("worksheets/");
        let unpacked = if is_sheet { limits.unpacked } else { limits.unpacked.min(IN_MEMORY) };
        let mut watch = formulas::Watch::default();
        Grown::new(part, packed, Limits { unpacked, ..limits }).copy(&mut watch)?;
        formulas |= is_sheet && watch.seen;
    }
    drop(archive);
    source.rewind().map_err(|error| StageError::Read(error.into()))?;
    Ok(formulas)
}

fn no_workbook(head: &[u8]) -> Damage {
    let text = head.iter().all(|byte| *byte >= 0x20 || matches!(byte, b'\t' | b'\r' | b'\n'));
    let what = if head.starts_with(b"<") {
        "it looks like HTML or XML"
    } else if text {
        "it looks like text"
    } else {
        "it is something else"
    };
    let message = format!("The file is no Excel workbook: {what}.");
    let hint = "Set the format's layout to what the file is; its name alone does not make it a workbook.";
    Damage::from(Problem::new(code::BINARY, message, hint))
}

pub(super) fn xlsx_damage(error: XlsxError) -> StageError {
    match error {
        XlsxError::Io(error) => ReadError::Io(error).into(),
        XlsxError::Zip(error) => unpack::broken(error),
        XlsxError::Password => password().into(),
        other => damaged_book(&other.to_string()).into(),
    }
}

fn xls_damage(error: XlsError) -> StageError {
    match error {
        XlsError::Io(error) => ReadError::Io(error).into(),
        XlsError::Password => password().into(),
        other => damaged_book(&other.to_string()).into(),
    }
}

fn password() -> Damage {
    let message = "The workbook is protected with a password.";
    Damage::from(Problem::new(code::ARCHIVE, message, "Let the ERP system write it without a password."))
}

pub(super) fn damaged_book(why: &str) -> Damage {
    let message = format!("The workbook is damaged: {why}.");
    let hint = "Let the ERP system write it again, or open it in Excel and save it anew.";
    Damage::from(Problem::new(code::MALFORMED, message, hint))
}

fn too_large(what: &str, bytes: u64) -> Damage {
    let message =
        format!("{what} has {bytes} bytes; at most {} are held in memory.", size(IN_MEMORY as usize));
    let hint = "Let the ERP system write .xlsx or CSV, which are read a row at a time.";
    Damage::from(Problem::new(code::ARCHIVE, message, hint))
}
