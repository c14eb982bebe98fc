//! Finds the columns that a format maps in the header of a file.

use super::damage;
use crate::problem::{Damage, Problem, code, cut};
use crate::{ColumnFrom, Format};

/// What ERP systems put between cells.
const DELIMITERS: [&str; 4] = [";", ",", "\t", "|"];

/// How many names of the header a message lists.
const LISTED: usize = 30;

/// The longest name of a header, in characters, that is compared for likeness or listed whole.
const NAME_CHARS: usize = 60;

/// Where the columns lie that a format names.
pub(crate) struct Places {
    /// The 0-based cells of each of the format's columns.
    pub(crate) columns: Vec<Vec<usize>>,
    /// The 0-based cell that the trailer's total is of.
    pub(crate) total: Option<usize>,
}

/// The places of the columns that the format names.
///
/// `first` is the header, or the first record of a file without one; `line` is where it stands.
///
/// # Errors
/// A column that is missing, or named twice; only one cell where several are mapped.
pub(crate) fn resolve(format: &Format, first: &[String], line: u64) -> Result<Places, Damage> {
    let mut missing = Vec::new();
    let mut columns = Vec::with_capacity(format.columns.len());
    for column in &format.columns {
        // Joined columns are all needed, of several names for one column the first that the file has.
        let several = column.from.chunks(if column.join.is_some() { 1 } else { column.from.len().max(1) });
        let mut cells = Vec::new();
        for names in several {
            match first_of(names, first, line)? {
                Some(cell) => cells.push(cell),
                None => missing.push(names),
            }
        }
        columns.push(cells);
    }
    let total_of = format.trailer.as_ref().and_then(|trailer| trailer.total_of.as_ref());
    let mut total = None;
    if let Some(from) = total_of {
        total = first_of(std::slice::from_ref(from), first, line)?;
        if total.is_none() {
            missing.push(std::slice::from_ref(from));
        }
    }
    if missing.is_empty() {
        return Ok(Places { columns, total });
    }
    if let [only] = first
        && format.columns.len() > 1
    {
        return Err(wrong_delimiter(format, only, line));
    }
    Err(columns_missing(format, &missing, first, line))
}

/// The cell of the first of these columns that there is.
fn first_of(names: &[ColumnFrom], first: &[String], line: u64) -> Result<Option<usize>, Damage> {
    for from in names {
        match from {
            ColumnFrom::Name(name) => match by_name(name, first) {
                Match::One(index) => return Ok(Some(index)),
                Match::None => {}
                Match::Several(places) => return Err(duplicate(name, first, &places, line)),
            },
            ColumnFrom::Position(position) => match usize::try_from(*position) {
                Ok(position) if (1..=first.len()).contains(&position) => return Ok(Some(position - 1)),
                _ => {}
            },
        }
    }
    Ok(None)
}

/// Adds the names of a further line to the header.
pub(crate) fn join(header: &mut Vec<String>, line: Vec<String>) {
    header.resize(header.len().max(line.len()), String::new());
    for (name, more) in header.iter_mut().zip(line) {
        let both = format!("{} {}", name.trim(), more.trim());
        *name = both.trim().to_owned();
    }
}

enum Match {
    None,
    One(usize),
    Several(Vec<usize>),
}

fn by_name(name: &str, header: &[String]) -> Match {
    let places = |fits: &dyn Fn(&str) -> bool| -> Vec<usize> {
        (0..header.len()).filter(|&index| fits(&header[index])).collect()
    };
    let mut fitting = places(&|cell| cell == name);
    for alike in [fold, plain_column_name] {
        if fitting.is_empty() {
            let wanted = alike(name);
            fitting = places(&|cell| !wanted.is_empty() && alike(cell) == wanted);
        }
    }
    match fitting.as_slice() {
        [] => Match::None,
        [only] => Match::One(*only),
        _ => Match::Several(fitting),
    }
}

fn fold(name: &str) -> String {
    name.trim().to_lowercase()
}

/// The name of a column without capital letters and blanks, and without the signs that systems put around it for themselves: `*Name` for one that must be
/// there, `=custNo` for a key, `[quickid]`. Signs such as % mean something, and stay.
pub fn plain_column_name(name: &str) -> String {
    let bare: String = fold(name).chars().filter(|c| !c.is_whitespace() && !is_unseen(*c)).collect();
    bare.trim_matches(DECORATION).to_owned()
}

/// Signs around a name that do not belong to it.
const DECORATION: &[char] = &['*', '=', '[', ']', '"', '\''];

/// Characters that no editor shows.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' | '\u{ad}') || c.is_control()
}

fn duplicate(name: &str, header: &[String], places: &[usize], line: u64) -> Damage {
    let listed: Vec<String> =
        places.iter().map(|place| format!("{} (\"{}\")", place + 1, short(&header[*place]))).collect();
    let message = format!(
        "The column \"{name}\" cannot be told: the header names it at the positions {}.",
        listed.join(" and ")
    );
    let hint = "Map the column by its position instead of its name, or rename one of them in the ERP system.";
    let column = places.get(1).and_then(|place| u32::try_from(place + 1).ok());
    let problem = Problem::new(code::DUPLICATE_HEADER, message, hint).at_line(line).with_value(name);
    Damage::from(match column {
        Some(column) => problem.in_column(column),
        None => problem,
    })
}

