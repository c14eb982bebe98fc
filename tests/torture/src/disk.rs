//! `torture disk`: each folder on a small disk of its own that fills up while a delivery comes, with more or less room
//! left; then there is room again, and all must be well without help.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use clap::Args;
use installation::{DEADLINE, Served, until};
use serde_json::Value;

use crate::Common;
use crate::bench::Bench;
use crate::check::{Fate, Finding, Kind, Moment, Sent};
use crate::erp::{Erp, Export};
use crate::figures::{Broken, Figures};
use crate::jobs;
use crate::writer::{Way, write};

const SETTLE: Duration = Duration::from_millis(150);

/// How long the disk stays full after that was told.
const FULL_FOR: Duration = Duration::from_millis(1500);

/// The longest until the full disk is told, or did not matter.
const TOLD_WITHIN: Duration = Duration::from_secs(10);

/// The longest until all is well when there is room again. The pause between two tries is a few seconds by then.
const WELL_WITHIN: Duration = Duration::from_secs(30);

/// The most lines that may be logged because of a disk that stays full.
const LINES: usize = 8;

/// Rows of a delivery, so many that it needs room of several sizes: for its copy, for the register, for the log of the
/// database.
const ROWS: u32 = 2000;

/// The user without rights, and the other one whose ERP system writes the files.
const NOBODY: u32 = 65534;
const ERP: u32 = 12345;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Only so many of the runs, spread over all of them
    #[arg(long)]
    sample: Option<usize>,
    /// Only runs whose description holds this text, such as "inodes" or "archive"
    #[arg(long, default_value = "")]
    only: String,
}

/// What there is not enough of, and how much of it is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Left {
    KiB(u64),
    Inodes(u64),
}

/// One run.
#[derive(Clone, Copy, Debug)]
struct Case {
    folder: &'static str,
    left: Left,
    /// As a user without rights, with an exchange folder and files of another user; otherwise as root.
    unprivileged: bool,
    /// Killed and started anew while the disk is full.
    restart: bool,
}

impl std::fmt::Display for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let left = match self.left {
            Left::KiB(left) => format!("{left} KiB"),
            Left::Inodes(left) => format!("{left} inodes"),
        };
        let user = if self.unprivileged { "nobody" } else { "root" };
        let restart = if self.restart { ", killed meanwhile" } else { "" };
        write!(f, "{} with {left} left, as {user}{restart}", self.folder)
    }
}

/// The rooms that are left, for each folder.
const ROOMS: [(&str, &[u64], &[u64]); 4] = [
    ("data", &[0, 4, 8, 16, 32, 64, 96, 128, 192, 256, 384, 512, 768, 1024], &[0, 1, 2, 3, 4]),
    ("archive", &[0, 4, 16, 64, 96], &[0, 1, 2]),
    ("refused", &[4, 16, 64, 96, 100], &[0, 1, 2]),
    ("exchange", &[0], &[0]),
];

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (folder, sizes, inodes) in ROOMS {
        let lefts = sizes.iter().copied().map(Left::KiB).chain(inodes.iter().copied().map(Left::Inodes));
        for left in lefts {
            for (unprivileged, restart) in [(false, false), (true, false), (false, true), (true, true)] {
                cases.push(Case { folder, left, unprivileged, restart });
            }
        }
    }
    cases
}

/// What came of the runs.
#[derive(Default)]
struct Tally {
    /// The disk was too full, which was told.
    told: usize,
    /// There was room enough after all.
    enough: usize,
    /// From room again to all well, at the longest.
    slowest: Duration,
    /// Lines logged for one full disk, at the most.
    lines: usize,
    broken: Vec<Broken>,
}

