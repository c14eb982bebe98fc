//! Text with cells at fixed positions: where they begin and end.

use super::dialect::Fit;
use super::kinds::{Kind, kind};
use super::table::Numbered;
use crate::CellRange;

/// Lines that are looked at.
const LINES: usize = 400;

/// The lines among which one that underlines the header is looked for.
const ABOVE: usize = 20;

/// The share of lines that must be of one length, where that alone is to say that positions are fixed.
const ONE_LENGTH: f64 = 0.9;

/// A fit of a delimiter that is good enough to make it a delimited file: with lines of one length, and without.
const DELIMITED: f64 = 0.45;
const DELIMITED_RAGGED: f64 = 0.2;

/// The positions of the cells; `None` when the lines are not of one length or a delimiter tells cells apart better.
pub(super) fn cells(text: &str, fit: &Fit, names: &dyn Fn(&str) -> bool) -> Option<Vec<CellRange>> {
    let lines: Vec<Vec<char>> = text
        .lines()
        .map(|line| line.trim_end_matches('\r').chars().collect())
        .filter(|line: &Vec<char>| !line.is_empty())
        .take(LINES)
        .collect();
    let sign = fit.dialect.delimiter.trim_matches(' ');
    if lines.len() < 2 || !sign.is_empty() && fit.score > DELIMITED && !is_in_numbers(sign, &lines) {
        return None;
    }
    if let Some((at, starts)) = by_rule(&lines) {
        return if lines.len() > at + 1 { ranges(&starts) } else { None };
    }
    let length = usual_length(&lines)?;
    let body: Vec<&Vec<char>> = lines.iter().filter(|line| line.len() == length).collect();
    let gaps = gaps(&body, length);
    let even = body.len() as f64 >= lines.len() as f64 * ONE_LENGTH;
    // Lines whose blank ends were cut off are of fixed positions only if blanks stand below each other.
    let ragged: Vec<&Vec<char>> = lines.iter().collect();
    let (starts, body) = if even && length > 8 {
        let starts = by_header(&body, names).unwrap_or_else(|| starts(&body, length, &gaps));
        (starts, body)
    } else if !sign.is_empty() && fit.score > DELIMITED_RAGGED {
        return None;
    } else {
        let longest = lines.iter().map(Vec::len).max().unwrap_or(0);
        let gaps = self::gaps(&ragged, longest);
        (by_header(&ragged, names).unwrap_or_else(|| gap_starts(&gaps, 2)), ragged)
    };
    let rows: Vec<Vec<String>> = body.iter().map(|line| cut(line, &starts)).collect();
    if starts.len() < 2 || !is_table(&rows) {
        return None;
    }
    ranges(&starts)
}

/// The cells that begin at these places, each up to the next one.
fn ranges(starts: &[usize]) -> Option<Vec<CellRange>> {
    let mut ranges = Vec::new();
    for (at, start) in starts.iter().enumerate() {
        let range = match starts.get(at + 1) {
            Some(next) => format!("{}-{next}", start + 1),
            None => format!("{}-", start + 1),
        };
        ranges.push(range.parse().ok()?);
    }
    Some(ranges)
}

/// Where cells begin, told by a line that underlines the header, as database programs print it (`---- ------`), and
/// which line that is; `None` when a value goes on from one cell into the next.
fn by_rule(lines: &[Vec<char>]) -> Option<(usize, Vec<usize>)> {
    let is_rule = |line: &Vec<char>| {
        line.iter().all(|c| matches!(c, '-' | '=' | ' ')) && line.contains(&' ') && line[0] != ' '
    };
    let at = lines.iter().take(ABOVE).position(is_rule)?;
    let rule = &lines[at];
    let starts: Vec<usize> =
        (0..rule.len()).filter(|at| rule[*at] != ' ' && (*at == 0 || rule[*at - 1] == ' ')).collect();
    let fits = |line: &&Vec<char>| {
        starts[1..].iter().all(|start| line.get(start - 1).is_none_or(|c| c.is_whitespace()))
    };
    let below = &lines[at + 1..];
    let most = below.iter().filter(fits).count() * 10 >= below.len() * 9;
    (at > 0 && starts.len() > 1 && most).then_some((at, starts))
}

/// Whether a sign only separates decimals: there is one in a line at most, always between two digits.
fn is_in_numbers(sign: &str, lines: &[Vec<char>]) -> bool {
    let Some(sign) = sign.chars().next().filter(|sign| matches!(sign, ',' | '.')) else { return false };
    lines.iter().all(|line| {
        let mut places = line.iter().enumerate().filter(|(_, c)| **c == sign).map(|(at, _)| at);
        let digit = |at: Option<usize>| at.and_then(|at| line.get(at)).is_some_and(char::is_ascii_digit);
        places.next().is_none_or(|at| digit(at.checked_sub(1)) && digit(Some(at + 1)))
            && places.next().is_none()
    })
}

