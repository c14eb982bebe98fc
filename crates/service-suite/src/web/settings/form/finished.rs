//! The part of the format editor's form that says how one knows that the file is finished.

use std::time::Duration;

use erpfile::{Arriving, Format, Trailer, duration_text, parse_duration};
use register::settings::Complaint;

use super::Sent;
use super::columns::{from_text, text_of};
use crate::web::settings::complaint;

/// The fields as they were typed; an empty one means that the format does not say so.
#[derive(Clone, Debug, Default)]
pub(crate) struct FinishedForm {
    /// The name of the marker.
    pub(crate) marker: String,
    /// The settle time of this format's files.
    pub(crate) settle: String,
    /// How long the file must have been there.
    pub(crate) minimum_age: String,
    /// How the file must have got its name, by its word.
    pub(crate) arrival: String,
    /// How the trailer begins.
    pub(crate) starts_with: String,
    /// The trailer's cell with the number of rows.
    pub(crate) row_count: String,
    /// The trailer's cell with the total.
    pub(crate) total: String,
    /// The column that adds up to the total, as the columns of the fields are named.
    pub(crate) total_of: String,
}

impl FinishedForm {
    /// The fields for a format as it is stored.
    pub(super) fn of(format: &Format) -> FinishedForm {
        let duration = |duration: Option<Duration>| duration.map(duration_text).unwrap_or_default();
        let number = |number: Option<u32>| number.map(|number| number.to_string()).unwrap_or_default();
        let trailer = format.trailer.as_ref();
        let total_of = trailer.and_then(|trailer| trailer.total_of.as_ref());
        FinishedForm {
            marker: format.marker.clone().unwrap_or_default(),
            settle: duration(format.settle),
            minimum_age: duration(format.minimum_age),
            arrival: format.arrival.word().to_owned(),
            starts_with: trailer.map(|trailer| trailer.starts_with.clone()).unwrap_or_default(),
            row_count: number(trailer.and_then(|trailer| trailer.row_count)),
            total: number(trailer.and_then(|trailer| trailer.total)),
            total_of: total_of.map(|from| text_of(from, format.header_lines > 0)).unwrap_or_default(),
        }
    }

    /// The fields as they were sent.
    pub(super) fn read(sent: &Sent) -> FinishedForm {
        let text = |name: &str| sent.get(name).map(|text| text.trim().to_owned()).unwrap_or_default();
        FinishedForm {
            marker: text("marker"),
            settle: text("settle"),
            minimum_age: text("minimum-age"),
            arrival: text("arrival"),
            starts_with: text("trailer.starts-with"),
            row_count: text("trailer.row-count"),
            total: text("trailer.total"),
            total_of: text("trailer.total-of"),
        }
    }

    /// Sets what the fields say; gives what cannot be read.
    pub(super) fn set(&self, format: &mut Format) -> Vec<Complaint> {
        let mut wrong = Vec::new();
        let mut duration = |key: &str, text: &str| match text {
            "" => None,
            text => parse_duration(text)
                .map_err(|error| wrong.push(complaint(key, &format!("{error}."), "")))
                .ok(),
        };
        format.settle = duration("settle", &self.settle);
        format.minimum_age = duration("minimum-age", &self.minimum_age);
        let mut cell = |key: &str, text: &str| match text {
            "" => None,
            text => text
                .parse()
                .map_err(|_| {
                    let message = format!("\"{text}\" is no number of a cell.");
                    wrong.push(complaint(key, &message, "Cells count from 1, the first one."));
                })
                .ok(),
        };
        let row_count = cell("trailer.row-count", &self.row_count);
        let total = cell("trailer.total", &self.total);
        let total_of = Some(self.total_of.as_str()).filter(|from| !from.is_empty());
        let total_of = total_of.map(|from| from_text(from, format.header_lines > 0));
        let trailer = Trailer { starts_with: self.starts_with.clone(), row_count, total, total_of };
        let parts = [&self.starts_with, &self.row_count, &self.total, &self.total_of];
        format.trailer = parts.iter().any(|part| !part.is_empty()).then_some(trailer);
        format.marker = Some(self.marker.clone()).filter(|marker| !marker.is_empty());
        format.arrival = Arriving::from_word(&self.arrival).unwrap_or_default();
        wrong
    }
}
