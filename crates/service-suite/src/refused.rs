//! The refused rows of an import, taken out: as a file that can be corrected and imported again, and with what was wrong
//! with them as CSV, Excel and JSON. Memory does not grow with their number.

use std::io::Write;

use anyhow::Context;
use erpfile::{Again, Closing, Layout, Problem, Shape, raw_cells};
use register::db::Conn;
use register::imports::{self, Import, RefusedFile};
use register::{mapping, own_fields};
use rust_xlsxwriter::{Workbook, Worksheet};

use crate::export::{self, EXCEL_ROWS, Table, Unfit};

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// The rows as they stood in the file, in a file of the same kind.
    Rows,
    /// Every problem, also of rows that were taken, with the line that it is in where the row was refused.
    Problems(export::Kind),
}

/// Nothing of an import was kept that could be corrected.
#[derive(Debug, thiserror::Error)]
#[error(
    "no row of import {import} was refused by itself, or an earlier version imported it; see: \
     service-suite imports problems {import}"
)]
pub(crate) struct Nothing {
    /// The import's id.
    pub(crate) import: i64,
}

/// The columns of a list of problems.
const COLUMNS: [&str; 8] = ["line", "column", "field", "value", "code", "message", "hint", "original"];

/// What a file of the rows is called: `customers-refused.txt` for `customers.txt`.
pub(crate) fn name(import: &Import) -> String {
    // What was compressed is read, and written, unpacked.
    let lower = import.file.to_ascii_lowercase();
    let packed = [".gz", ".zip"].into_iter().find(|end| lower.ends_with(end)).map_or(0, str::len);
    let plain = &import.file[..import.file.len() - packed];
    match plain.rsplit_once('.').filter(|(name, _)| !name.is_empty()) {
        // Workbooks are written in the newer of their two forms.
        Some((name, end)) if end.eq_ignore_ascii_case("xls") => format!("{name}-refused.xlsx"),
        Some((name, end)) => format!("{name}-refused.{end}"),
        None => format!("{plain}-refused"),
    }
}

/// Writes the refused rows or the problems of an import, as they are at one moment; gives their number.
///
/// # Errors
/// [`Nothing`] when the import has none that were kept, [`Unfit`] when a sheet cannot hold them; when `out` cannot be
/// written to or the database cannot be read.
pub(crate) fn write<W: Write + Send>(c: &Conn, import: i64, wanted: Wanted, out: W) -> anyhow::Result<u64> {
    match wanted {
        Wanted::Rows => {
            let Some(file) = imports::refused_file(c, import)? else {
                return Err(Nothing { import }.into());
            };
            let shapes = register::register(&file.format.register)
                .map(|register| own_fields::in_effect(c, register))
                .transpose()?
                .map_or_else(Vec::new, |register| mapping::shapes(register, &file.format));
            match file.format.layout {
                Layout::Excel => sheet(c, import, &file, out),
                _ => text(c, import, &file, &shapes, out),
            }
        }
        Wanted::Problems(kind) => problems(c, import, kind, out),
    }
}

/// Calls `f` with every refused row.
fn each(c: &Conn, import: i64, mut f: impl FnMut(&[u8]) -> anyhow::Result<()>) -> anyhow::Result<u64> {
    let (mut rows, mut failed) = (0, None);
    imports::each_refused(c, import, 0, |_, raw, _| {
        rows += 1;
        failed = f(raw).err();
        Ok(failed.is_none())
    })?;
    failed.map_or(Ok(rows), Err)
}

fn text(
    c: &Conn,
    import: i64,
    file: &RefusedFile,
    shapes: &[Shape],
    mut out: impl Write,
) -> anyhow::Result<u64> {
    let mut again = Again::new(&file.format, &file.header, &file.head, &file.line_end, shapes);
    out.write_all(&again.begin())?;
    let rows = each(c, import, |raw| Ok(out.write_all(&again.row(raw))?))?;
    out.write_all(&again.end())?;
    out.flush()?;
    Ok(rows)
}

/// A workbook in which every cell is text, as it was read: numbers and days as the format writes them.
fn sheet<W: Write + Send>(c: &Conn, import: i64, file: &RefusedFile, out: W) -> anyhow::Result<u64> {
    let format = &file.format;
    let mut workbook = Workbook::new();
    // Sheets are found by their name or number.
    let number = format.sheet.trim().parse::<usize>().ok().filter(|number| (2..=255).contains(number));
    for _ in 1..number.unwrap_or(1) {
        workbook.add_worksheet();
    }
    let place = number.map_or(0, |number| number - 1);
    let sheet = workbook.add_worksheet_with_constant_memory()?;
    if number.is_none() && !format.sheet.trim().is_empty() {
        sheet.set_name(format.sheet.trim())?;
    }
    let mut row = format.skip_lines;
    let mut line = |sheet: &mut Worksheet, cells: &[String]| {
        if row >= EXCEL_ROWS {
            // Of a sheet with more lines above its rows than the rows that fit below them.
            return Err(Unfit(format!("an Excel sheet holds {EXCEL_ROWS} rows, and there are more")).into());
        }
        for (column, cell) in (0_u16..).zip(cells).filter(|(_, cell)| !cell.is_empty()) {
            sheet.write_string(row, column, cell)?;
        }
        row += 1;
        Ok(())
    };
    if !format.section.is_empty() {
        line(sheet, std::slice::from_ref(&format.section))?;
    }
    for names in heading(&file.header, format.header_lines)? {
        line(sheet, &names)?;
    }
    for _ in 0..format.lines_below_header {
        line(sheet, &["-".to_owned()])?;
    }
    let mut closing = Closing::new(format, &file.header, &[], &[], &[]);
    let rows = each(c, import, |raw| {
        let cells = raw_cells(raw).context("a refused row cannot be read")?;
        closing.row(raw);
        line(workbook.worksheet_from_index(place)?, &cells)
    })?;
    if let Some(trailer) = closing.cells() {
        let mut cells =
            vec![String::new(); trailer.iter().map(|(at, _)| usize::from(*at) + 1).max().unwrap_or(0)];
        for (at, text) in trailer {
            cells[usize::from(at)] = text;
        }
        line(workbook.worksheet_from_index(place)?, &cells)?;
    }
    workbook.save_to_writer(out)?;
    Ok(rows)
}

