//! What looks have found, in the live database: the pairs of the look that counts, and how far one under way has come.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::compare::Stop;
use crate::db::{Conn, Database, DbResult};
use crate::page::bad_cursor;
use crate::{Register, history, time};

/// Goes up when other pairs are found in the same records.
const RULES: i64 = 1;

/// Pairs that are written at a time.
const AT_A_TIME: usize = 2000;

/// A pair with how much it has in common, less first, so that the least goes when there are too many.
pub(super) type Weighed = (i64, Reverse<(i64, i64)>);

/// The look that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastLook {
    /// When it began.
    pub at: Timestamp,
    /// How many records it looked through.
    pub records: u64,
    /// How many pairs it found.
    pub pairs: u64,
}

/// How far a look that is under way has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Looking {
    /// How many records have been looked through.
    pub done: u64,
    /// How many there are.
    pub total: u64,
}

impl Looking {
    /// Whole per cent, 0 to 100.
    pub fn percent(self) -> u8 {
        let done = u128::from(self.done.min(self.total)) * 100;
        done.checked_div(u128::from(self.total)).and_then(|p| u8::try_from(p).ok()).unwrap_or(0)
    }
}

/// A look that said nothing for longer has ended without an end.
const SILENT: jiff::SignedDuration = jiff::SignedDuration::from_secs(60);

/// The last look through a register, and how far the one under way has come; `None` where there is none.
///
/// # Errors
/// Only those of the database.
pub fn last_look(
    live: &Conn,
    register: &Register,
    now: Timestamp,
) -> DbResult<(Option<LastLook>, Option<Looking>)> {
    let found = live.first(
        "SELECT at, records, pairs, noted_at, done, total FROM duplicate_looks WHERE register = ?1",
        &[register.name.into()],
        |row| {
            let moment = |column| row.text_ref(column)?.map(time::from_text).transpose();
            let (records, pairs) = (row.count(1)?, row.count(2)?);
            let last = moment(0)?.map(|at| LastLook { at, records, pairs });
            let (done, total) = (row.count(4)?, row.count(5)?);
            let looking = moment(3)?.filter(|noted| now.duration_since(*noted) < SILENT);
            Ok((last, looking.map(|_| Looking { done, total })))
        },
    )?;
    Ok(found.unwrap_or_default())
}

/// Whether the last look may miss something: there was none, or something happened since.
///
/// # Errors
/// Only those of the databases.
pub fn may_have_changed(c: &Conn, live: &Conn, register: &Register) -> DbResult<bool> {
    let looked = live.first(
        "SELECT history_id FROM duplicate_looks WHERE register = ?1 AND rules = ?2 AND at IS NOT NULL",
        &[register.name.into(), RULES.into()],
        |row| row.int(0),
    )?;
    Ok(looked != Some(history::last(c)?))
}

/// Notes how far a look has come.
///
/// # Errors
/// Only those of the database.
pub fn set_looking(live: &Conn, register: &Register, looking: Looking, now: Timestamp) -> DbResult<()> {
    let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    live.execute(
        "UPDATE duplicate_looks SET noted_at = ?2, done = ?3, total = ?4 WHERE register = ?1",
        &[
            register.name.into(),
            time::to_text(now).as_str().into(),
            number(looking.done).into(),
            number(looking.total).into(),
        ],
    )?;
    Ok(())
}

/// Notes that no look is under way.
///
/// # Errors
/// Only those of the database.
pub fn clear_looking(live: &Conn, register: &Register) -> DbResult<()> {
    let sql = "UPDATE duplicate_looks SET noted_at = NULL WHERE register = ?1";
    live.execute(sql, &[register.name.into()]).map(drop)
}

/// The number of a look that begins now.
pub(super) fn begin(live: &Conn, register: &Register) -> DbResult<i64> {
    live.execute(
        "INSERT INTO duplicate_looks (register, look, begun, history_id, rules, records, pairs, done, total)
         VALUES (?1, 0, 1, 0, 0, 0, 0, 0, 0) ON CONFLICT (register) DO UPDATE SET begun = duplicate_looks.begun + 1",
        &[register.name.into()],
    )?;
    let sql = "SELECT begun FROM duplicate_looks WHERE register = ?1";
    Ok(live.first(sql, &[register.name.into()], |row| row.int(0))?.unwrap_or(1))
}

