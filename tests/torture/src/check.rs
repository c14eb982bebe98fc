//! The promise, as checks of what lies on the disks: each says in a sentence what is wrong.

use std::collections::BTreeMap;

use crate::erp::{Delivery, Erp};
use crate::evidence::{Entry, Evidence, Lying};
use crate::model::Model;
use crate::writer::Before;

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) kind: Kind,
    /// What, of which delivery or import.
    pub(crate) sentence: String,
}

/// Which part of the promise is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// A delivery that nobody has applied, refused or waiting.
    Lost,
    /// A delivery that was applied more than once.
    Doubled,
    /// Something of a delivery without the rest of it.
    Halved,
    /// Anything else: order, counts, archive, database, leftovers.
    Wrong,
}

/// When the evidence was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// At any moment, while the program does not run: what is not applied yet must wait somewhere.
    Any,
    /// Everything that was sent has been dealt with.
    Quiet,
}

/// What an ERP system sent, in order.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) erp: Erp,
    pub(crate) deliveries: Vec<(Delivery, Fate)>,
}

/// What the ERP system itself did to a delivery after it had written it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Nothing: it must be applied or refused.
    Left,
    /// It replaced it before anybody had taken it: it must not be applied.
    Replaced,
    /// It overwrote it, perhaps while it was being taken: it may have been applied before.
    Overwritten,
    /// A person gave it by hand, and gave it again when told that it had failed: the first try may stand as refused.
    GivenAgain,
}

impl Sent {
    /// An ERP system that has sent nothing yet.
    pub(crate) fn nothing(erp: Erp) -> Sent {
        Sent { erp, deliveries: Vec::new() }
    }

    /// The delivery that comes next.
    pub(crate) fn next(&self) -> Delivery {
        self.erp.delivery(self.deliveries.last().map_or(1, |(last, _)| last.number + 1))
    }

    /// Notes that a delivery is complete, and what that did to the one before.
    pub(crate) fn note(&mut self, delivery: Delivery, before: Before) {
        if let Some((_, fate)) = self.deliveries.last_mut() {
            match before {
                Before::Gone => {}
                Before::Replaced => *fate = Fate::Replaced,
                Before::Overwritten => *fate = Fate::Overwritten,
            }
        }
        self.deliveries.push((delivery, Fate::Left));
    }

    pub(crate) fn delivery_of(&self, entry: &Entry) -> Option<&Delivery> {
        let known = self.deliveries.iter().map(|(delivery, _)| delivery);
        known.rev().find(|delivery| delivery.sha256 == entry.sha256)
    }
}

/// Checks everything that must hold at this moment; empty when it does.
pub(crate) fn check(evidence: &Evidence, sent: &[Sent], moment: Moment) -> Vec<Finding> {
    let mut findings = Findings::default();
    for (name, said) in &evidence.integrity {
        if said != "ok" {
            findings.add(Kind::Wrong, format!("SQLite says of {name}: {said}"));
        }
    }
    for sent in sent {
        let register = sent.erp.export.register();
        let entries: Vec<&Entry> =
            evidence.ledger.iter().filter(|entry| entry.register == register).collect();
        for (delivery, fate) in &sent.deliveries {
            once(&mut findings, evidence, &entries, delivery, *fate, (register, moment));
            kept(&mut findings, evidence, &entries, delivery, moment);
        }
        nothing_else(&mut findings, &entries, sent);
        in_order(&mut findings, &entries, sent);
        as_the_model(&mut findings, evidence, &entries, sent);
    }
    if moment == Moment::Quiet {
        tidy(&mut findings, evidence);
    }
    findings.0
}

#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, kind: Kind, sentence: String) {
        self.0.push(Finding { kind, sentence });
    }
}

/// Each delivery is applied exactly once, refused, or waiting.
fn once(
    findings: &mut Findings,
    evidence: &Evidence,
    entries: &[&Entry],
    delivery: &Delivery,
    fate: Fate,
    (register, moment): (&str, Moment),
) {
    let Delivery { number, sha256, damaged, odd, .. } = delivery;
    let what = format!("delivery {number} of {register}");
    let with = |state: &str| entries.iter().filter(|e| e.sha256 == *sha256 && e.state == state).count();
    let (done, refused) = (with("done"), with("refused"));
    if done > 1 {
        findings.add(Kind::Doubled, format!("{what} was applied {done} times"));
    }
    if *damaged && done > 0 {
        findings.add(Kind::Halved, format!("{what} is damaged and was applied"));
    }
    if !*damaged && !*odd && refused > 0 && fate != Fate::GivenAgain {
        findings.add(Kind::Lost, format!("{what} is whole and was refused"));
    }
    if fate == Fate::Replaced && done + refused > 0 {
        findings.add(Kind::Wrong, format!("{what} was replaced before it was taken, and is in the ledger"));
    }
    if !matches!(fate, Fate::Left | Fate::GivenAgain) || done > 0 || refused > 0 && fate == Fate::Left {
        return;
    }
    let lies_in = |files: &[Lying]| files.iter().any(|file| file.sha256 == *sha256);
    let waits = lies_in(&evidence.exchange)
        || entries.iter().any(|entry| entry.sha256 == *sha256) && lies_in(&evidence.spool);
    if moment == Moment::Quiet || !waits {
        let where_ = if waits { "waits and nobody takes it" } else { "is nowhere" };
        findings.add(Kind::Lost, format!("{what} was neither applied nor refused and {where_}"));
    }
}

