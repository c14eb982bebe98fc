//! Taking a settled file from the exchange folder: an entry in the ledger, then the claim.

use register::Register;
use register::imports::{self, NewImport, ProofItem, Step};
use register::settings::StoredFormat;

use super::complete::proof_item;
use super::identity::Identity;
use super::missing::out_of_reach;
use super::{Later, marker};
use crate::app::App;
use crate::exchange::check::Check;
use crate::exchange::claim::ClaimError;
use crate::exchange::place::{Found, Place, Sighting};

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
        changes_only: false,
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
    let mut sighted = Identity::of(taking.folder, taking.name, settled).with_marker(taking.marker.clone());
    if !taking.leave {
        let within = taking.place.identity();
        sighted = sighted.within(within.map_err(|error| out_of_reach(taking.folder, error))?);
    }
    let new = NewImport {
        automation: Some(register.automation.to_owned()),
        identity: Some(sighted.noted(app.folder.path())),
        ..new_entry(app, register, taking.name, &by, format, settled)
    };
    let proof: Vec<ProofItem> = taking.proof.iter().map(proof_item).collect();
    let id = app.db.write(|c| {
        let id = imports::begin(c, &new)?;
        imports::set_proof(c, id, &proof)?;
        if taking.leave {
            imports::set_claimed(c, id, &sighted.noted(app.folder.path()))?;
        }
        Ok::<_, register::db::DbError>(id)
    })?;
    if taking.leave {
        return Ok(Some(id));
    }
    let claimed = match taking.place.claim(taking.name, id, settled) {
        Ok(claim) => sighted.named(&claim.name).settled(&claim.sighting),
        // It is ours, but not as it was: it settles again under its claimed name.
        Err(ClaimError::Changed { name, claimed: true, found: Found::Seen(seen) }) => {
            sighted.named(&name).still_changing(&seen)
        }
        Err(ClaimError::Changed { name, claimed: true, .. }) => sighted.named(&name).still_changing(settled),
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
    app.db.write(|c| imports::set_claimed(c, id, &claimed.noted(app.folder.path())))?;
    Ok(Some(id))
}
