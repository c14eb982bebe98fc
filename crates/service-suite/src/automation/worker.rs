//! The importer of one register: takes what the ledger says is unfinished, in order, one at a time, and tries again
//! what could not be done. Copying what waits, and putting files away, come after importing and never hold it up.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use register::Register;
use register::imports::{self, Import, Step};

use super::Wake;
use super::board::{Asker, Board};
use super::status::State;
use super::work::Work;
use crate::app::App;
use crate::import::{self, Later, Stage, Watch};

/// Progress is written for other processes at most this often.
const PUBLISH_EVERY: Duration = Duration::from_millis(250);

/// Imports begun by other processes announce themselves to nobody: this is how often the ledger is asked.
const ASK_EVERY: Duration = Duration::from_secs(1);

/// An import that makes the program fault so many times is refused, so that the next one can go on.
const FAULTS: u32 = 3;

pub(super) struct Worker {
    app: Arc<App>,
    register: &'static Register,
    board: Arc<Board>,
    wake: Receiver<Wake>,
    importing: Work,
    copying: Work,
    putting_away: Work,
}

/// Carries an import on by some steps; gives its entry, if there is one.
type Carry = fn(&App, i64, &dyn Watch) -> Result<Option<Import>, Later>;

/// What came of one round of work.
pub(super) enum Round {
    /// There was nothing to do, or it is not time yet.
    Idle,
    /// Something was done; there may be more.
    Worked,
    /// The program is stopping.
    Stop,
}

impl Worker {
    /// The worker of `register`, which is woken through `wake`.
    pub(super) fn new(
        app: &Arc<App>,
        register: &'static Register,
        board: &Arc<Board>,
        wake: Receiver<Wake>,
    ) -> Worker {
        let (app, board) = (Arc::clone(app), Arc::clone(board));
        let (importing, copying, putting_away) = (Work::in_order(), Work::default(), Work::default());
        Worker { app, register, board, wake, importing, copying, putting_away }
    }

    /// Works until it is told to stop.
    pub(super) fn run(mut self) {
        while !self.board.stopping() {
            match self.step() {
                Round::Worked => {}
                Round::Stop => return,
                Round::Idle => match self.wait() {
                    Some(Wake::Stop) => return,
                    Some(Wake::Look) => self.woken(),
                    Some(Wake::Retry) => {
                        self.woken();
                        self.copying.try_now();
                        self.putting_away.try_now();
                    }
                    None => {}
                },
            }
        }
    }

    /// One round: the next import or, when none can be made now, the next file to copy or to put away.
    pub(super) fn step(&mut self) -> Round {
        self.board.show_silence();
        let mut importing = std::mem::take(&mut self.importing);
        let mut copying = std::mem::take(&mut self.copying);
        let mut putting_away = std::mem::take(&mut self.putting_away);
        let mut round = self.round(&mut importing, Worker::next_import, import::carry_on);
        if matches!(round, Round::Worked) {
            // It may have been what could not be copied.
            copying.try_now();
        }
        if matches!(round, Round::Idle) {
            round = self.round(&mut copying, Worker::next_to_copy, import::copy_ahead);
        }
        if matches!(round, Round::Idle) {
            round = self.round(&mut putting_away, Worker::next_to_put_away, import::put_away);
        }
        let failing = [&importing, &copying, &putting_away].into_iter().find_map(|work| work.failing.clone());
        self.board.work(self.register, failing.or_else(|| self.stands()));
        (self.importing, self.copying, self.putting_away) = (importing, copying, putting_away);
        round
    }

    /// What people are told while a held import keeps others from being imported, or waits for a decision itself.
    fn stands(&self) -> Option<State> {
        let (held, behind) = self.app.db.read(|c| imports::stands(c, self.register)).ok()??;
        let wait = match behind {
            0 => String::new(),
            1 => " One import waits behind it.".to_owned(),
            more => format!(" {more} imports wait behind it."),
        };
        let message = format!("Import {} of {} is held: shall it be imported?{wait}", held.id, held.file);
        Some(State::Warning { message })
    }

    /// Somebody has a reason to look: what failed is tried now.
    pub(super) fn woken(&mut self) {
        self.importing.try_now();
    }

    /// How long until there may be something to do.
    pub(super) fn pause(&self) -> Duration {
        let now = self.app.clock.monotonic();
        let works = [&self.importing, &self.copying, &self.putting_away];
        let due = works.iter().filter_map(|work| work.next_try(now)).min();
        due.map_or(ASK_EVERY, |at| (at - now).min(ASK_EVERY))
    }

