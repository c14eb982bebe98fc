//! Imports by day, for a chart.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use serde::Serialize;

use crate::COMPANY;
use crate::db::{Conn, DbError, DbResult};
use crate::time;

use super::State;

/// What was imported on one day (UTC).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Day {
    /// The day on which the files were taken.
    pub date: Date,
    /// How many imports.
    pub imports: u64,
    /// How many rows they read.
    pub rows: u64,
    /// How long they took together, in seconds.
    pub seconds: f64,
    /// How many of them were refused.
    pub failed: u64,
}

/// The `days` days up to and with the day of `now`, oldest first, each with what was imported on it; days without
/// imports are there too.
pub fn by_day(c: &Conn, now: Timestamp, days: u32) -> DbResult<Vec<Day>> {
    let today = now.to_zoned(TimeZone::UTC).date();
    let span = Span::new()
        .try_days(i64::from(days).saturating_sub(1))
        .map_err(|e| DbError::Invalid(e.to_string()))?;
    let first = today.saturating_sub(span);
    let mut list: Vec<Day> = first
        .series(Span::new().days(1))
        .take_while(|date| days > 0 && *date <= today)
        .map(|date| Day { date, imports: 0, rows: 0, seconds: 0.0, failed: 0 })
        .collect();
    c.each(
        "SELECT started_at, finished_at, read_rows, state FROM imports \
         WHERE company_id = ?1 AND started_at >= ?2",
        &[COMPANY.into(), format!("{first}T00:00:00.000Z").as_str().into()],
        |row| {
            let started = time::from_text(&row.text(0)?)?;
            let date = started.to_zoned(TimeZone::UTC).date();
            let Some(day) = list.iter_mut().find(|day| day.date == date) else { return Ok(true) };
            day.imports += 1;
            day.rows += row.count(2)?;
            if let Some(finished) = row.opt_text(1)? {
                day.seconds += time::from_text(&finished)?.duration_since(started).as_secs_f64().max(0.0);
            }
            day.failed += u64::from(row.text(3)?.parse::<State>()? == State::Refused);
            Ok(true)
        },
    )?;
    Ok(list)
}
