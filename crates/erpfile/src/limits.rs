//! How much a file may ask of this machine.

use crate::problem::{Damage, Problem, code, size};

/// Upper bounds while a file is read; exceeding one is [`crate::Damage`], never a silent cut.
///
/// They bound memory: a reader holds one record, its cells, and a read buffer of at most `line` bytes and
/// a little more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The longest record, in bytes as they lie in the file, without its line end. Default 1 MiB.
    pub line: usize,
    /// The longest cell, in bytes of UTF-8 between its quotes. Default 64 KiB.
    pub field: usize,
    /// The most cells in one record, the header included. Default 1,000.
    pub columns: usize,
    /// The most bytes of a file, as it lies in its folder. Default 16 GiB.
    pub file: u64,
    /// The most rows of a file. Default 100 million.
    pub rows: u64,
    /// The most bytes that are unpacked from one compressed file. Default 4 GiB.
    pub unpacked: u64,
    /// How many times its own size a compressed file may hold, once that is more than a few MiB. Default 200.
    pub ratio: u64,
    /// The most files in one archive, and parts of a workbook. Default 1,000.
    pub entries: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            line: 1 << 20,
            field: 64 << 10,
            columns: 1000,
            file: 16 << 30,
            rows: 100_000_000,
            unpacked: 4 << 30,
            ratio: 200,
            entries: 1000,
        }
    }
}

impl Limits {
    /// Refuses a file of `bytes` bytes that is larger than it may be.
    ///
    /// # Errors
    /// The damage that says so.
    pub fn check_file(&self, bytes: u64) -> Result<(), Damage> {
        if bytes <= self.file {
            return Ok(());
        }
        let limit = usize::try_from(self.file).map_or_else(|_| format!("{} bytes", self.file), size);
        let message = format!("The file has {bytes} bytes; the most that is read is {limit}.");
        let hint = "Check that it is the right file. If it is, raise limits.file in the settings file.";
        Err(Damage::from(Problem::new(code::FILE_TOO_LARGE, message, hint)))
    }

    /// Refuses a file whose row number `rows`, on `line`, is one too many.
    pub(crate) fn check_rows(&self, rows: u64, line: u64) -> Result<(), Damage> {
        if rows <= self.rows {
            return Ok(());
        }
        let message = format!("The file has more than {} rows, the most that are read.", self.rows);
        let hint = "Check that it is the right file. If it is, raise limits.rows in the settings file.";
        Err(Damage::from(Problem::new(code::TOO_MANY_ROWS, message, hint).at_line(line)))
    }
}
