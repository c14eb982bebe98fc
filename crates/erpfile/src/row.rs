//! One record of a file, reused from read to read.

use crate::problem::Problem;

/// A record: its cells as text, its bytes as they lie in the file, and what is wrong with it.
///
/// Made to be reused: reading into the same `Row` again allocates nothing once its buffers have grown.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// The physical line on which the record starts, 1-based.
    pub line: u64,
    /// Where [`Row::raw`] begins in the source, in bytes.
    pub offset: u64,
    /// Why the row is refused; empty for a good row.
    pub problems: Vec<Problem>,
    /// What was done to read the row, which somebody may want to look at. It does not refuse the row.
    pub notes: Vec<Problem>,
    /// Whether the row is one good line that reads the same wherever it stands among the rows of a file of which
    /// [`crate::Reader::conditions`] are the same: see [`crate::Reader::read_unless`].
    pub alone: bool,
    pub(crate) raw: Vec<u8>,
    /// The decoded record, followed by the cells that had to be rewritten (doubled quotes).
    pub(crate) text: String,
    pub(crate) cells: Vec<Span>,
}

/// Where a cell lies in [`Row::text`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Row {
    /// The bytes of the record as they lie in the file, without the final line end.
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// The number of cells in the record, which may differ from the header's.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Whether there is no cell: only so before anything has been read.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// The text of cell `index` (0-based), without its quotes; `None` beyond the last cell.
    pub fn cell(&self, index: usize) -> Option<&str> {
        self.cells.get(index).and_then(|span| self.text.get(span.start..span.end))
    }

    /// The texts of all cells in their order.
    pub fn cells(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.cells.iter().map(|span| &self.text[span.start..span.end])
    }

    /// How many characters the record has, where no cell had to be rewritten: as it is with cells at fixed positions.
    pub fn characters(&self) -> usize {
        self.text.chars().count()
    }

    pub(crate) fn clear(&mut self) {
        self.line = 0;
        self.offset = 0;
        self.problems.clear();
        self.notes.clear();
        self.alone = false;
        self.raw.clear();
        self.text.clear();
        self.cells.clear();
    }
}