/// The lines as rows of cells.
pub(super) fn rows(text: &str, cells: &[CellRange]) -> Vec<Numbered> {
    let mut rows = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let chars: Vec<char> = line.trim_end_matches('\r').chars().collect();
        if chars.iter().any(|c| !c.is_whitespace()) && rows.len() < LINES {
            rows.push((number, cut_by(&chars, cells)));
        }
    }
    // What stands above an underlined header is cut into cells like the rest, but is none of the table.
    let underlined = |(_, cells): &Numbered| {
        cells.iter().all(|cell| cell.len() > 1 && cell.bytes().all(|byte| matches!(byte, b'-' | b'=')))
    };
    if let Some(at) = rows.iter().take(ABOVE).position(underlined) {
        rows.drain(..at.saturating_sub(1));
    }
    rows
}

/// The cells of a line at these positions.
pub(super) fn cut_by(line: &[char], cells: &[CellRange]) -> Vec<String> {
    let starts: Vec<usize> = cells.iter().map(|cell| (cell.first as usize).saturating_sub(1)).collect();
    cut(line, &starts)
}

fn cut(line: &[char], starts: &[usize]) -> Vec<String> {
    let cell = |(at, start): (usize, &usize)| {
        let end = starts.get(at + 1).copied().unwrap_or(line.len()).min(line.len());
        line.get(*start..end).unwrap_or_default().iter().collect::<String>().trim().to_owned()
    };
    starts.iter().enumerate().map(cell).collect()
}

fn usual_length(lines: &[Vec<char>]) -> Option<usize> {
    let mut counts: Vec<(usize, usize)> = Vec::new();
    for line in lines {
        match counts.iter_mut().find(|(length, _)| *length == line.len()) {
            Some((_, count)) => *count += 1,
            None => counts.push((line.len(), 1)),
        }
    }
    counts.into_iter().max_by_key(|(_, count)| *count).map(|(length, _)| length)
}

/// For each position whether it is blank in every line.
fn gaps(lines: &[&Vec<char>], length: usize) -> Vec<bool> {
    (0..length).map(|at| lines.iter().all(|line| line.get(at).is_none_or(|c| c.is_whitespace()))).collect()
}

/// Where cells begin, told by a first line that names columns: where each name begins, if no value goes on across it.
fn by_header(lines: &[&Vec<char>], names: &dyn Fn(&str) -> bool) -> Option<Vec<usize>> {
    let (header, body) = lines.split_first()?;
    let mut starts: Vec<usize> = Vec::new();
    let mut blanks = 2;
    for (at, c) in header.iter().enumerate() {
        if c.is_whitespace() {
            blanks += 1;
            continue;
        }
        if blanks >= 2 || blanks == 1 {
            starts.push(at);
        }
        blanks = 0;
    }
    let crossed = |at: usize| {
        let across = body.iter().filter(|line| {
            at > 0
                && line.get(at - 1).is_some_and(|c| c.is_alphabetic())
                && line.get(at).is_some_and(|c| c.is_lowercase())
        });
        across.count() * 10 > body.len()
    };
    // The words of one name stand a blank apart, and so do short names: values tell which of them begin cells.
    starts.retain(|at| !crossed(*at));
    // Names that were cut to the width of their cells touch, and a capital begins the next: `KundenNavn`.
    let length = lines.iter().map(|line| line.len()).max().unwrap_or(0);
    let below = self::starts(lines, length, &gaps(body, length));
    let touching = |at: &usize| {
        at.checked_sub(1).and_then(|before| header.get(before)).is_some_and(|c| c.is_lowercase())
            && header.get(*at).is_some_and(|c| c.is_uppercase())
    };
    starts.extend(below.into_iter().filter(touching));
    starts.sort_unstable();
    starts.dedup();
    let words = cut(header, &starts);
    let known = words.iter().filter(|word| names(word)).count();
    // Where no value stands below the second word, both are one name.
    let reached = starts.get(1).is_some_and(|start| body.iter().any(|line| line.len() > *start));
    (reached && known >= 2 && known * 2 >= starts.len()).then_some(starts)
}

/// Where cells begin, told by `least` positions that are blank in all lines.
fn gap_starts(gaps: &[bool], least: usize) -> Vec<usize> {
    let mut starts = Vec::new();
    let mut blank = least;
    for (at, gap) in gaps.iter().enumerate() {
        if *gap {
            blank += 1;
        } else {
            if blank >= least {
                starts.push(at);
            }
            blank = 0;
        }
    }
    starts
}

