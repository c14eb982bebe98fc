//! What damage to a file's structure is called, and what to do about it.

use std::ops::Range;

use super::record::Place;
use super::split::Splitter;
use crate::encoding::Undecodable;
use crate::limits::raise;
use crate::problem::{Damage, Problem, code, size};
use crate::{Encoding, Format, Limits};

/// Beginnings of files that are no text, and what they are.
const SIGNATURES: &[(&[u8], &str)] = &[
    (b"PK\x03\x04", "an Excel workbook (.xlsx) or a ZIP archive"),
    (b"\xD0\xCF\x11\xE0", "an old Excel workbook (.xls) or Word document"),
    (b"%PDF", "a PDF document"),
    (b"\x1F\x8B", "a compressed (gzip) file"),
    (b"7z\xBC\xAF", "a 7-Zip archive"),
    (b"\x89PNG", "a picture (PNG)"),
    (b"\xFF\xD8\xFF", "a picture (JPEG)"),
    (b"SQLite format 3\0", "an SQLite database"),
];

/// Until when a quote stayed open.
pub(super) enum OpenEnd {
    /// The end of the file.
    File,
    /// The longest cell, in bytes.
    CellLimit(usize),
    /// The longest record, in bytes.
    RecordLimit(usize),
}

/// Refuses a file that no encoding could make text of, by how it begins.
pub(super) fn refuse_known_binary(head: &[u8]) -> Result<(), Damage> {
    let Some((_, what)) = SIGNATURES.iter().find(|(signature, _)| head.starts_with(signature)) else {
        return Ok(());
    };
    let message = format!("The file is not text: it looks like {what}.");
    let hint = "Let the ERP system write delimited text (CSV), or save the file as CSV.";
    Err(Damage::from(Problem::new(code::BINARY, message, hint)))
}

/// Refuses a file whose single-byte text is full of control codes.
///
/// Old systems put a few of them into text; binary data has far more.
pub(super) fn refuse_control_codes(head: &[u8], delimiter: &str) -> Result<(), Damage> {
    let control = |byte: &&u8| {
        matches!(byte, 0x01..=0x08 | 0x0E..=0x19 | 0x1C..=0x1F) && delimiter.as_bytes() != [**byte]
    };
    if head.iter().filter(control).count() <= head.len() / 10 {
        return Ok(());
    }
    let message = "The file is not text: more than a tenth of its first bytes are control codes.";
    let hint = "Check that the right file was written, and that it was not damaged on its way.";
    Err(Damage::from(Problem::new(code::BINARY, message, hint)))
}

/// Refuses a file without any text.
pub(super) fn refuse_empty(text: &[u8]) -> Result<(), Damage> {
    if !text.is_empty() {
        return Ok(());
    }
    let hint = "Let the ERP system write it again, and look there for why nothing was written.";
    Err(Damage::from(Problem::new(code::EMPTY, "The file is empty.", hint)))
}

/// The format itself cannot be used.
pub(crate) fn unreadable(format: &Format) -> Option<Damage> {
    let complaint = format.unreadable().into_iter().next()?;
    let message = format!("The format cannot be used ({}): {}", complaint.key, complaint.message);
    Some(Damage::from(Problem::new(code::FORMAT, message, complaint.hint)))
}

pub(super) fn header_missing(found: u64, skip: u32) -> Damage {
    let message = if skip == 0 {
        "The file has blank lines only; its first line should name the columns.".to_owned()
    } else {
        format!(
            "The file ends after {}; {} are to be skipped before the one that names the columns.",
            count_u64(found, "line"),
            skip
        )
    };
    let hint = "Check the format's lines to skip, and that the ERP system wrote the whole file.";
    Damage::from(Problem::new(code::HEADER_MISSING, message, hint).at_line(found.max(1)))
}

pub(super) fn nul(bytes: &[u8], at: usize, place: Place, column: Option<u32>) -> Damage {
    let message = format!("A NUL byte (0x00) stands in the text{}.", at_offset(place, at));
    let zeros = bytes.iter().filter(|&&byte| byte == 0).count();
    let hint = if zeros * 3 > bytes.len() {
        "The file looks like UTF-16: set the format's encoding to utf-16, utf-16le or utf-16be."
    } else {
        "The file is damaged or not text: let the ERP system write it again."
    };
    Damage::from(located(Problem::new(code::NUL, message, hint), place.line, column))
}

