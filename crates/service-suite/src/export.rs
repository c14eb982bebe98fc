//! Taking records out: CSV, Excel and JSON, streamed, with formulas made harmless.

use std::borrow::Cow;
use std::fs::File;
use std::io::Write;
use std::ops::ControlFlow;

use anyhow::{Context, bail};
use register::compare::Scratch;
use register::db::Database;
use register::records::{self, Query, Record};
use register::{Register, settings};
use rust_xlsxwriter::{Format as CellFormat, Workbook, Worksheet};

/// Rows that an Excel sheet can hold, heading included.
pub(crate) const EXCEL_ROWS: u32 = 1_048_576;

/// Characters that an Excel cell can hold.
pub(crate) const EXCEL_CELL: usize = 32_767;

/// A kind of file that records can be written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// UTF-8, RFC 4180, header first.
    Csv,
    /// An Excel workbook with every cell typed as text.
    Excel,
    /// `{"items": [...], "next": null}`, each item as the API shows it.
    Json,
}

impl Kind {
    /// The kind that the end of a file name says.
    pub(crate) fn of(file_name: &str) -> Option<Kind> {
        let (_, end) = file_name.rsplit_once('.')?;
        match end.to_ascii_lowercase().as_str() {
            "csv" => Some(Kind::Csv),
            "xlsx" => Some(Kind::Excel),
            "json" => Some(Kind::Json),
            _ => None,
        }
    }

    /// What a file of this kind ends with.
    pub(crate) fn ending(self) -> &'static str {
        match self {
            Kind::Csv => "csv",
            Kind::Excel => "xlsx",
            Kind::Json => "json",
        }
    }

    /// What browsers call it.
    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Kind::Csv => "text/csv; charset=utf-8",
            Kind::Excel => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Kind::Json => "application/json",
        }
    }
}

/// How records are written.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Style {
    /// People's labels as the heading instead of field names.
    pub(crate) labels: bool,
    /// CSV values as they are, even those that a spreadsheet would take for a formula.
    pub(crate) raw: bool,
}

/// Writes records one by one; memory does not grow with their number. The rows of an Excel sheet wait in a file in the
/// temporary folder (`TMPDIR`) until it is finished.
pub(crate) struct Exporter<W: Write + Send> {
    register: &'static Register,
    style: Style,
    sink: Sink<W>,
    written: u32,
}

enum Sink<W: Write + Send> {
    Csv(Box<csv::Writer<W>>),
    Excel(Box<Workbook>, W),
    Json(W),
}

impl<W: Write + Send> Exporter<W> {
    /// Begins a file of `kind` with its heading.
    ///
    /// # Errors
    /// When `out` cannot be written to.
    pub(crate) fn new(
        register: &'static Register,
        kind: Kind,
        style: Style,
        mut out: W,
    ) -> anyhow::Result<Self> {
        let heading = register.fields.iter().map(|field| if style.labels { field.label } else { field.name });
        let sink = match kind {
            Kind::Csv => {
                let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
                writer.write_record(heading)?;
                Sink::Csv(Box::new(writer))
            }
            Kind::Excel => {
                let mut workbook = Workbook::new();
                let sheet = workbook.add_worksheet_with_constant_memory()?;
                sheet.set_name(register.title)?;
                sheet.set_freeze_panes(1, 0)?;
                let bold = CellFormat::new().set_bold();
                for (column, label) in (0_u16..).zip(heading) {
                    sheet.write_string_with_format(0, column, label, &bold)?;
                }
                Sink::Excel(Box::new(workbook), out)
            }
            Kind::Json => {
                out.write_all(b"{\"items\":[")?;
                Sink::Json(out)
            }
        };
        Ok(Exporter { register, style, sink, written: 0 })
    }

    /// Writes one record.
    ///
    /// # Errors
    /// When the file cannot be written, or an Excel sheet is full.
    pub(crate) fn write(&mut self, record: &Record) -> anyhow::Result<()> {
        self.written += 1;
        match &mut self.sink {
            Sink::Csv(writer) => {
                let raw = self.style.raw;
                let cells = record.values.iter().map(|value| {
                    let text = value.as_deref().unwrap_or_default();
                    if raw { Cow::Borrowed(text) } else { harmless(text) }
                });
                for cell in cells {
                    writer.write_field(cell.as_bytes())?;
                }
                writer.write_record(None::<&[u8]>)?;
            }
            Sink::Excel(workbook, _) => {
                if self.written >= EXCEL_ROWS {
                    bail!(
                        "an Excel sheet holds {EXCEL_ROWS} rows and there are more {}; export to CSV instead",
                        self.register.name
                    );
                }
                write_excel_row(workbook.worksheet_from_index(0)?, self.written, record)?;
            }
            Sink::Json(out) => {
                if self.written > 1 {
                    out.write_all(b",")?;
                }
                out.write_all(b"\n")?;
                serde_json::to_writer(&mut *out, &record.json(self.register))?;
            }
        }
        Ok(())
    }

