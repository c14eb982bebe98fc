//! One scenario on its stage: an installation whose exchange folder is the share, the server's folder behind it, and an
//! ERP system that writes there.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use installation::{DEADLINE, Served, names, until};

use super::Scale;
use super::behaviour::{Behaviour, Weather};
use super::mount::Mount;
use crate::Common;
use crate::bench::Bench;
use crate::check::{Finding, Moment, Sent, check};
use crate::erp::{Erp, Export};
use crate::evidence::Evidence;
use crate::figures::Broken;
use crate::writer::{Way, write};

/// Rows of one delivery.
const ROWS: u32 = 150;

/// Into how many pieces the ERP system cuts what it writes; most of them end in the middle of a line.
const PIECES: usize = 8;

/// All ways of writing.
pub(super) const WAYS: [Way; 3] = [Way::InPlace, Way::Fill, Way::Replace];

/// What the log says when the program stops although a call hangs.
const GAVE_UP: &str = "does not answer; stopping without it";

/// A scenario being played. What is dropped first comes first.
pub(super) struct Stage {
    pub(super) served: Option<Served>,
    pub(super) mount: Mount,
    bench: Bench,
    pub(super) scale: Scale,
    /// The server's folder.
    pub(super) server: PathBuf,
    customers: Sent,
    products: Sent,
    /// When the last file was finished.
    finished: Instant,
    longest: Duration,
}

/// What came of a scenario.
pub(super) struct Outcome {
    pub(super) deliveries: usize,
    pub(super) imports: usize,
    /// From the end of a delivery's writing to its import, at most.
    pub(super) longest: Duration,
    pub(super) findings: Vec<Finding>,
}

impl Stage {
    /// An installation called `name`, its exchange folder mounted, the program running.
    ///
    /// # Errors
    /// When this machine cannot mount, or the program does not start.
    pub(super) fn new(
        common: &Common,
        name: &str,
        scale: Scale,
        settle: Duration,
        behaviour: Behaviour,
    ) -> anyhow::Result<Stage> {
        let bench = Bench::new(common, name, &[Export::Customers, Export::Products], settle, &[])?;
        let server = common.folder.join(name).join("server");
        std::fs::create_dir(&server)?;
        let mount = Mount::new(&server, &bench.installation.folders.exchange, behaviour)?;
        let mut served = bench.installation.serve(&[])?;
        served.ready()?;
        let erp = |export| Sent::nothing(Erp { export, seed: common.seed(), sizes: vec![ROWS], odd: false });
        Ok(Stage {
            served: Some(served),
            mount,
            bench,
            scale,
            server,
            customers: erp(Export::Customers),
            products: erp(Export::Products),
            finished: Instant::now(),
            longest: Duration::ZERO,
        })
    }

    /// The faults of the moment.
    ///
    /// # Errors
    /// When the share is not mounted.
    pub(super) fn weather(&self) -> anyhow::Result<&Weather> {
        self.mount.weather()
    }

    /// From now on the file of customers is only taken once this marker is there.
    pub(super) fn asks_for_marker(&self, marker: &str) -> anyhow::Result<()> {
        let settings = self.bench.installation.run(&["settings", "show"])?.ok()?.out;
        let file_name = format!("filename = \"{}\"\n", self.customers.erp.export.file_name());
        ensure!(settings.contains(&file_name), "the settings name no {file_name}");
        let marked = settings.replace(&file_name, &format!("{file_name}marker = \"{marker}\"\n"));
        self.bench.installation.apply(&marked)
    }

    /// Writes one file and waits until it is imported.
    pub(super) fn deliver(&mut self, way: Way) -> anyhow::Result<()> {
        self.write(way)?;
        self.imported()
    }

    /// Writes in every way, as often as the scale says; each file is imported before the next one comes.
    pub(super) fn deliver_all(&mut self) -> anyhow::Result<()> {
        WAYS.repeat(self.scale.rounds).into_iter().try_for_each(|way| self.deliver(way))
    }

