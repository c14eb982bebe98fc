//! What a comparison has found out so far.

use erpfile::Problem;
use xxhash_rust::xxh3::Xxh3;

use super::by_rule::ByRule;
use crate::changes::{Change, ChangeKind, Place, write_problem};
use crate::counts::Counts;
use crate::frames::{Pieces, Scratch, Writer};
use crate::job::Stop;
use crate::sorted::{Sorted, Sorter};

/// See the module.
pub(super) struct Outcome<'s> {
    pub(super) counts: Counts,
    /// By line.
    pub(super) problems: Sorter<'s>,
    pub(super) by_rule: ByRule,
    /// In the order of the keys.
    pub(super) changes: Writer<'s>,
    pub(super) deactivated: u64,
    /// Records that are told not to be in the file.
    pub(super) listed: u64,
    pub(super) warnings: u64,
    pub(super) digest: Xxh3,
    piece: Vec<u8>,
}

impl<'s> Outcome<'s> {
    /// Nothing yet. Problems are sorted in so many bytes of memory.
    pub(super) fn new(scratch: &'s dyn Scratch, problems_memory: usize) -> Outcome<'s> {
        Outcome {
            counts: Counts::default(),
            problems: Sorter::new(scratch, problems_memory),
            by_rule: ByRule::default(),
            changes: Writer::new(scratch),
            deactivated: 0,
            listed: 0,
            warnings: 0,
            digest: Xxh3::new(),
            piece: Vec::new(),
        }
    }

    pub(super) fn refuse(&mut self, place: Place, problems: Vec<Problem>) -> Result<(), Stop> {
        self.counts.refused += 1;
        for problem in problems {
            self.note(place, &problem)?;
        }
        Ok(())
    }

    /// Tells what the checks of the format find in a row that is taken.
    pub(super) fn warn(&mut self, place: Place, problems: Vec<Problem>) -> Result<(), Stop> {
        self.warnings += problems.len() as u64;
        problems.iter().try_for_each(|problem| self.note(place, problem))
    }

    /// Adds a problem to the list, whether it refuses a row or not.
    pub(super) fn note(&mut self, place: Place, problem: &Problem) -> Result<(), Stop> {
        Ok(self.problems.push(&place.line.to_be_bytes(), &write_problem(place, problem)?)?)
    }

    /// Adds a note on what is not in the file, behind those on what is.
    pub(super) fn note_at_end(&mut self, problem: &Problem) -> Result<(), Stop> {
        Ok(self.problems.push(&u64::MAX.to_be_bytes(), &write_problem(Place::NONE, problem)?)?)
    }

    pub(super) fn change(&mut self, change: &Change<'_>) -> Result<(), Stop> {
        if change.kind != ChangeKind::Marked {
            change.told(&mut self.piece);
            self.digest.update(&self.piece);
        }
        change.write(&mut self.piece);
        Ok(self.changes.push(&[&self.piece])?)
    }
}

/// What was sorted, in its order.
pub(super) fn in_order(mut sorted: Sorted, mut writer: Writer<'_>) -> Result<Pieces, Stop> {
    while let Some((_, payload)) = sorted.next()? {
        writer.push(&[payload])?;
    }
    Ok(writer.finish()?)
}