pub(super) fn undecodable(
    encoding: Encoding,
    bytes: &[u8],
    undecodable: &Undecodable,
    place: Place,
    column: Option<u32>,
    seen: &str,
) -> Damage {
    let Undecodable { at, len, cut } = *undecodable;
    let bad = &bytes[at..at + len];
    let value = format!("{seen}\u{FFFD}");
    if cut && place.last {
        let message = "The file ends in the middle of a character: it was probably cut off.";
        let hint = "Let the ERP system write the file again.";
        let problem = Problem::new(code::INCOMPLETE_RECORD, message, hint).with_value(&value);
        return Damage::from(located(problem, place.line, column));
    }
    let message = unknown_bytes(encoding, bad, &at_offset(place, at));
    let hint = other_encoding(encoding, line_around(bytes, at), bad[0]);
    Damage::from(located(
        Problem::new(code::UNDECODABLE, message, hint).with_value(&value),
        place.line,
        column,
    ))
}

/// The bytes at `bad` of a row, which is refused alone; `bytes` are its line, or all of its lines.
pub(super) fn undecodable_row(encoding: Encoding, bytes: &[u8], bad: Range<usize>) -> Problem {
    let message = unknown_bytes(encoding, &bytes[bad.clone()], "");
    let first = bytes.get(bad.start).copied().unwrap_or_default();
    Problem::new(code::UNDECODABLE, message, other_encoding(encoding, line_around(bytes, bad.start), first))
}

/// The line that the byte at `at` stands in, however many lines the record has.
fn line_around(bytes: &[u8], at: usize) -> &[u8] {
    let ends = |byte: &u8| matches!(byte, b'\n' | b'\r');
    let start = bytes[..at].iter().rposition(ends).map_or(0, |end| end + 1);
    let end = bytes[at..].iter().position(ends).map_or(bytes.len(), |end| at + end);
    &bytes[start..end]
}

fn unknown_bytes(encoding: Encoding, bad: &[u8], place: &str) -> String {
    let hex: Vec<String> = bad.iter().map(|byte| format!("0x{byte:02X}")).collect();
    let (word, verb) = if bad.len() == 1 { ("The byte", "means") } else { ("The bytes", "mean") };
    format!("{word} {}{place} {verb} nothing in {encoding}.", hex.join(" "))
}

/// The same for a text that is not read record by record: `bytes` begin at `offset` of the source, and the unknown ones
/// stand on `line`.
pub(crate) fn undecodable_at(
    encoding: Encoding,
    bytes: &[u8],
    unknown: &Undecodable,
    line: u64,
    offset: u64,
    last: bool,
) -> Damage {
    undecodable(encoding, bytes, unknown, Place { line, offset: Some(offset), last }, None, "")
}

/// Which encoding to try instead, by what the bytes would be in the usual ones.
fn other_encoding(encoding: Encoding, bytes: &[u8], bad: u8) -> String {
    let label = encoding.label();
    let suggestion = if label.starts_with("utf-16") {
        "utf-8 or windows-1252"
    } else if label != "utf-8" && std::str::from_utf8(bytes).is_ok() {
        "utf-8"
    } else if label.starts_with("iso-8859") && bad < 0xA0 {
        "windows-1252, or to cp850 if the file comes from an older system"
    } else if bad < 0xA0 {
        // The national letters of the DOS code pages lie here.
        "cp850 (or cp865, cp437), which older systems write"
    } else if label == "windows-1252" {
        "cp850 or utf-8"
    } else {
        "windows-1252"
    };
    format!("The file is probably in another encoding: set the format's encoding to {suggestion}.")
}

