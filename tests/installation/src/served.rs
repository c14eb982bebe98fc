//! A running `serve`.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use anyhow::{Context, bail};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use crate::wait::{DEADLINE, until};

/// A running `serve`; killed when it is dropped.
#[derive(Debug)]
pub struct Served {
    child: Child,
    /// Whether `child` is a wrapper, which has a process group of its own with the program in it.
    group: bool,
    url: String,
    lines: Receiver<String>,
}

impl Served {
    /// Starts it. With `group`, it and what it starts get a process group, and signals go to all of them.
    pub(crate) fn spawn(mut command: Command, group: bool) -> anyhow::Result<Served> {
        if group {
            command.process_group(0);
        }
        let mut child = command.stdout(Stdio::piped()).spawn().context("serve cannot be started")?;
        let reader = BufReader::new(child.stdout.take().context("serve has no standard output")?);
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in reader.lines().map_while(Result::ok) {
                // Nobody may be waiting for it; it is read all the same, so that `serve` never waits for a reader.
                let _ = sender.send(line);
            }
        });
        Ok(Served { child, group, url: String::new(), lines })
    }

    /// Starts a command that runs `serve`, however, and waits until it prints its address.
    ///
    /// # Errors
    /// When it ends, or says nothing for [`DEADLINE`].
    pub fn start(mut command: Command) -> anyhow::Result<Served> {
        command.stderr(Stdio::null());
        let mut served = Served::spawn(command, false)?;
        served.address()?;
        Ok(served)
    }

    /// The address of the pages; waits until it is printed.
    ///
    /// # Errors
    /// When it ends, or says nothing for [`DEADLINE`].
    pub fn address(&mut self) -> anyhow::Result<&str> {
        if self.url.is_empty() {
            self.url = self.printed("http://")?;
        }
        Ok(&self.url)
    }

    /// Waits for a line with a word that holds `part`; gives the word.
    ///
    /// # Errors
    /// When it ends, or says nothing for [`DEADLINE`].
    pub fn printed(&self, part: &str) -> anyhow::Result<String> {
        loop {
            let line =
                self.lines.recv_timeout(DEADLINE).with_context(|| format!("serve never printed {part}"))?;
            if let Some(word) = line.split_whitespace().find(|word| word.contains(part)) {
                return Ok(word.to_owned());
            }
        }
    }

    /// The status of the answer to `GET path`; nobody is signed in.
    ///
    /// # Errors
    /// When there is no answer.
    pub fn get(&mut self, path: &str) -> anyhow::Result<u16> {
        let url = self.address()?;
        let host = url.strip_prefix("http://").with_context(|| format!("{url} is no address"))?;
        let mut connection = TcpStream::connect(host)?;
        connection.set_read_timeout(Some(DEADLINE))?;
        write!(connection, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        connection.read_to_string(&mut answer)?;
        let status = answer.split(' ').nth(1).with_context(|| format!("no answer but {answer:?}"))?;
        Ok(status.parse()?)
    }

    /// Waits until it says that it is ready.
    ///
    /// # Errors
    /// When it ends, or is not ready within [`DEADLINE`].
    pub fn ready(&mut self) -> anyhow::Result<()> {
        until("serve to be ready", DEADLINE, || {
            if let Some(status) = self.ended()? {
                bail!("serve ended: {status}");
            }
            Ok(self.get("/health/ready")? == 200)
        })
    }

    /// The id of the process that was started: the program, or its wrapper.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// How it ended, if it has.
    ///
    /// # Errors
    /// When that cannot be asked.
    pub fn ended(&mut self) -> anyhow::Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Waits until it has ended by itself.
    ///
    /// # Errors
    /// When it runs on for longer than `limit`.
    pub fn wait(&mut self, limit: Duration) -> anyhow::Result<ExitStatus> {
        let mut status = None;
        until("serve to end", limit, || {
            status = self.ended()?;
            Ok(status.is_some())
        })?;
        status.context("serve has not ended")
    }

    /// `kill -9`.
    ///
    /// # Errors
    /// When it cannot be waited for.
    pub fn kill(mut self) -> anyhow::Result<()> {
        self.end_now()
    }

    /// Asks it to terminate and waits; gives the exit code, or `None` when a signal ended it.
    ///
    /// # Errors
    /// When it runs on for [`DEADLINE`].
    pub fn terminate(mut self) -> anyhow::Result<Option<i32>> {
        self.signal(Signal::TERM);
        Ok(self.wait(DEADLINE)?.code())
    }

    fn end_now(&mut self) -> anyhow::Result<()> {
        self.signal(Signal::KILL);
        self.child.wait()?;
        Ok(())
    }

    /// One that has ended hears nothing more: its id may be another process's by now.
    fn signal(&mut self, signal: Signal) {
        if !matches!(self.child.try_wait(), Ok(None)) {
            return;
        }
        let Some(id) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) else { return };
        let _ = if self.group { kill_process_group(id, signal) } else { kill_process(id, signal) };
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.end_now();
    }
}
