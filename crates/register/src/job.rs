//! What an import works on, and how it tells of itself.

use std::io::{self, ErrorKind, Read};
use std::ops::ControlFlow;

use erpfile::{Format, Limits, Problem, ReadError};

use crate::Register;
use crate::db::DbError;
pub use crate::frames::Scratch;
use crate::frames::ScratchError;

/// The private copy of a file: the only thing that is read, as often as needed.
pub trait Spool: Send + Sync {
    /// Reads it from the beginning.
    ///
    /// # Errors
    /// Whatever keeps it from being read.
    fn reader(&self) -> io::Result<Box<dyn Read + Send + '_>>;

    /// Fills `buf` with the bytes from `offset` on.
    ///
    /// # Errors
    /// [`io::ErrorKind::UnexpectedEof`] when there are fewer.
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<()>;

    /// The number of bytes.
    fn len(&self) -> u64;

    /// Whether there is no byte.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Bytes in memory, for small uploads and tests.
impl Spool for Vec<u8> {
    fn reader(&self) -> io::Result<Box<dyn Read + Send + '_>> {
        Ok(Box::new(self.as_slice()))
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<()> {
        let start = usize::try_from(offset).unwrap_or(usize::MAX);
        let wanted = start.checked_add(buf.len()).and_then(|end| self.get(start..end));
        buf.copy_from_slice(wanted.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn len(&self) -> u64 {
        Vec::len(self) as u64
    }
}

/// One file for one register.
#[derive(Clone, Copy)]
pub struct Job<'a> {
    /// Where its records go.
    pub register: &'static Register,
    /// How it is laid out.
    pub format: &'a Format,
    /// How much it may ask of this machine.
    pub limits: Limits,
    /// Its bytes.
    pub spool: &'a dyn Spool,
    /// Where scratch files come from.
    pub scratch: &'a dyn Scratch,
}

/// What an import is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Unpacking the file, or writing its records line by line; counted in bytes.
    Preparing,
    /// Reading the file; counted in bytes.
    Reading,
    /// Comparing with the register; counted in rows.
    Comparing,
    /// Changing the register; counted in changes.
    Committing,
    /// Taking back what an import changed; counted in changes.
    Undoing,
}

/// How far an import has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What it is doing.
    pub phase: Phase,
    /// How much of that is done.
    pub done: u64,
    /// How much there is to do.
    pub total: u64,
}

/// Hears how far an import has come, every few thousand rows; breaks to cancel it.
pub type Report<'a> = &'a mut dyn FnMut(Progress) -> ControlFlow<()>;

/// Why an import ended before its end; nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Stop {
    /// The structure of the file is damaged, or the format cannot be used: the whole file is refused.
    #[error("{0}")]
    Damage(Box<Problem>),
    /// The report asked for it.
    #[error("cancelled; nothing was changed")]
    Cancelled,
    /// A record was changed by somebody else since the comparison: compare again.
    #[error("the register was changed since the file was compared with it")]
    Stale,
    /// The file could not be read.
    #[error("the private copy of the file cannot be read: {0}")]
    Io(#[from] io::Error),
    /// A scratch file could not be made, written or read: most often the disk is full.
    #[error("{}", scratch_text(.0))]
    Scratch(#[source] io::Error),
    /// The database said no.
    #[error(transparent)]
    Db(#[from] DbError),
}

fn scratch_text(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => format!(
            "the disk that holds the scratch files is full ({error}); nothing was changed; free some space and try again"
        ),
        _ => format!("a scratch file cannot be used: {error}"),
    }
}

impl From<ScratchError> for Stop {
    fn from(error: ScratchError) -> Stop {
        Stop::Scratch(error.0)
    }
}

impl From<ReadError> for Stop {
    fn from(error: ReadError) -> Stop {
        match error {
            ReadError::Damage(damage) => Stop::Damage(damage.0),
            ReadError::Io(error) => Stop::Io(error),
        }
    }
}

/// Rows between two reports.
const EVERY: u64 = 4096;

/// Reports now and then.
pub(crate) struct Ticker<'r, 'a> {
    report: &'r mut Report<'a>,
    phase: Phase,
    total: u64,
    rows: u64,
}

impl<'r, 'a> Ticker<'r, 'a> {
    pub(crate) fn new(report: &'r mut Report<'a>, phase: Phase, total: u64) -> Result<Self, Stop> {
        let mut ticker = Ticker { report, phase, total, rows: 0 };
        ticker.say(0)?;
        Ok(ticker)
    }

    /// A row more is done; `done` is asked for when it is time to report.
    pub(crate) fn row(&mut self, done: impl FnOnce(u64) -> u64) -> Result<(), Stop> {
        self.rows += 1;
        if self.rows.is_multiple_of(EVERY) { self.say(done(self.rows)) } else { Ok(()) }
    }

    /// All is done.
    pub(crate) fn end(mut self) -> Result<(), Stop> {
        self.say(self.total)
    }

    fn say(&mut self, done: u64) -> Result<(), Stop> {
        let progress = Progress { phase: self.phase, done: done.min(self.total), total: self.total };
        match (self.report)(progress) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(Stop::Cancelled),
        }
    }
}
