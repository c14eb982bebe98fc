//! What an administrator said of one kind of file: its name, its layout, and which column is which field.

mod check;
#[macro_use]
mod choices;
mod checks;
mod column;
mod finished;
mod key;
mod lines;
mod pattern;
#[cfg(test)]
mod tests;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::fixed_width::CellRange;
use crate::{Encoding, duration};

pub use check::Complaint;
pub use checks::{FieldChecks, Level};
pub use choices::{
    Apostrophe, Apply, Arriving, Blank, Content, DecimalSeparator, IgnoredInKey, Layout, LineEnds, Missing,
    OtherCodes, OuterBlanks, Owner, Part, PositionsIn, Repeated, TableEnds, Thousands, Undecodable,
};
pub use column::{Column, ColumnFrom};
pub use finished::Trailer;
pub(crate) use pattern::matches;

/// The date format of days that are written as the number by which Excel keeps them: `45231` is 2023-11-01.
pub const EXCEL_DATES: &str = "excel";

/// As [`EXCEL_DATES`], for workbooks whose first day is 1904-01-01.
pub const EXCEL_1904_DATES: &str = "excel-1904";

/// How one kind of file is laid out.
///
/// The keys of the settings file are the field names with hyphens; a missing key means the default given
/// here, an unknown key or a value of the wrong type is an error that names the key. Serialising writes
/// every key that has a value, so that settings which are shown and applied again change nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Format {
    /// What people call it, unique among the formats.
    #[serde(deserialize_with = "key::name")]
    pub name: String,
    /// The register whose records the file holds, such as `customers`.
    #[serde(deserialize_with = "key::register")]
    pub register: String,
    /// Whether the automation of the register waits for this format's file. Default `false`.
    #[serde(default, deserialize_with = "key::default")]
    pub default: bool,
    /// The name of the file, exact and case-sensitive, or with `*` for any characters. Empty (the default)
    /// when no file is waited for. See [`Format::takes`].
    #[serde(default, deserialize_with = "key::filename")]
    pub filename: String,
    /// Default `delimited`.
    #[serde(default, deserialize_with = "key::layout")]
    pub layout: Layout,
    /// Default `utf-8`.
    #[serde(default, deserialize_with = "key::encoding")]
    pub encoding: Encoding,
    /// What happens when bytes mean nothing in the encoding. Default `refuse-file`.
    #[serde(default, deserialize_with = "key::undecodable", skip_serializing_if = "Undecodable::is_default")]
    pub undecodable: Undecodable,
    /// The one or two characters between two cells. Default `;`.
    #[serde(default = "semicolon", deserialize_with = "key::delimiter")]
    pub delimiter: String,
    /// The one character around cells that hold the delimiter or a line end; doubled inside such a cell.
    /// Empty for none. Default `"`.
    #[serde(default = "double_quote", deserialize_with = "key::quote")]
    pub quote: String,
    /// The one character that makes a quote, a delimiter, a line end or itself behind it plain text. Empty (the default)
    /// for none. Quotes inside a quoted cell may be doubled all the same.
    #[serde(default, deserialize_with = "key::escape", skip_serializing_if = "String::is_empty")]
    pub escape: String,
    /// What ends a line. Default `auto`.
    #[serde(default, deserialize_with = "key::line_ends", skip_serializing_if = "LineEnds::is_default")]
    pub line_ends: LineEnds,
    /// Lines that begin with this text are passed over. Empty (the default) for none.
    #[serde(default, deserialize_with = "key::comment", skip_serializing_if = "String::is_empty")]
    pub comment: String,
    /// Physical lines above the header (or above the first record) that are not read. Default 0.
    #[serde(default, deserialize_with = "key::skip_lines")]
    pub skip_lines: u32,
    /// How many records name the columns: 1 by default, 0 when there is no such record. The names in one column of
    /// several header lines are joined by a blank.
    #[serde(default = "one", deserialize_with = "key::header_lines")]
    pub header_lines: u32,
    /// The first cell of the line that names the columns: what stands above it is not read. Empty (the default) when the
    /// header is the first line that is left.
    #[serde(default, deserialize_with = "key::header_marker", skip_serializing_if = "String::is_empty")]
    pub header_marker: String,
    /// Lines below the header that are no records, such as one with units. Default 0.
    #[serde(default, deserialize_with = "key::lines_below_header", skip_serializing_if = "is_zero")]
    pub lines_below_header: u32,
    /// The line with which the part of the file begins that holds the records, such as `@Actor`. The part ends with the
    /// next line of one cell that begins with the same sign. Empty (the default) when the file has no parts.
    #[serde(default, deserialize_with = "key::section", skip_serializing_if = "String::is_empty")]
    pub section: String,
    /// The first cell of every record, with `*` for any characters; other lines are passed over. Empty (the default) when
    /// every line is a record.
    #[serde(default, deserialize_with = "key::records", skip_serializing_if = "String::is_empty")]
    pub records: String,
    /// The first text of a line with which the table ends, with `*` for any characters, capital letters or not: such as
    /// `Total*`. Nothing from there on is a record. Default none.
    #[serde(default, deserialize_with = "key::footer", skip_serializing_if = "Vec::is_empty")]
    pub footer: Vec<String>,
    /// What else ends the table before the file ends. Default `second-table`.
    #[serde(default, deserialize_with = "key::table_ends", skip_serializing_if = "TableEnds::is_default")]
    pub table_ends: TableEnds,
    /// Default comma.
    #[serde(default, deserialize_with = "key::decimal_separator")]
    pub decimal_separator: DecimalSeparator,
    /// What a number is that could have thousands or three decimals: `1.234`, where a comma separates decimals. Default
    /// `certain`: it is refused.
    #[serde(default, deserialize_with = "key::thousands", skip_serializing_if = "Thousands::is_default")]
    pub thousands: Thousands,
    /// How dates are written: `%d`, `%m`, `%Y` (or `%y`), `%H`, `%M`, `%S` and the characters between them; or
    /// [`EXCEL_DATES`] or [`EXCEL_1904_DATES`]. Default `%Y-%m-%d`.
    #[serde(default = "iso_date", deserialize_with = "key::date_format")]
    pub date_format: String,
    /// The first year of two digits that is of the 20th century: those below it are of the 21st. Default 69.
    #[serde(
        default = "pivot_year",
        deserialize_with = "key::pivot_year",
        skip_serializing_if = "is_usual_pivot"
    )]
    pub pivot_year: u32,
    /// What happens to blanks at the beginning and the end of text. Default `keep`.
    #[serde(
        default,
        deserialize_with = "key::outer_blanks",
        skip_serializing_if = "OuterBlanks::is_default"
    )]
    pub outer_blanks: OuterBlanks,
    /// What happens to an apostrophe that guards a number from a spreadsheet: `'0123`. Default `keep`.
    #[serde(default, deserialize_with = "key::apostrophe", skip_serializing_if = "Apostrophe::is_default")]
    pub apostrophe: Apostrophe,
    /// Default `keep`.
    #[serde(default, deserialize_with = "key::blank")]
    pub blank: Blank,
    /// What the rows may do. Default `create-and-update`.
    #[serde(default, deserialize_with = "key::apply", skip_serializing_if = "Apply::is_default")]
    pub apply: Apply,
    /// What does not count when keys are compared. Empty (the default) when only the same key is the same.
    #[serde(default, deserialize_with = "key::ignore_in_key", skip_serializing_if = "Vec::is_empty")]
    pub ignore_in_key: Vec<IgnoredInKey>,
    /// Default `changes`.
    #[serde(default, deserialize_with = "key::content")]
    pub content: Content,
    /// Default `leave`.
    #[serde(default, deserialize_with = "key::missing")]
    pub missing: Missing,
    /// Default `refuse`.
    #[serde(default, deserialize_with = "key::repeated")]
    pub repeated: Repeated,
    /// The name of a file that the ERP system writes once the other is finished; `*` stands for the same text as in
    /// [`Format::filename`]. Default none: the file is taken without one. See [`Format::marker_of`].
    #[serde(default, deserialize_with = "key::marker", skip_serializing_if = "Option::is_none")]
    pub marker: Option<String>,
    /// How long the file must be unchanged before it is taken. Default none: as long as the ERP system's others.
    #[serde(
        default,
        serialize_with = "duration::serialize_optional",
        deserialize_with = "key::settle",
        skip_serializing_if = "Option::is_none"
    )]
    pub settle: Option<Duration>,
    /// How long the file must have been there before it is taken. Default none.
    #[serde(
        default,
        serialize_with = "duration::serialize_optional",
        deserialize_with = "key::minimum_age",
        skip_serializing_if = "Option::is_none"
    )]
    pub minimum_age: Option<Duration>,
    /// How the file must have got its name. Default `any`.
    #[serde(default, deserialize_with = "key::arrival", skip_serializing_if = "Arriving::is_any")]
    pub arrival: Arriving,
    /// The last line of the file, by which its completeness is verified. Default none.
    #[serde(default, deserialize_with = "key::trailer", skip_serializing_if = "Option::is_none")]
    pub trailer: Option<Trailer>,
    /// Fixed width: where the cells lie in the line, such as `["1-10", "11-45", "46-"]`.
    #[serde(default, deserialize_with = "key::cells", skip_serializing_if = "Vec::is_empty")]
    pub cells: Vec<CellRange>,
    /// Fixed width: what positions count. Default `characters`.
    #[serde(
        default,
        deserialize_with = "key::positions_in",
        skip_serializing_if = "PositionsIn::is_default"
    )]
    pub positions_in: PositionsIn,
    /// XML and JSON: where the records are. For XML the path of the element that is one record, from the root
    /// (`/customers/customer`) or only its end (`customer`); for JSON the keys that lead to the array of records
    /// (`data/customers`), empty when the document is that array or has one record a line.
    #[serde(default, deserialize_with = "key::record", skip_serializing_if = "String::is_empty")]
    pub record: String,
    /// Excel: the name or the number of the sheet. Empty (the default) for the first one.
    #[serde(default, deserialize_with = "key::sheet", skip_serializing_if = "String::is_empty")]
    pub sheet: String,
    /// What is looked at in values that could be stored as they are.
    #[serde(default, deserialize_with = "key::checks", skip_serializing_if = "FieldChecks::is_default")]
    pub checks: FieldChecks,
    /// Which columns of the file are which field of the register. Default none.
    #[serde(default, deserialize_with = "key::columns")]
    pub columns: Vec<Column>,
}

