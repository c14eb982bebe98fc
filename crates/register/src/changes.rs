//! A change set: what an import would do, on scratch files, in the order of the keys.
//!
//! A new record is a reference to its row in the spool, or carries its values when it is made of several rows; a changed one carries the record's version and the old and new
//! values. Problems lie beside, in the order of the file's lines.

use std::io;

use erpfile::{Problem, RecordParser, Row};
use serde::{Deserialize, Serialize};

use crate::counts::Counts;
use crate::frames::{Pieces, ScratchResult};
use crate::job::{Job, Spool, Stop};
use crate::layout::Layout;
use crate::mapping::Mapper;

/// What an import would do to a register, as it was when the file was compared with it.
pub struct ChangeSet {
    /// How many rows there are of each kind.
    pub counts: Counts,
    /// Records that a full export did not mention and that are deactivated therefore.
    pub deactivated: u64,
    /// Records that a full export did not mention and that are only told of.
    pub listed: u64,
    /// What the checks of the format found in rows that are taken.
    pub warnings: u64,
    /// Tells what would be done from what else could be done: equal for two comparisons that come to the same changes.
    pub digest: u128,
    /// What the trailer of the file has proved; `None` when the format has none.
    pub trailer: Option<String>,
    /// Where the first row lies.
    pub(crate) first: Option<Place>,
    /// The names of the columns.
    pub(crate) header: Vec<String>,
    /// The least that must stand above rows of the file.
    pub(crate) least_head: Vec<u8>,
    /// The next id of the register when it was compared, where keys that differ can be the same.
    pub(crate) newest: Option<i64>,
    /// What the columns of the file are like.
    pub layout: Layout,
    pub(crate) changes: Pieces,
    pub(crate) problems: Pieces,
    pub(crate) mapper: Mapper,
    pub(crate) parser: RecordParser,
}

impl std::fmt::Debug for ChangeSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChangeSet").field("counts", &self.counts).finish_non_exhaustive()
    }
}

/// A change as people look at it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    /// The line of the file; `None` for a record that the file does not mention.
    pub line: Option<u64>,
    /// The record's key.
    pub number: String,
    /// Whether the record is new.
    pub kind: PreviewKind,
    /// The fields that change: name, old value, new value; for a new record all that are given.
    pub changes: Vec<(String, Option<String>, Option<String>)>,
}

/// What happens to a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PreviewKind {
    /// It is new.
    Created,
    /// Some of its fields change.
    Updated,
    /// A full export does not mention it: it is marked inactive.
    Deactivated,
}

impl ChangeSet {
    /// The first `limit` changes of each kind, all in the order of the keys. `job` is the one that was compared.
    ///
    /// # Errors
    /// [`Stop::Io`] when the spool cannot be read, [`Stop::Scratch`] when a scratch file cannot.
    pub fn preview(&self, job: &Job<'_>, limit: usize) -> Result<Vec<Preview>, Stop> {
        let mut reader = self.changes.reader();
        let mut rows = Rows::new(job.spool, self.parser.clone());
        let mut previews = Vec::new();
        // So many of each kind are wanted still: a few changed records must not drown in a million new ones.
        let mut wanted = [limit; 3];
        while wanted != [0; 3]
            && let Some(piece) = reader.next()?
        {
            let change = Change::read(piece)?;
            let left = match change.kind {
                ChangeKind::Created => &mut wanted[0],
                ChangeKind::Updated => &mut wanted[1],
                ChangeKind::Deactivated => &mut wanted[2],
                ChangeKind::Marked => continue,
            };
            if *left == 0 {
                continue;
            }
            *left -= 1;
            let name = |at: usize| self.mapper.register.fields[at].name.to_owned();
            let owned = |value: Option<&str>| value.map(str::to_owned);
            let (kind, changes) = match change.kind {
                ChangeKind::Marked => continue,
                ChangeKind::Updated | ChangeKind::Deactivated => (
                    if change.kind == ChangeKind::Updated {
                        PreviewKind::Updated
                    } else {
                        PreviewKind::Deactivated
                    },
                    change.fields.iter().map(|&(at, old, new)| (name(at), owned(old), owned(new))).collect(),
                ),
                ChangeKind::Created if !change.fields.is_empty() => {
                    let given = change.fields.iter().filter(|(_, _, new)| new.is_some());
                    (PreviewKind::Created, given.map(|&(at, _, new)| (name(at), None, owned(new))).collect())
                }
                ChangeKind::Created => {
                    let row = rows.parse(change.place)?;
                    let given = self.mapper.read(row, &mut Vec::new());
                    let given = given.into_iter().filter(|(_, value)| value.is_some());
                    (
                        PreviewKind::Created,
                        given.map(|(at, new)| (name(at), None, owned(new.as_deref()))).collect(),
                    )
                }
            };
            let line = Some(change.place.line).filter(|line| *line > 0);
            previews.push(Preview { line, number: change.key.to_owned(), kind, changes });
        }
        Ok(previews)
    }

