//! An installation of the program as people have one: folders, commands and a running `serve`, used through what the
//! program promises to everybody and nothing else. The stories and the torture stand on it.

mod disk;
mod folders;
mod served;
mod wait;

use std::ffi::OsString;
use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use anyhow::{Context, ensure};
use serde_json::Value;

pub use disk::Disk;
pub use folders::{Folders, names};
pub use served::Served;
pub use wait::{DEADLINE, until};

/// An installation.
#[derive(Clone, Debug)]
pub struct Installation {
    /// The program.
    pub program: PathBuf,
    /// Where its files lie.
    pub folders: Folders,
    /// A command with its arguments that each command of the program is started with: `strace ...`, `setpriv ...`.
    pub wrapper: Vec<OsString>,
    /// Where `serve` writes its log, appending; nowhere when `None`.
    pub log: Option<PathBuf>,
}

/// What a command said.
#[derive(Debug)]
pub struct Said {
    /// The exit code; -1 when a signal ended it.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Said {
    /// Standard output as JSON.
    ///
    /// # Errors
    /// When it is no JSON; the error holds all that was said.
    pub fn json(&self) -> anyhow::Result<Value> {
        serde_json::from_str(&self.out).with_context(|| format!("no JSON: {self:?}"))
    }

    /// The same, unless the command failed.
    ///
    /// # Errors
    /// When the exit code is not 0; the error holds all that was said.
    pub fn ok(self) -> anyhow::Result<Said> {
        ensure!(self.code == 0, "the command failed: {self:?}");
        Ok(self)
    }
}

impl Installation {
    /// An installation of `program` in these folders; nothing is created yet.
    pub fn new(program: impl Into<PathBuf>, folders: Folders) -> Installation {
        Installation { program: program.into(), folders, wrapper: Vec::new(), log: None }
    }

    /// The program, with its data folder named and nothing on standard input; arguments are to be added.
    pub fn command(&self) -> Command {
        let mut words = self.wrapper.iter().map(OsString::as_os_str).chain([self.program.as_os_str()]);
        let mut command = Command::new(words.next().unwrap_or_default());
        command.args(words).env("SERVICE_SUITE_DATA", &self.folders.data).env("SERVICE_SUITE_LOG", "info");
        command.stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    ///
    /// # Errors
    /// When it cannot be started, or says what is no text.
    pub fn run(&self, arguments: &[&str]) -> anyhow::Result<Said> {
        let output = self.command().args(arguments).output();
        said(output.with_context(|| format!("{} cannot be started", self.program.display()))?)
    }

    /// Applies the text of a settings file.
    ///
    /// # Errors
    /// When the program does not take it.
    pub fn apply(&self, settings: &str) -> anyhow::Result<()> {
        let file = tempfile::NamedTempFile::new_in(self.beside()?)?;
        std::fs::write(file.path(), settings)?;
        self.run(&["settings", "apply", text(file.path())?])?.ok()?;
        Ok(())
    }

    /// All imports as `imports list --json` tells, oldest first.
    ///
    /// # Errors
    /// When the command fails.
    pub fn imports(&self) -> anyhow::Result<Vec<Value>> {
        let mut items = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            let mut arguments = vec!["imports", "list", "--limit", "1000", "--json"];
            if let Some(cursor) = &cursor {
                arguments.extend(["--cursor", cursor]);
            }
            let page = self.run(&arguments)?.ok()?.json()?;
            items.extend(page["items"].as_array().cloned().unwrap_or_default());
            cursor = page["next"].as_str().map(str::to_owned);
            if cursor.is_none() {
                break;
            }
        }
        items.reverse();
        Ok(items)
    }

    /// All records of a register, as `customers export FILE.json` writes them.
    ///
    /// # Errors
    /// When the command fails.
    pub fn records(&self, register: &str) -> anyhow::Result<Vec<Value>> {
        let folder = tempfile::tempdir_in(self.beside()?)?;
        let file = folder.path().join("records.json");
        self.run(&[register, "export", text(&file)?])?.ok()?;
        let document: Value = serde_json::from_slice(&std::fs::read(&file)?)?;
        Ok(document["items"].as_array().cloned().unwrap_or_default())
    }

    /// Where working files can lie: beside the data folder.
    fn beside(&self) -> anyhow::Result<&Path> {
        self.folders.data.parent().context("a data folder lies in a folder")
    }

    /// Starts `serve` on a free port and waits until it prints its address.
    ///
    /// # Errors
    /// When it ends, or says nothing for [`DEADLINE`].
    pub fn serve(&self, arguments: &[&str]) -> anyhow::Result<Served> {
        let mut served = self.spawn(arguments)?;
        served.address()?;
        Ok(served)
    }

    /// Starts `serve` on a free port and waits for nothing.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn spawn(&self, arguments: &[&str]) -> anyhow::Result<Served> {
        let mut command = self.command();
        command.args(["serve", "--listen", "127.0.0.1:0"]).args(arguments);
        command.stderr(match &self.log {
            Some(log) => OpenOptions::new().create(true).append(true).open(log)?.into(),
            None => Stdio::null(),
        });
        Served::spawn(command, !self.wrapper.is_empty())
    }
}

fn said(output: Output) -> anyhow::Result<Said> {
    Ok(Said {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout)?,
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

fn text(path: &Path) -> anyhow::Result<&str> {
    path.to_str().with_context(|| format!("{} cannot be written as text", path.display()))
}
