//! Which lines of a file are records of its table: not comments, other parts and kinds of lines, repeated headers,
//! totals, or a second table.

use crate::format::matches;
use crate::problem::{Damage, Problem, code, cut};
use crate::{Format, Row, TableEnds};

/// How many first cells of other lines a message lists.
const LISTED: usize = 10;

/// The longest text that a message lists whole, in characters.
const TEXT_CHARS: usize = 60;

/// Passes over what is no record, and remembers what of it nobody declared.
#[derive(Debug)]
pub(crate) struct Table {
    /// Whether no line is passed over by how it begins.
    takes_every_line: bool,
    comment: String,
    header_marker: String,
    section: String,
    records: String,
    footers: Vec<String>,
    ends: TableEnds,
    lines_below_header: u32,
    /// Whether the header is still to come.
    in_header: bool,
    in_section: bool,
    /// The lines of the header, cell by cell.
    header: Vec<Vec<String>>,
    /// How many of the next records stand below a header.
    below: u32,
    after_blank: bool,
    rows: u64,
    /// Whether each row so far holds a digit.
    digits: bool,
    end: Option<End>,
    repeated: Option<Lines>,
    /// First cells of lines that were passed over, as long as no line was taken.
    others: Vec<String>,
}

/// Where the table ended before the file.
#[derive(Debug)]
struct End {
    line: u64,
    by: EndedBy,
    left_out: Option<Lines>,
}

#[derive(Debug)]
enum EndedBy {
    Footer,
    BlankLine,
    SecondTable,
}

/// Some lines of the file.
#[derive(Clone, Copy, Debug)]
struct Lines {
    first: u64,
    last: u64,
    count: u64,
}

impl Lines {
    fn add(lines: &mut Option<Self>, line: u64) {
        let lines = lines.get_or_insert(Self { first: line, last: line, count: 0 });
        lines.last = line;
        lines.count += 1;
    }

    /// `Line 7`, `Lines 7 to 9`.
    fn text(&self) -> String {
        if self.first == self.last {
            format!("Line {}", self.first)
        } else {
            format!("Lines {} to {}", self.first, self.last)
        }
    }
}

impl Table {
    pub(crate) fn new(format: &Format) -> Self {
        let texts = [&format.comment, &format.section, &format.records, &format.header_marker];
        Self {
            takes_every_line: texts.iter().all(|text| text.is_empty()),
            comment: format.comment.clone(),
            header_marker: format.header_marker.clone(),
            section: format.section.clone(),
            records: format.records.clone(),
            footers: format.footer.iter().map(|footer| footer.to_lowercase()).collect(),
            ends: format.table_ends,
            lines_below_header: format.lines_below_header,
            in_header: format.header_lines > 0,
            in_section: format.section.is_empty(),
            header: Vec::new(),
            below: if format.header_lines > 0 { format.lines_below_header } else { 0 },
            after_blank: false,
            rows: 0,
            digits: true,
            end: None,
            repeated: None,
            others: Vec::new(),
        }
    }

    /// Whether the next line is a row if it is one that was a row by itself elsewhere ([`Row::alone`]).
    pub(crate) fn is_among_rows(&self) -> bool {
        self.takes_every_line && !self.in_header && self.below == 0 && self.end.is_none() && !self.after_blank
    }

    /// Whether the next record stands below a header, and is no row.
    pub(crate) fn is_below_header(&self) -> bool {
        self.below > 0
    }

    /// How many records stand below each header.
    pub(crate) fn lines_below_header(&self) -> u32 {
        self.lines_below_header
    }

    /// A row has been passed over that was a row by itself elsewhere.
    pub(crate) fn passed(&mut self) {
        self.rows += 1;
    }

    /// A blank line has been read.
    pub(crate) fn blank(&mut self) {
        self.after_blank = true;
    }

    /// Whether a physical line may be (the beginning of) a record, by how it begins: its text and its cells, as far as
    /// they lie in this line, are in `row`.
    pub(crate) fn selects(&mut self, row: &Row) -> bool {
        if self.takes_every_line {
            return true;
        }
        if !self.comment.is_empty() && row.text.starts_with(&self.comment) {
            return false;
        }
        let first = row.cell(0).unwrap_or_default().trim();
        if !self.section.is_empty() && self.is_section_line(first, row) {
            self.in_section = first == self.section;
            self.note_other(first);
            return false;
        }
        let selected = self.in_section
            && if self.in_header {
                self.header_marker.is_empty() || !self.header.is_empty() || first == self.header_marker
            } else {
                self.is_header_marker(first) || self.records.is_empty() || matches(&self.records, first)
            };
        if !selected {
            self.note_other(first);
        }
        selected
    }

