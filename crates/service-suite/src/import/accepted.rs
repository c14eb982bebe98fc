//! What an administrator accepts as the exchange folder by saving the settings. It is the folder that was seen then, not the
//! moment: a Save while the share is there says nothing of what a missing share leaves behind.

use std::path::Path;

use register::db::{Conn, Database, DbResult};
use register::imports::{self, Import};
use register::settings;
use serde::{Deserialize, Serialize};

use super::identity::Identity;
use crate::exchange::ground::{FolderIdentity, Ground};
use crate::exchange::place;
use crate::exchange::place::Place;

/// A folder as it was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Seen {
    folder: FolderIdentity,
    pub(super) ground: Ground,
}

impl Seen {
    /// How the folder of a place is now.
    ///
    /// # Errors
    /// When it does not answer.
    pub(super) fn now(place: &dyn Place) -> std::io::Result<Seen> {
        Ok(Seen { folder: place.identity()?, ground: place.ground()? })
    }

    fn parse(text: &str) -> Option<Seen> {
        serde_json::from_str(text).ok()
    }

    /// Whether it is this very folder, by its numbers.
    pub(super) fn is(&self, folder: &FolderIdentity) -> bool {
        self.folder == *folder
    }

    /// What is wrong with it as the folder in which something was, as the end of a sentence; `None` when it is that one,
    /// as far as can be told. `before` is what the path stood on when that was last noted.
    pub(super) fn is_not(&self, folder: &FolderIdentity, before: Option<&Ground>) -> Option<String> {
        if self.is(folder) {
            return None;
        }
        let another = || self.folder.is_another_than(folder, &self.ground);
        before
            .and_then(|before| self.ground.lost_since(before))
            .or_else(|| another().then(|| "is another one than before".to_owned()))
    }
}

/// What the folder at this path stood on when that was last noted.
pub(super) fn stood_on(c: &Conn, path: &str) -> DbResult<Option<Ground>> {
    Ok(settings::stood_on(c, path)?.and_then(|text| serde_json::from_str(&text).ok()))
}

/// An administrator saves the settings with this exchange folder; `data` is the data folder. If it is not the one that unfinished imports were taken
/// from, or does not stand on what it stood on, it is accepted as it is now. One that cannot be looked at is not.
///
/// # Errors
/// When the database cannot be read or written.
pub(crate) fn accept_folder(db: &Database, data: &Path, path: &Path) -> DbResult<()> {
    let path = path.display().to_string();
    let Some(Ok(now)) = place::place(&path).map(|place| Seen::now(place.as_ref())) else { return Ok(()) };
    let text = serde_json::to_string(&now).unwrap_or_default();
    db.write(|c| {
        let before = stood_on(c, &path)?;
        let taken = imports::unfinished(c)?;
        let taken = taken.iter().filter_map(|entry| Identity::of_entry(data, entry));
        let mut taken_here = taken.filter(|identity| identity.folder == path);
        let lost = before.as_ref().and_then(|before| now.ground.lost_since(before));
        if lost.is_some()
            || taken_here.any(|file| now.is_not(&file.folder_identity(), before.as_ref()).is_some())
        {
            return settings::accept_folder(c, &path, &text);
        }
        // What was there when another folder was accepted is back.
        match settings::accepted(c, &path)? {
            Some(accepted) if !Seen::parse(&accepted.seen).is_some_and(|seen| now.is(&seen.folder)) => {
                settings::forget_accepted(c, &path)
            }
            _ => Ok(()),
        }
    })
}

/// Whether an administrator has accepted, since the file was taken, what is seen in place of its folder.
///
/// # Errors
/// When the database cannot be read.
pub(super) fn is_accepted(c: &Conn, entry: &Import, folder: &str, now: &Seen) -> DbResult<bool> {
    let Some(accepted) = settings::accepted(c, folder)? else { return Ok(false) };
    let same = Seen::parse(&accepted.seen)
        .is_some_and(|seen| now.is_not(&seen.folder, Some(&seen.ground)).is_none());
    Ok(same && entry.id <= accepted.newest_import)
}
