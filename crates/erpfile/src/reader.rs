//! Records of any layout, one after the other.

use std::io::Read;

use crate::{Damage, Format, Layout, Limits, Problem, ReadError, Row, Shape, delimited, staged};

/// Reads the records of a file one after the other, however long it is.
///
/// Delimited text is read as it lies. A workbook, an XML or a JSON document is read from what [`crate::stage()`] made of
/// it, a compressed file from what [`crate::unpack()`] did.
///
/// In delimited text a line ends with LF or CR LF, or with CR alone where the first 64 KiB have no LF. Lines that hold
/// nothing but blanks are passed over, but counted. A record whose quote is left open goes on in the next line; if it
/// turns out that the quote was a stray one, its line alone is refused and reading goes on with the line after it, so
/// that it never takes the next record with it.
pub struct Reader<R> {
    inner: Inner<R>,
    limits: Limits,
    /// How many rows have been read.
    rows: u64,
    /// Which limit the file has exceeded.
    exceeded: Option<Damage>,
}

/// Whether a row is known, by the bytes of its line without its end.
pub(crate) type Known<'k> = &'k mut dyn FnMut(&[u8]) -> bool;

/// What [`Reader::read_unless`] came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A row was read.
    Row,
    /// A row is known: it has its line and its offset, and nothing else.
    Known,
    /// The end of the file.
    End,
}

enum Inner<R> {
    Delimited(Box<delimited::Reader<R>>),
    Staged(Box<staged::Reader<R>>),
}

/// Parses one record again from its raw bytes: a reference into a file is enough to have its cells back.
///
/// Made by [`Reader::record_parser`], for records that this reader (or one of the same bytes and format) has given.
#[derive(Clone, Debug)]
pub struct RecordParser(Parser);

#[derive(Clone, Debug)]
enum Parser {
    Delimited(Box<delimited::RecordParser>),
    Staged(staged::RecordParser),
}

impl<R: Read> Reader<R> {
    /// Reads what stands above the first record and finds the mapped columns.
    ///
    /// A file with a header and nothing else is fine, and has no rows.
    ///
    /// # Errors
    /// Damage that shows at once: an empty or binary file, another encoding, no header, a mapped column that is missing
    /// or named twice, a wrong delimiter, or a format that cannot be used for reading (its other complaints do not
    /// matter here).
    pub fn new(input: R, format: &Format, limits: Limits) -> Result<Self, ReadError> {
        Self::with_shapes(input, format, limits, &[])
    }

    /// The same with what is known of the values of the format's columns, in their order. A row of delimited text that
    /// has too many cells, or a line break in one, is then read in the one way that fits the columns, if there is only
    /// one; it carries a note in [`Row::notes`]. Without shapes such rows are refused.
    ///
    /// # Errors
    /// As [`Reader::new`].
    pub fn with_shapes(
        input: R,
        format: &Format,
        limits: Limits,
        shapes: &[Shape],
    ) -> Result<Self, ReadError> {
        let inner = match format.layout {
            Layout::Excel | Layout::Xml | Layout::Json => {
                Inner::Staged(Box::new(staged::Reader::new(input, format, limits)?))
            }
            Layout::Delimited | Layout::FixedWidth => {
                Inner::Delimited(Box::new(delimited::Reader::new(input, format, limits, shapes)?))
            }
        };
        Ok(Self { inner, limits, rows: 0, exceeded: None })
    }

    /// The names of a workbook's sheets, first the one whose rows are read; empty for other files.
    pub fn sheets(&self) -> &[String] {
        match &self.inner {
            Inner::Delimited(_) => &[],
            Inner::Staged(reader) => reader.sheets(),
        }
    }

    /// The names of the columns as they stand in the file; empty when the format says that there are none.
    pub fn header(&self) -> &[String] {
        match &self.inner {
            Inner::Delimited(reader) => reader.header(),
            Inner::Staged(reader) => reader.header(),
        }
    }

    /// For each of the format's columns the 0-based indexes of its cells in the order of [`crate::Column::from`]: one;
    /// several when they are joined; none when the column is a constant.
    pub fn columns(&self) -> &[Vec<usize>] {
        match &self.inner {
            Inner::Delimited(reader) => reader.columns(),
            Inner::Staged(reader) => reader.columns(),
        }
    }

