//! Which characters delimit and quote the cells of a text.
//!
//! Every dialect that the text could be in is tried; the one under which the lines fall into columns wins: as many cells
//! in each line as in the others, and in each column values of one look.

use super::cells::rows;
use super::kinds::{Kind, kind};
use super::table::Numbered;

/// Lines that are tried; more say nothing new.
const LINES: usize = 300;

/// Bytes of them: what looks for quotes takes long for lines of many thousand cells.
const BYTES: usize = 64 << 10;

/// How cells are told apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Dialect {
    /// One or two characters; empty when each line is one cell.
    pub(super) delimiter: String,
    pub(super) quote: Option<char>,
    /// Stands before a quote that belongs to the text, where quotes are not doubled.
    pub(super) escape: Option<char>,
}

/// A dialect and how well the text fits it, from 0 to 1.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fit {
    pub(super) dialect: Dialect,
    pub(super) score: f64,
    /// The delimiter of the best dialect with another one.
    pub(super) rival: String,
    /// How well the text fits that one.
    pub(super) rival_score: f64,
}

/// Below this the lines hardly fall into columns.
const POOR: f64 = 0.15;

/// How much less well a text fits what separates the decimals of its numbers.
const OF_NUMBERS: f64 = 0.6;

/// A text that fits another delimiter nearly as well can be read in two ways.
const NEARLY: f64 = 0.95;

impl Fit {
    /// Whether a person must say what delimits.
    pub(super) fn is_unsure(&self) -> bool {
        !self.dialect.delimiter.is_empty() && (self.score < POOR || self.rival_score > NEARLY * self.score)
    }

    /// The better one of this and how well the text fits a delimiter with each quote that could be meant.
    fn or(mut self, text: &str, delimiter: &str) -> Fit {
        for (quote, escape) in quotes(text, delimiter) {
            let dialect = Dialect { delimiter: delimiter.to_owned(), quote, escape };
            let mut score = score(&rows(text, &dialect, LINES), &dialect);
            if is_of_numbers(text, delimiter) {
                score *= OF_NUMBERS;
            }
            let other = dialect.delimiter != self.dialect.delimiter;
            if score > self.score + 1e-6 {
                let (rival, rival_score) = match other {
                    true => (self.dialect.delimiter, self.score),
                    false => (self.rival, self.rival_score),
                };
                self = Fit { dialect, score, rival, rival_score };
            } else if other && score > self.rival_score {
                (self.rival, self.rival_score) = (dialect.delimiter, score);
            }
        }
        self
    }
}

/// The delimiters that people use, the most usual first.
const USUAL: &[&str] = &[";", ",", "\t", "|"];

/// Characters that never delimit: they stand within words, numbers, dates, addresses of all kinds.
const NEVER: &str = "\"'.-_@/\\()[]{}<>&+%€$£?!=*`´’“”„«»°§0123456789";

/// Those of them that some programs take for delimiters all the same.
const ODD: &str = "*\\<>&+%$£€=°§_!?";

/// The dialect that fits best; the first of several that fit equally well is the most usual.
pub(super) fn guess(text: &str) -> Fit {
    let text = beginning(text);
    let none = Dialect { delimiter: String::new(), quote: None, escape: None };
    let mut best = Fit { dialect: none, score: 0.0, rival: String::new(), rival_score: 0.0 };
    for delimiter in delimiters(text) {
        best = best.or(text, &delimiter);
    }
    if best.score < POOR {
        for delimiter in odd_delimiters(text) {
            best = best.or(text, &delimiter);
        }
    }
    best
}

/// Whether a comma or point is that of decimals: it stands between digits only, and some line, such as the header, has
/// none.
fn is_of_numbers(text: &str, delimiter: &str) -> bool {
    let Some(sign @ (b',' | b'.')) = delimiter.bytes().next().filter(|_| delimiter.len() == 1) else {
        return false;
    };
    let bytes = text.as_bytes();
    let digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
    let mut lines = text.split(['\n', '\r']).filter(|line| !line.trim().is_empty());
    memchr::memchr_iter(sign, bytes).all(|at| digit(at.checked_sub(1)) && digit(Some(at + 1)))
        && lines.any(|line| !line.as_bytes().contains(&sign))
}

