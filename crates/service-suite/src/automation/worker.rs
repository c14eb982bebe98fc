//! The importer and the copier of one register: each takes what the ledger says is unfinished, one at a time, and tries
//! again what could not be done. The importer goes in order; putting files away comes after importing and never holds it
//! up. The copier is a thread of its own, so that what waits is copied however long an import lasts.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

use register::Register;
use register::db::{DbError, Moment};
use register::imports::{self, Import, Step};

use super::Wake;
use super::board::{Asker, Board};
use super::shown::Shown;
use super::status::State;
use super::work::Work;
use crate::app::App;
use crate::import::{self, Later, Watch};

/// Imports begun by other processes announce themselves to nobody: this is how often the ledger is asked.
const ASK_EVERY: Duration = Duration::from_secs(1);

/// An import that makes the program fault so many times is refused, so that the next one can go on.
const FAULTS: u32 = 3;

pub(super) struct Worker {
    app: Arc<App>,
    register: &'static Register,
    board: Arc<Board>,
    wake: Receiver<Wake>,
    shown: Shown,
    /// What it does, the first one first.
    jobs: Vec<Job>,
    /// Who is told that something was done.
    other: Option<Sender<Wake>>,
    /// When there was nothing to do, and nothing that may be to do later: until something is committed, there is nothing.
    idle_since: Option<Moment>,
}

/// One kind of what a worker does.
struct Job {
    work: Work,
    /// The import that is to be carried on next.
    next: fn(&Worker, &Work) -> Result<Option<Import>, String>,
    /// What must be had to do it; `None` while somebody else has it.
    alone: Option<Alone>,
    carry: Carry,
    /// The step at which an import has left this job behind.
    until: Step,
}

