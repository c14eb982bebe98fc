//! What the pages need from the program, in one place.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use register::db::Database;
use tokio::sync::watch;

use super::program::{Automations, Folders, Imports};

/// The program as the pages see it; a cheap handle that every request gets a copy of.
#[derive(Clone)]
pub struct Site {
    /// The register, with settings, people and the ledger.
    pub database: Database,
    /// Sessions, sign-in attempts and live progress, in a file of their own so that a long commit delays none of them.
    pub live: Database,
    /// The automations.
    pub automations: Arc<dyn Automations>,
    /// Importing files by hand.
    pub imports: Arc<dyn Imports>,
    /// Looking into folders.
    pub folders: Arc<dyn Folders>,
    /// A folder inside the data folder for files on their way in; it exists and is emptied at each start.
    pub uploads: PathBuf,
    /// The file that holds the secret of the one-time set-up link; it is there as long as nobody can sign in yet.
    pub set_up_file: PathBuf,
    /// The program's clock.
    pub clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// Fills the slice with random bytes that nobody can guess.
    pub random: Arc<dyn Fn(&mut [u8]) + Send + Sync>,
    /// Under which names the pages can be reached, and through whom.
    pub reach: Arc<Reach>,
    /// Turns true when the program begins to stop: live streams end then, so that stopping waits for none of them.
    pub stopping: watch::Receiver<bool>,
}

/// Under which names the pages can be reached, and through whom.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    /// The names and addresses that a request's Host header may carry, without port, for example `localhost`,
    /// `127.0.0.1`, `[::1]`. Anything else is answered with 421.
    pub hosts: Vec<String>,
    /// The only peer that is served, when the program stands behind a proxy; its `X-Forwarded-Proto` and
    /// `X-Forwarded-Host` are believed then, and nobody else's ever.
    pub proxy: Option<IpAddr>,
}
