//! The words of a whole register, written in the form in which SQLite's FTS5 keeps them.
//!
//! FTS5 takes words record by record and merges what it has written again and again; for a first load that takes longer
//! than all else together. Sorted beforehand, the words are one segment of its index, written once. The form is the one
//! that its source documents: pages ("leaves") of words and the records that have them, each word without the letters that
//! it shares with the one before it, each record as its distance from the one before it. A database file outlives the
//! program, so the form stays. What FTS5 itself says of it is asked before (the version of its form) and in the tests
//! (its check of integrity).

use crate::db::{Conn, DbError, DbResult};
use crate::frames::{Pieces, Scratch, ScratchResult, Writer};
use crate::job::Stop;

use super::postings::Postings;

/// The version of the form that is written here.
const VERSION: i64 = 4;
/// The size of pages that FTS5 writes unless told otherwise.
const PAGE: usize = 4050;
/// Before the first word of a page: where the first record of a list goes on, and where the footer begins.
const HEADER: usize = 4;
/// The number of the segment, and of the changes that brought its records.
const SEGMENT: u64 = 1;
/// Stands before every word, as FTS5 tells its index from those of beginnings.
const MAIN: u8 = b'0';
/// FTS5 takes no more of a word.
const LONGEST: usize = 32768;
/// The pages of a segment that FTS5 writes when its memory is full, and how many segments it merges into one.
const FLUSHED: u64 = 250;
const MERGED: u64 = 4;
/// Where FTS5 keeps the number of records and words, and the list of its segments.
const AVERAGES: i64 = 1;
const STRUCTURE: i64 = 10;

/// Gathers the words of records that are added to a register without any.
pub(crate) struct Gathering<'s> {
    scratch: &'s dyn Scratch,
    postings: Postings<'s>,
}

impl<'s> Gathering<'s> {
    pub(crate) fn new(scratch: &'s dyn Scratch) -> Gathering<'s> {
        Gathering { scratch, postings: Postings::new(scratch) }
    }

    /// The record `id` is found by the words of `line` (see [`super::line`]). Records come in the order of their ids.
    pub(crate) fn add(&mut self, id: i64, line: &str) -> ScratchResult<()> {
        self.postings.add(id.unsigned_abs(), line)
    }

    /// Ends the gathering, and brings the words in order.
    pub(crate) fn finish(self) -> ScratchResult<Segment> {
        let mut leaves = Leaves::new(self.scratch);
        let mut words = self.postings.finish()?;
        while words.next(&mut leaves, Leaves::word, Leaves::record)? {}
        leaves.finish()
    }
}

/// The words of a register, ready to be stored.
pub(crate) struct Segment {
    /// Page after page, from number 1 on.
    pages: Pieces,
    /// For each page with a word the number of the page and what its first word begins with.
    begin: Pieces,
}

impl Segment {
    /// Whether the words of `table` can be stored in this form.
    pub(crate) fn is_known_to(c: &Conn, table: &str) -> DbResult<bool> {
        let sql = format!("SELECT v FROM {table}_words_config WHERE k = 'version'");
        Ok(c.first(&sql, &[], |row| row.int(0))? == Some(VERSION))
    }

    /// Stores the words of the records from `first` to `last`, which are all that `table` has.
    pub(crate) fn store(&self, c: &Conn, table: &str, first: i64, last: i64) -> Result<(), Stop> {
        c.execute(&format!("INSERT INTO {table}_words ({table}_words) VALUES ('delete-all')"), &[])?;
        let sql = format!("INSERT INTO {table}_words_data (id, block) VALUES (?1, ?2)");
        let mut insert = c.statement(&sql)?;
        let (mut pages, mut number) = (self.pages.reader(), 0);
        while let Some(page) = pages.next()? {
            number += 1;
            insert.execute(&[(SEGMENT << 37 | number).into(), page.into()])?;
        }
        let sql = format!("INSERT INTO {table}_words_idx (segid, term, pgno) VALUES (?1, ?2, ?3)");
        let mut insert = c.statement(&sql)?;
        let mut begin = self.begin.reader();
        while let Some(piece) = begin.next()? {
            let (page, word) = piece.split_at(size_of::<u64>());
            let page = u64::from_le_bytes(page.try_into().unwrap_or_default());
            // The lowest bit would tell of an index into a long list, which only whole words are looked up by.
            insert.execute(&[SEGMENT.into(), word.into(), (page << 1).into()])?;
        }
        // The number of a record's words serves a ranking that nobody asks for.
        c.execute(
            &format!(
                "WITH RECURSIVE ids (id) AS (SELECT ?1 UNION ALL SELECT id + 1 FROM ids WHERE id < ?2)
                 INSERT INTO {table}_words_docsize (id, sz, origin) SELECT id, x'00', ?3 FROM ids"
            ),
            &[first.into(), last.into(), SEGMENT.into()],
        )?;
        let records = (last - first).unsigned_abs() + 1;
        let mut averages = Vec::new();
        write_number(records, &mut averages);
        write_number(0, &mut averages);
        let sql = format!("UPDATE {table}_words_data SET block = ?1 WHERE id = ?2");
        c.execute(&sql, &[averages.as_slice().into(), AVERAGES.into()])?;
        if number == 0 {
            // No record has a word: a segment without pages would be no segment.
            return Ok(());
        }
        let sql = format!("SELECT block FROM {table}_words_data WHERE id = ?1");
        let cookie = c.first(&sql, &[STRUCTURE.into()], |row| {
            Ok(row.blob_ref(0)?.and_then(|block| block.first_chunk::<4>()).copied())
        })?;
        let cookie = cookie.flatten().ok_or_else(|| {
            DbError::Invalid(format!("the words of {table} have lost the list of their segments"))
        })?;
        let structure = structure(cookie, number, records);
        let sql = format!("UPDATE {table}_words_data SET block = ?1 WHERE id = ?2");
        c.execute(&sql, &[structure.as_slice().into(), STRUCTURE.into()])?;
        // FTS5 keeps the list of segments in memory, still without any. To merge none makes it read the list anew.
        let sql = format!("INSERT INTO {table}_words ({table}_words, rank) VALUES ('merge', 1)");
        c.execute(&sql, &[])?;
        Ok(())
    }
}

/// The list of segments: one of so many pages, at the level to which merges would have brought it by now.
fn structure(cookie: [u8; 4], pages: u64, records: u64) -> Vec<u8> {
    let (mut level, mut size) = (0, FLUSHED);
    while size < pages {
        (level, size) = (level + 1, size * MERGED);
    }
    let mut out = cookie.to_vec();
    // The form of tables whose records can be removed without telling their words.
    out.extend_from_slice(&[0xff, 0, 0, 1]);
    for number in [level + 1, 1, pages] {
        write_number(number, &mut out);
    }
    for _ in 0..level {
        out.extend_from_slice(&[0, 0]);
    }
    // No merge is under way; one segment: its number, pages, origins, no removed records, and records.
    for number in [0, 1, SEGMENT, 1, pages, SEGMENT, SEGMENT, 0, 0, records] {
        write_number(number, &mut out);
    }
    out
}

/// Writes pages.
struct Leaves<'s> {
    pages: Writer<'s>,
    begin: Writer<'s>,
    /// The number of the page.
    number: u64,
    page: Vec<u8>,
    /// Where the words of the page begin, each as its distance from the one before it.
    footer: Vec<u8>,
    last_start: usize,
    /// The last word.
    word: Vec<u8>,
    /// The page has no word yet.
    wordless: bool,
    /// The page has no record yet that belongs to a word of an earlier page.
    fresh: bool,
    /// The last record of the word; `None` before its first.
    last: Option<u64>,
}

