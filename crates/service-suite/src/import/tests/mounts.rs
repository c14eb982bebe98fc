//! A share that is not mounted for a moment looks like an empty folder, and nothing in it is gone.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use jiff::Timestamp;
use register::imports::{State, Step};

use super::Exchange;
use crate::exchange::check::Check;
use crate::exchange::claim::{Claim, ClaimError, ClaimedName};
use crate::exchange::ground::Ground;
use crate::exchange::local::LocalFolder;
use crate::exchange::place::{Listing, Look, Place, RemoveError, Sighting};
use crate::exchange::testing::put_place;
use crate::import::{Silent, carry_on, put_away};

/// A folder whose share is not mounted for the next looks, so many as `blind` says, or was mounted `anew`.
#[derive(Debug)]
struct Share {
    folder: LocalFolder,
    blind: AtomicU32,
    anew: AtomicBool,
}

impl Share {
    /// Takes the place of the exchange folder.
    fn mount(exchange: &Exchange) -> Arc<Share> {
        let folder = LocalFolder::new(&exchange.address);
        let share = Arc::new(Share { folder, blind: AtomicU32::new(0), anew: AtomicBool::new(false) });
        put_place(&exchange.address, share.clone());
        share
    }

    /// Whether it stays away for longer than one look.
    fn is_away(&self) -> bool {
        self.blind.load(Ordering::SeqCst) > 1
    }

    fn is_blind(&self) -> bool {
        self.blind.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |looks| looks.checked_sub(1)).is_ok()
    }
}

impl Place for Share {
    fn list(&self, wanted: &dyn Fn(&str) -> bool) -> io::Result<Listing> {
        if self.is_away() { Ok(Listing::default()) } else { self.folder.list(wanted) }
    }

    fn device(&self) -> io::Result<u64> {
        let device = self.folder.device()?;
        let mounted_again = u64::from(self.anew.load(Ordering::SeqCst)) * 2;
        Ok(if self.is_away() { device + 1 } else { device + mounted_again })
    }

    fn ground(&self) -> io::Result<Ground> {
        let there = !self.is_away();
        Ok(Ground { mounted: there, may_be_remote: there, ..self.folder.ground()? })
    }

    fn look(&self, name: &str) -> Look {
        if self.is_blind() { Look::Absent } else { self.folder.look(name) }
    }

    fn claim(&self, name: &str, import_id: i64, expected: &Sighting) -> Result<Claim, ClaimError> {
        self.folder.claim(name, import_id, expected)
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

    fn remove(&self, name: &str, expected: &Sighting) -> Result<(), RemoveError> {
        if self.is_blind() { Ok(()) } else { self.folder.remove(name, expected) }
    }

    fn self_test(&self, now: &dyn Fn() -> Timestamp, leave: bool) -> Vec<Check> {
        self.folder.self_test(now, leave)
    }
}

fn taken() -> (Exchange, Arc<Share>, i64) {
    let exchange = Exchange::new("");
    std::fs::write(exchange.path("customers.txt"), "Kundenr;Navn;By\n1;Alfa;Ribe\n").unwrap();
    let id = exchange.take(None, false);
    let share = Share::mount(&exchange);
    (exchange, share, id)
}

#[test]
fn a_taken_file_that_one_look_does_not_find_is_not_refused() {
    let (exchange, share, id) = taken();
    let app = &exchange.office.app;
    // The share goes after it was found mounted, and just before the file is opened.
    share.blind.store(1, Ordering::SeqCst);
    assert_eq!(carry_on(app, id, &Silent).unwrap().unwrap().state, State::Done);
}

#[test]
fn a_file_out_of_sight_is_removed_when_its_share_is_back() {
    let (exchange, share, id) = taken();
    let app = &exchange.office.app;
    assert_eq!(carry_on(app, id, &Silent).unwrap().unwrap().state, State::Done);
    share.blind.store(1_000, Ordering::SeqCst);
    let why = put_away(app, id, &Silent).unwrap_err().to_string();
    assert!(why.contains("is the share mounted?"), "{why}");
    // It comes back after the removal, which found nothing.
    share.blind.store(1, Ordering::SeqCst);
    let why = put_away(app, id, &Silent).unwrap_err().to_string();
    assert!(why.contains("went and came back"), "{why}");
    assert!(exchange.path(".customers.txt.1").exists());
    put_away(app, id, &Silent).unwrap();
    assert!(!exchange.path(".customers.txt.1").exists());
    assert_eq!(exchange.office.entry(id).step, Step::Finished);
}

#[test]
fn a_share_that_is_mounted_anew_is_another_device_and_what_is_missing_there_is_gone() {
    let (exchange, share, id) = taken();
    let app = &exchange.office.app;
    assert_eq!(carry_on(app, id, &Silent).unwrap().unwrap().state, State::Done);
    std::fs::remove_file(exchange.path(".customers.txt.1")).unwrap();
    share.anew.store(true, Ordering::SeqCst);
    put_away(app, id, &Silent).unwrap();
    assert_eq!(exchange.office.entry(id).step, Step::Finished);
}
