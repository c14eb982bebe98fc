//! An installation of the program in a temporary folder: its commands, its `serve`, and what they say.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// The longest that anything may take before a story fails; far more than it ever should.
const DEADLINE: Duration = Duration::from_secs(60);

/// The settle time of the stories, set as an administrator would.
pub(crate) const SETTLE: &str = "300ms";

/// An installation.
pub(crate) struct Suite {
    folder: TempDir,
}

/// What a command said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    #[track_caller]
    pub(crate) fn ok(self) -> Said {
        assert_eq!(self.code, 0, "{self:?}");
        self
    }
}

/// A format for the columns `Kundenr;Navn;By;Kreditmax;Oprettet`, with any of its keys set otherwise.
pub(crate) fn customers_format(changes: &[(&str, &str)]) -> String {
    let mut keys = vec![
        ("name", "\"ERP customers\""),
        ("register", "\"customers\""),
        ("default", "true"),
        ("filename", "\"customers.txt\""),
        ("encoding", "\"utf-8\""),
        ("delimiter", "\";\""),
        ("decimal-separator", "\",\""),
        ("date-format", "\"%d-%m-%Y\""),
        (
            "columns",
            "[{ from = \"Kundenr\", field = \"number\" }, { from = \"Navn\", field = \"name\" }, \
             { from = \"By\", field = \"city\" }, { from = \"Kreditmax\", field = \"credit_limit\" }, \
             { from = \"Oprettet\", field = \"created_on\" }]",
        ),
    ];
    for change in changes {
        keys.retain(|(key, _)| key != &change.0);
        keys.push(*change);
    }
    let lines: Vec<String> = keys.iter().map(|(key, value)| format!("{key} = {value}")).collect();
    format!("[[formats]]\n{}\n", lines.join("\n"))
}

/// The header that [`customers_format`] reads.
pub(crate) const HEADER: &str = "Kundenr;Navn;By;Kreditmax;Oprettet\n";

/// Settings with these formats and this automation active.
pub(crate) fn settings(formats: &str, active: &str) -> String {
    format!(
        "[erp-system]\nsettle = \"{SETTLE}\"\n\n{formats}\n[[automations]]\nname = \"{active}\"\nactive = true\n"
    )
}

impl Suite {
    /// An empty installation.
    pub(crate) fn new() -> Suite {
        Suite { folder: tempfile::tempdir().unwrap() }
    }

    /// An installation that waits for `customers.txt` in the layout of [`customers_format`].
    pub(crate) fn waiting_for_customers() -> Suite {
        let suite = Suite::new();
        suite.apply(&settings(&customers_format(&[]), "customers-from-erp"));
        suite
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub(crate) fn exchange(&self) -> PathBuf {
        self.data().join("exchange")
    }

    /// A path outside the data folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file outside the data folder; gives its path.
    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_service-suite"));
        command.env("SERVICE_SUITE_DATA", self.data()).env("SERVICE_SUITE_LOG", "info").stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        said(self.command().args(arguments).output().unwrap())
    }

    /// Applies a settings file.
    #[track_caller]
    pub(crate) fn apply(&self, text: &str) {
        let file = self.write("settings.toml", text);
        self.run(&["settings", "apply", file.to_str().unwrap()]).ok();
    }

    /// Imports a file by hand; gives what the command said.
    pub(crate) fn import(&self, name: &str, bytes: impl AsRef<[u8]>) -> Said {
        let file = self.write(name, bytes);
        self.run(&["import", "customers", file.to_str().unwrap(), "--json"])
    }

    /// A customer as `customers show --json` tells.
    #[track_caller]
    pub(crate) fn customer(&self, number: &str) -> Value {
        self.run(&["customers", "show", number, "--json"]).ok().json()
    }

    /// The numbers of all customers.
    pub(crate) fn customers(&self) -> Vec<String> {
        let list = self.run(&["customers", "list", "--limit", "1000", "--json"]).ok().json();
        list["items"].as_array().unwrap().iter().map(|c| c["number"].as_str().unwrap().to_owned()).collect()
    }

    /// All imports, oldest first.
    pub(crate) fn imports(&self) -> Vec<Value> {
        let list = self.run(&["imports", "list", "--limit", "1000", "--json"]).ok().json();
        let mut items = list["items"].as_array().unwrap().clone();
        items.reverse();
        items
    }

    /// Waits until the ledger has `count` imports that have ended; gives them, oldest first.
    #[track_caller]
    pub(crate) fn ended(&self, count: usize) -> Vec<Value> {
        let mut seen = Vec::new();
        until("imports to end", || {
            seen = self.imports();
            seen.iter().filter(|import| !import["finished_at"].is_null()).count() >= count
                && self.all_put_away()
        });
        seen
    }

    /// Whether no claimed file is left in the exchange folder.
    fn all_put_away(&self) -> bool {
        names(&self.exchange()).iter().all(|name| !name.starts_with(".customers"))
    }

    /// The problems of an import.
    pub(crate) fn problems(&self, import: &Value) -> Vec<Value> {
        let id = import["id"].to_string();
        let list = self.run(&["imports", "problems", &id, "--json"]).ok().json();
        list["items"].as_array().unwrap().clone()
    }

    /// Starts `serve` on a free port and waits until it says that it serves.
    pub(crate) fn serve(&self) -> Served {
        self.serve_with(&[])
    }

    pub(crate) fn serve_with(&self, arguments: &[&str]) -> Served {
        let mut command = self.command();
        command.args(["serve", "--listen", "127.0.0.1:0"]).args(arguments);
        Served::start(command)
    }
}

fn said(output: Output) -> Said {
    Said {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// A running `serve`; killed when it is dropped.
pub(crate) struct Served {
    child: Child,
    pub(crate) url: String,
    lines: Receiver<String>,
}

impl Served {
    pub(crate) fn start(mut command: Command) -> Served {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let reader = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in reader.lines().map_while(Result::ok) {
                // Nobody may be waiting for it; it is read all the same, so that `serve` never waits for a reader.
                let _ = sender.send(line);
            }
        });
        let mut served = Served { child, url: String::new(), lines };
        served.url = served.printed("http://");
        served
    }

    /// Waits for a line with an address that holds `part`; gives the address.
    #[track_caller]
    pub(crate) fn printed(&self, part: &str) -> String {
        loop {
            let line =
                self.lines.recv_timeout(DEADLINE).unwrap_or_else(|_| panic!("serve never printed {part}"));
            if let Some(address) = line.split_whitespace().find(|word| word.contains(part)) {
                return address.to_owned();
            }
        }
    }

    /// `kill -9`.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to terminate and waits; gives the exit code.
    pub(crate) fn terminate(mut self) -> Option<i32> {
        Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        let mut code = None;
        until("serve to stop", || {
            code = self.child.try_wait().unwrap();
            code.is_some()
        });
        code.unwrap().code()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Looks again and again until `condition` holds; fails after a minute.
#[track_caller]
pub(crate) fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let started = Instant::now();
    while !condition() {
        assert!(started.elapsed() < DEADLINE, "waited in vain for {what}");
        std::thread::park_timeout(Duration::from_millis(20));
    }
}

/// The names in a folder, sorted; none when it is not there.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Fails unless a JSON object has exactly these keys.
#[track_caller]
pub(crate) fn assert_keys<const N: usize>(object: &Value, mut expected: [&str; N]) {
    expected.sort_unstable();
    let mut found: Vec<&str> = object.as_object().unwrap().keys().map(String::as_str).collect();
    found.sort_unstable();
    assert_eq!(found, expected);
}