/// Runs it.
///
/// # Errors
/// When disks cannot be mounted (only root can), or an installation cannot be made.
pub(crate) fn run(common: &Common, options: &Options) -> anyhow::Result<Figures> {
    let started = Instant::now();
    let seed = common.seed();
    let mut cases = cases();
    cases.retain(|case| case.to_string().contains(&options.only));
    let cases = jobs::sample(cases, options.sample, seed);
    let tally = Mutex::new(Tally::default());
    jobs::run(common.jobs(), &cases, |at, case| {
        fill(common, at, case, &tally).with_context(|| case.to_string())
    })?;
    let tally = tally.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut figures = Figures::new("disk", seed);
    let count = |folder: &str| cases.iter().filter(|case| case.folder == folder).count();
    for (folder, ..) in ROOMS {
        figures.add(&format!("full disks, {folder}"), count(folder));
    }
    figures.add("full disks", cases.len());
    figures.add("as a user without rights", cases.iter().filter(|case| case.unprivileged).count());
    figures.add("killed while full", cases.iter().filter(|case| case.restart).count());
    figures.add("too full, and told so", tally.told);
    figures.add("room enough after all", tally.enough);
    figures.add("longest until well again, s", tally.slowest.as_secs_f64().ceil());
    figures.add("most lines logged for one", tally.lines);
    figures.add("seconds", started.elapsed().as_secs());
    tally.broken.into_iter().for_each(|broken| figures.broken(broken));
    Ok(figures)
}

fn fill(common: &Common, at: usize, case: &Case, tally: &Mutex<Tally>) -> anyhow::Result<()> {
    let bench = Bench::new(
        common,
        &format!("disk-{at}"),
        &[Export::Customers],
        SETTLE,
        &[(case.folder, "size=32m")],
    )?;
    // With this seed the second delivery is damaged, with the other none of the first is.
    let erp = Erp {
        export: Export::Customers,
        seed: if case.folder == "refused" { 6 } else { 1 },
        sizes: vec![ROWS],
        odd: false,
    };
    let mut story = Story { case: *case, bench, sent: Sent::nothing(erp), findings: Vec::new() };
    let told = story.tell();
    let mut tally = tally.lock().unwrap_or_else(PoisonError::into_inner);
    match told {
        Ok(Some((well, lines))) => {
            tally.told += 1;
            tally.slowest = tally.slowest.max(well);
            tally.lines = tally.lines.max(lines);
        }
        Ok(None) => tally.enough += 1,
        Err(error) => story.wrong(format!("{error:#}")),
    }
    if !story.findings.is_empty() {
        let findings = std::mem::take(&mut story.findings);
        tally.broken.push(story.bench.keep(case.to_string(), findings));
    }
    Ok(())
}

/// One run while it is made.
struct Story {
    case: Case,
    bench: Bench,
    sent: Sent,
    findings: Vec<Finding>,
}

impl Story {
    fn wrong(&mut self, sentence: String) {
        self.findings.push(Finding { kind: Kind::Wrong, sentence });
    }

    /// Gives how long it took until all was well when there was room again, and how many lines were logged meanwhile;
    /// `None` when there had been room enough.
    fn tell(&mut self) -> anyhow::Result<Option<(Duration, usize)>> {
        self.first_delivery()?;
        if self.case.unprivileged {
            self.give_away()?;
        }
        let mut served = self.bench.installation.serve(&[])?;
        served.ready()?;
        let before = self.lines()?;
        if self.case.folder == "exchange" {
            self.deliver()?;
            self.fill()?;
        } else {
            self.fill()?;
            self.deliver()?;
        }
        let full = self.full_or_done()?;
        if let Some(message) = &full {
            if !["full", "room", "space"].iter().any(|word| message.contains(word)) {
                self.wrong(format!("the page does not say that the disk is full: {message}"));
            }
            // It stays full for a while; that nobody says more of it than once is the subject.
            std::thread::sleep(FULL_FOR);
        }
        let lines = self.lines()? - before;
        if lines > LINES {
            self.wrong(format!("{lines} lines were logged because of one full disk"));
        }
        if self.case.restart {
            served.kill()?;
            let findings = self.bench.check(std::slice::from_ref(&self.sent), Moment::Any)?;
            self.findings.extend(findings);
            served = self.start_while_full()?;
        } else if let Some(status) = served.ended()? {
            self.wrong(format!("a full disk ended serve: {status}"));
        }
        self.make_room()?;
        let since = Instant::now();
        if served.ended()?.is_some() {
            served = self.bench.installation.serve(&[])?;
        }
        until("all to be well when there is room again", WELL_WITHIN, || self.bench.all_put_away())?;
        until("the page to say so", WELL_WITHIN, || Ok(self.state()?["state"] == "waiting"))?;
        let well = since.elapsed();
        ensure!(served.terminate()? == Some(0), "serve did not stop well");
        // Commands of the last look may be root's.
        self.bench.installation.wrapper.clear();
        let findings = self.bench.check(std::slice::from_ref(&self.sent), Moment::Quiet)?;
        self.findings.extend(findings);
        Ok(full.map(|_| (well, lines)))
    }

