//! Files that cannot be read as they lie: compressed ones are unpacked, and the records of workbooks and documents are
//! written line by line, onto scratch files.

use std::cell::{Cell, RefCell};
use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, Read, Seek, SeekFrom, Write};
use std::ops::ControlFlow;

use erpfile::{Format, Limits, StageError};

use crate::frames::{self, Scratch};
use crate::job::{Phase, Progress, Report, Spool, Stop};

/// Bytes gathered before they are written.
const BUFFER: usize = 128 << 10;

/// Bytes between two reports.
const EVERY: u64 = 1 << 20;

/// A file as it can be read record by record.
pub enum Prepared<'a> {
    /// As it lies.
    AsItIs(&'a dyn Spool),
    /// What was made of it.
    Anew(Anew),
}

/// A scratch file with what was made of a file.
pub struct Anew {
    file: File,
    len: u64,
}

impl Anew {
    /// A scratch file that was written.
    ///
    /// # Errors
    /// When nothing can be known of it.
    pub(crate) fn new(file: File) -> io::Result<Anew> {
        let len = file.metadata()?.len();
        Ok(Anew { file, len })
    }
}

impl Prepared<'_> {
    /// What is read.
    pub fn spool(&self) -> &dyn Spool {
        match self {
            Prepared::AsItIs(spool) => *spool,
            Prepared::Anew(anew) => anew,
        }
    }
}

/// Prepares a file for being read by `format`, which takes as long as reading it where it must be written anew.
///
/// # Errors
/// [`Stop::Damage`] when the file cannot be read, [`Stop::Cancelled`] when `report` breaks, [`Stop::Io`] and
/// [`Stop::Scratch`] when it or a scratch file fails.
pub fn prepare<'a>(
    spool: &'a dyn Spool,
    format: &Format,
    limits: Limits,
    scratch: &dyn Scratch,
    report: Report<'_>,
) -> Result<Prepared<'a>, Stop> {
    limits.check_file(spool.len()).map_err(|damage| Stop::Damage(damage.0))?;
    let mut head = [0; erpfile::PACKED_HEAD];
    let known = usize::try_from(spool.len()).map_or(head.len(), |len| len.min(head.len()));
    spool.read_at(0, &mut head[..known])?;
    let report = Telling { report: RefCell::new(report), cancelled: false.into() };
    let mut prepared = Prepared::AsItIs(spool);
    if erpfile::is_packed(&head[..known], format.layout) {
        let source = Cursor::new(spool, &report);
        prepared = anew(scratch, &report, |out| erpfile::unpack(source, limits, out))?;
    }
    if erpfile::is_staged(format.layout) {
        let source = Cursor::new(prepared.spool(), &report);
        prepared = anew(scratch, &report, |out| erpfile::stage(source, format, limits, out))?;
    }
    Ok(prepared)
}

fn anew<'a>(
    scratch: &dyn Scratch,
    report: &Telling<'_>,
    write: impl FnOnce(&mut dyn Write) -> Result<(), StageError>,
) -> Result<Prepared<'a>, Stop> {
    let mut out = BufWriter::with_capacity(BUFFER, scratch.file().map_err(Stop::Scratch)?);
    match write(&mut out) {
        _ if report.cancelled.get() => return Err(Stop::Cancelled),
        Ok(()) => {}
        Err(StageError::Read(error)) => return Err(error.into()),
        Err(StageError::Write(error)) => return Err(Stop::Scratch(error)),
    }
    let file = out.into_inner().map_err(|error| Stop::Scratch(error.into_error()))?;
    Ok(Prepared::Anew(Anew::new(file).map_err(Stop::Scratch)?))
}

/// Tells how far the preparation has come, from within whatever reads the file.
struct Telling<'a> {
    report: RefCell<Report<'a>>,
    cancelled: Cell<bool>,
}

impl Telling<'_> {
    /// Told after each piece; an error when the work is to end.
    fn at(&self, done: u64, total: u64) -> io::Result<()> {
        let progress = Progress { phase: Phase::Preparing, done: done.min(total), total };
        match (self.report.borrow_mut())(progress) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => {
                self.cancelled.set(true);
                Err(io::Error::other("cancelled"))
            }
        }
    }
}

impl Spool for Anew {
    fn reader(&self) -> io::Result<Box<dyn Read + Send + '_>> {
        Ok(Box::new(FromStart { anew: self, at: 0 }))
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<()> {
        frames::read_exact_at(&self.file, buf, offset)
    }

    fn len(&self) -> u64 {
        self.len
    }
}

/// Reads what was made of a file from its start.
struct FromStart<'a> {
    anew: &'a Anew,
    at: u64,
}

impl Read for FromStart<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        read_next(self.anew, &mut self.at, into)
    }
}

/// Reads on in a spool from `at`.
fn read_next(spool: &dyn Spool, at: &mut u64, into: &mut [u8]) -> io::Result<usize> {
    let left = usize::try_from(spool.len().saturating_sub(*at)).unwrap_or(usize::MAX);
    let count = into.len().min(left);
    spool.read_at(*at, &mut into[..count])?;
    *at += count as u64;
    Ok(count)
}

/// Reads a spool from any place, and tells how far that has come.
struct Cursor<'a> {
    spool: &'a dyn Spool,
    at: u64,
    told: u64,
    report: &'a Telling<'a>,
}

impl<'a> Cursor<'a> {
    fn new(spool: &'a dyn Spool, report: &'a Telling<'a>) -> Cursor<'a> {
        Cursor { spool, at: 0, told: 0, report }
    }
}

impl Read for Cursor<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.at.abs_diff(self.told) >= EVERY {
            self.told = self.at;
            self.report.at(self.at, self.spool.len())?;
        }
        read_next(self.spool, &mut self.at, into)
    }
}

impl Seek for Cursor<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.spool.len().checked_add_signed(by),
        };
        self.at = at.ok_or(ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}
