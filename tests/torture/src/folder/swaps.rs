//! Somebody swaps `customers.txt` for links, directories, FIFOs, devices and other files as fast as the machine allows,
//! under a running program that takes a file the moment it has seen it twice.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context;
use fastrand::Rng;
use installation::{names, until};
use rustix::fs::{CWD, FileType, Mode, RenameFlags, mknodat, renameat_with};
use rustix::io::Errno;

use super::arena::{Outside, SECRET, customer, settings};
use crate::Common;
use crate::bench::Bench;
use crate::check::{Finding, Kind};
use crate::figures::Figures;

const NAME: &str = "customers.txt";

/// The most files that wait to be swapped in.
const FILES: usize = 20;

/// Runs it.
pub(super) fn run(common: &Common, seed: u64, time: Duration, figures: &mut Figures) -> anyhow::Result<()> {
    let mut bench = Bench::new(common, "swaps", &[], Duration::from_millis(100), &[])?;
    let folders = bench.installation.folders.clone();
    let parent = folders.exchange.parent().context("the exchange folder lies somewhere")?.to_owned();
    let outside = Outside::make(&parent)?;
    bench.installation.apply(&settings(&folders, "1ms", NAME))?;
    let mut served = bench.installation.serve(&[])?;
    let mut swapper = Swapper::new(&parent, &folders.exchange, seed)?;
    swapper.objects(&outside)?;
    let (begun, mut findings) = (Instant::now(), Vec::new());
    let mut wrong = |sentence: String| findings.push(Finding { kind: Kind::Wrong, sentence });
    while begun.elapsed() < time {
        swapper.swap()?;
    }
    let touched = outside.touched()?;
    if touched > 0 {
        wrong(format!("{touched} things that nobody may open were touched"));
    }
    // The last one comes as an ERP system sends it: it must be imported whatever went before.
    let last = swapper.finish()?;
    let arrived = until("the last file to be imported", Duration::from_secs(120), || {
        let records = bench.installation.records("customers")?;
        Ok(records.iter().any(|record| record["number"] == last.as_str()))
    });
    if let Err(error) = arrived {
        wrong(error.to_string());
    }
    if served.get("/health/live")? != 200 {
        wrong("the program is not live".into());
    }
    served.terminate()?;

    let numbers: BTreeSet<String> = swapper.numbers();
    for record in bench.installation.records("customers")? {
        let number = record["number"].as_str().unwrap_or_default();
        if number == SECRET || !numbers.contains(number) {
            wrong(format!("the register has a customer {number} that no file of the folder had"));
        }
    }
    for folder in [&folders.archive, &folders.refused, &folders.spool()] {
        for name in names(folder) {
            let content = fs::read_to_string(folder.join(&name))?;
            let is_report = name.ends_with(".report.txt");
            if content.contains(SECRET) || !is_report && !swapper.contents().any(|known| known == content) {
                wrong(format!("{} holds what no file of the folder held", folder.join(&name).display()));
            }
        }
    }
    if !outside.try_watch()? {
        wrong("the watch over what lies outside does not work".into());
    }
    let mut states: BTreeMap<String, u64> = BTreeMap::new();
    for import in bench.installation.imports()? {
        *states.entry(import["state"].as_str().unwrap_or_default().to_owned()).or_default() += 1;
    }
    figures.add("swaps under a running program", swapper.swaps);
    figures.add("in", format!("{:.0} s", begun.elapsed().as_secs_f64()));
    figures.add("opened outside", touched);
    for (state, count) in states {
        figures.add(&format!("imports {state}"), count);
    }
    if !findings.is_empty() {
        figures.broken(bench.keep("swapped files".into(), findings));
    }
    Ok(())
}

/// The one who swaps.
struct Swapper {
    rng: Rng,
    stock: PathBuf,
    target: PathBuf,
    /// How many things lie in the stock, or have its places.
    slots: usize,
    /// How many files were ever made.
    files: usize,
    swaps: u64,
}

impl Swapper {
    fn new(parent: &Path, exchange: &Path, seed: u64) -> anyhow::Result<Swapper> {
        let stock = parent.join("stock");
        fs::create_dir_all(&stock)?;
        let target = exchange.join(NAME);
        Ok(Swapper { rng: Rng::with_seed(seed), stock, target, slots: 0, files: 0, swaps: 0 })
    }

    fn slot(&self, slot: usize) -> PathBuf {
        self.stock.join(slot.to_string())
    }

    fn add(&mut self) -> PathBuf {
        self.slots += 1;
        self.slot(self.slots - 1)
    }

    /// Links that lead outside, and what must not be opened.
    fn objects(&mut self, outside: &Outside) -> anyhow::Result<()> {
        for link in
            [outside.secret(), "../outside/secret".into(), outside.folder.join("below"), "/dev/zero".into()]
        {
            symlink(link, self.add())?;
        }
        let directory = self.add();
        fs::create_dir(&directory)?;
        fs::write(directory.join(NAME), customer(SECRET))?;
        outside.forbid(&directory)?;
        let fifo = self.add();
        mknodat(CWD, &fifo, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0)?;
        outside.forbid(&fifo)?;
        let device = self.add();
        match mknodat(CWD, &device, FileType::CharacterDevice, Mode::RUSR, rustix::fs::makedev(1, 5)) {
            // Only root can make one.
            Ok(()) => outside.forbid(&device)?,
            Err(Errno::PERM) => fs::write(&device, customer("0"))?,
            Err(error) => return Err(error.into()),
        }
        for _ in 0..FILES {
            let path = self.add();
            self.file(&path)?;
        }
        Ok(())
    }

    fn file(&mut self, path: &Path) -> anyhow::Result<()> {
        self.files += 1;
        Ok(fs::write(path, customer(&self.files.to_string()))?)
    }

    fn contents(&self) -> impl Iterator<Item = String> {
        (0..=self.files).map(|file| customer(&file.to_string()))
    }

    fn numbers(&self) -> BTreeSet<String> {
        (0..=self.files).map(|file| file.to_string()).collect()
    }

    /// One swap. A place in the stock whose file was taken gets a new one.
    fn swap(&mut self) -> anyhow::Result<()> {
        let index = self.rng.usize(..self.slots);
        let slot = self.slot(index);
        let swapped = match renameat_with(CWD, &slot, CWD, &self.target, RenameFlags::EXCHANGE) {
            Err(Errno::NOENT) => renameat_with(CWD, &slot, CWD, &self.target, RenameFlags::NOREPLACE),
            swapped => swapped,
        };
        match swapped {
            Ok(()) => self.swaps += 1,
            Err(Errno::NOENT) if !slot.exists() => self.file(&slot)?,
            Err(Errno::NOENT | Errno::EXIST) => {}
            Err(error) => return Err(error.into()),
        }
        // Now and then long enough that a file is taken.
        if self.rng.u32(..200) == 0 {
            std::thread::sleep(Duration::from_millis(self.rng.u64(1..20)));
        }
        Ok(())
    }

    /// Takes away what lies there, and sends one more file; gives its customer.
    fn finish(&mut self) -> anyhow::Result<String> {
        let away = self.stock.join("away");
        match renameat_with(CWD, &self.target, CWD, &away, RenameFlags::NOREPLACE) {
            Ok(()) | Err(Errno::NOENT) => {}
            Err(error) => return Err(error.into()),
        }
        let last = self.stock.join("last");
        self.file(&last)?;
        renameat_with(CWD, &last, CWD, &self.target, RenameFlags::empty())?;
        Ok(self.files.to_string())
    }
}
