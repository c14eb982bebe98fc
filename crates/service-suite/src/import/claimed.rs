//! From a settled file in the exchange folder to a private copy in the spool: claim, settle again if it must, copy.

use std::time::Duration;

use erpfile::Problem;
use register::Register;
use register::imports::{self, Import, NewImport, ProofItem, ProofResult, Step};
use register::settings::StoredFormat;
use serde::{Deserialize, Serialize};

use super::apply::refuse;
use super::watch::{Stage, Watch};
use super::{Later, earlier_copy, marker};
use crate::app::App;
use crate::exchange::arrival::{Arrival, Reason, Refusal, Verdict};
use crate::exchange::check::{Check, Outcome};
use crate::exchange::claim::ClaimError;
use crate::exchange::place::{self, FileTime, Found, Look, Place, Sighting, Writer, observe};
use crate::exchange::spool::{self, SpoolError, SpoolFile};

/// Which file of which folder an import has taken: kept in the ledger, so that a restart finds exactly that file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Identity {
    /// The folder's address.
    pub(crate) folder: String,
    /// The name that the file has there now.
    pub(crate) name: String,
    size: u64,
    modified: (i64, u32),
    changed: (i64, u32),
    device: u64,
    inode: u64,
    /// Whether it has its claimed name; otherwise it stays under its own (`after-import = "leave"`).
    #[serde(default)]
    pub(crate) claimed: bool,
    /// Whether it was other than it had settled when it was taken, so that it must settle before it is read.
    #[serde(default)]
    unsettled: bool,
    /// The marker that let it through: where it is, and how it looked there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) marker: Option<Box<Identity>>,
}

impl Identity {
    /// The identity of what was seen under a name.
    pub(crate) fn of(folder: &str, name: &str, seen: &Sighting) -> Identity {
        let pair = |time: FileTime| (time.seconds, time.nanoseconds);
        Identity {
            folder: folder.to_owned(),
            name: name.to_owned(),
            size: seen.size,
            modified: pair(seen.modified),
            changed: pair(seen.changed),
            device: seen.device,
            inode: seen.inode,
            claimed: false,
            unsettled: false,
            marker: None,
        }
    }

    /// The identity of a file under its claimed name.
    pub(crate) fn claimed(folder: &str, name: &str, seen: &Sighting) -> Identity {
        Identity { claimed: true, ..Identity::of(folder, name, seen) }
    }

    /// The same of a file that must settle under its claimed name before it is read.
    pub(crate) fn unsettled(folder: &str, name: &str, seen: &Sighting) -> Identity {
        Identity { unsettled: true, ..Identity::claimed(folder, name, seen) }
    }

    /// Whether both lie in the same folder under the same name, unclaimed, with the same size and modification time: all
    /// that a file keeps when its file system is mounted anew.
    pub(super) fn is_like(&self, other: &Identity) -> bool {
        !self.claimed
            && !other.claimed
            && (&self.folder, &self.name, self.size, self.modified)
                == (&other.folder, &other.name, other.size, other.modified)
    }

    /// The same with the marker that let the file through.
    pub(crate) fn with_marker(self, marker: Option<Identity>) -> Identity {
        Identity { marker: marker.map(Box::new), ..self }
    }

    /// The number of the file system that the file was on.
    pub(super) fn device(&self) -> u64 {
        self.device
    }

    /// As the ledger keeps it; equal identities have equal texts.
    pub(crate) fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads what the ledger keeps.
    pub(crate) fn parse(text: &str) -> Option<Identity> {
        serde_json::from_str(text).ok()
    }

    /// What must be seen under the name for it to be the same file, unchanged.
    pub(crate) fn sighting(&self) -> Sighting {
        let time = |(seconds, nanoseconds)| FileTime { seconds, nanoseconds };
        Sighting {
            size: self.size,
            modified: time(self.modified),
            changed: time(self.changed),
            device: self.device,
            inode: self.inode,
            writer: Writer::None,
        }
    }
}

