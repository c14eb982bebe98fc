//! The look-out of one automation: looks at the exchange folder, lets each file settle, and takes what has settled, in
//! order, oldest first. Hints bring the next look forward; the looks decide.

mod watched;

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

use register::Register;
use register::db::Cached;
use register::settings::AfterImport;

use self::watched::Watched;
use super::Wake;
use super::backoff::Backoff;
use super::board::{Asker, Board};
use super::finished;
use super::names::FEW;
use super::retry::Ear;
use super::settling::{LOOK_AT_SETTLED_EVERY, SCAN_EVERY, Settling};
use super::status::State;
use super::told::Told;
use crate::app::App;
use crate::exchange::arrival::Verdict;
use crate::exchange::place::{self, Look, observe};
use crate::import::{self, Identity, Known, Taking};

/// What is told when the program itself is at fault.
const FAULT: &str = "a fault of the program; nothing was taken; please report it with the log";

/// Settings changed by another process are in force within a second; this is how often the look-out asks.
const SETTINGS_EVERY: Duration = Duration::from_millis(500);

/// A folder that cannot be reached is looked for at least this often: looking costs little.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Settings, hints and a request to stop are heard at least this often while many files are being taken.
const TAKE_FOR: Duration = Duration::from_millis(250);

/// The look-out of one automation; runs in a thread of its own.
pub(super) struct Lookout {
    app: Arc<App>,
    register: &'static Register,
    board: Arc<Board>,
    wake: Receiver<Wake>,
    own: Sender<Wake>,
    /// Who copies and who imports what is taken.
    workers: [Sender<Wake>; 2],
    /// The version of the settings now, and of those that were last read.
    now: Cached<i64>,
    version: Option<i64>,
    watched: Option<Watched>,
    backoff: Backoff,
    ear: Ear,
    told: Told,
}

/// How long to wait after a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pause {
    /// Until the next look is due.
    Look(Duration),
    /// Until the next try is due, or somebody changes the settings.
    Retry(Duration),
}

impl Lookout {
    /// The look-out of `register`, which is woken through `wake`, also by itself (`own`), and wakes the workers.
    pub(super) fn new(
        app: &Arc<App>,
        register: &'static Register,
        board: &Arc<Board>,
        wake: Receiver<Wake>,
        own: Sender<Wake>,
        workers: [Sender<Wake>; 2],
    ) -> Lookout {
        let (app, board) = (Arc::clone(app), Arc::clone(board));
        let backoff = Backoff::up_to(LONGEST_PAUSE);
        let ear = Ear::new(&app, register);
        let told = Told::default();
        let (now, version, watched) = (Cached::default(), None, None);
        Lookout { app, register, board, wake, own, workers, now, version, watched, backoff, ear, told }
    }

    /// Looks until it is told to stop.
    pub(super) fn run(mut self) {
        loop {
            let stop = match self.step() {
                Pause::Look(pause) => self.wait(pause) == Some(Wake::Stop),
                Pause::Retry(pause) => self.rest(pause),
            };
            if stop {
                return;
            }
        }
    }

    /// One look; a fault of the program in it is a failure like any other.
    pub(super) fn step(&mut self) -> Pause {
        self.board.show_silence();
        let turn = catch_unwind(AssertUnwindSafe(|| self.turn()));
        self.board.asks(self.register, Asker::Lookout, false);
        let turn = turn.unwrap_or_else(|_| {
            // Nobody knows in what state the fault left them: everything is read and watched anew.
            self.version = None;
            Err(FAULT.to_owned())
        });
        match turn {
            Ok(pause) => {
                self.backoff.worked();
                if self.told.worked() {
                    tracing::info!(automation = self.register.automation, "works again");
                }
                self.hear();
                Pause::Look(pause.min(SETTINGS_EVERY))
            }
            Err(message) => Pause::Retry(self.failing(message)),
        }
    }

    /// Whether somebody wants another try now; the worker is told so, too.
    fn hear(&mut self) -> bool {
        let asked = self.ear.asked(&self.app);
        if asked {
            self.wake_workers(Wake::Retry);
        }
        asked
    }

    fn wake_workers(&self, wake: Wake) {
        for worker in &self.workers {
            // One that has ended needs to be told nothing.
            let _ = worker.send(wake);
        }
    }

