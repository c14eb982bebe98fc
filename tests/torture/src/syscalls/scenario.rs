//! What the program does while one of its threads is traced.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, ensure};
use installation::{DEADLINE, Said, Served, until};

use crate::Common;
use crate::bench::Bench;
use crate::check::{Fate, Finding, Kind, Moment, Sent};
use crate::erp::{Erp, Export};
use crate::evidence::Evidence;
use crate::strace::{self, Aim, Attached, Fault, Trace, trusted_after_a_failed_fsync};
use crate::writer::{Way, write};

/// The settle time.
const SETTLE: Duration = Duration::from_millis(150);

/// The longest until all is well again after a fault; a failed step is tried again after a second.
const PATIENCE: Duration = Duration::from_secs(30);

/// The rows of each delivery: created, updated, unchanged and refused ones.
const ROWS: u32 = 120;

/// A seed with which the second delivery is whole.
const WHOLE: u64 = 1;

/// A seed with which the second delivery is damaged.
const DAMAGED: u64 = 6;

/// A story with one thread that is traced.
#[derive(Debug)]
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    subject: Subject,
    seed: u64,
    /// tmpfs options of the archive folder, when it has a disk of its own.
    archive: Option<&'static str>,
}

/// Which thread is traced, doing what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Subject {
    /// A thread of a running `serve` while a delivery arrives.
    Thread(&'static str),
    /// The start of `serve` in an empty data folder.
    FirstStart,
    /// The start of `serve` after it was killed with a delivery in its hands: when this call came for the first time to
    /// this file.
    Restart { call: &'static str, file: &'static str },
    /// The end of `serve`.
    Stop,
    /// `import customers FILE`, from its start to its end.
    Command,
}

pub(crate) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "take a file",
        subject: Subject::Thread("look-out customers"),
        seed: WHOLE,
        archive: None,
    },
    Scenario {
        name: "import a file",
        subject: Subject::Thread("import customers"),
        seed: WHOLE,
        archive: None,
    },
    Scenario {
        name: "refuse a file",
        subject: Subject::Thread("import customers"),
        seed: DAMAGED,
        archive: None,
    },
    Scenario {
        name: "archive on another disk",
        subject: Subject::Thread("import customers"),
        seed: WHOLE,
        archive: Some("size=4m"),
    },
    Scenario { name: "import by command", subject: Subject::Command, seed: WHOLE, archive: None },
    Scenario { name: "first start", subject: Subject::FirstStart, seed: WHOLE, archive: None },
    Scenario {
        name: "start after a kill before copying",
        subject: Subject::Restart { call: "openat", file: "data/spool/2.partial" },
        seed: WHOLE,
        archive: None,
    },
    Scenario {
        name: "start after a kill before archiving",
        subject: Subject::Restart { call: "fsync", file: "archive" },
        seed: WHOLE,
        archive: None,
    },
    Scenario { name: "stop", subject: Subject::Stop, seed: WHOLE, archive: None },
];

/// A run that was made, with everything still there to be looked at.
pub(crate) struct Run {
    pub(crate) bench: Bench,
    /// The calls of the traced thread, files named below the installation's folder.
    pub(crate) trace: Trace,
    pub(crate) findings: Vec<Finding>,
}

impl Scenario {
    /// The name as part of a file name.
    pub(crate) fn slug(&self) -> String {
        self.name.replace(' ', "-")
    }

    /// Plays it in an installation of its own, with one call failing or none, and then goes on until all is well again.
    ///
    /// # Errors
    /// When that does not come about, or something cannot be looked at.
    pub(crate) fn run(&self, common: &Common, name: &str, aim: Option<&Aim>) -> anyhow::Result<Run> {
        let disks: Vec<(&str, &str)> = self.archive.map(|options| ("archive", options)).into_iter().collect();
        let bench = Bench::new(common, name, &[Export::Customers], SETTLE, &disks)?;
        let folder =
            bench.installation.folders.data.parent().context("the data folder has a parent")?.to_owned();
        let aim = aim.map(|aim| Aim { path: aim.path.as_ref().map(|path| folder.join(path)), ..aim.clone() });
        let erp = Erp { export: Export::Customers, seed: self.seed, sizes: vec![ROWS], odd: false };
        let mut play =
            Play { bench, sent: Sent::nothing(erp), trace: folder.join("trace"), aim, findings: Vec::new() };
        let played = self.play(&mut play).and_then(|()| play.look());
        if let Err(error) = played {
            play.wrong(format!("{error:#}"));
        }
        let mut trace = Trace::read(&play.trace)?;
        for call in &mut trace.0 {
            call.path = call.path.strip_prefix(&folder).unwrap_or(&call.path).to_owned();
        }
        if let Some(file) = trusted_after_a_failed_fsync(&trace) {
            play.wrong(format!("an fsync of {} was believed after one had failed", file.display()));
        }
        Ok(Run { bench: play.bench, trace, findings: play.findings })
    }

