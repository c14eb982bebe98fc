//! What became of the rows of a file.

use serde::{Deserialize, Serialize};

/// How many rows of a file were read, and what became of them.
///
/// Every row read is created, updated, unchanged or refused; those four add up to `read`. `missing` counts records of
/// the register that a full export did not mention.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Rows in the file, without header and blank lines.
    pub read: u64,
    /// Rows that made a new record.
    pub created: u64,
    /// Rows that changed at least one field of a record.
    pub updated: u64,
    /// Rows that say what the register says already.
    pub unchanged: u64,
    /// Rows with a problem; nothing of them was taken.
    pub refused: u64,
    /// Records that a full export did not mention.
    pub missing: u64,
}

impl Counts {
    /// Whether every row read is accounted for, exactly once.
    pub fn add_up(&self) -> bool {
        self.created + self.updated + self.unchanged + self.refused == self.read
    }
}