impl<'s> Leaves<'s> {
    fn new(scratch: &'s dyn Scratch) -> Leaves<'s> {
        Leaves {
            pages: Writer::new(scratch),
            begin: Writer::new(scratch),
            number: 1,
            page: vec![0; HEADER],
            footer: Vec::new(),
            last_start: 0,
            word: Vec::new(),
            wordless: true,
            fresh: true,
            last: None,
        }
    }

    fn word(&mut self, word: &[u8]) -> ScratchResult<()> {
        let word = [&[MAIN], &word[..word.len().min(LONGEST)]].concat();
        if self.page.len() + self.footer.len() + word.len() + 2 >= PAGE && self.page.len() > HEADER {
            self.flush()?;
        }
        write_number((self.page.len() - self.last_start) as u64, &mut self.footer);
        self.last_start = self.page.len();
        let shared = self.word.iter().zip(&word).take_while(|(a, b)| a == b).count();
        if self.wordless {
            // What is greater than every word before, and not greater than this one.
            let begin = if self.number == 1 { &[][..] } else { &word[..(shared + 1).min(word.len())] };
            self.begin.push(&[&self.number.to_le_bytes(), begin])?;
            write_number(word.len() as u64, &mut self.page);
            self.page.extend_from_slice(&word);
        } else {
            write_number(shared as u64, &mut self.page);
            write_number((word.len() - shared) as u64, &mut self.page);
            self.page.extend_from_slice(&word[shared..]);
        }
        self.word = word;
        (self.wordless, self.fresh, self.last) = (false, false, None);
        Ok(())
    }

    fn record(&mut self, id: u64) -> ScratchResult<()> {
        if self.fresh {
            let at = self.page.len();
            put(&mut self.page, 0, at);
            write_number(id, &mut self.page);
            self.fresh = false;
        } else {
            write_number(id - self.last.unwrap_or(0), &mut self.page);
        }
        self.last = Some(id);
        if self.page.len() + self.footer.len() >= PAGE { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> ScratchResult<()> {
        let end = self.page.len();
        put(&mut self.page, 2, end);
        self.pages.push(&[&self.page, &self.footer])?;
        self.page.clear();
        self.page.resize(HEADER, 0);
        self.footer.clear();
        self.number += 1;
        (self.last_start, self.wordless, self.fresh) = (0, true, true);
        Ok(())
    }

    fn finish(mut self) -> ScratchResult<Segment> {
        if self.page.len() > HEADER {
            self.flush()?;
        }
        Ok(Segment { pages: self.pages.finish()?, begin: self.begin.finish()? })
    }
}

/// Puts a place of the page into its header. No page is longer than a word and what fits before it.
fn put(page: &mut [u8], at: usize, place: usize) {
    let place = u16::try_from(place).unwrap_or(u16::MAX).to_be_bytes();
    page[at..at + 2].copy_from_slice(&place);
}

/// Appends a number as SQLite writes it: seven bits a byte, the highest first; nine bytes at most, the last with eight.
fn write_number(number: u64, out: &mut Vec<u8>) {
    if number >> 56 != 0 {
        out.extend((0..8).rev().map(|byte| 0x80 | (number >> (8 + 7 * byte)) as u8));
        out.push(number as u8);
        return;
    }
    let length = (64 - (number | 1).leading_zeros()).div_ceil(7);
    out.extend((1..length).rev().map(|byte| 0x80 | (number >> (7 * byte)) as u8));
    out.push(number as u8 & 0x7f);
}

#[cfg(test)]
mod tests;
