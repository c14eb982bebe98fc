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
    let table = &rows[..first_table(rows)];
    let Some(width) = width(table).map(|width| named_width(table, width)) else { return Table::default() };
    // Delimiters behind the last column are no cells, whether all lines have them or only some.
    let cells: Vec<&[String]> = table
        .iter()
        .map(|(_, cells)| match cells.get(width..) {
            Some(rest) if filled(rest) == 0 => &cells[..width],
            _ => cells,
        })
        .collect();
    let Some(first) = (0..cells.len()).find(|&at| begins(&cells, at, width)) else { return Table::default() };
    let end = end(&cells, first, width);
    let first = below_settings(&cells[..end], first, names);
    let body: Vec<&[String]> =
        cells[first..end].iter().copied().filter(|row| row.len() == width).take(BODY).collect();
    let (header_rows, unit_rows) = header(&body, width, names);
    let skip_lines = rows.get(first).map_or(0, |(line, _)| line - 1);
    Table { skip_lines, header_rows, unit_rows, end, width }
}

/// The index behind the first of several tables that a blank line divides: rows of one width, and then of another.
fn first_table(rows: &[Numbered]) -> usize {
    let wide = |at: usize| rows[at].1.len();
    let Some(first) = (0..rows.len()).find(|&at| wide(at) > 2 && filled(&rows[at].1) > 2) else {
        return rows.len();
    };
    let after_blank = |at: usize| {
        let (line, cells) = &rows[at - 1];
        rows[at].0 > line + 1 + cells.iter().map(|cell| cell.matches('\n').count() as u64).sum::<u64>()
    };
    let alike = (first + 1..rows.len()).take_while(|&at| wide(at) == wide(first) && !after_blank(at)).count();
    let next = first + 1 + alike;
    let divided = alike > 0
        && next + 1 < rows.len()
        && after_blank(next)
        && wide(next) > 1
        && wide(next) != wide(first)
        && (next..rows.len()).all(|at| wide(at) != wide(first));
    if divided { next } else { rows.len() }
}

/// The number of columns without those at the end that are blank in every row.
fn named_width(rows: &[Numbered], width: usize) -> usize {
    let used = |column: &usize| {
        let cells = rows.iter().filter(|(_, row)| row.len() <= width).filter_map(|(_, row)| row.get(*column));
        cells.into_iter().any(|cell| !cell.trim().is_empty())
    };
    (0..width).rev().find(used).map_or(width, |last| last + 1)
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
fn begins(rows: &[&[String]], at: usize, width: usize) -> bool {
    let next = &rows[at..rows.len().min(at + 6)];
    rows[at].len() == width
        && (width == 1 || filled(rows[at]) * 2 > width || filled(rows[at]) > 2)
        && next.iter().filter(|row| row.len() == width).count() * 2 >= next.len()
}

/// Where the table begins if what stands at `first` are settings of the export, as `EXTF` begins files for DATEV, which can
/// look like a row: the first row below whose cells are names of columns.
fn below_settings(rows: &[&[String]], first: usize, names: &dyn Fn(&str) -> bool) -> usize {
    let known = |row: &[String]| row.iter().filter(|cell| names(cell)).count();
    let is_header = |row: &[String]| known(row) > 2 && known(row) * 3 >= filled(row);
    // Names in a language that is not known have no numbers among them.
    let is_number = |cell: &String| !cell.is_empty() && cell.bytes().all(|byte| byte.is_ascii_digit());
    let is_setting =
        |row: &[String]| filled(row) == 0 || known(row) * 4 <= filled(row) && row.iter().any(is_number);
    let header = rows.iter().skip(first).take(1 + HEADER).position(|row| is_header(row));
    match header {
        Some(below) if rows[first..first + below].iter().all(|row| is_setting(row)) => first + below,
        _ => first,
    }
}

/// The index behind the last row of the table: what comes after it has other columns, or is a total.
fn end(rows: &[&[String]], first: usize, width: usize) -> usize {
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

/// Whether a text begins as totals and ends of files do, in the languages that ERP systems write: `I alt`, `Summe: 12`.
pub fn is_total(text: &str) -> bool {
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
fn header(body: &[&[String]], width: usize, names: &dyn Fn(&str) -> bool) -> (usize, usize) {
    let mut rows = 0;
    while rows < HEADER && rows + 1 < body.len() && is_header(body, rows, width, names, rows > 0) {
        if rows > 0 && is_units(body[rows], body, rows + 1, width) {
            break;
        }
        rows += 1;
    }
    if rows == 0 && body.len() == 1 && (is_header(body, 0, width, names, false) || only_words(body[0])) {
        return (1, 0);
    }
    let units = usize::from(rows > 0 && rows + 1 < body.len() && is_units(body[rows], body, rows + 1, width));
    (rows, units)
}

/// Whether a row that stands alone can only be a header: several cells, each a word without a digit.
fn only_words(row: &[String]) -> bool {
    row.len() > 2
        && row.iter().all(|cell| {
            let cell = cell.trim();
            cell.chars().any(char::is_alphabetic)
                && !cell.contains('@')
                && !cell.contains(|c: char| c.is_ascii_digit())
        })
}

/// Whether a row names the columns of the rows below it. The second row of a header must be surer than the first.
fn is_header(
    body: &[&[String]],
    at: usize,
    width: usize,
    names: &dyn Fn(&str) -> bool,
    further: bool,
) -> bool {
    let row = body[at];
    let known = row.iter().filter(|cell| names(cell)).count();
    // Columns may be called by a year, but then the others have names.
    let is_number = |cell: &String| cell.len() > 2 && cell.bytes().all(|byte| byte.is_ascii_digit());
    if row.iter().any(is_number) && known * 2 < filled(row) {
        return false;
    }
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
        } else if !values.is_empty() {
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
    // Names of groups, which stand above those of the columns, leave most columns without a name.
    let below_groups = further && filled(body[at - 1]) < width && filled(row) > filled(body[at - 1]);
    if further { (known > 0 || below_groups) && votes > 1.0 && filled(row) > 1 } else { votes > 0.25 }
}

/// Whether a cell only underlines the name above it: `-----`.
fn is_rule(cell: &str) -> bool {
    let cell = cell.trim();
    cell.len() > 1 && cell.bytes().all(|byte| matches!(byte, b'-' | b'=' | b'_'))
}

/// Whether a row below the header holds units: `DKK`, `(kg)`, `dd-mm-yyyy`, `%`; or underlines it.
fn is_units(row: &[String], body: &[&[String]], from: usize, width: usize) -> bool {
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
    if some > 0 && row.iter().filter(|cell| is_rule(cell)).count() == some {
        return true;
    }
    let units = row.iter().filter(|cell| unit(cell)).count();
    // Where the rows below hold such a word too, it is a value.
    let value = (0..width).any(|column| {
        unit(&row[column]) && body[from..].iter().any(|other| other[column].trim() == row[column].trim())
    });
    some > 0 && units * 2 > some && !value
}
