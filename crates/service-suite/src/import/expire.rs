//! Archived files that are past their time (`keep-archive`) are removed; the ledger keeps the entry for ever.

use register::imports;
use register::settings::KeepArchive;

use super::Later;
use crate::app::App;

/// Removes archived files older than the settings keep them.
///
/// # Errors
/// [`Later`] when the ledger cannot be read or written, or a file cannot be removed; the rest is tried next time.
pub(crate) fn remove_expired(app: &App) -> Result<(), Later> {
    let settings = app.settings().map_err(|error| Later::Failing(format!("{error:#}")))?;
    let KeepArchive::Days(days) = settings.settings.erp_system.keep_archive else { return Ok(()) };
    let days = jiff::SignedDuration::from_hours(24 * i64::from(days));
    // A time before all time: nothing is that old.
    let Ok(before) = app.clock.now().checked_sub(days) else { return Ok(()) };
    let mut failed = None;
    for entry in app.db.read(|c| imports::kept_before(c, before))? {
        let Some(path) = entry.kept_path.as_deref().map(|path| app.folder.path().join(path)) else {
            continue;
        };
        match std::fs::remove_file(&path) {
            Ok(()) => {
                tracing::info!(import = entry.id, path = ?path, "archived file past its time removed")
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => {
                failed.get_or_insert(Later::failing(&format!("{} cannot be removed", path.display()), error));
                continue;
            }
        }
        app.db.write(|c| imports::set_kept_path(c, entry.id, None))?;
    }
    failed.map_or(Ok(()), Err)
}
