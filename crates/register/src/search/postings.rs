//! Which records have which word, gathered record by record and told word by word.
//!
//! Words gather in a table of a fixed size, each with the records that have it; a full table is written to a scratch file
//! in the order of the words, as a run, and the runs are merged while they are read.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::io;

use hashbrown::HashTable;
use xxhash_rust::xxh3::xxh3_64;

use crate::frames::{Pieces, Scratch, ScratchResult, Window, Writer};

/// Memory for gathering, roughly: as much as the processor's caches hold, since each word is looked for in all of it. With
/// eight times as much, a first load takes longer.
const MEMORY: usize = 2 << 20;

/// Memory for reading runs while they are merged, shared by all of them.
const MERGE_BUFFER: usize = 4 << 20;

/// What a word costs in memory besides its letters: its entry, and its place in the table.
const ENTRY: usize = size_of::<Entry>() + 12;

/// Gathers words.
pub(super) struct Postings<'s> {
    writer: Writer<'s>,
    runs: Vec<(u64, u64)>,
    /// The most bytes held in memory, roughly.
    most: usize,
    /// Where the words are among the entries.
    table: HashTable<u32>,
    entries: Vec<Entry>,
    /// The letters of all words.
    letters: Vec<u8>,
    /// Bytes of the lists.
    listed: usize,
}

/// A word and the records that have it.
struct Entry {
    start: u32,
    end: u32,
    first: u64,
    last: u64,
    /// The records behind the first, each as its distance from the one before it. Most words are numbers that one record
    /// has, and need none.
    more: Vec<u8>,
}

impl Entry {
    fn word<'l>(&self, letters: &'l [u8]) -> &'l [u8] {
        &letters[self.start as usize..self.end as usize]
    }
}

impl<'s> Postings<'s> {
    pub(super) fn new(scratch: &'s dyn Scratch) -> Postings<'s> {
        Postings::within(scratch, MEMORY)
    }

    /// With at most so many bytes in memory, roughly.
    pub(super) fn within(scratch: &'s dyn Scratch, most: usize) -> Postings<'s> {
        Postings {
            writer: Writer::new(scratch),
            runs: Vec::new(),
            most,
            table: HashTable::new(),
            entries: Vec::new(),
            letters: Vec::new(),
            listed: 0,
        }
    }

    /// The record `id` has the words of `line`, each behind a blank. Records come in the order of their ids.
    pub(super) fn add(&mut self, id: u64, line: &str) -> ScratchResult<()> {
        for word in line.split(' ').filter(|word| !word.is_empty()) {
            self.word(id, word.as_bytes())?;
        }
        let held = self.entries.len() * ENTRY + self.letters.len() + self.listed;
        if held > self.most { self.spill() } else { Ok(()) }
    }

    fn word(&mut self, id: u64, word: &[u8]) -> ScratchResult<()> {
        let hash = xxh3_64(word);
        let Postings { table, entries, letters, .. } = self;
        if let Some(&at) = table.find(hash, |&at| entries[at as usize].word(letters) == word) {
            let entry = &mut entries[at as usize];
            if entry.last != id {
                let before = entry.more.capacity();
                write_number(id - entry.last, &mut entry.more);
                self.listed += entry.more.capacity() - before;
                entry.last = id;
            }
            return Ok(());
        }
        let position = |at: usize| u32::try_from(at).map_err(|_| io::Error::other("words of over 4 GiB"));
        let (start, at) = (position(letters.len())?, position(entries.len())?);
        letters.extend_from_slice(word);
        entries.push(Entry { start, end: position(letters.len())?, first: id, last: id, more: Vec::new() });
        table.insert_unique(hash, at, |&at| xxh3_64(entries[at as usize].word(letters)));
        Ok(())
    }

    /// Writes what is in memory as a run.
    fn spill(&mut self) -> ScratchResult<()> {
        let letters = &self.letters;
        // The beginning of a word decides nearly every comparison.
        let mut order: Vec<(u64, u32)> = Vec::with_capacity(self.entries.len());
        order.extend((0..).zip(&self.entries).map(|(at, entry)| (prefix(entry.word(letters)), at)));
        let word = |at: u32| self.entries[at as usize].word(letters);
        order.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| word(a.1).cmp(word(b.1))));
        let start = self.writer.position();
        for (_, at) in order {
            let Entry { first, more, .. } = &self.entries[at as usize];
            let length = (word(at).len() as u32).to_le_bytes();
            self.writer.push(&[&length, word(at), &first.to_le_bytes(), more])?;
        }
        self.runs.push((start, self.writer.position()));
        self.table.clear();
        self.entries.clear();
        self.letters.clear();
        self.listed = 0;
        Ok(())
    }

