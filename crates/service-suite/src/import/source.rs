//! The claimed file of an import that has its outcome: copied once more if its private copy is damaged, and removed at
//! last.

use std::ops::ControlFlow;
use std::sync::Arc;

use register::imports::{self, Import, NewImport, Step};

use super::identity::Identity;
use super::missing::{Missing, missing};
use super::{Later, marker};
use crate::app::App;
use crate::exchange::archive;
use crate::exchange::place::{self, Found, Look, Place, Removal, RemoveError, Sighting};
use crate::exchange::spool::{self, SpoolError, SpoolFile};

/// See the module.
pub(super) struct Source<'a> {
    app: &'a App,
    entry: &'a Import,
    identity: &'a Identity,
    place: Arc<dyn Place>,
}

impl<'a> Source<'a> {
    /// The claimed file of an import; `None` when this version knows no such place.
    pub(super) fn of(app: &'a App, entry: &'a Import, identity: &'a Identity) -> Option<Source<'a>> {
        Some(Source { app, entry, identity, place: place::place(&identity.folder)? })
    }

    /// A new private copy of the file, in place of one that is damaged or lost; `None` when the file is gone, too, or is
    /// not what was imported. Then whatever there is of the old copy stays.
    ///
    /// # Errors
    /// [`Later`] when that cannot be done or be known now.
    pub(super) fn copy(&self) -> Result<Option<SpoolFile>, Later> {
        let name = &self.identity.name;
        let unreadable = |error| Later::failing(&format!("{name} cannot be read"), error);
        let (seen, file) = match self.place.look(name) {
            Look::Seen(seen, file) => (seen, file),
            Look::NotAFile(_) => return Ok(None),
            Look::Busy(error) | Look::Unreadable(error) => return Err(unreadable(error)),
            Look::Absent | Look::NoFolder(_) => {
                return match self.missing()? {
                    Missing::Found => Err(Later::Failing(format!("{name} was out of sight for a moment"))),
                    Missing::Gone | Missing::GivenUp(_) => Ok(None),
                };
            }
        };
        let known = self.entry.sha256.as_deref();
        if let Some(known) = known
            && archive::hash_source(&file).map_err(unreadable)? != known
        {
            return Ok(None);
        }
        drop(file);
        let (spool, go_on) = (self.app.folder.spool(), &mut |_, _| ControlFlow::Continue(()));
        match spool::copy(self.place.as_ref(), name, &seen, &spool, self.entry.id, go_on) {
            Ok((copy, _)) if known.is_none_or(|known| known == copy.sha256()) => Ok(Some(copy)),
            Ok(_) => Err(Later::Failing(format!("{name} changed while it was being copied"))),
            Err(SpoolError::Changed { found: Found::Seen(now), .. }) if now.difference(&seen).is_none() => {
                Err(Later::Failing(RemoveError::InUse { name: name.clone() }.to_string()))
            }
            Err(error) => Err(Later::Failing(error.to_string())),
        }
    }

    /// Removes the file, and its marker with it. Should somebody have written to it after it was read, what it holds now
    /// is the next delivery.
    ///
    /// # Errors
    /// [`Later`] when that cannot be done or be known now.
    pub(super) fn remove(&self) -> Result<(), Later> {
        let Identity { name, .. } = self.identity;
        let sha256 = self.entry.sha256.as_deref().unwrap_or_default();
        let expected = self.identity.sighting();
        match archive::remove_source(self.place.as_ref(), name, Some(&expected), sha256) {
            Ok(Removal::Removed) => self.remove_marker(),
            Ok(Removal::Absent) | Err(RemoveError::Changed { found: Found::Absent, .. }) => self.let_go(),
            Err(RemoveError::Changed { found: Found::Seen(now), .. }) => self.next_delivery(&now),
            Err(RemoveError::Changed { .. }) => {
                tracing::warn!(
                    import = self.entry.id,
                    "{name} in the exchange folder is not the file that was taken; it stays"
                );
                self.remove_marker()
            }
            // The folder itself may be what does not answer; nobody may wait for it any more.
            Err(RemoveError::Io { .. }) if self.place.identity().is_err() => self.let_go(),
            Err(error) => Err(Later::Failing(error.to_string())),
        }
    }

    /// Leaves the file where it is, since there is no copy of what was read. What it holds now is something else, and the
    /// next delivery.
    ///
    /// # Errors
    /// [`Later`] when that cannot be done or be known now.
    pub(super) fn leave(&self) -> Result<(), Later> {
        if self.entry.sha256.is_some() {
            tracing::warn!(import = self.entry.id, "there is no copy of {} to keep", self.entry.file);
        }
        match self.place.look(&self.identity.name) {
            Look::Seen(now, _) => self.next_delivery(&now),
            Look::NotAFile(_) => self.remove_marker(),
            Look::Absent | Look::NoFolder(_) => self.let_go(),
            Look::Busy(error) | Look::Unreadable(error) => {
                Err(Later::failing(&format!("{} cannot be read", self.identity.name), error))
            }
        }
    }

    fn remove_marker(&self) -> Result<(), Later> {
        marker::remove(self.app, self.entry, self.identity)
    }

    fn missing(&self) -> Result<Missing, Later> {
        missing(self.app, self.entry, self.identity, self.place.as_ref())
    }

    /// There was nothing to remove. One that is still there when its folder is back would stay for ever.
    fn let_go(&self) -> Result<(), Later> {
        let Identity { folder, name, .. } = self.identity;
        match self.missing()? {
            Missing::Gone => self.remove_marker(),
            Missing::Found => Err(Later::Failing(format!(
                "the exchange folder {folder} went and came back while {name} was removed from it"
            ))),
            Missing::GivenUp(how) => {
                tracing::warn!(import = self.entry.id, "{name} was not removed from {folder}: {how}");
                Ok(())
            }
        }
    }

    /// What the claimed file holds now is a delivery of its own: it stays under its claimed name, settles there, and is
    /// imported next.
    fn next_delivery(&self, now: &Sighting) -> Result<(), Later> {
        let (app, entry) = (self.app, self.entry);
        // This import ends here, and with it what is known of its marker.
        self.remove_marker()?;
        let new = NewImport {
            size: Some(now.size),
            modified_at: now.modified.timestamp(),
            ..NewImport::next_of(entry, app.clock.now())
        };
        let seen = self.identity.clone().with_marker(None).still_changing(now).noted(app.folder.path());
        let id = app.db.write(|c| {
            let id = imports::begin(c, &new)?;
            imports::set_claimed(c, id, &seen)?;
            imports::set_step(c, entry.id, Step::Finished)?;
            Ok::<_, register::db::DbError>(id)
        })?;
        let file = &entry.file;
        tracing::warn!(import = entry.id, next = id, file, "written to after it was read; taken again");
        Ok(())
    }
}
