//! Reads the files that ERP systems write: bytes become rows, and whatever is wrong with them becomes a
//! [`Problem`] in words that a person can act on.
//!
//! The crate is pure: it reads from any [`std::io::Read`], opens no file, knows no clock and no database.
//! Memory is bounded by [`Limits`], however long the file is.
//!
//! Two kinds of trouble are kept apart. A row that cannot be taken carries its problems in
//! [`Row::problems`] and reading goes on; a file whose structure is damaged ends in [`Damage`], since
//! nothing read from it could be trusted.
//!
//! ```
//! use erpfile::{Format, Limits, Reader, Row};
//!
//! let format = Format { delimiter: ";".into(), ..Format::default() };
//! let mut reader = Reader::new("Kundenr;Navn\n10;Bager Ølund\n".as_bytes(), &format, Limits::default())?;
//! let mut row = Row::default();
//! while reader.read(&mut row)? {
//!     assert_eq!(row.cell(1), Some("Bager Ølund"));
//! }
//! # Ok::<(), erpfile::ReadError>(())
//! ```

mod again;
mod delimited;
mod duration;
mod encoding;
mod fixed_width;
mod format;
mod limits;
mod number;
mod problem;
mod reader;
mod row;
mod shape;
mod stage;
mod staged;
pub mod suggest;
mod table;
mod trailer;

pub use again::{Again, Closing, raw_cells};
pub use delimited::plain_column_name;
pub use duration::{duration_text, parse_duration};
pub use encoding::{Encoding, UnknownEncoding};
pub use fixed_width::CellRange;
pub use format::{
    Apostrophe, Apply, Arriving, Blank, Column, ColumnFrom, Complaint, Content, DecimalSeparator,
    EXCEL_1904_DATES, EXCEL_DATES, FieldChecks, Format, IgnoredInKey, Layout, Level, LineEnds, Missing,
    OtherCodes, OuterBlanks, Owner, Part, PositionsIn, Repeated, TableEnds, Thousands, Trailer, Undecodable,
};
pub use limits::Limits;
pub use number::{Number, NumberError};
pub use problem::{Damage, Problem, ReadError, code};
pub use reader::{Reader, RecordParser, Step};
pub use row::Row;
pub use shape::Shape;
pub use stage::{PACKED_HEAD, StageError, is_packed, is_staged, prepare, stage, unpack};

/// Changes whenever the same bytes under the same [`Format`] would be read as other cells than before.
///
/// Whoever remembers rows by their bytes (to skip those that have not changed) mixes this number into what
/// is remembered, so that a new version of the product reads everything once more.
pub const READING_VERSION: u32 = 4;