    fn play(&self, play: &mut Play) -> anyhow::Result<()> {
        match self.subject {
            Subject::Thread(thread) => {
                play.first_delivery()?;
                let mut served = play.serve()?;
                let attached = Attached::to(served.id(), Some(thread), &play.trace, play.aim.as_ref())?;
                play.deliver()?;
                played_out(play, &mut served)?;
                let served = play.after(served)?;
                play.end(served)?;
                attached.detach()
            }
            Subject::FirstStart => {
                let settings = play.bench.installation.run(&["settings", "show"])?.ok()?.out;
                let data = play.bench.installation.folders.data.clone();
                fs::remove_dir_all(&data)?;
                fs::create_dir(&data)?;
                let served = play.traced_start()?;
                play.bench.installation.apply(&settings)?;
                play.deliver()?;
                play.end(served)
            }
            Subject::Restart { call, file } => {
                play.first_delivery()?;
                play.killed_at(call, file)?;
                let served = play.traced_start()?;
                play.end(served)
            }
            Subject::Stop => {
                play.first_delivery()?;
                let served = play.serve()?;
                play.deliver()?;
                play.bench.quiet(PATIENCE)?;
                let attached = Attached::to(served.id(), None, &play.trace, play.aim.as_ref())?;
                let ended = served.terminate()?;
                attached.detach()?;
                if ended.is_none() && !play.kills() {
                    play.wrong("serve did not stop by itself".to_owned());
                }
                let served = play.serve()?;
                play.end(served)
            }
            Subject::Command => play.import_by_command(),
        }
    }
}

/// A run while it is made.
struct Play {
    bench: Bench,
    sent: Sent,
    trace: PathBuf,
    aim: Option<Aim>,
    findings: Vec<Finding>,
}

impl Play {
    fn wrong(&mut self, sentence: String) {
        self.findings.push(Finding { kind: Kind::Wrong, sentence });
    }

    fn kills(&self) -> bool {
        self.aim.as_ref().is_some_and(|aim| aim.fault == Fault::Kill)
    }

    fn serve(&self) -> anyhow::Result<Served> {
        let mut served = self.bench.installation.serve(&[])?;
        served.ready()?;
        Ok(served)
    }

    /// The next delivery, as a file that has the name customers.txt and lies outside of the exchange folder.
    fn next(&mut self, fate: Fate) -> anyhow::Result<PathBuf> {
        let delivery = self.sent.next();
        let folder = self.trace.with_file_name("given");
        fs::create_dir_all(&folder)?;
        let path = folder.join(Export::Customers.file_name());
        fs::write(&path, &delivery.bytes)?;
        self.sent.deliveries.push((delivery, fate));
        Ok(path)
    }

    /// The register is not empty when the story begins.
    fn first_delivery(&mut self) -> anyhow::Result<()> {
        let file = self.next(Fate::Left)?;
        let said = self.import(&file)?;
        ensure!(is_done(&said), "the first delivery was not imported: {said:?}");
        Ok(())
    }

    fn import(&self, file: &Path) -> anyhow::Result<Said> {
        let file = file.to_str().context("the working folder has a readable name")?;
        self.bench.installation.run(&["import", "customers", file, "--json"])
    }

    fn deliver(&mut self) -> anyhow::Result<()> {
        let delivery = self.sent.next();
        let folder = &self.bench.installation.folders.exchange;
        let before =
            write(folder, Export::Customers.file_name(), &delivery, Way::Replace, 1, Duration::ZERO)?;
        self.sent.note(delivery, before);
        Ok(())
    }

