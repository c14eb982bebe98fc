//! What people are to be told while they look at no page: noted here once, and kept until they were told.
//!
//! Imports are found in the ledger itself, so nothing that happens while nobody notes it is lost, and nothing in an import's
//! way has to know of it.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::db::{Conn, DbResult, Row};
use crate::page::{self, Page};
use crate::words::words;
use crate::{COMPANY, time};

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// An import is held: a person must approve or discard it.
    Held,
    /// A file was refused as a whole.
    Refused,
    /// An automation has not been able to work for a while.
    Failing,
    /// An automation that failed works again.
    Well,
}

words!(Event, "event", { Held = "held", Refused = "refused", Failing = "failing", Well = "well" });

/// What became of telling it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Somebody was told.
    Sent,
    /// Nobody was to be told.
    Nobody,
    /// It could not be told for so long that it is no news any more.
    Late,
}

words!(Outcome, "outcome", { Sent = "sent", Nobody = "nobody", Late = "late" });

/// Something to be told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Notification {
    /// Its number.
    pub id: i64,
    /// What happened.
    pub event: Event,
    /// When.
    #[serde(with = "time")]
    pub at: Timestamp,
    /// The import that it is about.
    pub import: Option<i64>,
    /// The automation that it is about.
    pub automation: Option<String>,
    /// What is to be told, in sentences.
    pub message: String,
    /// What became of it; `None` while it is to be told.
    pub outcome: Option<Outcome>,
    /// When it was told.
    #[serde(with = "time::optional")]
    pub told_at: Option<Timestamp>,
    /// Why it could not be told yet.
    pub error: Option<String>,
}

/// What could not be told for so long is no news any more.
const NEWS: SignedDuration = SignedDuration::from_hours(72);

/// So many of the newest imports are looked at.
const NEWEST: i64 = 1000;

const COLUMNS: &str = "id, event, at, import_id, automation, message, outcome, told_at, error";

fn notification(row: &Row<'_>) -> DbResult<Notification> {
    Ok(Notification {
        id: row.int(0)?,
        event: row.text(1)?.parse()?,
        at: time::from_text(row.text_ref(2)?.unwrap_or_default())?,
        import: row.opt_int(3)?,
        automation: row.opt_text(4)?,
        message: row.text(5)?,
        outcome: row.opt_text(6)?.map(|word| word.parse()).transpose()?,
        told_at: row.text_ref(7)?.map(time::from_text).transpose()?,
        error: row.opt_text(8)?,
    })
}

/// An import of an automation that people are to be told of, and have not been.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Untold {
    /// Its number.
    pub import: i64,
    /// Held or refused.
    pub event: Event,
    /// The file.
    pub file: String,
    /// Why.
    pub reason: Option<String>,
}

/// The imports that people are to be told of: those that are held, and those that were refused by themselves. Who imports
/// by hand is told at once, and is not told again.
///
/// # Errors
/// Only those of the database.
pub fn untold(c: &Conn) -> DbResult<Vec<Untold>> {
    c.all(
        "SELECT id, state, file, reason FROM imports AS i WHERE company_id = ?1 AND state IN ('held', 'refused')
         AND automation IS NOT NULL AND id > (SELECT max(id) FROM imports WHERE company_id = ?1) - ?2
         AND NOT EXISTS (SELECT 1 FROM notifications AS n WHERE n.company_id = ?1 AND n.about = i.state || ' ' || i.id)
         AND NOT (state = 'refused' AND EXISTS (SELECT 1 FROM holds WHERE import_id = i.id)) ORDER BY id",
        &[COMPANY.into(), NEWEST.into()],
        |row| {
            Ok(Untold {
                import: row.int(0)?,
                event: row.text(1)?.parse()?,
                file: row.text(2)?,
                reason: row.opt_text(3)?,
            })
        },
    )
}

/// Notes that people are to be told of an import; nothing when that is noted already.
///
/// # Errors
/// Only those of the database.
pub fn note_import(c: &Conn, untold: &Untold, message: &str, at: Timestamp) -> DbResult<()> {
    let about = format!("{} {}", untold.event, untold.import);
    insert(c, untold.event, &about, Some(untold.import), None, message, at)
}

