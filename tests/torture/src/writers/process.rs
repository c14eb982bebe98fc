//! Servers and their clients, as processes that never outlive this one's interest in them.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use installation::{DEADLINE, until};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};

/// A port of the loopback interface that nobody listens on.
pub(super) fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// A process with all that it starts; ended when it is dropped.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    output: PathBuf,
}

impl Process {
    /// Starts a command in a process group of its own; what it says goes to a file.
    pub(super) fn start(mut command: Command, output: PathBuf) -> anyhow::Result<Process> {
        let file = std::fs::File::create(&output)?;
        command.stdout(file.try_clone()?).stderr(file).process_group(0);
        if command.get_envs().all(|(name, _)| name != "LC_ALL") {
            command.env("LC_ALL", "C.UTF-8");
        }
        let child = command.spawn().with_context(|| format!("{command:?} cannot be started"))?;
        Ok(Process { child, output })
    }

    /// Starts a client with nothing on its standard input.
    pub(super) fn client(mut command: Command, output: PathBuf) -> anyhow::Result<Process> {
        command.stdin(Stdio::null());
        Process::start(command, output)
    }

    /// Starts a server and waits until it takes connections on a port.
    pub(super) fn server(mut command: Command, port: u16, output: PathBuf) -> anyhow::Result<Process> {
        command.stdin(Stdio::null());
        let mut server = Process::start(command, output)?;
        until("the server to listen", DEADLINE, || {
            ensure!(!server.has_ended()?, "the server ended: {}", server.said());
            Ok(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok())
        })?;
        Ok(server)
    }

    /// Its standard input, if it was given one to write to.
    pub(super) fn input(&mut self) -> anyhow::Result<&mut ChildStdin> {
        self.child.stdin.as_mut().context("a process that takes no input")
    }

    /// What it said so far.
    pub(super) fn said(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.output).unwrap_or_default()).into_owned()
    }

    /// Whether it has ended by itself.
    pub(super) fn has_ended(&mut self) -> anyhow::Result<bool> {
        Ok(self.child.try_wait()?.is_some())
    }

    /// Waits for its end; gives whether it said that all went well.
    pub(super) fn ends(&mut self) -> anyhow::Result<bool> {
        let mut status: Option<ExitStatus> = None;
        until("a client to end", DEADLINE, || {
            status = self.child.try_wait()?;
            Ok(status.is_some())
        })?;
        Ok(status.is_some_and(|status| status.success()))
    }

    /// Waits for its end, which must be a good one.
    pub(super) fn succeeds(&mut self) -> anyhow::Result<()> {
        ensure!(self.ends()?, "a client failed: {}", self.said());
        Ok(())
    }

    /// Makes it and all that it started stand still, or go on.
    pub(super) fn stand_still(&self, still: bool) -> anyhow::Result<()> {
        Ok(kill_process_group(self.group()?, if still { Signal::STOP } else { Signal::CONT })?)
    }

    fn group(&self) -> anyhow::Result<Pid> {
        i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).context("a process without an id")
    }

    /// `kill -9` for it and all that it started.
    pub(super) fn kill(&mut self) {
        if let (Ok(None), Ok(group)) = (self.child.try_wait(), self.group()) {
            let _ = kill_process_group(group, Signal::KILL);
            let _ = self.child.wait();
        }
    }

    /// Kills those of its descendants that have a file open, as when a server's session dies.
    pub(super) fn kill_holders(&self, path: &Path) -> anyhow::Result<usize> {
        let holders: Vec<u32> = holders(path)?.into_iter().filter(|id| self.is_ancestor_of(*id)).collect();
        for id in &holders {
            let Some(id) = i32::try_from(*id).ok().and_then(Pid::from_raw) else { continue };
            kill_process(id, Signal::KILL)?;
        }
        Ok(holders.len())
    }

    fn is_ancestor_of(&self, id: u32) -> bool {
        let mut id = id;
        while id > 1 && id != self.child.id() {
            id = parent(id).unwrap_or(0);
        }
        id == self.child.id()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Servers get a moment to end the processes that left the group.
        if let (Ok(None), Ok(group)) = (self.child.try_wait(), self.group()) {
            let _ = kill_process_group(group, Signal::CONT);
            let _ = kill_process_group(group, Signal::TERM);
            let _ = until("a server to end", Duration::from_secs(2), || Ok(self.child.try_wait()?.is_some()));
        }
        self.kill();
    }
}

fn parent(id: u32) -> Option<u32> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix("PPid:"))?.trim().parse().ok()
}

/// The processes that have a file open.
fn holders(path: &Path) -> anyhow::Result<Vec<u32>> {
    let mut ids = Vec::new();
    for entry in std::fs::read_dir("/proc")? {
        let entry = entry?;
        let Some(id) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        // Processes of others may not be looked into, and any may have ended by now.
        let Ok(files) = std::fs::read_dir(entry.path().join("fd")) else { continue };
        if files.flatten().any(|file| std::fs::read_link(file.path()).is_ok_and(|target| target == path)) {
            ids.push(id);
        }
    }
    Ok(ids)
}

/// The version of an installed Debian package.
pub(super) fn version(package: &str) -> anyhow::Result<String> {
    let output = Command::new("dpkg-query").args(["-W", "-f", "${Version}", package]).output()?;
    if !output.status.success() {
        bail!("the Debian package {package} is not installed");
    }
    Ok(format!("{package} {}", String::from_utf8(output.stdout)?))
}
