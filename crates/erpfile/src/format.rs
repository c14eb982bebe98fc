//! What an administrator said of one kind of file: its name, its layout, and which column is which field.

mod check;
mod finished;
mod pattern;
#[cfg(test)]
mod tests;

use std::fmt;
use std::time::Duration;

use serde::de::{self, Deserializer};
use serde::{Deserialize, Serialize, Serializer};

use crate::fixed_width::CellRange;
use crate::{Encoding, duration};

pub use check::Complaint;
pub use finished::Trailer;

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
    /// The one character between two cells. Default `;`.
    #[serde(default = "semicolon", deserialize_with = "key::delimiter")]
    pub delimiter: String,
    /// The one character around cells that hold the delimiter or a line end; doubled inside such a cell.
    /// Empty for none. Default `"`.
    #[serde(default = "double_quote", deserialize_with = "key::quote")]
    pub quote: String,
    /// Physical lines above the header (or above the first record) that are not read. Default 0.
    #[serde(default, deserialize_with = "key::skip_lines")]
    pub skip_lines: u32,
    /// 1 (the default) when the first record names the columns, 0 when there is no such record.
    #[serde(default = "one", deserialize_with = "key::header_lines")]
    pub header_lines: u32,
    /// Default comma.
    #[serde(default, deserialize_with = "key::decimal_separator")]
    pub decimal_separator: DecimalSeparator,
    /// How dates are written: `%d`, `%m`, `%Y` (or `%y`), `%H`, `%M`, `%S` and the characters between them.
    /// Default `%Y-%m-%d`.
    #[serde(default = "iso_date", deserialize_with = "key::date_format")]
    pub date_format: String,
    /// Default `keep`.
    #[serde(default, deserialize_with = "key::blank")]
    pub blank: Blank,
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
    /// Which column of the file is which field of the register. Default none.
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
            delimiter: semicolon(),
            quote: double_quote(),
            skip_lines: 0,
            header_lines: 1,
            decimal_separator: DecimalSeparator::default(),
            date_format: iso_date(),
            blank: Blank::default(),
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

/// One mapped column of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// The column of the file.
    #[serde(deserialize_with = "key::from")]
    pub from: ColumnFrom,
    /// The name of the field of the register.
    #[serde(deserialize_with = "key::field")]
    pub field: String,
}

/// How a column is found in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ColumnFrom {
    /// By the name in the header: exactly so, or else ignoring case and outer blanks if only one fits.
    Name(String),
    /// By its place, 1 being the first column.
    Position(u32),
}

impl fmt::Display for ColumnFrom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Position(position) => write!(f, "{position}"),
        }
    }
}

impl Serialize for ColumnFrom {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Name(name) => serializer.serialize_str(name),
            Self::Position(position) => serializer.serialize_u32(*position),
        }
    }
}

impl<'de> Deserialize<'de> for ColumnFrom {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = ColumnFrom;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a header name in quotes, or a position as a number (1 is the first column)")
            }
            fn visit_str<E: de::Error>(self, name: &str) -> Result<ColumnFrom, E> {
                Ok(ColumnFrom::Name(name.to_owned()))
            }
            fn visit_u64<E: de::Error>(self, number: u64) -> Result<ColumnFrom, E> {
                u32::try_from(number)
                    .map(ColumnFrom::Position)
                    .map_err(|_| E::invalid_value(de::Unexpected::Unsigned(number), &self))
            }
            fn visit_i64<E: de::Error>(self, number: i64) -> Result<ColumnFrom, E> {
                u32::try_from(number)
                    .map(ColumnFrom::Position)
                    .map_err(|_| E::invalid_value(de::Unexpected::Signed(number), &self))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal $title:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $word)] $variant,)*
        }

        impl $name {
            /// Every choice in the order in which it is offered.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The word of the settings file.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            /// The choice in words for a person.
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title),* }
            }

            /// The choice of that word of the settings file.
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|choice| choice.word() == word)
            }
        }
    };
}

words! {
    /// How records lie in the file.
    Layout {
        /// One record a line, cells separated by a character.
        #[default]
        Delimited = "delimited" "Delimited text (CSV)",
        /// Cells at fixed positions in the line.
        FixedWidth = "fixed-width" "Fixed width",
        /// A workbook.
        Excel = "excel" "Excel workbook",
        /// An XML document.
        Xml = "xml" "XML",
        /// A JSON document.
        Json = "json" "JSON",
    }
}

