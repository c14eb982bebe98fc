//! rsync, with a copy beside the file or in place, by itself or through its daemon.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::account::Account;
use super::process::{Process, free_port};
use super::stage::{Rights, Stage};
use super::writer::{How, SLOW, Writer};

/// A way of using rsync.
pub(super) struct Rsync {
    account: Account,
    in_place: bool,
    /// rsync makes a file readable for others when it is whole; until then only its owner may read it.
    own_files: bool,
    exchange: PathBuf,
    daemon: Option<(u16, Process)>,
}

impl Rsync {
    /// rsync that writes into the exchange folder by itself, or through a daemon that is started here.
    pub(super) fn start(stage: &Stage, in_place: bool, daemon: bool) -> anyhow::Result<Rsync> {
        let exchange = stage.exchange().to_owned();
        let daemon = if daemon { Some(serve(stage)?) } else { None };
        let own_files = stage.rights == Rights::OwnFiles;
        Ok(Rsync { account: stage.writer.clone(), in_place, own_files, exchange, daemon })
    }
}

fn serve(stage: &Stage) -> anyhow::Result<(u16, Process)> {
    let folder = stage.server_folder();
    let port = free_port()?;
    let configuration = folder.join("rsyncd.conf");
    std::fs::write(
        &configuration,
        format!(
            "port = {port}\naddress = 127.0.0.1\nuse chroot = no\nlog file = {}\n\
             [exchange]\npath = {}\nread only = no\n",
            folder.join("log").display(),
            stage.exchange().display(),
        ),
    )?;
    stage.writer.own(&folder)?;
    let mut command = stage.writer.command("rsync");
    command.args(["--daemon", "--no-detach"]).arg(format!("--config={}", configuration.display()));
    Ok((port, Process::server(command, port, stage.client_file("rsyncd.said"))?))
}

impl Writer for Rsync {
    fn send(&self, file: &Path, name: &str, how: How) -> Command {
        let mut command = self.account.command("rsync");
        // Without the second, it takes a file of the same size and the same second for the one that is there already.
        command.args(["--times", "--ignore-times"]);
        // In place, a file that was cut stays private to its owner; without these it would stay so when it is whole.
        command.args(["--perms", "--chmod=F660"]);
        if self.in_place {
            command.arg("--inplace");
        }
        if how == How::Slowly {
            command.arg(format!("--bwlimit={}", SLOW / 1024));
        }
        command.arg(file);
        command.arg(match &self.daemon {
            Some((port, _)) => format!("rsync://127.0.0.1:{port}/exchange/{name}"),
            None => self.exchange.join(name).display().to_string(),
        });
        command
    }

    fn rename(&self, _from: &str, _to: &str) -> Option<Command> {
        None
    }

    fn server(&self) -> Option<&Process> {
        self.daemon.as_ref().map(|(_, server)| server)
    }

    fn hides(&self) -> bool {
        !(self.in_place && self.own_files)
    }
}
