//! The importer of one register: takes what the ledger says is unfinished, in order, one at a time, and tries again
//! what could not be finished.

use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use register::Register;
use register::imports::{self, Import, State as ImportState, Step};

use super::Wake;
use super::backoff::Backoff;
use super::board::Board;
use super::status::State;
use crate::app::App;
use crate::import::{self, Later, Stage, Watch};

/// Progress is written for other processes at most this often.
const PUBLISH_EVERY: Duration = Duration::from_millis(250);

/// Imports begun by other processes announce themselves to nobody: this is how often the ledger is asked.
const ASK_EVERY: Duration = Duration::from_secs(1);

pub(super) struct Worker {
    pub(super) app: Arc<App>,
    pub(super) register: &'static Register,
    pub(super) board: Arc<Board>,
    pub(super) wake: Receiver<Wake>,
    /// The last import that was begun before this run of the program.
    pub(super) begun_before: i64,
}

impl Worker {
    /// Works until it is told to stop.
    pub(super) fn run(self) {
        let mut backoff = Backoff::default();
        while !self.board.stopping() {
            let pause = match self.next() {
                Ok(None) => {
                    backoff.worked();
                    self.board.work(self.register, None);
                    None
                }
                Ok(Some(entry)) => match self.carry_on(&entry) {
                    Ok(finished) => {
                        backoff.worked();
                        self.board.work(self.register, None);
                        if let Some(import) = finished {
                            self.board.finished(self.register, &import);
                        }
                        continue;
                    }
                    Err(Later::Stopping) => return,
                    Err(Later::Failing(message)) => Some(self.failing(&mut backoff, Some(&entry), message)),
                },
                Err(message) => Some(self.failing(&mut backoff, None, message)),
            };
            if self.wait(pause) {
                return;
            }
        }
    }

    /// The oldest import of this register that is not finished and not held.
    fn next(&self) -> Result<Option<Import>, String> {
        let unfinished = self.app.db.read(imports::unfinished).map_err(|error| error.to_string())?;
        Ok(unfinished.into_iter().find(|entry| {
            entry.register == self.register.name
                && entry.state != ImportState::Held
                // Still being taken by the look-out.
                && (entry.step != Step::Claiming || entry.id <= self.begun_before)
        }))
    }

    fn carry_on(&self, entry: &Import) -> Result<Option<Import>, Later> {
        let watch = BoardWatch {
            app: &self.app,
            board: &self.board,
            register: self.register,
            file: &entry.file,
            last: Mutex::new(None),
        };
        let result = import::carry_on(&self.app, entry.id, &watch);
        // The bar of an import that ended, in whatever way, must not stand still on the pages.
        let _ = self.app.live.write(|c| register::live::clear_progress(c, entry.id));
        result
    }

    fn failing(&self, backoff: &mut Backoff, entry: Option<&Import>, message: String) -> Duration {
        let pause = backoff.failed(self.app.chance());
        if self.board.is_new_failure(self.register, &message) {
            tracing::warn!(
                register = self.register.name,
                import = entry.map(|e| e.id),
                next_try_in = ?pause,
                "failing: {message}"
            );
            if let Some(entry) = entry {
                // The entry tells people why it waits; when even that cannot be written, the page still does.
                let _ = self.app.db.write(|c| match imports::find(c, entry.id)? {
                    Some(now) => imports::requeue(c, now.id, now.step, Some(&message)),
                    None => Ok(()),
                });
            }
        }
        let state = State::failing(message, pause, self.app.clock.now());
        self.board.work(self.register, Some(state));
        pause
    }

    /// Waits for the next reason to look; `true` means stop.
    fn wait(&self, pause: Option<Duration>) -> bool {
        let pause = pause.unwrap_or(ASK_EVERY);
        matches!(
            self.wake.recv_timeout(pause),
            Ok(Wake::Stop) | Err(std::sync::mpsc::RecvTimeoutError::Disconnected)
        )
    }
}

/// Shows the stages of an import on the Automation page and to other processes.
struct BoardWatch<'a> {
    app: &'a App,
    board: &'a Board,
    register: &'static Register,
    file: &'a str,
    last: Mutex<Option<(Duration, &'static str)>>,
}

impl Watch for BoardWatch<'_> {
    fn stage(&self, import: i64, stage: Stage) {
        let now = self.app.clock.monotonic();
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.is_some_and(|(at, word)| word == stage.word() && now.saturating_sub(at) < PUBLISH_EVERY) {
            return;
        }
        *last = Some((now, stage.word()));
        drop(last);
        let percent = stage.percent();
        // Progress is a courtesy: when it cannot be written, the import goes on.
        let _ = self.app.live.write(|c| {
            register::live::set_progress(
                c,
                &register::live::Progress {
                    import,
                    phase: stage.word().to_owned(),
                    done: u64::from(percent),
                    total: 100,
                    updated_at: self.app.clock.now(),
                },
            )
        });
        let state = match stage {
            Stage::Settling { reason, quiet, of } => State::Settling {
                file: self.file.to_owned(),
                reason,
                quiet_ms: u64::try_from(quiet.as_millis()).unwrap_or(u64::MAX),
                of_ms: u64::try_from(of.as_millis()).unwrap_or(u64::MAX),
                writer_unknown: false,
            },
            other => State::Importing { import, phase: other.word().to_owned(), percent },
        };
        self.board.work(self.register, Some(state));
    }

    fn stopping(&self) -> bool {
        self.board.stopping()
    }
}
