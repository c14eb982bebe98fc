//! What every automation is doing now, put together from the one that looks at the folder and the one that imports,
//! and shown to pages and other processes.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

use std::time::Duration;

use register::db::DbError;
use register::imports::Import;
use register::{REGISTERS, Register};
use tokio::sync::watch;

use super::status::{LastCounts, LastImport, State, Status};
use crate::app::App;

/// Other processes are told of a state that goes on at most this often.
const TELL_EVERY: Duration = Duration::from_secs(1);

/// A folder that keeps one look waiting for longer than this is said not to answer. A disk needs thousandths of a second
/// for the few calls of a look, a slow share seconds.
const SILENT: Duration = Duration::from_secs(10);

/// Who asks the exchange folder for something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asker {
    /// The look-out of a register.
    Lookout,
    /// Who imports into a register.
    Worker,
    /// Who copies what waits for a register.
    Copier,
}

/// The states of all automations; one row per register.
pub(super) struct Board {
    app: Arc<App>,
    rows: Mutex<Vec<Row>>,
    shown: watch::Sender<Vec<Status>>,
    stopping: AtomicBool,
    /// For each register, held while its look-out takes a file: between its entry in the ledger and its new name.
    claiming: HashMap<&'static str, Mutex<()>>,
    /// When other processes were last told of each register, and which state.
    told: Mutex<HashMap<String, (Duration, &'static str)>>,
}

struct Row {
    register: &'static Register,
    waits_for: String,
    folder: String,
    /// What the look-out sees in the folder.
    seen: State,
    /// What the importer does; `None` while it has nothing to do.
    work: Option<State>,
    /// The same of the copier.
    copying: Option<State>,
    last: Option<LastImport>,
    /// How many files wait, in the folder or taken.
    waiting: u64,
    hint: Option<String>,
    /// Since when each asker waits for the exchange folder to answer.
    asking: Vec<(Asker, Duration)>,
}

impl Board {
    pub(super) fn new(app: Arc<App>) -> Board {
        let rows = REGISTERS
            .iter()
            .map(|register| Row {
                register,
                waits_for: String::new(),
                folder: String::new(),
                seen: State::Inactive,
                work: None,
                copying: None,
                last: last_import(&app, register),
                waiting: 0,
                hint: None,
                asking: Vec::new(),
            })
            .collect();
        let board = Board {
            app,
            rows: Mutex::new(rows),
            shown: watch::Sender::new(Vec::new()),
            stopping: AtomicBool::new(false),
            claiming: REGISTERS.iter().map(|register| (register.name, Mutex::new(()))).collect(),
            told: Mutex::new(HashMap::new()),
        };
        board.change(REGISTERS[0], |_| ());
        board
    }

    pub(super) fn statuses(&self) -> Vec<Status> {
        self.shown.borrow().clone()
    }

    pub(super) fn subscribe(&self) -> watch::Receiver<Vec<Status>> {
        self.shown.subscribe()
    }

    pub(super) fn stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
    }