/// Every default, and no name, register, file name or column: where a new format starts.
impl Default for Format {
    fn default() -> Self {
        Self {
            name: String::new(),
            register: String::new(),
            default: false,
            filename: String::new(),
            layout: Layout::default(),
            encoding: Encoding::default(),
            undecodable: Undecodable::default(),
            delimiter: semicolon(),
            quote: double_quote(),
            escape: String::new(),
            line_ends: LineEnds::default(),
            comment: String::new(),
            skip_lines: 0,
            header_lines: 1,
            header_marker: String::new(),
            lines_below_header: 0,
            section: String::new(),
            records: String::new(),
            footer: Vec::new(),
            table_ends: TableEnds::default(),
            decimal_separator: DecimalSeparator::default(),
            thousands: Thousands::default(),
            date_format: iso_date(),
            pivot_year: pivot_year(),
            outer_blanks: OuterBlanks::default(),
            apostrophe: Apostrophe::default(),
            blank: Blank::default(),
            apply: Apply::default(),
            ignore_in_key: Vec::new(),
            content: Content::default(),
            missing: Missing::default(),
            repeated: Repeated::default(),
            marker: None,
            settle: None,
            minimum_age: None,
            arrival: Arriving::default(),
            trailer: None,
            cells: Vec::new(),
            positions_in: PositionsIn::default(),
            record: String::new(),
            sheet: String::new(),
            checks: FieldChecks::default(),
            columns: Vec::new(),
        }
    }
}

impl Format {
    /// The parts of the format that decide which values a file's bytes become, in a form that is equal
    /// exactly when they are: not the name, the file name, whether it is the default, or when a file is taken. The
    /// trailer decides which line is no row.
    ///
    /// Meant to be hashed. Which column a header name stands for depends on the file as well:
    /// [`crate::Reader::columns`] belongs beside it.
    pub fn canonical_bytes(&self) -> Vec<u8> {
        let reading = Self {
            name: String::new(),
            filename: String::new(),
            default: false,
            marker: None,
            settle: None,
            minimum_age: None,
            arrival: Arriving::default(),
            ..self.clone()
        };
        // `Debug` quotes strings and names every field, so that no two formats look alike.
        format!("{reading:?}").into_bytes()
    }
}

fn semicolon() -> String {
    ";".to_owned()
}

fn double_quote() -> String {
    "\"".to_owned()
}

fn one() -> u32 {
    1
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

fn iso_date() -> String {
    "%Y-%m-%d".to_owned()
}

/// The rule of POSIX.
fn pivot_year() -> u32 {
    69
}

fn is_usual_pivot(year: &u32) -> bool {
    *year == pivot_year()
}