    /// Calls `f` with every problem, in the order of the lines, and the bytes of its row as they stand in the file.
    /// `job` is the one that was compared.
    ///
    /// # Errors
    /// [`Stop::Io`] when the spool cannot be read, [`Stop::Scratch`] when a scratch file cannot.
    pub fn problems(&self, job: &Job<'_>, f: &mut dyn FnMut(&Problem, &[u8])) -> Result<(), Stop> {
        self.try_problems(job, |problem, raw| {
            f(problem, raw);
            Ok(())
        })
    }

    pub(crate) fn try_problems(
        &self,
        job: &Job<'_>,
        mut f: impl FnMut(&Problem, &[u8]) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        let mut reader = self.problems.reader();
        let mut source = Source::new(job.spool);
        while let Some(piece) = reader.next()? {
            let (place, problem) = read_problem(piece)?;
            f(&problem, source.raw(place)?)?;
        }
        Ok(())
    }
}

/// Where a row lies in the spool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) line: u64,
    pub(crate) offset: u64,
    pub(crate) length: u32,
}

impl Place {
    pub(crate) const SIZE: usize = 20;
    /// Of what does not stand in the file.
    pub(crate) const NONE: Place = Place { line: 0, offset: 0, length: 0 };

    pub(crate) fn of(row: &Row) -> Result<Place, Stop> {
        let length = u32::try_from(row.raw().len()).map_err(|_| io::Error::other("a row of over 4 GiB"))?;
        Ok(Place { line: row.line, offset: row.offset, length })
    }

    pub(crate) fn write(self) -> [u8; Place::SIZE] {
        let mut out = [0; Place::SIZE];
        out[..8].copy_from_slice(&self.line.to_le_bytes());
        out[8..16].copy_from_slice(&self.offset.to_le_bytes());
        out[16..].copy_from_slice(&self.length.to_le_bytes());
        out
    }

    pub(crate) fn read(from: &mut Bytes<'_>) -> io::Result<Place> {
        Ok(Place { line: from.u64()?, offset: from.u64()?, length: from.u32()? })
    }
}

/// The fingerprint of a row's bytes under one format.
pub(crate) type Mark = [u8; 16];

/// What happens to one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChangeKind {
    Created,
    Updated,
    /// Nothing changes but the fingerprint of the row that it was last imported from.
    Marked,
    /// The file does not mention it, and it is marked inactive. It has no place in the file.
    Deactivated,
}

/// One entry of a change set.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Change<'p> {
    pub(crate) kind: ChangeKind,
    pub(crate) place: Place,
    pub(crate) mark: Mark,
    pub(crate) key: &'p str,
    /// The record and the version that it was compared in; 0 for a new one.
    pub(crate) id: i64,
    pub(crate) version: i64,
    /// The places of the fields that change, with old and new values; of a new record only when it is made of several
    /// rows.
    pub(crate) fields: Vec<(usize, Option<&'p str>, Option<&'p str>)>,
}

impl<'p> Change<'p> {
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.clear();
        out.push(match self.kind {
            ChangeKind::Created => 0,
            ChangeKind::Updated => 1,
            ChangeKind::Marked => 2,
            ChangeKind::Deactivated => 3,
        });
        out.extend_from_slice(&self.place.write());
        out.extend_from_slice(&self.mark);
        write_text(Some(self.key), out);
        out.extend_from_slice(&self.id.to_le_bytes());
        out.extend_from_slice(&self.version.to_le_bytes());
        for &(at, old, new) in &self.fields {
            out.extend_from_slice(&(at as u64).to_le_bytes());
            write_text(old, out);
            write_text(new, out);
        }
    }

    /// What tells this change from another: what is done to which record, and not what it was compared with.
    pub(crate) fn told(&self, out: &mut Vec<u8>) {
        Change { place: Place::NONE, id: 0, version: 0, fields: self.fields.clone(), ..*self }.write(out);
    }

    pub(crate) fn read(piece: &'p [u8]) -> ScratchResult<Change<'p>> {
        let mut bytes = Bytes(piece);
        let kind = match bytes.take(1)? {
            [0] => ChangeKind::Created,
            [1] => ChangeKind::Updated,
            [3] => ChangeKind::Deactivated,
            _ => ChangeKind::Marked,
        };
        let mut change = Change {
            kind,
            place: Place::read(&mut bytes)?,
            mark: bytes.array()?,
            key: bytes.text()?.unwrap_or_default(),
            id: i64::from_le_bytes(bytes.array()?),
            version: i64::from_le_bytes(bytes.array()?),
            fields: Vec::new(),
        };
        while !bytes.0.is_empty() {
            let at = usize::try_from(bytes.u64()?).map_err(io::Error::other)?;
            change.fields.push((at, bytes.text()?, bytes.text()?));
        }
        Ok(change)
    }
}

