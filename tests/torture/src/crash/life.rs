//! The life of one installation: an ERP system writes to it, and it is killed and started again, round after round.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use fastrand::Rng;
use installation::Served;

use super::moment::Moment;
use super::person::Person;
use super::step::steps;
use crate::Common;
use crate::bench::Bench;
use crate::check::{Fate, Finding, Kind, Moment as When, Sent, check};
use crate::erp::{Erp, Export};
use crate::evidence::Evidence;
use crate::figures::Broken;
use crate::watch::Watch;
use crate::writer::{Way, write};

/// A start takes at most this long until the program is ready.
const RECOVERY: Duration = Duration::from_secs(5);

/// What waits after a start is dealt with in this time, or never.
const PATIENCE: Duration = Duration::from_secs(90);

/// How long a start or an import may take, as a guess to begin with.
const IMPORT: Duration = Duration::from_millis(400);

/// No import counts as shorter than this.
const SHORTEST: Duration = Duration::from_millis(50);

/// What an ERP system may export.
const EXPORTS: &[&[Export]] = &[
    &[Export::Customers],
    &[Export::Customers, Export::Products],
    &[Export::CustomersInTurn],
    &[Export::CustomersInTurn, Export::Products],
];

/// Which folders may have disks of their own; the others share one.
const DISKS: &[&[(&str, &str)]] = &[
    &[],
    &[],
    &[("exchange", "size=256m")],
    &[("archive", "size=256m")],
    &[("exchange", "size=256m"), ("data", "size=1g"), ("archive", "size=256m"), ("refused", "size=256m")],
];

/// What was counted.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) rounds: u32,
    pub(crate) kills: u32,
    /// Those that came while the program was starting after another one.
    pub(crate) kills_of_starts: u32,
    pub(crate) steps: BTreeMap<&'static str, u32>,
    /// Imports that were held, approved and discarded.
    pub(crate) held: [u32; 3],
    pub(crate) killed_commands: u32,
    pub(crate) sent: usize,
    pub(crate) replaced: usize,
    /// From each start until the program was ready.
    pub(crate) recoveries: Vec<Duration>,
    /// From each start until all that had been sent was dealt with.
    pub(crate) caught_up: Vec<Duration>,
}

/// An installation, and what is known of it.
pub(crate) struct Life {
    bench: Bench,
    chance: Rng,
    settle: Duration,
    /// How long the last imports took.
    import: Duration,
    /// How long the last start took.
    start: Duration,
    sent: Vec<Sent>,
    person: Person,
    /// When it was last killed.
    last: Option<Moment>,
    tally: Tally,
}

impl Life {
    /// Sets an installation up. What it is like follows from `seed` alone.
    ///
    /// # Errors
    /// When the bench cannot be made.
    pub(crate) fn begin(common: &Common, seed: u64) -> anyhow::Result<Life> {
        let mut chance = Rng::with_seed(seed);
        let settle = Duration::from_millis(chance.u64(100..=300));
        let exports = *chance.choice(EXPORTS).unwrap_or(&EXPORTS[0]);
        let sizes = match chance.u32(..10) {
            0 => vec![50_000, 1_000, 5_000],
            1..6 => vec![4_000, 8_000, 500],
            _ => vec![300, 2_000, 1],
        };
        let odd = chance.u32(..4) > 0;
        let chosen = *chance.choice(DISKS).unwrap_or(&DISKS[0]);
        // Only root may mount them.
        let disks = if rustix::process::geteuid().is_root() { chosen } else { &[] };
        let bench = Bench::new(common, &format!("crash-{seed}"), exports, settle, disks)?;
        let erp = |export: &Export| Erp { export: *export, seed, sizes: sizes.clone(), odd };
        let sent = exports.iter().map(|export| Sent::nothing(erp(export))).collect();
        let (import, start, tally) = (IMPORT, IMPORT, Tally::default());
        let person = Person::default();
        Ok(Life { bench, chance, settle, import, start, sent, person, last: None, tally })
    }

    /// Kills it so many times, or until something is wrong, which is given with what was counted. `go_on` is asked
    /// before each round.
    pub(crate) fn live(mut self, rounds: u32, go_on: &dyn Fn() -> bool) -> (Tally, Option<Broken>) {
        let seed = self.sent.first().map_or(0, |sent| sent.erp.seed);
        let mut findings = Vec::new();
        let mut served = None;
        while findings.is_empty() && self.tally.rounds < rounds && go_on() {
            self.tally.rounds += 1;
            findings = self.round(&mut served).unwrap_or_else(|error| {
                vec![Finding { kind: Kind::Wrong, sentence: format!("the round could not go on: {error:#}") }]
            });
        }
        for sent in &self.sent {
            self.tally.sent += sent.deliveries.len();
            self.tally.replaced += sent.deliveries.iter().filter(|(_, fate)| *fate != Fate::Left).count();
        }
        let at = format!(
            "round {} of the installation with seed {seed}, last killed {:?}",
            self.tally.rounds, self.last
        );
        let broken = (!findings.is_empty()).then(|| self.bench.keep(at, findings));
        drop(served);
        (self.tally, broken)
    }

