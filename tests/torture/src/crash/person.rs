//! Who decides by command about what is held, while the program is killed, and is killed himself at times.

use std::collections::BTreeSet;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use fastrand::Rng;
use installation::Installation;

use crate::check::{Finding, Kind, Sent};
use crate::evidence::{Entry, Evidence, held};

/// How often a person looks whether there is something to decide.
const LOOKS_EVERY: Duration = Duration::from_millis(30);

/// What a person tried to decide. A command that was killed may have done so or not.
#[derive(Debug, Default)]
pub(crate) struct Person {
    approved: BTreeSet<i64>,
    discarded: BTreeSet<i64>,
    /// Commands that were killed.
    pub(crate) killed: u32,
}

impl Person {
    /// Decides about each import that is held; `kills` says whether the command may be killed at some moment.
    ///
    /// # Errors
    /// When the ledger cannot be read, or a command cannot be started or refuses to decide.
    pub(crate) fn decide(
        &mut self,
        installation: &Installation,
        chance: &mut Rng,
        kills: bool,
    ) -> anyhow::Result<()> {
        for id in held(&installation.folders)? {
            let approves = chance.u32(..3) > 0;
            let (word, known) =
                if approves { ("approve", &mut self.approved) } else { ("discard", &mut self.discarded) };
            known.insert(id);
            let mut command = installation.command();
            command.args(["imports", word, &id.to_string()]).stdout(Stdio::null()).stderr(Stdio::null());
            let mut child = command.spawn()?;
            if kills && chance.bool() {
                // To the moment that chance has chosen: while the command starts, decides, imports or ends.
                std::thread::sleep(Duration::from_micros(1 << chance.u32(10..18)));
                child.kill()?;
                self.killed += 1;
            }
            child.wait()?;
        }
        Ok(())
    }

    /// Decides about whatever comes to be held, until told to stop.
    pub(crate) fn decide_until(
        &mut self,
        installation: &Installation,
        chance: &mut Rng,
        stop: &AtomicBool,
    ) -> anyhow::Result<()> {
        while !stop.load(Ordering::Relaxed) {
            // Now and then it lies for a while, and other files come.
            if chance.u32(..12) == 0 {
                self.decide(installation, chance, true)?;
            }
            std::thread::park_timeout(LOOKS_EVERY);
        }
        Ok(())
    }

    /// Whether what was held was so for a reason, and what became of it is what a person decided.
    pub(crate) fn check(&self, evidence: &Evidence, sent: &[Sent]) -> Vec<Finding> {
        let of = |sent: &'_ Sent, entry: &Entry| sent.delivery_of(entry).is_some_and(|delivery| delivery.odd);
        let findings = evidence.ledger.iter().filter_map(|entry| {
            let odd = sent.iter().any(|sent| sent.erp.export.register() == entry.register && of(sent, entry));
            let Entry { id, state, .. } = entry;
            let (kind, what) = match (odd, state.as_str()) {
                (false, _) if entry.held => (Kind::Wrong, "was held, and is not odd"),
                (true, "done") if !entry.held || !entry.approved => {
                    (Kind::Wrong, "is odd, and was imported though nobody approved it")
                }
                (true, "done") if !self.approved.contains(id) => {
                    (Kind::Wrong, "is approved, and nobody did that")
                }
                (true, "refused") if !self.discarded.contains(id) => {
                    (Kind::Lost, "was held, and refused though nobody discarded it")
                }
                _ => return None,
            };
            Some(Finding { kind, sentence: format!("import {id} of {} {what}", entry.register) })
        });
        findings.collect()
    }

    /// How many of these imports were held, approved and discarded.
    pub(crate) fn tally(evidence: &Evidence) -> [u32; 3] {
        let count = |is: &dyn Fn(&Entry) -> bool| {
            u32::try_from(evidence.ledger.iter().filter(|entry| is(entry)).count()).unwrap_or(u32::MAX)
        };
        let discarded = |entry: &Entry| entry.held && entry.state == "refused";
        [count(&|entry| entry.held), count(&|entry| entry.approved), count(&discarded)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::erp::{Erp, Export};
    use crate::model::Counts;
    use crate::writer::Before;

    /// What is found of a delivery that is odd or not, in this state of the ledger, when a person tried to approve or to
    /// discard it.
    fn found(odd: bool, entry: (&str, bool, bool), tried: [bool; 2]) -> Vec<Kind> {
        let erp = Erp { export: Export::Customers, seed: 0, sizes: vec![300], odd: true };
        let delivery = (1..).map(|number| erp.delivery(number)).find(|d| d.odd == odd && !d.damaged).unwrap();
        let (state, held, approved) = entry;
        let entry = Entry {
            id: 1,
            register: "customers".to_owned(),
            state: state.to_owned(),
            step: "finished".to_owned(),
            sha256: delivery.sha256.clone(),
            counts: Counts::default(),
            refused_rows: 0,
            held,
            approved,
        };
        let mut sent = Sent::nothing(erp);
        sent.note(delivery, Before::Gone);
        let evidence = Evidence {
            integrity: Vec::new(),
            ledger: vec![entry],
            half_written: false,
            exchange: Vec::new(),
            spool: Vec::new(),
            archive: Vec::new(),
            refused: Vec::new(),
            registers: Vec::new(),
        };
        let tried_by = |tried: bool| tried.then_some(1).into_iter().collect();
        let person =
            Person { approved: tried_by(tried[0]), discarded: tried_by(tried[1]), ..Person::default() };
        person.check(&evidence, &[sent]).into_iter().map(|finding| finding.kind).collect()
    }

    #[test]
    fn what_nobody_decided_is_told() {
        for (odd, entry, tried, kinds) in [
            (true, ("held", true, false), [false, false], vec![]),
            (true, ("done", true, true), [true, false], vec![]),
            (true, ("refused", true, false), [true, true], vec![]),
            (false, ("done", false, false), [false, false], vec![]),
            (false, ("held", true, false), [false, false], vec![Kind::Wrong]),
            (true, ("done", false, false), [false, false], vec![Kind::Wrong]),
            (true, ("done", true, false), [true, false], vec![Kind::Wrong]),
            (true, ("done", true, true), [false, true], vec![Kind::Wrong]),
            (true, ("refused", true, false), [true, false], vec![Kind::Lost]),
        ] {
            assert_eq!(found(odd, entry, tried), kinds, "{odd} {entry:?} {tried:?}");
        }
    }
}
