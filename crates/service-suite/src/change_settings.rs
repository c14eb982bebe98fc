//! Changing the settings, with the checks that need the file system; the same for pages and command line.

use std::path::{Path, PathBuf};

use erpfile::Format;
use jiff::Timestamp;
use register::db::Database;
use register::settings::{self, Complaint, ErpSystem, SaveError, Settings};

use crate::app::App;
use crate::exchange::containment;
use crate::import::make_named;
use crate::text;

/// Makes `settings` those in force; gives whether anything changed.
///
/// # Errors
/// As [`change`].
pub(crate) fn save(app: &App, settings: &Settings, by: &str) -> Result<bool, SaveError> {
    let place = Where { db: &app.db, data: app.folder.path() };
    change(place, by, app.clock.now(), |stored| *stored = settings.clone())
}

/// Where settings are kept, and the data folder by which default folders are named.
#[derive(Clone, Copy)]
pub(crate) struct Where<'a> {
    /// The database.
    pub(crate) db: &'a Database,
    /// The data folder.
    pub(crate) data: &'a Path,
}

/// Changes the settings in one transaction with `edit`, which may be called more than once; gives whether anything
/// changed.
///
/// # Errors
/// Everything that is wrong with them, in which case nothing was changed; or a database that cannot be written.
pub(crate) fn change(
    place: Where<'_>,
    by: &str,
    now: Timestamp,
    edit: impl Fn(&mut Settings),
) -> Result<bool, SaveError> {
    let edited = |mut settings: Settings| {
        edit(&mut settings);
        // A folder that is named and is the default one stays the default, also when the data folder moves.
        settings.without_defaults(place.data)
    };
    // Looked at before anything is locked: a share that hangs must not hold up everybody who writes.
    let looked_at = edited(place.db.read(settings::load)?).erp_system;
    let complaints = folder_complaints(place.data, &looked_at);
    if !complaints.is_empty() {
        return Err(SaveError::Complaints(complaints));
    }
    let before = place.db.read(settings::load)?.erp_system;
    let outcome = place.db.write(|c| {
        let settings = edited(settings::load(c)?);
        if settings.erp_system != looked_at {
            // Somebody else was faster, and the edit leaves folders of theirs.
            let complaints = folder_complaints(place.data, &settings.erp_system);
            if !complaints.is_empty() {
                return Err(SaveError::Complaints(complaints));
            }
        }
        settings::save(c, &settings, by, now)
    })?;
    if !outcome.changed.is_empty() {
        tracing::info!(by, changed = outcome.changed.join(", "), "settings changed");
    }
    // Only what was named just now: a folder that is missing later may be on a share that is away.
    for (was, is) in [
        (before.archive_path(place.data), looked_at.archive_path(place.data)),
        (before.refused_path(place.data), looked_at.refused_path(place.data)),
    ] {
        if was != is && !is.starts_with(place.data) {
            make_named(place.db, &is);
        }
    }
    Ok(!outcome.changed.is_empty())
}

/// Stores one format, a new one or in place of the one called `old_name`.
///
/// # Errors
/// As [`settings::save_format`].
pub(crate) fn save_format(
    db: &Database,
    old_name: Option<&str>,
    format: &Format,
    by: &str,
    now: Timestamp,
) -> Result<(), SaveError> {
    let (before, after) = db.write(|c| {
        let before = old_name.map(|name| settings::format(c, name)).transpose()?.flatten();
        let after = settings::save_format(c, old_name, format.clone(), by, now)?;
        Ok::<_, SaveError>((before, after))
    })?;
    if before.as_ref() != Some(&after) {
        tracing::info!(by, changed = format!("the format {:?}", format.name), "settings changed");
    }
    Ok(())
}

/// Removes a format.
///
/// # Errors
/// As [`settings::delete_format`].
pub(crate) fn delete_format(db: &Database, name: &str, by: &str, now: Timestamp) -> Result<(), SaveError> {
    if db.write(|c| settings::delete_format(c, name, by, now))? {
        tracing::info!(by, changed = format!("the format {name:?}"), "settings changed");
    }
    Ok(())
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
            message: format!("{}.", text::capital(&overlap.to_string())),
            hint: "Choose folders of which none lies inside another.".to_owned(),
        })
        .collect()
}
