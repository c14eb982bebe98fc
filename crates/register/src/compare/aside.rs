//! Rows that are checked while the next ones are read, on two threads.
//!
//! What a row says is told in the order of the file, as with one thread: only whether it is good is found out before its turn.

use std::collections::VecDeque;
use std::io::Read;
use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, channel, sync_channel};
use std::thread::{self, Scope, ScopedJoinHandle};

use erpfile::{Reader, Row};

use crate::job::Stop;
use crate::mapping::Mapper;

/// Rows that go from one thread to the other at once: so many, or fewer when they have so many bytes.
const ROWS: usize = if cfg!(test) { 2 } else { 64 };
const BYTES: usize = 64 << 10;
/// Batches that wait for the other thread; what is read beyond them is checked by the one that reads.
const WAITING: usize = 4;
/// Batches that are on their way altogether.
const MOST: usize = 2 * WAITING;

/// Whether nothing is to be said of a row that can be read and has a key.
pub(super) fn is_good(mapper: &Mapper, row: &Row) -> bool {
    let mut problems = Vec::new();
    let given = mapper.read(row, &mut problems);
    problems.is_empty() && mapper.warnings(row, &given).is_empty()
}

/// Reads the file to its end and calls `each` with every row, in its order, and whether it [`is_good`]; that of a row which
/// cannot be read or has no key means nothing.
pub(super) fn read<R: Read>(
    reader: &mut Reader<R>,
    mapper: &Mapper,
    mut each: impl FnMut(&mut Row, bool, u64) -> Result<(), Stop>,
) -> Result<(), Stop> {
    thread::scope(|scope| {
        let mut checker = Checker::start(scope, mapper);
        let (mut batch, mut ended) = (Batch::default(), false);
        while !ended {
            ended = !batch.fill(reader)?;
            checker.check(batch);
            // Some room for the next batch, and at the end for none.
            batch = Batch::default();
            while let Some(mut done) = checker.next(if ended { 0 } else { MOST }) {
                for (row, good) in done.rows[..done.len].iter_mut().zip(&done.good) {
                    each(row, *good, reader.position())?;
                }
                batch = done.empty();
            }
        }
        Ok(())
    })
}

/// Some rows that follow each other.
#[derive(Default)]
struct Batch {
    /// Those behind the first `len` are there to be read into.
    rows: Vec<Row>,
    len: usize,
    bytes: usize,
    good: Vec<bool>,
}

impl Batch {
    /// Reads rows; `false` at the end of the file.
    fn fill<R: Read>(&mut self, reader: &mut Reader<R>) -> Result<bool, Stop> {
        while self.len < ROWS && self.bytes < BYTES {
            if self.len == self.rows.len() {
                self.rows.push(Row::default());
            }
            let row = &mut self.rows[self.len];
            if !reader.read(row)? {
                return Ok(false);
            }
            self.bytes += row.raw().len();
            self.len += 1;
        }
        Ok(true)
    }

    fn check(&mut self, mapper: &Mapper) {
        let good = |row: &Row| row.problems.is_empty() && mapper.key(row).is_some() && is_good(mapper, row);
        self.good.extend(self.rows[..self.len].iter().map(good));
    }

    /// To be filled once more; what had to grow for long rows is given back.
    fn empty(mut self) -> Batch {
        if self.bytes > BYTES {
            return Batch::default();
        }
        (self.len, self.bytes) = (0, 0);
        self.good.clear();
        self
    }
}

/// Batches on their way, in their order.
struct Checker<'scope, 'm> {
    mapper: &'m Mapper,
    /// `None` for one that the other thread has.
    batches: VecDeque<Option<Batch>>,
    other: Option<Other<'scope>>,
}

/// The thread that only checks.
struct Other<'scope> {
    give: SyncSender<Batch>,
    take: Receiver<Batch>,
    thread: ScopedJoinHandle<'scope, ()>,
}

impl<'scope, 'm: 'scope> Checker<'scope, 'm> {
    /// Where there can be no other thread, the one that reads checks all.
    fn start(scope: &'scope Scope<'scope, '_>, mapper: &'m Mapper) -> Checker<'scope, 'm> {
        let (give, given) = sync_channel::<Batch>(WAITING);
        let (done, take) = channel();
        let work = move || {
            for mut batch in given {
                batch.check(mapper);
                if done.send(batch).is_err() {
                    return;
                }
            }
        };
        let thread = thread::Builder::new().name("checks".to_owned()).spawn_scoped(scope, work).ok();
        let other = thread.map(|thread| Other { give, take, thread });
        Checker { mapper, batches: VecDeque::new(), other }
    }

    fn check(&mut self, batch: Batch) {
        let mut own = match &self.other {
            None => batch,
            Some(other) => match other.give.try_send(batch) {
                Ok(()) => return self.batches.push_back(None),
                Err(TrySendError::Full(batch) | TrySendError::Disconnected(batch)) => batch,
            },
        };
        own.check(self.mapper);
        self.batches.push_back(Some(own));
    }

    /// The next batch that is checked, while more than `most` are on their way or it need not be waited for.
    fn next(&mut self, most: usize) -> Option<Batch> {
        if self.batches.len() <= most && !matches!(self.batches.front(), Some(Some(_))) {
            return None;
        }
        Some(self.batches.pop_front()?.unwrap_or_else(|| self.taken()))
    }

    /// The next batch of the other thread.
    fn taken(&mut self) -> Batch {
        if let Some(batch) = self.other.as_ref().and_then(|other| other.take.recv().ok()) {
            return batch;
        }
        // It has panicked, or there would be a batch.
        let told = self.other.take().and_then(|other| other.thread.join().err());
        resume_unwind(told.unwrap_or_else(|| Box::new("rows were lost between two threads")))
    }
}
