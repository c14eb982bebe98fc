//! What the documentation of known systems says of how they write their files, where the sample does not show it.

use erpfile::suggest::Suggestion;
use erpfile::{ColumnFrom, DecimalSeparator, Format};

use super::presets::{MAMUT, MAMUT_XML};

/// What Mamut's systems write for a line break within an address.
const LINE_BREAK: &str = ":";

/// Says in `format` how the system that is called `preset` writes numbers, dates, line breaks and kinds of lines.
pub(super) fn settle(preset: &str, found: &Suggestion, format: &mut Format) {
    if ![MAMUT, MAMUT_XML].contains(&preset) {
        return;
    }
    if found.decimal_separator.is_none() {
        format.decimal_separator = DecimalSeparator::Point;
    }
    if found.date_format.is_none() {
        "%Y%m%d".clone_into(&mut format.date_format);
    }
    for column in &mut format.columns {
        match column.field.as_str() {
            "address1" | "address2" => LINE_BREAK.clone_into(&mut column.line_break),
            // The first name stands before the last one.
            "contact" | "contact.name" if preset == MAMUT && column.from == [ColumnFrom::Position(8)] => {
                column.from.insert(0, ColumnFrom::Position(7));
                column.join = Some(" ".to_owned());
            }
            _ => {}
        }
    }
    if preset == MAMUT {
        // Each line begins with the name of its kind: others may stand between.
        "GBAC*".clone_into(&mut format.records);
    }
}
