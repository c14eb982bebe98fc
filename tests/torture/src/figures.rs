//! What a run has found, as a table for people and as JSON.

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::check::{Finding, Kind};

/// The file in a kept folder that holds the log of `serve`.
pub(crate) const LOG: &str = "serve.log";

/// As much of it is printed when something is wrong.
const LOG_LINES: usize = 40;

/// The figures of one run.
#[derive(Debug)]
pub(crate) struct Figures {
    title: String,
    seed: u64,
    rows: Vec<(String, Value)>,
    broken: Vec<Broken>,
    failed: Vec<String>,
}

/// A place where the promise was broken.
#[derive(Debug)]
pub(crate) struct Broken {
    /// Where in the run: enough to do it again.
    pub(crate) at: String,
    pub(crate) findings: Vec<Finding>,
    /// The folder with everything, kept to be looked at.
    pub(crate) kept: Option<PathBuf>,
}

impl Figures {
    /// No figures yet.
    pub(crate) fn new(title: &str, seed: u64) -> Figures {
        Figures { title: title.to_owned(), seed, rows: Vec::new(), broken: Vec::new(), failed: Vec::new() }
    }

    /// Adds a figure.
    pub(crate) fn add(&mut self, what: &str, value: impl Into<Value>) {
        self.rows.push((what.to_owned(), value.into()));
    }

    /// Adds how long something took: the median and the longest.
    pub(crate) fn add_times(&mut self, what: &str, mut times: Vec<Duration>) {
        times.sort();
        let Some(longest) = times.last() else { return };
        let median = times[times.len() / 2];
        self.add(what, format!("median {} ms, longest {} ms", median.as_millis(), longest.as_millis()));
    }

    /// Adds what was broken.
    pub(crate) fn broken(&mut self, broken: Broken) {
        self.broken.push(broken);
    }

    /// Adds why the run proves less than it should: the figures are printed all the same, and it fails.
    pub(crate) fn fail(&mut self, why: String) {
        self.failed.push(why);
    }

    /// Whether the promise was kept, and the run proves it.
    pub(crate) fn good(&self) -> bool {
        self.broken.is_empty() && self.failed.is_empty()
    }

    /// Prints the figures on standard output, and what was broken on standard error.
    ///
    /// # Errors
    /// When they cannot be written.
    pub(crate) fn print(mut self, as_json: bool) -> std::io::Result<()> {
        for (what, kind) in [
            ("lost", Kind::Lost),
            ("doubled", Kind::Doubled),
            ("halved", Kind::Halved),
            ("wrong", Kind::Wrong),
        ] {
            let found = self.broken.iter().flat_map(|broken| &broken.findings);
            let count = found.filter(|finding| finding.kind == kind).count();
            self.add(what, count);
        }
        let mut out = std::io::stdout().lock();
        if as_json {
            let figures: Map<String, Value> = self.rows.iter().cloned().collect();
            let broken: Vec<Value> = self.broken.iter().map(Broken::json).collect();
            let all = json!({"torture": self.title, "seed": self.seed, "figures": figures, "broken": broken, "failed": self.failed});
            writeln!(out, "{all:#}")?;
        } else {
            writeln!(out, "{} (seed {})", self.title, self.seed)?;
            let width = self.rows.iter().map(|(what, _)| what.chars().count()).max().unwrap_or(0);
            for (what, value) in &self.rows {
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                writeln!(out, "  {what:width$}  {value}")?;
            }
        }
        let mut err = std::io::stderr().lock();
        for why in &self.failed {
            writeln!(err, "\nFAILED: {why}")?;
        }
        for broken in &self.broken {
            writeln!(err, "\nNOT KEPT at {}", broken.at)?;
            for finding in &broken.findings {
                writeln!(err, "  {:?}: {}", finding.kind, finding.sentence)?;
            }
            if let Some(kept) = &broken.kept {
                let log = std::fs::read_to_string(kept.join(LOG)).unwrap_or_default();
                let lines: Vec<&str> = log.lines().collect();
                writeln!(err, "  the end of its log:")?;
                for line in &lines[lines.len().saturating_sub(LOG_LINES)..] {
                    writeln!(err, "    {line}")?;
                }
                writeln!(err, "  everything is kept in {}", kept.display())?;
            }
        }
        Ok(())
    }
}

impl Broken {
    fn json(&self) -> Value {
        let findings: Vec<String> =
            self.findings.iter().map(|finding| format!("{:?}: {}", finding.kind, finding.sentence)).collect();
        json!({"at": self.at, "findings": findings, "kept": self.kept})
    }
}