    /// `serve` starts with its first thread traced. One that says why it cannot start, or is killed, starts once more.
    fn traced_start(&mut self) -> anyhow::Result<Served> {
        self.bench.installation.wrapper = strace::wrapper(&self.trace, self.aim.as_ref());
        let mut served = self.bench.installation.spawn(&[])?;
        self.bench.installation.wrapper.clear();
        if served.address().is_ok() {
            return Ok(served);
        }
        let status = served.wait(DEADLINE)?;
        strace::complete(&self.trace)?;
        let log = self.log()?;
        match status.code() {
            None if self.kills() => {}
            Some(1) if !self.kills() && log.lines().any(|line| line.starts_with("service-suite: ")) => {}
            code => self.wrong(format!("serve did not start, and ended with {code:?}; its log: {log}")),
        }
        self.serve()
    }

    fn log(&self) -> anyhow::Result<String> {
        let log = self.bench.installation.log.as_ref().context("the log is kept")?;
        Ok(fs::read_to_string(log).unwrap_or_default())
    }

    /// A delivery is in the hands of a `serve` that is killed at the first such call for this file.
    fn killed_at(&mut self, call: &str, file: &str) -> anyhow::Result<()> {
        let folder = self.trace.with_file_name("");
        let aim = Aim { call: call.to_owned(), path: Some(folder.join(file)), when: 1, fault: Fault::Kill };
        let mut served = self.serve()?;
        let attached =
            Attached::to(served.id(), Some("import customers"), &folder.join("killed-at"), Some(&aim))?;
        self.deliver()?;
        let status = served.wait(PATIENCE)?;
        ensure!(status.code().is_none(), "serve was to be killed at {call} {file}: {status}");
        attached.detach()
    }

    /// After a fault in a thread: a mere error has not ended `serve`; after a kill it starts again.
    fn after(&mut self, mut served: Served) -> anyhow::Result<Served> {
        match served.ended()? {
            None => Ok(served),
            Some(status) => {
                if !self.kills() {
                    self.wrong(format!("serve ended by itself: {status}; its log: {}", self.log()?));
                }
                self.serve()
            }
        }
    }

    /// Waits until all is well, and stops.
    fn end(&mut self, served: Served) -> anyhow::Result<()> {
        until("every file to be put away", PATIENCE, || self.bench.all_put_away())?;
        match served.terminate()? {
            Some(0) => Ok(()),
            // The fault met it while it stopped.
            None if self.kills() => {
                self.serve()?.terminate()?;
                self.bench.quiet(PATIENCE)
            }
            code => {
                self.wrong(format!("serve ended with {code:?} when it was asked to stop"));
                Ok(())
            }
        }
    }

    /// The command tells the truth: what it calls done is done, and what it calls failed has changed nothing.
    fn import_by_command(&mut self) -> anyhow::Result<()> {
        self.first_delivery()?;
        let file = self.next(Fate::GivenAgain)?;
        self.bench.installation.wrapper = strace::wrapper(&self.trace, self.aim.as_ref());
        let said = self.import(&file);
        self.bench.installation.wrapper.clear();
        let said = said?;
        strace::complete(&self.trace)?;
        let served = self.serve()?;
        self.bench.quiet(PATIENCE)?;
        let sha256 = self.sent.erp.delivery(2).sha256;
        let evidence = Evidence::take(&self.bench.installation.folders, &[])?;
        let done = evidence.ledger.iter().any(|entry| entry.sha256 == sha256 && entry.state == "done");
        match said.code {
            -1 if self.kills() => {}
            1 | 3 if !done && !said.err.is_empty() && !said.err.contains("panicked") => {}
            0 | 4 if done => {}
            code => self.wrong(format!("the command ended with {code}, done is {done}; it said {said:?}")),
        }
        if !done {
            let said = self.import(&file)?;
            if !is_done(&said) {
                self.wrong(format!("the file could not be imported afterwards: {said:?}"));
            }
        }
        self.end(served)
    }

    /// The last look: what lies on the disks, and what the log says.
    fn look(&mut self) -> anyhow::Result<()> {
        let findings = self.bench.check(std::slice::from_ref(&self.sent), Moment::Quiet)?;
        self.findings.extend(findings);
        let log = self.log()?;
        if let Some(line) =
            log.lines().find(|line| line.contains("panicked") || line.contains("fault of the program"))
        {
            self.wrong(format!("the program is at fault: {line}"));
        }
        Ok(())
    }
}

/// Waits until all is well, or until `serve` has been killed.
fn played_out(play: &Play, served: &mut Served) -> anyhow::Result<()> {
    until("the delivery to be dealt with", PATIENCE, || {
        Ok(served.ended()?.is_some() || play.bench.all_put_away()?)
    })
}

fn is_done(said: &Said) -> bool {
    matches!(said.code, 0 | 4)
}
