//! Samba's file server with smbclient.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::line::Line;
use super::process::{Process, free_port};
use super::stage::Stage;
use super::writer::{How, SLOW, Writer};

/// smbd, and a line to it that can be slow: smbclient itself has no such option.
pub(super) struct Samba {
    configuration: PathBuf,
    port: u16,
    line: Line,
    server: Process,
}

impl Samba {
    /// Starts a server whose share is the exchange folder of the stage. Everybody is the writer's account.
    pub(super) fn start(stage: &Stage) -> anyhow::Result<Samba> {
        let folder = stage.server_folder();
        let port = free_port()?;
        let mut global = String::from("[global]\n");
        for kind in [
            "private dir",
            "lock directory",
            "state directory",
            "cache directory",
            "pid directory",
            "ncalrpc dir",
        ] {
            let path = folder.join(kind.replace(' ', "-"));
            std::fs::create_dir(&path)?;
            global += &format!("{kind} = {}\n", path.display());
        }
        // Small blocks, so that a slow upload can be seen growing as a much larger one would.
        global += &format!(
            "server role = standalone server\nsecurity = user\nmap to guest = bad user\nguest account = {}\n\
             log file = {}\nsmb ports = {port}\ninterfaces = 127.0.0.1/8\nbind interfaces only = yes\n\
             disable netbios = yes\ndisable spoolss = yes\nload printers = no\nprinting = bsd\n\
             smb2 max write = 65536\n",
            stage.writer.name,
            folder.join("smbd.log").display(),
        );
        let share = format!(
            "[exchange]\npath = {}\nread only = no\nguest ok = yes\ncreate mask = 0660\nkernel oplocks = yes\n",
            stage.exchange().display(),
        );
        let configuration = folder.join("smb.conf");
        std::fs::write(&configuration, global + &share)?;
        stage.writer.own(&folder)?;
        let mut command = stage.writer.command("smbd");
        command.args(["--foreground", "--no-process-group", "--debug-stdout", "-s"]).arg(&configuration);
        let server = Process::server(command, port, stage.client_file("smbd.said"))?;
        Ok(Samba { configuration, port, line: Line::to(port)?, server })
    }

    fn client(&self, port: u16, what: &str) -> Command {
        let mut command = Command::new("smbclient");
        command
            .arg("//127.0.0.1/exchange")
            .args(["-N", "-p", &port.to_string(), "-s"])
            .arg(&self.configuration);
        command.args(["-c", what]);
        command
    }
}

impl Writer for Samba {
    fn send(&self, file: &Path, name: &str, how: How) -> Command {
        let verb = if how == How::Resumed { "reput" } else { "put" };
        self.line.set_rate((how == How::Slowly).then_some(SLOW));
        let port = if how == How::Slowly { self.line.port } else { self.port };
        self.client(port, &format!("{verb} \"{}\" \"{name}\"", file.display()))
    }

    fn rename(&self, from: &str, to: &str) -> Option<Command> {
        Some(self.client(self.port, &format!("rename \"{from}\" \"{to}\"")))
    }

    fn server(&self) -> Option<&Process> {
        Some(&self.server)
    }

    /// By the line: what a client has sent already is on its way when it stops.
    fn stand_still(&self, _upload: &Process, still: bool) -> anyhow::Result<()> {
        self.line.stand_still(still);
        Ok(())
    }

    /// smbclient's `reput` writes the rest over the beginning, and says that all is well (Samba 4.17).
    fn resumes(&self) -> bool {
        false
    }

    fn hides(&self) -> bool {
        false
    }
}
