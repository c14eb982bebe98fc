//! `torture writers`: real servers and programs deliver into the exchange folder, at once, slowly, cut and resumed.

mod account;
mod delivery;
mod ftp;
mod judge;
mod libreoffice;
mod line;
mod process;
mod rsync;
mod samba;
mod sftp;
mod stage;
mod story;
mod writer;

use std::collections::BTreeSet;
use std::sync::Mutex;

use anyhow::{anyhow, bail};
use clap::Args;

use self::account::may_grant_lease;
use self::ftp::Ftp;
use self::judge::Count;
use self::rsync::Rsync;
use self::samba::Samba;
use self::sftp::Sftp;
use self::stage::{Rights, Stage};
use crate::check::{Finding, Kind};
use crate::figures::{Broken, Figures};
use crate::{Common, jobs};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Which writers: samba, sftp, ftp, rsync, libreoffice; all of them when none is named
    names: Vec<String>,
}

/// Starts a writer on a stage, and takes its deliveries through their stories.
type Play = fn(&mut Stage) -> anyhow::Result<()>;

/// Every writer, with the Debian packages that bring it.
const WRITERS: &[(&str, &[&str], Play)] = &[
    ("samba", &["samba", "smbclient"], |stage| story::all(stage, &Samba::start(stage)?)),
    ("sftp", &["openssh-server", "openssh-client"], |stage| story::all(stage, &Sftp::start(stage)?)),
    ("ftp", &["proftpd-core", "curl"], |stage| story::all(stage, &Ftp::start(stage, false)?)),
    ("ftp HiddenStores", &["proftpd-core", "curl"], |stage| story::all(stage, &Ftp::start(stage, true)?)),
    ("rsync", &["rsync"], |stage| story::all(stage, &Rsync::start(stage, false, false)?)),
    ("rsync --inplace", &["rsync"], |stage| story::all(stage, &Rsync::start(stage, true, false)?)),
    ("rsync daemon", &["rsync"], |stage| story::all(stage, &Rsync::start(stage, false, true)?)),
    ("rsync daemon --inplace", &["rsync"], |stage| story::all(stage, &Rsync::start(stage, true, true)?)),
    ("libreoffice", &["libreoffice-calc", "python3-uno"], libreoffice::story),
];

/// One writer with files of certain owners.
struct Case {
    name: String,
    rights: Rights,
    play: Play,
}

/// Runs it.
///
/// # Errors
/// When a writer is not installed, or not known.
pub(crate) fn run(common: &Common, options: &Options) -> anyhow::Result<Figures> {
    let mut figures = Figures::new("writers", common.seed());
    let cases = cases(options, &mut figures)?;
    let outcomes = Mutex::new(Vec::new());
    // Twice as many as elsewhere: they mostly wait.
    jobs::run(2 * common.jobs(), &cases, |_, case| {
        let outcome = play(common, case);
        outcomes.lock().map_err(|_| anyhow!("a thread ended early"))?.push((case.name.clone(), outcome));
        Ok(())
    })?;
    let mut outcomes = outcomes.into_inner()?;
    outcomes.sort_by(|(a, _), (b, _)| a.cmp(b));
    let mut all = Count::default();
    for (name, (count, broken)) in outcomes {
        figures.add(&name, count.to_string());
        all += count;
        broken.into_iter().for_each(|broken| figures.broken(broken));
    }
    figures.add("all", all.to_string());
    Ok(figures)
}

fn cases(options: &Options, figures: &mut Figures) -> anyhow::Result<Vec<Case>> {
    let is = |writer: &str, name: &String| writer.split(' ').next() == Some(name.as_str());
    if let Some(unknown) =
        options.names.iter().find(|name| !WRITERS.iter().any(|(writer, ..)| is(writer, name)))
    {
        bail!("no writer is called {unknown}");
    }
    let mut cases = Vec::new();
    let mut versions = Vec::new();
    let rights = rights(figures);
    for (writer, packages, play) in WRITERS {
        if !options.names.is_empty() && !options.names.iter().any(|name| is(writer, name)) {
            continue;
        }
        for package in *packages {
            versions.push(process::version(package)?);
        }
        cases.extend(rights.iter().map(|rights| Case {
            name: format!("{writer}, {}", rights.name()),
            rights: *rights,
            play: *play,
        }));
    }
    let mut named = BTreeSet::new();
    versions.retain(|version| named.insert(version.clone()));
    figures.add("versions", versions.join(", "));
    Ok(cases)
}

/// Whose files can be delivered on this machine.
fn rights(figures: &mut Figures) -> Vec<Rights> {
    if !rustix::process::geteuid().is_root() {
        figures.add("not tried", "files of other users, and sessions that die, for want of root");
        return vec![Rights::OwnFiles];
    }
    if !may_grant_lease() {
        figures.add("not tried", "CAP_LEASE, which this machine does not grant");
        return vec![Rights::OwnFiles, Rights::FilesOfOthers];
    }
    vec![Rights::OwnFiles, Rights::FilesOfOthers, Rights::WithLease]
}

/// Plays one case; gives what came of it, and what was wrong.
fn play(common: &Common, case: &Case) -> (Count, Option<Broken>) {
    let mut findings = Vec::new();
    let mut wrong = |error: anyhow::Error| {
        findings.push(Finding { kind: Kind::Wrong, sentence: format!("{error:#}") });
    };
    let mut stage = match Stage::new(&common.program, case.rights) {
        Ok(stage) => stage,
        Err(error) => {
            wrong(error);
            return (Count::default(), Some(Broken { at: case.name.clone(), findings, kept: None }));
        }
    };
    if let Err(error) = (case.play)(&mut stage) {
        wrong(error);
    }
    let count = match stage.judge() {
        Ok((count, found)) => {
            findings.extend(found);
            count
        }
        Err(error) => {
            wrong(error);
            Count::default()
        }
    };
    if findings.is_empty() {
        return (count, None);
    }
    (count, Some(Broken { at: case.name.clone(), findings, kept: Some(stage.keep()) }))
}
