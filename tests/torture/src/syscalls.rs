//! `torture syscalls`: every file-changing system call of an import fails once as on a failing disk, once as on a full
//! disk, and once the program is killed at it.

mod point;
mod scenario;

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use anyhow::{Context, ensure};
use clap::Args;

use self::point::{Point, points};
use self::scenario::{SCENARIOS, Scenario};
use crate::Common;
use crate::figures::{Broken, Figures};
use crate::jobs;
use crate::strace::{Fault, Trace};

/// Runs in which nothing fails: what does not come in each of them depends on the time.
const REFERENCES: usize = 3;

/// How often a call is aimed at before it counts as missed.
const TRIES: usize = 4;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Only so many of the injections, spread over all of them
    #[arg(long)]
    sample: Option<usize>,
    /// Only injections whose description holds this text, such as "fsync", "SIGKILL" or "import a file"
    #[arg(long, default_value = "")]
    only: String,
    /// Print each injection before it is done
    #[arg(long)]
    verbose: bool,
}

/// One run that is to be made.
struct Injection<'a> {
    scenario: &'a Scenario,
    point: Point,
    fault: Fault,
}

impl std::fmt::Display for Injection<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {} at {}", self.scenario.name, self.fault.word(), self.point)
    }
}

/// What came of the runs.
#[derive(Default)]
struct Tally {
    /// Injections that met their call, by scenario and fault.
    met: BTreeMap<(&'static str, &'static str), usize>,
    aimed_again: usize,
    missed: Vec<String>,
    /// Those of them whose calls come in each run.
    missed_steady: usize,
    broken: Vec<Broken>,
}

/// Runs it.
///
/// # Errors
/// When strace cannot be used, or an installation cannot be made.
pub(crate) fn run(common: &Common, options: &Options) -> anyhow::Result<Figures> {
    let started = Instant::now();
    let seed = common.seed();
    let mut figures = Figures::new("syscalls", seed);
    let mut all = Vec::new();
    for scenario in SCENARIOS {
        let mut traces = Vec::new();
        for _ in 0..REFERENCES {
            traces.push(reference(common, scenario, &mut figures)?);
        }
        let points = points(&traces);
        ensure!(!points.is_empty(), "{}: no call that changes files was seen", scenario.name);
        figures.add(&format!("calls, {}", scenario.name), points.len());
        for point in points {
            all.extend(Fault::ALL.map(|fault| Injection { scenario, point: point.clone(), fault }));
        }
    }
    figures.add("calls in all", all.len() / Fault::ALL.len());
    all.retain(|injection| injection.to_string().contains(&options.only));
    let all = jobs::sample(all, options.sample, seed);
    let wanted = all.len();
    let tally = Mutex::new(Tally::default());
    jobs::run(common.jobs(), &all, |at, injection| {
        if options.verbose {
            eprintln!("{} of {wanted}: {injection}", at + 1);
        }
        inject(common, at, injection, &tally).with_context(|| injection.to_string())
    })?;
    let tally = tally.into_inner().unwrap_or_else(PoisonError::into_inner);
    for scenario in SCENARIOS {
        let met = |fault: Fault| tally.met.get(&(scenario.name, fault.word())).copied().unwrap_or(0);
        let counts = Fault::ALL.map(|fault| format!("{} {}", met(fault), fault.word())).join(", ");
        figures.add(&format!("injected, {}", scenario.name), counts);
    }
    let met: usize = tally.met.values().sum();
    figures.add("injections wanted", wanted);
    figures.add("injections made", met);
    figures.add("aimed again", tally.aimed_again);
    figures.add("missed", tally.missed.len());
    figures.add("seconds", started.elapsed().as_secs());
    tally.missed.iter().for_each(|missed| eprintln!("missed: {missed}"));
    tally.broken.into_iter().for_each(|broken| figures.broken(broken));
    let steady = tally.missed_steady;
    if options.sample.is_none() && steady > 0 {
        figures.fail(format!("{steady} of {wanted} injections met no call though it comes in each run"));
    }
    // Of the others, more than a few would mean that the aim is wrong.
    if tally.missed.len() * 10 > wanted {
        figures.fail(format!("{} of {wanted} injections met no call", tally.missed.len()));
    }
    Ok(figures)
}

/// One run in which nothing is made to fail; what it does is what the others aim at.
fn reference(common: &Common, scenario: &'static Scenario, figures: &mut Figures) -> anyhow::Result<Trace> {
    let mut run = scenario.run(common, &format!("syscalls-{}-reference", scenario.slug()), None)?;
    let findings = std::mem::take(&mut run.findings);
    if !findings.is_empty() {
        figures.broken(run.bench.keep(format!("{}: nothing injected", scenario.name), findings));
    }
    Ok(run.trace)
}

/// Makes the runs for one injection, until it has met its call.
fn inject(common: &Common, at: usize, injection: &Injection<'_>, tally: &Mutex<Tally>) -> anyhow::Result<()> {
    let Injection { scenario, point, fault } = injection;
    let mut aim = point.aim(*fault);
    for attempt in 1..=TRIES {
        let mut run = scenario.run(common, &format!("syscalls-{at}"), Some(&aim))?;
        let hit = run.trace.hit();
        let met = hit.is_some_and(|hit| point.is(&run.trace, hit));
        // What comes of a call that is not about files (a waker of threads, a pipe) is not of interest here.
        let counts = hit.is_none_or(|hit| run.trace.0[hit].changes);
        let findings = std::mem::take(&mut run.findings);
        let mut tally = tally.lock().unwrap_or_else(PoisonError::into_inner);
        if counts && !findings.is_empty() {
            let what = if met { "" } else { " (another call was met)" };
            tally.broken.push(run.bench.keep(format!("{injection}{what}"), findings));
        }
        if met {
            *tally.met.entry((scenario.name, fault.word())).or_default() += 1;
            tally.aimed_again += usize::from(attempt > 1);
            return Ok(());
        }
        aim = point.aim_again(&aim, &run.trace, attempt);
    }
    let mut tally = tally.lock().unwrap_or_else(PoisonError::into_inner);
    tally.missed.push(injection.to_string());
    tally.missed_steady += usize::from(!point.depends_on_time());
    Ok(())
}
