//! Where the bytes of an import lie, for people who want to look at them themselves.

use std::path::Path;

use register::imports::{Import, State, Step};

use super::identity::Identity;
use super::put_away::is_kept_whole;
use crate::folders::DataFolder;

/// One place where the bytes of an import lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lies {
    /// Which place it is.
    pub(crate) place: &'static str,
    /// The whole path.
    pub(crate) path: String,
}

/// The places where the bytes of an import lie by the ledger, the one that people look for first; none when they are no
/// longer kept. Nothing is looked at: somebody may have moved the file.
pub(crate) fn whereabouts(data: &Path, entry: &Import) -> Vec<Lies> {
    let mut found = Vec::new();
    let mut at = |place, path: &Path| found.push(Lies { place, path: path.display().to_string() });
    if let Some(kept) = &entry.kept_path {
        let refused = matches!(entry.state, State::Refused | State::Superseded);
        let place = match (refused, is_kept_whole(entry)) {
            (true, true) => "Folder for refused files",
            (true, false) => "Folder for refused files: what is left of a damaged copy",
            (false, true) => "Archive",
            (false, false) => "Archive: what is left of a damaged copy",
        };
        at(place, &data.join(kept));
    }
    if let Some(identity) = Identity::of_entry(data, entry) {
        let path = Path::new(&identity.folder).join(&identity.name);
        if !identity.claimed && entry.step != Step::Claiming {
            at("Exchange folder, where it was left", &path);
        } else if entry.step < Step::Finished {
            at("Exchange folder", &path);
        }
    }
    if matches!(entry.step, Step::Spooled | Step::Committed) && entry.kept_path.is_none() {
        at("Private copy", &DataFolder::spool_in(data).join(entry.id.to_string()));
    }
    found
}