    /// Waits after a failure until the next try is due, or until somebody changed the settings or has another reason to
    /// look; `true` means stop.
    fn rest(&mut self, pause: Duration) -> bool {
        let until = self.app.clock.monotonic() + pause;
        loop {
            let left = until.saturating_sub(self.app.clock.monotonic());
            match self.wait(left.min(SETTINGS_EVERY)) {
                Some(Wake::Stop) => return true,
                Some(_) => {
                    self.hear();
                    return false;
                }
                None if left.is_zero() || self.hear() => return false,
                None => {
                    // A database that cannot be asked is what the next try will find out.
                    let now = self.now.read(&self.app.db, register::settings::version).ok();
                    if now.is_some() && now != self.version {
                        return false;
                    }
                }
            }
        }
    }

    /// One look at settings and folder; gives the time until the next one is due.
    fn turn(&mut self) -> Result<Duration, String> {
        let now = self.now.read(&self.app.db, register::settings::version);
        let now = now.map_err(|error| error.to_string())?;
        if self.version != Some(now) {
            let before = self.watched.take();
            self.watched = self.reload(before).map_err(|error| format!("{error:#}"))?;
            self.version = Some(now);
        }
        let Some(mut watched) = self.watched.take() else { return Ok(SETTINGS_EVERY) };
        let looked = self.look(&mut watched);
        self.watched = Some(watched);
        looked
    }

    /// Looks at every file that is wanted, and takes those that have settled.
    fn look(&self, watched: &mut Watched) -> Result<Duration, String> {
        self.board.asks(self.register, Asker::Lookout, true);
        watched.hints.refresh();
        watched.ground.check(&self.app, watched.place.as_ref(), &watched.folder)?;
        let format = &watched.format.format;
        let names = watched
            .names
            .wanted(watched.place.as_ref(), format, self.app.clock.monotonic())
            .map_err(|error| format!("the exchange folder {} cannot be read: {error}", watched.folder))?;
        let there: HashSet<&str> = names.iter().map(String::as_str).collect();
        watched.arrivals.retain(|name, _| there.contains(name.as_str()));
        let monotonic = || self.app.clock.monotonic();
        let mut next = monotonic() + SCAN_EVERY;
        let mut shown: Option<State> = None;
        // Once an older file is not settled yet, newer ones wait for it: what changed last must be imported last.
        let mut in_order = true;
        let few = names.len() <= FEW;
        let (began, mut near, mut gone) = (monotonic(), 0, 0);
        // What is told of a file may come before the file is listed: it is kept until then.
        let told = watched.hints.news().into_iter();
        watched.news.extend(told.filter(|(name, _)| watched.format.format.takes(name)));
        for name in names.iter() {
            let asked = finished::conditions(&watched.format.format, &watched.settings, name);
            let marker = asked.marker.clone();
            let fresh = !watched.arrivals.contains_key(name);
            let settling = watched.arrivals.entry(name.clone()).or_insert_with(|| Settling::new(asked));
            if let Some(news) = watched.news.remove(name) {
                settling.arrival.hear(news);
            }
            if let Some(due) = settling.due.filter(|due| !few && *due > monotonic()) {
                next = next.min(due);
                in_order &= settling.is_left() || !settling.may_be_older;
                near += usize::from(!settling.is_left());
                gone += usize::from(settling.is_left());
                continue;
            }
            let closely = near < FEW;
            self.board.asks(self.register, Asker::Lookout, true);
            // The marker first: what is in the file afterwards was there when the marker was, or changed later.
            if let Some(marker) = &marker {
                let place = watched.place.as_ref();
                let found = settling.marker.look(&self.app, place, &watched.folder, marker)?;
                settling.arrival.see_marker(found);
            }
            let (observation, look) = observe(watched.place.as_ref(), name, &monotonic);
            let Look::Seen(sighting, file) = look else {
                let verdict = settling.see(observation, closely, &mut next);
                gone += usize::from(verdict == Verdict::Gone);
                shown = shown.or_else(|| self.show(name, fresh, &verdict, None, settling));
                in_order &= !settling.may_be_older;
                if let Verdict::NoFolder { error, .. } = verdict {
                    return Err(format!("the exchange folder {} cannot be reached: {error}", watched.folder));
                }
                continue;
            };
            // A file that was left here after its import stays left, also when the setting is changed later.
            let identity = Identity::of(&watched.folder, name, &sighting);
            if settling.must_ask(&identity, monotonic()) {
                let known = import::is_left(&self.app, self.register.automation, &identity);
                let known = known.map_err(|error| error.to_string())?;
                settling.was_told(identity.clone(), known, monotonic());
            }
            if settling.is_left() {
                if settling.was_let_go(&sighting.writer) {
                    self.wake_workers(Wake::Look);
                }
                settling.due = Some(monotonic() + LOOK_AT_SETTLED_EVERY);
                gone += 1;
                continue;
            }
            near += 1;
            let verdict = settling.see(observation, closely, &mut next);
            match &verdict {
                Verdict::Settled(proof) if in_order => {
                    let known =
                        import::is_left_by_content(&self.app, self.register.automation, &identity, &file);
                    match known.map_err(|error| error.to_string())? {
                        Known::No => {}
                        Known::Left => {
                            settling.was_told(identity, Known::Left, monotonic());
                            gone += 1;
                            continue;
                        }
                        Known::Perhaps => {
                            in_order = false;
                            continue;
                        }
                    }
                    drop(file);
                    let taking = Taking {
                        register: self.register,
                        format: &watched.format,
                        place: watched.place.as_ref(),
                        folder: &watched.folder,
                        name,
                        settled: &sighting,
                        proof,
                        marker: settling.marker.seen(),
                        leave: watched.settings.after_import() == AfterImport::Leave,
                    };
                    self.board.asks(self.register, Asker::Lookout, true);
                    let claiming = self.board.claiming(self.register);
                    let taken = import::take_from_folder(&self.app, &taking).map_err(|e| e.to_string())?;
                    drop(claiming);
                    watched.arrivals.remove(name);
                    gone += 1;
                    if let Some(id) = taken {
                        tracing::info!(import = id, file = name, size = sighting.size, "taken");
                        self.wake_workers(Wake::Look);
                    }
                    if monotonic().saturating_sub(began) > TAKE_FOR {
                        next = monotonic();
                        break;
                    }
                }
                Verdict::Settled(_) => settling.waits_for_older(monotonic(), closely),
                _ => {
                    in_order &= !settling.may_be_older;
                    shown = shown.or_else(|| self.show(name, fresh, &verdict, Some(&sighting), settling));
                }
            }
        }
        let (waits_for, place) = (&format.filename, watched.place.as_ref());
        let hint = match shown {
            None => watched.names.hint(place, format, monotonic()),
            Some(_) => None,
        };
        let to_do = |c: &_| register::imports::to_do(c, self.register);
        let taken = watched.taken.read(&self.app.db, to_do).unwrap_or(0);
        let waiting = (names.len() - gone) as u64 + taken;
        self.board.seen(self.register, waits_for, &watched.folder, shown.unwrap_or(State::Waiting));
        self.board.beside(self.register, waiting, hint);
        Ok(next.saturating_sub(monotonic()))
    }

