//! Sorting more than fits into memory: entries by their key, those with the same key in the order of their arrival.
//!
//! Entries gather in a buffer of a fixed size; a full buffer is sorted and written to a scratch file as a run, and the
//! runs are merged while they are read. What fits into the buffer never touches a file.

use std::io;

use crate::frames::{Pieces, Scratch, ScratchResult, Window, Writer};

/// Memory for reading runs while they are merged, shared by all of them.
const MERGE_BUFFER: usize = 4 << 20;

/// Bytes before the key in an entry.
const HEAD: usize = size_of::<u32>();

/// Gathers entries.
pub(crate) struct Sorter<'s> {
    writer: Writer<'s>,
    /// The most bytes held in memory, roughly.
    most: usize,
    arena: Vec<u8>,
    items: Vec<Item>,
    /// Whether the entries of the buffer came in order, as those of most exports do.
    in_order: bool,
    runs: Vec<(u64, u64)>,
    count: u64,
}

/// Where an entry lies in the arena; the beginning of the key decides nearly every comparison.
#[derive(Clone, Copy)]
pub(crate) struct Item {
    prefix: u64,
    start: u32,
    key: u32,
    end: u32,
}

impl Item {
    fn key(self, arena: &[u8]) -> &[u8] {
        &arena[self.start as usize..self.key as usize]
    }

    fn payload(self, arena: &[u8]) -> &[u8] {
        &arena[self.key as usize..self.end as usize]
    }
}

fn prefix(key: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    let length = key.len().min(8);
    bytes[..length].copy_from_slice(&key[..length]);
    u64::from_be_bytes(bytes)
}

impl<'s> Sorter<'s> {
    /// A sorter that holds about `most` bytes in memory; at most 1 GiB.
    pub(crate) fn new(scratch: &'s dyn Scratch, most: usize) -> Sorter<'s> {
        Sorter {
            writer: Writer::new(scratch),
            most: most.min(1 << 30),
            arena: Vec::new(),
            items: Vec::new(),
            in_order: true,
            runs: Vec::new(),
            count: 0,
        }
    }

    /// How many entries there are.
    pub(crate) fn len(&self) -> u64 {
        self.count
    }

    /// Adds an entry. Keys and payloads are bounded by the limits of a file's record, far below 4 GiB.
    pub(crate) fn push(&mut self, key: &[u8], payload: &[u8]) -> ScratchResult<()> {
        let size = key.len() + payload.len();
        let held = self.arena.len() + self.items.len() * size_of::<Item>();
        if !self.items.is_empty() && held + size + size_of::<Item>() > self.most {
            self.spill()?;
        }
        if self.arena.capacity() == 0 {
            // Reserved once, so that growing never holds two copies; pages that are not used cost nothing.
            self.arena.reserve_exact(self.most);
            self.items.reserve_exact(self.most / (size_of::<Item>() * 2));
        }
        let position = |at: usize| u32::try_from(at).map_err(|_| io::Error::other("an entry of over 4 GiB"));
        let start = self.arena.len();
        let item = Item {
            prefix: prefix(key),
            start: position(start)?,
            key: position(start + key.len())?,
            end: position(start + size)?,
        };
        if self.in_order
            && let Some(last) = self.items.last()
        {
            self.in_order = (last.prefix, last.key(&self.arena)) <= (item.prefix, key);
        }
        self.arena.extend_from_slice(key);
        self.arena.extend_from_slice(payload);
        self.items.push(item);
        self.count += 1;
        Ok(())
    }

    fn sort(&mut self) {
        if !self.in_order {
            let arena = &self.arena;
            self.items.sort_unstable_by(|a, b| {
                // The place in the arena is the order of arrival.
                (a.prefix, a.key(arena), a.start).cmp(&(b.prefix, b.key(arena), b.start))
            });
        }
    }

    fn spill(&mut self) -> ScratchResult<()> {
        self.sort();
        let start = self.writer.position();
        for item in &self.items {
            let length = (item.key - item.start).to_le_bytes();
            self.writer.push(&[&length, item.key(&self.arena), item.payload(&self.arena)])?;
        }
        self.runs.push((start, self.writer.position()));
        self.arena.clear();
        self.items.clear();
        self.in_order = true;
        Ok(())
    }

    /// Ends the gathering; the entries can then be read in order.
    pub(crate) fn finish(mut self) -> ScratchResult<Sorted> {
        if self.runs.is_empty() {
            self.sort();
            return Ok(Sorted::Memory { arena: self.arena, items: self.items, next: 0 });
        }
        self.spill()?;
        let window = (MERGE_BUFFER / self.runs.len()).max(4 << 10);
        let runs = self.runs.iter().map(|&(start, end)| Run::new(Window::new(start, end, window))).collect();
        drop((self.arena, self.items));
        let mut merge = Merge { pieces: self.writer.finish()?, runs, order: Vec::new(), begun: false };
        merge.begin()?;
        Ok(Sorted::Merge(merge))
    }
}

/// Entries in order.
pub(crate) enum Sorted {
    /// All in memory.
    Memory {
        /// The bytes of all entries.
        arena: Vec<u8>,
        /// The entries in order.
        items: Vec<Item>,
        /// The next one to give.
        next: usize,
    },
    /// Runs on a scratch file.
    Merge(Merge),
}

impl Sorted {
    /// The key and payload of the next entry; `None` behind the last.
    pub(crate) fn next(&mut self) -> ScratchResult<Option<(&[u8], &[u8])>> {
        match self {
            Sorted::Memory { arena, items, next } => Ok(items.get(*next).map(|item| {
                *next += 1;
                (item.key(arena), item.payload(arena))
            })),
            Sorted::Merge(merge) => merge.next(),
        }
    }
}

/// Several runs read as one.
pub(crate) struct Merge {
    pieces: Pieces,
    runs: Vec<Run>,
    /// The runs that are not at their end, by their current entry.
    order: Vec<usize>,
    begun: bool,
}

/// A run and a copy of its current entry.
struct Run {
    window: Window,
    entry: Vec<u8>,
    prefix: u64,
}

impl Run {
    fn new(window: Window) -> Run {
        Run { window, entry: Vec::new(), prefix: 0 }
    }

