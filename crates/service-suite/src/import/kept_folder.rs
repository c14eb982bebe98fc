//! The archive folder and the refused folder: whether they are there. A share that is not mounted looks like a folder that is
//! missing, or empty; what is put below its mount point is hidden as soon as it is back.

use std::io::ErrorKind;
use std::path::Path;

use register::db::{Database, DbError};
use register::settings;

use crate::app::App;
use crate::exchange::ground::Ground;
use crate::exchange::place;
use crate::folders::create_private;

/// Makes sure that the folder is there. One inside the data folder is this program's own, and made if it is missing; any other
/// one was named by a person, and made when the settings were saved.
///
/// # Errors
/// What is wrong with it and what to do, as a sentence.
pub(super) fn ready(app: &App, folder: &Path) -> Result<(), String> {
    if folder.starts_with(app.folder.path()) {
        return create_private(folder).map_err(|error| cannot_be_used(folder, &error));
    }
    is_there(app, folder)
}

/// Whether the folder is there, and stands on what it stood on when it was last used.
///
/// # Errors
/// As [`ready`].
pub(super) fn is_there(app: &App, folder: &Path) -> Result<(), String> {
    let path = folder.display().to_string();
    let Some(place) = place::place(&path) else { return Err(format!("the folder {path} cannot be used")) };
    let now = place.ground().map_err(|error| match error.kind() {
        ErrorKind::NotFound => format!(
            "the folder {path} does not exist; is its share mounted? Create it, or name another one under Settings > ERP-system"
        ),
        _ => cannot_be_used(folder, &error),
    })?;
    if folder.starts_with(app.folder.path()) {
        return Ok(());
    }
    let before = app.db.read(|c| settings::stood_on(c, &path)).map_err(|error| error.to_string())?;
    let before = before.and_then(|text| serde_json::from_str::<Ground>(&text).ok());
    if let Some(lost) = before.as_ref().and_then(|before| now.lost_since(before)) {
        return Err(format!(
            "the folder {path} {lost}; is the share mounted? If it is to be so from now on, press Save under Settings > \
             ERP-system"
        ));
    }
    if before.as_ref() != Some(&now) {
        let text = serde_json::to_string(&now).unwrap_or_default();
        let noted = app.db.write(|c| settings::set_stands_on(c, &path, &text));
        noted.map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn cannot_be_used(folder: &Path, error: &std::io::Error) -> String {
    format!("{} cannot be used: {error}", folder.display())
}

/// A person has just named this folder: it is made if it is missing, and what it stands on is noted. Where the folder above it
/// is missing as well, a share may be away; then nothing is made, and the first file that is to go there tells.
pub(crate) fn make_named(db: &Database, folder: &Path) {
    if !folder.is_dir()
        && folder.parent().is_some_and(Path::is_dir)
        && let Err(error) = create_private(folder)
    {
        tracing::warn!("the folder {} cannot be created: {error}", folder.display());
    }
    let path = folder.display().to_string();
    let Some(Ok(now)) = place::place(&path).map(|place| place.ground()) else { return };
    let text = serde_json::to_string(&now).unwrap_or_default();
    let noted: Result<(), DbError> = db.write(|c| match settings::stood_on(c, &path)? {
        None => settings::set_stands_on(c, &path, &text),
        Some(_) => Ok(()),
    });
    if let Err(error) = noted {
        tracing::warn!("what {path} stands on is noted when the first file goes there: {error}");
    }
}
