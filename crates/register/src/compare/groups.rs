//! The rows of a file by their key: nearly always one, but a broken export can have millions under the same.

use std::io;

use super::fingerprint::is_same_row;
use crate::changes::{Bytes, Mark, Place};
use crate::frames::{Pieces, Scratch, ScratchResult, Writer};
use crate::job::Stop;
use crate::sorted::Sorted;

/// Rows of a group that are held in memory; further ones lie on a scratch file.
const HELD: usize = 64;

/// Lines that a complaint about repeated keys names.
const NAMED: usize = 5;

/// A row as it goes through the sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) place: Place,
    pub(super) mark: Mark,
    /// Whether all its cells are known to be good.
    pub(super) checked: bool,
}

impl Entry {
    pub(super) fn write(&self) -> [u8; Place::SIZE + 17] {
        let mut out = [0; Place::SIZE + 17];
        out[..Place::SIZE].copy_from_slice(&self.place.write());
        out[Place::SIZE..Place::SIZE + 16].copy_from_slice(&self.mark);
        out[Place::SIZE + 16] = u8::from(self.checked);
        out
    }

    fn read(bytes: &[u8]) -> ScratchResult<Entry> {
        let mut bytes = Bytes(bytes);
        Ok(Entry { place: Place::read(&mut bytes)?, mark: bytes.array()?, checked: bytes.take(1)? == [1] })
    }
}

/// Walks the sorted rows a key at a time.
pub(super) struct Groups<'s> {
    sorted: Sorted,
    scratch: &'s dyn Scratch,
    left: u64,
    /// The first row of the next group, read already.
    ahead: Option<Entry>,
    ahead_key: String,
    group: Group,
}

impl<'s> Groups<'s> {
    /// `sorted` has `len` entries.
    pub(super) fn new(sorted: Sorted, len: u64, scratch: &'s dyn Scratch) -> Groups<'s> {
        Groups { sorted, scratch, left: len, ahead: None, ahead_key: String::new(), group: Group::default() }
    }

    /// The number of rows in all groups.
    pub(super) fn len(&self) -> u64 {
        self.left
    }

    /// The group that [`Groups::advance`] came to.
    pub(super) fn current(&self) -> &Group {
        &self.group
    }

    /// Goes to the next group; whether there is one.
    pub(super) fn advance(&mut self) -> Result<bool, Stop> {
        let group = &mut self.group;
        group.begin();
        match self.ahead.take() {
            Some(entry) => {
                std::mem::swap(&mut group.key, &mut self.ahead_key);
                group.add(entry);
            }
            None => match self.sorted.next()? {
                None => return Ok(false),
                Some((key, payload)) => {
                    set(&mut group.key, key)?;
                    group.add(Entry::read(payload)?);
                }
            },
        }
        let mut rest = None;
        while let Some((key, payload)) = self.sorted.next()? {
            let entry = Entry::read(payload)?;
            if key != group.key.as_bytes() {
                set(&mut self.ahead_key, key)?;
                self.ahead = Some(entry);
                break;
            }
            if !group.add(entry) {
                let writer: &mut Writer<'_> = rest.get_or_insert_with(|| Writer::new(self.scratch));
                writer.push(&[&entry.write()])?;
            }
        }
        group.rest = rest.map(Writer::finish).transpose()?;
        Ok(true)
    }
}

fn set(text: &mut String, bytes: &[u8]) -> ScratchResult<()> {
    text.clear();
    text.push_str(std::str::from_utf8(bytes).map_err(io::Error::other)?);
    Ok(())
}

/// The rows with one key, in the order of their lines.
#[derive(Default)]
pub(super) struct Group {
    key: String,
    held: Vec<Entry>,
    rest: Option<Pieces>,
    last: Option<Entry>,
    len: u64,
    alike: bool,
}

impl Group {
    fn begin(&mut self) {
        self.held.clear();
        self.rest = None;
        self.len = 0;
        self.alike = true;
    }

    /// Adds a row; whether it found room in memory.
    fn add(&mut self, entry: Entry) -> bool {
        self.len += 1;
        self.last = Some(entry);
        self.alike &= self.held.first().is_none_or(|first| is_same_row(first.mark, entry.mark));
        let room = self.held.len() < HELD;
        if room {
            self.held.push(entry);
        }
        room
    }

    pub(super) fn key(&self) -> &str {
        &self.key
    }

    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// Whether all rows are the same, byte for byte.
    pub(super) fn alike(&self) -> bool {
        self.alike
    }

    pub(super) fn first(&self) -> &Entry {
        &self.held[0]
    }

    pub(super) fn last(&self) -> &Entry {
        self.last.as_ref().unwrap_or(&self.held[0])
    }

    /// Calls `f` with every row.
    pub(super) fn each(&self, mut f: impl FnMut(&Entry) -> Result<(), Stop>) -> Result<(), Stop> {
        self.held.iter().try_for_each(&mut f)?;
        if let Some(rest) = &self.rest {
            let mut reader = rest.reader();
            while let Some(piece) = reader.next()? {
                f(&Entry::read(piece)?)?;
            }
        }
        Ok(())
    }

    /// Some of the lines besides `line`, the first of the group.
    pub(super) fn lines_beside(&self, line: u64) -> Vec<u64> {
        let lines = self.held.iter().map(|entry| entry.place.line);
        lines.filter(|other| *other != line).take(NAMED).collect()
    }
}
