//! What the pages need from the program, in one place.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use register::db::{Conn, Database, DbResult};
use register::{Register, own_fields};
use tokio::sync::watch;

use super::program::{Automations, Imports};
use super::trouble::Trouble;
use super::waiting::Waiting;
use crate::automation::status::State;

/// How long a change waits for a running import before the person is told that it waits.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// Fills a slice with random bytes.
pub(crate) type Random = Arc<dyn Fn(&mut [u8]) + Send + Sync>;

/// The program as the pages see it; a cheap handle that every request gets a copy of.
#[derive(Clone)]
pub(crate) struct Site {
    /// The register, with settings, people and the ledger.
    pub(crate) database: Database,
    /// Sessions, sign-in attempts and live progress, in a file of their own so that a long commit delays none of them.
    pub(crate) live: Database,
    /// The automations.
    pub(crate) automations: Arc<dyn Automations>,
    /// Importing files by hand.
    pub(crate) imports: Arc<dyn Imports>,
    /// The data folder, by which default folders are named.
    pub(crate) data: PathBuf,
    /// A folder inside the data folder for files on their way in; it exists and is emptied at each start.
    pub(crate) uploads: PathBuf,
    /// The file that holds the secret of the one-time set-up link; it is there as long as nobody can sign in yet.
    pub(crate) set_up_file: PathBuf,
    /// The program's clock.
    pub(crate) clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// Fills the slice with random bytes that nobody can guess.
    pub(crate) random: Random,
    /// How long a change waits for a running import before the person is told that it waits; [`PATIENCE`].
    pub(crate) patience: Duration,
    /// The changes that wait.
    pub(crate) waiting: Waiting,
    /// Under which names the pages can be reached, and through whom.
    pub(crate) reach: Arc<Reach>,
    /// The address of the pages in what is sent to people, without a slash at the end.
    pub(crate) base: String,
    /// Turns true when the program begins to stop: live streams end then, so that stopping waits for none of them.
    pub(crate) stopping: watch::Receiver<bool>,
}

impl Site {
    /// Runs work that may block (databases, files) on a thread that may.
    pub(crate) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Site) -> Result<T, Trouble> + Send + 'static,
    ) -> Result<T, Trouble> {
        let site = self.clone();
        tokio::task::spawn_blocking(move || work(&site)).await.map_err(Trouble::internal)?
    }

    /// Reads the register at one moment.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Conn) -> DbResult<T> + Send + 'static,
    ) -> Result<T, Trouble> {
        self.blocking(move |site| Ok(site.database.read(work)?)).await
    }

    /// A register with the own fields that are declared now.
    pub(crate) async fn register(&self, of: &'static Register) -> Result<&'static Register, Trouble> {
        self.read(move |c| own_fields::in_effect(c, of)).await
    }

    /// Changes the register. A change that meets the commit of an import waits for it: to be called within
    /// [`Site::whole`], which tells the person so.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Conn) -> DbResult<T> + Send + 'static,
    ) -> Result<T, Trouble> {
        self.change(move |site| Ok(site.database.write(work)?)).await
    }

    /// Reads and changes sessions and what else is of the moment; never waits for an import.
    pub(crate) async fn live<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Conn) -> DbResult<T> + Send + 'static,
    ) -> Result<T, Trouble> {
        self.blocking(move |site| Ok(site.live.write(work)?)).await
    }

    /// Sixteen random bytes.
    pub(crate) fn random_bytes(&self) -> [u8; 16] {
        let mut bytes = [0; 16];
        (self.random)(&mut bytes);
        bytes
    }

    /// The import that runs now, if one does.
    pub(crate) fn running_import(&self) -> Option<i64> {
        self.automations.statuses().into_iter().find_map(|status| match status.state {
            State::Importing { import, .. } => Some(import),
            _ => None,
        })
    }
}

/// Under which names the pages can be reached, and through whom.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reach {
    /// The names and addresses that a request's Host header may carry, without port, for example `localhost`,
    /// `127.0.0.1`, `[::1]`. Anything else is answered with 421.
    pub(crate) hosts: Vec<String>,
    /// The only peers that are served, when the program stands behind a proxy; their `X-Forwarded-Proto` and
    /// `X-Forwarded-Host` are believed then, and nobody else's ever. Empty without one.
    pub(crate) proxies: Vec<IpAddr>,
    /// The address under which people reach the program, when it was named.
    pub(crate) public: Option<Public>,
}

/// The address under which people reach the program, as an administrator named it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Public {
    /// Host, with the port if it is not the usual one.
    pub(crate) host: String,
    /// Whether it is reached over HTTPS.
    pub(crate) https: bool,
}