    /// Whether a line could be the rest of the one above: it is no comment and begins no record, part or end of the table.
    pub(crate) fn may_continue(&self, row: &Row) -> bool {
        let first = row.cell(0).unwrap_or_default().trim();
        let comment = !self.comment.is_empty() && row.text.starts_with(&self.comment);
        let section = !self.section.is_empty() && self.is_section_line(first, row);
        let record = !self.records.is_empty() && matches(&self.records, first);
        !comment && !section && !record && !self.is_header_marker(first) && !is_footer(&self.footers, row)
    }

    /// A line of the header has been read.
    pub(crate) fn header_line(&mut self, row: &Row) {
        self.header.push(row.cells().map(str::to_owned).collect());
    }

    /// The header is complete.
    pub(crate) fn header_ends(&mut self) {
        self.in_header = false;
        self.after_blank = false;
        if self.header.iter().flatten().filter(|name| !name.trim().is_empty()).nth(1).is_none() {
            // A row could well have the one cell that such a header has.
            self.header.clear();
        }
    }

    /// Whether a whole record is a row of the table.
    ///
    /// # Errors
    /// A header that names other columns than the one above.
    pub(crate) fn takes(&mut self, row: &Row) -> Result<bool, Damage> {
        if self.below > 0 {
            self.below -= 1;
            return Ok(false);
        }
        if let Some(end) = &mut self.end {
            let still_footer = matches!(end.by, EndedBy::Footer) && is_footer(&self.footers, row);
            if !still_footer {
                Lines::add(&mut end.left_out, row.line);
            }
            return Ok(false);
        }
        if self.is_header(row)? {
            Lines::add(&mut self.repeated, row.line);
            self.below = self.lines_below_header;
            self.after_blank = false;
            return Ok(false);
        }
        let digit = row.text.bytes().any(|byte| byte.is_ascii_digit());
        let blank = !digit && row.cells().all(|cell| cell.trim().is_empty());
        let by = if !self.footers.is_empty() && is_footer(&self.footers, row) {
            Some(EndedBy::Footer)
        } else if self.ends == TableEnds::BlankLine && self.rows > 0 && (self.after_blank || blank) {
            Some(EndedBy::BlankLine)
        } else if self.ends == TableEnds::SecondTable
            && (self.after_blank || !digit)
            && self.is_other_header(row, digit)
        {
            Some(EndedBy::SecondTable)
        } else {
            None
        };
        if let Some(by) = by {
            let mut left_out = None;
            if !matches!(by, EndedBy::Footer) && !blank {
                Lines::add(&mut left_out, row.line);
            }
            self.end = Some(End { line: row.line, by, left_out });
            return Ok(false);
        }
        // A title, alone in its line, may stand between the blank line and the header below it.
        let title = self.after_blank && row.len() == 1 && self.header.iter().any(|line| line.len() > 1);
        self.after_blank = blank || title;
        self.rows += 1;
        self.digits &= digit;
        Ok(true)
    }

    /// What the end of the file shows.
    ///
    /// # Errors
    /// No line was what the format says that records or their header begin with.
    pub(crate) fn finish(&self) -> Result<(), Damage> {
        let (key, text) = if self.in_header && !self.header_marker.is_empty() {
            ("The header begins with", &self.header_marker)
        } else if !self.section.is_empty() && !self.in_section && self.rows == 0 && self.header.is_empty() {
            ("The records stand below the line", &self.section)
        } else if !self.records.is_empty() && self.rows == 0 && self.header_marker.is_empty() {
            ("Every record begins with", &self.records)
        } else {
            return Ok(());
        };
        if self.others.is_empty() && !self.in_header {
            // The file has nothing but its header.
            return Ok(());
        }
        let listed: Vec<String> = self.others.iter().map(|other| format!("\"{other}\"")).collect();
        let message = if listed.is_empty() {
            format!("No line of the file begins with \"{text}\".")
        } else {
            format!("No line of the file begins with \"{text}\"; its lines begin with {}.", listed.join(", "))
        };
        let hint = format!("Correct \"{key}\" in the format, or let the ERP system write the whole file.");
        Err(Damage::from(Problem::new(code::RECORD_MISSING, message, hint).with_value(text)))
    }

