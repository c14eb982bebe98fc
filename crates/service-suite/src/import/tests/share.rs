//! A share on which the tests of the exchange folder stand.

use std::fs;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use jiff::Timestamp;
use register::imports::{State, Step};
use register::settings;

use super::Exchange;
use crate::exchange::check::Check;
use crate::exchange::claim::{Claim, ClaimError, ClaimedName};
use crate::exchange::ground::{FolderIdentity, Ground};
use crate::exchange::local::LocalFolder;
use crate::exchange::place::{Listing, Look, Place, Removal, RemoveError, Sighting};
use crate::exchange::testing::put_place;
use crate::import::{Silent, carry_on};

/// A folder whose share is not mounted for the next looks, so many as `blind` says, or was mounted `anew`.
#[derive(Debug)]
pub(super) struct Share {
    folder: LocalFolder,
    pub(super) blind: AtomicU32,
    anew: AtomicBool,
    /// Whether it goes right after the next removal.
    pub(super) goes: AtomicBool,
    /// Whether its folders and files have numbers that outlast a mount.
    numbered: bool,
}

impl Share {
    /// Takes the place of the exchange folder.
    fn mount(exchange: &Exchange, numbered: bool) -> Arc<Share> {
        let folder = LocalFolder::new(&exchange.address);
        let (blind, anew) = (AtomicU32::new(0), AtomicBool::new(false));
        let goes = AtomicBool::new(false);
        let share = Arc::new(Share { folder, blind, anew, goes, numbered });
        put_place(&exchange.address, share.clone());
        share
    }

    pub(super) fn mount_anew(&self) {
        self.anew.store(true, Ordering::SeqCst);
    }

    /// Whether it stays away for longer than one look.
    fn is_away(&self) -> bool {
        self.blind.load(Ordering::SeqCst) > 1
    }

    fn is_blind(&self) -> bool {
        self.blind.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |looks| looks.checked_sub(1)).is_ok()
    }

    fn device(&self, device: u64) -> u64 {
        device + u64::from(self.anew.load(Ordering::SeqCst)) * 1_000_000
    }

    /// What the file's numbers are here.
    fn shown(&self, seen: Sighting) -> Sighting {
        let inode = if self.numbered { seen.inode } else { 0 };
        Sighting { device: self.device(seen.device), inode, ..seen }
    }

    /// The same with the numbers that it has in the folder below.
    fn meant(&self, name: &str, expected: &Sighting) -> Sighting {
        match self.folder.look(name) {
            Look::Seen(now, _) => Sighting { device: now.device, inode: now.inode, ..expected.clone() },
            _ => expected.clone(),
        }
    }
}

impl Place for Share {
    fn list(&self, wanted: &dyn Fn(&str) -> bool) -> io::Result<Listing> {
        if self.is_away() { Ok(Listing::default()) } else { self.folder.list(wanted) }
    }

    fn identity(&self) -> io::Result<FolderIdentity> {
        let FolderIdentity { device, inode } = self.folder.identity()?;
        Ok(match self.is_away() {
            true => FolderIdentity { device: device + 1, inode: inode + 1 },
            false => {
                FolderIdentity { device: self.device(device), inode: if self.numbered { inode } else { 0 } }
            }
        })
    }

    fn ground(&self) -> io::Result<Ground> {
        let there = !self.is_away();
        Ok(Ground { mounted: there, may_be_remote: there, ..self.folder.ground()? })
    }

    fn look(&self, name: &str) -> Look {
        if self.is_blind() {
            return Look::Absent;
        }
        match self.folder.look(name) {
            Look::Seen(seen, file) => Look::Seen(self.shown(seen), file),
            look => look,
        }
    }

    fn lists(&self, name: &str) -> io::Result<bool> {
        if self.is_away() { Ok(false) } else { self.folder.lists(name) }
    }

    fn claim(&self, name: &str, import_id: i64, expected: &Sighting) -> Result<Claim, ClaimError> {
        let claim = self.folder.claim(name, import_id, &self.meant(name, expected))?;
        Ok(Claim { sighting: self.shown(claim.sighting), ..claim })
    }

    fn claim_marker(&self, name: &str, import_id: i64, expected: &Sighting) -> io::Result<Option<Claim>> {
        self.folder.claim_marker(name, import_id, expected)
    }

    fn make_durable(&self) -> io::Result<()> {
        self.folder.make_durable()
    }

    fn claims(&self) -> io::Result<Vec<ClaimedName>> {
        self.folder.claims()
    }

    fn remove(&self, name: &str, expected: &Sighting) -> Result<Removal, RemoveError> {
        match self.is_blind() {
            true => Ok(Removal::Absent),
            false => {
                let removal = self.folder.remove(name, &self.meant(name, expected));
                if self.goes.swap(false, Ordering::SeqCst) {
                    self.blind.store(1_000, Ordering::SeqCst);
                }
                removal
            }
        }
    }

    fn self_test(&self, now: &dyn Fn() -> Timestamp, leave: bool) -> Vec<Check> {
        self.folder.self_test(now, leave)
    }
}

pub(super) const MONDAY: &str = "Kundenr;Navn;By\n1;Alfa;Ribe\n";

/// A share with a file that is waiting to be taken.
pub(super) fn waiting(numbered: bool) -> (Exchange, Arc<Share>) {
    let exchange = Exchange::new("settle = \"50ms\"");
    fs::write(exchange.path("customers.txt"), MONDAY).unwrap();
    let share = Share::mount(&exchange, numbered);
    let stands_on = serde_json::to_string(&share.ground().unwrap()).unwrap();
    exchange.office.app.db.write(|c| settings::set_stands_on(c, &exchange.address, &stands_on)).unwrap();
    (exchange, share)
}

pub(super) fn taken() -> (Exchange, Arc<Share>, i64) {
    let (exchange, share) = waiting(true);
    let id = exchange.take(None, false);
    (exchange, share, id)
}

/// As far as the step, on a share that is mounted.
pub(super) fn carry_on_to(exchange: &Exchange, id: i64, step: Step) {
    let app = &exchange.office.app;
    match step {
        Step::Claimed => {
            crate::import::claiming::sort_out(app, id).unwrap();
            assert_eq!(exchange.office.entry(id).step, Step::Claimed);
        }
        _ => assert_eq!(carry_on(app, id, &Silent).unwrap().unwrap().state, State::Done),
    }
}
