//! A running `serve`, the folder that a writer delivers into, and the account of all that was delivered.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use installation::{DEADLINE, Folders, Installation, Served, names, until};
use tempfile::TempDir;

use super::account::Account;
use super::delivery::{Delivery, FORMAT, TRAILER};
use super::judge::{Count, Outcome, Sent, judge};
use crate::check::Finding;
use crate::erp::sha256;

/// The settle time: far longer than the pauses of a slow writer here, also on a busy machine.
pub(super) const SETTLE: Duration = Duration::from_secs(1);

/// Rows of a delivery that is sent at once.
const FEW_ROWS: usize = 60;

/// Whose files are delivered, and so what the program can ask of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rights {
    /// The server runs as the user of Service Suite.
    OwnFiles,
    /// The server runs as another user; a common group gives access.
    FilesOfOthers,
    /// The same, and Service Suite has the capability CAP_LEASE.
    WithLease,
}

impl Rights {
    /// Whether it can be seen that a local program has a file open for writing.
    pub(super) fn see_writers(self) -> bool {
        self != Rights::FilesOfOthers
    }

    /// As the table says it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Rights::OwnFiles => "own files",
            Rights::FilesOfOthers => "files of others",
            Rights::WithLease => "others, CAP_LEASE",
        }
    }
}

/// A running installation with a writer's account beside it.
pub(super) struct Stage {
    home: TempDir,
    suite: Installation,
    _served: Served,
    /// Whose programs deliver.
    pub(super) writer: Account,
    /// Whose files they are.
    pub(super) rights: Rights,
    days: usize,
    /// What was delivered so far.
    pub(super) sent: Sent,
}

impl Stage {
    /// Starts `serve` with an exchange folder of its own.
    pub(super) fn new(program: &Path, rights: Rights) -> anyhow::Result<Stage> {
        // A star takes what the fixed name does, and must take no name that a writer uses meanwhile.
        let filename = if rights == Rights::OwnFiles { "*" } else { "customers.txt" };
        // Where nobody can see who writes, a trailer is the proof to have.
        let trailer = rights == Rights::FilesOfOthers;
        let home = tempfile::tempdir()?;
        open(home.path(), 0o755)?;
        let reader = Account::new("daemon")?;
        let (reader, writer) = match rights {
            Rights::OwnFiles => (reader.clone(), reader),
            _ => {
                let writer = Account::new("uucp")?;
                (reader.in_group_of(&writer), writer)
            }
        };
        let reader = if rights == Rights::WithLease { reader.with_lease() } else { reader };
        let installed = home.path().join("suite");
        let folders = Folders::beside(&installed);
        folders.create()?;
        reader.own(&installed)?;
        if rights != Rights::OwnFiles {
            std::os::unix::fs::chown(&folders.exchange, Some(reader.uid()), Some(writer.gid()))?;
            open(&folders.exchange, 0o2770)?;
        }
        open(&folders.data, 0o700)?;
        for folder in ["server", "client"] {
            std::fs::create_dir(home.path().join(folder))?;
        }
        writer.own(&home.path().join("server"))?;
        let mut suite = Installation::new(program, folders);
        suite.wrapper = reader.wrapper();
        suite.log = Some(home.path().join("serve.log"));
        let settings = format!(
            "[erp-system]\nsettle = \"{}s\"\n{}\n[[formats]]\nfilename = {filename:?}\n{}\n{FORMAT}\n\
             [[automations]]\nname = \"customers-from-erp\"\nactive = true\n",
            SETTLE.as_secs(),
            suite.folders.settings(),
            if trailer { TRAILER } else { "" },
        );
        let file = home.path().join("settings.toml");
        std::fs::write(&file, settings)?;
        suite.run(&["settings", "apply", file.to_str().context("no text")?])?.ok()?;
        let served = suite.serve(&[])?;
        Ok(Stage { home, suite, _served: served, writer, rights, days: 0, sent: Sent::nothing(trailer) })
    }

    /// The exchange folder.
    pub(super) fn exchange(&self) -> &Path {
        &self.suite.folders.exchange
    }

    /// The folder for the server's configuration and state, which is the writer's.
    pub(super) fn server_folder(&self) -> PathBuf {
        self.home.path().join("server")
    }

    /// A path for what a client needs.
    pub(super) fn client_file(&self, name: &str) -> PathBuf {
        self.home.path().join("client").join(name)
    }

    /// The next day's export, of so many rows or few, and the file on the ERP system's side that holds it.
    pub(super) fn next_day(&mut self, rows: Option<usize>) -> anyhow::Result<(Delivery, PathBuf)> {
        self.days += 1;
        let delivery = Delivery::of_day(self.days, rows.unwrap_or(FEW_ROWS), self.sent.trailer)?;
        let file = self.client_file(&format!("export-{}.txt", self.days));
        std::fs::write(&file, &delivery.bytes)?;
        self.sent.begun(&delivery);
        Ok((delivery, file))
    }