    /// The register is not empty when the disk fills up.
    fn first_delivery(&mut self) -> anyhow::Result<()> {
        let delivery = self.sent.next();
        let file = self.bench.installation.folders.data.with_file_name(Export::Customers.file_name());
        fs::write(&file, &delivery.bytes)?;
        let said =
            self.bench.installation.run(&["import", "customers", file.to_str().context("readable")?])?;
        ensure!(matches!(said.code, 0 | 4), "the first delivery was not imported: {said:?}");
        self.sent.deliveries.push((delivery, Fate::Left));
        Ok(())
    }

    /// The program runs as a user without rights from here on; the exchange folder is another user's, who lets the
    /// program's group in.
    fn give_away(&mut self) -> anyhow::Result<()> {
        let folders = &self.bench.installation.folders;
        for folder in [&folders.data, &folders.archive, &folders.refused] {
            chown_all(folder)?;
        }
        chown(&folders.exchange, Some(ERP), Some(NOBODY))?;
        fs::set_permissions(&folders.exchange, fs::Permissions::from_mode(0o2770))?;
        let words = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--no-new-privs"];
        self.bench.installation.wrapper = words.map(Into::into).to_vec();
        Ok(())
    }

    fn deliver(&mut self) -> anyhow::Result<()> {
        let delivery = self.sent.next();
        let folder = &self.bench.installation.folders.exchange;
        let before =
            write(folder, Export::Customers.file_name(), &delivery, Way::Replace, 1, Duration::ZERO)?;
        self.sent.note(delivery, before);
        if self.case.unprivileged {
            let file = folder.join(Export::Customers.file_name());
            chown(&file, Some(ERP), Some(NOBODY))?;
            fs::set_permissions(&file, fs::Permissions::from_mode(0o640))?;
        }
        Ok(())
    }

    fn fill(&self) -> anyhow::Result<()> {
        let disk = self.bench.disk(self.case.folder)?;
        let room = rustix::fs::statvfs(disk.path())?;
        let used = (room.f_blocks - room.f_bfree) * room.f_frsize / 1024;
        match self.case.left {
            Left::KiB(left) => disk.resize(&format!("size={}k", used + left)),
            Left::Inodes(left) => disk.resize(&format!("nr_inodes={}", room.f_files - room.f_ffree + left)),
        }
    }

    fn make_room(&self) -> anyhow::Result<()> {
        self.bench.disk(self.case.folder)?.resize("size=32m,nr_inodes=10000")
    }

    /// Waits until the page says that something fails, and gives the message; `None` when everything was done.
    fn full_or_done(&self) -> anyhow::Result<Option<String>> {
        let mut message = None;
        until("the full disk to be told, or not to matter", TOLD_WITHIN, || {
            let state = self.state()?;
            if state["state"] == "failing" {
                message = state["message"].as_str().map(str::to_owned);
            }
            Ok(message.is_some() || self.bench.all_put_away()?)
        })?;
        Ok(message)
    }

    fn state(&self) -> anyhow::Result<Value> {
        let list = self.bench.installation.run(&["automation", "list", "--json"])?.ok()?.json()?;
        Ok(list["items"][0]["state"].clone())
    }

    /// On a full disk `serve` starts, or says why it cannot.
    fn start_while_full(&mut self) -> anyhow::Result<Served> {
        let mut served = self.bench.installation.spawn(&[])?;
        if served.address().is_err() {
            let status = served.wait(DEADLINE)?;
            let log = self.log()?;
            let last = log.lines().next_back().unwrap_or_default();
            if status.code() != Some(1) || !last.starts_with("service-suite: ") {
                self.wrong(format!("serve did not start on a full disk: {status}; {last}"));
            }
        }
        Ok(served)
    }

    fn lines(&self) -> anyhow::Result<usize> {
        Ok(self.log()?.lines().count())
    }

    fn log(&self) -> anyhow::Result<String> {
        Ok(fs::read_to_string(self.bench.installation.log.as_ref().context("the log is kept")?)?)
    }
}

/// Everything below a folder, and the folder, becomes nobody's.
fn chown_all(path: &Path) -> anyhow::Result<()> {
    chown(path, Some(NOBODY), Some(NOBODY))?;
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            chown_all(&entry?.path())?;
        }
    }
    Ok(())
}