/// Notes that an automation fails, or is well again; nothing when that is what was last noted of it.
///
/// # Errors
/// Only those of the database.
pub fn note_automation(
    c: &Conn,
    event: Event,
    automation: &str,
    message: &str,
    at: Timestamp,
) -> DbResult<()> {
    if last_of(c, automation)? == Some(event) {
        return Ok(());
    }
    let about = format!("{event} {automation} {}", time::to_text(at));
    insert(c, event, &about, None, Some(automation), message, at)
}

/// What was last noted of an automation.
///
/// # Errors
/// Only those of the database.
pub fn last_of(c: &Conn, automation: &str) -> DbResult<Option<Event>> {
    let found = c.first(
        "SELECT event FROM notifications WHERE company_id = ?1 AND automation = ?2 ORDER BY id DESC LIMIT 1",
        &[COMPANY.into(), automation.into()],
        |row| row.text(0),
    )?;
    Ok(found.map(|word| word.parse()).transpose()?)
}

fn insert(
    c: &Conn,
    event: Event,
    about: &str,
    import: Option<i64>,
    automation: Option<&str>,
    message: &str,
    at: Timestamp,
) -> DbResult<()> {
    c.execute(
        "INSERT INTO notifications (company_id, event, about, at, import_id, automation, message)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (company_id, about) DO NOTHING",
        &[
            COMPANY.into(),
            event.word().into(),
            about.into(),
            time::to_text(at).as_str().into(),
            import.into(),
            automation.into(),
            message.into(),
        ],
    )?;
    Ok(())
}

/// What is to be told, the oldest first, at most `limit`.
///
/// # Errors
/// Only those of the database.
pub fn to_tell(c: &Conn, limit: u32) -> DbResult<Vec<Notification>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM notifications WHERE company_id = ?1 AND outcome IS NULL ORDER BY id LIMIT {limit}"
    );
    c.all(&sql, &[COMPANY.into()], notification)
}

/// Notes what became of telling these.
///
/// # Errors
/// Only those of the database.
pub fn told(c: &Conn, ids: &[i64], outcome: Outcome, at: Timestamp) -> DbResult<()> {
    let at = time::to_text(at);
    for id in ids {
        c.execute(
            "UPDATE notifications SET outcome = ?2, told_at = ?3, error = NULL WHERE id = ?1 AND outcome IS NULL",
            &[(*id).into(), outcome.word().into(), at.as_str().into()],
        )?;
    }
    Ok(())
}

/// Notes why these could not be told; what happened too long ago is given up.
///
/// # Errors
/// Only those of the database.
pub fn not_told(c: &Conn, ids: &[i64], error: &str, now: Timestamp) -> DbResult<()> {
    let oldest = now.checked_sub(NEWS).unwrap_or(Timestamp::MIN);
    for id in ids {
        c.execute(
            "UPDATE notifications SET error = ?2, outcome = CASE WHEN at < ?3 THEN 'late' END
             WHERE id = ?1 AND outcome IS NULL",
            &[(*id).into(), error.into(), time::to_text(oldest).as_str().into()],
        )?;
    }
    Ok(())
}

/// When somebody was last told of anything.
///
/// # Errors
/// Only those of the database.
pub fn last_told(c: &Conn) -> DbResult<Option<Timestamp>> {
    let found = c.first(
        "SELECT told_at FROM notifications WHERE company_id = ?1 AND outcome = 'sent' ORDER BY id DESC LIMIT 1",
        &[COMPANY.into()],
        |row| row.text(0),
    )?;
    found.as_deref().map(time::from_text).transpose()
}

/// All notifications, the newest first.
///
/// # Errors
/// [`crate::db::DbError::Invalid`] for a cursor that no list gave.
pub fn list(c: &Conn, limit: u32, cursor: Option<&str>) -> DbResult<Page<Notification>> {
    let limit = page::bounded(limit);
    let before = page::number_cursor(cursor)?.unwrap_or(i64::MAX);
    let sql = format!(
        "SELECT {COLUMNS} FROM notifications WHERE company_id = ?1 AND id < ?2 ORDER BY id DESC LIMIT {}",
        limit + 1
    );
    let items = c.all(&sql, &[COMPANY.into(), before.into()], notification)?;
    Ok(Page::cut(items, limit, None, |last| last.id.to_string()))
}
