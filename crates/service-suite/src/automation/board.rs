//! What every automation is doing now, put together from the one that looks at the folder and the one that imports,
//! and shown to pages and other processes.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use std::time::Duration;

use register::db::DbError;
use register::imports::Import;
use register::{REGISTERS, Register};
use tokio::sync::watch;

use super::status::{LastCounts, LastImport, State, Status};
use crate::app::App;

/// Other processes are told of a state that goes on at most this often.
const TELL_EVERY: Duration = Duration::from_secs(1);

/// The states of all automations; one row per register.
pub(super) struct Board {
    app: Arc<App>,
    rows: Mutex<Vec<Row>>,
    shown: watch::Sender<Vec<Status>>,
    stopping: AtomicBool,
    /// Held while a look-out takes a file: between its entry in the ledger and its new name.
    claiming: Mutex<()>,
    /// When other processes were last told of each register, and which state.
    told: Mutex<HashMap<&'static str, (Duration, &'static str)>>,
}

struct Row {
    register: &'static Register,
    waits_for: String,
    folder: String,
    /// What the look-out sees in the folder.
    seen: State,
    /// What the worker does; `None` while it has nothing to do.
    work: Option<State>,
    last: Option<LastImport>,
    /// How many files wait, in the folder or taken.
    waiting: u64,
    hint: Option<String>,
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
                last: last_import(&app, register),
                waiting: 0,
                hint: None,
            })
            .collect();
        let board = Board {
            app,
            rows: Mutex::new(rows),
            shown: watch::Sender::new(Vec::new()),
            stopping: AtomicBool::new(false),
            claiming: Mutex::new(()),
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

    /// Waits until nobody is taking a file, and keeps others from it until it is dropped.
    pub(super) fn claiming(&self) -> MutexGuard<'_, ()> {
        self.claiming.lock().unwrap_or_else(PoisonError::into_inner)
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

    /// What the worker of a register does.
    pub(super) fn work(&self, register: &'static Register, state: Option<State>) {
        self.change(register, |row| row.work = state);
    }

    /// An import of a register has ended.
    pub(super) fn finished(&self, register: &'static Register, import: &Import) {
        if import.automation.as_deref() == Some(register.automation) {
            self.change(register, |row| row.last = Some(told(import)));
        }
    }

    /// Whether nobody was told of this warning yet, so that it is logged once.
    pub(super) fn is_new_warning(&self, register: &'static Register, message: &str) -> bool {
        let told = |state: &State| matches!(state, State::Warning { message: known } if known == message);
        let rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        !rows
            .iter()
            .filter(|row| row.register.name == register.name)
            .any(|row| told(&row.seen) || row.work.as_ref().is_some_and(told))
    }

    fn change(&self, register: &'static Register, change: impl FnOnce(&mut Row)) {
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(row) = rows.iter_mut().find(|row| row.register.name == register.name) {
            change(row);
        }
        let statuses: Vec<Status> = rows.iter().map(Row::status).collect();
        let mut news = false;
        self.shown.send_if_modified(|shown| {
            news = *shown != statuses;
            if news {
                shown.clone_from(&statuses);
            }
            news
        });
        drop(rows);
        if news {
            self.tell_other_processes(register, &statuses);
        }
    }

    /// `automation list` runs in a process of its own and reads the states here; what only counts on is written once a
    /// second.
    fn tell_other_processes(&self, register: &'static Register, statuses: &[Status]) {
        let Some(status) = statuses.iter().find(|status| status.register == register.name) else { return };
        let now = self.app.clock.monotonic();
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let before = told.insert(register.name, (now, status.state.word()));
        if let Some((at, word)) = before.filter(|(at, word)| {
            *word == status.state.word()
                && now.saturating_sub(*at) < TELL_EVERY
                && status.state.percent().is_some()
        }) {
            told.insert(register.name, (at, word));
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
    fn status(&self) -> Status {
        let state = match (&self.work, &self.seen) {
            (Some(work), _) => work.clone(),
            (None, seen) => seen.clone(),
        };
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
        reason: import.reason.clone(),
    }
}
