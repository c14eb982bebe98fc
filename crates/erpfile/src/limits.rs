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
}

impl Default for Limits {
    fn default() -> Self {
        Self { line: 1 << 20, field: 64 << 10, columns: 1000 }
    }
}