/// A problem and where its row lies, as one payload of a sorter.
pub(crate) fn write_problem(place: Place, problem: &Problem) -> ScratchResult<Vec<u8>> {
    let mut out = place.write().to_vec();
    serde_json::to_writer(&mut out, problem).map_err(io::Error::from)?;
    Ok(out)
}

fn read_problem(piece: &[u8]) -> ScratchResult<(Place, Problem)> {
    let mut bytes = Bytes(piece);
    let place = Place::read(&mut bytes)?;
    Ok((place, serde_json::from_slice(bytes.0).map_err(io::Error::from)?))
}

fn write_text(text: Option<&str>, out: &mut Vec<u8>) {
    // No text is as long as u32::MAX: a file's record is bounded far below.
    let length = text.map_or(u32::MAX, |text| u32::try_from(text.len()).unwrap_or(u32::MAX - 1));
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(text.unwrap_or_default().as_bytes());
}

/// Takes values off the front of a piece.
pub(crate) struct Bytes<'p>(pub(crate) &'p [u8]);

impl<'p> Bytes<'p> {
    pub(crate) fn take(&mut self, count: usize) -> io::Result<&'p [u8]> {
        let (front, rest) = self.0.split_at_checked(count).ok_or(io::ErrorKind::UnexpectedEof)?;
        self.0 = rest;
        Ok(front)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut out = [0; N];
        out.copy_from_slice(self.take(N)?);
        Ok(out)
    }

    pub(crate) fn u64(&mut self) -> io::Result<u64> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    pub(crate) fn u32(&mut self) -> io::Result<u32> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    fn text(&mut self) -> io::Result<Option<&'p str>> {
        match self.u32()? {
            u32::MAX => Ok(None),
            length => std::str::from_utf8(self.take(length as usize)?).map(Some).map_err(io::Error::other),
        }
    }
}

/// Bytes of the spool read ahead when rows are asked for in the order of the file.
const READ_AHEAD: usize = 256 << 10;

/// Rows of the spool by their place.
pub(crate) struct Source<'s> {
    spool: &'s dyn Spool,
    window: Vec<u8>,
    start: u64,
}

impl<'s> Source<'s> {
    pub(crate) fn new(spool: &'s dyn Spool) -> Source<'s> {
        Source { spool, window: Vec::new(), start: 0 }
    }

    pub(crate) fn raw(&mut self, place: Place) -> io::Result<&[u8]> {
        let length = place.length as usize;
        let end = self.start + self.window.len() as u64;
        if place.offset < self.start || place.offset + u64::from(place.length) > end {
            // Reading ahead pays only where the next row is near: in a file sorted by its key.
            let near = place.offset >= self.start && place.offset < end + READ_AHEAD as u64;
            let left = usize::try_from(self.spool.len().saturating_sub(place.offset)).unwrap_or(usize::MAX);
            let size = if near { length.max(READ_AHEAD) } else { length.max(4096) }.min(left.max(length));
            self.window.resize(size, 0);
            self.start = place.offset;
            if let Err(error) = self.spool.read_at(place.offset, &mut self.window) {
                self.window.clear();
                return Err(error);
            }
        }
        let from = usize::try_from(place.offset - self.start).unwrap_or(usize::MAX);
        Ok(&self.window[from..from + length])
    }
}

/// Rows of the spool by their place, parsed again.
pub(crate) struct Rows<'s> {
    source: Source<'s>,
    parser: RecordParser,
    row: Row,
}

impl<'s> Rows<'s> {
    pub(crate) fn new(spool: &'s dyn Spool, parser: RecordParser) -> Rows<'s> {
        Rows { source: Source::new(spool), parser, row: Row::default() }
    }

    /// The row as it was read the first time.
    pub(crate) fn parse(&mut self, place: Place) -> Result<&Row, Stop> {
        let raw = self.source.raw(place)?;
        self.parser.parse(raw, place.line, &mut self.row).map_err(|damage| Stop::Damage(damage.0))?;
        Ok(&self.row)
    }
}