    /// The ERP system writes its next file, once the last one has been taken away.
    pub(super) fn write(&mut self, way: Way) -> anyhow::Result<()> {
        let name = self.customers.erp.export.file_name();
        self.write_as(way, name, self.scale.pause)
    }

    /// The same under another name, and with other pauses.
    pub(super) fn write_as(&mut self, way: Way, name: &str, pause: Duration) -> anyhow::Result<()> {
        let there = || names(&self.server).iter().any(|there| there.eq_ignore_ascii_case(name));
        until("the last file to be taken", self.patience(), || Ok(!there()))
            .with_context(|| format!("the state is {}", self.state().unwrap_or_default()))?;
        self.write_now(way, name, pause)
    }

    /// The same without waiting: what is there is replaced or overwritten.
    pub(super) fn write_now(&mut self, way: Way, name: &str, pause: Duration) -> anyhow::Result<()> {
        let delivery = self.customers.next();
        let before = write(&self.server, name, &delivery, way, PIECES, pause)?;
        self.customers.note(delivery, before);
        self.finished = Instant::now();
        Ok(())
    }

    /// Products arrive in the same folder and are imported.
    pub(super) fn products_arrive(&mut self) -> anyhow::Result<()> {
        let delivery = self.products.next();
        let sha256 = delivery.sha256.clone();
        let before = write(&self.server, "products.txt", &delivery, Way::Replace, 1, Duration::ZERO)?;
        self.products.note(delivery, before);
        until("the products to be imported", self.patience(), || self.has_ended(&sha256))
    }

    /// Waits until the last delivery is imported.
    pub(super) fn imported(&mut self) -> anyhow::Result<()> {
        let last = self.customers.deliveries.last().context("nothing was delivered")?;
        let sha256 = last.0.sha256.clone();
        until("the delivery to be imported", self.patience(), || self.has_ended(&sha256))
            .with_context(|| format!("the state is {}", self.state().unwrap_or_default()))?;
        self.longest = self.longest.max(self.finished.elapsed());
        Ok(())
    }

    fn has_ended(&self, sha256: &str) -> anyhow::Result<bool> {
        let imports = self.bench.installation.imports()?;
        Ok(imports.iter().any(|import| import["sha256"] == sha256 && !import["finished_at"].is_null()))
    }

    /// Waits until what was imported is removed from the share.
    pub(super) fn emptied(&self) -> anyhow::Result<()> {
        until("the share to be empty", self.patience(), || Ok(names(&self.server).is_empty()))
            .with_context(|| format!("left are {:?}", names(&self.server)))
    }

    /// The number that the next import gets.
    pub(super) fn next_import(&self) -> anyhow::Result<i64> {
        let imports = self.bench.installation.imports()?;
        Ok(imports.iter().filter_map(|import| import["id"].as_i64()).max().unwrap_or(0) + 1)
    }

    /// The state of the customers' automation as `automation list --json` tells it.
    fn state(&self) -> anyhow::Result<String> {
        let list = self.bench.installation.run(&["automation", "list", "--json"])?.ok()?.json()?;
        let rows = list["items"].as_array().cloned().unwrap_or_default();
        let row = rows.iter().find(|row| row["register"] == "customers");
        Ok(row.map(|row| row["state"].to_string()).unwrap_or_default())
    }

    /// Waits until the state has these words.
    pub(super) fn says(&self, words: &str) -> anyhow::Result<()> {
        let mut state = String::new();
        until("the state to tell what is wrong", DEADLINE, || {
            state = self.state()?;
            Ok(state.to_lowercase().contains(&words.to_lowercase()))
        })
        .with_context(|| format!("expected {words:?}, and it is {state}"))
    }

