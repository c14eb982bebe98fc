//! What is of the moment: sessions, failed sign-ins, the progress of running imports, the state of automations and what
//! people ask of them.
//!
//! It has a database of its own ([`crate::open_live`]), so that none of it waits for an import's transaction. Losing it
//! signs everybody out and loses nothing else.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::db::{Conn, DbResult, Row};
use crate::time;

/// A session ends when nothing was asked through it for this long.
pub const IDLE: Duration = Duration::from_secs(12 * 60 * 60);

/// A session ends this long after signing in, whatever happens.
pub const LONGEST: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// How exactly a session's last use is noted.
const TOUCH: Duration = Duration::from_secs(60);

/// Failures that cost nothing: anybody mistypes.
const FREE_FAILURES: u32 = 4;

/// The longest wait after a failed sign-in.
const LONGEST_WAIT: Duration = Duration::from_secs(15 * 60);

/// Failed sign-ins are forgotten after a day without any.
const FAILURES_KEPT: Duration = Duration::from_secs(24 * 60 * 60);

/// Somebody who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The person's number. Whether the person still exists, and as what, is for the caller to look up.
    pub person: i64,
    /// When the person signed in.
    pub created_at: Timestamp,
    /// When the session was last used, exact to a minute.
    pub seen_at: Timestamp,
}

impl Session {
    /// Whether the last use should be noted anew, with [`touch`]: at most once a minute.
    pub fn is_stale(&self, now: Timestamp) -> bool {
        now.duration_since(self.seen_at).unsigned_abs() >= TOUCH
    }
}

/// Begins a session. `token_hash` is the hash of the secret in the person's cookie.
pub fn create_session(c: &Conn, token_hash: &str, person: i64, now: Timestamp) -> DbResult<()> {
    let now = time::to_text(now);
    c.execute(
        "INSERT INTO sessions (token_hash, person_id, created_at, seen_at) VALUES (?1, ?2, ?3, ?3)",
        &[token_hash.into(), person.into(), now.as_str().into()],
    )?;
    Ok(())
}

/// The session that the token belongs to, unless it has ended.
pub fn find_session(c: &Conn, token_hash: &str, now: Timestamp) -> DbResult<Option<Session>> {
    c.first(
        "SELECT person_id, created_at, seen_at FROM sessions \
         WHERE token_hash = ?1 AND seen_at > ?2 AND created_at > ?3",
        &[token_hash.into(), ago(now, IDLE).as_str().into(), ago(now, LONGEST).as_str().into()],
        |row| {
            Ok(Session {
                person: row.int(0)?,
                created_at: time::from_text(&row.text(1)?)?,
                seen_at: time::from_text(&row.text(2)?)?,
            })
        },
    )
}

/// Notes that a session is in use, at most once a minute; for when [`Session::is_stale`] says so.
pub fn touch(c: &Conn, token_hash: &str, now: Timestamp) -> DbResult<()> {
    c.execute(
        "UPDATE sessions SET seen_at = ?2 WHERE token_hash = ?1 AND (seen_at <= ?3 OR seen_at > ?2)",
        &[token_hash.into(), time::to_text(now).as_str().into(), ago(now, TOUCH).as_str().into()],
    )?;
    Ok(())
}

/// Ends a session: signing out.
pub fn delete_session(c: &Conn, token_hash: &str) -> DbResult<()> {
    c.execute("DELETE FROM sessions WHERE token_hash = ?1", &[token_hash.into()])?;
    Ok(())
}

/// Ends all sessions of a person: removed, or with a new password.
pub fn delete_sessions_of(c: &Conn, person: i64) -> DbResult<()> {
    c.execute("DELETE FROM sessions WHERE person_id = ?1", &[person.into()])?;
    Ok(())
}

/// Removes what has ended or is too old to matter: sessions and failed sign-ins. To be called now and then.
pub fn tidy(c: &Conn, now: Timestamp) -> DbResult<()> {
    c.execute(
        "DELETE FROM sessions WHERE seen_at <= ?1 OR created_at <= ?2",
        &[ago(now, IDLE).as_str().into(), ago(now, LONGEST).as_str().into()],
    )?;
    c.execute(
        "DELETE FROM sign_in_failures WHERE last_at <= ?1",
        &[ago(now, FAILURES_KEPT).as_str().into()],
    )?;
    Ok(())
}

