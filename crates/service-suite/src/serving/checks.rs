//! Looks at what files would do, each on a thread of its own, so that they go on when their page is left.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use erpfile::Content;
use jiff::Timestamp;
use register::settings::StoredFormat;

use super::queue::Queue;
use crate::app::App;
use crate::automation::status::LastCounts;
use crate::import::{self, CheckCopy, Checked, Later, NothingWaits, Stage, Waiting, Watch};
use crate::web::program::{Check, CheckState, Outlook, Progress, Source, Upload, Waits, WouldChange};
use crate::{secrets, text};

/// Changes of each kind, and problems, that are shown of a file before it is imported.
const SHOWN: usize = 50;

/// A check that nobody has come back to for this long is forgotten, and its upload with it.
const FORGET_AFTER: Duration = Duration::from_secs(2 * 60 * 60);

/// A file that waits may be claimed, copied and put elsewhere while it is looked for; after this many times something is
/// wrong.
const TRIES: u32 = 4;

/// The checks, by name.
pub(super) struct Checks {
    app: Arc<App>,
    cases: Mutex<HashMap<String, Arc<Case>>>,
    /// Those whose turn has not come.
    queue: Queue<Arc<Case>>,
}

/// One check, and the file that it is of.
pub(super) struct Case {
    pub(super) bytes: Bytes,
    by: String,
    at: Timestamp,
    begun: Duration,
    state: Mutex<CheckState>,
    /// Set when nobody wants the answer any more.
    pub(super) given_up: AtomicBool,
    /// Set while it is being imported, so that a second press of the button imports nothing again.
    pub(super) taken: AtomicBool,
}

/// The file of a check.
pub(super) enum Bytes {
    /// It was sent.
    Sent(Sent),
    /// It waits to be imported; where, is looked for again when it is there no more.
    Waits(Waits, Mutex<Waiting>),
}

/// A file that was sent.
pub(super) struct Sent {
    pub(super) upload: Upload,
    pub(super) file: Arc<UploadedFile>,
    pub(super) format: StoredFormat,
}

/// Goes from the disk with the last check of it.
pub(super) struct UploadedFile(pub(super) PathBuf);

impl Drop for UploadedFile {
    fn drop(&mut self) {
        // What stays behind is removed at the next start.
        let _ = std::fs::remove_file(&self.0);
    }
}

impl Drop for Checks {
    fn drop(&mut self) {
        for case in locked(&self.cases).values() {
            case.given_up.store(true, Ordering::SeqCst);
        }
    }
}

fn locked<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Checks {
    pub(super) fn new(app: &Arc<App>) -> Checks {
        Checks { app: Arc::clone(app), cases: Mutex::new(HashMap::new()), queue: Queue::new() }
    }

    /// Begins to look at a file; gives the name of the check.
    pub(super) fn begin(&self, bytes: Bytes, by: &str) -> anyhow::Result<String> {
        let case = Arc::new(Case {
            bytes,
            by: by.to_owned(),
            at: self.app.clock.now(),
            begun: self.app.clock.monotonic(),
            state: Mutex::new(CheckState::Queued(0)),
            given_up: AtomicBool::new(false),
            taken: AtomicBool::new(false),
        });
        let name = secrets::new_secret(self.app.clock.as_ref())?;
        let app = Arc::clone(&self.app);
        self.queue.add(Arc::clone(&case), move |case| {
            // Where the work ends by a fault, the page says so.
            let fault = "The look ended by a fault of the program; its log says more.";
            let mut ends = Ends { case: &case, state: CheckState::Failed(fault.to_owned()) };
            if !case.given_up.load(Ordering::SeqCst) {
                ends.state = work(&app, &case);
            }
        })?;
        let mut cases = locked(&self.cases);
        let now = self.app.clock.monotonic();
        cases.retain(|_, case| {
            let keep = now.saturating_sub(case.begun) < FORGET_AFTER;
            if !keep {
                case.given_up.store(true, Ordering::SeqCst);
            }
            keep
        });
        cases.insert(name.clone(), case);
        drop(cases);
        self.leave_out();
        Ok(name)
    }

    /// Those whose answer nobody wants any more wait no longer, and their uploads go with them.
    fn leave_out(&self) {
        self.queue.retain(|case| !case.given_up.load(Ordering::SeqCst));
    }

    /// Ends a check if it has not ended.
    pub(super) fn cancel(&self, check: &str) {
        if let Some(case) = self.case(check) {
            case.cancel();
            self.leave_out();
        }
    }

    /// Ends a check because another one takes its place.
    pub(super) fn give_up(&self, case: &Case) {
        case.given_up.store(true, Ordering::SeqCst);
        self.leave_out();
    }

    /// What the pages show of a check.
    pub(super) fn told(&self, case: &Arc<Case>) -> Check {
        let mut told = case.told();
        if let CheckState::Queued(before) = &mut told.state {
            *before = self.queue.before(|other| Arc::ptr_eq(other, case)).unwrap_or(0);
        }
        told
    }

    pub(super) fn case(&self, check: &str) -> Option<Arc<Case>> {
        locked(&self.cases).get(check).cloned()
    }

    pub(super) fn forget(&self, check: &str) {
        locked(&self.cases).remove(check);
    }

    /// The check of this person that still looks at this file that waits.
    pub(super) fn running(&self, of: &Waits, by: &str) -> Option<String> {
        let same = |case: &Case| {
            case.by == by
                && matches!(&case.bytes, Bytes::Waits(which, _) if which == of)
                && locked(&case.state).goes_on()
                && !case.given_up.load(Ordering::SeqCst)
        };
        locked(&self.cases).iter().find(|(_, case)| same(case)).map(|(name, _)| name.clone())
    }

    /// See [`crate::web::program::Imports::begun`].
    pub(super) fn begun(&self, by: &str) -> Vec<(String, Check)> {
        let mut found: Vec<(String, Arc<Case>)> = locked(&self.cases)
            .iter()
            .filter(|(_, case)| case.by == by && !case.given_up.load(Ordering::SeqCst))
            .map(|(name, case)| (name.clone(), Arc::clone(case)))
            .collect();
        found.sort_by_key(|(_, case)| std::cmp::Reverse(case.begun));
        found.into_iter().map(|(name, case)| (name, self.told(&case))).collect()
    }
}

