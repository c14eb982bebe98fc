//! The rows of a file in its order: refused at once, passed over, or laid aside to be sorted by their keys.

use std::io::Read;

use erpfile::{Format, Reader, Repeated, Row, Step};

use super::fingerprint::fingerprint;
use super::groups::Entry;
use super::outcome::Outcome;
use super::seen::{Passed, Seen};
use super::{Means, aside};
use crate::changes::{Mark, Place};
use crate::job::{Job, Stop, Ticker};
use crate::layout::Learning;
use crate::mapping::Mapper;
use crate::sorted::Sorter;

/// See the module.
pub(super) struct Reading<'a> {
    mapper: &'a Mapper,
    format: &'a Format,
    /// That of the rows' fingerprints.
    seed: u64,
    /// Whether every row will be needed, so that it is checked right away.
    check_now: bool,
    /// Whether that is done on another thread.
    aside: bool,
    pub(super) outcome: Outcome<'a>,
    pub(super) entries: Sorter<'a>,
    pub(super) learning: Learning,
    /// Where the first row stands.
    pub(super) first: Option<Place>,
    /// Rows that cannot be read and are refused with the others of their key.
    pub(super) unread: u64,
}

impl<'a> Reading<'a> {
    pub(super) fn new(
        job: &Job<'a>,
        mapper: &'a Mapper,
        means: Means,
        (seed, check_now): (u64, bool),
        learning: Learning,
    ) -> Reading<'a> {
        Reading {
            mapper,
            format: job.format,
            seed,
            check_now,
            aside: check_now && job.spool.len() >= means.aside,
            outcome: Outcome::new(job.scratch, means.problems_memory),
            entries: Sorter::new(job.scratch, means.entries_memory),
            learning,
            first: None,
            unread: 0,
        }
    }

    /// Reads the file to its end; gives what was passed over.
    pub(super) fn read<R: Read>(
        &mut self,
        reader: &mut Reader<R>,
        mut seen: Option<Seen<'_>>,
        ticker: &mut Ticker<'_, '_>,
    ) -> Result<Passed, Stop> {
        if self.aside {
            aside::read(reader, self.mapper, |row, good, position| {
                self.outcome.counts.read += 1;
                ticker.row(|_| position)?;
                self.row(row, None, |_| good)
            })?;
            return Ok(Passed::default());
        }
        let (mapper, check_now) = (self.mapper, self.check_now);
        let mut row = Row::default();
        loop {
            let step = match seen.as_mut().filter(|_| self.first.is_some() && self.learning.is_done()) {
                Some(seen) => reader.read_unless(&mut row, &mut |raw| seen.knows(raw))?,
                None if reader.read(&mut row)? => Step::Row,
                None => Step::End,
            };
            if let Some(seen) = &mut seen {
                seen.check()?;
            }
            if step == Step::End {
                return Ok(seen.map(Seen::passed).unwrap_or_default());
            }
            self.outcome.counts.read += 1;
            ticker.row(|_| reader.position())?;
            match step {
                Step::Known => self.outcome.counts.unchanged += 1,
                _ => self.row(&mut row, seen.as_mut(), |row| check_now && aside::is_good(mapper, row))?,
            }
        }
    }

    /// `is_good` tells of a row that can be read and has a key whether it is known to be good.
    fn row(
        &mut self,
        row: &mut Row,
        seen: Option<&mut Seen<'_>>,
        is_good: impl FnOnce(&Row) -> bool,
    ) -> Result<(), Stop> {
        let place = Place::of(row)?;
        self.first.get_or_insert(place);
        let alone = row.alone && row.notes.is_empty();
        for note in row.notes.drain(..) {
            self.outcome.note(place, &note)?;
        }
        if !row.problems.is_empty() {
            // Where each line is a contact, the other lines of its record have to know of it.
            if let (Repeated::Contacts, Some(key)) = (self.format.repeated, self.mapper.key(row)) {
                self.unread += 1;
                return self.lay_aside(&key, Entry { place, mark: Mark::default(), checked: false });
            }
            return self.outcome.refuse(place, std::mem::take(&mut row.problems));
        }
        self.learning.row(row);
        let Some(key) = self.mapper.key(row) else {
            let mut problems = Vec::new();
            self.mapper.read(row, &mut problems);
            return self.outcome.refuse(place, problems);
        };
        let checked = is_good(row);
        let mark = fingerprint(row.raw(), self.seed, alone);
        if let Some(seen) = seen {
            seen.missed(&key, mark)?;
        }
        self.lay_aside(&key, Entry { place, mark, checked })
    }

    fn lay_aside(&mut self, key: &str, entry: Entry) -> Result<(), Stop> {
        Ok(self.entries.push(self.mapper.matching.fold(key).as_bytes(), &entry.write())?)
    }
}
