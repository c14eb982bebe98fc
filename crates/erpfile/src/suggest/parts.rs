//! Files with several parts, or with several kinds of lines: which of them is the table.

use super::kinds::{Kind, kind};
use super::table::Numbered;

/// The most kinds of lines that a file has.
const KINDS: usize = 8;

/// The longest word that tells a kind of line.
const LONGEST: usize = 16;

/// The part of a text whose first line names columns, as `@Actor` begins one: its first line, and what stands below it.
pub(super) fn section<'t>(text: &'t str, names: &dyn Fn(&str) -> bool) -> Option<(String, &'t str)> {
    let is_mark = |line: &str| {
        let line = line.trim_end();
        line.len() > 1 && line.starts_with('@') && !line.contains([';', ',', '\t', '|'])
    };
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        at += line.len();
        if !is_mark(line) {
            continue;
        }
        let below = &text[at..];
        let header = below.lines().next().unwrap_or_default();
        let known = header.split([';', ',', '\t', '|']).filter(|name| names(name)).count();
        if known < 2 {
            continue;
        }
        let mut end = 0;
        for line in below.split_inclusive('\n') {
            if is_mark(line) {
                break;
            }
            end += line.len();
        }
        return Some((line.trim().to_owned(), &below[..end]));
    }
    None
}

/// The index behind the rows of a part whose first line names its columns in parentheses, as `@Actor(=CustNo,Nm)`, where
/// another mark stands below them.
pub(super) fn end_of_named(rows: &[Numbered], names: &dyn Fn(&str) -> bool) -> Option<usize> {
    let first = |row: &Numbered| row.1.first().map(|cell| cell.trim().to_owned()).unwrap_or_default();
    let begins = |row: &Numbered| {
        let first = first(row);
        first.starts_with('@') && first.contains('(') && row.1.iter().filter(|cell| names(cell)).count() > 1
    };
    let begin = rows.iter().position(begins)?;
    let below = rows[begin + 1..].iter().position(|row| first(row).starts_with('@'))?;
    (below > 0).then_some(begin + 1 + below)
}

/// Lines of one kind among others, told by their first cell.
pub(super) struct Records {
    /// The first cell of the lines that are records.
    pub(super) first: String,
    /// The first cell of the line that names their columns, if one does.
    pub(super) header: Option<String>,
    /// The header and the records.
    pub(super) rows: Vec<Numbered>,
    /// The first cells of other lines that could be the records just as well.
    pub(super) rivals: Vec<String>,
}

/// The lines that are records, where the first cells of lines tell their kinds; `None` where all lines are of one kind.
pub(super) fn records(rows: &[Numbered], names: &dyn Fn(&str) -> bool) -> Option<Records> {
    let mut kinds: Vec<(&str, usize, usize)> = Vec::new();
    for (_, cells) in rows {
        let first = cells.first().map(|cell| cell.trim())?;
        let filled = cells.iter().rposition(|cell| !cell.trim().is_empty()).map_or(0, |last| last + 1);
        match kinds.iter_mut().find(|(kind, ..)| *kind == first) {
            Some((_, times, width)) => (*times, *width) = (*times + 1, filled.max(*width)),
            None => kinds.push((first, 1, filled)),
        }
        if kinds.len() > KINDS {
            return None;
        }
    }
    let marked = kinds.iter().filter(|(kind, ..)| kind.starts_with('!')).count();
    let is_kind = |kind: &str| {
        !kind.is_empty()
            && kind.len() <= LONGEST
            && kind.chars().any(|c| c.is_ascii_uppercase())
            && !kind.contains(char::is_lowercase)
    };
    if kinds.len() < 2 || !kinds.iter().all(|(kind, ..)| is_kind(kind)) {
        return None;
    }
    // A line that names the columns of another kind: `!CUST` those of `CUST`; or a line alone of its kind.
    let known = |kind: &str| {
        let row = rows.iter().find(|(_, cells)| cells.first().is_some_and(|cell| cell.trim() == kind));
        row.map_or(0, |(_, cells)| cells.iter().skip(1).filter(|cell| names(cell)).count())
    };
    let named =
        kinds.iter().filter(|(kind, times, _)| (*times == 1 || kind.starts_with('!')) && known(kind) >= 2);
    let header = named.max_by_key(|(kind, ..)| known(kind)).map(|(kind, ..)| (*kind).to_owned());
    let own = |kind: &str| header.as_deref().is_none_or(|header| header != kind);
    let (first, times, width) = match header.as_deref().and_then(|header| header.strip_prefix('!')) {
        Some(marked) => *kinds.iter().find(|(kind, ..)| *kind == marked)?,
        None => {
            *kinds.iter().filter(|(kind, ..)| own(kind)).max_by_key(|(_, times, width)| (*times, *width))?
        }
    };
    // Words of few values in a first column tell no kinds when their lines are alike.
    let alike = kinds.iter().filter(|(kind, ..)| own(kind)).all(|(_, _, other)| *other == width);
    if alike && marked == 0 || width < 2 || header.is_none() && times * 2 < rows.len() {
        return None;
    }
    let wanted = |(_, cells): &&Numbered| {
        cells.first().is_some_and(|cell| cell.trim() == first || header.as_deref() == Some(cell.trim()))
    };
    let rows = even(rows.iter().filter(wanted));
    Some(Records { first: first.to_owned(), header, rows, rivals: Vec::new() })
}