impl Case {
    /// What the pages show of it, but for how many come before it.
    fn told(&self) -> Check {
        let state = locked(&self.state).clone();
        match &self.bytes {
            Bytes::Sent(Sent { upload, format, .. }) => Check {
                register: upload.register.clone(),
                file: upload.file.clone(),
                source: Source::Sent,
                format: format.format.name.clone(),
                changes_only: (upload.changes_only || format.format.content == Content::Full)
                    .then_some(upload.changes_only),
                at: self.at,
                state,
            },
            Bytes::Waits(_, waiting) => {
                let waiting = locked(waiting);
                Check {
                    register: waiting.format.format.register.clone(),
                    file: waiting.file.clone(),
                    source: waiting.import.map_or(Source::ExchangeFolder, Source::Import),
                    format: waiting.format.format.name.clone(),
                    changes_only: None,
                    at: self.at,
                    state,
                }
            }
        }
    }

    /// Ends it if it still goes on; the thread hears of it at its next safe point.
    fn cancel(&self) {
        let mut state = locked(&self.state);
        if state.goes_on() {
            *state = CheckState::Cancelled;
            self.given_up.store(true, Ordering::SeqCst);
        }
    }

    /// What has become of it; what was cancelled stays so.
    fn set(&self, now: CheckState) {
        let mut state = locked(&self.state);
        if state.goes_on() {
            *state = now;
        }
    }
}

/// Says at the end what has become of a check.
struct Ends<'c> {
    case: &'c Case,
    state: CheckState,
}

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.case.set(self.state.clone());
    }
}

impl Bytes {
    /// The file that waits, where it is now.
    pub(super) fn waiting(app: &App, of: &Waits) -> Result<Bytes, NothingWaits> {
        Ok(Bytes::Waits(of.clone(), Mutex::new(find(app, of)?)))
    }

    /// A private copy, the format to read it in, and whether no guard will hold it.
    fn copy(&self, app: &App, watch: &dyn Watch) -> Result<(CheckCopy, StoredFormat, bool), Later> {
        let (of, now) = match self {
            Bytes::Sent(Sent { file, format, .. }) => {
                return Ok((import::spool_for_check(app, &file.0, watch)?, format.clone(), false));
            }
            Bytes::Waits(of, now) => (of, now),
        };
        let mut tries = 0;
        loop {
            let waiting = locked(now).clone();
            tries += 1;
            match waiting.copy(app, watch) {
                Ok(copy) => return Ok((copy, waiting.format, waiting.again)),
                Err(Later::Failing(why)) if tries < TRIES => match find(app, of) {
                    Ok(there) if there.lies_where(&waiting) => return Err(Later::Failing(why)),
                    Ok(there) => *locked(now) = there,
                    Err(NothingWaits::Because(why)) => return Err(Later::Failing(why)),
                    Err(NothingWaits::Later(later)) => return Err(later),
                },
                Err(later) => return Err(later),
            }
        }
    }
}

fn find(app: &App, of: &Waits) -> Result<Waiting, NothingWaits> {
    match of {
        Waits::Import(id) => import::waiting_import(app, *id),
        Waits::Next(register) => match register::register(register) {
            Some(register) => import::waiting_for(app, register),
            None => Err(NothingWaits::Because(format!("There is no register {register}."))),
        },
    }
}

fn work(app: &App, case: &Case) -> CheckState {
    let found_out = case.bytes.copy(app, case).and_then(|(copy, format, again)| {
        let register = register::register(&format.format.register)
            .ok_or_else(|| Later::Failing(format!("there is no register {}", format.format.register)))?;
        Ok((import::check(app, register, &format.format, &copy, SHOWN, case)?, again))
    });
    match found_out {
        Ok((Checked { damage: Some(problem), .. }, _)) => CheckState::Refused(Box::new(problem)),
        Ok((checked, again)) => {
            let mut outlook = outlook(checked);
            if again {
                outlook.reasons.clear();
            }
            CheckState::Known(Box::new(outlook))
        }
        Err(Later::Failing(why)) => CheckState::Failed(text::sentence(&why)),
        Err(Later::Stopping) => CheckState::Cancelled,
    }
}

fn outlook(checked: Checked) -> Outlook {
    let counts = checked.counts;
    Outlook {
        counts: LastCounts {
            read: counts.read,
            created: counts.created,
            updated: counts.updated,
            unchanged: counts.unchanged,
            refused: counts.refused,
        },
        changes: checked
            .preview
            .into_iter()
            .map(|change| WouldChange {
                line: change.line,
                number: change.number,
                kind: change.kind,
                fields: change.changes,
            })
            .collect(),
        problems: checked.problems,
        deactivated: checked.deactivated,
        warnings: checked.warnings,
        reasons: checked.reasons.into_iter().map(|reason| reason.message).collect(),
    }
}

impl Watch for Case {
    fn stage(&self, _: i64, stage: Stage) {
        self.set(CheckState::Running(Progress { phase: stage.word().to_owned(), percent: stage.percent() }));
    }

    fn stopping(&self) -> bool {
        self.given_up.load(Ordering::SeqCst)
    }
}
