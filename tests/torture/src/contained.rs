//! All that a run starts and mounts lives in namespaces of its own, which end with the run, however that ends: after
//! `kill -9`, too, no `serve`, no small disk and no mounted share is left.

use std::ffi::OsString;
use std::process::{Command, ExitCode, Stdio};

use anyhow::Context;

/// Says to the run inside that it is there.
const INSIDE: &str = "TORTURE_CONTAINED";

/// Runs this program once more, with the same arguments and contained, to its end; gives its exit code. `None` when this
/// is that run, or the machine gives no namespaces, as containers may not; then what a killed run leaves stays.
///
/// # Errors
/// When it cannot be started.
pub(crate) fn run() -> anyhow::Result<Option<ExitCode>> {
    if std::env::var_os(INSIDE).is_some() {
        return Ok(None);
    }
    let Some(words) = words() else {
        eprintln!("no namespaces here: should this run be killed, look for what it leaves");
        return Ok(None);
    };
    let program = std::env::current_exe()?;
    let status = Command::new(&words[0])
        .args(&words[1..])
        .arg(program)
        .args(std::env::args_os().skip(1))
        .env(INSIDE, "yes")
        .status()
        .with_context(|| format!("{words:?} cannot be started"))?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(Some(code.map_or(ExitCode::FAILURE, ExitCode::from)))
}

/// The command that contains another one: it and all below it are killed when its parent ends.
fn words() -> Option<Vec<OsString>> {
    let contained = [
        "setpriv",
        "--pdeathsig",
        "KILL",
        "unshare",
        "--mount",
        "--pid",
        "--fork",
        "--kill-child",
        "--mount-proc",
    ];
    let mut words: Vec<OsString> = contained.map(OsString::from).to_vec();
    if !rustix::process::geteuid().is_root() {
        words.extend(["--user", "--map-current-user"].map(OsString::from));
    }
    let mut probe = Command::new(&words[0]);
    probe.args(&words[1..]).arg("true").stdin(Stdio::null()).stderr(Stdio::null());
    probe.status().is_ok_and(|status| status.success()).then_some(words)
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};

    use installation::{DEADLINE, until};

    use super::*;

    #[test]
    fn nothing_is_left_of_a_killed_run() {
        let Some(words) = words() else {
            eprintln!("no namespaces here");
            return;
        };
        // A number of seconds that nobody else sleeps for.
        let asleep = format!("sleep\0{}\0", 1_000_000 + std::process::id());
        let is_asleep = || {
            let processes = std::fs::read_dir("/proc").unwrap().flatten();
            processes
                .filter(|p| std::fs::read(p.path().join("cmdline")).is_ok_and(|c| c == asleep.as_bytes()))
                .count()
        };
        let seconds = asleep.split('\0').nth(1).unwrap();
        // The run, and something that it starts in a session of its own.
        let run = format!("setsid sleep {seconds} & echo begun; wait");
        let outer = format!("\"$@\" sh -c '{run}' & wait");
        let mut killed = Command::new("sh")
            .args(["-c", &outer, "sh"])
            .args(&words)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(killed.stdout.take().unwrap()).read_line(&mut line).unwrap();
        until("the run to start something", DEADLINE, || Ok(is_asleep() == 1)).unwrap();
        killed.kill().unwrap();
        killed.wait().unwrap();
        until("nothing to be left of it", DEADLINE, || Ok(is_asleep() == 0)).unwrap();
    }
}
