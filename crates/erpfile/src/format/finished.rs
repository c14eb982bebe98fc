//! How one knows that a file is finished: what an administrator said of its trailer, its marker and its age.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::check::{HIGHEST_POSITION, List};
use super::{ColumnFrom, Format, key};

/// The longest settle time and minimum age.
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 60 * 60);

/// The last line of a file that says how many rows there are, or what a column adds up to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Trailer {
    /// The text with which the line begins. No other line may begin so.
    #[serde(deserialize_with = "key::starts_with")]
    pub starts_with: String,
    /// The cell of the trailer that holds the number of rows, 1 being the first cell.
    #[serde(default, deserialize_with = "key::row_count", skip_serializing_if = "Option::is_none")]
    pub row_count: Option<u32>,
    /// The cell of the trailer that holds a total, 1 being the first cell.
    #[serde(default, deserialize_with = "key::total", skip_serializing_if = "Option::is_none")]
    pub total: Option<u32>,
    /// The column whose numbers add up to the total.
    #[serde(default, deserialize_with = "key::total_of", skip_serializing_if = "Option::is_none")]
    pub total_of: Option<ColumnFrom>,
}

impl Format {
    /// The name of the marker of a file: what must be in its folder before it is taken. `None` when the format has
    /// no marker. The text that `*` stands for in the file's name stands in the marker's, too.
    pub fn marker_of(&self, filename: &str) -> Option<String> {
        let marker = self.marker.as_deref()?;
        let text = self
            .filename
            .split_once('*')
            .and_then(|(before, after)| filename.strip_prefix(before)?.strip_suffix(after));
        Some(marker.replacen('*', text.unwrap_or("*"), 1))
    }

    pub(super) fn check_finished(&self, list: &mut List) {
        self.check_marker(list);
        if let Some(settle) = self.settle {
            if settle.is_zero() && self.marker.is_none() {
                let message = "Without a settle time nothing says when the file is finished.";
                list.add("settle", message, "Give a time such as 10s, or a marker.");
            } else if settle > LONGEST_WAIT || (!settle.is_zero() && settle < Duration::from_millis(1)) {
                let message = "The settle time must be at least 1 ms and at most 24 h.";
                list.add("settle", message, "10s is right for most ERP systems.");
            }
        }
        if self.minimum_age.is_some_and(|age| age > LONGEST_WAIT || age < Duration::from_millis(1)) {
            let message = "The minimum age must be at least 1 ms and at most 24 h.";
            list.add("minimum-age", message, "Write it as 30s or 5m, or leave it out.");
        }
        if let Some(trailer) = &self.trailer {
            self.check_trailer(trailer, list);
        }
    }

    fn check_marker(&self, list: &mut List) {
        let Some(marker) = &self.marker else { return };
        let plain = "Use the bare name of a file, such as customers.done or customers-*.done.";
        let stars = |name: &str| name.matches('*').count();
        let bad = |c: char| matches!(c, '/' | '\\') || c.is_control();
        if marker.is_empty() || marker.contains(bad) || marker.starts_with('.') || marker.trim() != marker {
            list.add("marker", format!("{marker:?} is no name for a marker."), plain);
        } else if stars(marker) != stars(&self.filename) || stars(marker) > 1 {
            let message = format!(
                "Nobody could tell which marker belongs to which file: the file name is \"{}\", the marker \"{marker}\".",
                self.filename
            );
            list.add(
                "marker",
                message,
                "With one * in the file name, write one * in the marker, too; or none in both.",
            );
        } else if self.takes(&marker.replace('*', "1")) {
            let message = format!("The marker \"{marker}\" would itself be taken as a file of this format.");
            list.add("marker", message, "Give the marker another ending than the file.");
        }
    }

    fn check_trailer(&self, trailer: &Trailer, list: &mut List) {
        if self.names_its_columns() {
            let message = "A document has no last line that could say how many records it holds.";
            list.add(
                "trailer.starts-with",
                message,
                "Leave it empty: a document that was cut off is refused anyway.",
            );
            return;
        }
        if trailer.starts_with.trim().is_empty() {
            let message = "Nothing says by what the trailer is known.";
            list.add("trailer.starts-with", message, "Give the text with which the last line begins.");
        }
        if trailer.row_count.is_none() && trailer.total.is_none() {
            let message = "The trailer verifies nothing.";
            list.add(
                "trailer.row-count",
                message,
                "Give the cell of its row count, or of its total, or both.",
            );
        }
        let cells = [("trailer.row-count", trailer.row_count), ("trailer.total", trailer.total)];
        for (key, cell) in cells.into_iter().filter_map(|(key, cell)| Some((key, cell?))) {
            if !(1..=HIGHEST_POSITION).contains(&cell) {
                list.add(key, format!("There is no cell {cell}."), "Cells count from 1, the first one.");
            }
        }
        if trailer.total.is_some() && trailer.total == trailer.row_count {
            let message = "The row count and the total are in the same cell.";
            list.add("trailer.total", message, "Give the cell of each.");
        }
        match (&trailer.total, &trailer.total_of) {
            (Some(_), None) => {
                let message = "Nothing says which column adds up to the total.";
                list.add(
                    "trailer.total-of",
                    message,
                    "Give the column by its name in the header, or its position.",
                );
            }
            (None, Some(column)) => {
                let message =
                    format!("The column {column} adds up to a total that the trailer does not have.");
                list.add("trailer.total-of", message, "Give the cell of the total, too.");
            }
            (_, Some(ColumnFrom::Name(name))) if self.header_lines == 0 || name.trim().is_empty() => {
                let message = format!("The column \"{name}\" cannot be found by this name.");
                list.add(
                    "trailer.total-of",
                    message,
                    "Give its name in the header; without a header its position.",
                );
            }
            (_, Some(ColumnFrom::Position(position))) if !(1..=HIGHEST_POSITION).contains(position) => {
                let message = format!("There is no column at position {position}.");
                list.add("trailer.total-of", message, "Positions count from 1, the first column.");
            }
            _ => {}
        }
    }
}