fn wrong_delimiter(format: &Format, only: &str, line: u64) -> Damage {
    let current = damage::name_delimiter(&format.delimiter);
    let message = format!(
        "Line {line} has only one column, but the format maps {}: the delimiter ({current}) is probably wrong.",
        format.columns.len()
    );
    let occurring: Vec<(&str, usize)> =
        DELIMITERS.iter().map(|d| (*d, only.matches(*d).count())).filter(|(_, count)| *count > 0).collect();
    let best = occurring.iter().max_by_key(|(_, count)| *count);
    let hint = if only.trim_start().to_lowercase().starts_with("sep=") {
        "The line only names the delimiter for Excel: set the format's lines to skip to one more.".to_owned()
    } else if only.trim_start().starts_with('<') {
        "The file looks like XML, which is not delimited text.".to_owned()
    } else if let Some((best, _)) = best {
        let counts: Vec<String> = occurring
            .iter()
            .map(|(d, count)| {
                format!("{} occurs {}", damage::name_delimiter(d), damage::count(*count, "time"))
            })
            .collect();
        format!(
            "In that line {}. Set the format's delimiter to {}.",
            counts.join(", "),
            damage::name_delimiter(best)
        )
    } else {
        "None of ; , tab | occurs in that line: check the format's lines to skip, and the file.".to_owned()
    };
    let problem = Problem::new(code::WRONG_DELIMITER, message, hint);
    Damage::from(problem.at_line(line).in_column(1).with_value(only))
}

fn columns_missing(format: &Format, missing: &[&[ColumnFrom]], first: &[String], line: u64) -> Damage {
    let named = |from: &ColumnFrom| match from {
        ColumnFrom::Name(name) => format!("\"{name}\""),
        ColumnFrom::Position(position) => format!("at position {position}"),
    };
    let names: Vec<String> =
        missing.iter().map(|names| names.iter().map(named).collect::<Vec<_>>().join(" or ")).collect();
    let (noun, verb) = if names.len() == 1 { ("column", "is") } else { ("columns", "are") };
    let what = if format.header_lines == 0 {
        format!("the first row, on line {line}, which has {}", damage::count(first.len(), "cell"))
    } else {
        format!(
            "the header on line {line}, which has {}: {}",
            damage::count(first.len(), "column"),
            list(first)
        )
    };
    let message = format!("The {noun} {} {verb} not in {what}.", names.join(", "));
    let near: Vec<String> = missing
        .iter()
        .flat_map(|names| names.iter())
        .filter_map(|from| match from {
            ColumnFrom::Name(name) => Some(near(name, first)),
            ColumnFrom::Position(_) => None,
        })
        .flatten()
        .map(|name| format!("\"{name}\""))
        .collect();
    let advice = "Map a column that the file has, or let the ERP system write the missing one.";
    let hint =
        if near.is_empty() { advice.to_owned() } else { format!("Is {} meant? {advice}", near.join(" or ")) };
    let value =
        missing.iter().flat_map(|names| names.iter()).next().map(ToString::to_string).unwrap_or_default();
    Damage::from(Problem::new(code::COLUMN_MISSING, message, hint).at_line(line).with_value(&value))
}

fn list(header: &[String]) -> String {
    let mut names: Vec<String> = header.iter().take(LISTED).map(|name| short(name)).collect();
    if header.len() > LISTED {
        names.push("…".to_owned());
    }
    names.join(" | ")
}

fn short(name: &str) -> String {
    cut(name, NAME_CHARS)
}

/// Names of the header that are much like `name`, the nearest first, at most three.
fn near<'a>(name: &str, header: &'a [String]) -> Vec<&'a str> {
    let wanted: Vec<char> = plain(name);
    let mut near: Vec<(usize, &str)> = header
        .iter()
        .filter(|cell| cell.chars().count() <= NAME_CHARS)
        .filter_map(|cell| {
            let cell_chars = plain(cell);
            if cell_chars.is_empty() || wanted.is_empty() {
                return None;
            }
            let distance = distance(&wanted, &cell_chars);
            let begins = cell_chars.starts_with(&wanted) || wanted.starts_with(&cell_chars);
            let close = distance <= 1 + wanted.len() / 4 && distance < wanted.len();
            (close || begins && wanted.len().min(cell_chars.len()) >= 3).then_some((distance, cell.as_str()))
        })
        .collect();
    near.sort_by_key(|(distance, _)| *distance);
    near.into_iter().take(3).map(|(_, cell)| cell).collect()
}

/// Lower-case letters and digits of a name.
fn plain(name: &str) -> Vec<char> {
    name.to_lowercase().chars().filter(|c| c.is_alphanumeric()).take(NAME_CHARS).collect()
}

/// How many characters must be put in, taken out or exchanged to make one word of the other.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
