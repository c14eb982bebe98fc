//! `torture share`: deliveries through a network mount that behaves badly. A small file system of this crate plays the
//! mount; real NFS and CIFS mounts are not tried.

mod behaviour;
mod file_system;
mod mount;
mod nodes;
mod scenarios;
mod stage;

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use clap::Args;

use self::scenarios::{SCENARIOS, Scenario};
use self::stage::{Outcome, Stage};
use crate::Common;
use crate::check::{Finding, Kind};
use crate::figures::{Broken, Figures};

/// How many scenarios are played at the same time unless told otherwise; they mostly wait.
const AT_ONCE: usize = 12;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The real times: settle time 10 s, attributes 30 s old, calls that hang for 20 s. Otherwise shorter ones in the same
    /// relations
    #[arg(long)]
    real: bool,
    /// Only the scenarios whose description holds this
    #[arg(long, default_value = "")]
    only: String,
}

/// How long things take in a run.
#[derive(Clone, Copy, Debug)]
struct Scale {
    /// The settle time.
    settle: Duration,
    /// How old the attributes may be that the share serves.
    stale: Duration,
    /// The ERP system's pause between two pieces; shorter than the settle time.
    pause: Duration,
    /// How long a slow call takes.
    slow: Duration,
    /// How long a call hangs, at least.
    hang: Duration,
    /// How long an error lasts, at least.
    error: Duration,
    /// How often each way of writing is repeated.
    rounds: usize,
}

const SHORT: Scale = Scale {
    settle: Duration::from_millis(1000),
    stale: Duration::from_millis(3000),
    pause: Duration::from_millis(350),
    slow: Duration::from_millis(250),
    hang: Duration::from_secs(12),
    error: Duration::from_secs(2),
    rounds: 1,
};

const REAL: Scale = Scale {
    settle: Duration::from_secs(10),
    stale: Duration::from_secs(30),
    pause: Duration::from_secs(4),
    slow: Duration::from_secs(1),
    hang: Duration::from_secs(20),
    error: Duration::from_secs(20),
    rounds: 2,
};

/// What came of a scenario: its line in the table, and what was broken.
type Played = (String, Option<Broken>);

/// Runs it.
///
/// # Errors
/// When this machine cannot mount a FUSE file system, or the program does not start.
pub(crate) fn run(common: &Common, options: &Options) -> anyhow::Result<Figures> {
    let common = &Common { seed: Some(common.seed()), ..common.clone() };
    let mut figures = Figures::new("share", common.seed());
    let scale = if options.real { REAL } else { SHORT };
    let chosen = SCENARIOS.iter().enumerate().filter(|(_, scenario)| scenario.name.contains(&options.only));
    let waiting: Mutex<VecDeque<(usize, &Scenario)>> = Mutex::new(chosen.collect());
    let played = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..common.jobs.unwrap_or(AT_ONCE) {
            scope.spawn(|| {
                loop {
                    let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                    let Some((number, scenario)) = next else { return };
                    let result = play(common, number, scale, scenario);
                    played.lock().unwrap_or_else(PoisonError::into_inner).push((
                        number,
                        scenario.name,
                        result,
                    ));
                }
            });
        }
    });
    let mut played = played.into_inner().unwrap_or_else(PoisonError::into_inner);
    played.sort_by_key(|(number, ..)| *number);
    for (_, name, result) in played {
        let (line, broken) = result?;
        figures.add(name, line);
        broken.into_iter().for_each(|broken| figures.broken(broken));
    }
    Ok(figures)
}

fn play(common: &Common, number: usize, scale: Scale, scenario: &Scenario) -> anyhow::Result<Played> {
    let (settle, behaviour) = ((scenario.settle)(&scale), (scenario.behaviour)(&scale));
    let mut stage = Stage::new(common, &format!("share-{number}"), scale, settle, behaviour)?;
    let outcome = (scenario.play)(&mut stage).and_then(|()| stage.finish());
    let (line, findings) = match outcome {
        Ok(outcome) => (line(&outcome), judge(scenario, outcome)),
        Err(error) => {
            ("failed".to_owned(), vec![Finding { kind: Kind::Wrong, sentence: format!("{error:#}") }])
        }
    };
    let broken = (!findings.is_empty()).then(|| stage.keep(scenario.name, findings));
    Ok((line, broken))
}

fn line(outcome: &Outcome) -> String {
    let count = |kind| outcome.findings.iter().filter(|finding| finding.kind == kind).count();
    format!(
        "{} deliveries, {} imports, half {}, lost {}, doubled {}, longest wait {:.1} s",
        outcome.deliveries,
        outcome.imports,
        count(Kind::Halved),
        count(Kind::Lost),
        count(Kind::Doubled),
        outcome.longest.as_secs_f64()
    )
}

/// What is wrong. A control is wrong when it shows nothing: then the other scenarios prove nothing.
fn judge(scenario: &Scenario, outcome: Outcome) -> Vec<Finding> {
    if !scenario.control {
        return outcome.findings;
    }
    if outcome.findings.iter().any(|finding| finding.kind == Kind::Halved) {
        return Vec::new();
    }
    let sentence = "half a file was not noticed, so nothing here would notice one".to_owned();
    vec![Finding { kind: Kind::Wrong, sentence }]
}