/// Writes the pairs of a look, some at a time, so that nobody waits long.
pub(super) fn note(
    live: &Database,
    register: &Register,
    number: i64,
    pairs: &BTreeSet<Weighed>,
) -> Result<(), Stop> {
    let mut pairs = pairs.iter().peekable();
    while pairs.peek().is_some() {
        live.write(|c| {
            for (weight, Reverse((first, second))) in pairs.by_ref().take(AT_A_TIME) {
                c.execute(
                    "INSERT INTO duplicate_pairs (register, look, first_id, second_id, weight)
                     VALUES (?1, ?2, ?3, ?4, ?5)",
                    &[
                        register.name.into(),
                        number.into(),
                        (*first).into(),
                        (*second).into(),
                        (*weight).into(),
                    ],
                )?;
            }
            DbResult::Ok(())
        })?;
    }
    Ok(())
}

/// A look that is whole.
pub(super) struct Noted {
    pub(super) number: i64,
    pub(super) at: Timestamp,
    pub(super) history: i64,
    pub(super) records: u64,
    pub(super) pairs: u64,
}

/// From now on the look counts, unless one that began later does already.
pub(super) fn finish(live: &Conn, register: &Register, noted: &Noted) -> DbResult<()> {
    let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    live.execute(
        "UPDATE duplicate_looks SET look = ?2, at = ?3, history_id = ?4, rules = ?5, records = ?6, pairs = ?7,
         noted_at = NULL WHERE register = ?1 AND look < ?2",
        &[
            register.name.into(),
            noted.number.into(),
            time::to_text(noted.at).as_str().into(),
            noted.history.into(),
            RULES.into(),
            number(noted.records).into(),
            number(noted.pairs).into(),
        ],
    )?;
    // Those that are under way have higher numbers.
    live.execute(
        "DELETE FROM duplicate_pairs WHERE register = ?1
         AND look < (SELECT look FROM duplicate_looks WHERE register = ?1)",
        &[register.name.into()],
    )?;
    Ok(())
}

/// The condition for the pairs of the look that counts; ?1 is the register.
const OF_LAST: &str =
    "register = ?1 AND look = (SELECT look FROM duplicate_looks WHERE duplicate_looks.register = ?1)";

/// The records with which the last look found one, at most `limit` of them, those that have most in common first.
pub(super) fn partners(live: &Conn, register: &Register, record: i64, limit: u32) -> DbResult<Vec<i64>> {
    let params = [register.name.into(), record.into(), i64::from(limit).into()];
    live.all(&partners_sql(), &params, |row| row.int(0))
}

fn partners_sql() -> String {
    format!(
        "SELECT second_id AS other, weight FROM duplicate_pairs WHERE {OF_LAST} AND first_id = ?2
         UNION ALL SELECT first_id, weight FROM duplicate_pairs WHERE {OF_LAST} AND second_id = ?2
         ORDER BY 2 DESC, 1 LIMIT ?3"
    )
}

/// Calls `f` with each pair that the last look found, those that have most in common first, and with its place in the list,
/// from behind `cursor` on; `f` returns `false` to stop.
pub(super) fn each_pair(
    live: &Conn,
    register: &Register,
    cursor: Option<&str>,
    mut f: impl FnMut(String, (i64, i64)) -> DbResult<bool>,
) -> DbResult<()> {
    let place = |text: &str| {
        let parts: Vec<i64> =
            text.split('.').map(str::parse).collect::<Result<_, _>>().map_err(|_| bad_cursor(text))?;
        <[i64; 3]>::try_from(parts).map_err(|_| bad_cursor(text))
    };
    let [weight, first, second] = cursor.map(place).transpose()?.unwrap_or([i64::MAX, 0, 0]);
    live.each(&list_sql(), &[register.name.into(), weight.into(), first.into(), second.into()], |row| {
        let (weight, first, second) = (row.int(0)?, row.int(1)?, row.int(2)?);
        f(format!("{weight}.{first}.{second}"), (first, second))
    })
}

fn list_sql() -> String {
    format!(
        "SELECT weight, first_id, second_id FROM duplicate_pairs WHERE {OF_LAST} AND weight <= ?2
         AND (weight < ?2 OR (first_id, second_id) > (?3, ?4)) ORDER BY weight DESC, first_id, second_id"
    )
}

/// What pages ask, for the test that sees how it is answered.
#[cfg(test)]
pub(super) fn queries() -> [String; 2] {
    [partners_sql(), list_sql()]
}
