//! Counts lines while a document is read, and keeps any one record from filling the memory.

use std::cell::Cell;
use std::io::{self, BufRead, Read};
use std::rc::Rc;

use super::StageError;
use crate::limits::raise;
use crate::problem::{Damage, Problem, ReadError, code};

/// What has been read, seen from outside the parser that holds the [`Tally`].
#[derive(Clone, Debug, Default)]
pub(super) struct Count {
    /// Line ends that have been read.
    lines: Rc<Cell<u64>>,
    /// Bytes since the last [`Count::restart`].
    bytes: Rc<Cell<usize>>,
    /// The line on which that was.
    began: Rc<Cell<u64>>,
    /// The most bytes of a record.
    limit: usize,
}

impl Count {
    /// The physical line that is being read, 1-based.
    pub(super) fn line(&self) -> u64 {
        self.lines.get() + 1
    }

    /// A new record begins, `bytes` bytes of which have been read.
    pub(super) fn restart(&self, bytes: usize) {
        self.bytes.set(bytes);
        self.began.set(self.line());
    }

    /// Refuses a record that is longer than it may be.
    ///
    /// A parser asks at the end of a record, since the source only notices when it reads on.
    pub(super) fn check(&self) -> Result<(), Damage> {
        if self.bytes.get() > self.limit {
            Err(too_long(self.began.get().max(1), self.limit))
        } else {
            Ok(())
        }
    }
}

/// A source that counts what is taken from it.
pub(super) struct Tally<R> {
    input: R,
    count: Count,
}

impl<R: BufRead> Tally<R> {
    /// No record may be longer than `limit` bytes.
    pub(super) fn new(input: R, limit: usize) -> (Self, Count) {
        let count = Count { limit, ..Count::default() };
        (Self { input, count: count.clone() }, count)
    }
}

impl<R: BufRead> BufRead for Tally<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.count.check().map_err(io::Error::other)?;
        self.input.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        // What is in the buffer already costs nothing to look at again.
        if let Ok(buffer) = self.input.fill_buf() {
            let taken = &buffer[..amount.min(buffer.len())];
            let ends = memchr::memchr_iter(b'\n', taken).count() as u64;
            self.count.lines.set(self.count.lines.get() + ends);
            self.count.bytes.set(self.count.bytes.get().saturating_add(taken.len()));
        }
        self.input.consume(amount);
    }
}

impl<R: BufRead> Read for Tally<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let buffer = self.fill_buf()?;
        let count = buffer.len().min(into.len());
        into[..count].copy_from_slice(&buffer[..count]);
        self.consume(count);
        Ok(count)
    }
}

fn too_long(line: u64, limit: usize) -> Damage {
    let message =
        format!("The record is longer than {}, the most that is read.", crate::problem::size(limit));
    let check = "Check the format's record: it may name the whole document instead of one record of it.";
    let hint = raise(check, "line");
    Damage::from(Problem::new(code::LINE_TOO_LONG, message, hint).at_line(line))
}

/// The damage that a source reported through its parser, or else the failure to read.
pub(super) fn from_io(error: io::Error) -> StageError {
    match error.downcast::<Damage>() {
        Ok(damage) => damage.into(),
        Err(error) => ReadError::Io(error).into(),
    }
}
