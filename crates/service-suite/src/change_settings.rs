//! Changing the settings, with the checks that need the file system; the same for pages and command line.

use std::path::{Path, PathBuf};

use register::settings::{self, Complaint, ErpSystem, SaveError, Settings};

use crate::app::App;
use crate::exchange::containment;

/// Makes `settings` those in force; gives whether anything changed.
///
/// # Errors
/// Everything that is wrong with them, in which case nothing was changed; or a database that cannot be written.
pub(crate) fn save(app: &App, settings: Settings, by: &str) -> Result<bool, SaveError> {
    // A folder that is named and is the default one stays the default, also when the data folder moves.
    let settings = settings.without_defaults(app.folder.path());
    let complaints = folder_complaints(app.folder.path(), &settings.erp_system);
    if !complaints.is_empty() {
        return Err(SaveError::Complaints(complaints));
    }
    let now = app.clock.now();
    let outcome = app.db.write(|c| settings::save(c, &settings, by, now))?;
    if !outcome.changed.is_empty() {
        tracing::info!(by, changed = outcome.changed.join(", "), "settings changed");
    }
    Ok(!outcome.changed.is_empty())
}

/// The folders must be absolute and must not contain one another, but for the defaults inside the data folder.
pub(crate) fn folder_complaints(data: &Path, erp: &ErpSystem) -> Vec<Complaint> {
    let named = [
        ("exchange-folder", &erp.exchange_folder),
        ("archive-folder", &erp.archive_folder),
        ("refused-folder", &erp.refused_folder),
    ];
    let relative: Vec<Complaint> = named
        .iter()
        .filter_map(|(key, folder)| Some((key, folder.as_deref()?)))
        .filter(|(_, folder)| !Path::new(folder).is_absolute())
        .map(|(key, folder)| Complaint {
            place: format!("erp-system.{key}"),
            message: format!("\"{folder}\" is not a whole path."),
            hint: "Write it from the root on, such as /srv/exchange.".to_owned(),
        })
        .collect();
    if !relative.is_empty() {
        return relative;
    }
    // A folder that cannot be resolved is compared as it was written.
    let resolve = |path: PathBuf| containment::resolve(&path).unwrap_or(path);
    let (exchange, archive) = (resolve(erp.exchange_path(data)), resolve(erp.archive_path(data)));
    let (refused, data) = (resolve(erp.refused_path(data)), resolve(data.to_owned()));
    let folders =
        containment::Folders { data: &data, exchange: &exchange, archive: &archive, refused: &refused };
    containment::overlaps(folders)
        .into_iter()
        .map(|overlap| Complaint {
            place: format!("erp-system.{}", overlap.key),
            message: format!("{}.", capital(&overlap.to_string())),
            hint: "Choose folders of which none lies inside another.".to_owned(),
        })
        .collect()
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