    /// Ends the file.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn finish(self) -> anyhow::Result<W> {
        match self.sink {
            Sink::Csv(writer) => writer.into_inner().ok().context("the file cannot be written"),
            Sink::Excel(mut workbook, mut out) => {
                workbook.save_to_writer(&mut out)?;
                Ok(out)
            }
            Sink::Json(mut out) => {
                out.write_all(b"\n],\"next\":null}\n")?;
                Ok(out)
            }
        }
    }
}

fn write_excel_row(sheet: &mut Worksheet, row: u32, record: &Record) -> anyhow::Result<()> {
    for (column, value) in (0_u16..).zip(&record.values) {
        if let Some(text) = value {
            if text.chars().count() > EXCEL_CELL {
                bail!(
                    "an Excel cell holds {EXCEL_CELL} characters and row {} has more in column {}; export to CSV \
                     instead",
                    row + 1,
                    column + 1
                );
            }
            sheet.write_string(row, column, text)?;
        }
    }
    Ok(())
}

/// Writes the records that `query` asks for, as they are at one moment; gives how many.
///
/// # Errors
/// As [`Exporter`], and when the database cannot be read.
pub(crate) fn write_records(
    db: &Database,
    register: &'static Register,
    query: &Query,
    kind: Kind,
    style: Style,
    out: impl Write + Send,
) -> anyhow::Result<u64> {
    let mut exporter = Exporter::new(register, kind, style, out)?;
    let (mut written, mut failed) = (0, None);
    db.read(|c| {
        records::each(c, register, query, &mut |record| match exporter.write(record) {
            Ok(()) => {
                written += 1;
                ControlFlow::Continue(())
            }
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        })
    })?;
    if let Some(error) = failed {
        return Err(error);
    }
    exporter.finish()?.flush()?;
    Ok(written)
}

/// Records as a file of a format, which can be imported again without a change.
pub(crate) struct InFormat {
    /// The file, at its start.
    pub(crate) file: File,
    /// How many records it has.
    pub(crate) written: u64,
    /// What a file of the format is called.
    pub(crate) name: String,
}

/// The records that `query` asks for as a file of the register's format of this name; `None` when there is none.
///
/// # Errors
/// When the format's files cannot hold them; the sentence says why.
pub(crate) fn in_format(
    db: &Database,
    register: &'static Register,
    format: &str,
    query: &Query,
    scratch: &dyn Scratch,
) -> anyhow::Result<Option<InFormat>> {
    let stored = db.read(|c| settings::format(c, format))?;
    let Some(format) = stored.map(|stored| stored.format).filter(|format| format.register == register.name)
    else {
        return Ok(None);
    };
    let limits = db.read(settings::load)?.limits.reading();
    let mut go_on = |_| ControlFlow::Continue(());
    let (file, written) =
        register::export::export(db, register, &format, query, limits, scratch, &mut go_on)?;
    let name = match format.filename.replace('*', "export") {
        none if none.is_empty() => format!("{}.txt", register.name),
        name => name,
    };
    Ok(Some(InFormat { file, written, name }))
}

/// A value that no spreadsheet takes for a formula: one that begins with `=`, `@`, TAB or a line end, or their full-width
/// forms, or with `+` or `-` and is
/// no number or phone number, gets a leading apostrophe.
pub(crate) fn harmless(text: &str) -> Cow<'_, str> {
    let dangerous = match text.chars().next() {
        Some('=' | '@' | '\t' | '\r' | '\n' | '＝' | '＠' | '＋' | '－') => true,
        Some('+' | '-') => !is_number_or_phone(&text[1..]),
        _ => false,
    };
    if dangerous { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// Digits with the marks that numbers and phone numbers are written with: no letter, no operator.
fn is_number_or_phone(rest: &str) -> bool {
    rest.bytes().any(|b| b.is_ascii_digit())
        && rest
            .bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b' ' | b'.' | b',' | b'(' | b')' | b'/' | b'-'))
        && !rest.contains("--")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_becomes_a_formula_and_numbers_stay_numbers() {
        for (value, written) in [
            ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "'\r=1"),
            ("\n=1", "'\n=1"),
            ("＝1+1", "'＝1+1"),
            ("+cmd", "'+cmd"),
            ("-A1", "'-A1"),
            ("-", "'-"),
            ("+45 12 34 56 78", "+45 12 34 56 78"),
            ("+49 (0)40/123-45", "+49 (0)40/123-45"),
            ("-1250.50", "-1250.50"),
            ("+1+1=2", "'+1+1=2"),
            ("Acme = A/S", "Acme = A/S"),
            ("", ""),
        ] {
            assert_eq!(harmless(value), written, "{value:?}");
        }
    }

    #[test]
    fn the_kind_is_told_by_the_end_of_the_name() {
        for (name, kind) in [
            ("a.csv", Some(Kind::Csv)),
            ("b.c.XLSX", Some(Kind::Excel)),
            ("c.json", Some(Kind::Json)),
            ("csv", None),
        ] {
            assert_eq!(Kind::of(name), kind);
        }
    }
}
