//! Whether an import goes on, or is held until a person decides.

use erpfile::{Content, Problem};
use jiff::Timestamp;
use register::compare::{ChangeSet, Job, Preview, Stop};
use register::db::Conn;
use register::guard::{self, Delivery, Reason};
use register::imports::{self, Approval, Hold, Import};
use register::settings;

use super::grown::Overtaken;
use crate::app::App;

/// Changes and problems that are kept to be shown.
const SHOWN: usize = 100;

/// Everything that is odd about a delivery that comes to these changes.
///
/// # Errors
/// As [`guard::judge`].
pub(super) fn reasons(c: &Conn, delivery: Delivery<'_>, changes: &ChangeSet) -> Result<Vec<Reason>, Stop> {
    let guards = settings::guards(c, delivery.register)?;
    guard::judge(c, delivery, changes, &guards)
}

/// Why the import stops here, and what it would do; `None` when it goes on: nothing is odd, a person approved exactly
/// these changes, or a person asked for an earlier import once more.
///
/// # Errors
/// As [`guard::judge`], and what reading the private copy again comes to.
pub(super) fn stops(
    app: &App,
    entry: &Import,
    delivery: Delivery<'_>,
    job: &Job<'_>,
    changes: &ChangeSet,
    at: Timestamp,
) -> Result<Option<Hold>, Stop> {
    if entry.again_of.is_some() {
        return Ok(None);
    }
    let (mut reasons, approved) = app.db.read(|c| {
        let mut reasons = reasons(c, delivery, changes)?;
        let overtaken = Overtaken::find(app, c, entry, delivery.register, false)?;
        reasons.extend(overtaken.map(|overtaken| overtaken.reason()));
        Ok::<_, Stop>((reasons, imports::approval(c, entry.id)?))
    })?;
    // Columns that were accepted are not odd any more; but it was the preview that was looked at.
    let accepted = |approval: &Approval| {
        approval.reasons.iter().any(|reason| reason.code == guard::code::LAYOUT_DRIFTED)
    };
    if reasons.is_empty() && !approved.as_ref().is_some_and(accepted) {
        return Ok(None);
    }
    if let Some(Approval { by, digest, reasons: known }) = approved {
        let is_known = |reason: &Reason| known.iter().any(|known| known.code == reason.code);
        let message = if digest != changes.digest {
            format!(
                "What {by} approved is no longer what would be done: the register or the format has been changed since. \
                 Look at it again."
            )
        } else if reasons.iter().all(is_known) {
            return Ok(None);
        } else {
            format!("More is odd about it than when {by} approved it. Look at it again.")
        };
        reasons.insert(0, Reason::new(guard::code::CHANGED_SINCE, message));
    }
    let (shown, problems) = preview(changes, job, SHOWN)?;
    Ok(Some(Hold {
        reasons,
        digest: changes.digest,
        full: delivery.format.content == Content::Full,
        counts: changes.counts,
        deactivated: changes.deactivated,
        warnings: changes.warnings,
        changes: shown,
        problems,
        drift: delivery.drift.cloned(),
        at,
        approved: None,
    }))
}

/// The first changes and problems.
pub(super) fn preview(
    changes: &ChangeSet,
    job: &Job<'_>,
    limit: usize,
) -> Result<(Vec<Preview>, Vec<Problem>), Stop> {
    let mut problems = Vec::new();
    changes.problems(job, &mut |problem, _| {
        if problems.len() < limit {
            problems.push(problem.clone());
        }
    })?;
    Ok((changes.preview(job, limit)?, problems))
}
