//! Every complaint about a file, in words that a person can act on.

use std::borrow::Cow;
use std::fmt;
use std::io;

use serde::{Deserialize, Serialize};

/// The codes of problems that refuse nothing.
const NOTES: &[&str] = &[code::LEFT_OUT, code::REALIGNED, code::REPEATED_HEADER];

/// The longest [`Problem::value`], in characters; what is longer is cut and ends in `…`.
const VALUE_CHARS: usize = 200;

/// One complaint: where it is, what happened, and what to do next.
///
/// This is the one complaint type of the whole product; its JSON keys are exactly these fields.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The physical line, 1-based; for a record on several lines the one on which it starts.
    pub line: Option<u64>,
    /// The position of the cell in its record, 1-based.
    pub column: Option<u32>,
    /// The field of the register that the cell is mapped to.
    pub field: Option<String>,
    /// The offending value as it was read, cut at 200 characters.
    pub value: Option<String>,
    /// One of the words in [`code`], by which problems are filtered and counted.
    pub code: Cow<'static, str>,
    /// What happened, as a sentence without control characters.
    pub message: String,
    /// What to do next, as a sentence without control characters; empty when there is nothing to add.
    pub hint: String,
}

impl Problem {
    /// A problem that is nowhere yet; the `at_…`, `in_…` and `with_…` methods say where.
    ///
    /// Sentences name columns, and these are text of the file: control characters in them are made visible
    /// (`\u{1b}`), so that no file can add lines to a report or steer the terminal that shows it.
    pub fn new(code: &'static str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        let (message, hint) = (visible(message.into()), visible(hint.into()));
        Self { code: Cow::Borrowed(code), message, hint, ..Self::default() }
    }

    /// Says on which physical line it is (1-based).
    #[must_use]
    pub fn at_line(mut self, line: u64) -> Self {
        self.line = Some(line);
        self
    }

    /// Says in which cell it is (1-based).
    #[must_use]
    pub fn in_column(mut self, column: u32) -> Self {
        self.column = Some(column);
        self
    }

    /// Says which field of the register it concerns.
    #[must_use]
    pub fn in_field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// Whether it only tells something: a problem without its row or its file being refused.
    pub fn is_note(&self) -> bool {
        NOTES.contains(&self.code.as_ref())
    }

    /// Shows the value that is wrong, cut at 200 characters.
    #[must_use]
    pub fn with_value(mut self, value: &str) -> Self {
        self.value = Some(cut(value, VALUE_CHARS));
        self
    }
}

/// One line for terminals and logs: `line 3, column 2: message hint`.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.line, self.column) {
            (Some(line), Some(column)) => write!(f, "line {line}, column {column}: ")?,
            (Some(line), None) => write!(f, "line {line}: ")?,
            (None, Some(column)) => write!(f, "column {column}: ")?,
            (None, None) => {}
        }
        f.write_str(&self.message)?;
        if !self.hint.is_empty() {
            write!(f, " {}", self.hint)?;
        }
        Ok(())
    }
}

/// `sentence` with its control characters written out.
fn visible(sentence: String) -> String {
    if !sentence.contains(char::is_control) {
        return sentence;
    }
    let mut out = String::with_capacity(sentence.len());
    for c in sentence.chars() {
        if c.is_control() { out.extend(c.escape_unicode()) } else { out.push(c) }
    }
    out
}

/// `text`, or its first `chars` characters with `…` for the rest.
pub(crate) fn cut(text: &str, chars: usize) -> String {
    match text.char_indices().nth(chars) {
        None => text.to_owned(),
        Some((at, _)) => {
            let keep = text[..at].char_indices().next_back().map_or(0, |(last, _)| last);
            format!("{}…", &text[..keep])
        }
    }
}

/// A number of bytes as a person would say it.
pub(crate) fn size(bytes: usize) -> String {
    match bytes {
        _ if bytes >= 1 << 30 && bytes.is_multiple_of(1 << 30) => format!("{} GiB", bytes >> 30),
        _ if bytes >= 1 << 20 && bytes.is_multiple_of(1 << 20) => format!("{} MiB", bytes >> 20),
        _ if bytes >= 1 << 10 && bytes.is_multiple_of(1 << 10) => format!("{} KiB", bytes >> 10),
        _ => format!("{bytes} bytes"),
    }
}

/// The structure of the file is damaged: the whole file is refused and nothing of it may be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Damage(
    /// What is damaged, where, and what to do.
    pub Box<Problem>,
);

impl From<Problem> for Damage {
    fn from(problem: Problem) -> Self {
        Self(Box::new(problem))
    }
}

impl From<Damage> for Problem {
    fn from(damage: Damage) -> Self {
        *damage.0
    }
}

