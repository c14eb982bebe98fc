//! Looking at the system calls of one thread of the program, and making one of them fail, with strace.
//!
//! One thread only, since strace counts the calls of each thread for itself: "the third rename" is then one call and no
//! other.

mod lost;
mod trace;

use std::ffi::OsString;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, bail};
use installation::{DEADLINE, until};
use rustix::process::{Pid, Signal, kill_process};

pub(crate) use lost::trusted_after_a_failed_fsync;
pub(crate) use trace::{Call, Trace};

/// The calls that can change files. Those that a machine does not have are left out by the question mark.
const CALLS: &str = "?open,openat,?openat2,?creat,write,pwrite64,writev,?pwritev,?pwritev2,fsync,fdatasync,\
    ?sync_file_range,ftruncate,?truncate,?fallocate,?rename,?renameat,renameat2,?link,linkat,?symlink,symlinkat,?unlink,\
    unlinkat,?rmdir,?mkdir,mkdirat,?chmod,fchmod,fchmodat,?chown,fchown,?lchown,fchownat,copy_file_range,sendfile,splice,\
    utimensat";

/// What happens to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It fails as on a failing disk.
    Io,
    /// It fails as on a full disk.
    NoSpace,
    /// The program is killed at it.
    Kill,
}

impl Fault {
    pub(crate) const ALL: [Fault; 3] = [Fault::Io, Fault::NoSpace, Fault::Kill];

    /// In strace's words.
    fn injected(self) -> &'static str {
        match self {
            Fault::Io => "error=EIO",
            Fault::NoSpace => "error=ENOSPC",
            Fault::Kill => "signal=KILL",
        }
    }

    /// For people.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Fault::Io => "EIO",
            Fault::NoSpace => "ENOSPC",
            Fault::Kill => "SIGKILL",
        }
    }
}

/// One call of a thread.
#[derive(Clone, Debug)]
pub(crate) struct Aim {
    /// The system call's name.
    pub(crate) call: String,
    /// Only calls that are given this file, by an open file or by this very path, are traced and counted.
    pub(crate) path: Option<PathBuf>,
    /// Which of the calls, from 1.
    pub(crate) when: usize,
    /// What happens to it.
    pub(crate) fault: Fault,
}

/// The words of a command line that trace what follows, or a process that is named, into a file.
fn words(into: &Path, aim: Option<&Aim>) -> Vec<OsString> {
    let mut words: Vec<OsString> = ["strace", "-y", "-s", "0", "-e"].map(OsString::from).to_vec();
    words.push(format!("trace={CALLS}").into());
    if let Some(aim) = aim {
        words.push("-e".into());
        words.push(format!("inject={}:{}:when={}", aim.call, aim.fault.injected(), aim.when).into());
        if let Some(path) = &aim.path {
            words.extend(["-P".into(), path.into()]);
        }
    }
    words.extend(["-o".into(), into.into()]);
    words
}

/// Before a command: traces its first thread from its start. The command stays the child of whoever starts it, and
/// strace keeps out of its process group.
pub(crate) fn wrapper(into: &Path, aim: Option<&Aim>) -> Vec<OsString> {
    let mut words = words(into, aim);
    words.push("-DD".into());
    words
}

/// Waits until the trace of a command that has ended is complete.
///
/// # Errors
/// When strace does not come to an end.
pub(crate) fn complete(trace: &Path) -> anyhow::Result<()> {
    until("strace to end", DEADLINE, || {
        let text = fs::read_to_string(trace).unwrap_or_default();
        Ok(text.lines().next_back().is_some_and(|line| line.starts_with("+++ ")))
    })
}

/// strace at work on a thread of a running program.
#[derive(Debug)]
pub(crate) struct Attached {
    child: Child,
}

impl Attached {
    /// Attaches to the thread of this name, or to the first one of the process.
    ///
    /// # Errors
    /// When there is no such thread, or it may not be traced.
    pub(crate) fn to(
        process: u32,
        thread: Option<&str>,
        into: &Path,
        aim: Option<&Aim>,
    ) -> anyhow::Result<Attached> {
        let mut id = Some(process.to_string());
        if let Some(thread) = thread {
            until(&format!("a thread {thread}"), DEADLINE, || {
                id = find(process, thread)?;
                Ok(id.is_some())
            })?;
        }
        let words = words(into, aim);
        let (program, arguments) = words.split_first().context("strace has a name")?;
        let mut command = Command::new(program);
        command.args(arguments).arg("-p").arg(id.unwrap_or_default());
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        let mut said = BufReader::new(child.stderr.take().context("strace has no standard error")?);
        let mut line = String::new();
        while !line.contains(" attached") {
            line.clear();
            if said.read_line(&mut line)? == 0 {
                bail!("strace did not attach to {thread:?}: {:?}", child.wait()?);
            }
        }
        Ok(Attached { child })
    }

    /// Lets go of the thread, unless it has ended, and waits until the trace is complete.
    ///
    /// # Errors
    /// When strace cannot be waited for.
    pub(crate) fn detach(mut self) -> anyhow::Result<()> {
        self.end()
    }

    fn end(&mut self) -> anyhow::Result<()> {
        if self.child.try_wait()?.is_none()
            && let Some(id) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw)
        {
            // Not SIGKILL: what strace is attached to would stand still.
            let _ = kill_process(id, Signal::TERM);
            self.child.wait()?;
        }
        Ok(())
    }
}

impl Drop for Attached {
    fn drop(&mut self) {
        let _ = self.end();
    }
}

/// The id of a thread by its name, which the kernel cuts at 15 characters.
fn find(process: u32, name: &str) -> anyhow::Result<Option<String>> {
    let tasks = format!("/proc/{process}/task");
    for task in fs::read_dir(&tasks).with_context(|| format!("{tasks} cannot be read"))? {
        let task = task?;
        let found = fs::read_to_string(task.path().join("comm")).unwrap_or_default();
        if found.trim_end() == &name[..name.len().min(15)] {
            return Ok(Some(task.file_name().to_string_lossy().into_owned()));
        }
    }
    Ok(None)
}
