//! From a claimed file to a private copy in the spool.

use std::sync::Arc;

use erpfile::Problem;
use register::imports::{self, Import, Step};

use super::apply::refuse;
use super::complete::proof_item;
use super::earlier_copy::{self, Earlier};
use super::identity::Identity;
use super::missing::{gone, lost};
use super::settle_again::settle_again;
use super::watch::{Stage, Watch};
use super::{Later, alone_with_sources, find};
use crate::app::App;
use crate::exchange::check::Check;
use crate::exchange::place::{self, Found, Place, Sighting};
use crate::exchange::spool::{self, SpoolError, SpoolFile};

/// Makes the private copy of a claimed file. One that still changes settles under its claimed name first, however long
/// that takes.
pub(super) fn spool(app: &App, entry: &Import, watch: &dyn Watch) -> Result<(), Later> {
    loop {
        let alone = alone_with_sources(app, &entry.register, entry.id, watch)?;
        let Copied::Unsettled = try_to_spool(app, entry.id, watch)? else { return Ok(()) };
        // While it settles, what waits behind it may be copied.
        drop(alone);
        settle(app, &find(app, entry.id)?, watch)?;
    }
}

/// The claimed file settles once more, and the ledger has it as it settled.
fn settle(app: &App, entry: &Import, watch: &dyn Watch) -> Result<(), Later> {
    let Some((identity, place)) = source(app, entry)? else { return refuse(app, entry, &nowhere(entry)) };
    tracing::info!(import = entry.id, file = entry.file, "the claimed file still changes; it settles again");
    match settle_again(app, entry, place.as_ref(), &identity, watch)? {
        Ok((settled, proof)) => Ok(app.db.write(|c| {
            imports::set_claimed(c, entry.id, &identity.settled(&settled).noted(app.folder.path()))?;
            imports::set_proof(c, entry.id, &proof)
        })?),
        Err(problem) => refuse(app, entry, &problem),
    }
}

/// What came of a try to make the private copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Copied {
    /// The ledger says what came next: it is copied, or refused, or it was not there to be copied any more.
    Done,
    /// The claimed file must settle again first, and the ledger says so.
    Unsettled,
}

/// Makes the private copy of a claimed file, if nobody else has by now. Whoever calls is alone with the sources.
pub(super) fn try_to_spool(app: &App, id: i64, watch: &dyn Watch) -> Result<Copied, Later> {
    let entry = find(app, id)?;
    if entry.step != Step::Claimed {
        return Ok(Copied::Done);
    }
    let refuse = |problem: &Problem| refuse(app, &entry, problem).map(|()| Copied::Done);
    let Some((mut identity, place)) = source(app, &entry)? else { return refuse(&nowhere(&entry)) };
    let note = |identity: &Identity| {
        app.db.write(|c| imports::set_claimed(c, id, &identity.noted(app.folder.path())))
    };
    watch.stage(id, Stage::Copying(0, identity.size));
    match earlier_copy::find(app, &entry, place.as_ref(), &identity)? {
        Earlier::Noted => {
            app.db.write(|c| imports::requeue(c, id, Step::Spooled, None))?;
            return Ok(Copied::Done);
        }
        Earlier::Unnoted(copy) => {
            spooled(app, &entry, &copy, &spool::equals_source(&copy), &identity.sighting())?;
            return Ok(Copied::Done);
        }
        Earlier::None => {}
    }
    loop {
        if identity.unsettled {
            note(&identity)?;
            return Ok(Copied::Unsettled);
        }
        let expected = identity.sighting();
        let mut progress = |done, total| watch.tell(id, Stage::Copying(done, total));
        let folder = app.folder.spool();
        match spool::copy(place.as_ref(), &identity.name, &expected, &folder, id, &mut progress) {
            Ok((copy, check)) => {
                spooled(app, &entry, &copy, &check, &expected)?;
                return Ok(Copied::Done);
            }
            Err(SpoolError::Cancelled) => return Err(Later::Stopping),
            Err(SpoolError::Changed { found: Found::Absent | Found::NoFolder(_), .. }) => {
                if let Some(problem) = gone(app, &entry, &identity, place.as_ref())? {
                    return refuse(&problem);
                }
            }
            Err(SpoolError::Changed { found: Found::NotAFile(kind), .. }) => {
                return refuse(&lost(&entry.file, &format!("in its place there is {kind}")));
            }
            Err(SpoolError::Changed { found: Found::Seen(now), .. })
                if !identity.claimed && now.is_on_a_renumbered_device(&expected) =>
            {
                identity = Identity::of(&identity.folder, &identity.name, &now);
                note(&identity)?;
            }
            Err(SpoolError::Changed { found: Found::Seen(now), .. })
                if !identity.claimed && now.difference(&expected).is_some() =>
            {
                return refuse(&overwritten(&entry.file));
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

/// Which file it is, and where.
type Source = (Identity, Arc<dyn Place>);

/// Which file it is, and where; `None` when the ledger does not say.
fn source(app: &App, entry: &Import) -> Result<Option<Source>, Later> {
    let Some(identity) = Identity::of_entry(app.folder.path(), entry) else { return Ok(None) };
    match place::place(&identity.folder) {
        Some(place) => Ok(Some((identity, place))),
        None => Err(Later::Failing(format!("{} is no folder that this version can use", identity.folder))),
    }
}

fn nowhere(entry: &Import) -> Problem {
    lost(&entry.file, "the ledger does not say where it is")
}

fn spooled(
    app: &App,
    entry: &Import,
    copy: &SpoolFile,
    check: &Check,
    sighting: &Sighting,
) -> Result<(), Later> {
    let mut proof = entry.proof.clone();
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
