//! Archived files that are past their time (`keep-archive`) are removed; the ledger keeps the entry for ever.

use std::path::Path;

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
    let before = app.clock.now() - jiff::SignedDuration::from_hours(24 * i64::from(days));
    for entry in app.db.read(|c| imports::kept_before(c, before))? {
        let Some(path) = entry.kept_path.as_deref().map(Path::new) else { continue };
        match std::fs::remove_file(path) {
            Ok(()) => {
                tracing::info!(import = entry.id, path = %path.display(), "archived file past its time removed")
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => {
                return Err(Later::failing(&format!("{} cannot be removed", path.display()), error));
            }
        }
        app.db.write(|c| imports::set_kept_path(c, entry.id, None))?;
    }
    Ok(())
}