pub(super) fn quote_not_closed(splitter: &Splitter, cell: usize, end: OpenEnd, last_line: u64) -> Damage {
    let quote = splitter.quote();
    let line = splitter.opened();
    let column = cell + 1;
    let until = match end {
        OpenEnd::File => format!("the end of the file (line {last_line})"),
        OpenEnd::CellLimit(bytes) => {
            format!("line {last_line}, where the cell is longer than {}", size(bytes))
        }
        OpenEnd::RecordLimit(bytes) => {
            format!("line {last_line}, where the record is longer than {}", size(bytes))
        }
    };
    let message =
        format!("The quote ({quote}) opened on line {line} in column {column} is not closed up to {until}.");
    let hint = "Close or remove the quote there, or set the format's quote to none if the file has no quoted \
                cells. If the file is too short, let the ERP system write it again.";
    let problem = Problem::new(code::QUOTE_NOT_CLOSED, message, hint);
    Damage::from(located(problem, line, u32::try_from(column).ok()))
}

pub(super) fn line_too_long(limits: &Limits, line: u64) -> Damage {
    let message = format!("The line is longer than {}, the most that is read.", size(limits.line));
    let hint =
        raise("Check that the file is text with one record on each line, and the format's encoding.", "line");
    Damage::from(Problem::new(code::LINE_TOO_LONG, message, hint).at_line(line))
}

pub(super) fn cell_too_long(limits: &Limits, line: u64, cell: usize) -> Damage {
    let message = format!("The value in column {} is longer than {}.", cell + 1, size(limits.field));
    let hint = raise("Check the format's delimiter, and the value in the ERP system.", "field");
    let problem = Problem::new(code::CELL_TOO_LONG, message, hint);
    Damage::from(located(problem, line, u32::try_from(cell + 1).ok()))
}

pub(super) fn too_many_columns(limits: &Limits, line: u64, splitter: &Splitter) -> Damage {
    let message = format!("The line has more than {} columns, the most that are read.", limits.columns);
    let check = match splitter.cutter() {
        Some(_) => "Check the positions of the cells in the format.".to_owned(),
        None => format!("Check the format's delimiter ({}).", name_delimiter(splitter.delimiter())),
    };
    let hint = raise(&check, "columns");
    Damage::from(Problem::new(code::TOO_MANY_COLUMNS, message, hint).at_line(line))
}

pub(super) fn incomplete_record(line: u64, found: usize, wanted: usize) -> Damage {
    let message = format!(
        "The last line has {} instead of {wanted} and no line end: the file was probably cut off.",
        count(found, "cell")
    );
    let hint = "Let the ERP system write the file again.";
    Damage::from(Problem::new(code::INCOMPLETE_RECORD, message, hint).at_line(line))
}

/// The last line of a fixed-width file is shorter than all others, and has no line end.
pub(super) fn short_line(line: u64, found: usize, wanted: usize) -> Damage {
    let message = format!(
        "The last line has {found} positions instead of {wanted} and no line end: the file was probably cut off."
    );
    let hint = "Let the ERP system write the file again.";
    Damage::from(Problem::new(code::INCOMPLETE_RECORD, message, hint).at_line(line))
}

/// `1 cell`, `2 cells`.
pub(super) fn count(number: usize, word: &str) -> String {
    count_u64(number as u64, word)
}

fn count_u64(number: u64, word: &str) -> String {
    if number == 1 { format!("1 {word}") } else { format!("{number} {word}s") }
}

/// The delimiter as a person would say it.
pub(crate) fn name_delimiter(delimiter: &str) -> String {
    let name = |c: char| match c {
        '\t' => "tab".to_owned(),
        ' ' => "blank".to_owned(),
        other if other.is_control() => format!("U+{:04X}", u32::from(other)),
        other => other.to_string(),
    };
    let plain = |c: char| !c.is_control() && c != ' ';
    if delimiter.chars().all(plain) {
        return delimiter.to_owned();
    }
    delimiter.chars().map(name).collect::<Vec<_>>().join(" and ")
}

fn located(problem: Problem, line: u64, column: Option<u32>) -> Problem {
    let problem = problem.at_line(line);
    match column {
        Some(column) => problem.in_column(column),
        None => problem,
    }
}

fn at_offset(place: Place, at: usize) -> String {
    match place.offset {
        Some(offset) => format!(" at byte offset {}", offset + at as u64),
        None => String::new(),
    }
}
