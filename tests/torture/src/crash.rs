//! `torture crash`: the program is killed at random moments while an ERP system writes.

mod life;
mod moment;
mod person;
mod step;

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use clap::Args;

use self::life::{Life, Tally};
use self::step::STEPS;
use crate::Common;
use crate::figures::{Broken, Figures};

/// Rounds that one installation lives through; the next one has other files, folders and disks.
const ROUNDS_OF_A_LIFE: u32 = 10;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// How many rounds: in each the program is killed at least once, started again, and everything is checked
    #[arg(default_value_t = 100)]
    rounds: u32,
}

/// Runs it.
pub(crate) fn run(common: &Common, options: &Options) -> anyhow::Result<Figures> {
    let (seed, begun) = (common.seed(), Instant::now());
    let next = AtomicU32::new(0);
    let stop = AtomicBool::new(false);
    let results: Mutex<Vec<(Tally, Option<Broken>)>> = Mutex::default();
    let lives = options.rounds.div_ceil(ROUNDS_OF_A_LIFE);
    let work = || -> anyhow::Result<()> {
        loop {
            let life = next.fetch_add(1, Ordering::Relaxed);
            if life >= lives || stop.load(Ordering::Relaxed) {
                return Ok(());
            }
            let rounds = ROUNDS_OF_A_LIFE.min(options.rounds - life * ROUNDS_OF_A_LIFE);
            let go_on = || !stop.load(Ordering::Relaxed);
            let result = Life::begin(common, seed + u64::from(life))?.live(rounds, &go_on);
            stop.fetch_or(result.1.is_some(), Ordering::Relaxed);
            if let Ok(mut results) = results.lock() {
                results.push(result);
            }
        }
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..common.jobs()).map(|_| scope.spawn(work)).collect();
        threads
            .into_iter()
            .try_for_each(|thread| thread.join().unwrap_or_else(|_| Err(anyhow::anyhow!("a thread faulted"))))
    })?;
    let mut figures = Figures::new("crash", seed);
    let mut all = Tally::default();
    let results = results.into_inner().unwrap_or_default();
    let installations = results.len();
    for (tally, broken) in results {
        all.add(tally);
        broken.into_iter().for_each(|broken| figures.broken(broken));
    }
    tell(&mut figures, all, installations, begun.elapsed());
    Ok(figures)
}

fn tell(figures: &mut Figures, all: Tally, installations: usize, took: Duration) {
    figures.add("rounds", all.rounds);
    figures.add("installations", installations);
    figures.add("kills", all.kills);
    figures.add("kills while starting after another one", all.kills_of_starts);
    for step in STEPS {
        figures.add(&format!("killed: {step}"), all.steps.get(step).copied().unwrap_or(0));
    }
    for (what, count) in ["held", "approved", "discarded"].into_iter().zip(all.held) {
        figures.add(&format!("imports that were {what}"), count);
    }
    figures.add("commands of whoever decides that were killed", all.killed_commands);
    figures.add("deliveries", all.sent);
    figures.add("deliveries replaced by the ERP system before they were taken", all.replaced);
    figures.add_times("from start to ready", all.recoveries);
    figures.add_times("from start until all is dealt with", all.caught_up);
    figures.add("seconds", took.as_secs());
}

impl Tally {
    fn add(&mut self, other: Tally) {
        self.rounds += other.rounds;
        self.kills += other.kills;
        self.kills_of_starts += other.kills_of_starts;
        for (step, count) in other.steps {
            *self.steps.entry(step).or_default() += count;
        }
        self.killed_commands += other.killed_commands;
        self.held.iter_mut().zip(other.held).for_each(|(all, more)| *all += more);
        self.sent += other.sent;
        self.replaced += other.replaced;
        self.recoveries.extend(other.recoveries);
        self.caught_up.extend(other.caught_up);
    }
}
