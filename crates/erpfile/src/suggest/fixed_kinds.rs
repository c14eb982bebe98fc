//! Lines of several kinds with cells at fixed positions: which of them are the records, and where their cells are.

use super::dialect::Fit;
use super::fixed;
use super::kinds::{Kind, kind};
use super::table::Numbered;
use crate::CellRange;

/// The most kinds of lines that a file has.
const KINDS: usize = 8;

/// The longest word that tells a kind of line.
const LONGEST: usize = 8;

/// How many digits tell a kind of line, the usual number first.
const DIGITS: [usize; 4] = [2, 3, 1, 4];

/// Lines that are looked at.
const LINES: usize = 400;

/// The lines of one kind among others.
pub(super) struct Kinds {
    /// What the records begin with.
    pub(super) first: String,
    /// What the other lines begin with.
    pub(super) others: Vec<String>,
    /// The cells of the records; the first one tells the kind.
    pub(super) cells: Vec<CellRange>,
    /// The records.
    pub(super) rows: Vec<Numbered>,
}

/// A line with its number.
type Line = (u64, Vec<char>);

/// The records, where the first characters of lines tell their kinds and no line of another kind is laid out as they are;
/// `None` where all lines can be of one kind.
pub(super) fn find(text: &str, fit: &Fit, names: &dyn Fn(&str) -> bool) -> Option<Kinds> {
    let numbered = (1_u64..).zip(text.lines());
    let lines: Vec<Line> = numbered
        .map(|(number, line)| (number, line.trim_end().chars().collect()))
        .filter(|(_, line): &Line| !line.is_empty())
        .take(LINES)
        .collect();
    let begins = |length: usize, is: fn(&char) -> bool| {
        lines.iter().all(|(_, line)| line.get(..length).is_some_and(|start| start.iter().all(is)))
    };
    let words = (1..=LONGEST).rev().filter(|length| begins(*length, char::is_ascii_uppercase));
    let digits = DIGITS.into_iter().filter(|length| begins(*length, char::is_ascii_digit));
    words.chain(digits).find_map(|length| by_start(&lines, length, fit, names))
}

/// The records, if the first `length` characters tell the kinds of lines.
fn by_start(lines: &[Line], length: usize, fit: &Fit, names: &dyn Fn(&str) -> bool) -> Option<Kinds> {
    let mut kinds: Vec<(&[char], Vec<&Line>)> = Vec::new();
    for line in lines {
        let start = line.1.get(..length)?;
        match kinds.iter_mut().find(|(kind, _)| *kind == start) {
            Some((_, lines)) => lines.push(line),
            None => kinds.push((start, vec![line])),
        }
        if kinds.len() > KINDS {
            return None;
        }
    }
    if kinds.len() < 2 {
        return None;
    }
    // Records of people and companies have more words than those of what they bought.
    let laid_out = kinds.iter().enumerate().filter(|(_, (_, lines))| lines.len() > 1);
    let laid_out = laid_out.filter_map(|(at, (_, lines))| Some((at, Laid::out(lines, length, fit, names)?)));
    let (best, laid) = laid_out.max_by_key(|(_, laid)| (laid.words, laid.starts.len()))?;
    let others = || kinds.iter().enumerate().filter(|(at, _)| *at != best).map(|(_, kind)| kind);
    if laid.words == 0 || others().any(|(_, lines)| lines.iter().any(|(_, line)| laid.has(line))) {
        return None;
    }
    let text = |start: &[char]| start.iter().collect::<String>();
    Some(Kinds {
        first: text(kinds[best].0),
        others: others().map(|(start, _)| text(start)).collect(),
        cells: laid.cells,
        rows: laid.rows,
    })
}

/// How the lines of a kind are laid out.
struct Laid {
    cells: Vec<CellRange>,
    rows: Vec<Numbered>,
    /// Where cells begin behind a blank in all lines, from 0.
    starts: Vec<usize>,
    /// How many cells hold words in most lines.
    words: usize,
    /// What each cell holds in nearly all lines.
    holds: Vec<Option<Holds>>,
}

/// What a cell holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holds {
    Nothing,
    Digits,
    Text,
}

impl Holds {
    fn of(cell: &str) -> Holds {
        match cell {
            "" => Holds::Nothing,
            _ if cell.contains(char::is_alphabetic) => Holds::Text,
            _ => Holds::Digits,
        }
    }
}