/// Why reading ended before the end of the file.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file itself is at fault; reading it again gives the same answer.
    #[error(transparent)]
    Damage(#[from] Damage),
    /// The bytes could not be read; trying again may help.
    #[error("The file could not be read: {0}")]
    Io(#[from] io::Error),
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $code:literal;)*) => {
        /// The words in [`Problem::code`] that this crate uses: stable, lower case, joined by hyphens.
        pub mod code {
            $($(#[doc = $doc])+ pub const $name: &str = $code;)*

            /// Every code with the sentence that explains it, for documentation and tests.
            pub const ALL: &[(&str, &str)] = &[$(($code, concat!($($doc),+))),*];
        }
    };
}

codes! {
    /// The file holds no text at all.
    EMPTY = "empty";
    /// The file is no text but something else, such as a workbook, an archive or a picture.
    BINARY = "binary";
    /// A NUL byte stands in the text: the file is binary, damaged, or UTF-16.
    NUL = "nul";
    /// The beginning of the file shows that it is in another encoding than the format says.
    WRONG_ENCODING = "wrong-encoding";
    /// Bytes that mean nothing in the format's encoding; the file is refused, or the row if the format says so.
    UNDECODABLE = "undecodable";
    /// The file ends in the middle of a record or a character: it was probably cut off.
    INCOMPLETE_RECORD = "incomplete-record";
    /// The file ends before the line that should hold the column names.
    HEADER_MISSING = "header-missing";
    /// A column that the format names is not in the file.
    COLUMN_MISSING = "column-missing";
    /// A column name that the format refers to occurs more than once in the header.
    DUPLICATE_HEADER = "duplicate-header";
    /// Several columns are expected but the line has only one: the delimiter is probably wrong.
    WRONG_DELIMITER = "wrong-delimiter";
    /// A quoted cell begins and never ends.
    QUOTE_NOT_CLOSED = "quote-not-closed";
    /// A line that begins as the header does names other columns.
    HEADER_CHANGED = "header-changed";
    /// The last line is not the trailer that the format says: the file was probably cut off.
    TRAILER_MISSING = "trailer-missing";
    /// A line that begins as the trailer does stands before the end of the file.
    TRAILER_MISPLACED = "trailer-misplaced";
    /// The trailer, or a value that its total is of, cannot be read as a number.
    TRAILER_UNREADABLE = "trailer-unreadable";
    /// The file has another number of rows, or another total, than its trailer says.
    TRAILER_MISMATCH = "trailer-mismatch";
    /// A record is longer than the limit allows.
    LINE_TOO_LONG = "line-too-long";
    /// A cell is longer than the limit allows.
    CELL_TOO_LONG = "cell-too-long";
    /// A record has more cells than the limit allows.
    TOO_MANY_COLUMNS = "too-many-columns";
    /// The file has more rows than the limit allows.
    TOO_MANY_ROWS = "too-many-rows";
    /// The file is larger than the limit allows.
    FILE_TOO_LARGE = "file-too-large";
    /// The format itself cannot be used for reading.
    FORMAT = "format";
    /// An XML document, a JSON document or a workbook is not built as such a file must be.
    MALFORMED = "malformed";
    /// Nothing in the file is where the format says that the records are.
    RECORD_MISSING = "record-missing";
    /// The workbook has no sheet of that name or number.
    SHEET_MISSING = "sheet-missing";
    /// A compressed file or a workbook cannot be unpacked, or holds more than the limits allow.
    ARCHIVE = "archive";
    /// Part of the file is no part of the table, such as a second table below it; its lines are not imported.
    LEFT_OUT = "left-out";
    /// The row has too many cells or a line break in one, and was read in the only way in which its columns fit.
    REALIGNED = "realigned";
    /// The header stands again between the rows; that line is no row.
    REPEATED_HEADER = "repeated-header";
    /// The line ends with an escape, but what follows is not the rest of its cell; the row is refused.
    STRAY_ESCAPE = "stray-escape";
    /// A border between two cells at fixed positions lies within a character; the row is refused.
    CUT_CHARACTER = "cut-character";
    /// A cell of a workbook holds an error such as #N/A, or a formula without its result, instead of a value; the row is refused.
    CELL_ERROR = "cell-error";
    /// Text follows a closing quote inside a cell; the row is refused.
    STRAY_QUOTE = "stray-quote";
    /// The row has fewer cells than the header; the row is refused.
    TOO_FEW_CELLS = "too-few-cells";
    /// The row has more cells than the header, and they are not empty; the row is refused.
    TOO_MANY_CELLS = "too-many-cells";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_value_is_cut_at_two_hundred_characters() {
        let value = |text: &str| Problem::new(code::NUL, "", "").with_value(text).value.unwrap_or_default();
        assert_eq!(value(&"å".repeat(200)), "å".repeat(200));
        assert_eq!(value(&"å".repeat(201)), format!("{}…", "å".repeat(199)));
    }

    #[test]
    fn control_characters_of_a_file_are_written_out_in_sentences() {
        let problem =
            Problem::new(code::COLUMN_MISSING, "No \"Navn\r\n\u{1b}[2J\".", "Is \"Na\u{85}vn\" meant?");
        assert_eq!(problem.message, "No \"Navn\\u{d}\\u{a}\\u{1b}[2J\".");
        assert_eq!(problem.hint, "Is \"Na\\u{85}vn\" meant?");
    }

    #[test]
    fn every_code_is_a_word_of_its_own_with_a_sentence() {
        for (index, (code, sentence)) in code::ALL.iter().enumerate() {
            assert!(
                code.split('-').all(|word| word.bytes().all(|b| b.is_ascii_lowercase()) && !word.is_empty())
            );
            assert!(sentence.trim().ends_with('.'), "{sentence}");
            assert!(code::ALL[..index].iter().all(|(other, _)| other != code), "{code} is there twice");
        }
    }

    #[test]
    fn a_problem_in_a_line_of_text() {
        let problem = Problem::new(code::NUL, "This happened.", "");
        assert_eq!(problem.to_string(), "This happened.");
        assert_eq!(problem.clone().at_line(3).to_string(), "line 3: This happened.");
        let placed = Problem { hint: "Do that.".into(), ..problem.at_line(3).in_column(2).in_field("name") };
        assert_eq!(placed.to_string(), "line 3, column 2: This happened. Do that.");
    }
}
