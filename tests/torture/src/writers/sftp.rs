//! OpenSSH's SFTP server with its client.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::ensure;

use super::process::{Process, free_port};
use super::stage::Stage;
use super::writer::{How, SLOW, Writer};

/// sshd that offers nothing but files, with keys of its own.
pub(super) struct Sftp {
    configuration: PathBuf,
    batch: PathBuf,
    exchange: PathBuf,
    server: Process,
}

impl Sftp {
    /// Starts a server that lets the writer's account in.
    pub(super) fn start(stage: &Stage) -> anyhow::Result<Sftp> {
        let folder = stage.server_folder();
        let port = free_port()?;
        let (host_key, client_key) = (folder.join("host-key"), stage.client_file("key"));
        for key in [&host_key, &client_key] {
            let mut command = Command::new("ssh-keygen");
            let made = command.args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(key).status()?;
            ensure!(made.success(), "no key could be made");
        }
        std::fs::copy(client_key.with_extension("pub"), folder.join("authorized-keys"))?;
        let configuration = folder.join("sshd_config");
        std::fs::write(
            &configuration,
            format!(
                "ListenAddress 127.0.0.1\nPort {port}\nHostKey {}\nAuthorizedKeysFile {}\nPidFile none\nStrictModes no\n\
                 UsePAM no\nPasswordAuthentication no\nSubsystem sftp internal-sftp\nForceCommand internal-sftp -u 0007\n",
                host_key.display(),
                folder.join("authorized-keys").display(),
            ),
        )?;
        stage.writer.own(&folder)?;
        // sshd wants its whole path, to start itself again for each session.
        let mut command = stage.writer.command("/usr/sbin/sshd");
        command.args(["-D", "-e", "-f"]).arg(&configuration);
        let server = Process::server(command, port, stage.client_file("sshd.said"))?;
        let configuration = stage.client_file("ssh_config");
        std::fs::write(
            &configuration,
            format!(
                "Host *\nUser {}\nPort {port}\nIdentityFile {}\nIdentitiesOnly yes\nStrictHostKeyChecking no\n\
                 UserKnownHostsFile /dev/null\nLogLevel ERROR\n",
                stage.writer.name,
                client_key.display(),
            ),
        )?;
        let (batch, exchange) = (stage.client_file("batch"), stage.exchange().to_owned());
        Ok(Sftp { configuration, batch, exchange, server })
    }

    fn client(&self, limit: Option<usize>, what: &str) -> Command {
        let batch = format!("cd \"{}\"\n{what}\n", self.exchange.display());
        let mut command = Command::new("sftp");
        command.arg("-F").arg(&self.configuration).arg("-b");
        // A client that finds no batch says so and fails.
        let _ = std::fs::write(&self.batch, batch);
        command.arg(&self.batch);
        if let Some(bytes) = limit {
            command.args(["-l", &(bytes * 8 / 1000).to_string()]);
        }
        command.arg("127.0.0.1");
        command
    }
}

impl Writer for Sftp {
    fn send(&self, file: &Path, name: &str, how: How) -> Command {
        let verb = if how == How::Resumed { "reput" } else { "put" };
        let limit = (how == How::Slowly).then_some(SLOW);
        self.client(limit, &format!("{verb} \"{}\" \"{name}\"", file.display()))
    }

    fn rename(&self, from: &str, to: &str) -> Option<Command> {
        Some(self.client(None, &format!("rename \"{from}\" \"{to}\"")))
    }

    fn server(&self) -> Option<&Process> {
        Some(&self.server)
    }

    fn hides(&self) -> bool {
        false
    }
}
