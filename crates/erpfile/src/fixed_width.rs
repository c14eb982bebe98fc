//! Text whose cells lie at fixed positions in the line.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::Format;
use crate::format::PositionsIn;
use crate::row::Span;

/// Where a cell lies in its line, counted from 1: `"11-45"`, `"46-"` up to the end of the line, or `"3"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CellRange {
    /// The first position.
    pub first: u32,
    /// The last position; `None` for the end of the line.
    pub last: Option<u32>,
}

impl FromStr for CellRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("\"{text}\" is no range of positions; write it like \"11-45\" or \"46-\"");
        let number =
            |text: &str| text.trim().parse::<u32>().ok().filter(|number| *number > 0).ok_or_else(wrong);
        let range = match text.split_once('-') {
            None => Self { first: number(text)?, last: Some(number(text)?) },
            Some((first, last)) if last.trim().is_empty() => Self { first: number(first)?, last: None },
            Some((first, last)) => Self { first: number(first)?, last: Some(number(last)?) },
        };
        if range.last.is_some_and(|last| last < range.first) { Err(wrong()) } else { Ok(range) }
    }
}

impl fmt::Display for CellRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.last {
            Some(last) if last == self.first => write!(f, "{last}"),
            Some(last) => write!(f, "{}-{last}", self.first),
            None => write!(f, "{}-", self.first),
        }
    }
}

impl Serialize for CellRange {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for CellRange {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// Cuts lines at fixed positions.
#[derive(Clone, Debug)]
pub(crate) struct Cutter {
    ranges: Vec<CellRange>,
    unit: Unit,
    /// The last position of the last cell; `None` when a cell goes on to the end of the line.
    width: Option<usize>,
    /// Where each character begins, and where the line ends.
    starts: Vec<usize>,
    /// The first cell of the line with a border in the middle of a character, 0-based.
    split: Option<usize>,
}

/// What positions count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Characters,
    /// Bytes of UTF-8.
    Utf8,
    /// Bytes of UTF-16.
    Utf16,
}

impl Cutter {
    pub(crate) fn new(format: &Format) -> Self {
        let label = format.encoding.label();
        let unit = match format.positions_in {
            PositionsIn::Bytes if label == "utf-8" => Unit::Utf8,
            PositionsIn::Bytes if label.starts_with("utf-16") => Unit::Utf16,
            _ => Unit::Characters,
        };
        let last = |range: &CellRange| range.last.map(|last| last as usize);
        let width = format.cells.iter().map(last).collect::<Option<Vec<_>>>();
        let width = width.map(|lasts| lasts.into_iter().max().unwrap_or_default());
        Self { ranges: format.cells.clone(), unit, width, starts: Vec::new(), split: None }
    }

    /// How many cells a line is cut into.
    pub(crate) fn cells(&self) -> usize {
        self.ranges.len()
    }

    /// Cuts a line. Blanks around a cell only fill it up and do not belong to it. Cells that the line does not reach
    /// are left out; text behind the last cell is one cell more.
    pub(crate) fn cut(&mut self, text: &str, cells: &mut Vec<Span>) {
        self.measure(text);
        self.split = None;
        let length = self.starts.len() - 1;
        for range in &self.ranges {
            let first = range.first as usize - 1;
            if first >= length && first > 0 {
                // Later cells may lie further to the left; their order is the format's.
                cells.push(Span { start: text.len(), end: text.len() });
                continue;
            }
            let last = range.last.map_or(length, |last| (last as usize).min(length));
            if self.is_inside(first) || self.is_inside(last) {
                self.split.get_or_insert(cells.len());
            }
            cells.push(trimmed(text, self.starts[first], self.starts[last]));
        }
        while cells.last().is_some_and(|cell| cell.start == text.len()) {
            cells.pop();
        }
        if let Some(width) = self.width
            && width < length
        {
            let surplus = trimmed(text, self.starts[width], text.len());
            if surplus.start < surplus.end {
                cells.resize(self.ranges.len(), Span { start: text.len(), end: text.len() });
                cells.push(surplus);
            }
        }
    }

    /// The first cell of the line that was cut last whose border lies in the middle of a character, 0-based.
    pub(crate) fn split(&self) -> Option<usize> {
        self.split
    }

    /// Whether a position lies within a character that takes several.
    fn is_inside(&self, position: usize) -> bool {
        let start = |at: usize| self.starts.get(at);
        position > 0 && start(position).is_some() && start(position) == start(position - 1)
    }