/// Signs that otherwise stand within values, and pairs of them: those of which each line has as many.
fn odd_delimiters(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.split(['\n', '\r']).filter(|line| !line.trim().is_empty()).collect();
    let Some(first) = lines.first() else { return Vec::new() };
    let even = |sign: &String| {
        let times = first.matches(sign.as_str()).count();
        // One alone in each line may be part of a value.
        times >= 2 && lines.iter().all(|line| line.matches(sign.as_str()).count() == times)
    };
    let single: Vec<String> = ODD.chars().filter(|c| first.contains(*c)).map(String::from).collect();
    let pairs = single.iter().flat_map(|one| single.iter().map(move |other| format!("{one}{other}")));
    pairs.chain(single.iter().cloned()).filter(even).collect()
}

/// The first lines of a text; its first characters where they have no end.
fn beginning(text: &str) -> &str {
    let end = text.match_indices('\n').nth(LINES).map_or(text.len(), |(at, _)| at + 1);
    if end <= BYTES {
        return &text[..end];
    }
    let beginning = &text[..text.floor_char_boundary(BYTES)];
    &beginning[..beginning.rfind('\n').map_or(beginning.len(), |at| at + 1)]
}

/// What could delimit: the usual ones that occur, then other signs by how many lines have them, then pairs.
fn delimiters(text: &str) -> Vec<String> {
    let mut found: Vec<String> =
        USUAL.iter().filter(|usual| text.contains(**usual)).map(|usual| (*usual).to_owned()).collect();
    let mut others: Vec<(usize, char)> = Vec::new();
    for c in text.chars().filter(|c| !c.is_alphanumeric() && !matches!(c, '\r' | '\n')) {
        let usual = USUAL.iter().any(|usual| usual.starts_with(c));
        if usual || NEVER.contains(c) || others.iter().any(|(_, other)| *other == c) {
            continue;
        }
        others.push((text.lines().filter(|line| line.contains(c)).count(), c));
    }
    others.sort_by_key(|(lines, _)| std::cmp::Reverse(*lines));
    found.extend(others.iter().take(6).map(|(_, c)| c.to_string()));
    let pairs: Vec<String> = found
        .iter()
        .flat_map(|one| [format!("{one} "), one.repeat(2)])
        .chain(
            found.iter().flat_map(|one| others.iter().take(6).map(move |(_, other)| format!("{other}{one}"))),
        )
        .chain(
            found.iter().flat_map(|one| others.iter().take(6).map(move |(_, other)| format!("{one}{other}"))),
        )
        .filter(|pair| pair.trim() != "" && always(text, pair))
        .collect();
    found.splice(0..0, pairs);
    found
}

/// Whether the first character of a pair is always followed by the second, but at the end of lines and in quotes of one
/// of the usual kinds. A doubled sign may now and then stand alone, since a quoted cell may go on in the next line.
fn always(text: &str, pair: &str) -> bool {
    let mut chars = pair.chars();
    let (Some(first), Some(second)) = (chars.next(), chars.next()) else { return false };
    let doubled = first == second;
    ['"', '\''].into_iter().any(|quote| {
        let (mut times, mut alone) = (0, 0);
        for line in text.lines() {
            // A cell in quotes may hold the first character alone.
            let outside: String = line.split(quote).step_by(2).collect::<Vec<_>>().join("\"");
            let mut rest = outside.as_str();
            while let Some(at) = rest.find(first) {
                let after = &rest[at + first.len_utf8()..];
                times += 1;
                alone += usize::from(!after.starts_with(second) && !after.is_empty());
                rest = if doubled { after.strip_prefix(second).unwrap_or(after) } else { after };
            }
        }
        times > 1 && (alone == 0 || doubled && alone * 10 < times)
    })
}

/// The quotes that could be meant: those that stand at the beginning or end of a cell.
fn quotes(text: &str, delimiter: &str) -> Vec<(Option<char>, Option<char>)> {
    let mut found = Vec::new();
    for quote in ['"', '\'', '`', '~', '|'] {
        // What hardly anybody puts around cells must be around many.
        let least = if matches!(quote, '"' | '\'') { 1 } else { text.lines().count().div_ceil(2) };
        let begins = |line: &&str| {
            line.split(delimiter).any(|cell| {
                let cell = cell.trim();
                cell.starts_with(quote) || cell.ends_with(quote)
            })
        };
        if !delimiter.contains(quote) && text.contains(quote) && text.lines().filter(begins).count() >= least
        {
            if text.contains(&format!("\\{quote}")) {
                found.push((Some(quote), Some('\\')));
            }
            found.push((Some(quote), None));
        }
    }
    found.push((None, None));
    found
}

