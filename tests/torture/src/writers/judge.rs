//! What was delivered, held against what came of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::AddAssign;

use super::delivery::{Delivery, cut_shows};
use crate::check::{Finding, Kind};

/// What a writer has sent.
#[derive(Debug, Default)]
pub(super) struct Sent {
    /// Whether deliveries end with a trailer line.
    pub(super) trailer: bool,
    begun: Vec<Delivery>,
    /// Those that arrived whole, by SHA-256.
    whole: BTreeSet<String>,
    /// Those of them that their own writer wrote over.
    written_over: BTreeSet<String>,
    interrupted: usize,
    /// Files that a client spoiled while it said that all went well.
    spoiled: usize,
}

/// What came of a file that was taken.
#[derive(Debug)]
pub(super) enum Outcome {
    /// It was applied.
    Applied {
        /// As the archive has it.
        bytes: Vec<u8>,
        /// As the ledger counts them.
        rows: u64,
        /// Those of them that were refused.
        refused_rows: u64,
    },
    /// It was refused, and is kept in the refused folder.
    Refused(Vec<u8>),
    /// It has not come to an end, or is not kept.
    Unknown,
}

/// What came of deliveries.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Count {
    /// Deliveries of which a client said that they arrived whole.
    sent: usize,
    /// Of these, those that their own writer wrote over soon.
    written_over: usize,
    /// Uploads that were interrupted.
    interrupted: usize,
    /// Deliveries that were applied.
    applied: usize,
    /// Parts of deliveries, and spoiled ones, that were refused.
    refused: usize,
    /// Parts that were applied, since nothing in them shows that they were cut.
    unseen_cuts: usize,
}

impl AddAssign for Count {
    fn add_assign(&mut self, other: Count) {
        self.sent += other.sent;
        self.written_over += other.written_over;
        self.interrupted += other.interrupted;
        self.applied += other.applied;
        self.refused += other.refused;
        self.unseen_cuts += other.unseen_cuts;
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Count { sent, written_over, interrupted, applied, refused, unseen_cuts } = self;
        write!(
            f,
            "sent {sent:3}, written over {written_over:2}, interrupted {interrupted:2}, applied {applied:3}, \
             refused {refused:2}, cut between rows and applied {unseen_cuts}"
        )
    }
}

impl Sent {
    /// Nothing so far.
    pub(super) fn nothing(trailer: bool) -> Sent {
        Sent { trailer, ..Sent::default() }
    }

    /// Notes a delivery that is begun.
    pub(super) fn begun(&mut self, delivery: &Delivery) {
        self.begun.push(delivery.clone());
    }

    /// Notes that a client said that this delivery arrived whole.
    pub(super) fn arrived(&mut self, delivery: &Delivery) {
        self.whole.insert(delivery.sha256.clone());
    }

    /// Notes that its own writer wrote over this delivery, which may or may not have been taken before.
    pub(super) fn written_over(&mut self, delivery: &Delivery) {
        self.written_over.insert(delivery.sha256.clone());
    }

    /// Notes an interrupted upload.
    pub(super) fn interrupted(&mut self) {
        self.interrupted += 1;
    }

    /// Notes that a client made a file of neither one export nor another.
    pub(super) fn spoiled(&mut self) {
        self.spoiled += 1;
    }
}

/// Counts what came of what was sent, each outcome with what the ledger says of it, and finds where the promise was not
/// kept.
pub(super) fn judge(sent: &Sent, outcomes: &[(String, Outcome)]) -> (Count, Vec<Finding>) {
    let count = Count {
        sent: sent.whole.len(),
        written_over: sent.written_over.len(),
        interrupted: sent.interrupted,
        ..Count::default()
    };
    let mut judge =
        Judge { sent, count, times: BTreeMap::new(), spoiled: sent.spoiled, findings: Vec::new() };
    for (import, outcome) in outcomes {
        match outcome {
            Outcome::Applied { bytes, rows, refused_rows } => {
                judge.applied(bytes, *rows, *refused_rows, import)
            }
            Outcome::Refused(bytes) => judge.refused(bytes, import),
            Outcome::Unknown => judge.found(Kind::Wrong, format!("not at its end, or not kept: {import}")),
        }
    }
    judge.each_once();
    (judge.count, judge.findings)
}

struct Judge<'a> {
    sent: &'a Sent,
    count: Count,
    /// How often each whole delivery was applied.
    times: BTreeMap<&'a str, usize>,
    /// Files that nobody sent as they are, which are still to be found among the refused ones.
    spoiled: usize,
    findings: Vec<Finding>,
}

