//! A claimed file that still changes settles once more, under its claimed name.

use std::time::Duration;

use erpfile::Problem;
use register::imports::{Import, ProofItem};

use super::Later;
use super::complete::proof_item;
use super::identity::Identity;
use super::missing::{gone, lost};
use super::watch::{Stage, Watch};
use crate::app::App;
use crate::exchange::arrival::{Arrival, Reason, Refusal, Verdict};
use crate::exchange::place::{Look, Place, Sighting, observe};

/// Waits until the claimed file has settled; gives the sighting that settled and the proof of it, or the problem for
/// which the file is refused.
pub(super) fn settle_again(
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
            (Verdict::NoFolder { .. } | Verdict::Gone, _) => {
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