/// How well rows fit into a table, from 0 to 1.
fn score(rows: &[Numbered], dialect: &Dialect) -> f64 {
    let Some(width) = width(rows) else { return 0.0 };
    if width < 2 {
        return 0.0;
    }
    let fitting: Vec<&Vec<String>> =
        rows.iter().map(|(_, row)| row).filter(|row| row.len() == width).collect();
    let share = fitting.len() as f64 / rows.len() as f64;
    let mut alike = 0.0;
    for column in 0..width {
        alike +=
            likeness(fitting.iter().skip(usize::from(fitting.len() > 1)).map(|row| row[column].as_str()));
    }
    alike /= width as f64;
    // A quote that is left in the cells shows that it should have been taken for one.
    let quotes: usize = fitting.iter().map(|row| left_quoted(row, dialect)).sum();
    let clean = 1.0 - quotes as f64 / (fitting.len() * width) as f64;
    let usual = match dialect.delimiter.as_str() {
        // A pair is only tried where its first character never stands alone.
        pair if pair.chars().count() == 2 => 1.15,
        one if USUAL.contains(&one) => 1.0,
        _ => 0.93,
    };
    let wide = 1.0 - 0.5 / width as f64;
    // Nothing in every second column: the delimiter is doubled.
    let doubled =
        width > 2 && rows.iter().all(|(_, row)| row.iter().skip(1).step_by(2).all(String::is_empty));
    let usual = if doubled { usual * 0.7 } else { usual };
    share.powi(2) * (0.3 + 0.7 * alike) * clean.powi(2) * wide * usual
}

/// The number of cells that most rows have.
pub(super) fn width(rows: &[Numbered]) -> Option<usize> {
    let mut counts: Vec<(usize, usize)> = Vec::new();
    for (_, row) in rows {
        match counts.iter_mut().find(|(width, _)| *width == row.len()) {
            Some((_, count)) => *count += 1,
            None => counts.push((row.len(), 1)),
        }
    }
    counts.into_iter().max_by_key(|(width, count)| (count * width.min(&4), *width)).map(|(width, _)| width)
}

/// How much of a column is of its most frequent look.
fn likeness<'v>(values: impl Iterator<Item = &'v str>) -> f64 {
    let mut counts: Vec<(Kind, usize)> = Vec::new();
    let mut all = 0;
    for value in values {
        let kind = match kind(value) {
            Kind::Empty => continue,
            Kind::Word | Kind::Text => Kind::Text,
            Kind::Code => Kind::Code,
            other => other,
        };
        all += 1;
        match counts.iter_mut().find(|(other, _)| *other == kind) {
            Some((_, count)) => *count += 1,
            None => counts.push((kind, 1)),
        }
    }
    let Some((kind, count)) = counts.into_iter().max_by_key(|(_, count)| *count) else { return 0.5 };
    let telling = match kind {
        Kind::Text => 0.75,
        Kind::Code => 0.85,
        _ => 1.0,
    };
    telling * count as f64 / all as f64
}

/// The cells of a row that were one in quotes before it was cut at its delimiters.
pub(super) fn torn(row: &[String]) -> Option<&[String]> {
    let half = |cell: &str| cell.matches('"').count() == 1;
    let begin =
        row.iter().position(|cell| half(cell) && cell.len() > 1 && cell.trim_start().starts_with('"'))?;
    let length = row[begin + 1..].iter().position(|cell| cell.contains('"'))?;
    let last = &row[begin + 1 + length];
    (half(last) && last.len() > 1 && last.trim_end().ends_with('"')).then(|| &row[begin..=begin + 1 + length])
}

/// How many cells of a row show that a quote should have been taken for one.
fn left_quoted(row: &[String], dialect: &Dialect) -> usize {
    let cells = row.iter().filter(|cell| is_left_quoted(cell, dialect)).count();
    // A cell that was cut at a delimiter between its quotes.
    let cut = ['"', '\''].into_iter().filter(|quote| dialect.quote != Some(*quote)).any(|quote| {
        let half = |cell: &str, begins: bool| {
            let cell = cell.trim();
            let (first, last) = (cell.starts_with(quote), cell.ends_with(quote));
            cell.len() > 1 && if begins { first && !last } else { last && !first }
        };
        let begin = row.iter().position(|cell| half(cell, true));
        begin.is_some_and(|begin| row[begin + 1..].iter().any(|cell| half(cell, false)))
    });
    cells + 2 * usize::from(cut)
}

fn is_left_quoted(cell: &str, dialect: &Dialect) -> bool {
    let cell = cell.trim();
    ['"', '\''].into_iter().any(|quote| {
        dialect.quote != Some(quote) && cell.len() > 1 && (cell.starts_with(quote) && cell.ends_with(quote))
    }) || dialect.quote.is_some_and(|quote| {
        cell.starts_with(quote) || cell.ends_with(quote) && cell.matches(quote).count() % 2 == 1
    })
}
