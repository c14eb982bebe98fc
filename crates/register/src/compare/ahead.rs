//! The fingerprints of a register in the order of its keys, read a little ahead of a file of that order.
//!
//! Once it is seen that they are needed, they are read on a thread of its own, while the rows of the file are hashed.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use super::fingerprint::mark;
use crate::db::{Conn, Database, DbResult};
use crate::{COMPANY, Register, history};

/// How many fingerprints are read at once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Batch {
    /// Where it is not known yet whether they are needed; twice as many each time, up to the most.
    pub(crate) first: u64,
    /// Where they are; from there on by another thread.
    pub(crate) most: u64,
}

/// Batches that wait to be looked through.
const WAITING: usize = 2;

/// The statement that reads keys, ids and fingerprints in the order of the keys, from behind one on.
pub(crate) fn sql_behind(register: &Register) -> String {
    format!(
        "SELECT \"{0}\", id, mark FROM {1} WHERE company_id = ?1 AND \"{0}\" > ?2 ORDER BY \"{0}\" LIMIT ?3",
        register.key, register.name
    )
}

/// See the module.
pub(super) struct Ahead {
    db: Database,
    sql: String,
    batch: Batch,
    /// How many are read at once now.
    size: u64,
    read: Piece,
    /// The next one of those that were read.
    at: usize,
    feed: Option<Feed>,
    /// Whether there is to be no such thread: what it reads is of another moment.
    alone: bool,
}

/// Fingerprints and the ids of their records.
#[derive(Default)]
struct Piece {
    marks: Vec<u128>,
    ids: Vec<i64>,
    /// The last key, behind which they have not been read yet.
    last: String,
    /// Whether there are no more.
    ended: bool,
}

impl Ahead {
    pub(super) fn new(db: &Database, register: &Register, batch: Batch) -> Ahead {
        Ahead {
            db: db.clone(),
            sql: sql_behind(register),
            batch,
            size: batch.first,
            read: Piece::default(),
            at: 0,
            feed: None,
            alone: false,
        }
    }

    /// The record of a fingerprint among the next `most`; those before it are passed over.
    pub(super) fn find(&mut self, c: &Conn, wanted: u128, most: usize) -> DbResult<Option<i64>> {
        if self.read.marks.get(self.at) != Some(&wanted) {
            while self.read.marks.len() - self.at < most && !self.read.ended {
                self.read_on(c)?;
            }
            let end = self.read.marks.len().min(self.at + most);
            match self.read.marks[self.at..end].iter().position(|mark| *mark == wanted) {
                None => return Ok(None),
                Some(skipped) => self.at += skipped,
            }
        }
        self.at += 1;
        Ok(Some(self.read.ids[self.at - 1]))
    }

    /// Goes on behind a key.
    pub(super) fn jump(&mut self, key: &str) {
        self.feed = None;
        self.read = Piece { last: key.to_owned(), ..Piece::default() };
        (self.at, self.size) = (0, self.batch.first);
    }

    fn read_on(&mut self, c: &Conn) -> DbResult<()> {
        self.read.marks.drain(..self.at);
        self.read.ids.drain(..self.at);
        self.at = 0;
        if self.size >= self.batch.most && !self.alone && self.feed.is_none() {
            self.feed = Feed::new(&self.db, &self.sql, history::last(c)?, &self.read.last, self.batch.most);
            self.alone = self.feed.is_none();
        }
        let fed = self.feed.as_ref().and_then(|feed| feed.pieces.as_ref()?.recv().ok());
        let piece = match fed {
            Some(piece) => piece,
            None => {
                self.alone |= self.feed.take().is_some();
                piece(c, &self.sql, &self.read.last, self.size)?
            }
        };
        self.size = (self.size * 2).min(self.batch.most);
        self.read.marks.extend(piece.marks);
        self.read.ids.extend(piece.ids);
        (self.read.last, self.read.ended) = (piece.last, piece.ended);
        Ok(())
    }
}

/// Reads the next fingerprints behind a key.
fn piece(c: &Conn, sql: &str, behind: &str, size: u64) -> DbResult<Piece> {
    let mut piece = Piece::default();
    let mut rows = 0;
    c.each(sql, &[COMPANY.into(), behind.into(), size.into()], |row| {
        rows += 1;
        if rows == size {
            row.text_ref(0)?.unwrap_or_default().clone_into(&mut piece.last);
        }
        if let Some(mark) = mark(row.blob_ref(2)?) {
            piece.marks.push(u128::from_le_bytes(mark));
            piece.ids.push(row.int(1)?);
        }
        Ok(true)
    })?;
    piece.ended = rows < size;
    Ok(piece)
}

/// The thread that reads on.
struct Feed {
    /// `None` only while it is dropped.
    pieces: Option<Receiver<Piece>>,
    thread: Option<JoinHandle<()>>,
}

impl Feed {
    /// Begins behind a key, as long as nobody has written to a register since `history` was the last entry; `None` when
    /// there can be no thread.
    fn new(db: &Database, sql: &str, history: i64, behind: &str, size: u64) -> Option<Feed> {
        let (give, pieces) = sync_channel(WAITING);
        let (db, sql, behind) = (db.clone(), sql.to_owned(), behind.to_owned());
        // Whatever fails there is asked for again, and told, by the one who needs it.
        let work = move || drop(db.read(|c| feed(c, &sql, history, behind, size, &give)));
        let thread = thread::Builder::new().name("fingerprints".to_owned()).spawn(work).ok()?;
        Some(Feed { pieces: Some(pieces), thread: Some(thread) })
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.pieces = None;
        if let Some(thread) = self.thread.take() {
            // It has nothing to say.
            let _ = thread.join();
        }
    }
}

fn feed(
    c: &Conn,
    sql: &str,
    history: i64,
    behind: String,
    size: u64,
    give: &SyncSender<Piece>,
) -> DbResult<()> {
    if history::last(c)? != history {
        return Ok(());
    }
    let mut behind = behind;
    loop {
        let piece = piece(c, sql, &behind, size)?;
        behind.clone_from(&piece.last);
        let ended = piece.ended;
        if give.send(piece).is_err() || ended {
            return Ok(());
        }
    }
}
