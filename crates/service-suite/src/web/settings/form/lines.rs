//! The part of the format editor's form that says which lines of the file are records.

use erpfile::{Format, LineEnds, TableEnds, Undecodable};
use register::settings::Complaint;

use super::Sent;
use crate::web::settings::complaint;

/// Between the texts with which a table ends.
const BETWEEN: char = ';';

/// The fields as they were typed.
#[derive(Clone, Debug, Default)]
pub(crate) struct LinesForm {
    /// What happens to bytes that mean nothing, by its word.
    pub(crate) undecodable: String,
    /// The number of skipped lines.
    pub(crate) skip_lines: String,
    /// The number of lines that name the columns.
    pub(crate) header_lines: String,
    /// The first cell of the header.
    pub(crate) header_marker: String,
    /// The number of lines below the header that are no rows.
    pub(crate) lines_below_header: String,
    /// The line with which the part with the records begins.
    pub(crate) section: String,
    /// The first cell of the records.
    pub(crate) records: String,
    /// How comments begin.
    pub(crate) comment: String,
    /// The texts with which the table ends, separated by semicolons.
    pub(crate) footer: String,
    /// What else ends the table, by its word.
    pub(crate) table_ends: String,
    /// The escape.
    pub(crate) escape: String,
    /// What ends a line, by its word.
    pub(crate) line_ends: String,
}

impl LinesForm {
    /// The fields for a format as it is stored.
    pub(super) fn of(format: &Format) -> LinesForm {
        LinesForm {
            undecodable: format.undecodable.word().to_owned(),
            skip_lines: format.skip_lines.to_string(),
            header_lines: format.header_lines.to_string(),
            header_marker: format.header_marker.clone(),
            lines_below_header: format.lines_below_header.to_string(),
            section: format.section.clone(),
            records: format.records.clone(),
            comment: format.comment.clone(),
            footer: format.footer.join(&format!("{BETWEEN} ")),
            table_ends: format.table_ends.word().to_owned(),
            escape: format.escape.clone(),
            line_ends: format.line_ends.word().to_owned(),
        }
    }

    /// The fields as they were sent.
    pub(super) fn read(sent: &Sent) -> LinesForm {
        let text = |name: &str| sent.get(name).map(|text| text.trim().to_owned()).unwrap_or_default();
        LinesForm {
            undecodable: text("undecodable"),
            skip_lines: text("skip-lines"),
            header_lines: text("header-lines"),
            header_marker: text("header-marker"),
            lines_below_header: text("lines-below-header"),
            section: text("section"),
            records: text("records"),
            comment: text("comment"),
            footer: text("footer"),
            table_ends: text("table-ends"),
            escape: text("escape"),
            line_ends: text("line-ends"),
        }
    }

    /// Sets what the fields say; gives what cannot be read.
    pub(super) fn set(&self, format: &mut Format) -> Vec<Complaint> {
        let mut wrong = Vec::new();
        let mut lines = |key: &str, text: &str, hint: &str| {
            text.parse().unwrap_or_else(|_| {
                wrong.push(complaint(key, &format!("\"{text}\" is no number of lines."), hint));
                0
            })
        };
        let above = "Write how many lines stand above the header, usually 0.";
        format.skip_lines = lines("skip-lines", &self.skip_lines, above);
        let header = "Write how many lines name the columns, usually 1.";
        format.header_lines = lines("header-lines", &self.header_lines, header);
        let below = "Write how many lines stand between the header and the first row, usually 0.";
        format.lines_below_header = match self.lines_below_header.as_str() {
            "" => 0,
            text => lines("lines-below-header", text, below),
        };
        format.undecodable = Undecodable::from_word(&self.undecodable).unwrap_or_default();
        format.header_marker.clone_from(&self.header_marker);
        format.section.clone_from(&self.section);
        format.records.clone_from(&self.records);
        format.comment.clone_from(&self.comment);
        let footers = self.footer.split(BETWEEN).map(str::trim).filter(|footer| !footer.is_empty());
        format.footer = footers.map(str::to_owned).collect();
        format.table_ends = TableEnds::from_word(&self.table_ends).unwrap_or_default();
        format.escape.clone_from(&self.escape);
        format.line_ends = LineEnds::from_word(&self.line_ends).unwrap_or_default();
        wrong
    }
}
