//! An installation of the program in a temporary folder, for stories: whatever cannot go on has failed.

use std::ops::Deref;
use std::path::PathBuf;
use std::process::Command;

use installation::{DEADLINE, Folders, Installation};
use serde_json::Value;
use tempfile::TempDir;

pub(crate) use installation::names;

/// The settle time of the stories, set as an administrator would.
pub(crate) const SETTLE: &str = "300ms";

/// An installation.
pub(crate) struct Suite {
    folder: TempDir,
    installation: Installation,
}

/// What a command said.
#[derive(Debug)]
pub(crate) struct Said(installation::Said);

impl Deref for Said {
    type Target = installation::Said;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl Said {
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        self.0.json().unwrap()
    }

    #[track_caller]
    pub(crate) fn ok(self) -> Said {
        Said(self.0.ok().unwrap())
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
        let folder = tempfile::tempdir().unwrap();
        let folders = Folders::inside(folder.path().join("data"));
        let mut installation = Installation::new(env!("CARGO_BIN_EXE_service-suite"), folders);
        installation.log = Some(folder.path().join("serve.log"));
        Suite { folder, installation }
    }

    /// An installation that waits for `customers.txt` in the layout of [`customers_format`].
    pub(crate) fn waiting_for_customers() -> Suite {
        let suite = Suite::new();
        suite.apply(&settings(&customers_format(&[]), "customers-from-erp"));
        suite
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.installation.folders.data.clone()
    }

    pub(crate) fn exchange(&self) -> PathBuf {
        self.installation.folders.exchange.clone()
    }

    /// A path outside the data folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What `serve` has logged so far.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.path("serve.log")).unwrap()
    }

    /// Writes a file outside the data folder; gives its path.
    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    pub(crate) fn command(&self) -> Command {
        self.installation.command()
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        Said(self.installation.run(arguments).unwrap())
    }

    /// Applies a settings file.
    #[track_caller]
    pub(crate) fn apply(&self, text: &str) {
        self.installation.apply(text).unwrap();
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
        self.installation.imports().unwrap()
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
        Served::waited_for(self.installation.serve(arguments).unwrap())
    }
}

/// A running `serve`; killed when it is dropped.
pub(crate) struct Served {
    served: installation::Served,
    pub(crate) url: String,
}

impl Served {
    /// Starts a command that runs `serve`, however.
    pub(crate) fn start(command: Command) -> Served {
        Served::waited_for(installation::Served::start(command).unwrap())
    }

    fn waited_for(mut served: installation::Served) -> Served {
        let url = served.address().unwrap().to_owned();
        Served { served, url }
    }

    /// Waits for a line with an address that holds `part`; gives the address.
    #[track_caller]
    pub(crate) fn printed(&self, part: &str) -> String {
        self.served.printed(part).unwrap()
    }

    /// `kill -9`.
    pub(crate) fn kill(self) {
        self.served.kill().unwrap();
    }

    /// Asks it to terminate and waits; gives the exit code.
    pub(crate) fn terminate(self) -> Option<i32> {
        self.served.terminate().unwrap()
    }
}

/// Looks again and again until `condition` holds; fails after a minute.
#[track_caller]
pub(crate) fn until(what: &str, mut condition: impl FnMut() -> bool) {
    installation::until(what, DEADLINE, || Ok(condition())).unwrap();
}

/// Fails unless a JSON object has exactly these keys.
#[track_caller]
pub(crate) fn assert_keys<const N: usize>(object: &Value, mut expected: [&str; N]) {
    expected.sort_unstable();
    let mut found: Vec<&str> = object.as_object().unwrap().keys().map(String::as_str).collect();
    found.sort_unstable();
    assert_eq!(found, expected);
}
