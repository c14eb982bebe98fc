//! Archived files that are past their time (`keep-archive`) are removed; the ledger keeps the entry for ever.
//!
//! What is removed cannot be taken back, and a clock can be wrong: after an empty battery, in a restored virtual machine,
//! by a slip of a hand. So the clock is believed only once it has gone on as it should for a day of running time.

use std::path::Path;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use register::imports;
use register::live::{self, SeenClock};
use register::settings::KeepArchive;

use super::{Later, kept_folder};
use crate::app::App;

/// For so much of the running time the clock must have gone on as it should.
const BELIEVED_AFTER: Duration = Duration::from_secs(24 * 3600);

/// A clock that has gone on by more hours since it was last looked at has jumped, or the machine was off for long: three days,
/// and less where files are kept for less than twelve, but always as long as a night.
const FARTHEST_HOURS: (i64, i64) = (16, 3 * 24);

/// A clock that has gone back by more was set.
const BACK: SignedDuration = SignedDuration::from_hours(-1);

/// Removes archived files when they are past their time.
#[derive(Default)]
pub(crate) struct Expiry {
    /// When the clock was last looked at, by the monotonic clock.
    looked_at: Option<Duration>,
    /// Whether people were told that files stay until the clock is believed.
    told: bool,
}

impl Expiry {
    /// Removes archived files older than the settings keep them.
    ///
    /// # Errors
    /// [`Later`] when the ledger cannot be read or written, or a file cannot be removed; the rest is tried next time.
    pub(crate) fn remove_expired(&mut self, app: &App) -> Result<(), Later> {
        let now = app.clock.now();
        let settings = app.settings().map_err(|error| Later::Failing(format!("{error:#}")))?;
        let KeepArchive::Days(days) = settings.settings.erp_system.keep_archive else { return Ok(()) };
        let hours = 24 * i64::from(days);
        let is_believed =
            self.look_at_clock(app, now, (hours / 4).clamp(FARTHEST_HOURS.0, FARTHEST_HOURS.1))?;
        let days = SignedDuration::from_hours(hours);
        // A time before all time: nothing is that old.
        let Ok(before) = now.checked_sub(days) else { return Ok(()) };
        let past = app.db.read(|c| imports::kept_before(c, before, now))?;
        if !is_believed {
            if !past.is_empty() && !std::mem::replace(&mut self.told, true) {
                tracing::warn!(
                    "archived files are past their time; they stay until the program has run for 24 hours while the clock went \
                     on as it should"
                );
            }
            return Ok(());
        }
        let mut failed = None;
        for entry in past {
            let Some(path) = entry.kept_path.as_deref().map(|path| app.folder.path().join(path)) else {
                continue;
            };
            match remove(app, &path) {
                Ok(true) => {
                    tracing::info!(import = entry.id, path = ?path, "archived file past its time removed")
                }
                Ok(false) => {}
                Err(why) => {
                    let why = format!("{} cannot be removed: {why}", path.display());
                    failed.get_or_insert(Later::Failing(why));
                    continue;
                }
            }
            app.db.write(|c| imports::set_kept_path(c, entry.id, None))?;
        }
        failed.map_or(Ok(()), Err)
    }

    /// Whether the clock is believed, which may have gone on by so many hours.
    fn look_at_clock(&mut self, app: &App, now: Timestamp, farthest: i64) -> Result<bool, Later> {
        let looked_at = app.clock.monotonic();
        let ran = self.looked_at.map_or(Duration::ZERO, |before| looked_at.saturating_sub(before));
        let before = app.live.read(live::seen_clock)?;
        let agreed = before.filter(|before| {
            (BACK..=SignedDuration::from_hours(farthest)).contains(&now.duration_since(before.at))
        });
        let agreed = Duration::from_millis(agreed.map_or(0, |before| before.agreed_ms))
            .saturating_add(if agreed.is_some() { ran } else { Duration::ZERO });
        let agreed = agreed.min(BELIEVED_AFTER);
        let seen = SeenClock { at: now, agreed_ms: u64::try_from(agreed.as_millis()).unwrap_or(u64::MAX) };
        app.live.write(|c| live::set_seen_clock(c, seen))?;
        self.looked_at = Some(looked_at);
        Ok(agreed >= BELIEVED_AFTER)
    }
}

/// Removes a file; `false` when it is there no more. That counts only where the folder is there in which it was.
fn remove(app: &App, path: &Path) -> Result<bool, String> {
    match std::fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            kept_folder::is_there(app, path.parent().unwrap_or(Path::new("/")))?;
            Ok(false)
        }
        Err(error) => Err(error.to_string()),
    }
}
