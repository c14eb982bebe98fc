//! The connections of one process to one database: one that writes, idle ones that read, and one that
//! notices commits.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Conn, DbError, DbResult, Moment, Outlasts, READ_CACHE_KIB, WRITE_CACHE_KIB, connect, open};

/// Readers kept for the next read.
const IDLE_CONNECTIONS: usize = 8;

pub(super) struct Connections {
    path: PathBuf,
    outlasts: Outlasts,
    readers: Mutex<Vec<Conn>>,
    /// The one connection that writes: writers of this process queue here, in order, instead of polling the file lock.
    /// `None` after it had to be given up; the next writer opens it anew.
    writer: Mutex<Option<Conn>>,
    /// The one connection that notices the commits of all others.
    teller: Mutex<Teller>,
}

/// Who tells whether something was committed.
#[derive(Default)]
struct Teller {
    conn: Option<Conn>,
    /// Counts the connections that have told: what two of them say cannot be compared.
    number: u64,
}

impl Connections {
    pub(super) fn open(path: &Path, outlasts: Outlasts) -> DbResult<Connections> {
        let writer = connect(path, WRITE_CACHE_KIB, outlasts)?;
        Ok(Connections {
            path: path.to_owned(),
            outlasts,
            readers: Mutex::new(Vec::new()),
            writer: Mutex::new(Some(writer)),
            teller: Mutex::default(),
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// A connection for reading.
    pub(super) fn reader(&self) -> DbResult<Conn> {
        let idle = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.map_or_else(|| connect(&self.path, READ_CACHE_KIB, self.outlasts), Ok)
    }

    /// Keeps a reader for the next read.
    pub(super) fn put_back(&self, conn: Conn) {
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if readers.len() < IDLE_CONNECTIONS {
            readers.push(conn);
        }
    }

    /// What is committed by now.
    pub(super) fn moment(&self) -> DbResult<Moment> {
        let mut teller = self.teller.lock().unwrap_or_else(PoisonError::into_inner);
        let conn = match teller.conn.take() {
            Some(conn) => conn,
            None => {
                teller.number += 1;
                open(&self.path)?
            }
        };
        // It writes nothing, and so counts the commits of all others.
        let commits = conn.first("PRAGMA data_version", &[], |row| row.int(0))?;
        // One with which something failed may keep failing; it is not kept.
        teller.conn = Some(conn);
        Ok(Moment { told_by: teller.number, commits: commits.unwrap_or(0) })
    }

    /// The next one who asks opens a connection anew.
    pub(super) fn give_up_teller(&self) {
        self.teller.lock().unwrap_or_else(PoisonError::into_inner).conn = None;
    }

    /// The writer, in a write transaction.
    ///
    /// SQLite keeps to what it found when it opened its files: where a disk failed for a moment, or had no room for one
    /// more file, it opens them for reading without a word, and no later write through that connection can work. So a
    /// connection with which no transaction can begin is opened anew, once.
    pub(super) fn begin(&self) -> DbResult<Writer<'_>> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(conn) = writer.as_ref() {
            match begin(conn) {
                Ok(()) => return Ok(Writer(writer)),
                Err(DbError::Disk(_)) => {}
                Err(error) => return Err(error),
            }
        }
        *writer = None;
        // The others, too: the connections of a process share what they found.
        self.give_up_teller();
        self.readers.lock().unwrap_or_else(PoisonError::into_inner).clear();
        let conn = connect(&self.path, WRITE_CACHE_KIB, self.outlasts)?;
        begin(&conn)?;
        *writer = Some(conn);
        Ok(Writer(writer))
    }

    /// The writer, for what needs no transaction; none while it is given up.
    pub(super) fn writer(&self) -> Writer<'_> {
        Writer(self.writer.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn begin(conn: &Conn) -> DbResult<()> {
    // A transaction left open by a panic in an earlier write was never committed: roll it back, as it would be.
    if conn.in_transaction() {
        conn.batch("ROLLBACK")?;
    }
    conn.batch("BEGIN IMMEDIATE")
}

/// The writing connection, for as long as this is held.
pub(super) struct Writer<'a>(MutexGuard<'a, Option<Conn>>);

impl Writer<'_> {
    pub(super) fn conn(&self) -> Option<&Conn> {
        self.0.as_ref()
    }
}