/// The lines of one kind among others whose kinds are told by how many cells they have as well: all of one kind have the
/// same number, as the record types of standards (`30`) do. `None` where anything else is possible.
pub(super) fn records_by_width(rows: &[Numbered]) -> Option<Records> {
    struct Lines<'r> {
        first: &'r str,
        width: usize,
        rows: Vec<&'r Numbered>,
    }
    let mut kinds: Vec<Lines<'_>> = Vec::new();
    for row in rows {
        let (first, width) = (row.1.first()?.trim(), row.1.len());
        match kinds.iter_mut().find(|kind| kind.first == first) {
            Some(kind) if kind.width != width => return None,
            Some(kind) => kind.rows.push(row),
            None => kinds.push(Lines { first, width, rows: vec![row] }),
        }
        if kinds.len() > KINDS {
            return None;
        }
    }
    let first = kinds.first()?.first;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let numbered =
        first.len() < 5 && kinds.iter().all(|kind| digits(kind.first) && kind.first.len() == first.len());
    let is_word = |text: &str| text.len() <= LONGEST && text.starts_with(char::is_alphabetic);
    let named = kinds.iter().all(|kind| is_word(kind.first))
        && kinds.iter().filter(|kind| kind.rows.len() > 1).count() > 1;
    if kinds.len() < 2 || !numbered && !named {
        return None;
    }
    // Records of people and companies have more words than those of what they bought.
    let words = |kind: &Lines<'_>| {
        let is_words = |column: &usize| {
            let all = kind.rows.iter().filter_map(|(_, cells)| cells.get(*column));
            let words = all.filter(|cell| matches!(self::kind(cell), Kind::Text | Kind::Word)).count();
            words * 2 > kind.rows.len()
        };
        (1..kind.width).filter(is_words).count()
    };
    let best =
        kinds.iter().filter(|kind| kind.rows.len() > 1).max_by_key(|kind| (words(kind), kind.width))?;
    let alone = kinds.iter().filter(|kind| kind.width == best.width).count() == 1;
    if !alone || words(best) == 0 {
        return None;
    }
    let rival =
        |kind: &&Lines<'_>| kind.first != best.first && kind.rows.len() > 1 && words(kind) * 2 >= words(best);
    Some(Records {
        first: best.first.to_owned(),
        header: None,
        rows: even(best.rows.iter().copied()),
        rivals: kinds.iter().filter(rival).map(|kind| kind.first.to_owned()).collect(),
    })
}

/// The rows, all as wide as the widest.
fn even<'r>(rows: impl Iterator<Item = &'r Numbered>) -> Vec<Numbered> {
    let mut rows: Vec<Numbered> = rows.cloned().collect();
    let widest = rows.iter().map(|(_, cells)| cells.len()).max().unwrap_or(0);
    rows.iter_mut().for_each(|(_, cells)| cells.resize(widest, String::new()));
    rows
}
