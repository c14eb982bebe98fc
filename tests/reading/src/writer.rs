//! Cells as lines of delimited text.

/// How cells become lines.
pub(crate) struct Writer {
    pub(crate) delimiter: &'static str,
    pub(crate) quote: char,
    /// What stands before a quote in a quoted cell.
    pub(crate) escape: &'static str,
    /// Whether each cell is quoted.
    pub(crate) every: bool,
}

impl Writer {
    /// Double quotes where they are needed, and doubled within.
    pub(crate) fn new(delimiter: &'static str) -> Self {
        Self { delimiter, quote: '"', escape: "\"", every: false }
    }

    /// A cell, in quotes where it needs them.
    pub(crate) fn cell(&self, cell: &str) -> String {
        let special =
            cell.contains(self.delimiter) || cell.contains(self.quote) || cell.contains(['\n', '\r']);
        // A delimiter such as `, ` is read as `,` by others.
        if special
            || self.every
            || cell.contains(self.delimiter.trim_end()) && !self.delimiter.trim_end().is_empty()
        {
            let escaped = cell.replace(self.quote, &format!("{}{}", self.escape, self.quote));
            format!("{0}{escaped}{0}", self.quote)
        } else {
            cell.to_owned()
        }
    }

    /// A line without its end.
    pub(crate) fn line(&self, cells: &[String]) -> String {
        cells.iter().map(|cell| self.cell(cell)).collect::<Vec<_>>().join(self.delimiter)
    }
}
