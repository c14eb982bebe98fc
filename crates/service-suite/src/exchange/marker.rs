//! Taking the marker of a delivery along, so that it counts for that delivery and no other.
//!
//! It is taken after its delivery, to a claimed name beside it. Until then the ledger says which marker is the
//! delivery's, so that a crash between the two lets no other file through. A marker that is not that one any more is
//! the next delivery's and is left where it is.

use std::io;

use super::claim::{Claim, claimed_name};
use super::folder::Folder;
use super::place::{Look, Sighting};

/// Takes the marker `name` for an import; `expected` is how it looked when it let the delivery through. May be called
/// again after a crash. `None` when it is gone, or another marker has its name.
///
/// # Errors
/// What keeps it from being looked at, renamed, or the rename from being durable: nobody knows then where it is, and the
/// call is to be made again.
pub(crate) fn claim_marker(
    folder: &impl Folder,
    name: &str,
    import_id: i64,
    expected: &Sighting,
) -> io::Result<Option<Claim>> {
    let claimed = claimed_name(name, import_id);
    let is_there = look(folder, name)?.is_some_and(|now| now.difference(expected).is_none());
    // Where a name is taken before the rename, a crash between the two leaves an empty file: it is not the marker while
    // that is still there, and the rename uses it.
    let taken = look(folder, &claimed)?.filter(|seen| !is_there || seen.is_same_file(expected));
    if let Some(sighting) = taken {
        folder.sync()?;
        return Ok(Some(Claim { name: claimed, sighting }));
    }
    if !is_there {
        return not_taken(folder, &claimed);
    }
    // On a share a rename may be done and answered "no such file": what has the claimed name tells.
    let gone = match folder.rename(name, &claimed) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => true,
        // Of another installation, or put there by hand: the marker stays, and lets through nothing written after it.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(None),
        renamed => renamed.map(|()| false)?,
    };
    match look(folder, &claimed)? {
        Some(now) if gone && !now.is_same_file(expected) => Ok(None),
        Some(now) if now.difference_but_for_a_rename(expected).is_some() => {
            give_back(folder, &claimed, name)?;
            Ok(None)
        }
        Some(sighting) => {
            folder.sync()?;
            Ok(Some(Claim { name: claimed, sighting }))
        }
        None => not_taken(folder, &claimed),
    }
}

/// The marker was not taken, if its claimed name does not only seem to be missing: an earlier rename may have been done and
/// answered with an error.
fn not_taken(folder: &impl Folder, claimed: &str) -> io::Result<Option<Claim>> {
    if folder.lists(claimed)? { Err(super::claim::not_seen_yet(claimed)) } else { Ok(None) }
}

/// Another marker slipped in just before the rename: it is the next delivery's.
fn give_back(folder: &impl Folder, claimed: &str, name: &str) -> io::Result<()> {
    match folder.rename(claimed, name) {
        // By now there is a newer one still, which stands for this one, too.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => folder.unlink(claimed),
        renamed => renamed,
    }
}