impl Laid {
    fn out(lines: &[&Line], length: usize, fit: &Fit, names: &dyn Fn(&str) -> bool) -> Option<Laid> {
        let behind: Vec<String> = lines.iter().map(|(_, line)| line[length..].iter().collect()).collect();
        let longest = behind.iter().map(|line| line.chars().count()).max()?;
        // Blank ends that were cut off are put back: the lines of a kind are of one length then.
        let filled: Vec<String> = behind.iter().map(|line| format!("{line:longest$}")).collect();
        let inner = fixed::cells(&filled.join("\n"), fit, names)?;
        let offset = u32::try_from(length).ok()?;
        let mut cells = vec![CellRange { first: 1, last: Some(offset) }];
        cells.extend(
            inner.iter().map(|cell| CellRange {
                first: cell.first + offset,
                last: cell.last.map(|last| last + offset),
            }),
        );
        let rows: Vec<Numbered> =
            lines.iter().map(|(number, line)| (*number, fixed::cut_by(line, &cells))).collect();
        let most = |column: usize, is: &dyn Fn(&str) -> bool, of_ten: usize| {
            rows.iter().filter(|(_, row)| is(&row[column])).count() * 10 >= rows.len() * of_ten
        };
        let is_words = |cell: &str| matches!(kind(cell), Kind::Text | Kind::Word);
        let words = (1..cells.len()).filter(|column| most(*column, &is_words, 5)).count();
        let holds = (0..cells.len()).map(|column| {
            let all = [Holds::Nothing, Holds::Digits, Holds::Text];
            all.into_iter().find(|holds| most(column, &|cell| Holds::of(cell) == *holds, 9))
        });
        let holds = holds.collect();
        let behind_blank =
            |at: &usize| lines.iter().all(|(_, line)| line.get(at - 1).is_none_or(|c| c.is_whitespace()));
        let starts = cells[1..].iter().map(|cell| cell.first as usize - 1).filter(behind_blank).collect();
        Some(Laid { cells, rows, starts, words, holds })
    }

    /// Whether a line can be laid out like these: no text goes on across where all of them have a blank, and most cells hold
    /// what theirs do.
    fn has(&self, line: &[char]) -> bool {
        let filled = |at: usize| line.get(at).is_some_and(|c| !c.is_whitespace());
        let crossed = self.starts.iter().any(|start| filled(start - 1) && filled(*start));
        let cells = fixed::cut_by(line, &self.cells);
        let others = self
            .holds
            .iter()
            .zip(&cells)
            .filter(|(holds, cell)| holds.is_some_and(|holds| holds != Holds::of(cell)));
        !crossed && others.count() * 3 < self.cells.len()
    }
}

#[cfg(test)]
mod tests {
    use crate::suggest::{Sample, Suggestion, suggest};
    use crate::{Layout, Limits};

    fn suggested(lines: &[String]) -> Suggestion {
        let text = lines.join("\r\n") + "\r\n";
        suggest(&Sample::new(text.into_bytes(), true), &|_| false, Limits::default()).unwrap()
    }

    /// A line of each customer: number, name, address, postcode and city.
    fn customers(start: &str) -> Vec<String> {
        [
            ("100001", "Snedkeriet Nord", "Havnegade 1", "9000", "Aalborg"),
            ("100002", "Ørsted El", "Møllevej 22", "8000", "Aarhus C"),
            ("100003", "Café Sol", "Torvet 3", "5000", "Odense C"),
            ("100004", "Bager Jensen", "Algade 7", "4000", "Roskilde"),
        ]
        .iter()
        .map(|(number, name, address, postcode, city)| {
            format!("{start}{number:8}{name:30}{address:25}{postcode}{city:20}")
        })
        .collect()
    }

    #[test]
    fn records_among_lines_of_other_kinds_are_found_and_asked_about() {
        let between = customers("10")
            .into_iter()
            .enumerate()
            .flat_map(|(at, line)| [line, format!("2010000{:<7}{:30}8612345{at}", at + 1, "Lis Holm")]);
        let numbered: Vec<String> = std::iter::once("00CUSTOMERS 20261122".to_owned())
            .chain(between)
            .chain(["9900000008".to_owned()])
            .collect();
        let ends = |head: &str, lines: Vec<String>, tail: &str| -> Vec<String> {
            let first = format!("{:100}", format!("{head}20261122CUSTOMERS OF TODAY"));
            std::iter::once(first)
                .chain(lines)
                .chain([format!("{:100}", format!("{tail}00000004"))])
                .collect()
        };
        for (lines, records, cells) in [
            (numbered, "10", "1-2 3-10 11-40 41-65 66-69 70-"),
            (ends("H", customers("K"), "T"), "K", "1 2-9 10-39 40-64 65-68 69-"),
            (ends("HEAD", customers("CUST"), "TAIL"), "CUST", "1-4 5-12 13-42 43-67 68-71 72-"),
        ] {
            let found = suggested(&lines);
            let told: Vec<String> = found.format.cells.iter().map(ToString::to_string).collect();
            assert_eq!((&*found.format.records, told.join(" ")), (records, cells.to_owned()));
            assert_eq!((found.rows.len(), &*found.rows[1][2]), (4, "Ørsted El"));
            assert_eq!(found.questions.iter().filter(|question| question.key == "records").count(), 1);
        }
    }

    #[test]
    fn lines_that_are_laid_out_alike_are_of_one_kind_whatever_they_begin_with() {
        let mut groups = customers("10");
        groups.extend(customers("20"));
        groups.extend(customers("31").into_iter().map(|line| line.trim_end().to_owned()));
        let found = suggested(&groups);
        assert_eq!((found.format.layout, &*found.format.records), (Layout::FixedWidth, ""));
        assert_eq!(found.rows.len(), 12);
    }
}
