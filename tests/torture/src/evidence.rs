//! What lies on the disks of an installation at one moment: its databases, read as anybody with SQLite could, and its
//! files.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::Context;
use installation::{Folders, Installation, names};
use rusqlite::{Connection, OpenFlags};

use crate::erp::{Export, sha256};
use crate::model::{Counts, Happened};

/// Everything that can be seen from outside.
#[derive(Debug)]
pub(crate) struct Evidence {
    /// What SQLite says of each database, by file name.
    pub(crate) integrity: Vec<(String, String)>,
    /// The ledger, in order.
    pub(crate) ledger: Vec<Entry>,
    /// Whether a transaction was being written when the database was left.
    pub(crate) half_written: bool,
    pub(crate) exchange: Vec<Lying>,
    pub(crate) spool: Vec<Lying>,
    pub(crate) archive: Vec<Lying>,
    pub(crate) refused: Vec<Lying>,
    pub(crate) registers: Vec<(Export, Stored)>,
}

/// What a register holds.
#[derive(Debug, Default)]
pub(crate) struct Stored {
    pub(crate) records: BTreeMap<String, [String; 4]>,
    pub(crate) history: Vec<Happened>,
}

/// An entry of the ledger.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) id: i64,
    pub(crate) register: String,
    pub(crate) state: String,
    pub(crate) step: String,
    /// Empty before there is a private copy.
    pub(crate) sha256: String,
    pub(crate) counts: Counts,
    /// Refused rows that are kept.
    pub(crate) refused_rows: u64,
    /// Whether it is or was held.
    pub(crate) held: bool,
    /// Whether a person approved it since.
    pub(crate) approved: bool,
}

/// A file in a folder.
#[derive(Clone, Debug)]
pub(crate) struct Lying {
    pub(crate) name: String,
    pub(crate) len: usize,
    pub(crate) sha256: String,
}

impl Evidence {
    /// Takes it, of these registers, while no program runs: from copies of the databases, so that the program still finds
    /// them as they were left.
    ///
    /// # Errors
    /// When the disks or the databases cannot be read.
    pub(crate) fn take(folders: &Folders, exports: &[Export]) -> anyhow::Result<Evidence> {
        let beside = folders.data.parent().context("a data folder lies in a folder")?;
        let scratch = tempfile::tempdir_in(beside)?;
        let half_written = half_written(&folders.database().with_extension("db-wal"))?;
        let databases = [folders.database(), folders.live_database()];
        let [main, live] = databases.map(|database| copy(&database, scratch.path()));
        Evidence::read(folders, exports, half_written, &main?, &live?)
    }

    /// The same beside a running program, as anybody with SQLite could look at it.
    ///
    /// # Errors
    /// When the disks or the databases cannot be read.
    pub(crate) fn look(folders: &Folders, exports: &[Export]) -> anyhow::Result<Evidence> {
        let [main, live] = [look_at(&folders.database())?, look_at(&folders.live_database())?];
        // One moment for all that is read.
        let moment = main.unchecked_transaction()?;
        Evidence::read(folders, exports, false, &moment, &live)
    }

    fn read(
        folders: &Folders,
        exports: &[Export],
        half_written: bool,
        main: &Connection,
        live: &Connection,
    ) -> anyhow::Result<Evidence> {
        let integrity = [("service-suite.db", main), ("live.db", live)]
            .map(|(name, database)| Ok((name.to_owned(), integrity(database)?)))
            .into_iter()
            .collect::<anyhow::Result<_>>()?;
        let registers = exports
            .iter()
            .map(|export| Ok((*export, stored(main, *export)?)))
            .collect::<anyhow::Result<_>>()?;
        Ok(Evidence {
            integrity,
            ledger: ledger(main)?,
            half_written,
            exchange: lying(&folders.exchange)?,
            spool: lying(&folders.spool())?,
            archive: lying(&folders.archive)?,
            refused: lying(&folders.refused)?,
            registers,
        })
    }

    /// What the register of `export` holds.
    pub(crate) fn register(&self, export: Export) -> Option<&Stored> {
        self.registers.iter().find(|(of, _)| *of == export).map(|(_, stored)| stored)
    }
}

/// How many imports of a running program have not come to the end of their way.
///
/// # Errors
/// When the ledger cannot be read.
pub(crate) fn unfinished(folders: &Folders) -> anyhow::Result<u64> {
    let sql = "SELECT count(*) FROM imports WHERE step <> 'finished'";
    let count: i64 = look_at(&folders.database())?.query_row(sql, [], |row| row.get(0))?;
    Ok(count.unsigned_abs())
}

