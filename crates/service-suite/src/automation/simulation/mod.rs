//! A simulation of the whole way of a file, replayable from a seed: the program's own look-out, worker and recovery on
//! a virtual clock, in a virtual exchange folder and on a data disk that fail, with an ERP system that writes as such
//! systems do, and a program that is ended at any call.

mod circumstances;
mod client;
mod disk;
mod erp;
mod files;
mod folder;
mod ledger;
mod model;
mod op;
mod oracle;
mod people;
mod program;
mod run;
mod world;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use self::run::{Draw, Outcome, simulate};
use self::world::Happened;

/// How many seeds are run unless the environment says otherwise.
const SEEDS: u64 = 500;

/// After so many seeds that failed, no further one is tried.
const MOST_FAILURES: usize = 20;

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().expect("a whole number"))
}

/// A folder in memory where there is one: nothing here has to outlast the test.
fn temporary() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// Databases as they are after the first start.
fn template() -> tempfile::TempDir {
    let folder = temporary();
    register::open(&folder.path().join("service-suite.db")).unwrap();
    register::open_live(&folder.path().join("live.db")).unwrap();
    folder
}

fn run_one(seed: u64, template: &std::path::Path, tell: bool) -> Outcome {
    let folder = temporary();
    simulate(&Draw { seed, tell }, folder.path(), template)
}

fn fail(seed: u64, template: &std::path::Path) -> ! {
    let outcome = run_one(seed, template, true);
    println!("{}", outcome.history.join("\n"));
    panic!(
        "seed {seed}: {}\nreplay it with: scripts/torture --dev simulate --seed {seed}",
        outcome.broken.unwrap_or_else(|| "failed, but not when it was replayed".to_owned())
    );
}

#[test]
fn every_delivery_is_applied_once_whole_and_in_order_whatever_fails() {
    let template = template();
    if let Some(seed) = number("SIMULATION_SEED") {
        let outcome = run_one(seed, template.path(), true);
        println!("{}", outcome.history.join("\n"));
        assert_eq!(outcome.broken, None);
        return;
    }
    let seeds = number("SIMULATION_SEEDS").unwrap_or(SEEDS);
    assert!(seeds > 0, "without a seed nothing is simulated");
    let next = AtomicU64::new(1);
    let (all, failed) = (Mutex::new(Happened::default()), Mutex::new(BTreeMap::new()));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    let failed = || failed.lock().unwrap_or_else(PoisonError::into_inner);
                    if seed > seeds || failed().len() >= MOST_FAILURES {
                        return;
                    }
                    let outcome = run_one(seed, template.path(), false);
                    if let Some(broken) = outcome.broken {
                        failed().insert(seed, broken);
                    }
                    all.lock().unwrap_or_else(PoisonError::into_inner).add(&outcome.happened);
                }
            });
        }
    });
    let failed: BTreeMap<u64, String> = failed.into_inner().unwrap();
    failed.iter().for_each(|(seed, broken)| println!("seed {seed}: {broken}"));
    if let Some(seed) = failed.keys().next() {
        fail(*seed, template.path());
    }
    println!("{}", all.into_inner().unwrap().sentence(seeds));
}

#[test]
fn a_seed_replays_exactly() {
    let template = template();
    for seed in 1..=5 {
        let [first, again] = [(); 2].map(|()| run_one(seed, template.path(), true).history);
        assert!(first.len() > 10 && first == again, "seed {seed}");
    }
}

impl Happened {
    fn add(&mut self, other: &Happened) {
        self.deliveries += other.deliveries;
        self.imports += other.imports;
        self.refused += other.refused;
        self.crashes += other.crashes;
        self.power_cuts += other.power_cuts;
        self.held += other.held;
        self.approved += other.approved;
        self.discarded += other.discarded;
        self.superseded += other.superseded;
        self.undone += other.undone;
        self.by_hand += other.by_hand;
        self.again += other.again;
        self.edited += other.edited;
        for (fault, count) in &other.faults {
            *self.faults.entry(fault.clone()).or_default() += count;
        }
    }

    fn sentence(&self, seeds: u64) -> String {
        let faults: u64 = self.faults.values().sum();
        let each: Vec<String> = self.faults.iter().map(|(fault, count)| format!("{fault} {count}")).collect();
        let Happened { deliveries, imports, refused, crashes, power_cuts, held, approved, .. } = self;
        let Happened { discarded, superseded, undone, by_hand, again, edited, .. } = self;
        format!(
            "simulation: {seeds} seeds, {deliveries} deliveries, {imports} imports, {refused} refused, {held} held \
             ({approved} approved, {discarded} discarded, {superseded} superseded), {undone} undone, {by_hand} by hand, \
             {again} again, {edited} edits, {faults} faults injected ({}), {crashes} crashes, {power_cuts} power cuts, \
             lost 0, doubled 0, halved 0",
            each.join(", "),
        )
    }
}
