//! The first load of a register: many new records, and none before.
//!
//! Two threads share the work. One reads the rows again, makes values of them, and gathers and sorts their words; the
//! other, to which the transaction belongs, stores what comes. Then the words are stored as a whole.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use jiff::Timestamp;

use crate::changes::{Change, ChangeKind, ChangeSet, Mark, Rows};
use crate::db::{Conn, DbError, DbResult, Param};
use crate::job::{Job, Stop, Ticker};
use crate::search::{self, Gathering, Segment};
use crate::store::param;
use crate::{COMPANY, Register, guard, history, records, time};

use super::{INSERT_FIXED, given, insert_sql, value};

/// Records that go from one thread to the other at once, and how many such batches may wait.
const BATCH: usize = 256;
const WAITING: usize = 8;

/// Whether a change set can be stored so: every record is new, there is none, and nobody took any back.
pub(super) fn is_first(c: &Conn, register: &'static Register, set: &ChangeSet) -> DbResult<bool> {
    let none = format!("SELECT 1 FROM {} LIMIT 1", register.name);
    Ok(set.counts.created > 0
        && records::count(c, register)? == 0
        && c.first(&none, &[], |_| Ok(()))?.is_none()
        && !guard::is_any_undone(c, register)?
        && Segment::is_known_to(c, register.name)?)
}

/// What the records get from their import.
pub(super) struct From {
    pub(super) import: i64,
    pub(super) at: Timestamp,
    /// The id of the first one.
    pub(super) first: i64,
    /// The number of the first one's entry in the history.
    pub(super) entry: i64,
}

/// Stores the records of a change set for which [`is_first`] is true, and makes their `indexes`; gives how many records
/// there are.
pub(super) fn load(
    c: &Conn,
    job: &Job<'_>,
    set: &ChangeSet,
    from: &From,
    indexes: &[String],
    ticker: &mut Ticker<'_, '_>,
) -> Result<u64, Stop> {
    let fields: Vec<usize> = set.mapper.fields().collect();
    let (send, receive) = sync_channel(WAITING);
    thread::scope(|scope| {
        let fields = &fields;
        let preparing = thread::Builder::new()
            .name("first load".to_owned())
            .spawn_scoped(scope, move || prepare(job, set, fields, from.first, send))
            .map_err(|error| {
                DbError::Invalid(format!("a thread cannot be started ({error}); nothing was changed"))
            })?;
        // When this fails, nobody receives any more, and the other thread ends, too.
        let stored = store(c, job.register, fields, from, receive, ticker)?;
        for index in indexes {
            c.batch(index)?;
        }
        let words = preparing.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        if let (Some(words), Some(last)) = (words, i64::try_from(stored).ok().filter(|stored| *stored > 0)) {
            words.store(c, job.register.name, from.first, from.first + last - 1)?;
        }
        Ok(stored)
    })
}

/// Records on their way to the thread that stores them.
#[derive(Default)]
struct Batch {
    /// The values of all records, one after the other.
    text: String,
    /// Where they are in `text`: as many as fields are mapped for each record, `None` for an empty one.
    cells: Vec<Option<(usize, usize)>>,
    /// The fingerprint of each record's row, and its line.
    rows: Vec<(Mark, u64)>,
}

impl Batch {
    fn add(&mut self, value: Option<&str>) {
        self.cells.push(value.map(|value| {
            let start = self.text.len();
            self.text.push_str(value);
            (start, self.text.len())
        }));
    }

    fn value(&self, cell: usize) -> Option<&str> {
        self.cells[cell].map(|(start, end)| &self.text[start..end])
    }
}

/// Makes records of the changes and sends them; gives their words, or `None` when nobody wants them any more.
fn prepare(
    job: &Job<'_>,
    set: &ChangeSet,
    fields: &[usize],
    first: i64,
    send: SyncSender<Batch>,
) -> Result<Option<Segment>, Stop> {
    let mut rows = Rows::new(job.spool, set.parser.clone());
    let mut gathering = Gathering::new(job.scratch);
    let mut changes = set.changes.reader();
    let (mut id, mut words, mut batch) = (first, String::new(), Batch::default());
    while let Some(piece) = changes.next()? {
        let change = Change::read(piece)?;
        if change.kind != ChangeKind::Created {
            // It was compared with records that are there no more.
            return Err(Stop::Stale);
        }
        let given = given(set, &mut rows, &change)?;
        let mut values = given.iter().peekable();
        for &at in fields {
            let value = values.next_if(|(given, _)| *given == at);
            batch.add(value.and_then(|(_, value)| value.as_deref()));
        }
        search::line(job.register, |at| value(&given, at), &mut words);
        gathering.add(id, &words)?;
        id += 1;
        batch.rows.push((change.mark, change.place.line));
        if batch.rows.len() == BATCH && send.send(std::mem::take(&mut batch)).is_err() {
            return Ok(None);
        }
    }
    if send.send(batch).is_err() {
        return Ok(None);
    }
    // All rows are there: while their indexes are made, the words are brought in order.
    drop(send);
    Ok(Some(gathering.finish()?))
}

/// Stores what comes, with its history.
fn store(
    c: &Conn,
    register: &'static Register,
    fields: &[usize],
    from: &From,
    receive: Receiver<Batch>,
    ticker: &mut Ticker<'_, '_>,
) -> Result<u64, Stop> {
    c.unchecked(|| {
        let mut insert = c.statement(&insert_sql(register, fields))?;
        let mut insert_history = c.statement(&history::creations_sql(BATCH))?;
        let mut stored = 0;
        let mut history = Vec::with_capacity(4 + 3 * BATCH);
        for batch in receive {
            history.clear();
            history.extend::<[Param<'_>; 4]>([
                COMPANY.into(),
                register.number.into(),
                time::to_number(from.at).into(),
                from.import.into(),
            ]);
            let mut params: Vec<Param<'_>> = Vec::with_capacity(INSERT_FIXED + fields.len());
            for (row, (mark, line)) in batch.rows.iter().enumerate() {
                let (id, entry) = (from.first + stored, from.entry + stored);
                params.clear();
                params.extend::<[Param<'_>; INSERT_FIXED]>([
                    id.into(),
                    COMPANY.into(),
                    1_i64.into(),
                    mark.as_slice().into(),
                    time::to_number(from.at).into(),
                    entry.into(),
                ]);
                let cells = (row * fields.len()..).zip(fields);
                params.extend(cells.map(|(cell, &at)| param(register, at, batch.value(cell))));
                if insert.execute(&params)? == 0 {
                    return Err(Stop::Stale);
                }
                let line = Some(*line).filter(|line| *line > 0);
                history.extend::<[Param<'_>; 3]>([entry.into(), id.into(), line.into()]);
                stored += 1;
                ticker.row(|rows| rows)?;
            }
            match batch.rows.len() {
                BATCH => insert_history.execute(&history)?,
                0 => 0,
                rows => c.execute(&history::creations_sql(rows), &history)?,
            };
        }
        Ok(stored.unsigned_abs())
    })
}
