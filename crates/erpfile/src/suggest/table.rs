//! Where in a text its table lies: what stands above it, its header, a line of units, what stands below it.

use super::dialect::width;
use super::kinds::{Kind, kind};

/// Rows that are looked at for what columns hold.
const BODY: usize = 300;

/// The most rows that together are a header.
const HEADER: usize = 3;

/// A row and the physical line on which it starts.
pub(super) type Numbered = (u64, Vec<String>);

/// The parts of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Table {
    /// Lines above the header, or above the first row where there is none.
    pub(super) skip_lines: u64,
    /// Rows that name the columns.
    pub(super) header_rows: usize,
    /// Rows of units below the header.
    pub(super) unit_rows: usize,
    /// Where the table ends: the index behind its last row, among the rows given.
    pub(super) end: usize,
    /// The number of columns.
    pub(super) width: usize,
}

/// Finds the table. `names` tells whether a text is the name of a column in some language.
pub(super) fn find(rows: &[Numbered], names: &dyn Fn(&str) -> bool) -> Table {
    let cells: Vec<&Vec<String>> = rows.iter().map(|(_, cells)| cells).collect();
    let Some(width) = width(rows) else { return Table::default() };
    let Some(first) = (0..rows.len()).find(|&at| begins(&cells, at, width)) else { return Table::default() };
    let end = end(&cells, first, width);
    let body: Vec<&Vec<String>> =
        cells[first..end].iter().copied().filter(|row| row.len() == width).take(BODY).collect();
    let (header_rows, unit_rows) = header(&body, width, names);
    let skip_lines = rows.get(first).map_or(0, |(line, _)| line - 1);
    Table { skip_lines, header_rows, unit_rows, end, width }
}

/// The names of the columns out of the rows that name them together, joined by a blank.
pub(super) fn joined(rows: &[Vec<String>]) -> Vec<String> {
    let width = rows.iter().map(Vec::len).max().unwrap_or(0);
    let name = |column: usize| {
        let parts = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.trim());
        parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    };
    (0..width).map(name).collect()
}

fn filled(row: &[String]) -> usize {
    row.iter().filter(|cell| !cell.trim().is_empty()).count()
}

/// Whether the table begins at a row: it has all columns, and so have most of the next ones.
fn begins(rows: &[&Vec<String>], at: usize, width: usize) -> bool {
    let wide = |row: &&&Vec<String>| row.len() == width;
    let next: Vec<&&Vec<String>> = rows[at..].iter().take(6).collect();
    rows[at].len() == width
        && (width == 1 || filled(rows[at]) * 2 > width || filled(rows[at]) > 2)
        && next.iter().filter(|row| wide(row)).count() * 2 >= next.len()
}

/// The index behind the last row of the table: what comes after it has other columns, or is a total.
fn end(rows: &[&Vec<String>], first: usize, width: usize) -> usize {
    let mut end = rows.len();
    while end > first + 1 && is_below(rows[end - 1], width) {
        end -= 1;
    }
    end
}

/// Whether a row stands below a table: a note, a total.
fn is_below(row: &[String], width: usize) -> bool {
    let first = row.iter().map(|cell| cell.trim()).find(|cell| !cell.is_empty()).unwrap_or_default();
    let total = is_total(first);
    (width > 2 && row.len() < width && row.len() * 2 <= width)
        || (total && filled(row) < width)
        || (width > 2 && filled(row) <= 1)
}

/// Whether a text begins as totals and ends of files do.
pub(super) fn is_total(text: &str) -> bool {
    const TOTALS: &[&str] = &[
        "total",
        "totals",
        "sum",
        "summe",
        "gesamt",
        "i alt",
        "ialt",
        "totalt",
        "summa",
        "yhteensä",
        "totaal",
        "totale",
        "end of file",
        "eof",
        "antal",
        "antall",
        "anzahl",
        "count",
        "slut",
        "ende",
        "fin",
        "einde",
        "loppu",
    ];
    let text = text.to_lowercase();
    TOTALS
        .iter()
        .any(|total| text.strip_prefix(total).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric)))
}