impl Judge<'_> {
    /// Whole deliveries are applied with all their rows. A part of one that was cut where nothing in it shows the cut is
    /// counted; any other part is a half import.
    fn applied(&mut self, bytes: &[u8], rows: u64, refused_rows: u64, import: &str) {
        let sent = self.sent;
        if let Some(whole) = sent.begun.iter().find(|delivery| delivery.bytes == bytes) {
            self.count.applied += 1;
            *self.times.entry(&whole.sha256).or_default() += 1;
            if rows != whole.rows as u64 || refused_rows != 0 {
                self.found(Kind::Halved, format!("rows are missing: {import}"));
            }
        } else if !sent.begun.iter().any(|delivery| delivery.begins_with(bytes)) {
            self.found(Kind::Wrong, format!("what was applied was never sent: {import}"));
        } else if sent.trailer || cut_shows(bytes.len()) {
            self.found(Kind::Halved, format!("only {} bytes were applied: {import}", bytes.len()));
        } else {
            self.count.unseen_cuts += 1;
        }
    }

    /// Only what is no whole delivery may be refused: a beginning, or an end that a client sent after a wrong place.
    fn refused(&mut self, bytes: &[u8], import: &str) {
        self.count.refused += 1;
        let is_part = |delivery: &Delivery| delivery.begins_with(bytes) || delivery.bytes.ends_with(bytes);
        if self.sent.begun.iter().any(|delivery| delivery.bytes == bytes) {
            self.found(Kind::Lost, format!("a whole delivery was refused: {import}"));
        } else if !self.sent.begun.iter().any(is_part) {
            match self.spoiled.checked_sub(1) {
                Some(left) => self.spoiled = left,
                None => self.found(Kind::Wrong, format!("what was refused was never sent: {import}")),
            }
        }
    }

    fn each_once(&mut self) {
        let sent = self.sent;
        for (sha256, _) in self.times.clone().into_iter().filter(|(_, times)| *times > 1) {
            self.found(Kind::Doubled, format!("applied more than once: the delivery {sha256}"));
        }
        for sha256 in sent.whole.difference(&sent.written_over) {
            if !self.times.contains_key(sha256.as_str()) {
                self.found(Kind::Lost, format!("never applied: the delivery {sha256}"));
            }
        }
    }

    fn found(&mut self, kind: Kind, sentence: String) {
        self.findings.push(Finding { kind, sentence });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(bytes: &[u8], rows: u64) -> Outcome {
        Outcome::Applied { bytes: bytes.to_vec(), rows, refused_rows: 0 }
    }

    /// Kinds of what is found when two deliveries of 10 rows arrived whole and these are the outcomes.
    fn found(trailer: bool, outcomes: impl FnOnce(&Delivery, &Delivery) -> Vec<Outcome>) -> Vec<Kind> {
        let mut sent = Sent::nothing(trailer);
        let [one, two] = [1, 2].map(|day| Delivery::of_day(day, 10, trailer).unwrap());
        for delivery in [&one, &two] {
            sent.begun(delivery);
            sent.arrived(delivery);
        }
        let outcomes = outcomes(&one, &two).into_iter().map(|outcome| (String::new(), outcome));
        judge(&sent, &outcomes.collect::<Vec<_>>()).1.into_iter().map(|finding| finding.kind).collect()
    }

    #[test]
    fn each_delivery_whole_and_once_is_right_and_anything_else_is_found() {
        let whole = |delivery: &Delivery| applied(&delivery.bytes, 10);
        let begins = |delivery: &Delivery, len: usize| delivery.bytes[..len].to_vec();
        assert_eq!(found(false, |one, two| vec![whole(one), whole(two)]), []);
        assert_eq!(
            found(false, |one, two| vec![whole(one), whole(two), Outcome::Refused(begins(two, 1024))]),
            []
        );
        assert_eq!(found(false, |one, _| vec![whole(one)]), [Kind::Lost]);
        assert_eq!(found(false, |one, two| vec![whole(one), whole(two), whole(one)]), [Kind::Doubled]);
        assert_eq!(found(false, |one, two| vec![whole(one), applied(&two.bytes, 9)]), [Kind::Halved]);
        let half =
            |one: &Delivery, two: &Delivery| vec![whole(one), whole(two), applied(&begins(two, 2048), 2)];
        assert_eq!(found(false, half), [Kind::Halved]);
        let cut =
            |one: &Delivery, two: &Delivery| vec![whole(one), whole(two), applied(two.up_to_a_row(), 5)];
        assert_eq!(found(false, cut), []);
        assert_eq!(found(true, cut), [Kind::Halved]);
        let refused = |one: &Delivery, two: &Delivery| vec![whole(one), Outcome::Refused(two.bytes.clone())];
        assert_eq!(found(false, refused), [Kind::Lost, Kind::Lost]);
        let other = |one: &Delivery, two: &Delivery| vec![whole(one), whole(two), applied(b"other", 0)];
        assert_eq!(found(false, other), [Kind::Wrong]);
        assert_eq!(found(false, |one, two| vec![whole(one), whole(two), Outcome::Unknown]), [Kind::Wrong]);
    }
}
