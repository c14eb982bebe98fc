//! The database under a register: the only module that names a driver.
//!
//! Everything above this module speaks [`Database`], [`Conn`], [`Param`] and [`Row`] and writes each query once, with
//! `?1`-style parameters in SQL that SQLite and PostgreSQL both understand. The face is synchronous; a web server
//! calls it from threads that may block.
//!
//! SQLite runs with `journal_mode=WAL` (readers never wait for the writer) and `synchronous=FULL` (a committed
//! import survives a power cut; see [`Outlasts`]).

mod connections;
mod moment;
mod values;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension};

use self::connections::Connections;
pub use self::moment::{Cached, Moment};
pub use self::values::{Param, Row};

/// How long a statement waits for another writer before it gives up with [`DbError::Busy`].
const BUSY_WAIT: Duration = Duration::from_secs(10);

/// Pages kept in memory by a connection that reads: 2 MiB. Several pages of the web read at once.
const READ_CACHE_KIB: i64 = 2 * 1024;

/// Pages kept in memory by a connection that writes: 12 MiB. A first load only adds pages at the end of its tables, and
/// sorts its indexes in as much memory: with twice as much, which no processor's cache holds, it takes longer.
const WRITE_CACHE_KIB: i64 = 12 * 1024;

/// The same for as long as one transaction changes records all over a register: 48 MiB. A page that does not stay in
/// memory until the end is written twice.
const MANY_CHANGES_CACHE_KIB: i64 = 48 * 1024;

/// What can go wrong with the database.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// Another program or a running import holds the database; nothing was changed.
    #[error(
        "the database is busy: another program or a running import is writing to it; try again in a moment"
    )]
    Busy,
    /// The disk that holds the database is full; the transaction was rolled back, nothing was changed.
    #[error(
        "the disk that holds the database (in the data folder, unless --database names another place) is full; nothing was \
         changed; free some space"
    )]
    Full,
    /// The database's files cannot be read or written; the transaction was rolled back, nothing was changed.
    #[error(
        "the database cannot be read or written ({0}); nothing was changed; look whether its disk is full, failing or \
         away, and whether this program may write to its folder"
    )]
    Disk(rusqlite::Error),
    /// The database can only be read. Where the file could not be opened for writing, SQLite opens it for reading without
    /// a word, and every later write would fail.
    #[error(
        "the database {} can only be read; give this program's user the right to write to it and to its folder, and look \
         whether its disk is failing", .0.display()
    )]
    ReadOnly(std::path::PathBuf),
    /// The database was written by a later version of the program.
    #[error(
        "the database is of a newer version of Service Suite (schema {found}; this program knows {known}); \
         use the newer program"
    )]
    Newer {
        /// The number of the last migration that the database has.
        found: i64,
        /// The number of the last migration that this program knows.
        known: i64,
    },
    /// A unique key was given twice.
    #[error("{0} exists already")]
    Exists(String),
    /// What the caller asked for cannot be stored or read; the sentence says why.
    #[error("{0}")]
    Invalid(String),
    /// Anything else that the driver reports.
    #[error("database error: {0}")]
    Driver(rusqlite::Error),
}

impl From<rusqlite::Error> for DbError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => DbError::Busy,
            Some(ErrorCode::DiskFull) => DbError::Full,
            Some(ErrorCode::SystemIoFailure | ErrorCode::CannotOpen | ErrorCode::ReadOnly) => {
                DbError::Disk(error)
            }
            _ => DbError::Driver(error),
        }
    }
}

/// The result of every call that reaches the database.
pub type DbResult<T> = Result<T, DbError>;

/// What a committed change outlasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outlasts {
    /// The program's crash and a power cut: each commit waits for the disk.
    PowerCut,
    /// The program's crash; a power cut may take back the last moments. For what is only of the moment.
    Crash,
}