    fn round(
        &self,
        work: &mut Work,
        next: fn(&Worker, &Work) -> Result<Option<Import>, String>,
        step: Carry,
    ) -> Round {
        let now = self.app.clock.monotonic();
        if work.turn(now).is_none() {
            return Round::Idle;
        }
        // While the look-out takes a file, that file's entry is the look-out's.
        let Some(nobody_claims) = self.board.nobody_claims(self.register) else { return Round::Idle };
        let entry = next(self, work);
        drop(nobody_claims);
        let entry = match entry {
            Ok(Some(entry)) => entry,
            Ok(None) => {
                // While what failed is not due, there may be just nothing else.
                if work.is_due(now) && work.nothing_fails() {
                    self.works_again();
                }
                return Round::Idle;
            }
            Err(message) => {
                self.failed(work, None, message);
                return Round::Idle;
            }
        };
        work.tries(entry.id);
        match self.guarded(work, &entry, step) {
            Ok(done) => {
                if work.worked(entry.id) {
                    self.works_again();
                }
                if let Some(import) = done {
                    self.board.finished(self.register, &import);
                }
                Round::Worked
            }
            Err(Later::Stopping) => Round::Stop,
            Err(Later::Failing(message)) => {
                self.failed(work, Some(&entry), message);
                Round::Idle
            }
        }
    }

    /// Runs one step of an import; a fault of the program in it is a failure like any other, and told.
    fn guarded(&self, work: &mut Work, entry: &Import, step: Carry) -> Result<Option<Import>, Later> {
        let watch = BoardWatch {
            app: &self.app,
            board: &self.board,
            register: self.register,
            file: &entry.file,
            last: Mutex::new(None),
        };
        let result = catch_unwind(AssertUnwindSafe(|| step(&self.app, entry.id, &watch)));
        self.board.asks(self.register, Asker::Worker, false);
        // The bar of an import that ended, in whatever way, must not stand still on the pages.
        let _ = self.app.live.write(|c| register::live::clear_progress(c, entry.id));
        result.unwrap_or_else(|_| {
            work.faults += 1;
            if work.faults >= FAULTS && import::refuse_after_faults(&self.app, entry)? {
                return Ok(None);
            }
            Err(Later::Failing(format!(
                "a fault of the program stopped import {}; nothing of it was changed; please report it with the log",
                entry.id
            )))
        })
    }

    /// The oldest import of this register that has no outcome yet; none while that one is held.
    fn next_import(&self, _: &Work) -> Result<Option<Import>, String> {
        self.app.db.read(|c| imports::next(c, self.register)).map_err(|error| error.to_string())
    }

    /// The next import whose file is to be copied before its turn comes; one that cannot be does not hold up the others.
    fn next_to_copy(&self, work: &Work) -> Result<Option<Import>, String> {
        let Some((behind, may_be_tried)) = work.turn(self.app.clock.monotonic()) else { return Ok(None) };
        let next = import::next_to_copy(&self.app, self.register, behind);
        Ok(next.map_err(|error| error.to_string())?.filter(|entry| may_be_tried(entry.id)))
    }

    /// The next import in turn whose file is not put away yet; one that cannot be put away does not hold up the others.
    fn next_to_put_away(&self, work: &Work) -> Result<Option<Import>, String> {
        let Some((behind, may_be_tried)) = work.turn(self.app.clock.monotonic()) else { return Ok(None) };
        let next = self.app.db.read(|c| imports::to_put_away(c, self.register, behind));
        Ok(next.map_err(|error| error.to_string())?.filter(|entry| may_be_tried(entry.id)))
    }

    fn works_again(&self) {
        tracing::info!(register = self.register.name, "works again");
    }

    fn failed(&self, work: &mut Work, entry: Option<&Import>, message: String) {
        let about = entry.map_or_else(|| message.clone(), |entry| message.replace(&entry.file, ""));
        let now = self.app.clock.monotonic();
        let failed = work.failed(entry.map(|entry| entry.id), &about, now, self.app.chance());
        let pause = failed.pause;
        if failed.is_news {
            tracing::warn!(
                register = self.register.name,
                import = entry.map(|e| e.id),
                next_try_in = ?pause,
                "failing: {message}"
            );
        }
        if let Some(entry) = entry {
            // The entry tells people why it waits; when even that cannot be written, the page still does.
            let _ = self.app.db.write(|c| match imports::find(c, entry.id)? {
                Some(now) if now.step < Step::Committed => {
                    imports::requeue(c, now.id, now.step, Some(&message))
                }
                _ => Ok(()),
            });
        }
        work.failing = Some(State::failing(message, pause, self.app.clock.now()));
    }

    /// Waits for the next reason to look, and gives it.
    fn wait(&self) -> Option<Wake> {
        match self.wake.recv_timeout(self.pause()) {
            Ok(wake) => Some(wake),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => Some(Wake::Stop),
        }
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
        self.board.asks(self.register, Asker::Worker, stage.asks_folder());
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