/// Nothing is in the ledger that was not sent: part of a delivery, or two of them in one.
fn nothing_else(findings: &mut Findings, entries: &[&Entry], sent: &Sent) {
    for entry in entries.iter().filter(|entry| !entry.sha256.is_empty()) {
        if sent.delivery_of(entry).is_none() {
            let Entry { id, register, state, .. } = entry;
            let sentence = format!("import {id} of {register} ({state}) has bytes that no delivery has");
            findings.add(Kind::Halved, sentence);
        }
    }
}

/// What was sent later is applied later.
fn in_order(findings: &mut Findings, entries: &[&Entry], sent: &Sent) {
    let numbers: Vec<u32> =
        entries.iter().filter_map(|entry| sent.delivery_of(entry)).map(|delivery| delivery.number).collect();
    if !numbers.is_sorted() {
        let register = sent.erp.export.register();
        findings
            .add(Kind::Wrong, format!("the deliveries of {register} were taken in the order {numbers:?}"));
    }
}

/// Register, history and ledger are what the applied deliveries make of an empty register.
fn as_the_model(findings: &mut Findings, evidence: &Evidence, entries: &[&Entry], sent: &Sent) {
    let register = sent.erp.export.register();
    let mut model = Model::default();
    for entry in entries.iter().filter(|entry| entry.state == "done") {
        let Some(delivery) = sent.delivery_of(entry) else { continue };
        let expected = model.apply(delivery, entry.id);
        if entry.counts != expected || entry.refused_rows != expected.refused {
            findings.add(
                Kind::Wrong,
                format!(
                    "import {} of {register} counts {:?} with {} refused rows kept; delivery {} makes {expected:?}",
                    entry.id, entry.counts, entry.refused_rows, delivery.number
                ),
            );
        }
    }
    let Some(stored) = evidence.register(sent.erp.export) else { return };
    let difference = difference(&stored.records, &model.records);
    if let Some(difference) = difference {
        findings.add(Kind::Halved, format!("{register} are not what was applied: {difference}"));
    }
    model.history.sort();
    if stored.history != model.history {
        let (there, expected) = (stored.history.len(), model.history.len());
        let example = model.history.iter().find(|one| stored.history.binary_search(one).is_err());
        findings.add(
            Kind::Halved,
            format!(
                "the history of {register} has {there} entries instead of {expected}; missing: {example:?}"
            ),
        );
    }
}

/// How many records differ, with an example.
pub(crate) fn difference(
    stored: &BTreeMap<String, [String; 4]>,
    expected: &BTreeMap<String, [String; 4]>,
) -> Option<String> {
    let keys = stored.keys().chain(expected.keys().filter(|key| !stored.contains_key(*key)));
    let different: Vec<&String> = keys.filter(|key| stored.get(*key) != expected.get(*key)).collect();
    let example = different.first()?;
    Some(format!(
        "{} records differ, such as {example}: {:?} instead of {:?}",
        different.len(),
        stored.get(*example),
        expected.get(*example)
    ))
}

/// The bytes of what was applied or refused are kept, in one place once everything is quiet.
fn kept(
    findings: &mut Findings,
    evidence: &Evidence,
    entries: &[&Entry],
    delivery: &Delivery,
    moment: Moment,
) {
    for entry in entries.iter().filter(|entry| entry.sha256 == delivery.sha256) {
        let (folder, files) = match entry.state.as_str() {
            "done" => ("archive", &evidence.archive),
            "refused" => ("refused folder", &evidence.refused),
            _ => continue,
        };
        let count = |files: &[Lying]| files.iter().filter(|file| file.sha256 == delivery.sha256).count();
        let (here, on_the_way) = (count(files), count(&evidence.spool) + count(&evidence.exchange));
        let ended = moment == Moment::Quiet || entry.step == "finished";
        if here > 1 || here == 0 && (ended || on_the_way == 0) {
            findings.add(
                Kind::Wrong,
                format!(
                    "the bytes of delivery {} (import {}, {} {}) are {here} times in the {folder}",
                    delivery.number, entry.id, entry.state, entry.step
                ),
            );
        }
    }
}

/// Nothing is left over.
fn tidy(findings: &mut Findings, evidence: &Evidence) {
    for (folder, files) in [("exchange folder", &evidence.exchange), ("spool", &evidence.spool)] {
        for file in files {
            findings
                .add(Kind::Wrong, format!("{} ({} bytes) is left over in the {folder}", file.name, file.len));
        }
    }
    let known = |file: &&Lying, state: &str| {
        evidence.ledger.iter().any(|entry| entry.sha256 == file.sha256 && entry.state == state)
    };
    for file in evidence.archive.iter().filter(|file| !known(file, "done")) {
        findings.add(Kind::Wrong, format!("{} in the archive is no applied delivery", file.name));
    }
    let reports = |file: &&Lying| file.name.ends_with(".report.txt");
    for file in evidence.refused.iter().filter(|file| !reports(file) && !known(file, "refused")) {
        findings.add(Kind::Wrong, format!("{} in the refused folder is no refused delivery", file.name));
    }
    for entry in evidence.ledger.iter().filter(|entry| entry.step != "finished") {
        findings.add(
            Kind::Wrong,
            format!("import {} ({}) stays at the step {}", entry.id, entry.state, entry.step),
        );
    }
}

#[cfg(test)]
mod tests;