/// How many rows at the beginning name the columns, and how many below them hold units.
fn header(body: &[&Vec<String>], width: usize, names: &dyn Fn(&str) -> bool) -> (usize, usize) {
    let mut rows = 0;
    while rows < HEADER && rows + 1 < body.len() && is_header(body, rows, width, names, rows > 0) {
        if rows > 0 && is_units(body[rows], body, rows + 1, width) {
            break;
        }
        rows += 1;
    }
    if rows == 0 && body.len() == 1 && is_header(body, 0, width, names, false) {
        return (1, 0);
    }
    let units = usize::from(rows > 0 && rows + 1 < body.len() && is_units(body[rows], body, rows + 1, width));
    (rows, units)
}

/// Whether a row names the columns of the rows below it. The second row of a header must be surer than the first.
fn is_header(
    body: &[&Vec<String>],
    at: usize,
    width: usize,
    names: &dyn Fn(&str) -> bool,
    further: bool,
) -> bool {
    let row = body[at];
    let known = row.iter().filter(|cell| names(cell)).count();
    let mut votes = known as f64 * if further { 1.5 } else { 2.0 };
    for (column, cell) in row.iter().enumerate().take(width) {
        let below: Vec<Kind> = body[at + 1..].iter().take(BODY).map(|row| kind(&row[column])).collect();
        let values: Vec<&Kind> = below.iter().filter(|kind| **kind != Kind::Empty).collect();
        let here = kind(cell);
        let is_word = matches!(here, Kind::Word | Kind::Text | Kind::YesNo | Kind::Code)
            && cell.chars().any(char::is_alphabetic);
        if here == Kind::Empty {
            votes -= 0.3;
        } else if !is_word {
            votes -= 2.0;
        } else if values.len() > 1 {
            let telling =
                values.iter().filter(|kind| !matches!(kind, Kind::Word | Kind::Text | Kind::Code)).count();
            if telling * 4 > values.len() * 3 {
                votes += if further { 0.8 } else { 1.5 };
            } else if !further
                && body[at + 1..].iter().take(BODY).all(|row| row[column].trim() != cell.trim())
            {
                votes += 0.1;
            }
        }
    }
    if further { known > 0 && votes > 1.0 && filled(row) > 1 } else { votes > 0.25 }
}

/// Whether a row below the header holds units: `DKK`, `(kg)`, `dd-mm-yyyy`, `%`.
fn is_units(row: &[String], body: &[&Vec<String>], from: usize, width: usize) -> bool {
    const UNITS: &[&str] = &[
        "dkk",
        "nok",
        "sek",
        "eur",
        "usd",
        "gbp",
        "chf",
        "kr",
        "kr.",
        "€",
        "$",
        "£",
        "%",
        "kg",
        "g",
        "m",
        "cm",
        "stk",
        "pcs",
        "text",
        "number",
        "date",
        "dd-mm-yyyy",
        "dd.mm.yyyy",
        "yyyy-mm-dd",
        "dd/mm/yyyy",
        "tekst",
        "tal",
        "dato",
        "zahl",
        "datum",
        "int",
        "string",
        "varchar",
        "decimal",
        "char",
        "days",
        "dage",
        "tage",
    ];
    let unit = |cell: &str| {
        let cell = cell.trim().trim_matches(['(', ')', '[', ']']).to_lowercase();
        UNITS.contains(&cell.as_str())
    };
    let some = row.iter().filter(|cell| !cell.trim().is_empty()).count();
    let units = row.iter().filter(|cell| unit(cell)).count();
    // Where the rows below hold such a word too, it is a value.
    let value = (0..width).any(|column| {
        unit(&row[column]) && body[from..].iter().any(|other| other[column].trim() == row[column].trim())
    });
    some > 0 && units * 2 > some && !value
}
