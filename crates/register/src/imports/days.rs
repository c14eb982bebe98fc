//! Imports by day, for a chart.

use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use serde::Serialize;

use crate::COMPANY;
use crate::db::{Conn, DbError, DbResult};

/// What was imported on one day (UTC).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Day {
    /// The day on which the files were taken.
    pub date: Date,
    /// How many imports.
    pub imports: u64,
    /// How many rows they read.
    pub rows: u64,
    /// How long those that have their outcome took together, in seconds.
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
    // Times are text in UTC: the first ten characters are the day.
    c.each(
        "SELECT substr(started_at, 1, 10), count(*), CAST(sum(read_rows) AS BIGINT), \
         CAST(COALESCE(sum(took_ms), 0) AS BIGINT), \
         CAST(sum(CASE WHEN state = 'refused' THEN 1 ELSE 0 END) AS BIGINT) \
         FROM imports WHERE company_id = ?1 AND started_at >= ?2 GROUP BY substr(started_at, 1, 10)",
        &[COMPANY.into(), format!("{first}T00:00:00.000Z").as_str().into()],
        |row| {
            let date = row.text(0)?;
            let Some(day) = list.iter_mut().find(|day| day.date.to_string() == date) else { return Ok(true) };
            day.imports = row.count(1)?;
            day.rows = row.count(2)?;
            day.seconds = Duration::from_millis(row.count(3)?).as_secs_f64();
            day.failed = row.count(4)?;
            Ok(true)
        },
    )?;
    Ok(list)
}
