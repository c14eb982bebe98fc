//! Who runs a program, and what that lets it ask of files that others deliver.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};

/// A user of this machine and the rights of a program that it runs.
#[derive(Clone, Debug)]
pub(super) struct Account {
    /// Its name.
    pub(super) name: String,
    /// The name of its group.
    pub(super) group: String,
    uid: u32,
    gid: u32,
    groups: Vec<u32>,
    lease: bool,
    /// Whether another user must be taken on, or the one that runs this will do.
    switch: bool,
}

impl Account {
    /// The user with this name, as root can be it; or the user that runs this.
    pub(super) fn new(name: &str) -> anyhow::Result<Account> {
        let switch = rustix::process::geteuid().is_root();
        let user: Vec<&str> = if switch { vec![name] } else { Vec::new() };
        let ask = |what: &str| -> anyhow::Result<String> {
            let output = Command::new("id").arg(what).args(&user).output()?;
            ensure!(output.status.success(), "this machine has no user {name}");
            Ok(String::from_utf8(output.stdout)?.trim().to_owned())
        };
        let (name, group) = (ask("-un")?, ask("-gn")?);
        let (uid, gid) = (ask("-u")?.parse()?, ask("-g")?.parse()?);
        Ok(Account { name, group, uid, gid, groups: Vec::new(), lease: false, switch })
    }

    /// Puts it into the group of another, besides its own.
    pub(super) fn in_group_of(mut self, other: &Account) -> Account {
        self.groups.push(other.gid);
        self
    }

    /// Gives its programs the capability CAP_LEASE.
    pub(super) fn with_lease(mut self) -> Account {
        self.lease = true;
        self
    }

    /// The id of its user.
    pub(super) fn uid(&self) -> u32 {
        self.uid
    }

    /// The id of its group.
    pub(super) fn gid(&self) -> u32 {
        self.gid
    }

    /// The command that runs another one as this account.
    pub(super) fn wrapper(&self) -> Vec<OsString> {
        if !self.switch {
            return Vec::new();
        }
        let mut words =
            vec!["setpriv".to_owned(), format!("--reuid={}", self.uid), format!("--regid={}", self.gid)];
        let groups: Vec<String> = self.groups.iter().map(u32::to_string).collect();
        words.push(if groups.is_empty() {
            "--clear-groups".into()
        } else {
            format!("--groups={}", groups.join(","))
        });
        if self.lease {
            words.extend(["--inh-caps=+lease".into(), "--ambient-caps=+lease".into()]);
        }
        words.into_iter().map(OsString::from).collect()
    }

    /// A command of this account.
    pub(super) fn command(&self, program: &str) -> Command {
        let mut words = self.wrapper();
        words.push(program.into());
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]);
        command
    }

    /// Gives it a file or folder and all that is in it.
    pub(super) fn own(&self, path: &Path) -> anyhow::Result<()> {
        if !self.switch {
            return Ok(());
        }
        if path.is_dir() {
            for entry in path.read_dir()? {
                self.own(&entry?.path())?;
            }
        }
        std::os::unix::fs::chown(path, Some(self.uid), Some(self.gid))
            .with_context(|| format!("{} cannot be given to {}", path.display(), self.name))
    }
}

/// Whether this process may give the capability CAP_LEASE to another; containers often may not.
pub(super) fn may_grant_lease() -> bool {
    const CAP_LEASE: u32 = 28;
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    ["CapEff:", "CapBnd:"].iter().all(|set| {
        let line = status.lines().find_map(|line| line.strip_prefix(set));
        let bits = line.and_then(|bits| u64::from_str_radix(bits.trim(), 16).ok());
        bits.is_some_and(|bits| bits & (1 << CAP_LEASE) != 0)
    })
}