/// The names of the columns on so many lines, which are read as these names again: their words lie below each other.
fn heading(header: &[String], lines: u32) -> anyhow::Result<Vec<Vec<String>>> {
    let lines = usize::try_from(lines).unwrap_or_default();
    let part = |name: &String, at: usize| name.splitn(lines, ' ').nth(at).unwrap_or_default().to_owned();
    let heading: Vec<Vec<String>> =
        (0..lines).map(|at| header.iter().map(|name| part(name, at)).collect()).collect();
    if heading.iter().any(|names| names.iter().all(String::is_empty)) {
        return Err(Unfit(format!(
            "the {lines} header lines of the sheet cannot be made again; take the problems with their lines as CSV instead"
        ))
        .into());
    }
    Ok(heading)
}

fn problems<W: Write + Send>(c: &Conn, import: i64, kind: export::Kind, out: W) -> anyhow::Result<u64> {
    let format = match imports::refused_file(c, import)? {
        Some(file) => Some(file.format),
        None => {
            let entry = imports::find(c, import)?.with_context(|| format!("there is no import {import}"))?;
            register::settings::format(c, &entry.format)?.map(|stored| stored.format)
        }
    };
    let original = |raw: &[u8]| match &format {
        // The bytes of a workbook's or a document's row are a form of our own.
        Some(format) if erpfile::is_staged(format.layout) => {
            raw_cells(raw).map_or_else(|| String::from_utf8_lossy(raw).into_owned(), |cells| cells.join("\t"))
        }
        Some(format) => format.encoding.decode_lossy(raw),
        None => String::from_utf8_lossy(raw).into_owned(),
    };
    let mut table = problem_table(kind, out)?;
    let (mut written, mut failed) = (0, None);
    imports::each_problem(c, import, |problem, raw| {
        written += 1;
        failed = write_problem(&mut table, problem, &raw.map(original).unwrap_or_default()).err();
        Ok(failed.is_none())
    })?;
    if let Some(failed) = failed {
        return Err(failed);
    }
    table.finish()?;
    Ok(written)
}

fn problem_table<W: Write + Send>(kind: export::Kind, out: W) -> anyhow::Result<Table<W>> {
    Table::new(kind, "Problems", "problems", COLUMNS, out)
}

fn write_problem<W: Write + Send>(
    table: &mut Table<W>,
    problem: &Problem,
    original: &str,
) -> anyhow::Result<()> {
    let number = |number: Option<u64>| number.map(|number| number.to_string()).unwrap_or_default();
    let (line, column) = (number(problem.line), number(problem.column.map(u64::from)));
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let (field, value) = (text(&problem.field), text(&problem.value));
    let cells: [&str; COLUMNS.len()] =
        [&line, &column, &field, &value, &problem.code, &problem.message, &problem.hint, original];
    table.row(cells.into_iter(), false, || {
        let mut item = serde_json::to_value(problem)?;
        item["original"] = original.into();
        Ok(item)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn original_lines_are_no_formulas_and_numbers_stay_numbers() {
        let mut out = Vec::new();
        let mut table = problem_table(export::Kind::Csv, &mut out).unwrap();
        let problem = Problem::new("not-a-number", "\"x\" is not a number.", "Mend it.")
            .at_line(7)
            .in_column(2)
            .in_field("balance")
            .with_value("=cmd|' /C calc'!A0");
        write_problem(&mut table, &problem, "=1;x,\"y\"").unwrap();
        write_problem(&mut table, &problem.clone().with_value("-1.250,50"), "+45 12 34 56 78").unwrap();
        table.finish().unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap().split_once('\n').unwrap().1,
            "7,2,balance,'=cmd|' /C calc'!A0,not-a-number,\"\"\"x\"\" is not a number.\",Mend it.,\"'=1;x,\"\"y\"\"\"\r\n\
             7,2,balance,\"-1.250,50\",not-a-number,\"\"\"x\"\" is not a number.\",Mend it.,+45 12 34 56 78\r\n"
        );
    }

    #[test]
    fn names_on_several_header_lines_lie_below_each_other_again() {
        let header = ["Address City".to_owned(), "No".to_owned()];
        assert_eq!(heading(&header, 2).unwrap(), [["Address", "No"], ["City", ""]]);
        assert!(heading(&header[1..], 2).is_err());
        assert_eq!(heading(&header, 0).unwrap().len(), 0);
    }
}
