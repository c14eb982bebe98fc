//! A table as a file, written row by row: CSV, Excel or JSON. Memory does not grow with the number of rows.

use std::borrow::Cow;
use std::io::Write;

use anyhow::Context;
use rust_xlsxwriter::{Format as CellFormat, Workbook};
use serde::Serialize;

use super::{EXCEL_CELL, EXCEL_ROWS, Kind, Unfit, harmless};

/// A table that is being written. The rows of an Excel sheet wait in a file in the temporary folder (`TMPDIR`) until it is
/// finished.
pub(crate) struct Table<W: Write + Send> {
    sink: Sink<W>,
    /// What the rows are, in the plural.
    rows_are: &'static str,
    written: u32,
}

enum Sink<W: Write + Send> {
    /// RFC 4180.
    Csv(Box<csv::Writer<W>>),
    /// Every cell is text.
    Excel(Box<Workbook>, W),
    /// `{"items": [...], "next": null}`.
    Json(W),
}

impl<W: Write + Send> Table<W> {
    /// Begins a file of `kind` with its heading; `rows_are` says in the plural what its rows are.
    ///
    /// # Errors
    /// When `out` cannot be written to.
    pub(crate) fn new<'h>(
        kind: Kind,
        title: &str,
        rows_are: &'static str,
        heading: impl IntoIterator<Item = &'h str>,
        mut out: W,
    ) -> anyhow::Result<Self> {
        let sink = match kind {
            Kind::Csv => {
                let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
                writer.write_record(heading)?;
                Sink::Csv(Box::new(writer))
            }
            Kind::Excel => {
                let mut workbook = Workbook::new();
                let sheet = workbook.add_worksheet_with_constant_memory()?;
                sheet.set_name(title)?;
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
        Ok(Table { sink, rows_are, written: 0 })
    }

    /// Writes a row: its cells, or in JSON its item. CSV cells that a spreadsheet would take for formulas are made harmless
    /// unless they are wanted `raw`.
    ///
    /// # Errors
    /// [`Unfit`] when an Excel sheet or cell cannot hold it; when the file cannot be written.
    pub(crate) fn row<'c, J: Serialize>(
        &mut self,
        cells: impl Iterator<Item = &'c str>,
        raw: bool,
        item: impl FnOnce() -> anyhow::Result<J>,
    ) -> anyhow::Result<()> {
        self.written += 1;
        match &mut self.sink {
            Sink::Csv(writer) => {
                for cell in cells {
                    let cell = if raw { Cow::Borrowed(cell) } else { harmless(cell) };
                    writer.write_field(cell.as_bytes())?;
                }
                writer.write_record(None::<&[u8]>)?;
            }
            Sink::Excel(workbook, _) => {
                if self.written >= EXCEL_ROWS {
                    return Err(Unfit(format!(
                        "an Excel sheet holds {EXCEL_ROWS} rows and there are more {}; take them as CSV instead",
                        self.rows_are
                    ))
                    .into());
                }
                let sheet = workbook.worksheet_from_index(0)?;
                for (column, cell) in (0_u16..).zip(cells).filter(|(_, cell)| !cell.is_empty()) {
                    if cell.len() > EXCEL_CELL && cell.chars().count() > EXCEL_CELL {
                        return Err(Unfit(format!(
                            "an Excel cell holds {EXCEL_CELL} characters and row {} has more in column {}; take the {} \
                             as CSV instead",
                            self.written + 1,
                            column + 1,
                            self.rows_are
                        ))
                        .into());
                    }
                    sheet.write_string(self.written, column, cell)?;
                }
            }
            Sink::Json(out) => {
                if self.written > 1 {
                    out.write_all(b",")?;
                }
                out.write_all(b"\n")?;
                serde_json::to_writer(out, &item()?)?;
            }
        }
        Ok(())
    }

    /// Ends the file.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn finish(self) -> anyhow::Result<W> {
        let mut out = match self.sink {
            Sink::Csv(writer) => writer.into_inner().ok().context("the file cannot be written")?,
            Sink::Excel(mut workbook, mut out) => {
                workbook.save_to_writer(&mut out)?;
                out
            }
            Sink::Json(mut out) => {
                out.write_all(b"\n],\"next\":null}\n")?;
                out
            }
        };
        out.flush()?;
        Ok(out)
    }
}
