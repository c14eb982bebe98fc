//! From a claimed file to a private copy in the spool.

use erpfile::Problem;
use register::imports::{self, Import, ProofItem, Step};

use super::apply::refuse;
use super::complete::proof_item;
use super::identity::Identity;
use super::missing::{gone, lost};
use super::settle_again::settle_again;
use super::watch::{Stage, Watch};
use super::{Later, earlier_copy};
use crate::app::App;
use crate::exchange::check::Check;
use crate::exchange::place::{self, Found, Sighting};
use crate::exchange::spool::{self, SpoolError, SpoolFile};

/// What becomes of a claimed file that still changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unsettled {
    /// It settles under its claimed name, however long that takes, and is copied then.
    Settles,
    /// It is not copied now; the ledger says why.
    Waits,
}

/// Makes the private copy of a claimed file.
pub(super) fn spool(app: &App, entry: &Import, unsettled: Unsettled, watch: &dyn Watch) -> Result<(), Later> {
    let Some(mut identity) = Identity::of_entry(app.folder.path(), entry) else {
        return refuse(app, entry, &lost(&entry.file, "the ledger does not say where it is"));
    };
    let Some(place) = place::place(&identity.folder) else {
        return Err(Later::Failing(format!("{} is no folder that this version can use", identity.folder)));
    };
    watch.stage(entry.id, Stage::Copying(0, identity.size));
    if earlier_copy::is_good(app, entry, place.as_ref(), &identity)? {
        return Ok(app.db.write(|c| imports::requeue(c, entry.id, Step::Spooled, None))?);
    }
    let mut proof = entry.proof.clone();
    loop {
        if identity.unsettled && unsettled == Unsettled::Waits {
            return Ok(app
                .db
                .write(|c| imports::set_claimed(c, entry.id, &identity.noted(app.folder.path())))?);
        }
        if identity.unsettled {
            tracing::info!(
                import = entry.id,
                file = entry.file,
                "the claimed file still changes; it settles again"
            );
            match settle_again(app, entry, place.as_ref(), &identity, watch)? {
                Ok((settled, again)) => (identity, proof) = (identity.settled(&settled), again),
                Err(problem) => return refuse(app, entry, &problem),
            }
            app.db.write(|c| {
                imports::set_claimed(c, entry.id, &identity.noted(app.folder.path()))?;
                imports::set_proof(c, entry.id, &proof)
            })?;
        }
        let expected = identity.sighting();
        let mut progress = |done, total| watch.tell(entry.id, Stage::Copying(done, total));
        let spool = app.folder.spool();
        match spool::copy(place.as_ref(), &identity.name, &expected, &spool, entry.id, &mut progress) {
            Ok((copy, check)) => return spooled(app, entry, &copy, proof, &check, &expected),
            Err(SpoolError::Cancelled) => return Err(Later::Stopping),
            Err(SpoolError::Changed { found: Found::Absent | Found::NoFolder(_), .. }) => {
                if let Some(problem) = gone(app, entry, &identity, place.as_ref())? {
                    return refuse(app, entry, &problem);
                }
            }
            Err(SpoolError::Changed { found: Found::NotAFile(kind), .. }) => {
                return refuse(app, entry, &lost(&entry.file, &format!("in its place there is {kind}")));
            }
            Err(SpoolError::Changed { found: Found::Seen(now), .. })
                if !identity.claimed && now.is_on_a_renumbered_device(&expected) =>
            {
                identity = Identity::of(&identity.folder, &identity.name, &now);
                app.db.write(|c| imports::set_claimed(c, entry.id, &identity.noted(app.folder.path())))?;
            }
            Err(SpoolError::Changed { found: Found::Seen(now), .. })
                if !identity.claimed && now.difference(&expected).is_some() =>
            {
                return refuse(app, entry, &overwritten(&entry.file));
            }
            // A file that keeps its name is only read as it had settled: what settles anew is the next delivery.
            Err(SpoolError::Changed { found, .. }) if !identity.claimed => {
                let why = match found {
                    Found::Unreadable(why) => why,
                    Found::Seen(_) => "it is open for writing in another program".to_owned(),
                    _ => "another program keeps it to itself".to_owned(),
                };
                return Err(Later::failing(&format!("{} cannot be read", entry.file), why));
            }
            Err(SpoolError::Changed { .. }) => identity.unsettled = true,
            Err(error) => return Err(Later::Failing(error.to_string())),
        }
    }
}

fn spooled(
    app: &App,
    entry: &Import,
    copy: &SpoolFile,
    mut proof: Vec<ProofItem>,
    check: &Check,
    sighting: &Sighting,
) -> Result<(), Later> {
    proof.push(proof_item(check));
    let spooled = imports::Spooled {
        sha256: copy.sha256().to_owned(),
        size: copy.len(),
        modified_at: sighting.modified.timestamp(),
        proof,
    };
    Ok(app.db.write(|c| imports::set_spooled(c, entry.id, &spooled))?)
}

fn overwritten(file: &str) -> Problem {
    Problem::new(
        "file-changed",
        format!("{file} changed after it had settled and before it was read. Nothing of it was imported."),
        "What it holds now is the next delivery and is imported by itself.",
    )
}