/// Notes a failed sign-in of an account (any text: a folded name, or a hash of it).
pub fn record_failure(c: &Conn, account: &str, now: Timestamp) -> DbResult<()> {
    c.execute(
        "INSERT INTO sign_in_failures (account, failures, last_at) VALUES (?1, 1, ?2) \
         ON CONFLICT (account) DO UPDATE SET last_at = excluded.last_at, failures = \
         CASE WHEN sign_in_failures.last_at <= ?3 THEN 1 ELSE sign_in_failures.failures + 1 END",
        &[account.into(), time::to_text(now).as_str().into(), ago(now, FAILURES_KEPT).as_str().into()],
    )?;
    Ok(())
}

/// Forgets the failed sign-ins of an account: somebody signed in.
pub fn clear_failures(c: &Conn, account: &str) -> DbResult<()> {
    c.execute("DELETE FROM sign_in_failures WHERE account = ?1", &[account.into()])?;
    Ok(())
}

/// How long the account has to wait before it may try to sign in again: nothing after up to four failures, then 1 s,
/// 2 s, 4 s and so on up to 15 minutes, counted from the last failure.
pub fn wait(c: &Conn, account: &str, now: Timestamp) -> DbResult<Duration> {
    let found = c.first(
        "SELECT failures, last_at FROM sign_in_failures WHERE account = ?1",
        &[account.into()],
        |row| Ok((row.count(0)?, row.text(1)?)),
    )?;
    let Some((failures, last_at)) = found else { return Ok(Duration::ZERO) };
    let since = Duration::try_from(now.duration_since(time::from_text(&last_at)?));
    // A clock that was set back must not lock anybody out for longer than the rule says.
    Ok(delay_after(failures).saturating_sub(since.unwrap_or(Duration::ZERO)))
}

fn delay_after(failures: u64) -> Duration {
    let Some(doublings) = failures.checked_sub(u64::from(FREE_FAILURES) + 1) else { return Duration::ZERO };
    let doublings = u32::try_from(doublings).unwrap_or(u32::MAX);
    Duration::from_secs(1_u64.checked_shl(doublings).unwrap_or(u64::MAX)).min(LONGEST_WAIT)
}

/// How far a running import has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// The import's number.
    pub import: i64,
    /// What it is doing, in a word.
    pub phase: String,
    /// How much of `total` is done, in whatever unit the phase counts.
    pub done: u64,
    /// How much there is to do.
    pub total: u64,
    /// When this was noted.
    #[serde(with = "time")]
    pub updated_at: Timestamp,
}

impl Progress {
    /// Whole per cent, 0 to 100.
    pub fn percent(&self) -> u8 {
        let done = u128::from(self.done.min(self.total)) * 100;
        done.checked_div(u128::from(self.total)).and_then(|p| u8::try_from(p).ok()).unwrap_or(0)
    }
}

const PROGRESS: &str = "SELECT import_id, phase, done, total, updated_at FROM progress";

fn progress_row(row: &Row<'_>) -> DbResult<Progress> {
    Ok(Progress {
        import: row.int(0)?,
        phase: row.text(1)?,
        done: row.count(2)?,
        total: row.count(3)?,
        updated_at: time::from_text(&row.text(4)?)?,
    })
}

/// Notes how far an import has come.
pub fn set_progress(c: &Conn, progress: &Progress) -> DbResult<()> {
    c.execute(
        "INSERT INTO progress (import_id, phase, done, total, updated_at) VALUES (?1, ?2, ?3, ?4, ?5) \
         ON CONFLICT (import_id) DO UPDATE SET phase = excluded.phase, done = excluded.done, \
         total = excluded.total, updated_at = excluded.updated_at",
        &[
            progress.import.into(),
            progress.phase.as_str().into(),
            progress.done.into(),
            progress.total.into(),
            time::to_text(progress.updated_at).as_str().into(),
        ],
    )?;
    Ok(())
}

