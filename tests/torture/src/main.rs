//! Breaks things around the program on purpose, through its own contract and from outside, and checks that every
//! delivery is applied exactly once, refused or waiting. A file a subcommand.
//!
//! `scripts/torture SUBCOMMAND` builds what is needed and runs it.

mod bench;
mod check;
mod contained;
mod crash;
mod disk;
mod erp;
mod evidence;
mod figures;
mod folder;
mod jobs;
mod model;
mod share;
mod strace;
mod syscalls;
mod watch;
mod writer;
mod writers;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

/// Breaks things around service-suite and checks that no delivery is lost, doubled or halved.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    torture: Torture,
}

/// What every subcommand takes.
#[derive(Clone, Debug, Args)]
struct Common {
    /// The program
    #[arg(long, env = "TORTURE_PROGRAM", default_value = "target/release/service-suite", global = true)]
    program: PathBuf,
    /// What everything that is left to chance follows from; another one each time
    #[arg(long, global = true)]
    seed: Option<u64>,
    /// Installations at the same time; two for each processor
    #[arg(long, global = true)]
    jobs: Option<usize>,
    /// Where installations are made and, when something is wrong, kept
    #[arg(long, default_value = "target/torture", global = true)]
    folder: PathBuf,
    /// Print one JSON document instead of a table
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Torture {
    /// The program is killed at random moments
    Crash(crash::Options),
    /// Each system call that changes files fails once, and the program is killed at it
    Syscalls(syscalls::Options),
    /// Each folder's disk fills up
    Disk(disk::Options),
    /// The exchange folder is a network mount that behaves badly
    Share(share::Options),
    /// Samba, SFTP, FTP, rsync and LibreOffice deliver, at once, slowly, cut and resumed
    Writers(writers::Options),
    /// Hostile names, and files that are swapped while the program looks
    Folder(folder::Options),
}

fn main() -> anyhow::Result<ExitCode> {
    let Arguments { mut common, torture } = Arguments::parse();
    if let Some(code) = contained::run()? {
        return Ok(code);
    }
    common.program = std::path::absolute(&common.program)?;
    common.folder = std::path::absolute(&common.folder)?;
    let figures = match torture {
        Torture::Crash(options) => crash::run(&common, &options)?,
        Torture::Syscalls(options) => syscalls::run(&common, &options)?,
        Torture::Disk(options) => disk::run(&common, &options)?,
        Torture::Share(options) => share::run(&common, &options)?,
        Torture::Writers(options) => writers::run(&common, &options)?,
        Torture::Folder(options) => folder::run(&common, &options)?,
    };
    let good = figures.good();
    figures.print(common.json)?;
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl Common {
    /// The seed asked for, or one that nobody chose.
    fn seed(&self) -> u64 {
        use std::hash::{BuildHasher, RandomState};
        self.seed.unwrap_or_else(|| RandomState::new().hash_one(std::process::id()) % 1_000_000)
    }

    /// How many installations at the same time.
    fn jobs(&self) -> usize {
        self.jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(2, usize::from) * 2)
    }
}