/// Where cells begin, told by blanks and by what stands at each position: a cell of text is filled from its left, one of
/// digits from its right or to its full width.
fn starts(lines: &[&Vec<char>], length: usize, gaps: &[bool]) -> Vec<usize> {
    // The header, whose names are shorter than the cells, would hide where values change their look.
    let body = if lines.len() > 3 { &lines[1..] } else { lines };
    let share = |at: usize, is: fn(&char) -> bool| {
        body.iter().filter(|line| line.get(at).is_some_and(is)).count() as f64 / body.len() as f64
    };
    let digits = |at| share(at, |c| c.is_ascii_digit());
    let letters = |at| share(at, |c| c.is_alphabetic());
    let blanks = |at| share(at, |c| c.is_whitespace());
    let crossed = |at: usize| {
        body.iter().any(|line| {
            let is_blank = |at: usize| line.get(at).is_none_or(|c| c.is_whitespace());
            !is_blank(at - 1) && is_blank(at) && !is_blank(at + 1)
        })
    };
    let touches = |at: usize| {
        let from_digits = digits(at - 1) > 0.95 && letters(at) > 0.9;
        let to_digits = digits(at) > 0.95 && digits(at - 1) < 0.2 && (letters(at - 1) + blanks(at - 1)) > 0.8;
        // After blanks that most lines have, every line has something again, and no words go on across it.
        let from_blanks = blanks(at - 1) > 0.5 && blanks(at) < 0.05 && !crossed(at);
        // Words begin below each other, behind the blank that fills up shorter values: `TRADE Ry` above `RETAILRy`.
        let to_words = blanks(at - 1) > 0.2
            && share(at, |c| c.is_uppercase()) > 0.95
            && share(at + 1, |c| c.is_lowercase()) > 0.9
            && blanks(at - 1) + letters(at - 1) > 0.99;
        from_digits || to_digits || from_blanks || to_words
    };
    let mut starts = vec![0];
    let by_gaps = gap_starts(gaps, 1);
    for (at, gap) in gaps.iter().enumerate().take(length).skip(1) {
        let start = *starts.last().unwrap_or(&0);
        // The header may have letters where all values are divided.
        let divided = by_gaps.contains(&at) || blanks(at - 1) == 1.0 && blanks(at) < 1.0;
        let begins = if divided {
            !goes_on(body, start, at)
        } else {
            !gap && touches(at) && !is_in_postcode(body, at)
        };
        if begins && !tears_words(body, at) {
            starts.push(at);
        }
    }
    // What only some lines have behind the last blank of all is no cell of its own.
    starts.retain(|at| *at == 0 || body.iter().any(|line| line.iter().skip(*at).any(|c| !c.is_whitespace())));
    if gaps.first().copied().unwrap_or_default()
        && by_gaps.first().is_some_and(|first| starts.contains(first))
    {
        starts.remove(0);
    }
    starts
}

/// Whether a single blank before position `at` belongs to the cell that begins at `start`, as between two words or the
/// groups of a telephone number: text stands on both sides of it in most lines that have any behind it.
fn goes_on(lines: &[&Vec<char>], start: usize, at: usize) -> bool {
    if at < 2 || at - start < 2 {
        return false;
    }
    if in_telephone(lines, start, at) {
        return true;
    }
    let is = |line: &[char], at: usize| line.get(at).copied().filter(|c| !c.is_whitespace());
    let behind = lines.iter().filter(|line| is(line, at).is_some()).count();
    let sides: Vec<Sides<'_>> = lines
        .iter()
        .filter(|line| is(line, at - 2).is_some() && is(line, at).is_some())
        .map(|line| Sides { before: &line[start..at - 1], behind: word(&line[at..]) })
        .collect();
    if sides.len() * 10 < behind * 8 {
        return false;
    }
    let all = |test: &dyn Fn(&Sides<'_>) -> bool| {
        sides.iter().filter(|one| test(one)).count() * 20 >= sides.len() * 19
    };
    let ends = all(&|one| one.change_look() || one.are_numbers()) || all(&|one| one.begin_with_code());
    // Few lines show little: the longest values of a cell end somewhere.
    sides.len() * 2 < lines.len() || !ends || all(&|one| one.are_telephone() || one.are_postcode())
}