    fn advance(&mut self, pieces: &Pieces) -> ScratchResult<bool> {
        self.entry.clear();
        match self.window.next(pieces)? {
            None => Ok(false),
            Some(entry) => {
                self.entry.extend_from_slice(entry);
                self.prefix = prefix(self.parts().0);
                Ok(true)
            }
        }
    }

    fn parts(&self) -> (&[u8], &[u8]) {
        let mut length = [0; HEAD];
        length.copy_from_slice(&self.entry[..HEAD]);
        self.entry[HEAD..].split_at(u32::from_le_bytes(length) as usize)
    }
}

impl Merge {
    fn begin(&mut self) -> ScratchResult<()> {
        for at in 0..self.runs.len() {
            if self.runs[at].advance(&self.pieces)? {
                self.order.push(at);
                self.settle(self.order.len() - 1, false);
            }
        }
        Ok(())
    }

    /// Whether run `a` comes after run `b`; the earlier run arrived first.
    fn after(&self, a: usize, b: usize) -> bool {
        let (x, y) = (&self.runs[a], &self.runs[b]);
        (x.prefix, x.parts().0, a) > (y.prefix, y.parts().0, b)
    }

    /// Moves the run at `place` of the order to where it belongs, towards the end or the beginning.
    fn settle(&mut self, mut place: usize, towards_end: bool) {
        if towards_end {
            while place + 1 < self.order.len() && self.after(self.order[place], self.order[place + 1]) {
                self.order.swap(place, place + 1);
                place += 1;
            }
        } else {
            while place > 0 && self.after(self.order[place - 1], self.order[place]) {
                self.order.swap(place - 1, place);
                place -= 1;
            }
        }
    }

    fn next(&mut self) -> ScratchResult<Option<(&[u8], &[u8])>> {
        if self.begun
            && let Some(&first) = self.order.first()
        {
            if self.runs[first].advance(&self.pieces)? {
                self.settle(0, true);
            } else {
                self.order.remove(0);
            }
        }
        self.begun = true;
        Ok(self.order.first().map(|&first| self.runs[first].parts()))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use proptest::prelude::*;

    use super::*;
    use crate::frames::tests::Temporary;

    fn sorted(entries: &[(Vec<u8>, u32)], most: usize) -> (Vec<(Vec<u8>, u32)>, u32) {
        let scratch = Temporary::default();
        let mut sorter = Sorter::new(&scratch, most);
        for (key, payload) in entries {
            sorter.push(key, &payload.to_le_bytes()).unwrap();
        }
        assert_eq!(sorter.len(), entries.len() as u64);
        let mut sorted = sorter.finish().unwrap();
        let mut out = Vec::new();
        while let Some((key, payload)) = sorted.next().unwrap() {
            out.push((key.to_vec(), u32::from_le_bytes(payload.try_into().unwrap())));
        }
        (out, scratch.0.load(Ordering::Relaxed))
    }

    proptest! {
        #[test]
        fn entries_come_out_by_key_and_then_in_the_order_of_arrival(
            keys in prop::collection::vec(prop::collection::vec(0u8..4, 0..12), 0..300),
            most in 1usize..8000,
        ) {
            let entries: Vec<_> = keys.into_iter().zip(0u32..).collect();
            let mut expected = entries.clone();
            expected.sort_by(|a, b| a.0.cmp(&b.0));
            prop_assert_eq!(sorted(&entries, most).0, expected);
        }
    }

    #[test]
    fn a_large_unsorted_file_is_sorted_through_one_scratch_file_and_a_small_one_in_memory() {
        let entries: Vec<_> = (0..20_000u32)
            .map(|i| (format!("{:08}", i.wrapping_mul(2_654_435_761)).into_bytes(), i))
            .collect();
        let mut expected = entries.clone();
        expected.sort();
        let (found, files) = sorted(&entries, 64 << 10);
        assert_eq!((found == expected, files), (true, 1));
        assert_eq!(sorted(&entries[..100], 64 << 10).1, 0);
    }
}