/// One numbered step of a schema. Numbers start at 1 and have no gaps; a step that has been released never changes.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// The step's number, which is also its place in the order.
    pub number: i64,
    /// What the step brings, in a word or two.
    pub name: &'static str,
    /// The statements, run in one transaction with the step's entry in `schema_migrations`.
    pub sql: &'static str,
}

/// A connection inside a transaction: everything read through it is of one moment.
pub struct Conn(Connection);

impl Conn {
    /// How much memory the pages of this connection may take.
    fn keep_pages(&self, kib: i64) -> DbResult<()> {
        self.batch(&format!("PRAGMA cache_size = -{kib}"))
    }

    /// Runs a statement that changes rows; gives the number of rows changed.
    pub fn execute(&self, sql: &str, params: &[Param<'_>]) -> DbResult<usize> {
        Ok(self.0.prepare_cached(sql)?.execute(rusqlite::params_from_iter(params))?)
    }

    /// A statement that changes rows, to be run many times: looking it up for each row would cost more than many a row.
    pub fn statement(&self, sql: &str) -> DbResult<Statement<'_>> {
        Ok(Statement(self.0.prepare_cached(sql)?))
    }

    /// Calls `each` for every row of the answer, in order, without holding them all; `each` returns `false` to stop.
    pub fn each(
        &self,
        sql: &str,
        params: &[Param<'_>],
        mut each: impl FnMut(&Row<'_>) -> DbResult<bool>,
    ) -> DbResult<()> {
        let mut statement = self.0.prepare_cached(sql)?;
        let mut rows = statement.query(rusqlite::params_from_iter(params))?;
        while let Some(row) = rows.next()? {
            if !each(&Row(row))? {
                break;
            }
        }
        Ok(())
    }

    /// All rows of the answer, mapped. For answers whose size the caller has bounded.
    pub fn all<T>(
        &self,
        sql: &str,
        params: &[Param<'_>],
        mut map: impl FnMut(&Row<'_>) -> DbResult<T>,
    ) -> DbResult<Vec<T>> {
        let mut items = Vec::new();
        self.each(sql, params, |row| {
            items.push(map(row)?);
            Ok(true)
        })?;
        Ok(items)
    }

    /// The first row of the answer, mapped, or `None` when there is none.
    pub fn first<T>(
        &self,
        sql: &str,
        params: &[Param<'_>],
        map: impl FnOnce(&Row<'_>) -> DbResult<T>,
    ) -> DbResult<Option<T>> {
        let mut statement = self.0.prepare_cached(sql)?;
        let found =
            statement.query_row(rusqlite::params_from_iter(params), |row| Ok(map(&Row(row)))).optional()?;
        found.transpose()
    }

    /// Drops the indexes of `table` that only serve speed, but for the one that is `kept`; gives the statements that make
    /// them again. Within a transaction that then fails, nothing has happened.
    pub(crate) fn drop_indexes(&self, table: &str, kept: Option<&str>) -> DbResult<Vec<String>> {
        let indexes = self.all(
            "SELECT name, sql FROM sqlite_master
             WHERE type = 'index' AND tbl_name = ?1 AND sql IS NOT NULL AND name IS NOT ?2",
            &[table.into(), kept.into()],
            |row| Ok((row.text(0)?, row.text(1)?)),
        )?;
        for (name, _) in &indexes {
            self.batch(&format!("DROP INDEX \"{name}\""))?;
        }
        Ok(indexes.into_iter().map(|(_, sql)| sql).collect())
    }

    /// Runs `work` without the CHECKs of the schema: for many rows whose words are those of the program, since SQLite makes
    /// a table of a list of words anew for each row.
    pub(crate) fn unchecked<T, E: From<DbError>>(&self, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        struct Again<'c>(&'c Conn);
        impl Drop for Again<'_> {
            fn drop(&mut self) {
                // A statement that only sets a flag finds nothing to fail at.
                let _ = self.0.batch("PRAGMA ignore_check_constraints = OFF");
            }
        }
        self.batch("PRAGMA ignore_check_constraints = ON")?;
        let _again = Again(self);
        work()
    }

    /// Whether a transaction is open.
    fn in_transaction(&self) -> bool {
        !self.0.is_autocommit()
    }

    /// Runs several statements without parameters: migrations and the like.
    pub fn batch(&self, sql: &str) -> DbResult<()> {
        Ok(self.0.execute_batch(sql)?)
    }
}

/// A statement that is ready to be run.
pub struct Statement<'c>(rusqlite::CachedStatement<'c>);

impl Statement<'_> {
    /// Runs it; gives the number of rows changed.
    pub fn execute(&mut self, params: &[Param<'_>]) -> DbResult<usize> {
        Ok(self.0.execute(rusqlite::params_from_iter(params))?)
    }
}

/// A database that is open: a cheap handle, cloned freely, used from any thread.
#[derive(Clone)]
pub struct Database(Arc<Connections>);

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Database").field(&self.0.path()).finish()
    }
}

impl Database {
    /// Opens the SQLite file at `path`, creating it when it is not there, and brings its schema up to date.
    ///
    /// # Errors
    /// [`DbError::Newer`] when a later version of the program wrote the file; [`DbError::Busy`] when another program
    /// holds it for longer than ten seconds.
    pub fn open(path: &Path, migrations: &[Migration], outlasts: Outlasts) -> DbResult<Database> {
        let database = Database(Arc::new(Connections::open(path, outlasts)?));
        database.migrate(migrations)?;
        Ok(database)
    }