/// Whether all cells that begin at `start` are telephone numbers in groups, as Denmark and Norway write them
/// (`22 33 44 55`, `987 65 432`), and `at` begins one of their groups.
fn in_telephone(lines: &[&Vec<char>], start: usize, at: usize) -> bool {
    let number = |line: &&Vec<char>| {
        let rest = line.get(start..).unwrap_or_default();
        let end = rest.iter().position(|c| !c.is_ascii_digit() && *c != ' ').unwrap_or(rest.len());
        look(&rest[..end]).trim_end().to_owned()
    };
    let mut numbers = lines.iter().map(number).filter(|number| !number.is_empty()).peekable();
    let groups: &[(&str, &[usize])] = &[("99 99 99 99", &[3, 6, 9]), ("999 99 999", &[4, 7])];
    let begins = |number: &String| {
        groups.iter().any(|(shape, groups)| number == shape && groups.contains(&(at - start)))
    };
    numbers.peek().is_some() && numbers.all(|number| begins(&number))
}

/// What stands on both sides of a blank.
struct Sides<'l> {
    before: &'l [char],
    /// The word behind it.
    behind: &'l [char],
}

impl Sides<'_> {
    fn change_look(&self) -> bool {
        let (Some(before), Some(behind)) = (self.before.last(), self.behind.first()) else { return false };
        before.is_ascii_digit() && behind.is_alphabetic() || before.is_alphabetic() && behind.is_ascii_digit()
    }

    fn are_numbers(&self) -> bool {
        [self.before.last(), self.behind.first()].into_iter().flatten().all(char::is_ascii_digit)
    }

    fn begin_with_code(&self) -> bool {
        self.before.len() <= 4 && self.before.iter().all(char::is_ascii_uppercase)
    }

    fn are_telephone(&self) -> bool {
        matches!(self.before.first(), Some('+' | '0' | '(')) && self.are_numbers()
    }

    /// A postcode of two groups, as those of the Netherlands, Sweden and the United Kingdom.
    fn are_postcode(&self) -> bool {
        let before = look(self.before);
        match look(self.behind).as_str() {
            "AA" => before == "9999",
            "99" => before == "999",
            behind => is_british(&before, behind),
        }
    }
}

/// The shape of a text: 9 for digits, A for capitals.
fn look(part: &[char]) -> String {
    let class = |c: &char| match c {
        _ if c.is_ascii_digit() => '9',
        _ if c.is_ascii_uppercase() => 'A',
        other => *other,
    };
    part.iter().map(class).collect()
}

/// Whether texts of these shapes are the two groups of a postcode of the United Kingdom.
fn is_british(before: &str, behind: &str) -> bool {
    behind == "9AA" && matches!(before, "A9" | "A99" | "AA9" | "AA99" | "A9A" | "AA9A")
}

/// Whether position `at` lies within a postcode of the United Kingdom, whose letters and digits look like cells that touch,
/// in most lines that have something there.
fn is_in_postcode(lines: &[&Vec<char>], at: usize) -> bool {
    let blank = |c: &char| c.is_whitespace();
    let (mut all, mut inside) = (0, 0);
    for line in lines {
        let (Some(left), Some(right)) = (line.get(..at), line.get(at..)) else { continue };
        let start = left.iter().rposition(blank).map_or(0, |last| last + 1);
        let end = at + word(right).len();
        if start == at || end == at {
            continue;
        }
        let before = line[..start].split_last().map_or(&[][..], |(_, before)| before);
        let before = &before[before.iter().rposition(blank).map_or(0, |last| last + 1)..];
        let behind = line.get(end + 1..).map_or(&[][..], word);
        let here = look(&line[start..end]);
        all += 1;
        inside += usize::from(is_british(&look(before), &here) || is_british(&here, &look(behind)));
    }
    inside * 10 >= all * 9
}

/// The beginning of a line up to its first blank.
fn word(line: &[char]) -> &[char] {
    &line[..line.iter().position(|c| c.is_whitespace()).unwrap_or(line.len())]
}

/// Whether a cell that began at `at` would begin within a word or a number.
fn tears_words(lines: &[&Vec<char>], at: usize) -> bool {
    let inside = lines.iter().filter(|line| {
        let (Some(before), Some(after)) = (line.get(at.wrapping_sub(1)), line.get(at)) else { return false };
        before.is_alphabetic() && after.is_lowercase() || before.is_ascii_digit() && after.is_ascii_digit()
    });
    inside.count() * 50 > lines.len()
}

/// Whether the cells have the looks of columns: at least one of them holds values of one telling kind.
fn is_table(rows: &[Vec<String>]) -> bool {
    let width = rows.first().map_or(0, Vec::len);
    (0..width).any(|column| {
        let kinds: Vec<Kind> =
            rows.iter().skip(1).map(|row| kind(&row[column])).filter(|kind| *kind != Kind::Empty).collect();
        let telling = kinds.iter().filter(|kind| !matches!(kind, Kind::Word | Kind::Text)).count();
        !kinds.is_empty() && telling * 10 >= kinds.len() * 9
    })
}