    /// Reads the next record into `row`; `false` at the end of the file.
    ///
    /// A row that cannot be taken has [`Row::problems`]; its cells are then a best guess for showing.
    ///
    /// # Errors
    /// Damage to the structure of the file (the same again on every further call), or a failing source (which may be
    /// tried again).
    pub fn read(&mut self, row: &mut Row) -> Result<bool, ReadError> {
        Ok(self.step(row, None)? == Step::Row)
    }

    /// The same, passing over rows of which `known` says, by the bytes of their line without its end, that a file with
    /// the same [`conditions`](Reader::conditions) had them and they were [`Row::alone`]. All other rows, the end and
    /// what is told of the file are as if every row had been read.
    ///
    /// # Errors
    /// As [`Reader::read`].
    pub fn read_unless(
        &mut self,
        row: &mut Row,
        known: &mut dyn FnMut(&[u8]) -> bool,
    ) -> Result<Step, ReadError> {
        self.step(row, Some(known))
    }

    fn step(&mut self, row: &mut Row, known: Option<Known<'_>>) -> Result<Step, ReadError> {
        if let Some(damage) = &self.exceeded {
            return Err(damage.clone().into());
        }
        let step = match &mut self.inner {
            Inner::Delimited(reader) => reader.read(row, known)?,
            Inner::Staged(reader) => match reader.read(row)? {
                true => Step::Row,
                false => Step::End,
            },
        };
        self.rows += u64::from(step != Step::End);
        if let Err(damage) = self.limits.check_rows(self.rows, row.line) {
            self.exceeded = Some(damage.clone());
            return Err(damage.into());
        }
        Ok(step)
    }

    /// What of the file, besides its rows, its format, the limits and the [version](crate::READING_VERSION) of the program,
    /// decides how its rows are read. For telling whether it is the same in another file.
    pub fn conditions(&self) -> String {
        match &self.inner {
            Inner::Delimited(reader) => reader.conditions(),
            // Only whole rows are read.
            Inner::Staged(reader) => format!("{:?}", reader.header()),
        }
    }

    /// What the trailer has proved of the file that has been read to its end; `None` when its format has no trailer.
    pub fn trailer(&self) -> Option<&str> {
        match &self.inner {
            Inner::Delimited(reader) => reader.trailer(),
            Inner::Staged(reader) => reader.trailer(),
        }
    }

    /// What of the file was left out without the format saying so line by line, as far as it has been read: a second
    /// table, lines below the end of the table, repeated headers. None of it is a row.
    pub fn notes(&self) -> Vec<Problem> {
        match &self.inner {
            Inner::Delimited(reader) => reader.notes(),
            Inner::Staged(reader) => reader.notes(),
        }
    }

    /// The least that must stand above rows of this file for them to be read as they were, as far as it has been read: the
    /// mark of the encoding, as many lines as are skipped, the header and the lines below it. Empty for what was staged.
    pub fn least_head(&self) -> Vec<u8> {
        match &self.inner {
            Inner::Delimited(reader) => reader.least_head(),
            Inner::Staged(_) => Vec::new(),
        }
    }

    /// How many bytes of the source have been read as rows, for progress.
    pub fn position(&self) -> u64 {
        match &self.inner {
            Inner::Delimited(reader) => reader.position(),
            Inner::Staged(reader) => reader.position(),
        }
    }

    /// A parser that reads single records of this file again.
    pub fn record_parser(&self) -> RecordParser {
        RecordParser(match &self.inner {
            Inner::Delimited(reader) => Parser::Delimited(Box::new(reader.record_parser())),
            Inner::Staged(reader) => Parser::Staged(reader.record_parser()),
        })
    }
}

impl RecordParser {
    /// For rows of a staged file whose columns are not known.
    pub(crate) fn staged() -> Self {
        Self(Parser::Staged(staged::RecordParser::default()))
    }

    /// Parses `raw`, which begins on physical line `line`, into `row`: its line, bytes, cells and problems are those
    /// that the reader gave. [`Row::offset`] is 0, since a record does not know its place.
    ///
    /// # Errors
    /// Only for bytes that no reader of this format gave as a record.
    pub fn parse(&mut self, raw: &[u8], line: u64, row: &mut Row) -> Result<(), Damage> {
        match &mut self.0 {
            Parser::Delimited(parser) => parser.parse(raw, line, row),
            Parser::Staged(parser) => parser.parse(raw, line, row),
        }
    }
}