    /// Whether this delivery is applied and put away.
    pub(super) fn has_applied(&self, delivery: &Delivery) -> anyhow::Result<bool> {
        Ok(self.files_in(&self.suite.folders.archive)?.contains_key(&delivery.sha256))
    }

    /// Waits until this delivery is applied.
    pub(super) fn applied(&self, delivery: &Delivery) -> anyhow::Result<()> {
        let what = format!("{} rows to be imported", delivery.rows);
        until(&what, DEADLINE, || self.has_applied(delivery)).with_context(|| self.describe())
    }

    /// Waits until there are so many refused files.
    pub(super) fn refused(&self, count: usize) -> anyhow::Result<()> {
        until("a refused file", DEADLINE, || Ok(self.refused_count() >= count))
            .with_context(|| self.describe())
    }

    /// Refused files so far.
    pub(super) fn refused_count(&self) -> usize {
        names(&self.suite.folders.refused).iter().filter(|name| is_delivery(name)).count()
    }

    /// Files that were taken so far, whatever came of them.
    pub(super) fn taken(&self) -> anyhow::Result<usize> {
        Ok(self.suite.imports()?.len())
    }

    /// Waits until no file of these names stands in the exchange folder, nor one that was claimed.
    pub(super) fn gone(&self, name: &str) -> anyhow::Result<()> {
        until("the file to be put away", DEADLINE, || {
            Ok(!names(self.exchange()).iter().any(|found| found == name || is_claim_of(name, found)))
        })
        .with_context(|| self.describe())
    }

    /// Holds the ledger and the folders against what was delivered.
    ///
    /// # Errors
    /// When that cannot be looked at.
    pub(super) fn judge(&self) -> anyhow::Result<(Count, Vec<Finding>)> {
        // What does not come to its end is found below.
        let _ = until("every import to end", DEADLINE, || {
            Ok(self.suite.imports()?.iter().all(|import| !import["finished_at"].is_null()))
        });
        let archived = self.files_in(&self.suite.folders.archive)?;
        let refused = self.files_in(&self.suite.folders.refused)?;
        let ended = self.suite.imports()?.into_iter().map(|import| {
            let kept = |files: &BTreeMap<String, Vec<u8>>| files.get(import["sha256"].as_str()?).cloned();
            let outcome = match import["state"].as_str() {
                Some("done") => kept(&archived).map(|bytes| Outcome::Applied {
                    bytes,
                    rows: import["read"].as_u64().unwrap_or_default(),
                    refused_rows: import["refused"].as_u64().unwrap_or_default(),
                }),
                Some("refused") => kept(&refused).map(Outcome::Refused),
                _ => None,
            };
            (import.to_string(), outcome.unwrap_or(Outcome::Unknown))
        });
        Ok(judge(&self.sent, &ended.collect::<Vec<_>>()))
    }

    /// Keeps everything as it is, to be looked at; gives the folder.
    pub(super) fn keep(&mut self) -> PathBuf {
        self.home.disable_cleanup(true);
        self.home.path().to_owned()
    }

    /// The files in a folder, by SHA-256.
    fn files_in(&self, folder: &Path) -> anyhow::Result<BTreeMap<String, Vec<u8>>> {
        let mut files = BTreeMap::new();
        for name in names(folder).iter().filter(|name| is_delivery(name)) {
            let bytes = std::fs::read(folder.join(name))?;
            files.insert(sha256(&bytes), bytes);
        }
        Ok(files)
    }

    /// What one wants to know when something went wrong.
    fn describe(&self) -> String {
        let log = std::fs::read_to_string(self.home.path().join("serve.log")).unwrap_or_default();
        let last = log.lines().rev().take(30).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>();
        format!("in the exchange folder: {:?}\n{}", names(self.exchange()), last.join("\n"))
    }
}

/// Whether a name in the exchange folder is that of a file that was taken under its own name `original`.
pub(super) fn is_claim_of(original: &str, name: &str) -> bool {
    let id = name.strip_prefix('.').and_then(|name| name.strip_prefix(original)?.strip_prefix('.'));
    id.is_some_and(|id| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether a name in the archive or the refused folder is that of a delivery that was put away.
fn is_delivery(name: &str) -> bool {
    name.starts_with("customers") && name.ends_with(".txt") && !name.ends_with(".report.txt")
}

fn open(path: &Path, mode: u32) -> anyhow::Result<()> {
    Ok(std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))?)
}