fn look(folder: &impl Folder, name: &str) -> io::Result<Option<Sighting>> {
    match folder.look(name) {
        Look::Seen(sighting, _) => Ok(Some(sighting)),
        Look::Absent | Look::NotAFile(_) => Ok(None),
        Look::Busy(error) | Look::Unreadable(error) | Look::NoFolder(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};
    use std::fs;
    use std::os::fd::OwnedFd;
    use std::path::PathBuf;

    use super::*;
    use crate::exchange::os;

    struct Story(tempfile::TempDir);

    impl Story {
        fn new() -> Self {
            let story = Self(tempfile::tempdir().unwrap());
            story.write("one");
            story
        }

        fn path(&self, name: &str) -> PathBuf {
            self.0.path().join(name)
        }

        fn write(&self, text: &str) {
            // A file of its own, as a program makes that writes its marker anew.
            fs::write(self.path("new"), text).unwrap();
            rustix::fs::rename(self.path("new"), self.path("customers.done")).unwrap();
        }

        fn folder(&self) -> OwnedFd {
            os::open_folder(self.0.path()).unwrap()
        }

        fn seen(&self) -> Sighting {
            look(&self.folder(), "customers.done").unwrap().unwrap()
        }

        fn claim(&self, expected: &Sighting) -> Option<String> {
            claim_marker(&self.folder(), "customers.done", 12, expected).unwrap().map(|claim| claim.name)
        }

        /// What stands under the marker's name and its claimed name.
        fn there(&self) -> [Option<String>; 2] {
            ["customers.done", ".customers.done.12"].map(|name| fs::read_to_string(self.path(name)).ok())
        }
    }

    #[test]
    fn a_marker_is_taken_once_and_a_crash_makes_no_difference() {
        let story = Story::new();
        let seen = story.seen();
        assert_eq!(story.claim(&seen).as_deref(), Some(".customers.done.12"));
        story.write("two");
        assert_eq!(story.claim(&seen).as_deref(), Some(".customers.done.12"), "after a crash");
        assert_eq!(story.there(), [Some("two".into()), Some("one".into())]);
    }

    #[test]
    fn an_empty_file_that_a_crash_left_under_the_claimed_name_is_not_taken_for_the_marker() {
        let story = Story::new();
        let seen = story.seen();
        fs::write(story.path(".customers.done.12"), "").unwrap();
        // Only where names are taken before a rename is there such a file, and only there is it used.
        let freed = || fs::remove_file(story.path(".customers.done.12")).unwrap();
        let folder = Slippery::new(story.folder(), vec![Box::new(freed)]);
        let claim = claim_marker(&folder, "customers.done", 12, &seen).unwrap();
        assert_eq!(claim.map(|claim| claim.name).as_deref(), Some(".customers.done.12"));
        assert_eq!(story.there(), [None, Some("one".into())]);
        // Whatever else has that name is left alone, and so is the marker.
        let story = Story::new();
        fs::write(story.path(".customers.done.12"), "of somebody else").unwrap();
        assert_eq!(story.claim(&story.seen()), None);
        assert_eq!(story.there(), [Some("one".into()), Some("of somebody else".into())]);
    }

    #[test]
    fn another_marker_is_the_next_delivery_s() {
        let story = Story::new();
        let seen = story.seen();
        story.write("two");
        assert_eq!(story.claim(&seen), None);
        assert_eq!(story.there(), [Some("two".into()), None]);
        fs::remove_file(story.path("customers.done")).unwrap();
        assert_eq!(story.claim(&seen), None, "gone");
        fs::create_dir(story.path("customers.done")).unwrap();
        assert_eq!(story.claim(&seen), None, "no file");
    }

    /// What another program does right before a rename, once for each.
    type Slip<'a> = RefCell<Vec<Box<dyn FnOnce() + 'a>>>;

    struct Slippery<'a> {
        folder: OwnedFd,
        before_rename: Slip<'a>,
        /// Renames are done, and answered as if there had been nothing to rename.
        loses_answers: bool,
        /// A name that is remembered as missing.
        remembers_missing: Option<&'static str>,
        /// Whether the folder fails at the next look after a rename.
        fails_after_rename: Cell<bool>,
        renamed: Cell<bool>,
    }

    impl<'a> Slippery<'a> {
        fn new(folder: OwnedFd, before_rename: Vec<Box<dyn FnOnce() + 'a>>) -> Self {
            Slippery {
                folder,
                before_rename: RefCell::new(before_rename),
                loses_answers: false,
                remembers_missing: None,
                fails_after_rename: Cell::new(false),
                renamed: Cell::new(false),
            }
        }
    }

    impl Folder for Slippery<'_> {
        fn look(&self, name: &str) -> Look {
            if self.renamed.get() && self.fails_after_rename.take() {
                return Look::Unreadable(io::Error::from_raw_os_error(5));
            }
            match self.folder.look(name) {
                Look::Seen(..) if self.remembers_missing == Some(name) => Look::Absent,
                look => look,
            }
        }
        fn lists(&self, name: &str) -> io::Result<bool> {
            self.folder.lists(name)
        }
        fn rename(&self, from: &str, to: &str) -> io::Result<()> {
            if let Some(slip) = self.before_rename.borrow_mut().pop() {
                slip();
            }
            self.folder.rename(from, to)?;
            self.renamed.set(true);
            if self.loses_answers { Err(io::ErrorKind::NotFound.into()) } else { Ok(()) }
        }
        fn unlink(&self, name: &str) -> io::Result<()> {
            self.folder.unlink(name)
        }
        fn sync(&self) -> io::Result<()> {
            self.folder.sync()
        }
    }

    #[test]
    fn a_marker_that_slips_in_is_given_back() {
        let story = Story::new();
        let seen = story.seen();
        let folder = Slippery::new(story.folder(), vec![Box::new(|| story.write("two"))]);
        assert!(claim_marker(&folder, "customers.done", 12, &seen).unwrap().is_none());
        assert_eq!(story.there(), [Some("two".into()), None]);
        // And another before it can be given back: the last one stands.
        let story = Story::new();
        let seen = story.seen();
        let folder = Slippery::new(
            story.folder(),
            vec![Box::new(|| story.write("three")), Box::new(|| story.write("two"))],
        );
        assert!(claim_marker(&folder, "customers.done", 12, &seen).unwrap().is_none());
        assert_eq!(story.there(), [Some("three".into()), None]);
    }

    #[test]
    fn a_marker_that_cannot_be_looked_at_after_its_rename_is_taken_at_the_next_try() {
        let story = Story::new();
        let seen = story.seen();
        let folder = Slippery::new(story.folder(), Vec::new());
        folder.fails_after_rename.set(true);
        assert!(claim_marker(&folder, "customers.done", 12, &seen).is_err());
        let claim = claim_marker(&folder, "customers.done", 12, &seen).unwrap();
        assert_eq!(claim.map(|claim| claim.name).as_deref(), Some(".customers.done.12"));
    }

    #[test]
    fn a_marker_whose_rename_was_done_but_not_answered_is_taken() {
        let story = Story::new();
        let seen = story.seen();
        let folder = |slips| Slippery { loses_answers: true, ..Slippery::new(story.folder(), slips) };
        let claim = claim_marker(&folder(Vec::new()), "customers.done", 12, &seen).unwrap();
        assert_eq!(claim.map(|claim| claim.name).as_deref(), Some(".customers.done.12"));
        assert_eq!(story.there(), [None, Some("one".into())]);
        // The client remembers for a while that there was no such name.
        story.write("two");
        let seen = story.seen();
        let share = Slippery { remembers_missing: Some(".customers.done.12"), ..folder(Vec::new()) };
        fs::remove_file(story.path(".customers.done.12")).unwrap();
        assert!(claim_marker(&share, "customers.done", 12, &seen).is_err());
        assert!(claim_marker(&share, "customers.done", 12, &seen).is_err(), "asked once more");
        let claim = claim_marker(&folder(Vec::new()), "customers.done", 12, &seen).unwrap();
        assert_eq!(claim.map(|claim| claim.name).as_deref(), Some(".customers.done.12"));
        // Really gone: what was left of taking the name is no marker.
        let gone = || {
            fs::write(story.path(".customers.done.13"), "").unwrap();
            fs::remove_file(story.path("customers.done")).unwrap();
        };
        story.write("two");
        let seen = story.seen();
        let folder = folder(vec![Box::new(gone)]);
        assert!(claim_marker(&folder, "customers.done", 13, &seen).unwrap().is_none());
        assert_eq!(story.there()[0], None);
    }
}