words! {
    /// What the positions of a fixed-width file count.
    PositionsIn {
        /// Characters, as an editor shows them.
        #[default]
        Characters = "characters" "Characters",
        /// Bytes of the file's encoding.
        Bytes = "bytes" "Bytes",
    }
}

impl PositionsIn {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

words! {
    /// The character before the decimals of a number.
    DecimalSeparator {
        /// `1234,50`
        #[default]
        Comma = "," "Comma: 1234,50",
        /// `1234.50`
        Point = "." "Point: 1234.50",
    }
}

impl DecimalSeparator {
    /// The character itself.
    pub fn char(self) -> char {
        match self {
            Self::Comma => ',',
            Self::Point => '.',
        }
    }
}

words! {
    /// What an empty cell means for a record that exists.
    Blank {
        /// The stored value stays.
        #[default]
        Keep = "keep" "Keep the stored value",
        /// The stored value is emptied.
        Clear = "clear" "Clear the stored value",
    }
}

words! {
    /// What a file holds.
    Content {
        /// Some records: those that are new or have changed.
        #[default]
        Changes = "changes" "Changes only",
        /// Every record there is.
        Full = "full" "Every record, each time",
    }
}

words! {
    /// What happens to records that a full export does not hold.
    Missing {
        /// They stay as they are.
        #[default]
        Leave = "leave" "Leave as they are",
        /// They are marked inactive.
        Deactivate = "deactivate" "Deactivate",
    }
}

words! {
    /// What it means when a key occurs again in one file with other content.
    Repeated {
        /// All rows with that key are refused.
        #[default]
        Refuse = "refuse" "Refuse all of them",
        /// The last one counts.
        Last = "last" "The last one counts",
        /// Each is a contact of the same record.
        Contacts = "contacts" "Each is a contact",
    }
}

words! {
    /// How a file must have got its name to be taken.
    Arriving {
        /// In any way.
        #[default]
        Any = "any" "In any way",
        /// By being renamed: what was written under its own name is never taken.
        Renamed = "renamed" "Only by being renamed when it is finished",
    }
}

impl Arriving {
    fn is_any(&self) -> bool {
        *self == Self::Any
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

fn iso_date() -> String {
    "%Y-%m-%d".to_owned()
}

/// Deserialisers that put the key before the error, since not every data format tells where it was.
mod key {
    use std::time::Duration;

    use serde::de::Error;
    use serde::{Deserialize, Deserializer};

    macro_rules! keys {
        ($($name:ident = $key:literal,)*) => {$(
            pub(super) fn $name<'de, D: Deserializer<'de>, T: Deserialize<'de>>(d: D) -> Result<T, D::Error> {
                T::deserialize(d).map_err(|error| {
                    D::Error::custom(format_args!("{}: {}", $key, error.to_string().trim_end()))
                })
            }
        )*};
    }

    keys! {
        name = "name",
        register = "register",
        default = "default",
        filename = "filename",
        layout = "layout",
        encoding = "encoding",
        delimiter = "delimiter",
        quote = "quote",
        skip_lines = "skip-lines",
        header_lines = "header-lines",
        decimal_separator = "decimal-separator",
        date_format = "date-format",
        blank = "blank",
        content = "content",
        missing = "missing",
        repeated = "repeated",
        marker = "marker",
        arrival = "arrival",
        trailer = "trailer",
        cells = "cells",
        positions_in = "positions-in",
        record = "record",
        sheet = "sheet",
        columns = "columns",
        from = "from",
        field = "field",
        starts_with = "trailer.starts-with",
        row_count = "trailer.row-count",
        total = "trailer.total",
        total_of = "trailer.total-of",
    }

    macro_rules! durations {
        ($($name:ident = $key:literal,)*) => {$(
            pub(super) fn $name<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Duration>, D::Error> {
                crate::duration::deserialize_optional(d)
                    .map_err(|error| D::Error::custom(format_args!("{}: {error}", $key)))
            }
        )*};
    }

    durations! {
        settle = "settle",
        minimum_age = "minimum-age",
    }
}
