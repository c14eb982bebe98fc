//! The words under which records are found, written for many records at once in the order of their ids.
//!
//! FTS5 gathers words in memory, and writes them down early when an id comes that is not higher than the one before. Files
//! come in the order of keys, among which new records stand with the highest ids: it would write after nearly each of them.

use crate::db::{Conn, DbResult, Row, Statement};
use crate::{Register, records};

/// Records whose words are written in one go; it bounds the memory. Tests have few records.
const AT_ONCE: usize = if cfg!(test) { 64 } else { 8192 };

/// The records whose words are still to be written. What is not written when it is dropped is not found by its words:
/// whoever makes one calls [`Words::write`] at the end.
pub(crate) struct Words {
    register: &'static Register,
    /// Those that were changed or removed.
    changed: Vec<i64>,
    /// Those that are new, with the end of their words in `text`.
    added: Vec<(i64, usize)>,
    text: String,
}

impl Words {
    pub(crate) fn of(register: &'static Register) -> Words {
        Words { register, changed: Vec::new(), added: Vec::new(), text: String::new() }
    }

    /// A record has other values, or is there no more.
    pub(crate) fn changed(&mut self, c: &Conn, id: i64) -> DbResult<()> {
        self.changed.push(id);
        self.write_many(c)
    }

    /// A record is new, and found under those words. It has a higher id than all before it.
    pub(crate) fn added(&mut self, c: &Conn, id: i64, words: &str) -> DbResult<()> {
        self.text.push_str(words);
        self.added.push((id, self.text.len()));
        self.write_many(c)
    }

    fn write_many(&mut self, c: &Conn) -> DbResult<()> {
        if self.changed.len() + self.added.len() < AT_ONCE { Ok(()) } else { self.write(c) }
    }

    /// Writes the words of all of them.
    pub(crate) fn write(&mut self, c: &Conn) -> DbResult<()> {
        let table = self.register.name;
        let mut delete = c.statement(&format!("DELETE FROM {table}_words WHERE rowid = ?1"))?;
        let mut insert = c.statement(&format!("INSERT INTO {table}_words (rowid, words) VALUES (?1, ?2)"))?;
        let record = format!("SELECT {} FROM {table} WHERE id = ?1", records::select(self.register));
        self.changed.sort_unstable();
        self.changed.dedup();
        let mut words = String::new();
        for id in self.changed.drain(..) {
            delete.execute(&[id.into()])?;
            let line = |row: &Row<'_>| {
                records::line(self.register, row, &mut words);
                Ok(())
            };
            if c.first(&record, &[id.into()], line)?.is_some() {
                add(&mut insert, id, &words)?;
            }
        }
        let mut start = 0;
        for (id, end) in self.added.drain(..) {
            add(&mut insert, id, &self.text[start..end])?;
            start = end;
        }
        self.text.clear();
        Ok(())
    }
}

fn add(insert: &mut Statement<'_>, id: i64, words: &str) -> DbResult<()> {
    insert.execute(&[id.into(), words.into()]).map(drop)
}