    /// The start page and the Automation page answer within a second.
    pub(super) fn pages_answer(&mut self) -> anyhow::Result<()> {
        let served = self.served.as_mut().context("serve does not run")?;
        for page in ["/", "/automation", "/health/ready"] {
            let began = Instant::now();
            let status = served.get(page)?;
            let took = began.elapsed();
            ensure!(status < 500 && took < Duration::from_secs(1), "{page} answers {status} after {took:?}");
        }
        Ok(())
    }

    /// Tells the program to stop while a call hangs; it must give up waiting for it. The kernel may keep the process until
    /// the call comes back, so that is let happen then. Starts the program again.
    pub(super) fn stops_although_a_call_hangs(&mut self) -> anyhow::Result<()> {
        let served = self.served.take().context("serve does not run")?;
        let gave_up = |log: &str| log.matches(GAVE_UP).count();
        let before = gave_up(&self.log());
        let stopped = std::thread::scope(|scope| {
            let stopping = scope.spawn(|| served.terminate());
            let gave_up = until("serve to give up waiting", DEADLINE, || Ok(gave_up(&self.log()) > before));
            self.weather()?.clear();
            let code = stopping.join().map_err(|_| anyhow::anyhow!("serve cannot be waited for"))??;
            gave_up.map(|()| code)
        })?;
        ensure!(stopped == Some(0), "serve ended with {stopped:?}");
        self.served = Some(self.bench.installation.serve(&[])?);
        Ok(())
    }

    fn log(&self) -> String {
        let path = self.bench.installation.log.as_deref();
        path.and_then(|path| std::fs::read_to_string(path).ok()).unwrap_or_default()
    }

    /// Waits until something was imported that was never a whole file.
    pub(super) fn seen_half(&self) -> anyhow::Result<()> {
        let deliveries = &self.customers.deliveries;
        let halved = || {
            let imports = self.bench.installation.imports()?;
            let mut read = imports.iter().filter_map(|import| import["sha256"].as_str());
            Ok(read.any(|sha256| !deliveries.iter().any(|(delivery, _)| delivery.sha256 == sha256)))
        };
        until("half a file to be noticed", self.patience(), halved)
    }

    /// The end: what is on the disks is compared with what was delivered.
    pub(super) fn finish(&mut self) -> anyhow::Result<Outcome> {
        self.weather()?.clear();
        self.emptied()?;
        let mut folders = self.bench.installation.folders.clone();
        folders.exchange.clone_from(&self.server);
        let look = || Evidence::take(&folders, &[Export::Customers, Export::Products]);
        until("all imports to be put away", self.patience(), || {
            // A copy taken while the program writes may be torn; the next one is not.
            Ok(look().is_ok_and(|seen| seen.ledger.iter().all(|entry| entry.step == "finished")))
        })?;
        if let Some(served) = self.served.take() {
            let code = served.terminate()?;
            ensure!(code == Some(0), "serve ended with {code:?}");
        }
        let evidence = look()?;
        let sent = [self.customers.clone(), self.products.clone()];
        Ok(Outcome {
            deliveries: sent.iter().map(|sent| sent.deliveries.len()).sum(),
            imports: evidence.ledger.len(),
            longest: self.longest,
            findings: check(&evidence, &sent, Moment::Quiet),
        })
    }

    /// Keeps everything to be looked at.
    pub(super) fn keep(&mut self, at: &str, findings: Vec<Finding>) -> Broken {
        self.bench.keep(at.to_owned(), findings)
    }

    /// The longest that an honest delivery may take: a settle time for each of several tries, what the share keeps back,
    /// the longest pause between tries after an error of that length, and time for a busy machine.
    fn patience(&self) -> Duration {
        let Scale { settle, stale, hang, error, slow, .. } = self.scale;
        (settle + stale + hang + error + slow * 20) * 3 + DEADLINE
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // A program that waits for a call that hangs could not even be killed.
        if let Ok(weather) = self.weather() {
            weather.clear();
        }
    }
}