    /// What was left out of the file without the format saying so line by line.
    pub(crate) fn notes(&self) -> Vec<Problem> {
        let mut notes = Vec::new();
        if let Some(lines) = self.repeated {
            let message = format!(
                "The header stands again on {} more {} ({}); these are no rows.",
                lines.count,
                if lines.count == 1 { "line" } else { "lines" },
                lines.text().to_lowercase()
            );
            notes.push(Problem::new(code::REPEATED_HEADER, message, "").at_line(lines.first));
        }
        if let Some(End { line, by, left_out: Some(lines) }) = &self.end {
            let (are, they_stand) =
                if lines.count == 1 { ("is", "it stands") } else { ("are", "they stand") };
            let why = match by {
                EndedBy::Footer => format!("{they_stand} below line {line}, with which the table ends"),
                EndedBy::BlankLine => format!("{they_stand} below the blank line with which the table ends"),
                EndedBy::SecondTable => {
                    format!("line {line} looks like the header of a second table")
                }
            };
            let message = format!("{} of the file {are} not imported: {why}.", lines.text());
            let hint = match by {
                EndedBy::SecondTable => {
                    "If they are rows, set \"The table ends\" to \"Only with the file\" in the format. If they are \
                     wanted, let the ERP system write them into a file of their own."
                }
                _ => "If they are rows, correct in the format where the table ends.",
            };
            notes.push(Problem::new(code::LEFT_OUT, message, hint).at_line(lines.first));
        }
        notes
    }

    /// Whether a line is the first or last one of a part of the file.
    fn is_section_line(&self, first: &str, row: &Row) -> bool {
        let sign = self.section.chars().next().unwrap_or_default();
        first == self.section
            || first.starts_with(sign) && row.cells().skip(1).all(|cell| cell.trim().is_empty())
    }

    fn is_header_marker(&self, first: &str) -> bool {
        !self.header_marker.is_empty() && first == self.header_marker
    }

    fn note_other(&mut self, first: &str) {
        if self.rows == 0 && self.others.len() < LISTED && !first.is_empty() {
            let first = cut(first, TEXT_CHARS);
            if !self.others.contains(&first) {
                self.others.push(first);
            }
        }
    }

    /// Whether a record is (a line of) the header once more.
    fn is_header(&self, row: &Row) -> Result<bool, Damage> {
        let first = row.cell(0);
        let same = |line: &&Vec<String>| {
            line.len() == row.len()
                && line.first().map(String::as_str) == first
                && row.cells().eq(line.iter().map(String::as_str))
        };
        if self.header.iter().any(|line| same(&line)) {
            return Ok(true);
        }
        if self.header_marker.is_empty() || !self.is_header_marker(first.unwrap_or_default().trim()) {
            return Ok(false);
        }
        let message = format!(
            "The header on line {} names other columns than the first one: {}.",
            row.line,
            row.cells().take(LISTED).map(|cell| cut(cell, TEXT_CHARS)).collect::<Vec<_>>().join(" | ")
        );
        let hint = "Let the ERP system write each kind of row into a file of its own.";
        Err(Damage::from(Problem::new(code::HEADER_CHANGED, message, hint).at_line(row.line)))
    }

    /// Whether a record looks like the header of another table: words only, where rows have numbers; or names that the
    /// header has, too.
    fn is_other_header(&self, row: &Row, digit: bool) -> bool {
        let mut names: Vec<String> = row.cells().map(|cell| cell.trim().to_lowercase()).collect();
        let filled = names.iter().rposition(|name| !name.is_empty()).map_or(0, |last| last + 1);
        names.truncate(filled);
        if names.len() < 2 {
            return false;
        }
        let own: Vec<String> = self.header.iter().flatten().map(|name| name.trim().to_lowercase()).collect();
        let distinct = (1..names.len()).all(|at| names[at].is_empty() || !names[..at].contains(&names[at]));
        let known = names.iter().filter(|name| !name.is_empty() && own.contains(name)).count();
        if distinct && known >= 2 && known * 2 >= names.len() {
            return true;
        }
        let words = |name: &String| !name.is_empty() && !name.contains('@');
        if !self.after_blank || digit || !self.digits || !distinct || !names.iter().all(words) {
            return false;
        }
        let width =
            self.header.iter().filter_map(|line| line.iter().rposition(|name| !name.trim().is_empty()));
        let width = width.max().map(|last| last + 1);
        self.rows > 0 && (names.len() >= 3 || width.is_some_and(|width| width != names.len()))
    }
}

/// Whether the first text of a record is one with which the table ends.
fn is_footer(footers: &[String], row: &Row) -> bool {
    let first = row.cells().map(str::trim).find(|cell| !cell.is_empty());
    first.is_some_and(|first| {
        let first = first.to_lowercase();
        footers.iter().any(|footer| matches(footer, &first))
    })
}
