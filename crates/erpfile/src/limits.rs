//! How much a file may ask of this machine.

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
    /// The most bytes that are unpacked from one compressed file. Default 4 GiB.
    pub unpacked: u64,
    /// How many times its own size a compressed file may hold, once that is more than a few MiB. Default 200.
    pub ratio: u64,
    /// The most files in one archive, and parts of a workbook. Default 1,000.
    pub entries: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { line: 1 << 20, field: 64 << 10, columns: 1000, unpacked: 4 << 30, ratio: 200, entries: 1000 }
    }
}