    /// What people see of one file that is not taken yet; its first appearance is logged.
    fn show(
        &self,
        name: &str,
        fresh: bool,
        verdict: &Verdict,
        sighting: Option<&place::Sighting>,
        settling: &mut Settling,
    ) -> Option<State> {
        let state = settling.state(name, verdict, sighting);
        let warning = match (&state, verdict) {
            (Some(State::Warning { message }), Verdict::NotAFileWeTake { .. }) => Some(message.as_str()),
            _ => None,
        };
        if settling.is_news(warning)
            && let Some(message) = warning
        {
            tracing::warn!(automation = self.register.automation, file = name, "{message}");
        }
        if fresh && matches!(verdict, Verdict::Settling { .. }) {
            let size = sighting.map(|s| s.size);
            tracing::info!(automation = self.register.automation, file = name, size, "seen");
        }
        state
    }

    fn failing(&mut self, message: String) -> Duration {
        let pause = self.backoff.failed(self.app.chance());
        if self.told.is_news(&message) {
            tracing::warn!(automation = self.register.automation, "failing: {message}");
        }
        let (waits_for, folder) = self
            .watched
            .as_ref()
            .map(|w| (w.format.format.filename.clone(), w.folder.clone()))
            .unwrap_or_default();
        let state = State::failing(message, pause, self.app.clock.now());
        self.board.seen(self.register, &waits_for, &folder, state);
        pause
    }

    /// Waits until the next look is due or somebody has a reason to look, and gives that reason.
    fn wait(&self, pause: Duration) -> Option<Wake> {
        let mut wake = match self.wake.recv_timeout(pause) {
            Ok(wake) => wake,
            Err(RecvTimeoutError::Timeout) => return None,
            Err(RecvTimeoutError::Disconnected) => return Some(Wake::Stop),
        };
        // One look answers all hints that have come by now.
        while let Ok(next) = self.wake.try_recv() {
            if next == Wake::Stop {
                wake = next;
            }
        }
        Some(wake)
    }
}