    /// How many positions the line that was cut last has.
    pub(crate) fn length(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// How many positions a line of `bytes` bytes and `characters` characters has; `None` where that does not tell.
    pub(crate) fn positions(&self, bytes: usize, characters: usize) -> Option<usize> {
        match self.unit {
            Unit::Characters => Some(characters),
            Unit::Utf8 => Some(bytes),
            Unit::Utf16 => None,
        }
    }

    /// Notes where each position begins. Where a character takes several, all of them are where it begins.
    fn measure(&mut self, text: &str) {
        self.starts.clear();
        for (at, c) in text.char_indices() {
            let positions = match self.unit {
                Unit::Characters => 1,
                Unit::Utf8 => c.len_utf8(),
                Unit::Utf16 => c.len_utf16() * 2,
            };
            self.starts.extend(std::iter::repeat_n(at, positions));
        }
        self.starts.push(text.len());
    }
}

fn trimmed(text: &str, start: usize, end: usize) -> Span {
    let cell = &text[start..end];
    let start = start + (cell.len() - cell.trim_start_matches(' ').len());
    Span { start, end: start + cell.trim_matches(' ').len() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Column, ColumnFrom, Encoding, Layout, Limits, ReadError, Reader, Row, code};

    fn format(cells: &[&str]) -> Format {
        Format {
            layout: Layout::FixedWidth,
            header_lines: 0,
            cells: cells.iter().map(|cell| cell.parse().unwrap()).collect(),
            columns: vec![Column::new(ColumnFrom::Position(1), "number")],
            ..Format::default()
        }
    }

    /// The rows with `|` between cells and the problems' codes behind them; or the code of the damage.
    fn read(bytes: &[u8], format: &Format) -> Result<Vec<String>, String> {
        let told = |error| match error {
            ReadError::Damage(damage) => damage.0.code.to_string(),
            ReadError::Io(error) => panic!("{error}"),
        };
        let mut reader = Reader::new(bytes, format, Limits::default()).map_err(told)?;
        let (mut row, mut again, mut parser) = (Row::default(), Row::default(), reader.record_parser());
        let mut rows = Vec::new();
        while reader.read(&mut row).map_err(told)? {
            let problems: String = row.problems.iter().map(|problem| format!(" !{}", problem.code)).collect();
            rows.push(format!("{}{problems}", row.cells().collect::<Vec<_>>().join("|")));
            parser.parse(row.raw(), row.line, &mut again).unwrap();
            assert!(again.cells().eq(row.cells()) && again.problems == row.problems);
        }
        Ok(rows)
    }

    #[test]
    fn ranges_are_written_as_they_are_read() {
        for text in ["1-10", "11-45", "46-", "3"] {
            assert_eq!(text.parse::<CellRange>().unwrap().to_string(), text);
        }
        for text in ["", "0-3", "5-4", "a-b", "-", "-3", "1-2-3"] {
            assert!(text.parse::<CellRange>().is_err(), "{text}");
        }
    }

    #[test]
    fn cells_are_cut_at_their_positions_and_blanks_around_them_do_not_count() {
        let format = format(&["1-6", "7-18", "19-22"]);
        let file = "    10Bager Ølund 8000\r\n    11Æ\r\n\r\n000012Træ og Sten 2100beyond\r\n\x1A";
        let rows = ["10|Bager Ølund|8000", "11|Æ", "000012|Træ og Sten|2100|beyond !too-many-cells"];
        assert_eq!(read(file.as_bytes(), &format).unwrap(), rows);
        let bytes = Encoding::from_str("cp865").unwrap().encode(file).unwrap();
        let dos = Format { encoding: "cp865".parse().unwrap(), positions_in: PositionsIn::Bytes, ..format };
        assert_eq!(read(&bytes, &dos).unwrap(), rows);
    }

    #[test]
    fn positions_count_bytes_where_the_format_says_so() {
        let file = "ØØ12\nAB  34\n";
        let format = Format { positions_in: PositionsIn::Bytes, ..format(&["1-4", "5-6"]) };
        assert_eq!(read(file.as_bytes(), &format).unwrap(), ["ØØ|12", "AB|34"]);
    }

    #[test]
    fn a_border_within_a_character_refuses_the_row() {
        let format = Format { positions_in: PositionsIn::Bytes, ..format(&["1-3", "4-"]) };
        let rows = read("ØØ12\nABCDE\nÆB12\n".as_bytes(), &format).unwrap();
        assert_eq!(rows, ["Ø|Ø12 !cut-character", "ABC|DE", "ÆB|12"]);
    }

    #[test]
    fn a_file_that_was_cut_off_is_refused() {
        let whole = "10Bager     8000\n11Smed      2100\n";
        let format = format(&["1-2", "3-12", "13-16"]);
        assert_eq!(read(whole.as_bytes(), &format).unwrap().len(), 2);
        for cut in 18..whole.len() - 1 {
            assert_eq!(
                read(&whole.as_bytes()[..cut], &format),
                Err(code::INCOMPLETE_RECORD.to_owned()),
                "{cut}"
            );
        }
        // Lines that are not filled up end anywhere; a cell that is missing at the end still tells.
        let ragged = "10Bager     8000\n11Smed      21\n12Maler     8";
        assert_eq!(read(ragged.as_bytes(), &format).unwrap().len(), 3);
        assert_eq!(
            read(&ragged.as_bytes()[..ragged.len() - 1], &format),
            Err(code::INCOMPLETE_RECORD.to_owned())
        );
    }

    #[test]
    fn the_header_is_cut_like_the_rows() {
        let mut format = format(&["1-8", "9-"]);
        format.header_lines = 1;
        format.columns[0].from = vec![ColumnFrom::Name("Kundenr".into())];
        assert_eq!(read(b"Kundenr Navn\n10      Bager\n", &format).unwrap(), ["10|Bager"]);
    }
}
