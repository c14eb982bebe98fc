//! Files whose records do not lie line by line are first written anew so that they do: workbooks, XML and JSON
//! documents become rows of cells, compressed files become what was compressed.
//!
//! What is written is a private form for [`crate::Reader`] and nobody else: each line is the number of the line (or of the
//! row of the sheet) on which the record starts, a tab, and the cells as a JSON array. The first line, with the number 0, holds
//! the names of an XML or JSON document's columns, or those of a workbook's sheets: first the one whose rows follow.

mod excel;
mod formulas;
mod gzip;
mod json;
mod number_format;
mod rows;
mod shown_zeros;
mod tally;
#[cfg(test)]
mod tests;
mod tree;
mod unpack;
mod utf8;
mod xml;

use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};

use crate::problem::{Damage, Problem, ReadError, code};
use crate::{Format, Layout, Limits};

pub(crate) use excel::sheets;
pub(crate) use formulas::NO_RESULT;
pub(crate) use rows::{ERROR_MARK, parse_cells};
pub(crate) use tree::parts as path_parts;

/// Why a file was not written anew.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// The file cannot be read: it is damaged, or its bytes cannot be had.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// What was to be written could not be: most often the disk is full.
    #[error("the scratch file cannot be written: {0}")]
    Write(io::Error),
}

impl From<Damage> for StageError {
    fn from(damage: Damage) -> Self {
        Self::Read(damage.into())
    }
}

/// How many bytes at the beginning of a file tell whether it is compressed.
pub const PACKED_HEAD: usize = 512;

/// Whether the file that begins with `head` (its first [`PACKED_HEAD`] bytes) is compressed, so that [`unpack`] comes
/// first.
///
/// A workbook is itself a ZIP archive, and not compressed in this sense.
pub fn is_packed(head: &[u8], layout: Layout) -> bool {
    let is_packed_zip =
        || unpack::is_zip(head) && (layout != Layout::Excel || unpack::is_zip_of_workbook(head));
    unpack::is_gzip(head) || is_packed_zip()
}

/// Writes what a compressed file holds: the content of a gzip file, or the one file in a ZIP archive.
///
/// # Errors
/// Damage when the archive is broken or encrypted, holds no file or several, or grows beyond the limits.
pub fn unpack<R: Read + Seek>(source: R, limits: Limits, out: &mut dyn Write) -> Result<(), StageError> {
    unpack::unpack(source, limits, out)
}

/// Whether files of this layout go through [`stage`] before [`crate::Reader`] can read them.
pub fn is_staged(layout: Layout) -> bool {
    matches!(layout, Layout::Excel | Layout::Xml | Layout::Json)
}

/// Prepares a whole file that is held in memory for [`crate::Reader`]: unpacked and written anew as far as its layout
/// needs it, otherwise as it is.
///
/// # Errors
/// As [`unpack`] and [`stage`].
pub fn prepare(bytes: Vec<u8>, format: &Format, limits: Limits) -> Result<Vec<u8>, Damage> {
    let mut bytes = bytes;
    limits.check_file(bytes.len() as u64)?;
    let damage = |error| match error {
        StageError::Read(ReadError::Damage(damage)) => damage,
        StageError::Read(ReadError::Io(error)) | StageError::Write(error) => unreadable(&error),
    };
    if is_packed(&bytes, format.layout) {
        let mut out = Vec::new();
        unpack(Cursor::new(bytes), limits, &mut out).map_err(damage)?;
        bytes = out;
    }
    if is_staged(format.layout) {
        let mut out = Vec::new();
        stage(Cursor::new(bytes), format, limits, &mut out).map_err(damage)?;
        bytes = out;
    }
    Ok(bytes)
}

fn unreadable(error: &io::Error) -> Damage {
    let message = format!("The file cannot be read: {error}.");
    Damage::from(Problem::new(code::MALFORMED, message, "Let the ERP system write it again."))
}

/// Writes the records of a workbook, an XML or a JSON document as lines for [`crate::Reader`].
///
/// # Errors
/// Damage to the structure of the file, or a limit that it exceeds.
pub fn stage<R: Read + Seek>(
    mut source: R,
    format: &Format,
    limits: Limits,
    out: &mut dyn Write,
) -> Result<(), StageError> {
    if let Some(damage) = crate::delimited::unreadable(format) {
        return Err(damage.into());
    }
    source.seek(SeekFrom::Start(0)).map_err(ReadError::Io)?;
    match format.layout {
        Layout::Excel => excel::stage(source, format, limits, out),
        Layout::Xml => tree::stage(source, format, limits, out, xml::each_record),
        Layout::Json => tree::stage(source, format, limits, out, json::each_record),
        Layout::Delimited | Layout::FixedWidth => {
            io::copy(&mut source, out).map_err(StageError::Write)?;
            Ok(())
        }
    }
}