/// The entry of a file as it was sighted, taken by nobody yet.
pub(super) fn new_entry(
    app: &App,
    register: &Register,
    file: &str,
    by: &str,
    format: &StoredFormat,
    seen: &Sighting,
) -> NewImport {
    NewImport {
        automation: None,
        register: register.name.to_owned(),
        file: file.to_owned(),
        started_by: by.to_owned(),
        again_of: None,
        step: Step::Claiming,
        format: format.format.name.clone(),
        format_version: format.version,
        format_mark: format.mark.clone(),
        identity: None,
        size: Some(seen.size),
        modified_at: seen.modified.timestamp(),
        started_at: app.clock.now(),
    }
}

/// A settled file that an automation is about to take.
pub(crate) struct Taking<'a> {
    /// The register that it is for.
    pub(crate) register: &'static Register,
    /// The format that it will be read with.
    pub(crate) format: &'a StoredFormat,
    /// The exchange folder.
    pub(crate) place: &'a dyn Place,
    /// The folder's address.
    pub(crate) folder: &'a str,
    /// The file's name.
    pub(crate) name: &'a str,
    /// How it was last seen.
    pub(crate) settled: &'a Sighting,
    /// Why it is believed to be complete.
    pub(crate) proof: &'a [Check],
    /// The marker that lets it through, if its format asks for one.
    pub(crate) marker: Option<Identity>,
    /// Whether it stays in the folder under its name (`after-import = "leave"`).
    pub(crate) leave: bool,
}

/// Takes a settled file: an entry in the ledger first, then the claim. Gives the import's id, or `None` when the file
/// changed or went at the last moment and is simply looked at again.
///
/// # Errors
/// [`Later`] when the folder does not let it be taken; the file stays where it is.
pub(crate) fn take_from_folder(app: &App, taking: &Taking<'_>) -> Result<Option<i64>, Later> {
    let Taking { register, format, settled, .. } = taking;
    let by = format!("automation {}", register.automation_title);
    let sighted = Identity::of(taking.folder, taking.name, settled).with_marker(taking.marker.clone());
    let new = NewImport {
        automation: Some(register.automation.to_owned()),
        identity: Some(sighted.text()),
        ..new_entry(app, register, taking.name, &by, format, settled)
    };
    let proof: Vec<ProofItem> = taking.proof.iter().map(proof_item).collect();
    let id = app.db.write(|c| {
        let id = imports::begin(c, &new)?;
        imports::set_proof(c, id, &proof)?;
        Ok::<_, register::db::DbError>(id)
    })?;
    if taking.leave {
        app.db.write(|c| imports::set_claimed(c, id, &sighted.text()))?;
        return Ok(Some(id));
    }
    let claimed = match taking.place.claim(taking.name, id, settled) {
        Ok(claim) => Identity::claimed(taking.folder, &claim.name, &claim.sighting),
        // It is ours, but not as it was: it settles again under its claimed name.
        Err(ClaimError::Changed { name, claimed: true, found: Found::Seen(seen) }) => {
            Identity::unsettled(taking.folder, &name, &seen)
        }
        Err(ClaimError::Changed { name, claimed: true, .. }) => {
            Identity::unsettled(taking.folder, &name, settled)
        }
        // Renamed, but a power cut could still take that back: the entry stays as it is, and the worker finds the file
        // under its claimed name once the folder can be made durable.
        Err(error @ ClaimError::Io { claimed: true, .. }) => {
            return Err(Later::Failing(error.to_string()));
        }
        Err(ClaimError::Gone { .. } | ClaimError::Changed { claimed: false, .. }) => {
            app.db.write(|c| imports::forget(c, id))?;
            return Ok(None);
        }
        Err(error) => {
            app.db.write(|c| imports::forget(c, id))?;
            return Err(Later::Failing(error.to_string()));
        }
    };
    let claimed = claimed.with_marker(marker::take(taking.place, id, taking.marker.as_ref())?);
    app.db.write(|c| imports::set_claimed(c, id, &claimed.text()))?;
    Ok(Some(id))
}

