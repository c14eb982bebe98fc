//! `scripts/reading`: makes files of known truth, asks what they are, and prints how often that was right.
#![allow(clippy::print_stdout, reason = "a command that prints its results")]

mod customers;
mod encodings;
mod languages;
mod polluted;
mod positions;
mod shapes;
mod systems;
mod tally;
mod unaided;
mod writer;

use std::collections::BTreeMap;
use std::process::ExitCode;

use anyhow::{Context, bail};

use crate::customers::Words;
use crate::tally::Tally;

/// Of so many files of each kind one is made of each system.
const SYSTEMS: usize = 20;

/// Prints results, and says whether the goals were reached.
fn main() -> anyhow::Result<ExitCode> {
    let mut arguments = std::env::args().skip(1);
    let (mut words, mut seed, mut files, mut show) = (Words::Known, 1, 200, false);
    let mut only: Vec<String> = Vec::new();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--held-out" => (words, seed) = (Words::HeldOut, 0x5EED_0000_0000),
            "--files" => files = arguments.next().context("--files wants a number")?.parse()?,
            "--seed" => seed = arguments.next().context("--seed wants a number")?.parse()?,
            "--show" => show = true,
            "encodings" | "shapes" | "polluted" | "positions" | "systems" => only.push(argument),
            other => {
                bail!(
                    "{other}: use encodings, shapes, polluted, positions, systems, --held-out, --files N, --seed N, --show"
                )
            }
        }
    }
    let wanted = |part: &str| only.is_empty() || only.iter().any(|name| name == part);
    let mut reached = true;
    if wanted("encodings") {
        let found = encodings::measure(words, seed, files, show)?;
        print("letters right", &found);
        let of = |labels: &[&str]| {
            let all = found.iter().filter(|(label, _)| {
                labels.contains(&label.as_str()) || labels.is_empty() && !label.ends_with("rows")
            });
            all.fold(Tally::default(), |sum, (_, tally)| sum + *tally)
        };
        let every = of(&[]);
        println!("  all: {:.1} % of {}", every.percent(), every.all);
        reached &= every.percent() >= 97.0;
        for label in ["cp850", "cp865", "macintosh"] {
            reached &= of(&[label]).percent() >= 90.0;
        }
    }
    if wanted("shapes") {
        let found = shapes::measure(words, seed, files, show)?;
        print("delimiter, header and lines above right", &found);
        let (all, right) = found.values().fold((0, 0), |sum, tally| (sum.0 + tally.all, sum.1 + tally.right));
        println!("  all: {:.1} % of {all}", 100.0 * right as f64 / all.max(1) as f64);
        reached &= right * 100 >= all * 95;
    }
    if wanted("polluted") {
        let found = polluted::measure(words, seed, files, show)?;
        print("every cell in its place", &found);
        let sum = found.values().fold(Tally::default(), |sum, tally| sum + *tally);
        println!("  all: {:.1} % of {}; wrong and not told: {}", sum.percent(), sum.all, sum.wrong_and_sure);
        reached &= sum.percent() >= 95.0;
    }
    if wanted("positions") {
        let found = positions::measure(words, seed, files, show)?;
        print("cells at fixed positions found", &found);
        reached &= found.values().all(|tally| tally.percent() >= 90.0);
    }
    if wanted("systems") {
        reached &= systems(words, seed, files.div_ceil(SYSTEMS))?;
    }
    println!("{}", if reached { "The goals are reached." } else { "The goals are not reached." });
    Ok(if reached { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn print(title: &str, found: &BTreeMap<String, Tally>) {
    println!("{title}:");
    for (what, tally) in found {
        println!(
            "  {what:24} {:5.1} % of {:5}   wrong and not asked: {}",
            tally.percent(),
            tally.all,
            tally.wrong_and_sure
        );
    }
}

/// A system counts as right when every one of its files is.
fn systems(words: Words, seed: u64, files: usize) -> anyhow::Result<bool> {
    let (mut right, mut wrong_keys, mut all) = (0, 0, 0);
    for (kind, list) in [("described", systems::DESCRIBED), ("unseen", systems::UNSEEN)] {
        let mut of_kind = 0;
        for system in list {
            let mut good = true;
            let mut told = Vec::new();
            for file in 0..files {
                let rows = [3, 20, 60][file % 3];
                let outcome = systems::outcome(system, words, seed + file as u64, rows)?;
                good &= outcome.right;
                wrong_keys += usize::from(outcome.wrong_key);
                if !outcome.right {
                    told.push(format!("  {} ({rows} rows): {}", outcome.name, outcome.wrong.join(", ")));
                }
            }
            told.dedup();
            told.iter().for_each(|line| println!("{line}"));
            of_kind += usize::from(good);
        }
        println!("{kind} systems mapped right: {of_kind} of {}", list.len());
        right += of_kind;
        all += list.len();
    }
    println!("systems mapped right: {right} of {all}; wrong keys: {wrong_keys}");
    Ok(right * 10 >= all * 9 && wrong_keys == 0)
}
