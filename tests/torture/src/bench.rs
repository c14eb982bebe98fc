//! The bench on which an installation is put for a torture: a folder of its own, with disks of its own where that is
//! wanted; kept when something is wrong.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::Context;
use installation::{Disk, Folders, Installation, names};

use crate::Common;
use crate::check::{Finding, Kind, Moment, Sent, check, difference};
use crate::erp::Export;
use crate::evidence::{Evidence, unfinished};
use crate::figures::{Broken, LOG};

/// How often to look whether all is quiet.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// An installation on the bench; it goes when this is dropped, unless it was kept.
#[derive(Debug)]
pub(crate) struct Bench {
    pub(crate) installation: Installation,
    folder: PathBuf,
    disks: Vec<Disk>,
    kept: bool,
}

impl Bench {
    /// An installation in a folder of its own below the working folder, that waits for these files. `disks` are tmpfs
    /// options for those of its folders (`data`, `exchange`, `archive`, `refused`) that get a disk of their own, which
    /// only root can mount.
    ///
    /// # Errors
    /// When the folders or disks cannot be made, or the program does not take the settings.
    pub(crate) fn new(
        common: &Common,
        name: &str,
        exports: &[Export],
        settle: Duration,
        disks: &[(&str, &str)],
    ) -> anyhow::Result<Bench> {
        let folder = common.folder.join(name);
        remove(&folder)?;
        std::fs::create_dir_all(&folder)?;
        let folders = Folders::beside(&folder);
        let disks = disks
            .iter()
            .map(|(below, options)| Disk::under(folder.join(below), options))
            .collect::<anyhow::Result<_>>()?;
        folders.create()?;
        let mut installation = Installation::new(&common.program, folders);
        installation.log = Some(folder.join(LOG));
        let exports: String = exports.iter().map(|export| export.settings()).collect();
        let settings = format!(
            "[erp-system]\nsettle = \"{}ms\"\n{}\n{exports}",
            settle.as_millis(),
            installation.folders.settings()
        );
        installation.apply(&settings)?;
        Ok(Bench { installation, folder, disks, kept: false })
    }

    /// Waits until everything that was sent has been dealt with: nothing lies in exchange folder and spool, and every
    /// import has come to the end of its way. Gives up after `limit`; what waits then is for [`Bench::check`] to
    /// find.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub(crate) fn quiet(&self, limit: Duration) -> anyhow::Result<()> {
        self.quiet_while(limit, || Ok(()))
    }

    /// The same while somebody does something now and then.
    ///
    /// # Errors
    /// When the ledger cannot be read, or that cannot be done.
    pub(crate) fn quiet_while(
        &self,
        limit: Duration,
        mut does: impl FnMut() -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let started = Instant::now();
        while !self.all_put_away()? && started.elapsed() < limit {
            does()?;
            std::thread::park_timeout(LOOK_EVERY);
        }
        Ok(())
    }

    /// Whether everything that was sent has come to the end of its way, as the running program sees it. Not from a copy of
    /// the database: that would hold what the program wrote and does not believe after a failed fsync.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(crate) fn all_put_away(&self) -> anyhow::Result<bool> {
        let folders = &self.installation.folders;
        let empty = names(&folders.exchange).is_empty() && names(&folders.spool()).is_empty();
        Ok(empty && unfinished(folders)? == 0)
    }

    /// The disk of its own that one of the folders has.
    ///
    /// # Errors
    /// When it has none.
    pub(crate) fn disk(&self, below: &str) -> anyhow::Result<&Disk> {
        self.disks
            .iter()
            .find(|disk| disk.path().ends_with(below))
            .context("the folder has no disk of its own")
    }

    /// Checks everything that must hold at `moment`: by the disks and, when all is quiet, by what the program says.
    ///
    /// # Errors
    /// When that cannot be looked at.
    pub(crate) fn check(&self, sent: &[Sent], moment: Moment) -> anyhow::Result<Vec<Finding>> {
        let exports: Vec<Export> = sent.iter().map(|sent| sent.erp.export).collect();
        let folders = &self.installation.folders;
        if moment == Moment::Any {
            return Ok(check(&Evidence::take(folders, &exports)?, sent, moment));
        }
        let evidence = Evidence::look(folders, &exports)?;
        let mut findings = check(&evidence, sent, moment);
        for export in exports {
            let Some(stored) = evidence.register(export) else { continue };
            let told = crate::evidence::told(&self.installation, export)?;
            if let Some(difference) = difference(&told, &stored.records) {
                let sentence = format!("the program tells {} otherwise: {difference}", export.register());
                findings.push(Finding { kind: Kind::Wrong, sentence });
            }
        }
        Ok(findings)
    }

    /// Keeps everything as it is now, to be looked at, with what was found.
    pub(crate) fn keep(&mut self, at: String, findings: Vec<Finding>) -> Broken {
        // What lies on disks of its own goes with them.
        for disk in &self.disks {
            let mut copy = disk.path().as_os_str().to_owned();
            copy.push(".kept");
            let _ = Command::new("cp").arg("-a").arg(disk.path()).arg(copy).status();
        }
        self.kept = true;
        Broken { at, findings, kept: Some(self.folder.clone()) }
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.disks.clear();
        if !self.kept {
            let _ = remove(&self.folder);
        }
    }
}

fn remove(folder: &Path) -> anyhow::Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("{} cannot be removed", folder.display()))
        }
        _ => Ok(()),
    }
}
