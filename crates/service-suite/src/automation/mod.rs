//! The automations: one per register. A look-out watches the exchange folder and takes what has settled; a copier makes
//! private copies of what waits; an importer imports it, in order; the board shows what they do.

pub(crate) mod activation;
mod backoff;
mod board;
mod finished;
mod ground;
mod lookout;
mod names;
pub(crate) mod retry;
mod settling;
mod shown;
#[cfg(test)]
mod simulation;
pub(crate) mod status;
mod told;
mod work;
mod worker;

use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use register::{REGISTERS, Register};
use tokio::sync::watch;

use self::board::{Asker, Board};
use self::lookout::Lookout;
use self::status::Status;
use self::worker::Worker;
use crate::app::App;

/// How often to ask whether an automation has stopped.
const STOPPED_YET: Duration = Duration::from_millis(10);

/// Why a look-out or a worker should look now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wake {
    /// Something may have changed.
    Look,
    /// Somebody wants what failed to be tried again now.
    Retry,
    /// The program is stopping.
    Stop,
}

/// All automations, running.
pub(crate) struct Running {
    board: Arc<Board>,
    wakes: Vec<Sender<Wake>>,
    app: Arc<App>,
    threads: Mutex<Vec<(&'static Register, Asker, JoinHandle<()>)>>,
}

impl Running {
    /// Starts a look-out, a copier and an importer for every register, after sorting out what the last run left behind.
    ///
    /// # Errors
    /// When threads cannot be started or the last run's leftovers cannot be sorted out.
    pub(crate) fn start(app: &Arc<App>) -> anyhow::Result<Arc<Running>> {
        crate::import::recover(app)?;
        look_through_leftovers(app)?;
        let board = Arc::new(Board::new(Arc::clone(app)));
        let mut wakes = Vec::new();
        let mut threads = Vec::new();
        for register in REGISTERS.iter().copied() {
            let (to_importer, importer_wake) = channel();
            let (to_copier, copier_wake) = channel();
            let (to_lookout, lookout_wake) = channel();
            let importer = Worker::importer(app, register, &board, importer_wake, to_copier.clone());
            let copier = Worker::copier(app, register, &board, copier_wake);
            let workers = [to_copier.clone(), to_importer.clone()];
            let lookout = Lookout::new(app, register, &board, lookout_wake, to_lookout.clone(), workers);
            threads.push((register, Asker::Worker, thread("import", register, move || importer.run())?));
            threads.push((register, Asker::Copier, thread("copy", register, move || copier.run())?));
            threads.push((register, Asker::Lookout, thread("look-out", register, move || lookout.run())?));
            wakes.extend([to_importer, to_copier, to_lookout]);
        }
        Ok(Arc::new(Running { board, wakes, app: Arc::clone(app), threads: Mutex::new(threads) }))
    }

    /// What each automation does now, in the order of the registers.
    pub(crate) fn statuses(&self) -> Vec<Status> {
        self.board.statuses()
    }

    /// The same, with every change.
    pub(crate) fn subscribe(&self) -> watch::Receiver<Vec<Status>> {
        self.board.subscribe()
    }

    /// Settings, activation or the ledger have changed: look now instead of a moment later.
    pub(crate) fn look_now(&self) {
        self.tell(Wake::Look);
    }

    /// Whether they are being stopped.
    pub(crate) fn stopping(&self) -> bool {
        self.board.stopping()
    }

    /// Stops all automations at their next safe point, and waits for them, but not for one whose exchange folder does not
    /// answer. What is unfinished goes on at the next start.
    pub(crate) fn stop(&self) {
        self.board.stop();
        self.tell(Wake::Stop);
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for (register, who, thread) in threads {
            let folder = loop {
                match self.board.unanswered(register, who) {
                    _ if thread.is_finished() => break None,
                    Some(folder) => break Some(folder),
                    None => self.app.clock.pause(STOPPED_YET),
                }
            };
            if let Some(folder) = folder {
                tracing::warn!(register = register.name, "{folder} does not answer; stopping without it");
            } else if thread.join().is_err() {
                tracing::error!(
                    "an automation ended by a fault of the program; its work goes on at the next start"
                );
            }
        }
    }

    fn tell(&self, wake: Wake) {
        for sender in &self.wakes {
            // One that has ended needs to be told nothing.
            let _ = sender.send(wake);
        }
    }
}

/// The exchange folder may not answer for as long as its server is down: nothing waits for this.
fn look_through_leftovers(app: &Arc<App>) -> std::io::Result<()> {
    let app = Arc::clone(app);
    let look = move || {
        if let Err(later) = crate::import::look_through(&app) {
            tracing::warn!(
                "what is left in the exchange folder is looked through at the next start: {later}"
            );
        }
    };
    std::thread::Builder::new().name("leftovers".to_owned()).spawn(look).map(drop)
}

fn thread(
    what: &str,
    register: &Register,
    work: impl FnOnce() + Send + 'static,
) -> std::io::Result<JoinHandle<()>> {
    std::thread::Builder::new().name(format!("{what} {}", register.name)).spawn(work)
}
