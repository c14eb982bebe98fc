//! ProFTPD with curl.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use super::process::{Process, free_port};
use super::stage::Stage;
use super::writer::{How, SLOW, Writer};

/// The password `erp`, as the server keeps it.
const PASSWORD: &str =
    "$6$exchange$Qpl8.K4cmhrqLk8VcfvAkp9iRpjdhcbWDPHz2TJeLfR2.A1gh0Va8j/5jYBOop5qMZ9SiLB.aHDearJcN706g0";

/// An FTP server whose one user lands in the exchange folder.
pub(super) struct Ftp {
    url: String,
    hidden: bool,
    server: Process,
}

impl Ftp {
    /// Starts a server that writes as the writer's account; `hidden`, under another name until the file is whole.
    pub(super) fn start(stage: &Stage, hidden: bool) -> anyhow::Result<Ftp> {
        let folder = stage.server_folder();
        let port = free_port()?;
        let (uid, gid) = (stage.writer.uid(), stage.writer.gid());
        let users = folder.join("users");
        std::fs::write(
            &users,
            format!("erp:{PASSWORD}:{uid}:{gid}::{}:/bin/sh\n", stage.exchange().display()),
        )?;
        std::fs::set_permissions(&users, std::fs::Permissions::from_mode(0o600))?;
        let configuration = folder.join("proftpd.conf");
        std::fs::write(
            &configuration,
            format!(
                "ServerType standalone\nDefaultAddress 127.0.0.1\nPort {port}\nSocketBindTight on\n\
                 User {}\nGroup {}\nUmask 007\nAuthOrder mod_auth_file.c\nAuthUserFile {}\n\
                 RequireValidShell off\nUseReverseDNS off\nPidFile {}\nScoreboardFile none\nSystemLog {}\n\
                 TransferLog none\nWtmpLog off\nControlsEngine off\nAllowOverwrite on\nAllowStoreRestart on\n\
                 HiddenStores {}\n",
                stage.writer.name,
                stage.writer.group,
                users.display(),
                folder.join("pid").display(),
                folder.join("log").display(),
                if hidden { "on" } else { "off" },
            ),
        )?;
        stage.writer.own(&folder)?;
        let mut command = stage.writer.command("proftpd");
        command.args(["--nodaemon", "--config"]).arg(&configuration);
        let server = Process::server(command, port, stage.client_file("proftpd.said"))?;
        Ok(Ftp { url: format!("ftp://erp:erp@127.0.0.1:{port}/"), hidden, server })
    }

    fn client(&self, name: &str) -> Command {
        let mut command = Command::new("curl");
        command.args(["--silent", "--show-error"]).arg(format!("{}{name}", self.url));
        command
    }
}

impl Writer for Ftp {
    fn send(&self, file: &Path, name: &str, how: How) -> Command {
        let mut command = self.client(name);
        command.arg("--upload-file").arg(file);
        match how {
            How::AtOnce => {}
            How::Slowly => _ = command.args(["--limit-rate", &SLOW.to_string()]),
            How::Resumed => _ = command.args(["--continue-at", "-"]),
        }
        command
    }

    fn rename(&self, from: &str, to: &str) -> Option<Command> {
        let mut command = self.client("");
        command.args(["--head", "--quote", &format!("RNFR {from}"), "--quote", &format!("RNTO {to}")]);
        Some(command)
    }

    fn server(&self) -> Option<&Process> {
        Some(&self.server)
    }

    fn hides(&self) -> bool {
        self.hidden
    }

    /// In FTP the end of the connection is the end of the file: ProFTPD renames what a dead client sent as if it were
    /// whole.
    fn shows_what_a_dead_client_sent(&self) -> bool {
        true
    }

    fn send_from(&self, file: &Path, name: &str, offset: usize) -> Option<Command> {
        // A hidden file cannot be appended to.
        if self.hidden {
            return None;
        }
        let mut command = self.client(name);
        command.arg("--upload-file").arg(file).args(["--continue-at", &offset.to_string()]);
        Some(command)
    }
}