    /// Ends the gathering; the words can then be read in order.
    pub(super) fn finish(mut self) -> ScratchResult<Words> {
        if !self.entries.is_empty() {
            self.spill()?;
        }
        drop((self.table, self.entries, self.letters));
        let window = (MERGE_BUFFER / self.runs.len().max(1)).clamp(4 << 10, 256 << 10);
        let pieces = self.writer.finish()?;
        let mut runs = BinaryHeap::with_capacity(self.runs.len());
        for (number, (start, end)) in self.runs.into_iter().enumerate() {
            let mut run =
                Run { number, window: Window::new(start, end, window), entry: Vec::new(), prefix: 0 };
            if run.advance(&pieces)? {
                runs.push(run);
            }
        }
        Ok(Words { pieces, runs, word: Vec::new() })
    }
}

/// Words in the order of their bytes.
pub(super) struct Words {
    pieces: Pieces,
    /// Those that are not at their end, by their current entry.
    runs: BinaryHeap<Run>,
    word: Vec<u8>,
}

impl Words {
    /// Calls `begin` with the next word, and then `each` with every record that has it, in order; `false` when there is
    /// no further word.
    pub(super) fn next<S, E: From<crate::frames::ScratchError>>(
        &mut self,
        to: &mut S,
        begin: impl FnOnce(&mut S, &[u8]) -> Result<(), E>,
        mut each: impl FnMut(&mut S, u64) -> Result<(), E>,
    ) -> Result<bool, E> {
        let Words { pieces, runs, word } = self;
        let Some(first) = runs.peek() else { return Ok(false) };
        word.clear();
        word.extend_from_slice(first.word());
        begin(to, word)?;
        // A later run has later records.
        while let Some(mut run) = runs.peek_mut()
            && run.word() == word
        {
            run.records(|id| each(to, id))?;
            if !run.advance(pieces)? {
                PeekMut::pop(run);
            }
        }
        Ok(true)
    }
}

/// A run and its current entry.
struct Run {
    number: usize,
    window: Window,
    entry: Vec<u8>,
    prefix: u64,
}

impl Run {
    fn advance(&mut self, pieces: &Pieces) -> ScratchResult<bool> {
        let Some(entry) = self.window.next(pieces)? else { return Ok(false) };
        self.entry.clear();
        self.entry.extend_from_slice(entry);
        self.prefix = prefix(self.word());
        Ok(true)
    }

    fn parts(&self) -> (&[u8], &[u8]) {
        let (length, rest) = self.entry.split_at(size_of::<u32>());
        rest.split_at(u32::from_le_bytes(length.try_into().unwrap_or_default()) as usize)
    }

    fn word(&self) -> &[u8] {
        self.parts().0
    }

    fn records<E>(&self, mut each: impl FnMut(u64) -> Result<(), E>) -> Result<(), E> {
        let (first, mut more) = self.parts().1.split_at(size_of::<u64>());
        let mut id = u64::from_le_bytes(first.try_into().unwrap_or_default());
        each(id)?;
        while let Some(step) = read_number(&mut more) {
            id += step;
            each(id)?;
        }
        Ok(())
    }
}

/// The run whose word comes first is the greatest; of equal words, that of the earlier run.
impl Ord for Run {
    fn cmp(&self, other: &Run) -> Ordering {
        (other.prefix, other.word(), other.number).cmp(&(self.prefix, self.word(), self.number))
    }
}

impl PartialOrd for Run {
    fn partial_cmp(&self, other: &Run) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Run {
    fn eq(&self, other: &Run) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Run {}

fn prefix(word: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    let length = word.len().min(8);
    bytes[..length].copy_from_slice(&word[..length]);
    u64::from_be_bytes(bytes)
}

/// Appends a number, seven bits a byte, the lowest first.
fn write_number(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn read_number(bytes: &mut &[u8]) -> Option<u64> {
    let (mut number, mut shift) = (0, 0);
    loop {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(number);
        }
        shift += 7;
    }
}
