//! A person who saves the export in LibreOffice Calc.

use std::io::Write;
use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context, ensure};
use installation::{DEADLINE, until};

use super::delivery::Delivery;
use super::process::Process;
use super::stage::{SETTLE, Stage};
use super::story::{NAME, nothing_is_taken};

/// What the person does, through LibreOffice's own programming interface.
const CALC: &str = include_str!("libreoffice/calc.py");

/// LibreOffice, started for the writer's account without a window.
pub(super) struct LibreOffice {
    _office: Process,
    person: Process,
    copies: PathBuf,
    commands: usize,
}

impl LibreOffice {
    /// Starts it, with an export that is at hand.
    pub(super) fn start(stage: &mut Stage) -> anyhow::Result<LibreOffice> {
        let folder = stage.server_folder();
        let copies = folder.join("copies");
        std::fs::create_dir(&copies)?;
        let script = stage.client_file("calc.py");
        std::fs::write(&script, CALC)?;
        let (_, file) = stage.next_day(None)?;
        // Calc saves only what it could open for writing.
        let export = folder.join("export.txt");
        std::fs::copy(file, &export)?;
        stage.writer.own(&folder)?;
        let pipe = format!(
            "exchange-{}",
            folder
                .parent()
                .and_then(|home| home.file_name())
                .map_or_else(String::new, |name| name.to_string_lossy().replace('.', ""))
        );
        let mut command = stage.writer.command("soffice");
        command.env("HOME", &folder).env("SAL_USE_VCLPLUGIN", "svp").args(["--headless", "--norestore"]);
        command.arg(format!("-env:UserInstallation=file://{}/profile", folder.display()));
        command.arg(format!("--accept=pipe,name={pipe};urp"));
        let office = Process::client(command, stage.client_file("soffice.said"))?;
        // Debian's own Python, for which LibreOffice brings its module.
        let mut command = stage.writer.command("/usr/bin/python3");
        command
            .env("HOME", &folder)
            .arg("-u")
            .arg(&script)
            .arg(pipe)
            .arg(export)
            .arg(stage.exchange().join(NAME))
            .arg(&copies);
        command.stdin(Stdio::piped());
        let person = Process::start(command, stage.client_file("calc.said"))?;
        Ok(LibreOffice { _office: office, person, copies, commands: 0 })
    }

    fn does(&mut self, what: &str) -> anyhow::Result<()> {
        writeln!(self.person.input()?, "{what}")?;
        self.commands += 1;
        let said = |person: &Process| person.said().lines().filter(|line| *line == "done").count();
        until("LibreOffice to be done", DEADLINE, || {
            ensure!(!self.person.has_ended()?, "LibreOffice failed: {}", self.person.said());
            Ok(said(&self.person) >= self.commands)
        })
        .with_context(|| format!("{what}: {}", self.person.said()))
    }

    /// Edits and saves; gives what the file then holds.
    fn saves(&mut self, stage: &mut Stage, day: usize) -> anyhow::Result<Delivery> {
        self.does(&format!("save {day}"))?;
        let bytes = std::fs::read(self.copies.join(format!("{day}.txt")))?;
        let delivery = Delivery::of_bytes(bytes, stage.sent.trailer);
        stage.sent.begun(&delivery);
        stage.sent.arrived(&delivery);
        Ok(delivery)
    }
}

/// Goes through what a person does: saves again and again and closes; keeps the document open after saving; saves a
/// document whose file was taken meanwhile.
pub(super) fn story(stage: &mut Stage) -> anyhow::Result<()> {
    let mut office = LibreOffice::start(stage)?;
    office.does("open")?;
    for day in 1..=3 {
        let delivery = office.saves(stage, day)?;
        stage.sent.written_over(&delivery);
    }
    let last = office.saves(stage, 4)?;
    office.does("close")?;
    stage.applied(&last)?;

    office.does("open")?;
    let taken = stage.taken()?;
    let mut last = office.saves(stage, 5)?;
    if stage.rights.see_writers() {
        // Calc keeps the file open for as long as the document is open.
        nothing_is_taken(stage, taken, 2 * SETTLE)?;
    } else {
        stage.applied(&last)?;
        last = office.saves(stage, 6)?;
    }
    office.does("close")?;
    stage.applied(&last)?;
    office.does("quit")
}