    /// The ERP system writes; the program is killed, perhaps killed again while it starts, and started.
    fn round(&mut self, running: &mut Option<Served>) -> anyhow::Result<Vec<Finding>> {
        let served = match running.take() {
            Some(served) => served,
            None => self.started()?,
        };
        let mut watch = Watch::new(&self.bench.installation.folders)?;
        let kill = Moment::some(&mut self.chance, self.settle, self.import);
        self.last = Some(kill);
        self.erp_writes_until(served, kill, &mut watch)?;
        let mut findings = self.after_a_kill()?;
        while findings.is_empty() && self.chance.u32(..3) == 0 {
            let served = self.bench.installation.spawn(&[])?;
            let kill = Moment::of_a_start(&mut self.chance, self.start);
            self.last = Some(kill);
            kill.wait(&mut watch)?;
            served.kill()?;
            self.tally.kills_of_starts += 1;
            findings = self.after_a_kill()?;
        }
        if !findings.is_empty() {
            return Ok(findings);
        }
        let begun = Instant::now();
        let served = self.started()?;
        let (person, chance, installation) = (&mut self.person, &mut self.chance, &self.bench.installation);
        self.bench.quiet_while(PATIENCE, || person.decide(installation, chance, false))?;
        let caught_up = begun.elapsed();
        self.tally.caught_up.push(caught_up);
        self.import = caught_up.saturating_sub(self.start + self.settle).max(SHORTEST);
        findings = self.bench.check(&self.sent, When::Quiet)?;
        let evidence = Evidence::look(&self.bench.installation.folders, &self.exports())?;
        findings.extend(self.person.check(&evidence, &self.sent));
        self.tally.held = Person::tally(&evidence);
        self.tally.killed_commands = self.person.killed;
        if self.start > RECOVERY {
            let sentence = format!("after a kill it took {:?} until the program was ready", self.start);
            findings.push(Finding { kind: Kind::Wrong, sentence });
        }
        *running = Some(served);
        Ok(findings)
    }

    /// Starts the program and waits until it is ready.
    fn started(&mut self) -> anyhow::Result<Served> {
        let begun = Instant::now();
        let mut served = self.bench.installation.spawn(&[])?;
        served.ready()?;
        self.start = begun.elapsed();
        if self.tally.kills > 0 {
            self.tally.recoveries.push(self.start);
        }
        Ok(served)
    }

    /// Every file has a writer of its own, which goes on however the program fares.
    fn erp_writes_until(&mut self, served: Served, kill: Moment, watch: &mut Watch) -> anyhow::Result<()> {
        let installation = &self.bench.installation;
        let folder = &installation.folders.exchange;
        let settle = self.settle;
        let (person, killed) = (&mut self.person, AtomicBool::new(false));
        let mut decides = self.chance.fork();
        std::thread::scope(|scope| {
            let decides = scope.spawn(|| person.decide_until(installation, &mut decides, &killed));
            let writers: Vec<_> = self
                .sent
                .iter_mut()
                .map(|sent| {
                    let mut chance = self.chance.fork();
                    scope.spawn(move || export(sent, folder, settle, &mut chance))
                })
                .collect();
            let ended = kill.wait(watch).and_then(|()| served.kill());
            // A command that was begun before comes to its end, and imports by itself what it approves.
            killed.store(true, Ordering::Relaxed);
            for writer in writers {
                writer.join().unwrap_or_else(|_| Err(anyhow::anyhow!("a writer faulted")))?;
            }
            decides.join().unwrap_or_else(|_| Err(anyhow::anyhow!("whoever decides faulted")))?;
            ended
        })
    }

    /// What must hold at any moment holds; notes how far imports had come.
    fn after_a_kill(&mut self) -> anyhow::Result<Vec<Finding>> {
        self.tally.kills += 1;
        let evidence = Evidence::take(&self.bench.installation.folders, &self.exports())?;
        for step in steps(&evidence) {
            *self.tally.steps.entry(step).or_default() += 1;
        }
        let mut findings = check(&evidence, &self.sent, When::Any);
        findings.extend(self.person.check(&evidence, &self.sent));
        Ok(findings)
    }

    fn exports(&self) -> Vec<Export> {
        self.sent.iter().map(|sent| sent.erp.export).collect()
    }
}

/// Writes the files of some days, each in one of the ways of ERP systems.
fn export(
    sent: &mut Sent,
    folder: &std::path::Path,
    settle: Duration,
    chance: &mut Rng,
) -> anyhow::Result<()> {
    // Files with names of their own do not replace one another: more of them may wait.
    let days = if sent.erp.export == Export::CustomersInTurn { 4 } else { 2 };
    for day in 0..chance.u32(1..=days) {
        if day > 0 {
            // The next day comes while the last one settles, or is imported.
            std::thread::sleep(settle.mul_f64(chance.f64() * 3.0));
        }
        let delivery = sent.next();
        let way = if chance.bool() { Way::Replace } else { Way::InPlace };
        let pause = Duration::from_millis(chance.u64(..30));
        let before = write(
            folder,
            &sent.erp.export.name_of(delivery.number),
            &delivery,
            way,
            chance.usize(1..=5),
            pause,
        )?;
        sent.note(delivery, before);
    }
    Ok(())
}
