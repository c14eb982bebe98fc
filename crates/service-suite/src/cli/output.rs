//! How commands speak: people's text or one JSON document on standard output, diagnostics on standard error, and the
//! exit codes of the contract.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use crate::values;
use anyhow::Context;
use register::Register;
use serde::Serialize;

/// The run was refused whole, or is held for a person.
pub(crate) const HELD_OR_REFUSED: u8 = 3;

/// The run is done, but some rows were refused.
pub(crate) const DONE_WITH_REFUSED_ROWS: u8 = 4;

/// Prints one JSON document. A reader that has gone away (a closed pipe) is not a failure of the command.
pub(crate) fn json(document: &impl Serialize) -> anyhow::Result<()> {
    let mut out = serde_json::to_vec_pretty(document)?;
    out.push(b'\n');
    write_out(&out)
}

/// Prints people's text, followed by a line end.
pub(crate) fn line(text: impl AsRef<str>) -> anyhow::Result<()> {
    write_out(format!("{}\n", text.as_ref()).as_bytes())
}

/// Prints rows in columns that line up; the first row is the heading. Cells are cleaned of control characters, so that
/// imported text cannot steer the terminal.
pub(crate) fn table(rows: &[Vec<String>]) -> anyhow::Result<()> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width =
        |column: usize| rows.iter().filter_map(|r| r.get(column)).map(|c| clean(c).chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|c| width(c).unwrap_or(0)).collect();
    let mut out = String::new();
    for row in rows {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(cell, width)| format!("{:<width$}", clean(cell))).collect();
        out.push_str(cells.join("  ").trim_end());
        out.push('\n');
    }
    write_out(out.as_bytes())
}

/// Replaces control characters by the sign for "something unprintable".
pub(crate) fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect()
}

/// Tells something on standard error, beside what the command prints.
pub(crate) fn aside(text: &str) {
    let _ = writeln!(io::stderr(), "service-suite: {}", clean(text));
}

/// Tells on standard error what failed; gives the exit code of a failure.
pub(crate) fn failed(error: &anyhow::Error) -> ExitCode {
    let _ = writeln!(io::stderr(), "service-suite: {error:#}");
    ExitCode::from(1)
}

fn write_out(bytes: &[u8]) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result.context("what was done cannot be told: standard output cannot be written to"),
    }
}

/// A progress bar on standard error, drawn only when a person is looking at a terminal.
pub(crate) struct Bar {
    shown: Option<u64>,
    terminal: bool,
}

impl Bar {
    /// A bar that has not been drawn yet.
    pub(crate) fn new() -> Self {
        Bar { shown: None, terminal: io::stderr().is_terminal() }
    }

    /// Draws how far `what` has come, at most once per percent.
    pub(crate) fn draw(&mut self, what: &str, done: u64, total: u64) {
        let percent = (done.min(total) * 100).checked_div(total).unwrap_or(100);
        if !self.terminal || self.shown == Some(percent) {
            return;
        }
        self.shown = Some(percent);
        let filled = (percent * 30 / 100) as usize;
        let bar = format!("{}{}", "█".repeat(filled), "░".repeat(30 - filled));
        let _ = write!(io::stderr(), "\r\x1b[2K{what:<11} {bar} {percent:>3} %");
        let _ = io::stderr().flush();
    }

    /// Removes the bar, so that the next line stands where it was.
    pub(crate) fn clear(&mut self) {
        if self.shown.take().is_some() {
            let _ = write!(io::stderr(), "\r\x1b[2K");
            let _ = io::stderr().flush();
        }
    }
}

/// A changed field for a person: its name, what it was and what it became; of contacts those that are not on both sides.
pub(super) fn change(of: &Register, field: &str, old: Option<&str>, new: Option<&str>) -> String {
    let (old, new) = values::change(of, field, old.map(str::to_owned), new.map(str::to_owned));
    let said = |value: Option<String>| match value {
        Some(value) => value.replace('\n', "; "),
        None => "(empty)".to_owned(),
    };
    format!("{field}: {} -> {}", said(old), said(new))
}