/// Makes the private copy of a claimed file, after it has settled under its claimed name should it still change.
pub(super) fn spool(app: &App, entry: &Import, watch: &dyn Watch) -> Result<(), Later> {
    let Some(mut identity) = entry.identity.as_deref().and_then(Identity::parse) else {
        return refuse(app, entry, &lost(&entry.file, "the ledger does not say where it is"));
    };
    let Some(place) = place::place(&identity.folder) else {
        return Err(Later::Failing(format!("{} is no folder that this version can use", identity.folder)));
    };
    watch.stage(entry.id, Stage::Copying(0, identity.size));
    if earlier_copy::is_good(app, entry, place.as_ref(), &identity.name)? {
        return Ok(app.db.write(|c| imports::requeue(c, entry.id, Step::Spooled, None))?);
    }
    if let Some(problem) = out_of_reach(app, entry, &identity, place.as_ref())? {
        return refuse(app, entry, &problem);
    }
    let mut proof = entry.proof.clone();
    loop {
        if identity.unsettled {
            tracing::info!(
                import = entry.id,
                file = entry.file,
                "the claimed file still changes; it settles again"
            );
            match settle_again(app, entry, place.as_ref(), &identity, watch)? {
                Ok((settled, again)) => {
                    let marker = identity.marker.take().map(|marker| *marker);
                    identity =
                        Identity::claimed(&identity.folder, &identity.name, &settled).with_marker(marker);
                    proof = again;
                }
                Err(problem) => return refuse(app, entry, &problem),
            }
            app.db.write(|c| {
                imports::set_claimed(c, entry.id, &identity.text())?;
                imports::set_proof(c, entry.id, &proof)
            })?;
        }
        let expected = identity.sighting();
        let mut progress = |done, total| watch.tell(entry.id, Stage::Copying(done, total));
        let spool = app.folder.spool();
        match spool::copy(place.as_ref(), &identity.name, &expected, &spool, entry.id, &mut progress) {
            Ok((copy, check)) => return spooled(app, entry, &copy, proof, &check, &expected),
            Err(SpoolError::Cancelled) => return Err(Later::Stopping),
            Err(SpoolError::Changed { found: Found::Absent, .. }) => {
                if let Some(problem) = gone(app, entry, &identity, place.as_ref())? {
                    return refuse(app, entry, &problem);
                }
            }
            Err(SpoolError::Changed { found: Found::NotAFile(kind), .. }) => {
                return refuse(app, entry, &lost(&entry.file, &format!("in its place there is {kind}")));
            }
            Err(SpoolError::Changed { found: Found::Seen(now), .. })
                if !identity.claimed && now.difference(&expected).is_some() =>
            {
                return refuse(app, entry, &overwritten(&entry.file));
            }
            // A file that keeps its name is only read as it had settled: what settles anew is the next delivery.
            Err(SpoolError::Changed { found, .. }) if !identity.claimed => {
                let why = match found {
                    Found::Unreadable(why) | Found::NoFolder(why) => why,
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

/// A share that is not mounted looks like an empty folder; what is missing there is not gone. A folder that the settings
/// no longer name, and that is not there any more, is given up: the problem says so.
fn out_of_reach(
    app: &App,
    entry: &Import,
    identity: &Identity,
    place: &dyn Place,
) -> Result<Option<Problem>, Later> {
    let folder = &identity.folder;
    let why = match place.device() {
        Ok(device) if device == identity.device => return Ok(None),
        Ok(_) if !matches!(place.look(&identity.name), Look::Absent) => return Ok(None),
        Ok(_) => format!("the exchange folder {folder} is another one than before; is the share mounted?"),
        Err(error) => format!("the exchange folder {folder} cannot be reached: {error}"),
    };
    let settings = app.settings().map_err(|error| Later::Failing(format!("{error:#}")))?;
    if settings.exchange.display().to_string() == *folder {
        return Err(Later::Failing(why));
    }
    Ok(Some(Problem::new(
        "file-gone",
        format!("{} was taken from {folder}, which is not the exchange folder any more: {why}.", entry.file),
        format!(
            "Bring the folder back and rename {} in it, or let the ERP system write the file again.",
            identity.name
        ),
    )))
}

/// Why a file that a look did not find is gone for good; `None` when it is there after all. The share may have been
/// unmounted for just that look, so absence is only believed when it outlasts a look at the folder itself.
fn gone(app: &App, entry: &Import, identity: &Identity, place: &dyn Place) -> Result<Option<Problem>, Later> {
    for _ in 0..2 {
        if let Some(problem) = out_of_reach(app, entry, identity, place)? {
            return Ok(Some(problem));
        }
        if !matches!(place.look(&identity.name), Look::Absent) {
            return Ok(None);
        }
    }
    Ok(Some(lost(&entry.file, "another program removed it from the exchange folder")))
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

/// Waits until the claimed file has settled; gives the sighting that settled and the proof of it, or the problem for
/// which the file is refused.
fn settle_again(
    app: &App,
    entry: &Import,
    place: &dyn Place,
    identity: &Identity,
    watch: &dyn Watch,
) -> Result<Result<(Sighting, Vec<ProofItem>), Problem>, Later> {
    let settle = app.settings().map_err(|error| Later::Failing(format!("{error:#}")))?.settle();
    // A file that changes once it is taken has broken the word that its marker gave: now only quiet time counts.
    let format = app.db.read(|c| register::settings::format(c, &entry.format))?;
    let own = format.and_then(|format| format.format.settle).filter(|settle| !settle.is_zero());
    let settle = own.unwrap_or(settle);
    let mut arrival = Arrival::new(settle);
    let name = &identity.name;
    let clock = || app.clock.monotonic();
    loop {
        let (observation, look) = observe(place, name, &clock);
        let verdict = arrival.see(observation);
        let settling =
            |reason: String, quiet, of| watch.stage(entry.id, Stage::Settling { reason, quiet, of });
        match (&verdict, &look) {
            (Verdict::Settled(proof), Look::Seen(sighting, _)) => {
                return Ok(Ok((sighting.clone(), proof.iter().map(proof_item).collect())));
            }
            (Verdict::Settling { reason: Reason::Quiet, quiet, of, .. }, _) => {
                settling(String::new(), *quiet, *of)
            }
            (Verdict::Settling { reason, quiet, of, .. }, _) => settling(reason.to_string(), *quiet, *of),
            (Verdict::Empty { warn: true, .. }, _) => {
                return Ok(Err(lost(&entry.file, "somebody emptied it after it was taken")));
            }
            (Verdict::Empty { .. }, _) => settling("Empty".to_owned(), Duration::ZERO, settle),
            (Verdict::NoFolder { error, .. }, _) => return Err(Later::Failing(error.clone())),
            (Verdict::Gone, _) => {
                if let Some(problem) = gone(app, entry, identity, place)? {
                    return Ok(Err(problem));
                }
            }
            (Verdict::NotAFileWeTake { refusal: Refusal::Kind(kind), .. }, _) => {
                return Ok(Err(lost(&entry.file, &format!("in its place there is {kind}"))));
            }
            (Verdict::NotAFileWeTake { refusal, .. }, _) => {
                return Err(Later::Failing(format!("{name} is {refusal}")));
            }
            (Verdict::Settled(_), _) => {}
        }
        let until = verdict.look_again_at().unwrap_or_default().saturating_sub(clock());
        app.clock.pause(until.max(Duration::from_millis(1)));
        if watch.stopping() {
            return Err(Later::Stopping);
        }
    }
}

/// A check of the exchange folder as the ledger keeps it.
pub(super) fn proof_item(check: &Check) -> ProofItem {
    ProofItem {
        check: check.check.to_string(),
        result: match check.result {
            Outcome::Passed => ProofResult::Passed,
            Outcome::Failed => ProofResult::Failed,
            Outcome::Unknown => ProofResult::Unknown,
        },
        detail: check.detail.clone(),
    }
}

fn overwritten(file: &str) -> Problem {
    Problem::new(
        "file-changed",
        format!("{file} changed after it had settled and before it was read. Nothing of it was imported."),
        "What it holds now is the next delivery and is imported by itself.",
    )
}

fn lost(file: &str, why: &str) -> Problem {
    Problem::new(
        "file-gone",
        format!(
            "{file} was taken, but before it could be read it was gone: {why}. Nothing of it was imported."
        ),
        "Let the ERP system write the file again.",
    )
}
