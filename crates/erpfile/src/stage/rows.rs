//! The form in which staged records are written and read.

use std::borrow::Cow;
use std::io::Write;

use super::StageError;

/// Begins the text of a cell that holds an error of the workbook (`#N/A`) instead of a value. It is no character, so
/// that no text can begin with it.
pub(crate) const ERROR_MARK: char = '\u{FFFF}';

/// Writes one record, or with line 0 the names of the columns or the sheets.
pub(super) fn write<T: AsRef<str>>(out: &mut dyn Write, line: u64, cells: &[T]) -> Result<(), StageError> {
    let cells: Vec<&str> = cells.iter().map(AsRef::as_ref).collect();
    let text = serde_json::to_string(&cells).map_err(|error| StageError::Write(error.into()))?;
    writeln!(out, "{line}\t{text}").map_err(StageError::Write)
}

/// The cells of one written record.
pub(crate) fn parse_cells(text: &str) -> Option<Vec<Cow<'_, str>>> {
    serde_json::from_str(text).ok()
}