/// The import is no longer running.
pub fn clear_progress(c: &Conn, import: i64) -> DbResult<()> {
    c.execute("DELETE FROM progress WHERE import_id = ?1", &[import.into()])?;
    Ok(())
}

/// No import is running: the program has just started.
pub fn clear_all_progress(c: &Conn) -> DbResult<()> {
    c.execute("DELETE FROM progress", &[])?;
    Ok(())
}

/// How far the import has come; `None` when it is not running.
pub fn progress(c: &Conn, import: i64) -> DbResult<Option<Progress>> {
    c.first(&format!("{PROGRESS} WHERE import_id = ?1"), &[import.into()], progress_row)
}

/// What an automation is doing, as JSON that only the caller understands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AutomationState {
    /// The automation's name.
    pub automation: String,
    /// What it is doing, as JSON.
    pub status: String,
    /// Since when it has been known.
    pub updated_at: Timestamp,
}

const AUTOMATION: &str = "SELECT automation, status, updated_at FROM automation_states";

fn automation_row(row: &Row<'_>) -> DbResult<AutomationState> {
    Ok(AutomationState {
        automation: row.text(0)?,
        status: row.text(1)?,
        updated_at: time::from_text(&row.text(2)?)?,
    })
}

/// Notes what an automation is doing.
pub fn set_automation_state(c: &Conn, automation: &str, status: &str, at: Timestamp) -> DbResult<()> {
    c.execute(
        "INSERT INTO automation_states (automation, status, updated_at) VALUES (?1, ?2, ?3) \
         ON CONFLICT (automation) DO UPDATE SET status = excluded.status, updated_at = excluded.updated_at",
        &[automation.into(), status.into(), time::to_text(at).as_str().into()],
    )?;
    Ok(())
}

/// What the automation is doing, if anything was noted.
pub fn automation_state(c: &Conn, automation: &str) -> DbResult<Option<AutomationState>> {
    c.first(&format!("{AUTOMATION} WHERE automation = ?1"), &[automation.into()], automation_row)
}

/// What all automations are doing, by name.
pub fn automation_states(c: &Conn) -> DbResult<Vec<AutomationState>> {
    c.all(&format!("{AUTOMATION} ORDER BY automation"), &[], automation_row)
}

/// Somebody wants the automation to try again now instead of when it would.
pub fn ask_for_retry(c: &Conn, automation: &str) -> DbResult<()> {
    c.execute(
        "INSERT INTO retries (automation, asked) VALUES (?1, 1) \
         ON CONFLICT (automation) DO UPDATE SET asked = retries.asked + 1",
        &[automation.into()],
    )?;
    Ok(())
}

/// How often that was asked so far: another number than before means now.
pub fn retries_asked_for(c: &Conn, automation: &str) -> DbResult<u64> {
    let asked =
        c.first("SELECT asked FROM retries WHERE automation = ?1", &[automation.into()], |row| row.count(0))?;
    Ok(asked.unwrap_or(0))
}

/// How the clock was when the program last looked at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeenClock {
    /// What it showed.
    pub at: Timestamp,
    /// For how many milliseconds of running time it has gone on as it should since it last jumped.
    pub agreed_ms: u64,
}

/// How the clock was when the program last looked at it; `None` when it never did.
pub fn seen_clock(c: &Conn) -> DbResult<Option<SeenClock>> {
    let seen = c.first("SELECT seen_at, agreed_ms FROM clock", &[], |row| {
        Ok(SeenClock { at: time::from_text(&row.text(0)?)?, agreed_ms: row.count(1)? })
    })?;
    Ok(seen)
}

/// Notes how the clock is now.
pub fn set_seen_clock(c: &Conn, seen: SeenClock) -> DbResult<()> {
    c.execute(
        "INSERT INTO clock (id, seen_at, agreed_ms) VALUES (1, ?1, ?2) \
         ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at, agreed_ms = excluded.agreed_ms",
        &[time::to_text(seen.at).as_str().into(), seen.agreed_ms.into()],
    )?;
    Ok(())
}

/// The time that long ago, as text.
fn ago(now: Timestamp, duration: Duration) -> String {
    time::to_text(now.checked_sub(duration).unwrap_or(Timestamp::MIN))
}

#[cfg(test)]
mod tests;
