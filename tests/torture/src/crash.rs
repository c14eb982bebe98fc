//! `torture crash`: the program is killed at random moments while an ERP system writes.

use std::time::Duration;

use clap::Args;

use crate::Common;
use crate::bench::Bench;
use crate::check::{Moment, Sent};
use crate::erp::{Erp, Export};
use crate::figures::{Broken, Figures};
use crate::writer::{Way, write};

/// The settle time.
const SETTLE: Duration = Duration::from_millis(150);

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// How often the program is killed
    #[arg(default_value_t = 100)]
    rounds: u32,
}

/// Runs it.
pub(crate) fn run(common: &Common, options: &Options) -> anyhow::Result<Figures> {
    let seed = common.seed();
    let mut figures = Figures::new("crash", seed);
    let jobs = u32::try_from(common.jobs())?.clamp(1, options.rounds.max(1));
    let lives: Vec<anyhow::Result<Option<Broken>>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..jobs)
            .map(|job| {
                let rounds = options.rounds / jobs + u32::from(job < options.rounds % jobs);
                scope.spawn(move || live(common, seed + u64::from(job), job, rounds))
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|_| Err(anyhow::anyhow!("a thread faulted"))))
            .collect()
    });
    for broken in lives {
        broken?.into_iter().for_each(|broken| figures.broken(broken));
    }
    figures.add("rounds", options.rounds);
    Ok(figures)
}

/// One installation and its rounds.
fn live(common: &Common, seed: u64, job: u32, rounds: u32) -> anyhow::Result<Option<Broken>> {
    let exports = [Export::Customers, Export::Products];
    let erp = |export| Erp { export, seed, sizes: vec![3000, 300] };
    let mut bench = Bench::new(common, &format!("crash-{job}"), &exports, SETTLE, &[])?;
    let mut sent = exports.map(|export| Sent::nothing(erp(export)));
    for round in 1..=rounds {
        let mut served = bench.installation.serve(&[])?;
        served.ready()?;
        for sent in &mut sent {
            let delivery = sent.erp.delivery(round);
            let (folder, name) = (&bench.installation.folders.exchange, sent.erp.export.file_name());
            let way = if round % 2 == 0 { Way::Replace } else { Way::InPlace };
            let before = write(folder, name, &delivery, way, 3, Duration::from_millis(2))?;
            sent.note(&delivery, before);
        }
        std::thread::sleep(SETTLE + Duration::from_millis(u64::from(round) * 7 % 300));
        served.kill()?;
        let mut findings = bench.check(&sent, Moment::Any)?;
        if findings.is_empty() {
            let _served = bench.installation.serve(&[])?;
            bench.quiet(Duration::from_secs(60))?;
            findings = bench.check(&sent, Moment::Quiet)?;
        }
        if !findings.is_empty() {
            return Ok(Some(bench.keep(format!("round {round} of installation {job}"), findings)));
        }
    }
    Ok(None)
}
