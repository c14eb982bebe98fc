//! Reading a file without being told anything: as it is said to be, and then row by row.

use erpfile::suggest::Sample;
use erpfile::{Limits, ReadError, Reader, Row};
use register::mapping::shapes;
use register::suggest::propose;

/// What came of reading a file without being told anything.
#[derive(Default)]
pub(crate) struct Read {
    /// Why it was not read.
    pub(crate) refused: Option<String>,
    pub(crate) header: Vec<String>,
    pub(crate) header_lines: u32,
    /// The cells of the rows; `None` for a row that is refused.
    pub(crate) rows: Vec<Option<Vec<String>>>,
    pub(crate) left_out: bool,
    /// Whether somebody who looks is told that something is unsure, refused or left out.
    pub(crate) told: bool,
}

/// Reads a text.
pub(crate) fn read(text: &str) -> Read {
    let bytes = text.as_bytes();
    let refused = |why: String| Read { refused: Some(why), told: true, ..Read::default() };
    let proposal = match propose(&Sample::new(bytes.to_vec(), true), Limits::default()) {
        Ok(proposal) => proposal,
        Err(error) => return refused(error.to_string()),
    };
    let format = &proposal.format;
    let shapes =
        register::register(&format.register).map_or_else(Vec::new, |register| shapes(register, format));
    let mut read = Read {
        header_lines: format.header_lines,
        told: proposal.questions.iter().any(|question| !matches!(question.key, "columns" | "register")),
        ..Read::default()
    };
    let mut reader = match Reader::with_shapes(bytes, format, Limits::default(), &shapes) {
        Ok(reader) => reader,
        Err(error) => return refused(error.to_string()),
    };
    read.header = reader.header().to_vec();
    let mut row = Row::default();
    loop {
        match reader.read(&mut row) {
            Ok(false) => break,
            Ok(true) => {
                let good = row.problems.is_empty();
                read.told |= !good || !row.notes.is_empty();
                read.rows.push(good.then(|| row.cells().map(str::to_owned).collect()));
            }
            Err(ReadError::Damage(damage)) => return refused(damage.0.message),
            Err(ReadError::Io(error)) => return refused(error.to_string()),
        }
    }
    read.left_out = !reader.notes().is_empty();
    read.told |= read.left_out;
    read
}

/// Cells without the empty ones at the end, which a row may have or lack.
pub(crate) fn trimmed(cells: &[String]) -> &[String] {
    let filled = cells.iter().rposition(|cell| !cell.is_empty()).map_or(0, |last| last + 1);
    &cells[..filled]
}
