//! The cells of a text in a dialect that it may be in.

use super::dialect::Dialect;
use super::table::Numbered;

/// The rows of a text in a dialect, but for blank lines, each with the line on which it starts. A quote that is not
/// closed within a few lines is text.
pub(super) fn rows(text: &str, dialect: &Dialect, most: usize) -> Vec<Numbered> {
    let mut rows = Vec::new();
    let (mut rest, mut line) = (text, 1);
    while !rest.is_empty() && rows.len() < most {
        let (row, after) = row(rest, dialect);
        let lines = rest[..rest.len() - after.len()].matches('\n').count().max(1) as u64;
        if row.len() > 1 || row.iter().any(|cell| !cell.trim().is_empty()) {
            rows.push((line, row));
        }
        line += lines;
        rest = after;
    }
    rows
}

/// The lines that a quoted cell may go on over.
const CELL_LINES: usize = 20;

/// The bytes that a quoted cell may have; what is longer is text with a quote in it.
const CELL_BYTES: usize = 64 << 10;

/// The first row of a text and what comes behind it.
fn row<'t>(text: &'t str, dialect: &Dialect) -> (Vec<String>, &'t str) {
    let mut cells = Vec::new();
    let mut rest = text;
    // What begins with the line's end: looked for once a line, since lines can have thousands of cells.
    let mut tail = line_end(text);
    loop {
        let (cell, after, end) = cell(rest, tail, dialect);
        cells.push(cell);
        rest = after;
        if end {
            return (cells, rest);
        }
        if rest.len() < tail.len() {
            tail = line_end(rest);
        }
    }
}

/// What begins with the first line end of a text.
fn line_end(text: &str) -> &str {
    &text[text.find(['\n', '\r']).unwrap_or(text.len())..]
}

/// The first cell of a text, what comes behind it, and whether its row ends there; `tail` begins with the text's first
/// line end.
fn cell<'t>(text: &'t str, tail: &'t str, dialect: &Dialect) -> (String, &'t str, bool) {
    if let Some(quote) = dialect.quote
        && let Some(inner) = text.trim_start_matches(' ').strip_prefix(quote)
        && let Some((cell, after)) = quoted(inner, quote, dialect)
    {
        return (cell, after.0, after.1);
    }
    let end = text.len() - tail.len();
    let delimiter = if dialect.delimiter.is_empty() { None } else { text[..end].find(&dialect.delimiter) };
    match delimiter {
        Some(at) => (text[..at].to_owned(), &text[at + dialect.delimiter.len()..], false),
        None => (text[..end].to_owned(), behind_line_end(&text[end..]), true),
    }
}

/// A quoted cell behind its opening quote; `None` when it is not closed where a cell can end.
fn quoted<'t>(text: &'t str, quote: char, dialect: &Dialect) -> Option<(String, (&'t str, bool))> {
    let mut cell = String::new();
    let mut chars = text.char_indices().peekable();
    let (mut lines, mut undoubled) = (0, false);
    while let Some((at, c)) = chars.next() {
        if Some(c) == dialect.escape
            && let Some((_, next)) =
                chars.next_if(|(_, next)| *next == quote || Some(*next) == dialect.escape)
        {
            cell.push(next);
        } else if c == quote {
            if dialect.escape.is_none() && chars.next_if(|(_, next)| *next == quote).is_some() {
                cell.push(quote);
                continue;
            }
            let after = &text[at + c.len_utf8()..];
            let after = after.trim_start_matches(' ');
            if after.is_empty() || after.starts_with(['\n', '\r']) {
                return Some((cell, (behind_line_end(after), true)));
            }
            let rest = after
                .strip_prefix(dialect.delimiter.as_str())
                .or_else(|| after.strip_prefix(dialect.delimiter.trim_end()));
            match rest {
                Some(rest) => return (!dialect.delimiter.is_empty()).then_some((cell, (rest, false))),
                // A quote in the text that is not doubled, as some programs leave it.
                None if dialect.escape.is_none() && lines == 0 => {
                    undoubled = true;
                    cell.push(quote);
                }
                None => return None,
            }
        } else {
            lines += usize::from(c == '\n');
            if lines > CELL_LINES || undoubled && lines > 0 || at > CELL_BYTES {
                return None;
            }
            cell.push(c);
        }
    }
    None
}

fn behind_line_end(text: &str) -> &str {
    text.strip_prefix("\r\n").or_else(|| text.strip_prefix(['\n', '\r'])).unwrap_or(text)
}