    /// Runs `work` in a read transaction: one moment of the database, which no writer disturbs or is delayed by.
    pub fn read<T, E: From<DbError>>(&self, work: impl FnOnce(&Conn) -> Result<T, E>) -> Result<T, E> {
        let conn = self.0.reader()?;
        conn.batch("BEGIN DEFERRED")?;
        let result = work(&conn);
        conn.batch("ROLLBACK")?;
        // One with which something failed may keep failing.
        if result.is_ok() {
            self.0.put_back(conn);
        }
        result
    }

    /// Runs `work` in a write transaction and commits it when `work` succeeds; otherwise nothing was changed.
    ///
    /// One writer at a time: a second one waits for the first of this process, and up to ten seconds for another
    /// process, before [`DbError::Busy`].
    pub fn write<T, E: From<DbError>>(&self, work: impl FnOnce(&Conn) -> Result<T, E>) -> Result<T, E> {
        let writer = self.0.begin()?;
        let Some(conn) = writer.conn() else { return Err(DbError::Busy.into()) };
        in_transaction(conn, work)
    }

    /// The same for changes all over a register, with more memory ([`MANY_CHANGES_CACHE_KIB`]) until it ends.
    pub(crate) fn write_many<T, E: From<DbError>>(
        &self,
        work: impl FnOnce(&Conn) -> Result<T, E>,
    ) -> Result<T, E> {
        let writer = self.0.begin()?;
        let Some(conn) = writer.conn() else { return Err(DbError::Busy.into()) };
        let done = in_transaction(conn, |c| {
            c.keep_pages(MANY_CHANGES_CACHE_KIB)?;
            work(c)
        });
        // A connection that keeps more than it should is only a matter of memory.
        let _ = conn.keep_pages(WRITE_CACHE_KIB);
        done
    }

    /// What is committed by now, by any process, to be compared with an earlier one. Costs less than any query.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn moment(&self) -> DbResult<Moment> {
        self.0.moment()
    }

    /// Brings what the write-ahead log holds into the database itself, as far as no reader is in the way, so that the next
    /// writes use the log's room again: on a full disk a small change fits then.
    ///
    /// # Errors
    /// When even that finds no room.
    pub fn reuse_log(&self) -> DbResult<()> {
        match self.0.writer().conn() {
            Some(conn) => conn.batch("PRAGMA wal_checkpoint(PASSIVE)"),
            None => Ok(()),
        }
    }