    pub(super) fn stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    /// For the look-out of a register: keeps others from the file that it takes, until this is dropped.
    pub(super) fn claiming(&self, register: &Register) -> Option<MutexGuard<'_, ()>> {
        Some(self.claiming.get(register.name)?.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether the look-out of a register is taking a file just now, which is long where the folder does not answer.
    pub(super) fn is_claiming(&self, register: &Register) -> bool {
        let claiming = self.claiming.get(register.name);
        claiming.is_some_and(|claiming| matches!(claiming.try_lock(), Err(TryLockError::WouldBlock)))
    }

    /// Somebody begins to ask the exchange folder for something, or has its answer.
    pub(super) fn asks(&self, register: &Register, who: Asker, asks: bool) {
        let now = self.app.clock.monotonic();
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(row) = rows.iter_mut().find(|row| row.register.name == register.name) {
            row.asking.retain(|(asker, _)| *asker != who);
            if asks {
                row.asking.push((who, now));
            }
        }
    }

    /// Whether the exchange folder has left a call of this one without an answer for long; gives the folder.
    pub(super) fn unanswered(&self, register: &Register, who: Asker) -> Option<String> {
        let now = self.app.clock.monotonic();
        let rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        let row = rows.iter().find(|row| row.register.name == register.name)?;
        let silent =
            row.asking.iter().any(|(asker, since)| *asker == who && now.saturating_sub(*since) >= SILENT);
        silent.then(|| row.folder.clone())
    }

    /// Shows what nobody tells: that the folder has not answered one of them for long.
    pub(super) fn show_silence(&self) {
        self.change(REGISTERS[0], |_| ());
    }

    /// What the look-out of a register sees, and what it waits for where.
    pub(super) fn seen(&self, register: &'static Register, waits_for: &str, folder: &str, state: State) {
        self.change(register, |row| {
            waits_for.clone_into(&mut row.waits_for);
            folder.clone_into(&mut row.folder);
            row.seen = state;
        });
    }

    /// What the look-out sees beside that: how many files wait, taken ones included, and what people should know.
    pub(super) fn beside(&self, register: &'static Register, waiting: u64, hint: Option<String>) {
        self.change(register, |row| (row.waiting, row.hint) = (waiting, hint));
    }

    /// What the importer of a register does.
    pub(super) fn work(&self, register: &'static Register, state: Option<State>) {
        self.change(register, |row| row.work = state);
    }

    /// What the copier of a register does.
    pub(super) fn copying(&self, register: &'static Register, state: Option<State>) {
        self.change(register, |row| row.copying = state);
    }

    /// An import of a register has ended.
    pub(super) fn finished(&self, register: &'static Register, import: &Import) {
        if import.automation.as_deref() == Some(register.automation) {
            self.change(register, |row| row.last = Some(told(import)));
        }
    }

    fn change(&self, register: &'static Register, change: impl FnOnce(&mut Row)) {
        let now = self.app.clock.monotonic();
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(row) = rows.iter_mut().find(|row| row.register.name == register.name) {
            change(row);
        }
        let statuses: Vec<Status> = rows.iter().map(|row| row.status(now)).collect();
        let mut news = Vec::new();
        self.shown.send_if_modified(|shown| {
            news = statuses.iter().filter(|status| !shown.contains(status)).cloned().collect();
            if !news.is_empty() {
                shown.clone_from(&statuses);
            }
            !news.is_empty()
        });
        drop(rows);
        news.iter().for_each(|status| self.tell_other_processes(status));
    }

    /// `automation list` runs in a process of its own and reads the states here; what only counts on is written once a
    /// second.
    fn tell_other_processes(&self, status: &Status) {
        let now = self.app.clock.monotonic();
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let before = told.insert(status.name.clone(), (now, status.state.word()));
        if let Some((at, word)) = before.filter(|(at, word)| {
            *word == status.state.word()
                && now.saturating_sub(*at) < TELL_EVERY
                && status.state.percent().is_some()
        }) {
            told.insert(status.name.clone(), (at, word));
            return;
        }
        drop(told);
        let write = || {
            self.app.live.write(|c| {
                let text = serde_json::to_string(status).unwrap_or_default();
                register::live::set_automation_state(c, &status.name, &text, self.app.clock.now())
            })
        };
        // Another process sees the state a moment later; nothing depends on it. But that the disk is full is news that
        // must come through just then.
        if matches!(write(), Err(DbError::Full)) && self.app.live.reuse_log().is_ok() {
            let _ = write();
        }
    }
}

impl Row {
    fn status(&self, now: Duration) -> Status {
        let silent = self.asking.iter().any(|(_, since)| now.saturating_sub(*since) >= SILENT);
        let state = match (&self.work, &self.copying) {
            _ if silent => State::Warning { message: does_not_answer(&self.folder) },
            // That something waits for a decision lasts for days, and hides nothing else.
            (Some(State::Warning { .. }) | None, Some(copying)) => copying.clone(),
            (Some(work), _) => work.clone(),
            (None, None) => self.seen.clone(),
        };
        // One trouble hides no other: an archive that is full says nothing of an exchange folder that is gone.
        let others = [self.work.as_ref(), self.copying.as_ref(), Some(&self.seen)];
        let state = others.into_iter().flatten().fold(state, State::and);
        Status {
            name: self.register.automation.to_owned(),
            title: self.register.automation_title.to_owned(),
            register: self.register.name.to_owned(),
            waits_for: self.waits_for.clone(),
            folder: self.folder.clone(),
            state,
            last: self.last.clone(),
            waiting: self.waiting,
            hint: self.hint.clone(),
        }
    }
}

fn does_not_answer(folder: &str) -> String {
    format!(
        "The exchange folder {folder} does not answer. It goes on by itself as soon as the folder answers; until then, \
         look after the network and the machine that shares the folder."
    )
}

fn last_import(app: &App, register: &'static Register) -> Option<LastImport> {
    let filter = register::imports::Filter {
        automation: Some(register.automation.to_owned()),
        limit: 1,
        ..register::imports::Filter::default()
    };
    let page = app.db.read(|c| register::imports::list(c, &filter)).ok()?;
    page.items.iter().find(|import| import.finished_at.is_some()).map(told)
}

fn told(import: &Import) -> LastImport {
    LastImport {
        id: import.id,
        state: import.state.to_string(),
        finished_at: import.finished_at,
        counts: LastCounts {
            read: import.counts.read,
            created: import.counts.created,
            updated: import.counts.updated,
            unchanged: import.counts.unchanged,
            refused: import.counts.refused,
        },
        warnings: import.warnings,
        reason: import.reason.clone(),
    }
}

#[cfg(test)]
mod tests;