/// Which imports a person must decide about now, as the ledger of a running program has it.
///
/// # Errors
/// When the ledger cannot be read.
pub(crate) fn held(folders: &Folders) -> anyhow::Result<Vec<i64>> {
    let database = look_at(&folders.database())?;
    let mut statement = database.prepare("SELECT id FROM imports WHERE state = 'held' ORDER BY id")?;
    Ok(statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
}

/// Opens a database that a program is using; writes nothing.
fn look_at(database: &Path) -> anyhow::Result<Connection> {
    Ok(Connection::open_with_flags(
        database,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?)
}

/// Opens a copy of a database with what is written ahead of it. The index of that is left out: SQLite makes it anew, as
/// after a power cut.
fn copy(database: &Path, scratch: &Path) -> anyhow::Result<Connection> {
    let name = database.file_name().context("a database has a name")?;
    let copy = scratch.join(name);
    fs::copy(database, &copy).with_context(|| format!("{} cannot be copied", database.display()))?;
    let ahead = |path: &Path| path.with_extension("db-wal");
    if ahead(database).exists() {
        fs::copy(ahead(database), ahead(&copy))?;
    }
    Ok(Connection::open_with_flags(
        copy,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?)
}

/// Whether the file of what is written ahead ends with pages whose transaction is not closed.
fn half_written(ahead: &Path) -> anyhow::Result<bool> {
    const HEADER: usize = 32;
    const FRAME_HEADER: usize = 24;
    if !ahead.exists() {
        return Ok(false);
    }
    let bytes = fs::read(ahead)?;
    let number =
        |at: usize| bytes.get(at..at + 4).and_then(|four| four.try_into().ok()).map(u32::from_be_bytes);
    let (Some(page), Some(salts)) = (number(8), bytes.get(16..24)) else { return Ok(false) };
    let frames = (HEADER..).step_by(FRAME_HEADER + page as usize);
    // Frames of an earlier use of the file, which lie behind, have other salts.
    let ours = frames.take_while(|at| bytes.get(at + 8..at + 16) == Some(salts));
    // The size of the database in pages, in the frame that closes a transaction.
    Ok(ours.last().and_then(|at| number(at + 4)) == Some(0))
}

fn integrity(database: &Connection) -> anyhow::Result<String> {
    let mut statement = database.prepare("PRAGMA integrity_check")?;
    let lines = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    Ok(lines.join("; "))
}

fn ledger(database: &Connection) -> anyhow::Result<Vec<Entry>> {
    let mut statement = database.prepare(
        "SELECT id, register, state, step, COALESCE(sha256, ''), read_rows, created, updated, unchanged, refused, \
         (SELECT count(*) FROM refused_rows WHERE import_id = imports.id), holds.import_id IS NOT NULL, \
         holds.approved_by IS NOT NULL FROM imports LEFT JOIN holds ON import_id = id ORDER BY id",
    )?;
    let entries = statement.query_map([], |row| {
        let count = |at| Ok::<_, rusqlite::Error>(row.get::<_, i64>(at)?.unsigned_abs());
        Ok(Entry {
            id: row.get(0)?,
            register: row.get(1)?,
            state: row.get(2)?,
            step: row.get(3)?,
            sha256: row.get(4)?,
            counts: Counts {
                read: count(5)?,
                created: count(6)?,
                updated: count(7)?,
                unchanged: count(8)?,
                refused: count(9)?,
            },
            refused_rows: count(10)?,
            held: row.get(11)?,
            approved: row.get(12)?,
        })
    })?;
    Ok(entries.collect::<Result<_, _>>()?)
}

fn stored(database: &Connection, export: Export) -> anyhow::Result<Stored> {
    let register = export.register();
    let fields = export.fields().map(|field| format!("COALESCE(\"{field}\", '')")).join(", ");
    let mut stored = Stored::default();
    let mut statement = database.prepare(&format!("SELECT {fields} FROM {register}"))?;
    let rows = statement.query_map([], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?]))?;
    for values in rows {
        let values: [String; 4] = values?;
        stored.records.insert(values[0].clone(), values);
    }
    // The numbers by which the history names registers and kinds of change.
    let number = match export {
        Export::Customers | Export::CustomersInTurn => 1,
        Export::Products => 2,
    };
    let mut statement = database.prepare(&format!(
        "SELECT h.import_id, r.number, h.line, CASE h.kind WHEN 1 THEN 'created' WHEN 2 THEN 'updated' ELSE 'removed' END \
         FROM history h JOIN {register} r ON r.id = h.record_id WHERE h.register = ?1"
    ))?;
    let rows = statement.query_map([number], |row| {
        Ok(Happened {
            import: row.get(0)?,
            key: row.get(1)?,
            line: row.get::<_, i64>(2)?.unsigned_abs(),
            kind: row.get(3)?,
        })
    })?;
    stored.history = rows.collect::<Result<_, _>>()?;
    stored.history.sort();
    Ok(stored)
}

fn lying(folder: &Path) -> anyhow::Result<Vec<Lying>> {
    let mut files = Vec::new();
    for name in names(folder) {
        match fs::read(folder.join(&name)) {
            Ok(bytes) => files.push(Lying { name, len: bytes.len(), sha256: sha256(&bytes) }),
            // A running program or ERP system took it away.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error).with_context(|| format!("{name} cannot be read")),
        }
    }
    Ok(files)
}

/// What the program itself tells of a register, by its own command.
pub(crate) fn told(
    installation: &Installation,
    export: Export,
) -> anyhow::Result<BTreeMap<String, [String; 4]>> {
    let records = installation.records(export.register())?;
    let values = |record: &serde_json::Value| {
        export.fields().map(|field| record[field].as_str().unwrap_or_default().to_owned())
    };
    Ok(records.iter().map(values).map(|values| (values[0].clone(), values)).collect())
}