/// Gives what only one can have at a time, or `None` while somebody else has it.
type Alone = fn(&App, &Register) -> Result<Option<File>, Later>;

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
    /// Who imports into `register`, is woken through `wake`, and wakes the copier.
    pub(super) fn importer(
        app: &Arc<App>,
        register: &'static Register,
        board: &Arc<Board>,
        wake: Receiver<Wake>,
        copier: Sender<Wake>,
    ) -> Worker {
        let importing = Job {
            work: Work::in_order(),
            next: Worker::next_import,
            alone: None,
            carry: import::carry_on,
            until: Step::Committed,
        };
        let putting_away = Job {
            work: Work::default(),
            next: Worker::next_to_put_away,
            alone: None,
            carry: import::put_away,
            until: Step::Committed,
        };
        Worker::new(app, register, board, wake, Asker::Worker, vec![importing, putting_away], Some(copier))
    }

    /// Who copies for `register` what waits, and is woken through `wake`.
    pub(super) fn copier(
        app: &Arc<App>,
        register: &'static Register,
        board: &Arc<Board>,
        wake: Receiver<Wake>,
    ) -> Worker {
        let copying = Job {
            work: Work::default(),
            next: Worker::next_to_copy,
            alone: Some(import::begin_to_copy),
            carry: import::copy_ahead,
            until: Step::Spooled,
        };
        Worker::new(app, register, board, wake, Asker::Copier, vec![copying], None)
    }

    fn new(
        app: &Arc<App>,
        register: &'static Register,
        board: &Arc<Board>,
        wake: Receiver<Wake>,
        who: Asker,
        jobs: Vec<Job>,
        other: Option<Sender<Wake>>,
    ) -> Worker {
        let (app, board) = (Arc::clone(app), Arc::clone(board));
        let shown = Shown { app: Arc::clone(&app), board: Arc::clone(&board), register, who };
        Worker { app, register, board, wake, shown, jobs, other, idle_since: None }
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
                        self.idle_since = None;
                        self.jobs.iter_mut().for_each(|job| job.work.try_now());
                    }
                    None => {}
                },
            }
        }
    }

    /// One round: the first of its jobs for which there is something to do now.
    pub(super) fn step(&mut self) -> Round {
        self.board.show_silence();
        // Before the ledger is asked: what is committed meanwhile is noticed the next time.
        let now = self.app.db.moment().ok();
        if now.is_some() && now == self.idle_since {
            return Round::Idle;
        }
        let mut jobs = std::mem::take(&mut self.jobs);
        let mut round = Round::Idle;
        for job in &mut jobs {
            round = self.round(job);
            if !matches!(round, Round::Idle) {
                break;
            }
        }
        let failing = jobs.iter().filter_map(|job| job.work.failing.as_ref());
        let failing = failing.fold(None, |all: Option<State>, one| match all {
            None => Some(one.clone()),
            Some(all) => Some(all.and(one)),
        });
        self.shown.show(failing.or_else(|| self.stands()));
        self.jobs = jobs;
        self.idle_since = now.filter(|_| matches!(round, Round::Idle) && self.is_idle());
        if let (Round::Worked, Some(other)) = (&round, &self.other) {
            // It may have been what could not be copied, or have made room. One that has ended needs to be told nothing.
            let _ = other.send(Wake::Look);
        }
        round
    }

    /// Whether nothing waits for anything: no import for its turn, nothing that failed for its next try.
    fn is_idle(&self) -> bool {
        let waits = |c: &_| {
            Ok(imports::to_do(c, self.register)? > 0 || imports::to_put_away(c, self.register, 0)?.is_some())
        };
        let fails = self.jobs.iter().any(|job| !job.work.is_calm());
        !fails && matches!(self.app.db.read(waits), Ok::<_, DbError>(false))
    }

    /// What people are told while a held import keeps others from being imported, or waits for a decision itself.
    fn stands(&self) -> Option<State> {
        if self.shown.who == Asker::Copier {
            return None;
        }
        let (held, behind) = self.app.db.read(|c| imports::stands(c, self.register)).ok()??;
        let wait = match behind {
            0 => String::new(),
            1 => " One import waits behind it.".to_owned(),
            more => format!(" {more} imports wait behind it."),
        };
        let message = format!("Import {} of {} is held: shall it be imported?{wait}", held.id, held.file);
        Some(State::Warning { message })
    }

    /// Somebody has a reason to look: what failed is tried now, but not what comes after everything else.
    pub(super) fn woken(&mut self) {
        self.idle_since = None;
        self.jobs[0].work.try_now();
    }

    /// How long until there may be something to do.
    pub(super) fn pause(&self) -> Duration {
        let now = self.app.clock.monotonic();
        let due = self.jobs.iter().filter_map(|job| job.work.next_try(now)).min();
        due.map_or(ASK_EVERY, |at| (at - now).min(ASK_EVERY))
    }

    fn round(&self, job: &mut Job) -> Round {
        let now = self.app.clock.monotonic();
        let work = &mut job.work;
        if work.turn(now).is_none() {
            return Round::Idle;
        }
        let entry = match (job.next)(self, work) {
            // While the look-out takes a file, that file's entry is the look-out's.
            Ok(Some(entry)) if entry.step == Step::Claiming && self.board.is_claiming(self.register) => {
                return Round::Idle;
            }
            Ok(Some(entry)) => entry,
            Ok(None) => {
                // While what failed is not due, there may be just nothing else.
                if work.is_due(now) && work.nothing_fails() {
                    self.works_again();
                }
                return Round::Idle;
            }
            Err(message) => {
                self.failed(job, None, message);
                return Round::Idle;
            }
        };
        let alone = match job.alone.map(|alone| alone(&self.app, self.register)).transpose() {
            Ok(Some(None)) => return Round::Idle,
            Ok(alone) => Ok(alone),
            Err(later) => Err(later),
        };
        work.tries(entry.id);
        let done = alone.and_then(|_alone| self.guarded(work, &entry, job.carry));
        match done {
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
                self.failed(job, Some(&entry), message);
                Round::Idle
            }
        }
    }

    /// Runs one step of an import; a fault of the program in it is a failure like any other, and told.
    fn guarded(&self, work: &mut Work, entry: &Import, step: Carry) -> Result<Option<Import>, Later> {
        let watch = self.shown.watch(&entry.file);
        let result = catch_unwind(AssertUnwindSafe(|| step(&self.app, entry.id, &watch)));
        self.board.asks(self.register, self.shown.who, false);
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

    fn failed(&self, job: &mut Job, entry: Option<&Import>, message: String) {
        let (work, until) = (&mut job.work, job.until);
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
                Some(now) if now.step < until => imports::requeue(c, now.id, now.step, Some(&message)),
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
