//! Importing a file by hand in the browser: look what it would do, then import it.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, anyhow};
use register::settings::{self, StoredFormat};

use crate::app::App;
use crate::automation::Running;
use crate::automation::activation::Place;
use crate::automation::status::LastCounts;
use crate::import::{self, ByHand, Checked, Later, NotAgain, Silent, Stage, Watch};
use crate::web::program::{
    Check, CheckState, Imports, Obstacle, Outlook, Progress, Refused, Upload, WouldChange,
};
use crate::{secrets, text};

/// Changes and problems shown of a file before it is imported.
const SHOWN: usize = 50;

/// A check that nobody has come back to for this long is forgotten, and its upload with it.
const FORGET_AFTER: Duration = Duration::from_secs(2 * 60 * 60);

/// Checks of files by hand, by name. See [`Imports`].
pub(super) struct Desk {
    app: Arc<App>,
    running: Arc<Running>,
    checks: Mutex<HashMap<String, Arc<Case>>>,
}

/// One check, and the file that it is of.
struct Case {
    upload: Upload,
    format: StoredFormat,
    begun: Duration,
    state: Mutex<CheckState>,
    /// Set when nobody wants the answer any more.
    given_up: AtomicBool,
    /// Set while it is being imported, so that a second press of the button imports nothing again.
    taken: AtomicBool,
    file: Arc<UploadedFile>,
}

/// Goes from the disk with the last check of it.
struct UploadedFile(PathBuf);

impl Drop for UploadedFile {
    fn drop(&mut self) {
        // What stays behind is removed at the next start.
        let _ = std::fs::remove_file(&self.0);
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        for case in self.checks.lock().unwrap_or_else(PoisonError::into_inner).values() {
            case.given_up.store(true, Ordering::SeqCst);
        }
    }
}

impl Desk {
    pub(super) fn new(app: &Arc<App>, running: &Arc<Running>) -> Desk {
        Desk { app: Arc::clone(app), running: Arc::clone(running), checks: Mutex::new(HashMap::new()) }
    }

    fn begin(&self, upload: Upload, file: Arc<UploadedFile>) -> Result<String, Refused> {
        let register = register::register(&upload.register)
            .with_context(|| format!("there is no register {}", upload.register))?;
        let format = match &upload.format {
            Some(name) => self.app.db.read(|c| settings::format(c, name))?,
            None => self.app.db.read(|c| settings::default_format(c, register.name))?,
        };
        let Some(format) = format.filter(|format| format.format.register == register.name) else {
            let message = match &upload.format {
                Some(name) => format!("There is no format \"{name}\" for {}.", register.name),
                None => format!(
                    "There is no default format for {}; choose a format or create one.",
                    register.name
                ),
            };
            return Err(Refused::Obstacles(vec![Obstacle::at(&Place::Formats, message)]));
        };
        let case = Arc::new(Case {
            upload,
            format,
            begun: self.app.clock.monotonic(),
            state: Mutex::new(CheckState::Running(Progress { phase: "Copying".to_owned(), percent: 0 })),
            given_up: AtomicBool::new(false),
            taken: AtomicBool::new(false),
            file,
        });
        let name = secrets::new_secret(self.app.clock.as_ref())?;
        let (app, working) = (Arc::clone(&self.app), Arc::clone(&case));
        std::thread::Builder::new().name("check".to_owned()).spawn(move || {
            let state = work(&app, register, &working);
            *working.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
        })?;
        let mut checks = self.checks.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.app.clock.monotonic();
        checks.retain(|_, case| {
            let keep = now.saturating_sub(case.begun) < FORGET_AFTER;
            if !keep {
                case.given_up.store(true, Ordering::SeqCst);
            }
            keep
        });
        checks.insert(name.clone(), case);
        Ok(name)
    }

    fn case(&self, check: &str) -> Option<Arc<Case>> {
        self.checks.lock().unwrap_or_else(PoisonError::into_inner).get(check).cloned()
    }
}

impl Imports for Desk {
    fn check(&self, upload: Upload) -> Result<String, Refused> {
        let file = Arc::new(UploadedFile(upload.path.clone()));
        self.begin(upload, file)
    }

    fn look(&self, check: &str) -> Option<Check> {
        let case = self.case(check)?;
        let state = case.state.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Some(Check { upload: case.upload.clone(), format: case.format.format.name.clone(), state })
    }

    fn check_again(&self, check: &str, format: &str) -> Result<String, Refused> {
        let case = self.case(check).ok_or_else(gone)?;
        case.given_up.store(true, Ordering::SeqCst);
        let upload = Upload { format: Some(format.to_owned()), ..case.upload.clone() };
        self.begin(upload, Arc::clone(&case.file))
    }

    fn import(&self, check: &str, by: &str) -> Result<i64, Refused> {
        let case = self.case(check).ok_or_else(gone)?;
        if case.taken.swap(true, Ordering::SeqCst) {
            return Err(gone().into());
        }
        let register = register::register(&case.upload.register).context("the register is gone")?;
        let given =
            ByHand { register, format: &case.format, path: &case.file.0, file: &case.upload.file, by };
        let taken = import::take_by_hand(&self.app, &given, &Silent);
        // The file stays when it was not taken (a full disk, a busy database): nobody has to send it again.
        case.taken.store(taken.is_ok(), Ordering::SeqCst);
        let id = taken?;
        self.checks.lock().unwrap_or_else(PoisonError::into_inner).remove(check);
        self.running.look_now();
        Ok(id)
    }

    fn again(&self, import: i64, last: Option<i64>, by: &str) -> Result<i64, Refused> {
        match import::again(&self.app, import, last, by, &Silent) {
            Ok(id) | Err(NotAgain::Meanwhile { as_import: id, .. }) => {
                self.running.look_now();
                Ok(id)
            }
            Err(not) => Err(not_again(not)),
        }
    }

    fn undo(&self, import: i64, by: &str) -> Result<(), Refused> {
        super::undoing::undo(&self.app, &self.running, import, by)
    }
}

fn not_again(not: NotAgain) -> Refused {
    match not {
        NotAgain::Because(sentence) => Refused::Unfitting(sentence),
        NotAgain::Later(Later::Failing(why)) => {
            Refused::Unfitting(format!("Nothing was imported: {}", text::sentence(&why)))
        }
        other => Refused::Failed(other.into()),
    }
}

fn gone() -> anyhow::Error {
    anyhow!("this file was imported already or is no longer here; choose it again")
}

fn work(app: &App, register: &'static register::Register, case: &Case) -> CheckState {
    let copy = match import::spool_for_check(app, &case.file.0, case) {
        Ok(copy) => copy,
        Err(error) => return CheckState::Failed(error.to_string()),
    };
    match import::check(app, register, &case.format.format, &copy, SHOWN, case) {
        Ok(Checked { damage: Some(problem), .. }) => CheckState::Refused(Box::new(problem)),
        Ok(checked) => CheckState::Known(Box::new(outlook(checked))),
        Err(error) => CheckState::Failed(error.to_string()),
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
        let progress = Progress { phase: stage.word().to_owned(), percent: stage.percent() };
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = CheckState::Running(progress);
    }

    fn stopping(&self) -> bool {
        self.given_up.load(Ordering::SeqCst)
    }
}