    fn migrate(&self, migrations: &[Migration]) -> DbResult<()> {
        let known = migrations.last().map_or(0, |m| m.number);
        // An up-to-date database is opened without writing, so that commands work beside a long commit.
        if self.read(applied)? == Some(known) {
            return Ok(());
        }
        self.write(|conn| {
            conn.batch(
                "CREATE TABLE IF NOT EXISTS schema_migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL)",
            )?;
            let found = applied(conn)?.unwrap_or(0);
            if found > known {
                return Err(DbError::Newer { found, known });
            }
            for migration in migrations.iter().filter(|m| m.number > found) {
                conn.batch(migration.sql)?;
                conn.execute(
                    "INSERT INTO schema_migrations (number, name) VALUES (?1, ?2)",
                    &[migration.number.into(), migration.name.into()],
                )?;
            }
            Ok(())
        })
    }
}

/// The number of the last migration that was applied; `None` before the first.
fn applied(conn: &Conn) -> DbResult<Option<i64>> {
    let there = conn.first(
        "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'schema_migrations'",
        &[],
        |row| row.flag(0),
    )?;
    if there != Some(true) {
        return Ok(None);
    }
    conn.first("SELECT max(number) FROM schema_migrations", &[], |row| row.opt_int(0)).map(Option::flatten)
}

/// Runs `work` in the transaction that has begun, and commits it when `work` succeeds.
fn in_transaction<T, E: From<DbError>>(
    conn: &Conn,
    work: impl FnOnce(&Conn) -> Result<T, E>,
) -> Result<T, E> {
    let done = work(conn).and_then(|value| {
        conn.batch("COMMIT")?;
        Ok(value)
    });
    if done.is_err() {
        roll_back(conn);
    }
    done
}

/// After a failed statement SQLite may have rolled back by itself (a full disk): only then is there nothing to do.
fn roll_back(conn: &Conn) {
    if conn.in_transaction() {
        // Should this fail too, the next writer finds the transaction open and rolls it back before it begins.
        let _ = conn.batch("ROLLBACK");
    }
}

fn must_be_writable(connection: &Connection, path: &Path) -> DbResult<()> {
    if connection.is_readonly(rusqlite::MAIN_DB)? { Err(DbError::ReadOnly(path.to_owned())) } else { Ok(()) }
}

/// The path so that SQLite does not read it as a URI, which is what it takes everything for that begins with `file:`.
fn never_a_uri(path: &Path) -> PathBuf {
    if path.as_os_str().as_encoded_bytes().starts_with(b"file:") {
        Path::new(".").join(path)
    } else {
        path.into()
    }
}

fn connect(path: &Path, cache_kib: i64, outlasts: Outlasts) -> DbResult<Conn> {
    let synchronous = match outlasts {
        Outlasts::PowerCut => "FULL",
        Outlasts::Crash => "NORMAL",
    };
    let conn = open(path)?;
    conn.0.set_prepared_statement_cache_capacity(64);
    // Without this, whatever is bound to a statement that an index with a condition or statistics might serve has the
    // statement planned anew each time that it is run.
    conn.0.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    conn.batch(&format!(
        "PRAGMA journal_mode = WAL;
         PRAGMA synchronous = {synchronous};
         PRAGMA foreign_keys = ON;
         PRAGMA temp_store = FILE;
         PRAGMA journal_size_limit = 67108864;"
    ))?;
    conn.keep_pages(cache_kib)?;
    Ok(conn)
}

/// As SQLite makes it: for a connection that is asked for little, that is enough, and takes little memory.
fn open(path: &Path) -> DbResult<Conn> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_EXRESCODE;
    let connection = Connection::open_with_flags(never_a_uri(path), flags)?;
    must_be_writable(&connection, path)?;
    connection.busy_timeout(BUSY_WAIT)?;
    Ok(Conn(connection))
}

#[cfg(test)]
mod tests;
