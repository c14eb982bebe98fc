//! `torture folder`: whoever may write to the exchange folder puts there what he likes, under names of his choice, and
//! swaps it while the program looks.

mod arena;
mod many;
mod names;
mod swaps;

use std::time::Duration;

use clap::Args;

use crate::Common;
use crate::figures::Figures;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// How many files with hostile names
    #[arg(default_value_t = 10_000)]
    names: u32,
    /// How long files are swapped under a running program, in seconds
    #[arg(long, default_value_t = 60)]
    seconds: u64,
}

/// Runs it.
pub(crate) fn run(common: &Common, options: &Options) -> anyhow::Result<Figures> {
    let seed = common.seed();
    let mut figures = Figures::new("folder", seed);
    many::run(common, seed, options.names, &mut figures)?;
    swaps::run(common, seed, Duration::from_secs(options.seconds), &mut figures)?;
    Ok(figures)
}
